"""A small Tensor that differentiates itself, and two layers built on it.

    gradcheck "docs/examples/tensor_style.py::Linear(3,4)" --shape x=5,3
    gradcheck "docs/examples/tensor_style.py::WrongLinear(3,4)" --shape x=5,3

WrongLinear is wrong [missing-sum]: its addition forgets that the bias was broadcast over the
samples, so the gradient of the bias has a row for every sample instead of their sum.
"""

import numpy as np

rng = np.random.default_rng(0)


class Tensor:
    def __init__(self, data, children=()):
        self.data, self.children = data, children
        self.grad = np.zeros_like(data)
        self.pull = lambda grad: None

    def backward(self, grad):
        self.grad = self.grad + grad
        self.pull(grad)


def matmul(a, b):
    out = Tensor(a.data @ b.data, (a, b))
    out.pull = lambda grad: (a.backward(grad @ b.data.T), b.backward(a.data.T @ grad))
    return out


def add(a, b, summed=True):
    out = Tensor(a.data + b.data, (a, b))
    out.pull = lambda grad: (a.backward(grad), b.backward(grad.sum(axis=0) if summed else grad))
    return out


class Linear:
    def __init__(self, n_in, n_out):
        self.W = Tensor(rng.normal(size=(n_in, n_out)))
        self.b = Tensor(np.zeros(n_out))

    def __call__(self, x):
        return add(matmul(x, self.W), self.b)


class WrongLinear(Linear):
    def __call__(self, x):
        return add(matmul(x, self.W), self.b, summed=False)
