"""Windows of X (N, C, *S), and convolution by one matrix product, along any number of axes S.

stride, padding and dilation are numbers, or have one number for each axis, as in PyTorch.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def windows(X, kernel, stride=1, padding=0, dilation=1):
    """What each entry of the kernel meets at each place: a view (N, C, *kernel, *T) of padded X."""
    axes = len(kernel)
    stride, padding, dilation = (_each(option, axes) for option in (stride, padding, dilation))
    if any(padding):
        X = np.pad(X, [(0, 0), (0, 0), *((p, p) for p in padding)])
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    every = sliding_window_view(X, reach, axis=tuple(range(2, X.ndim)))
    chosen = every[(slice(None), slice(None), *(slice(None, None, s) for s in stride + dilation))]
    return chosen.transpose(0, 1, *range(2 + axes, 2 + 2 * axes), *range(2, 2 + axes))


def add_windows(d, shape, stride=1, padding=0, dilation=1):
    """Add up what windows have, d (N, C, *kernel, *T), at their places in X of this shape."""
    axes = len(shape) - 2
    kernel, places = d.shape[2 : 2 + axes], d.shape[2 + axes :]
    stride, padding, dilation = (_each(option, axes) for option in (stride, padding, dilation))
    dX = np.zeros((*shape[:2], *(s + 2 * p for s, p in zip(shape[2:], padding, strict=True))))
    for entry in np.ndindex(kernel):  # an entry of the kernel moves over X
        first = [e * d for e, d in zip(entry, dilation, strict=True)]
        steps = zip(first, stride, places, strict=True)
        met = tuple(slice(f, f + s * (t - 1) + 1, s) for f, s, t in steps)
        dX[(..., *met)] += d[(slice(None), slice(None), *entry)]
    inside = (slice(p, p + s) for s, p in zip(shape[2:], padding, strict=True))
    return dX[(..., *inside)]


def convolve(X, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    """Y (N, O, *T) of X (N, C, *S), weight (O, C / groups, *K), bias (O,)."""
    met = windows(X, weight.shape[2:], stride, padding, dilation)
    N, O, T = len(X), len(weight), met.shape[X.ndim :]
    Y = weight.reshape(groups, O // groups, -1) @ _columns(met, groups)
    return Y.reshape(N, O, *T) + bias.reshape(O, *(1 for _ in T))


def convolve_back(dY, X, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    """Pull dY (N, O, *T) back to dX (N, C, *S), dweight (O, C / groups, *K), dbias (O,)."""
    met = windows(X, weight.shape[2:], stride, padding, dilation)
    N, O = dY.shape[:2]
    d = dY.reshape(N, groups, O // groups, -1)
    dweight = (d @ _columns(met, groups).swapaxes(2, 3)).sum(axis=0).reshape(weight.shape)
    dmet = weight.reshape(groups, O // groups, -1).swapaxes(1, 2) @ d
    dX = add_windows(dmet.reshape(met.shape), X.shape, stride, padding, dilation)
    return dX, dweight, dY.sum(axis=(0, *range(2, dY.ndim)))


def transpose(X, weight, bias, stride=1, padding=0, output_padding=0, dilation=1):
    """Y (N, O, *T) of X (N, C, *S), weight (C, O, *K), bias (O,): every entry of X spreads."""
    C, O, *kernel = weight.shape
    options = (_each(each, len(kernel)) for each in (stride, padding, output_padding, dilation))
    lengths = zip(X.shape[2:], kernel, *options, strict=True)
    T = [step * (s - 1) + d * (k - 1) + 1 - 2 * p + more for s, k, step, p, more, d in lengths]
    spread = weight.reshape(C, -1).T @ X.reshape(len(X), C, -1)
    spread = spread.reshape(len(X), O, *kernel, *X.shape[2:])
    Y = add_windows(spread, (len(X), O, *T), stride, padding, dilation)
    return Y + bias.reshape(O, *(1 for _ in T))


def transpose_back(dY, X, weight, bias, stride=1, padding=0, output_padding=0, dilation=1):
    """Pull dY (N, O, *T) back to dX (N, C, *S), dweight (C, O, *K), dbias (O,)."""
    met = windows(dY, weight.shape[2:], stride, padding, dilation)
    met = met[(..., *(slice(s) for s in X.shape[2:]))]  # output padding may make room for more
    columns = _columns(met, 1)[:, 0]
    dX = (weight.reshape(len(weight), -1) @ columns).reshape(X.shape)
    dweight = (X.reshape(*X.shape[:2], -1) @ columns.swapaxes(1, 2)).sum(axis=0)
    return dX, dweight.reshape(weight.shape), dY.sum(axis=(0, *range(2, dY.ndim)))


def _columns(met, groups):
    """A copy (N, groups, rows, places): a column is what one output of a group sees."""
    places = np.prod(met.shape[2 + (met.ndim - 2) // 2 :])
    return met.reshape(len(met), groups, -1, places)


def _each(option, axes):
    """One number for each axis."""
    return np.broadcast_to(option, axes).tolist()
