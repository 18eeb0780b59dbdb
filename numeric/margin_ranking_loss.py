"""Margin ranking loss: the mean of max(0, 1 − T (A − B)); T is 1 where A should be larger."""

import numpy as np


def forward(A, B, T):
    """L, a number, of A (N, D), B (N, D) and T (N, D)."""
    return np.maximum(1 - T * (A - B), 0).mean()


def backward(dL, A, B, T):
    """Pull dL, a number, back to dA (N, D), dB (N, D), dT (N, D), the margin included."""
    slope = np.where(T * (A - B) <= 1, dL / A.size, 0)
    return -slope * T, slope * T, slope * (B - A)
