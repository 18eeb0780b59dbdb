"""Unfold: windows of length 3 side by side."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def forward_overlapping(X):
    """Y (N, T, 3) of X (N, T + 2)."""
    return sliding_window_view(X, 3, axis=1).copy()


def backward_overlapping(dY, X):
    """Pull dY (N, T, 3) back to dX (N, T + 2): windows that overlap add up."""
    dX = np.zeros_like(X)
    for k in range(3):
        dX[:, k : k + dY.shape[1]] += dY[:, :, k]
    return (dX,)


def forward_stride(X):
    """Y (N, T, 3) of X (N, 2*T + 1)."""
    return sliding_window_view(X, 3, axis=1)[:, ::2].copy()


def backward_stride(dY, X):
    """Pull dY (N, T, 3) back to dX (N, 2*T + 1): windows that overlap add up."""
    dX = np.zeros_like(X)
    for k in range(3):
        dX[:, k : k + 2 * dY.shape[1] - 1 : 2] += dY[:, :, k]
    return (dX,)


layers = {
    "overlapping": (forward_overlapping, backward_overlapping),
    "stride": (forward_stride, backward_stride),
}
