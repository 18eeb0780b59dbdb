"""Layers the way forty different people write them, some of them wrong; used by test_classes.py."""

# ruff: noqa: NPY002, RUF012, RUF023, RUF059  people write these

import itertools

import numpy as np

rng = np.random.default_rng(7)


class Attributes:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * 0.01
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class NotSummed(Attributes):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout
        return dx


class CalledG:
    """A parameter g, which elsewhere is the name of a gradient."""

    def __init__(self):
        self.g = np.array([0.5, -1.5, 2.0])

    def forward(self, x):
        self.x = x
        return x * self.g

    def backward(self, dout):
        self.dg = (dout * self.x).sum(axis=0)
        return dout * self.g


class Slots:
    __slots__ = ("w", "dw", "cache")

    def __init__(self):
        self.w = np.full((3, 2), 0.5)
        self.dw = None

    def forward(self, x):
        self.cache = x
        return np.tanh(x @ self.w)

    def backward(self, g):
        g = g * (1 - np.tanh(self.cache @ self.w) ** 2)
        self.dw = self.cache.T @ g
        return g @ self.w.T


class Underscores:
    def __init__(self, d_in, d_out):
        self._weights = rng.normal(size=(d_out, d_in))
        self._bias = rng.normal(size=d_out)
        self._d_weights = self._d_bias = None

    def forward(self, inputs):
        self._inputs = inputs
        return inputs @ self._weights.T + self._bias

    def backward(self, grad_output):
        self._d_weights = grad_output.T @ self._inputs
        self._d_bias = grad_output.sum(0)
        return grad_output @ self._weights


class Private:
    def __init__(self):
        self.__W = rng.normal(size=(3, 4))
        self.__dW = np.zeros((3, 4))

    def forward(self, x):
        self.__x = x
        return x.dot(self.__W)

    def backward(self, dy):
        self.__dW = self.__x.T.dot(dy)
        return dy.dot(self.__W.T)


class GradPrefix:
    def __init__(self, input_size, output_size):
        self.weight = rng.normal(size=(output_size, input_size))
        self.bias = rng.normal(size=output_size)
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = np.zeros_like(self.bias)

    def forward(self, x):
        self.input = x
        return x @ self.weight.T + self.bias

    def backward(self, grad):
        self.grad_weight[...] = grad.T @ self.input
        self.grad_bias[...] = grad.sum(axis=0)
        return grad @ self.weight


class GradSuffix:
    def __init__(self):
        self.kernel, self.kernel_gradient = rng.normal(size=(3, 3)), None

    def forward(self, signal):
        self.seen = signal
        return signal @ self.kernel

    def backward(self, d):
        self.kernel_gradient = self.seen.T @ d
        return d @ self.kernel.T


class Leibniz:
    def __init__(self, m, n):
        self.W = rng.normal(size=(m, n))
        self.b = rng.normal(size=(1, n))

    def forward(self, X):
        self.X = X
        self.Z = X @ self.W + self.b
        return self.Z

    def backward(self, dLdZ):
        self.dLdW = self.X.T @ dLdZ
        self.dLdb = dLdZ.sum(axis=0, keepdims=True)
        return dLdZ @ self.W.T


class Quotients:
    def __init__(self):
        self.W = rng.normal(size=(3, 2))

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dL_dy):
        self.dL_dW = self.x.T @ dL_dy
        return dL_dy @ self.W.T


class Dicts:
    def __init__(self, n, m):
        self.params = {"W": rng.normal(size=(n, m)), "b": np.zeros(m)}
        self.grads = {}

    def forward(self, x):
        self.cache = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        self.grads["W"] = self.cache.T @ dout
        self.grads["b"] = dout.sum(axis=0)
        return dout @ self.params["W"].T


class DictsOfD:
    def __init__(self):
        self.parameters = {"gamma": np.ones(4), "beta": np.zeros(4)}
        self.gradients = {"dgamma": None, "dbeta": None}

    def forward(self, x):
        self.xhat = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)
        self.std = np.sqrt(x.var(0) + 1e-5)
        return self.parameters["gamma"] * self.xhat + self.parameters["beta"]

    def backward(self, dout):
        self.gradients["dgamma"] = (dout * self.xhat).sum(0)
        self.gradients["dbeta"] = dout.sum(0)
        dxhat = dout * self.parameters["gamma"]
        inner = dxhat - dxhat.mean(0) - self.xhat * (dxhat * self.xhat).mean(0)
        return inner / self.std


class WeightsAndGradDict:
    def __init__(self):
        self.W1, self.W2 = rng.normal(size=(3, 5)), rng.normal(size=(5, 2))
        self.g = {}

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.W1)
        return self.h @ self.W2

    def backward(self, dout):
        self.g["W2"] = self.h.T @ dout
        dh = dout @ self.W2.T * (1 - self.h**2)
        self.g["W1"] = self.x.T @ dh
        return dh @ self.W1.T


class Lists:
    """Deep Learning from Scratch: parameters and gradients in lists side by side."""

    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]
        self.x = None

    def forward(self, x):
        W, b = self.params
        self.x = x
        return np.dot(x, W) + b

    def backward(self, dout):
        W, b = self.params
        self.grads[0][...] = np.dot(self.x.T, dout)
        self.grads[1][...] = np.sum(dout, axis=0)
        return np.dot(dout, W.T)


class NamedAndListed:
    def __init__(self):
        self.W = rng.normal(size=(3, 4))
        self.b = rng.normal(size=4)
        self.params, self.grads = [self.W, self.b], [None, None]

    def forward(self, x):
        self.x = x
        return x @ self.params[0] + self.b

    def backward(self, dout):
        self.grads = [self.x.T @ dout, dout.sum(0)]
        return dout @ self.W.T


class Parameter:
    def __init__(self, data):
        self.data = data
        self.grad = np.zeros_like(data)


class Objects:
    def __init__(self):
        self.W = Parameter(rng.normal(size=(3, 4)))
        self.b = Parameter(np.zeros(4))

    def forward(self, x):
        self.x = x
        return x @ self.W.data + self.b.data

    def backward(self, dout):
        self.W.grad += self.x.T @ dout
        self.b.grad += dout.sum(0)
        return dout @ self.W.data.T


class Network:
    def __init__(self):
        self.layers = [Attributes(3, 4), Slots(), Attributes(2, 2)]
        self.layers[1].w = np.full((4, 2), 0.3)

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


class Nested:
    def __init__(self):
        self.fc1, self.fc2 = Attributes(3, 5), Attributes(5, 2)

    def __call__(self, x):
        self.hidden = np.maximum(self.fc1.forward(x), 0)
        return self.fc2.forward(self.hidden)

    def backward(self, dout):
        return self.fc1.backward(self.fc2.backward(dout) * (self.hidden > 0))


class Tuple:
    def __init__(self):
        self.W, self.b = rng.normal(size=(3, 4)), rng.normal(size=4)

    def forward(self, x):
        self.cache = (x,)
        return x @ self.W + self.b

    def backward(self, dout):
        (x,) = self.cache
        dx, dW, db = dout @ self.W.T, x.T @ dout, dout.sum(0)
        return dx, dW, db


class TupleOtherOrder(Tuple):
    def backward(self, dout):
        dx, dW, db = super().backward(dout)
        return dW, db, dx


class TupleWithoutNames(Tuple):
    def backward(self, dout):
        (x,) = self.cache
        return dout @ self.W.T, x.T @ dout, dout.sum(0)


class TupleOfDict(Tuple):
    def backward(self, dout):
        (x,) = self.cache
        return dout @ self.W.T, {"dW": x.T @ dout, "db": dout.sum(0)}


class ReturnsDict(Tuple):
    def backward(self, dout):
        (x,) = self.cache
        return {"db": dout.sum(0), "dW": x.T @ dout, "dx": dout @ self.W.T}


class OnlyParameters(Tuple):
    """The first layer of a network: it needs no gradient of its input."""

    def backward(self, dout):
        (x,) = self.cache
        dW, db = x.T @ dout, dout.sum(0)
        return dW, db


class Nnfs:
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.01 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs, training):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)


class NnfsRelu:
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(0, inputs)

    def backward(self, dvalues):
        self.dinputs = dvalues.copy()
        self.dinputs[self.inputs <= 0] = 0


class NnfsSoftmaxDiagonal:
    def forward(self, inputs):
        e = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        self.output = e / np.sum(e, axis=1, keepdims=True)

    def backward(self, dvalues):
        self.dinputs = dvalues * self.output * (1 - self.output)


class NnfsLoss:
    def forward(self, y_pred, y_true):
        return np.mean((y_true - y_pred) ** 2, axis=-1)

    def backward(self, dvalues, y_true):
        samples, outputs = dvalues.shape
        self.dinputs = -2 * (y_true - dvalues) / outputs
        self.dinputs = self.dinputs / samples


class Stepping:
    """Neural network from scratch in a hundred lines: one column at a time."""

    def __init__(self, input_size, output_size):
        self.weights = rng.normal(size=(output_size, input_size))
        self.bias = rng.normal(size=(output_size, 1))

    def forward(self, input):
        self.input = input
        return np.dot(self.weights, self.input) + self.bias

    def backward(self, output_gradient, learning_rate):
        weights_gradient = np.dot(output_gradient, self.input.T)
        input_gradient = np.dot(self.weights.T, output_gradient)
        self.weights -= learning_rate * weights_gradient
        self.bias -= learning_rate * output_gradient
        return input_gradient


class SteppingAnew(Stepping):
    def backward_propagation(self, output_error, learning_rate):
        input_error = self.weights.T @ output_error
        self.weights = self.weights - learning_rate * output_error @ self.input.T
        self.bias = self.bias - learning_rate * output_error
        return input_error

    forward_propagation = Stepping.forward
    forward = backward = None


class OwnRate:
    def __init__(self):
        self.w, self.learning_rate = rng.normal(size=(3, 2)), 0.01

    def forward(self, x):
        self.x = x
        return x @ self.w

    def backward(self, error):
        before = error @ self.w.T
        self.w -= self.learning_rate * self.x.T @ error
        return before


class Optimised:
    def __init__(self):
        self.W = rng.normal(size=(3, 2))
        self.W_opt = None

    def initialize(self, optimizer):
        self.W_opt = optimizer

    def forward_pass(self, X, training=True):
        self.layer_input = X
        return X.dot(self.W)

    def backward_pass(self, accum_grad):
        W = self.W
        self.W = self.W_opt.update(self.W, self.layer_input.T.dot(accum_grad))
        return accum_grad.dot(W.T)


class OptimiserGiven:
    def __init__(self):
        self.weights = rng.normal(size=(3, 2))

    def forward(self, x):
        self.x = x
        return x @ self.weights

    def backward(self, grad, optimizer):
        dx = grad @ self.weights.T
        optimizer.step(self.weights, self.x.T @ grad)
        return dx


class Sigmoid:
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)


class FeedForward:
    def feed_forward(self, x):
        self.mask = x > 0
        return np.where(self.mask, x, 0.1 * x)

    def back_prop(self, grad):
        return np.where(self.mask, grad, 0.1 * grad)


class Fprop:
    def fprop(self, a):
        self.a = a
        return np.log1p(np.exp(a))

    def bprop(self, delta):
        return delta / (1 + np.exp(-self.a))


class Stateless:
    def forward(self, x):
        return x**2

    def backward(self, x, dout):
        return 2 * x * dout


class OutputAgain:
    def forward(self, x):
        return np.tanh(x)

    def backward(self, dout, y):
        return dout * (1 - y**2)


class CacheAgain:
    def __init__(self):
        self.W = rng.normal(size=(3, 2))

    def forward(self, x):
        out = x @ self.W
        return out, {"x": x}

    def backward(self, dout, cache):
        self.dW = cache["x"].T @ dout
        return dout @ self.W.T


class TwoInputs:
    def forward(self, x1, x2):
        self.x1, self.x2 = x1, x2
        return x1 * x2

    def backward(self, dout):
        return dout * self.x2, dout * self.x1


class Cell:
    def __init__(self, D, H):
        self.Wx, self.Wh = rng.normal(size=(D, H)), rng.normal(size=(H, H))
        self.b = rng.normal(size=H)

    def forward(self, x, h_prev):
        self.cache = x, h_prev, np.tanh(x @ self.Wx + h_prev @ self.Wh + self.b)
        return self.cache[2]

    def backward(self, dh_next):
        x, h_prev, h = self.cache
        dt = dh_next * (1 - h**2)
        self.dWx, self.dWh, self.db = x.T @ dt, h_prev.T @ dt, dt.sum(0)
        return dt @ self.Wx.T, dt @ self.Wh.T


class Splits:
    def forward(self, x):
        return np.sin(x), np.cos(x)

    def __init__(self):
        self.x = None

    def backward(self, ds, dc):
        return ds * np.cos(self.x) - dc * np.sin(self.x)

    def __call__(self, x):
        self.x = x
        return self.forward(x)


class Sines(Splits):
    def forward(self, x):
        self.x = x
        return np.sin(x), np.cos(x)


class MeanSquared:
    def forward(self, y, t):
        self.d = y - t
        return np.mean(self.d**2)

    def backward(self):
        return 2 * self.d / self.d.size


class WithLoss:
    def __init__(self):
        self.loss = self.y = self.t = None

    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.t, self.y = t, e / e.sum(axis=1, keepdims=True)
        return -np.log(self.y[np.arange(len(t)), t]).mean()

    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dout * dx / len(self.t)


class Lazy:
    def __init__(self, units):
        self.units, self.W = units, None

    def forward(self, x):
        if self.W is None:
            self.W = np.random.default_rng(3).normal(size=(x.shape[1], self.units))
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T


class Casts(Attributes):
    def forward(self, x):
        self.W = self.W.astype(np.float32)
        return super().forward(x)


class Recasts(Attributes):
    """Replaces its array by a new one in every forward pass."""

    def forward(self, x):
        self.W = np.array(self.W)
        return super().forward(x)


class BatchNorm:
    def __init__(self, n):
        self.gamma, self.beta = np.ones(n), np.zeros(n)
        self.running_mean, self.running_var = np.zeros(n), np.ones(n)
        self.training = False

    def forward(self, x):
        if not self.training:
            return self.gamma * (x - self.running_mean) / np.sqrt(self.running_var) + self.beta
        self.running_mean = 0.9 * self.running_mean + 0.1 * x.mean(0)
        self.std = np.sqrt(x.var(0) + 1e-5)
        self.xn = (x - x.mean(0)) / self.std
        return self.gamma * self.xn + self.beta

    def backward(self, dout):
        self.dgamma, self.dbeta = (dout * self.xn).sum(0), dout.sum(0)
        g = dout * self.gamma
        return (g - g.mean(0) - self.xn * (g * self.xn).mean(0)) / self.std


class Embedding:
    def __init__(self):
        self.W = rng.normal(size=(4, 3))

    def forward(self, idx):
        self.idx = idx
        return self.W[idx]

    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        np.add.at(self.dW, self.idx, dout)


class Dropout:
    def __init__(self, p=0.5):
        self.p, self.rng = p, np.random.default_rng(1)

    def forward(self, x, train_flg=False):
        if not train_flg:
            return x
        self.mask = self.rng.random(x.shape) > self.p
        return x * self.mask / (1 - self.p)

    def backward(self, dout):
        return dout * self.mask / (1 - self.p)


class Growing:
    def __init__(self):
        self.w, self.inputs = rng.normal(size=(3, 3)), []

    def forward(self, x):
        self.inputs.append(x)
        return x @ self.w

    def backward(self, dout):
        self.dw = sum(x.T @ dout for x in self.inputs)
        return dout @ self.w.T


class Shared:
    params = {"W": np.full((3, 2), 0.7)}
    grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"]

    def backward(self, dout):
        self.grads["W"] = self.x.T @ dout
        return dout @ self.params["W"].T


class Prelu:
    def __init__(self):
        self.alpha, self.dalpha = 0.25, 0.0

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.alpha * x)

    def backward(self, dout):
        self.dalpha = float((dout * self.x * (self.x <= 0)).sum())
        return dout * np.where(self.x > 0, 1, self.alpha)


class Conv:
    def __init__(self, channels, filters):
        self.filters = rng.normal(size=(filters, channels, 3, 3))
        self.stride = 2

    def forward(self, x):
        self.x = x
        rows, cols = (x.shape[2] - 3) // 2 + 1, (x.shape[3] - 3) // 2 + 1
        out = np.zeros((len(x), len(self.filters), rows, cols))
        for i in range(rows):
            for j in range(cols):
                patch = x[:, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
                out[:, :, i, j] = np.tensordot(patch, self.filters, ((1, 2, 3), (1, 2, 3)))
        return out

    def backward(self, dout):
        self.dfilters, dx = np.zeros_like(self.filters), np.zeros_like(self.x)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                at = np.s_[:, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
                self.dfilters += np.tensordot(dout[:, :, i, j], self.x[at], (0, 0))
                dx[at] += np.tensordot(dout[:, :, i, j], self.filters, 1)
        return dx


class ZeroGrad(Attributes):
    def __init__(self, n, m):
        super().__init__(n, m)
        self.zero_grad()

    def zero_grad(self):
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def backward(self, dout):
        self.dW += self.x.T @ dout
        self.db += dout.sum(0)
        return dout @ self.W.T


class ForgotBias(Attributes):
    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T


class WithLambda(Attributes):
    def __init__(self, n, m):
        super().__init__(n, m)
        self.activation, self.numpy = (lambda z: z), np  # a module cannot be copied


class CotangentInside:
    def __init__(self):
        self.delta = None

    def forward(self, x):
        self.x = x
        return np.sin(x)

    def backward(self):
        return self.delta * np.cos(self.x)


class Momentum:
    def __init__(self):
        self.W, self.lr = rng.normal(size=(3, 2)), 0.1
        self.velocity = np.zeros((3, 2))

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        dx = dout @ self.W.T
        self.velocity = self.x.T @ dout
        self.W = self.W - self.lr * self.velocity
        return dx


class Raises(Attributes):
    def backward(self, dout):
        self.dW = self.x @ dout
        return dout @ self.W.T


class Tensor:
    def __init__(self, data, requires_grad=False, parents=()):
        self.data, self.grad, self.requires_grad = data, None, requires_grad
        self.parents = parents

    def __matmul__(self, other):
        out = Tensor(self.data @ other.data, True)
        out.parents = ((self, lambda g: g @ other.data.T), (other, lambda g: self.data.T @ g))
        return out

    def __mul__(self, other):
        out = Tensor(self.data * other.data, True)
        out.parents = ((self, lambda g: g * other.data), (other, lambda g: g * self.data))
        return out

    def sum(self):
        return Tensor(self.data.sum(), True, ((self, lambda g: g * np.ones_like(self.data)),))

    def backward(self, grad=None):
        grad = np.ones_like(self.data) if grad is None else grad
        self.grad = grad if self.grad is None else self.grad + grad
        for parent, pull in self.parents:
            parent.backward(pull(grad))


class OnTensors:
    def __init__(self):
        self.w = Tensor(rng.normal(size=(3, 4)), requires_grad=True)
        self.scale = Tensor(np.ones(4))

    def __call__(self, x):
        return x @ self.w * self.scale


class Scalars:
    """Only a scalar can differentiate itself."""

    def __init__(self, value):
        self.value, self.grad, self.parents = value, np.zeros_like(value), ()

    def __mul__(self, other):
        out = Scalars(self.value * other.value)
        out.parents = ((self, lambda g: g * other.value), (other, lambda g: g * self.value))
        return out

    def sum(self):
        out = Scalars(np.array(self.value.sum()))
        out.parents = ((self, lambda g: g * np.ones_like(self.value)),)
        return out

    def backward(self):
        self.grad = np.ones_like(self.value)
        self.push()

    def push(self):
        for parent, pull in self.parents:
            parent.grad = parent.grad + pull(self.grad)
            parent.push()


class OnScalars:
    def forward(self, x):
        return x * x


class Regression:
    def __init__(self, features, lr=0.01, n_iters=1000):
        self.w, self.b = np.zeros(features), 0.0
        self.lr, self.n_iters = lr, n_iters

    def loss(self, X, y):
        return np.mean((X @ self.w + self.b - y) ** 2)

    def fit(self, X, y):
        for _ in range(self.n_iters):
            error = X @ self.w + self.b - y
            self.w -= self.lr * 2 * X.T @ error / len(y)
            self.b -= self.lr * 2 * error.mean()


class FreshWeights(Regression):
    def fit(self, X, y, epochs=10):
        self.w, self.b = np.zeros(X.shape[1]), 0.0
        super().fit(X, y)


class OnlyFit:
    def fit(self, X, y):
        self.mean = X.mean()


class NoRate:
    def __init__(self):
        self.W = rng.normal(size=(3, 2))

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.W -= 0.01 * self.x.T @ dout
        return dout @ self.W.T


class ListsOfWeights:
    def __init__(self, sizes):
        pairs = list(itertools.pairwise(sizes))
        self.weights = [rng.normal(size=pair) for pair in pairs]
        self.biases = [np.zeros(n) for _, n in pairs]

    def forward(self, x):
        self.acts = [x]
        for W, b in zip(self.weights, self.biases, strict=True):
            self.acts.append(np.tanh(self.acts[-1] @ W + b))
        return self.acts[-1]

    def backward(self, grad):
        self.dweights, self.dbiases = [None] * len(self.weights), [None] * len(self.biases)
        for i in reversed(range(len(self.weights))):
            grad = grad * (1 - self.acts[i + 1] ** 2)
            self.dweights[i], self.dbiases[i] = self.acts[i].T @ grad, grad.sum(0)
            grad = grad @ self.weights[i].T
        return grad


class Nablas(ListsOfWeights):
    def backward(self, grad):
        super().backward(grad)
        nabla_b, nabla_w = self.dbiases, self.dweights
        del self.dbiases, self.dweights
        return nabla_b, nabla_w


class DictsByUse:
    def __init__(self):
        self.w, self.dw = {"ih": rng.normal(size=(3, 4)), "hh": rng.normal(size=(4, 4))}, {}

    def forward(self, x, h):
        self.cache = x, h
        return x @ self.w["ih"] + h @ self.w["hh"]

    def backward(self, dout):
        x, h = self.cache
        self.dw["ih"], self.dw["hh"] = x.T @ dout, h.T @ dout
        return dout @ self.w["ih"].T, dout @ self.w["hh"].T


class Starred:
    def forward(self, *inputs):
        self.a, self.b = inputs
        return self.a @ self.b

    def backward(self, dout):
        return dout @ self.b.T, self.a.T @ dout


class OwnMomentum:
    def __init__(self):
        self.W, self.v, self.lr = rng.normal(size=(3, 2)), np.zeros((3, 2)), 0.1

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        dx = dout @ self.W.T
        self.v = 0.9 * self.v - self.lr * self.x.T @ dout
        self.W = self.W + self.v
        return dx


class LossAndGrads:
    """CS231n: the loss returns the gradients too."""

    def __init__(self):
        self.params = {"W": rng.normal(size=(3, 2)), "b": np.zeros(2)}

    def loss(self, X, y=None):
        scores = X @ self.params["W"] + self.params["b"]
        if y is None:
            return scores
        d = scores - y
        return 0.5 * np.sum(d**2), {"W": X.T @ d, "b": d.sum(0)}


class LossAndGradient(LossAndGrads):
    def loss(self, x, t):
        return super().loss(x, t)[0]

    def gradient(self, x, t):
        return super().loss(x, t)[1]


class TooEarly(Stepping):
    def backward(self, output_gradient, learning_rate):
        self.weights -= learning_rate * np.dot(output_gradient, self.input.T)
        return np.dot(self.weights.T, output_gradient)


class TupleByShape(Tuple):
    """The parameters first, without a name: the shapes tell."""

    def backward(self, dout):
        (x,) = self.cache
        return x.T @ dout, dout.sum(0), dout @ self.W.T


class Views:
    """One vector of all parameters, and views of it."""

    def __init__(self):
        self.theta = rng.normal(size=8)
        self.W, self.b = self.theta[:6].reshape(3, 2), self.theta[6:]

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dtheta = np.concatenate([(self.x.T @ dout).ravel(), dout.sum(0)])
        return dout @ self.W.T
