"""Clipping to an interval."""

import numpy as np


def forward(X, min=-1.0, max=1.0):
    """Y (N, D) of X (N, D)."""
    return np.clip(X, min, max)


def backward(dY, X, min=-1.0, max=1.0):
    """Pull dY (N, D) back to dX (N, D): 1 at both ends."""
    return (dY * (np.clip(X, min, max) == X),)
