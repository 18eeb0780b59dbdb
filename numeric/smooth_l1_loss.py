"""Smooth L1 loss of e = X − T with beta 2: e²/4 for |e| ≤ 2, |e| − 1 beyond; averaged."""

import numpy as np

BETA = 2


def forward(X, T):
    """L, a number, of X (N, D) and T (N, D)."""
    e = np.abs(X - T)
    return np.where(e < BETA, e**2 / (2 * BETA), e - BETA / 2).mean()


def backward(dL, X, T):
    """Pull dL, a number, back to dX (N, D), dT (N, D)."""
    dX = dL / X.size * np.clip((X - T) / BETA, -1, 1)
    return dX, -dX
