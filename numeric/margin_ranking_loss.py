"""Margin ranking loss: the mean of max(0, margin − T (A − B)); T is 1 where A should be larger."""

import numpy as np

from gradcheck.numeric._losses import reduced, share


def forward(A, B, T, margin=0.0, *, reduction="mean"):
    """L, a number, or each loss: L (N, D), of A (N, D), B (N, D) and T (N, D)."""
    return reduced(np.maximum(margin - T * (A - B), 0), reduction)


def backward(dL, A, B, T, margin=0.0, *, reduction="mean"):
    """Pull dL, a number, back to dA (N, D), dB (N, D), dT (N, D), the margin included."""
    slope = np.where(margin >= T * (A - B), share(dL, A, reduction), 0)
    return -slope * T, slope * T, slope * (B - A)
