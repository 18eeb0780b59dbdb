"""Negative log likelihood of integer targets: −X[n, y_n], of log probabilities X."""

import numpy as np

from gradcheck.numeric.cross_entropy import one_hot


def forward_mean(X, y):
    """L, a number, of X (N, C) and classes y (N,)."""
    return forward_none(X, y).mean()


def backward_mean(dL, X, y):
    """Pull dL, a number, back to dX (N, C)."""
    return backward_none(dL / len(y), X, y)


def forward_sum(X, y):
    """L, a number, of X (N, C) and classes y (N,)."""
    return forward_none(X, y).sum()


def backward_sum(dL, X, y):
    """Pull dL, a number, back to dX (N, C)."""
    return backward_none(dL, X, y)


def forward_none(X, y):
    """Y (N,) of X (N, C) and classes y (N,)."""
    return -X[np.arange(len(y)), y]


def backward_none(dY, X, y):
    """Pull dY (N,) back to dX (N, C), which is zero except at the targets."""
    return (-dY.reshape(-1, 1) * one_hot(X, y),)


def forward_weight(X, y, w):
    """L, a number, of X (N, C), classes y (N,) and their weights w (C,)."""
    return np.average(forward_none(X, y), weights=w[y])


def backward_weight(dL, X, y, w):
    """Pull dL, a number, back to dX (N, C), dw (C,); the mean divides by the weights it picked."""
    picked = one_hot(X, y)
    total = (picked @ w).sum()
    mean = (picked * X @ w).sum() / total
    return -dL / total * picked * w, dL / total * (picked * (mean - X)).sum(axis=0)


layers = {
    "mean": (forward_mean, backward_mean),
    "sum": (forward_sum, backward_sum),
    "none": (forward_none, backward_none),
    "weight": (forward_weight, backward_weight),
}
