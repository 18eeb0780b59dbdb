"""Huber loss of e = X − T: e²/2 for |e| ≤ delta, delta (|e| − delta/2) beyond."""

import numpy as np

from gradcheck.numeric._losses import reduced, share


def forward(X, T, delta=1.0, *, reduction="mean"):
    """L, a number, or each loss: L (N, D), of X (N, D) and T (N, D)."""
    e = np.abs(X - T)
    return reduced(np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)), reduction)


def backward(dL, X, T, delta=1.0, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, D), dT (N, D): the error, cut off at delta."""
    dX = share(dL, X, reduction) * np.clip(X - T, -delta, delta)
    return dX, -dX
