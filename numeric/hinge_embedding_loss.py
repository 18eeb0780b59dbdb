"""Hinge embedding loss of distances: X of a similar pair, max(0, margin − X) of another."""

import numpy as np

from gradcheck.numeric._losses import reduced, share


def forward(X, y, margin=1.0, *, reduction="mean"):
    """L, a number, or each loss: L (N, D), of X (N, D) and y (N, D), above 0 for similar pairs."""
    return reduced(np.where(y > 0, X, np.maximum(margin - X, 0)), reduction)


def backward(dL, X, y, margin=1.0, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, D), the margin included."""
    return (share(dL, X, reduction) * np.where(y > 0, 1, np.where(margin >= X, -1, 0)),)
