"""Absolute error of X and targets T: its mean over all entries, its sum, or each entry."""

import numpy as np


def forward_mean(X, T):
    """L, a number, of X (N, D) and T (N, D)."""
    return np.abs(X - T).mean()


def backward_mean(dL, X, T):
    """Pull dL, a number, back to dX (N, D), dT (N, D); the mean is over all N D entries."""
    return backward_none(dL / X.size, X, T)


def forward_sum(X, T):
    """L, a number, of X (N, D) and T (N, D)."""
    return np.abs(X - T).sum()


def backward_sum(dL, X, T):
    """Pull dL, a number, back to dX (N, D), dT (N, D); the slope at 0 is taken as 0."""
    return backward_none(dL, X, T)


def forward_none(X, T):
    """Y (N, D) of X (N, D) and T (N, D)."""
    return np.abs(X - T)


def backward_none(dY, X, T):
    """Pull dY (N, D) back to dX (N, D), dT (N, D); the slope at 0 is taken as 0."""
    dX = dY * np.sign(X - T)
    return dX, -dX


layers = {
    "mean": (forward_mean, backward_mean),
    "sum": (forward_sum, backward_sum),
    "none": (forward_none, backward_none),
}
