"""Convolution along one axis."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def forward(X, W, b):
    """Y (N, O, T) of X (N, C, K + T - 1), W (O, C, K), b (O,)."""
    windows = sliding_window_view(X, W.shape[2], axis=2)
    return np.einsum("nitk,oik->not", windows, W) + b[:, None]


def backward(dY, X, W, b):
    """Pull dY (N, O, T) back to dX (N, C, K + T - 1), dW (O, C, K), db (O,)."""
    windows = sliding_window_view(X, W.shape[2], axis=2)
    dX = np.zeros_like(X)
    for k in range(W.shape[2]):
        dX[:, :, k : k + dY.shape[2]] += np.einsum("not,oi->nit", dY, W[:, :, k])
    return dX, np.einsum("not,nitk->oik", dY, windows), dY.sum(axis=(0, 2))
