"""Average pooling along one axis."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def _pull(dY, dX, kernel):
    """Give every entry of a window its share; windows at stride 2 that overlap add up."""
    for k in range(kernel):
        dX[:, :, k : k + 2 * dY.shape[2] - 1 : 2] += dY / kernel
    return dX


def forward_plain(X):
    """Y (N, C, T) of X (N, C, 2*T)."""
    return (X[:, :, ::2] + X[:, :, 1::2]) / 2


def backward_plain(dY, X):
    """Pull dY (N, C, T) back to dX (N, C, 2*T)."""
    return (np.repeat(dY / 2, 2, axis=2),)


def forward_overlapping(X):
    """Y (N, C, T) of X (N, C, 2*T + 1)."""
    return sliding_window_view(X, 3, axis=2)[:, :, ::2].mean(axis=-1)


def backward_overlapping(dY, X):
    """Pull dY (N, C, T) back to dX (N, C, 2*T + 1)."""
    return (_pull(dY, np.zeros_like(X), 3),)


layers = {
    "plain": (forward_plain, backward_plain),
    "overlapping": (forward_overlapping, backward_overlapping),
}
