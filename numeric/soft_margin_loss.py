"""Soft margin loss: the mean of log(1 + exp(−T X)), with targets T of 1 and −1."""

import numpy as np

from gradcheck.numeric._losses import reduced, share


def forward(X, T, *, reduction="mean"):
    """L, a number, or each loss: L (N, D), of X (N, D) and T (N, D); without overflow."""
    return reduced(np.logaddexp(0, -T * X), reduction)


def backward(dL, X, T, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, D), dT (N, D)."""
    slope = share(dL, X, reduction) * 0.5 * (np.tanh(0.5 * T * X) - 1)
    return slope * T, slope * X
