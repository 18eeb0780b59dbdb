"""Upsampling by 2: nearest neighbours, and linear interpolation."""

import numpy as np


def forward_nearest1d(X):
    """Y (N, 2*W) of X (N, W)."""
    return np.repeat(X, 2, axis=1)


def backward_nearest1d(dY, X):
    """Pull dY (N, 2*W) back to dX (N, W): an entry collects from its block."""
    return (dY.reshape(*X.shape, 2).sum(axis=2),)


def forward_nearest2d(X):
    """Y (N, 2*H, 2*W) of X (N, H, W)."""
    return np.repeat(np.repeat(X, 2, axis=1), 2, axis=2)


def backward_nearest2d(dY, X):
    """Pull dY (N, 2*H, 2*W) back to dX (N, H, W): an entry collects from its block."""
    N, H, W = X.shape
    return (dY.reshape(N, H, 2, W, 2).sum(axis=(2, 4)),)


def forward_linear1d(X):
    """Y (N, 2*W) of X (N, W)."""
    return interpolated(X)


def backward_linear1d(dY, X):
    """Pull dY (N, 2*W) back to dX (N, W)."""
    return (collected(dY),)


def forward_bilinear2d(X):
    """Y (N, 2*H, 2*W) of X (N, H, W)."""
    return interpolated(interpolated(X).swapaxes(1, 2)).swapaxes(1, 2)


def backward_bilinear2d(dY, X):
    """Pull dY (N, 2*H, 2*W) back to dX (N, H, W): one axis after the other."""
    return (collected(collected(dY.swapaxes(1, 2)).swapaxes(1, 2)),)


def interpolated(X):
    """Twice as many entries along the last axis; those at the ends are their own neighbours."""
    before = np.concatenate([X[..., :1], X[..., :-1]], axis=-1)
    after = np.concatenate([X[..., 1:], X[..., -1:]], axis=-1)
    Y = np.stack([0.75 * X + 0.25 * before, 0.75 * X + 0.25 * after], axis=-1)
    return Y.reshape(*X.shape[:-1], -1)


def collected(dY):
    """What `interpolated` has taken from each entry, as often as it was taken."""
    left, right = dY[..., 0::2], dY[..., 1::2]
    dX = 0.75 * (left + right)
    dX[..., :-1] += 0.25 * left[..., 1:]
    dX[..., 1:] += 0.25 * right[..., :-1]
    dX[..., 0] += 0.25 * left[..., 0]
    dX[..., -1] += 0.25 * right[..., -1]
    return dX


layers = {
    "nearest1d": (forward_nearest1d, backward_nearest1d),
    "nearest2d": (forward_nearest2d, backward_nearest2d),
    "linear1d": (forward_linear1d, backward_linear1d),
    "bilinear2d": (forward_bilinear2d, backward_bilinear2d),
}
