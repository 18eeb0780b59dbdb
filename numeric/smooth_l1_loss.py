"""Smooth L1 loss of e = X − T: e²/(2 beta) for |e| < beta, |e| − beta/2 beyond."""

import numpy as np

from gradcheck.numeric._losses import reduced, share


def forward(X, T, beta=1.0, *, reduction="mean"):
    """L, a number, or each loss: L (N, D), of X (N, D) and T (N, D)."""
    e = np.abs(X - T)
    return reduced(np.where(e < beta, e**2 / (2 * beta), e - beta / 2), reduction)


def backward(dL, X, T, beta=1.0, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, D), dT (N, D): the error in units of beta, at most 1."""
    dX = share(dL, X, reduction) * np.clip((X - T) / beta, -1, 1)
    return dX, -dX
