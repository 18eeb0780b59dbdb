"""RMS normalisation over the features."""

import numpy as np


def forward(X, g, eps):
    """Y (N, C) of X (N, C), g (C,), eps, a number."""
    return X / np.sqrt((X**2).mean(axis=1, keepdims=True) + eps) * g


def backward(dY, X, g, eps):
    """Pull dY (N, C) back to dX (N, C), dg (C,), deps, a number."""
    r = 1 / np.sqrt((X**2).mean(axis=1, keepdims=True) + eps)
    through = dY * g
    dX = r * (through - r**2 * X * (through * X).mean(axis=1, keepdims=True))
    return dX, (dY * X * r).sum(axis=0), np.asarray(-(through * X * r**3).sum() / 2)
