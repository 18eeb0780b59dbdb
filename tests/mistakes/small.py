"""The layers that mistakes are planted in. Each is made for lengths of axes, equal ones or not."""

import numpy as np
from mistakes.planted import Layer

UNEQUAL = {"N": 5, "D": 4, "M": 3, "T": 6}
EQUAL = {"N": 4, "D": 4, "M": 4, "T": 4}


def draw(*shapes, seed=1, away=0.05):
    """Arrays away from 0, where kinks are."""
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=shape) for shape in shapes]
    return [a + away * np.sign(a) for a in arrays]


def linear(N, D, M, **_):
    x, W, b = draw((N, D), (D, M), (M,))
    return Layer(
        lambda x, W, b: x @ W + b,
        {"x": lambda dy, x, W, b: dy @ W.T, "W": lambda dy, x, W, b: x.T @ dy,
         "b": lambda dy, x, W, b: dy.sum(0)},
        {"x": x, "W": W, "b": b},
    )  # fmt: skip


def dense(function, derivative):
    """x W + b and an activation; its derivative by the output."""

    def made(N, D, M, **_):
        x, W, b = draw((N, D), (D, M), (M,))

        def at(x, W, b):
            return derivative(function(x @ W + b))

        return Layer(
            lambda x, W, b: function(x @ W + b),
            {"x": lambda dy, **i: (dy * at(**i)) @ i["W"].T,
             "W": lambda dy, **i: i["x"].T @ (dy * at(**i)),
             "b": lambda dy, **i: (dy * at(**i)).sum(0)},
            {"x": x, "W": W, "b": b},
        )  # fmt: skip

    return made


def elementwise(function, derivative):
    def made(N, D, **_):
        (x,) = draw((N, D))
        return Layer(lambda x: function(x), {"x": lambda dy, x: dy * derivative(x)}, {"x": x})

    return made


def softmax_of(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def softmax_back(dy, x):
    y = softmax_of(x)
    return y * (dy - (dy * y).sum(-1, keepdims=True))


def softmax(N, D, **_):
    return Layer(softmax_of, {"x": softmax_back}, {"x": draw((N, D))[0]})


def log_softmax(N, D, **_):
    return Layer(
        lambda x: np.log(softmax_of(x)),
        {"x": lambda dy, x: dy - softmax_of(x) * dy.sum(-1, keepdims=True)},
        {"x": draw((N, D))[0]},
    )


def hat_of(x, axis, eps=1e-5):
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps)


def norm_back(g, x, axis, mean=1, variance=1, eps=1e-5):
    """The gradient of x̂, or of what is left of it without the paths through its statistics."""
    hat, std = hat_of(x, axis, eps), np.sqrt(x.var(axis, keepdims=True) + eps)
    through = variance * hat * (g * hat).mean(axis, keepdims=True)
    return (g - mean * g.mean(axis, keepdims=True) - through) / std


def norm(axis):
    def made(N, D, **_):
        x, g, b = draw((N + 2, D), (D,), (D,))
        return Layer(
            lambda x, g, b: hat_of(x, axis) * g + b,
            {"x": lambda dy, x, g, b: norm_back(dy * g, x, axis),
             "g": lambda dy, x, g, b: (dy * hat_of(x, axis)).sum(0),
             "b": lambda dy, x, g, b: dy.sum(0)},
            {"x": x, "g": g, "b": b},
        )  # fmt: skip

    return made


def rms(N, D, **_):
    x, g = draw((N, D), (D,))
    root = lambda x: np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6)  # noqa: E731

    def back(dy, x, g):
        u = dy * g / root(x)
        return u - x * (u * x).mean(-1, keepdims=True) / root(x) ** 2

    return Layer(lambda x, g: x / root(x) * g, {"x": back}, {"x": x, "g": g})


def mse(N, D, **_):
    x, t = draw((N, D), (N, D))
    return Layer(
        lambda x, t: ((x - t) ** 2).mean(),
        {"x": lambda dy, x, t: dy * 2 * (x - t) / x.size},
        {"x": x, "t": t},
    )


def cross_entropy(N, D, **_):
    (x,) = draw((N, D))
    label = np.arange(N) * 2 % D

    def back(dy, x, label):
        return dy * (softmax_of(x) - np.eye(D)[label]) / len(x)

    def forward(x, label):
        return -np.log(softmax_of(x)[np.arange(len(x)), label]).mean()

    return Layer(forward, {"x": back}, {"x": x, "label": label})


def scale(N, D, **_):
    x, s = draw((N, D), (N, D))
    return Layer(
        lambda x, s: x * s,
        {"x": lambda dy, x, s: dy * s, "s": lambda dy, x, s: dy * x},
        {"x": x, "s": s},
    )


def embedding(N, D, M, **_):
    W = draw((6, D))[0]
    label = np.array([1, 3, 1, 4, 1, 3])
    return Layer(lambda W, label: W[label], {"W": embedding_back}, {"W": W, "label": label})


def embedding_back(dy, W, label):
    dW = np.zeros_like(W)
    np.add.at(dW, label, dy)
    return dW


def rnn_states(x, Wx, Wh, h0):
    states = [h0]
    for step in x:
        states.append(np.tanh(step @ Wx + states[-1] @ Wh))
    return np.stack(states[1:])


def rnn_back(dy, x, Wx, Wh, h0, later=1.0, order=-1):
    """All gradients; `later` weighs what comes back from later steps."""
    h = rnn_states(x, Wx, Wh, h0)
    before = np.concatenate([h0[None], h[:-1]])
    dx, dWx, dWh, dh = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(h0)
    for t in range(len(x))[::order]:
        dz = (dy[t] + later * dh) * (1 - h[t] ** 2)
        dx[t], dh = dz @ Wx.T, dz @ Wh.T
        dWx += np.outer(x[t], dz)
        dWh += np.outer(before[t], dz)
    return {"x": dx, "Wx": dWx, "Wh": dWh, "h0": dh}


def rnn(N, D, M, T, **_):
    x, Wx, Wh, h0 = draw((T, D), (D, M), (M, M), (M,))
    gradients = {
        name: (lambda dy, name=name, **i: rnn_back(dy, **i)[name]) for name in ("x", "Wx", "Wh")
    }
    return Layer(rnn_states, gradients, {"x": x, "Wx": Wx, "Wh": Wh / 2, "h0": h0})


def cumulative(T, D, **_):
    return Layer(
        lambda x: np.cumsum(x, 0),
        {"x": lambda dy, x: np.cumsum(dy[::-1], 0)[::-1]},
        {"x": draw((T, D))[0]},
    )


def conv_forward(x, w, stride=1, pad=1):
    """(N,H,V) by a kernel (K,K): one channel."""
    k = len(w)
    p = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    high, wide = ((n - k) // stride + 1 for n in p.shape[1:])
    out = np.zeros((len(x), high, wide))
    for i in range(high):
        for j in range(wide):
            out[:, i, j] = (p[:, i * stride :, j * stride :][:, :k, :k] * w).sum((1, 2))
    return out


def conv_back(dy, x, w, stride=1, pad=1, add=True, used=None):
    k = len(w)
    used = w if used is None else used
    p = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    dp, dw = np.zeros_like(p), np.zeros_like(w)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            at = (slice(None), slice(i * stride, i * stride + k), slice(j * stride, j * stride + k))
            up = dy[:, i, j, None, None]
            dp[at] = dp[at] * add + up * used
            dw += (up * p[at]).sum(0)
    return {"x": dp[:, pad : p.shape[1] - pad, pad : p.shape[2] - pad], "w": dw}


def conv(N, M, **_):
    x, w = draw((2, N, N + M - 3), (3, 3))
    return Layer(
        conv_forward,
        {
            "x": lambda dy, **i: conv_back(dy, **i)["x"],
            "w": lambda dy, **i: conv_back(dy, **i)["w"],
        },
        {"x": x, "w": w},
    )


def max_pool(T, D, **_):
    """Windows of 3 at a stride of 1 along the first axis."""
    (x,) = draw((T + 2, D))
    windows = lambda x: np.stack([x[k : len(x) - 2 + k] for k in range(3)])  # noqa: E731
    return Layer(lambda x: windows(x).max(0), {"x": lambda dy, x: max_pool_back(dy, x)}, {"x": x})


def max_pool_back(dy, x, add=True):
    dx = np.zeros_like(x)
    for i in range(len(dy)):
        best = x[i : i + 3].argmax(0)
        for c, k in enumerate(best):
            dx[i + k, c] = dx[i + k, c] * add + dy[i, c]
    return dx


def average_pool(T, D, **_):
    (x,) = draw((T + 2, D))
    return Layer(lambda x: (x[:-2] + x[1:-1] + x[2:]) / 3, {"x": average_back}, {"x": x})


def average_back(dy, x, add=True):
    dx = np.zeros_like(x)
    for i in range(len(dy)):
        dx[i : i + 3] = dx[i : i + 3] * add + dy[i] / 3
    return dx


def gram(N, D, **_):
    (x,) = draw((N, D))
    return Layer(lambda x: x @ x.T, {"x": lambda dy, x: (dy + dy.T) @ x}, {"x": x})


def dropout(N, D, **_):
    (x,) = draw((N, D))
    mask = (draw((N, D), seed=7)[0] > -0.5) * 1.0
    return Layer(
        lambda x, mask: x * mask / 0.8, {"x": lambda dy, x, mask: dy * mask / 0.8},
        {"x": x, "mask": mask},
    )  # fmt: skip


def temperature(N, D, **_):
    (x,) = draw((N, D))
    return Layer(
        lambda x, t: np.tanh(x / t),
        {"x": lambda dy, x, t: dy * (1 - np.tanh(x / t) ** 2) / t},
        {"x": x, "t": np.array(0.7)},
    )


def residual_tanh(N, D, **_):
    x, s = draw((N, D), (N, D))
    return Layer(
        lambda x, s: x + np.sin(x * s), {"x": lambda dy, x, s: dy * (1 + s * np.cos(x * s))},
        {"x": x, "s": s},
    )  # fmt: skip


def three_d(N, D, T, **_):
    """A linear layer with time: (N,T,D) by (D,M), and a bias."""
    x, W, b = draw((N, T, D), (D, 3), (3,))
    return Layer(
        lambda x, W, b: x @ W + b,
        {"x": lambda dy, x, W, b: dy @ W.T,
         "W": lambda dy, x, W, b: np.einsum("ntd,ntm->dm", x, dy),
         "b": lambda dy, x, W, b: dy.sum((0, 1))},
        {"x": x, "W": W, "b": b},
    )  # fmt: skip


def complex_product(N, D, **_):
    a, b, c, d = draw(*[(N, D)] * 4)
    return Layer(lambda x, s: x * s, {"x": lambda dy, x, s: dy * s.conj()},
                 {"x": a + 1j * b, "s": c + 1j * d})  # fmt: skip
