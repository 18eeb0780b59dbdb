"""Cosine embedding loss: 1 − cos of a similar pair, max(0, cos − margin) of another."""

import numpy as np

from gradcheck.numeric._losses import reduced, share

TINY = 1e-12  # added to squared norms


def forward(A, B, y, margin=0.0, *, reduction="mean"):
    """L, a number, or each loss: L (N,), of A (N, D), B (N, D) and y (N,), above 0 if similar."""
    cosine = (unit(A) * unit(B)).sum(axis=1)
    return reduced(np.where(y > 0, 1 - cosine, np.maximum(cosine - margin, 0)), reduction)


def backward(dL, A, B, y, margin=0.0, *, reduction="mean"):
    """Pull dL, a number, back to dA (N, D), dB (N, D), the margin included."""
    a, b = unit(A), unit(B)
    cosine = (a * b).sum(axis=1)
    slope = share(dL, y, reduction) * np.where(y > 0, -1, cosine >= margin)
    slope, cosine = slope.reshape(-1, 1), cosine.reshape(-1, 1)
    return slope * (b - cosine * a) / norm(A), slope * (a - cosine * b) / norm(B)


def norm(X):
    """The lengths of the rows, one in each row, never 0."""
    return np.sqrt((X**2).sum(axis=1, keepdims=True) + TINY)


def unit(X):
    return X / norm(X)
