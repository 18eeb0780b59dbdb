"""Activation functions beside their derivatives, in the three usual spellings.

    gradcheck docs/examples/activation_and_derivative.py
    gradcheck docs/examples/activation_and_derivative.py::tanh

sigmoid and Softplus are right; the derivative of sigmoid is written for its output, which is
noticed. tanh is wrong [sign]: its derivative is 1 - tanh(x)**2.
"""

import numpy as np


def sigmoid(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


def tanh(x):
    return np.tanh(x)


def tanh_prime(x):
    return np.tanh(x) ** 2 - 1


class Softplus:
    def fn(self, z):
        return np.log1p(np.exp(z))

    def grad(self, z):
        return sigmoid(z)
