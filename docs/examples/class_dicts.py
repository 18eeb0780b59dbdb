"""Classes that keep parameters and gradients in dictionaries.

    gradcheck "docs/examples/class_dicts.py::LayerNorm(4)" --shape x=5,4
    gradcheck "docs/examples/class_dicts.py::WrongLayerNorm(4)" --shape x=5,4

WrongLayerNorm is wrong [missing-path]: it takes mean and standard deviation for constants, but
they depend on x.
"""

import numpy as np


class LayerNorm:
    def __init__(self, features, eps=1e-5):
        self.params = {"gamma": np.ones(features), "beta": np.zeros(features)}
        self.grads = {}
        self.eps = eps

    def forward(self, x):
        mean = x.mean(axis=1, keepdims=True)
        self.std = np.sqrt(x.var(axis=1, keepdims=True) + self.eps)
        self.x_hat = (x - mean) / self.std
        return self.params["gamma"] * self.x_hat + self.params["beta"]

    def backward(self, dout):
        self.grads["gamma"] = (dout * self.x_hat).sum(axis=0)
        self.grads["beta"] = dout.sum(axis=0)
        g = dout * self.params["gamma"]
        through_mean = g.mean(axis=1, keepdims=True)
        through_std = self.x_hat * (g * self.x_hat).mean(axis=1, keepdims=True)
        return (g - through_mean - through_std) / self.std


class WrongLayerNorm(LayerNorm):
    def backward(self, dout):
        super().backward(dout)
        return dout * self.params["gamma"] / self.std
