"""Classes that leave the gradients of their parameters in attributes.

    gradcheck "docs/examples/class_attributes.py::Linear(3,4)" --shape x=5,3
    gradcheck "docs/examples/class_attributes.py::WrongLinear(3,4)" --shape x=5,3

WrongLinear is wrong [factor]: it averages the gradient of the bias over the samples, where the
forward pass adds the bias to every one of them.
"""

import numpy as np

rng = np.random.default_rng(0)


class Linear:
    def __init__(self, n_in, n_out):
        self.W = rng.normal(size=(n_in, n_out)) * 0.01
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class WrongLinear(Linear):
    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.mean(axis=0)
        return dout @ self.W.T
