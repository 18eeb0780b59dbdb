"""Multi-class hinge loss: what other classes lack to a margin below the target's score."""

import numpy as np

from gradcheck.numeric._losses import members, reduced, share


def forward(X, y, margin=1.0, *, p=1, reduction="mean"):
    """L, a number, or each loss: L (N,), of X (N, C) and classes y (N,)."""
    Z = hinges(X, y, margin)
    return reduced((Z if p == 1 else Z**p).sum(axis=1) / X.shape[1], reduction)


def backward(dL, X, y, margin=1.0, *, p=1, reduction="mean"):
    """Pull dL, a number, back to dX (N, C): the target's score answers for every violator."""
    Z = hinges(X, y, margin)
    dX = (Z > 0 if p == 1 else p * Z ** (p - 1)) / X.shape[1]
    dX[np.arange(len(y)), y] = -dX.sum(axis=1)
    return (np.reshape(share(dL, y, reduction), (-1, 1)) * dX,)


def hinges(X, y, margin):
    """What each class lacks to the margin, 0 for the target itself."""
    rows = np.arange(len(y))
    Z = np.maximum(margin - X[rows, y][:, None] + X, 0)
    Z[rows, y] = 0
    return Z


layers = members(forward, backward, p={"p1": 1, "p2": 2})
