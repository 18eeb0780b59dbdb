"""Adaptive average pooling along one axis, by one matrix product."""

import numpy as np


def forward(X, output_size=1):
    """Y (N, C, output_size) of X (N, C, L)."""
    return X @ shares(X.shape[2], output_size).T


def backward(dY, X, output_size=1):
    """Pull dY (N, C, output_size) back to dX (N, C, L)."""
    return (dY @ shares(X.shape[2], output_size),)


def shares(L, T):
    """What each of T means has of each of L entries, (T, L)."""
    t, s = np.arange(T)[:, None], np.arange(L)
    inside = (t * L // T <= s) & (s < -(-(t + 1) * L // T))
    return inside / inside.sum(axis=1, keepdims=True)
