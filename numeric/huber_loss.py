"""Huber loss of the error e = X − T with delta 2: e²/2 for |e| ≤ 2, 2 |e| − 2 beyond; the mean."""

import numpy as np

DELTA = 2


def forward(X, T):
    """L, a number, of X (N, D) and T (N, D)."""
    e = np.abs(X - T)
    return np.where(e <= DELTA, e**2 / 2, DELTA * (e - DELTA / 2)).mean()


def backward(dL, X, T):
    """Pull dL, a number, back to dX (N, D), dT (N, D): the error, cut off at delta."""
    dX = dL / X.size * np.clip(X - T, -DELTA, DELTA)
    return dX, -dX
