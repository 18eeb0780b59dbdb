"""Reversal of the last axis, and its rotation by one place."""

import numpy as np


def forward_flip(X):
    """Y (N, T) of X (N, T)."""
    return X[:, ::-1].copy()


def backward_flip(dY, X):
    """Pull dY (N, T) back to dX (N, T)."""
    return (dY[:, ::-1].copy(),)


def forward_roll(X):
    """Y (N, T) of X (N, T): the last entry comes first."""
    return np.roll(X, 1, axis=1)


def backward_roll(dY, X):
    """Pull dY (N, T) back to dX (N, T): rolled back."""
    return (np.roll(dY, -1, axis=1),)


layers = {"flip": (forward_flip, backward_flip), "roll": (forward_roll, backward_roll)}
