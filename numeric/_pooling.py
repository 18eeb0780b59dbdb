"""Average pooling along any number of axes, through the windows of convolution."""

import numpy as np

from gradcheck.numeric._convolution import add_windows, windows


def average(X, kernel, stride, padding, count_include_pad=True):
    """Means (N, C, *T) of windows of X (N, C, *S); zeros around X count, or do not."""
    total = windows(X, kernel, stride, padding).sum(axis=tuple(range(2, X.ndim)))
    return total / _count(X, kernel, stride, padding, count_include_pad)


def average_back(dY, X, kernel, stride, padding, count_include_pad=True):
    """Pull dY (N, C, *T) back to dX (N, C, *S): every entry of a window has an equal share."""
    share = dY / _count(X, kernel, stride, padding, count_include_pad)
    everywhere = np.broadcast_to(
        share.reshape(*dY.shape[:2], *(1 for _ in kernel), *dY.shape[2:]),
        (*dY.shape[:2], *kernel, *dY.shape[2:]),
    )
    return (add_windows(everywhere, X.shape, stride, padding),)


def _count(X, kernel, stride, padding, count_include_pad):
    """How many entries each mean is of."""
    if count_include_pad:
        return np.prod(kernel)
    inside = np.ones((1, 1, *X.shape[2:]))
    return windows(inside, kernel, stride, padding).sum(axis=tuple(range(2, X.ndim)))
