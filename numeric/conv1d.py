"""Convolution along one axis, as a correlation, with stride and dilation."""

import numpy as np


def _windows(X, K, stride=1, dilation=1):
    """A view of X (N, C, S): entry k of the window at each time, (N, C, times, K)."""
    reach = dilation * (K - 1) + 1
    return np.lib.stride_tricks.sliding_window_view(X, reach, axis=2)[:, :, ::stride, ::dilation]


def _forward(X, W, b, stride=1, dilation=1):
    windows = _windows(X, W.shape[2], stride, dilation)
    return np.einsum("nitk,oik->not", windows, W, optimize=True) + b[:, None]


def _backward(dY, X, W, stride=1, dilation=1):
    windows = _windows(X, W.shape[2], stride, dilation)
    dW = np.einsum("not,nitk->oik", dY, windows, optimize=True)
    dX = np.zeros_like(X)
    for k, W_k in enumerate(np.moveaxis(W, 2, 0)):  # entry k of the kernel moves over X
        start = k * dilation
        reached = slice(start, start + stride * (dY.shape[2] - 1) + 1, stride)
        dX[:, :, reached] += np.einsum("not,oi->nit", dY, W_k)
    return dX, dW, dY.sum(axis=(0, 2))


def forward_plain(X, W, b):
    """Y (N, O, T) of X (N, C, K + T - 1), W (O, C, K), b (O,)."""
    return _forward(X, W, b)


def backward_plain(dY, X, W, b):
    """Pull dY (N, O, T) back to dX (N, C, K + T - 1), dW (O, C, K), db (O,)."""
    return _backward(dY, X, W)


def forward_stride(X, W, b):
    """Y (N, O, T) of X (N, C, K + 2*T - 1), W (O, C, K), b (O,)."""
    return _forward(X, W, b, stride=2)


def backward_stride(dY, X, W, b):
    """Pull dY (N, O, T) back to dX (N, C, K + 2*T - 1), dW (O, C, K), db (O,)."""
    return _backward(dY, X, W, stride=2)


def forward_dilation(X, W, b):
    """Y (N, O, T) of X (N, C, 2*K + T - 2), W (O, C, K), b (O,)."""
    return _forward(X, W, b, dilation=2)


def backward_dilation(dY, X, W, b):
    """Pull dY (N, O, T) back to dX (N, C, 2*K + T - 2), dW (O, C, K), db (O,)."""
    return _backward(dY, X, W, dilation=2)


layers = {
    "plain": (forward_plain, backward_plain),
    "stride": (forward_stride, backward_stride),
    "dilation": (forward_dilation, backward_dilation),
}
