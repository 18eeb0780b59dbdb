"""Max pooling along one axis; what holds for any number of axes, max_pool2d uses too."""

from functools import reduce
from itertools import product

import numpy as np


def padded(X, padding):
    """X with −∞ around all axes but the first two."""
    widths = [(0, 0), (0, 0)] + [(padding, padding)] * (X.ndim - 2)
    return np.pad(X, widths, constant_values=-np.inf)


def places(X, kernel_size, stride):
    """For every place in a window, row by row, where a padded X is read there by all windows."""
    starts = [length - kernel_size + 1 for length in X.shape[2:]]  # where windows may start
    for place in product(range(kernel_size), repeat=len(starts)):
        spans = zip(place, starts, strict=True)
        yield (..., *(slice(first, first + count, stride) for first, count in spans))


def pooled(X, kernel_size, stride, padding):
    """The greatest entry of every window."""
    X = padded(X, padding)
    return reduce(np.maximum, [X[at] for at in places(X, kernel_size, stride)])


def pulled(dY, X, kernel_size, stride, padding):
    """Pull dY back to dX: all of it to the first of the greatest entries of every window."""
    Y = pooled(X, kernel_size, stride, padding)
    X = padded(X, padding)
    dX = np.zeros_like(X)
    left = np.ones(Y.shape, dtype=bool)
    for at in places(X, kernel_size, stride):
        wins = left & (X[at] == Y)
        dX[at] += dY * wins
        left ^= wins
    inside = (slice(padding, length - padding) for length in X.shape[2:])
    return dX[..., *inside].copy()


def forward(X, kernel_size=2, stride=2, padding=0):
    """Y (N, C, T) of X (N, C, S)."""
    return pooled(X, kernel_size, stride, padding)


def backward(dY, X, kernel_size=2, stride=2, padding=0):
    """Pull dY (N, C, T) back to dX (N, C, S)."""
    return (pulled(dY, X, kernel_size, stride, padding),)
