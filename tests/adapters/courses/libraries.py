"""Layers in the style of small libraries: parameters in dictionaries, built at the first call."""

# ruff: noqa: NPY002  people write these

import numpy as np


class ReLU:
    def __call__(self, z):
        return self.fn(z)

    def fn(self, z):
        return np.clip(z, 0, np.inf)

    def grad(self, x):
        return (x > 0).astype(int)


class ELU:
    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def fn(self, z):
        return np.where(z > 0, z, self.alpha * (np.exp(z) - 1))

    def grad(self, x):
        return np.where(x > 0, np.ones_like(x), self.alpha * np.exp(x))


class Tanh:
    def fn(self, z):
        return np.tanh(z)

    def grad(self, x):
        return 1 - np.tanh(x) ** 2


class FullyConnected:
    """As numpy-ml has it: derived variables and gradients in dictionaries, built at first use."""

    def __init__(self, n_out, act_fn=None):
        self.n_in = None
        self.n_out = n_out
        self.act_fn = act_fn or Tanh()
        self.parameters = {"W": None, "b": None}
        self.is_initialized = False
        self.trainable = True
        self.X = []

    def _init_params(self):
        b = np.zeros((1, self.n_out))
        W = np.random.randn(self.n_in, self.n_out)
        self.parameters = {"W": W, "b": b}
        self.derived_variables = {"Z": []}
        self.gradients = {"W": np.zeros_like(W), "b": np.zeros_like(b)}
        self.is_initialized = True

    def forward(self, X, retain_derived=True):
        if not self.is_initialized:
            self.n_in = X.shape[1]
            self._init_params()
        Y, Z = self._fwd(X)
        if retain_derived:
            self.X.append(X)
            self.derived_variables["Z"].append(Z)
        return Y

    def _fwd(self, X):
        Z = X @ self.parameters["W"] + self.parameters["b"]
        return self.act_fn.fn(Z), Z

    def backward(self, dLdy, retain_grads=True):
        assert self.trainable, "Layer is frozen"
        if not isinstance(dLdy, list):
            dLdy = [dLdy]
        dX = []
        for dy, x in zip(dLdy, self.X, strict=False):
            dx, dw, db = self._bwd(dy, x)
            dX.append(dx)
            if retain_grads:
                self.gradients["W"] += dw
                self.gradients["b"] += db
        return dX[0] if len(self.X) == 1 else dX

    def _bwd(self, dLdy, X):
        W, b = self.parameters["W"], self.parameters["b"]
        dZ = dLdy * self.act_fn.grad(X @ W + b)
        return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0, keepdims=True)

    def flush_gradients(self):
        self.X = []
        for k in self.derived_variables:
            self.derived_variables[k] = []
        for k, v in self.gradients.items():
            self.gradients[k] = np.zeros_like(v)


class Dense:
    """As ML-From-Scratch has it: forward_pass, backward_pass, and an optimizer that is given."""

    def __init__(self, n_units, input_shape=None):
        self.layer_input = None
        self.input_shape = input_shape
        self.n_units = n_units
        self.trainable = True
        self.W = None
        self.w0 = None

    def initialize(self, optimizer):
        import copy

        limit = 1 / np.sqrt(self.input_shape[0])
        self.W = np.random.uniform(-limit, limit, (self.input_shape[0], self.n_units))
        self.w0 = np.zeros((1, self.n_units))
        self.W_opt = copy.copy(optimizer)
        self.w0_opt = copy.copy(optimizer)

    def forward_pass(self, X, training=True):
        self.layer_input = X
        return X.dot(self.W) + self.w0

    def backward_pass(self, accum_grad):
        W = self.W
        if self.trainable:
            grad_w = self.layer_input.T.dot(accum_grad)
            grad_w0 = np.sum(accum_grad, axis=0, keepdims=True)
            self.W = self.W_opt.update(self.W, grad_w)
            self.w0 = self.w0_opt.update(self.w0, grad_w0)
        accum_grad = accum_grad.dot(W.T)
        return accum_grad


class CrossEntropy:
    """As ML-From-Scratch has it: a loss entry by entry, p clipped."""

    def loss(self, y, p):
        p = np.clip(p, 1e-15, 1 - 1e-15)
        return -y * np.log(p) - (1 - y) * np.log(1 - p)

    def gradient(self, y, p):
        p = np.clip(p, 1e-15, 1 - 1e-15)
        return -(y / p) + (1 - y) / (1 - p)


class SquareLoss:
    def loss(self, y, y_pred):
        return 0.5 * np.power((y - y_pred), 2)

    def gradient(self, y, y_pred):
        return -(y - y_pred)


class KerasDense:
    """As one writes a layer for Keras: built from a shape, called, with a backward of one's own."""

    def __init__(self, units=4):
        self.units = units
        self.built = False

    def build(self, input_shape):
        self.kernel = np.random.randn(input_shape[-1], self.units)
        self.bias = np.zeros(self.units)
        self.built = True

    def call(self, inputs, training=None):
        self.inputs = inputs
        return inputs @ self.kernel + self.bias

    def __call__(self, inputs, training=None):
        if not self.built:
            self.build(inputs.shape)
        return self.call(inputs, training)

    def backward(self, grad):
        self.kernel_grad = self.inputs.T @ grad
        self.bias_grad = grad.sum(axis=0)
        return grad @ self.kernel.T


class Parameter:
    def __init__(self, data):
        self.data = data
        self.grad = np.zeros_like(data)


class LayerNorm:
    """Parameters that carry their gradient, which is added to."""

    def __init__(self, dim, eps=1e-5):
        self.gamma = Parameter(np.ones(dim))
        self.beta = Parameter(np.zeros(dim))
        self.eps = eps

    def __call__(self, x):
        return self.forward(x)

    def parameters(self):
        return [self.gamma, self.beta]

    def forward(self, x):
        self.inv_std = 1.0 / np.sqrt(x.var(axis=-1, keepdims=True) + self.eps)
        self.x_hat = (x - x.mean(axis=-1, keepdims=True)) * self.inv_std
        return self.gamma.data * self.x_hat + self.beta.data

    def backward(self, dy):
        axes = tuple(range(dy.ndim - 1))
        self.gamma.grad += (dy * self.x_hat).sum(axis=axes)
        self.beta.grad += dy.sum(axis=axes)
        g = dy * self.gamma.data
        mean = g.mean(axis=-1, keepdims=True)
        return self.inv_std * (g - mean - self.x_hat * (g * self.x_hat).mean(-1, keepdims=True))


class MultiHeadAttention:
    def __init__(self, d_model=6, num_heads=2):
        self.h, self.d = num_heads, d_model // num_heads
        self.Wq, self.Wk, self.Wv, self.Wo = (np.random.randn(d_model, d_model) for _ in range(4))

    def split(self, x):
        B, T, _ = x.shape
        return x.reshape(B, T, self.h, self.d).transpose(0, 2, 1, 3)

    def merge(self, x):
        B, H, T, D = x.shape
        return x.transpose(0, 2, 1, 3).reshape(B, T, H * D)

    def forward(self, x, mask=None):
        self.x = x
        self.q, self.k, self.v = (self.split(x @ W) for W in (self.Wq, self.Wk, self.Wv))
        scores = self.q @ self.k.transpose(0, 1, 3, 2) / np.sqrt(self.d)
        if mask is not None:
            scores = np.where(mask, scores, -1e9)
        e = np.exp(scores - scores.max(-1, keepdims=True))
        self.attn = e / e.sum(-1, keepdims=True)
        self.context = self.merge(self.attn @ self.v)
        return self.context @ self.Wo

    def backward(self, dout):
        self.dWo = np.einsum("btd,bte->de", self.context, dout)
        dcontext = self.split(dout @ self.Wo.T)
        dattn = dcontext @ self.v.transpose(0, 1, 3, 2)
        dv = self.attn.transpose(0, 1, 3, 2) @ dcontext
        dscores = self.attn * (dattn - (dattn * self.attn).sum(-1, keepdims=True))
        dscores /= np.sqrt(self.d)
        dq, dk = dscores @ self.k, dscores.transpose(0, 1, 3, 2) @ self.q
        dq, dk, dv = self.merge(dq), self.merge(dk), self.merge(dv)
        self.dWq, self.dWk, self.dWv = (np.einsum("btd,bte->de", self.x, g) for g in (dq, dk, dv))
        return dq @ self.Wq.T + dk @ self.Wk.T + dv @ self.Wv.T
