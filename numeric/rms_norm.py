"""RMS normalisation over the last axis."""

import numpy as np


def normalized(X, eps):
    """X with a mean of squares of nearly 1 in each row, and what it was divided by."""
    scale = np.sqrt((X**2).mean(axis=1, keepdims=True) + eps)
    return X / scale, scale


def forward(X, weight, eps=1e-5):
    """Y (N, C) of X (N, C), weight (C,)."""
    return weight * normalized(X, eps)[0]


def backward(dY, X, weight, eps=1e-5):
    """Pull dY (N, C) back to dX (N, C), dweight (C,)."""
    Z, scale = normalized(X, eps)
    dZ = dY * weight
    dX = (dZ - Z * (dZ * Z).mean(axis=1, keepdims=True)) / scale
    return dX, (dY * Z).sum(axis=0)
