"""Padding of the last axis by one entry before and two after."""

import numpy as np


def forward_constant(X):
    """Y (N, T + 3) of X (N, T)."""
    return np.pad(X, ((0, 0), (1, 2)))


def backward_constant(dY, X):
    """Pull dY (N, T + 3) back to dX (N, T): what is inside."""
    return (np.split(dY, [1, 1 + X.shape[1]], axis=1)[1].copy(),)


def forward_replicate(X):
    """Y (N, T + 3) of X (N, T)."""
    return np.pad(X, ((0, 0), (1, 2)), mode="edge")


def backward_replicate(dY, X):
    """Pull dY (N, T + 3) back to dX (N, T): the ends collect what was copied from them."""
    dX = np.zeros_like(X)
    origin = np.pad(np.arange(X.shape[1]), (1, 2), mode="edge")
    np.add.at(dX.T, origin, dY.T)
    return (dX,)


layers = {
    "constant": (forward_constant, backward_constant),
    "replicate": (forward_replicate, backward_replicate),
}
