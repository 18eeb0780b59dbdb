"""Hinge loss of scores X and targets T of 1 and −1: the mean of max(0, 1 − T X), or squared."""

import numpy as np

from gradcheck.numeric._losses import members, reduced, share


def forward(X, T, *, p=1, reduction="mean"):
    """L, a number, or each loss: L (N, C), of X (N, C) and T (N, C)."""
    return reduced(np.maximum(1 - T * X, 0) ** p, reduction)


def backward(dL, X, T, *, p=1, reduction="mean"):
    """Pull dL, a number, back to dX (N, C), dT (N, C): nothing from what is right by the margin."""
    hinge = np.maximum(1 - T * X, 0)
    slope = share(dL, X, reduction) * (hinge > 0 if p == 1 else p * hinge ** (p - 1))
    return -slope * T, -slope * X


layers = members(forward, backward, p={"plain": 1, "squared": 2})
