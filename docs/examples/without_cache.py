"""Functions without a cache: the backward pass is given the inputs again.

    gradcheck docs/examples/without_cache.py
    gradcheck docs/examples/without_cache.py::softmax

normalize is right. softmax is wrong [diagonal]: its backward pass has only the diagonal of the
Jacobian.
"""

import numpy as np


def normalize(x, gain):
    return gain * x / np.sqrt((x**2).mean(axis=-1, keepdims=True))


def normalize_backward(dout, x, gain):
    size = np.sqrt((x**2).mean(axis=-1, keepdims=True))
    unit = x / size
    dunit = dout * gain
    dx = (dunit - unit * (dunit * unit).mean(axis=-1, keepdims=True)) / size
    dgain = (dout * unit).sum(axis=0)
    return dx, dgain


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_backward(dout, z):
    s = softmax(z)
    return dout * s * (1 - s)
