"""Small tensors that differentiate themselves, and layers on them."""

# ruff: noqa: NPY002, RUF007  people write these

import numpy as np


class Value:
    """A single number, as micrograd has it."""

    def __init__(self, data, _children=(), _op=""):
        self.data = data
        self.grad = 0
        self._backward = lambda: None
        self._prev = set(_children)
        self._op = _op

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def relu(self):
        out = Value(0 if self.data < 0 else self.data, (self,), "ReLU")

        def _backward():
            self.grad += (out.data > 0) * out.grad

        out._backward = _backward
        return out

    def backward(self):
        topo, visited = [], set()

        def build_topo(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build_topo(child)
                topo.append(v)

        build_topo(self)
        self.grad = 1
        for v in reversed(topo):
            v._backward()

    __radd__ = __add__
    __rmul__ = __mul__


class Neuron:
    def __init__(self, nin, nonlin=True):
        self.w = [Value(np.random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlin else act

    def parameters(self):
        return [*self.w, self.b]


class Tensor:
    """An array with a gradient that is added to."""

    def __init__(self, data, requires_grad=True, parents=(), pull=None):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.requires_grad = requires_grad
        self._parents = parents
        self._pull = pull

    def __matmul__(self, other):
        def pull(g):
            self.grad = self.grad + g @ other.data.T
            other.grad = other.grad + self.data.T @ g

        return Tensor(self.data @ other.data, True, (self, other), pull)

    def __add__(self, other):
        def pull(g):
            self.grad = self.grad + g
            extra = g.ndim - other.data.ndim
            other.grad = other.grad + (g.sum(axis=tuple(range(extra))) if extra else g)

        return Tensor(self.data + other.data, True, (self, other), pull)

    def tanh(self):
        y = np.tanh(self.data)

        def pull(g):
            self.grad = self.grad + g * (1 - y**2)

        return Tensor(y, True, (self,), pull)

    def backward(self, grad=None):
        order, seen = [], set()

        def visit(t):
            if id(t) not in seen:
                seen.add(id(t))
                for parent in t._parents:
                    visit(parent)
                order.append(t)

        visit(self)
        self.grad = np.ones_like(self.data) if grad is None else np.asarray(grad, dtype=float)
        for t in reversed(order):
            if t._pull is not None:
                t._pull(t.grad)


class Linear:
    def __init__(self, n_in, n_out):
        self.weight = Tensor(np.random.randn(n_in, n_out))
        self.bias = Tensor(np.zeros(n_out))

    def __call__(self, x):
        return x @ self.weight + self.bias


class MLP:
    def __init__(self, sizes):
        self.layers = [Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False)]

    def __call__(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).tanh()
        return self.layers[-1](x)
