"""Cosine of the angle between the rows of A and B, which are not zero."""

import numpy as np


def forward(A, B):
    """Y (N,) of A (N, D) and B (N, D)."""
    return (A * B).sum(axis=1) / (norms(A) * norms(B)).ravel()


def backward(dY, A, B):
    """Pull dY (N,) back to dA (N, D), dB (N, D), which are orthogonal to the rows of A and B."""
    a, b = A / norms(A), B / norms(B)
    cosine, dY = (a * b).sum(axis=1, keepdims=True), dY.reshape(-1, 1)
    return dY * (b - cosine * a) / norms(A), dY * (a - cosine * b) / norms(B)


def norms(X):
    """The lengths of the rows, one in each row."""
    return np.linalg.norm(X, axis=1, keepdims=True)
