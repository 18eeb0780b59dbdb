"""Function pairs as people write them."""

CACHE = """
    def affine_forward(x, w, b):
        out = x @ w + b
        cache = (x, w, b)
        return out, cache

    def affine_backward(dout, cache):
        x, w, b = cache
        return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""

KEPT_AXIS = CACHE.replace("sum(axis=0)", "sum(axis=0, keepdims=True)")

SHORT = """
    def mul_fwd(x, y):
        return x * y, (x, y)

    def mul_bwd(g, res):
        x, y = res
        return g * y, g * x
"""

IN_FRONT = """
    def forward_tanh(x):
        y = np.tanh(x)
        return y

    def backward_tanh(y, dy):
        return dy * (1 - y * y)
"""

FPROP = """
    def fprop_dense(X, W):
        return X.dot(W)

    def bprop_dense(X, W, dY):
        return {"dX": dY.dot(W.T), "dW": X.T.dot(dY)}
"""

CAMEL = """
    def layerForward(x, W):
        return x.dot(W), (x, W)

    def layerBackward(grad, cache):
        x, W = cache
        return grad.dot(W.T), x.T.dot(grad)
"""

COLUMNS = """
    def linear_forward(A_prev, W, b):
        Z = np.dot(W, A_prev) + b
        cache = (A_prev, W, b)
        return Z, cache

    def linear_backward(dZ, cache):
        A_prev, W, b = cache
        dW = np.dot(dZ, A_prev.T)
        db = np.sum(dZ, axis=1, keepdims=True)
        dA_prev = np.dot(W.T, dZ)
        return dA_prev, dW, db
"""

PER_BATCH = COLUMNS.replace("np.dot(dZ, A_prev.T)", "np.dot(dZ, A_prev.T) / dZ.shape[1]")

RELU_AGAIN = """
    def relu(Z):
        return np.maximum(0, Z)

    def relu_backward(dA, Z):
        dZ = np.array(dA, copy=True)
        dZ[Z <= 0] = 0
        return dZ
"""

RELU_CACHE = """
    def relu(Z):
        A = np.maximum(0, Z)
        cache = Z
        return A, cache

    def relu_backward(dA, cache):
        Z = cache
        return dA * (Z > 0)
"""

OTHER_ORDER = """
    def scale_forward(x, w):
        return x * w, (x, w)

    def scale_backward(dout, cache):
        x, w = cache
        dw = dout * x
        dx = dout * w
        return dw, dx
"""

TUPLE_FIRST = """
    def scale_forward(x, w):
        return x * w, (x, w)

    def scale_backward(dout, cache):
        x, w = cache
        grads = (dout * w, dout * x)
        return grads
"""

NO_CACHE_ANY_ORDER = """
    def matmul(a, b):
        return a @ b

    def matmul_backward(a, b, dout):
        return dout @ b.T, a.T @ dout
"""

OUTPUT_IS_CACHE = """
    def exp_forward(x):
        out = np.exp(x)
        return out, out

    def exp_backward(dout, out):
        return dout * out
"""

HYPERPARAMETER = """
    def scale_forward(x, factor=3.0):
        return factor * x

    def scale_backward(dout, factor=3.0):
        return dout * factor
"""

CHANGED_PARAMS = """
    def batchnorm_forward(x, gamma, beta, bn_param):
        if bn_param["mode"] == "train":
            mean, var = x.mean(axis=0), x.var(axis=0)
            old = bn_param.get("running_mean", np.zeros_like(mean))
            bn_param["running_mean"] = 0.9 * old + 0.1 * mean
            std = np.sqrt(var + bn_param.get("eps", 1e-5))
            xhat = (x - mean) / std
            return gamma * xhat + beta, (xhat, gamma, std)

    def batchnorm_backward(dout, cache):
        xhat, gamma, std = cache
        dxhat = dout * gamma
        dx = (dxhat - dxhat.mean(0) - xhat * (dxhat * xhat).mean(0)) / std
        return dx, (dout * xhat).sum(0), dout.sum(0)
"""

NO_MEAN_TERM = CHANGED_PARAMS.replace("- dxhat.mean(0) ", "")

CONV = """
    def conv_forward_naive(x, w, b, conv_param):
        s, p = conv_param["stride"], conv_param["pad"]
        N, C, H, W = x.shape
        F, _, HH, WW = w.shape
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        out = np.zeros((N, F, 1 + (H + 2 * p - HH) // s, 1 + (W + 2 * p - WW) // s))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                window = xp[:, :, i * s : i * s + HH, j * s : j * s + WW]
                out[:, :, i, j] = np.tensordot(window, w, ([1, 2, 3], [1, 2, 3])) + b
        return out, (x, w, b, conv_param)

    def conv_backward_naive(dout, cache):
        x, w, b, conv_param = cache
        s, p = conv_param["stride"], conv_param["pad"]
        HH, WW = w.shape[2:]
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                here = np.s_[:, :, i * s : i * s + HH, j * s : j * s + WW]
                dw += np.tensordot(dout[:, :, i, j], xp[here], ([0], [0]))
                dxp[here] += np.tensordot(dout[:, :, i, j], w, ([1], [0]))
        return dxp[:, :, p:-p, p:-p], dw, dout.sum(axis=(0, 2, 3))
"""

RIGHT_WINDOW = "np.s_[:, :, i * s : i * s + HH, j * s : j * s + WW]"
STRIDE_FORGOTTEN = CONV.replace(RIGHT_WINDOW, "np.s_[:, :, i : i + HH, j : j + WW]")

DROPOUT = """
    def dropout_forward(x, dropout_param):
        p, mode = dropout_param["p"], dropout_param["mode"]
        if "seed" in dropout_param:
            np.random.seed(dropout_param["seed"])
        mask = (np.random.rand(*x.shape) < p) / p
        return x * mask, (dropout_param, mask)

    def dropout_backward(dout, cache):
        dropout_param, mask = cache
        return dout * mask
"""

EMBEDDING = """
    def word_embedding_forward(x, W):
        return W[x], (x, W)

    def word_embedding_backward(dout, cache):
        x, W = cache
        dW = np.zeros_like(W)
        np.add.at(dW, x, dout)
        return dW
"""

INDICES = """
    def take_forward(table, idx):
        return table[idx], (table.shape, idx)

    def take_backward(dout, cache):
        shape, idx = cache
        dtable = np.zeros(shape)
        dtable[idx] = dout
        return dtable, None
"""

SEVERAL_OUTPUTS = """
    def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
        a = x @ Wx + prev_h @ Wh + b
        i, f, o, g = np.split(a, 4, axis=1)
        i, f, o, g = *(1 / (1 + np.exp(-z)) for z in (i, f, o)), np.tanh(g)
        next_c = f * prev_c + i * g
        next_h = o * np.tanh(next_c)
        return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)

    def lstm_step_backward(dnext_h, dnext_c, cache):
        x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
        t = np.tanh(next_c)
        dc = dnext_c + dnext_h * o * (1 - t * t)
        da = np.hstack([dc * g * i * (1 - i), dc * prev_c * f * (1 - f),
                        dnext_h * t * o * (1 - o), dc * i * (1 - g * g)])
        return da @ Wx.T, da @ Wh.T, dc * f, x.T @ da, prev_h.T @ da, da.sum(axis=0)
"""

UNUSED_OUTPUT = """
    def rnn_cell_forward(xt, a_prev, parameters):
        a_next = np.tanh(parameters["Waa"] @ a_prev + parameters["Wax"] @ xt + parameters["ba"])
        yt_pred = parameters["Wya"] @ a_next
        cache = (a_next, a_prev, xt, parameters)
        return a_next, yt_pred, cache

    def rnn_cell_backward(da_next, cache):
        a_next, a_prev, xt, parameters = cache
        dz = (1 - a_next**2) * da_next
        return {
            "dxt": parameters["Wax"].T @ dz, "da_prev": parameters["Waa"].T @ dz,
            "dWax": dz @ xt.T, "dWaa": dz @ a_prev.T, "dba": dz.sum(axis=1, keepdims=True),
        }

    def gradcheck_inputs():
        r = np.random.randn
        weights = {"Wax": r(5, 3), "Waa": r(5, 5), "Wya": r(2, 5), "ba": r(5, 1)}
        return {"xt": r(3, 7), "a_prev": r(5, 7), "parameters": weights}
"""

STATIC = """
    class Affine:
        @staticmethod
        def forward(x, w):
            return x @ w, (x, w)

        @staticmethod
        def backward(dout, cache):
            x, w = cache
            return dout @ w.T, x.T @ dout
"""

WITHOUT_SELF = """
    class Sine:
        def forward(x):
            return np.sin(x)

        def backward(dout, x):
            return dout * np.cos(x)
"""

DRAWER = """
    class Layers:
        def relu_forward(self, x):
            return np.maximum(x, 0), x

        def relu_backward(self, dout, cache):
            return dout * (cache > 0)
"""

SPREAD_CACHE = """
    def linear_forward(x, w):
        out = x @ w
        return out, x, w

    def linear_backward(dout, cache):
        x, w = cache
        return dout @ w.T, x.T @ dout
"""

SPREAD_ARGUMENTS = SPREAD_CACHE.replace("dout, cache", "dout, x, w").replace("x, w = cache", "pass")

POSITIONS = """
    def linear_forward(x, w, /):
        return x @ w

    def linear_backward(g, x, w, /):
        return g @ w.T, x.T @ g
"""

STARS = """
    def mul_forward(*xs):
        return xs[0] * xs[1]

    def mul_backward(dout, *xs):
        return dout * xs[1], dout * xs[0]
"""

KEYWORDS = """
    def mul_forward(**inputs):
        return inputs["u"] * inputs["v"]

    def mul_backward(dout, **inputs):
        return {"u": dout * inputs["v"], "v": dout * inputs["u"]}
"""

TUPLE = """
    def up(x, w):
        return x @ w

    def down(g, x, w):
        return g @ w.T, x.T @ g

    check = (up, down)
"""

LOSS_WITH_CACHE = """
    def loss_forward(x, t):
        return 0.5 * np.sum((x - t) ** 2), (x, t)

    def loss_backward(cache):
        x, t = cache
        return x - t
"""

NESTED = """
    def residual_forward(x, w):
        def inner(z):
            return np.tanh(z), z
        out, cache = inner(x @ w)
        return out, (x, w, cache)

    def residual_backward(dout, cache):
        def helper(da, dz):
            return da, dz
        x, w, z = cache
        dz = dout * (1 - np.tanh(z) ** 2)
        dw = x.T @ dz
        dx = dz @ w.T
        return dx, dw
"""

POSITIVE = """
    def log_forward(x):
        return np.log(x), x

    def log_backward(dout, x):
        return dout / x
"""

ROWS = """
    def entropy_forward(p):
        assert np.allclose(p.sum(axis=1), 1)
        return -(p * np.log(p)).sum(axis=1), p

    def entropy_backward(dout, p):
        return -dout[:, None] * (np.log(p) + 1)
"""

INNER_DICT = """
    def dense_forward(x, W, b):
        return x @ W + b, (x, W)

    def dense_backward(dout, cache):
        x, W = cache
        return dout @ W.T, {"W": x.T @ dout, "b": dout.sum(axis=0)}
"""

ATTENTION = """
    def attention_forward(q, k, v):
        s = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
        p = np.exp(s - s.max(axis=-1, keepdims=True))
        p /= p.sum(axis=-1, keepdims=True)
        return p @ v, (q, k, v, p)

    def attention_backward(dout, cache):
        q, k, v, p = cache
        dp = dout @ v.swapaxes(-1, -2)
        ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True)) / np.sqrt(q.shape[-1])
        return ds @ k, ds.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ dout
"""

NOTHING_FITS = """
    def odd_forward(x):
        raise RuntimeError("only on Sundays")

    def odd_backward(dout):
        return dout
"""

OUTPUT_UNDER_A_LETTER = """
    def tanh(x):
        return np.tanh(x)

    def tanh_backward(dout, a):
        return dout * (1 - a**2)
"""

CACHE_OF_ONE_INPUT = """
    def sigmoid(Z):
        return 1 / (1 + np.exp(-Z))

    def sigmoid_backward(dA, cache):
        s = sigmoid(cache)
        return dA * s * (1 - s)
"""

SOFT_TARGETS = """
    def ce_forward(logits, y):
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        return -np.sum(y * np.log(p)) / len(y), (p, y)

    def ce_backward(dout, cache):
        p, y = cache
        return dout * (p - y) / len(y)
"""
