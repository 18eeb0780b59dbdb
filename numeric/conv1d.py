"""Convolution along one axis, as a correlation, by one matrix product with all windows."""

import numpy as np

from gradcheck.numeric._convolution import convolve, convolve_back


def forward(X, weight, bias, stride=1, padding=0, dilation=1):
    """Y (N, O, T) of X (N, C, L), weight (O, C, K), bias (O,)."""
    return convolve(X, weight, bias, stride, padding, dilation)


def backward(dY, X, weight, bias, stride=1, padding=0, dilation=1):
    """Pull dY (N, O, T) back to dX (N, C, L), dweight (O, C, K), dbias (O,)."""
    return convolve_back(dY, X, weight, bias, stride, padding, dilation)


def forward_causal(X, weight, bias, stride=1, dilation=1):
    """Y (N, O, T) of X (N, C, L), weight (O, C, K), bias (O,)."""
    before = dilation * (weight.shape[2] - 1)
    return convolve(_behind(X, before), weight, bias, stride, 0, dilation)


def backward_causal(dY, X, weight, bias, stride=1, dilation=1):
    """Pull dY (N, O, T) back to dX (N, C, L), dweight (O, C, K), dbias (O,)."""
    before = dilation * (weight.shape[2] - 1)
    padded = convolve_back(dY, _behind(X, before), weight, bias, stride, 0, dilation)
    return padded[0][:, :, before:], *padded[1:]


def forward_groups(X, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    """Y (N, J*groups, T) of X (N, I*groups, L), weight (J*groups, I, K), bias (J*groups,)."""
    return convolve(X, weight, bias, stride, padding, dilation, groups)


def backward_groups(dY, X, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    """Pull dY (N, J*groups, T) back.

    To dX (N, I*groups, L), dweight (J*groups, I, K), dbias (J*groups,).
    """
    return convolve_back(dY, X, weight, bias, stride, padding, dilation, groups)


def forward_depthwise(X, weight, bias, stride=1, padding=0, dilation=1):
    """Y (N, C, T) of X (N, C, L), weight (C, 1, K), bias (C,)."""
    return convolve(X, weight, bias, stride, padding, dilation, groups=X.shape[1])


def backward_depthwise(dY, X, weight, bias, stride=1, padding=0, dilation=1):
    """Pull dY (N, C, T) back to dX (N, C, L), dweight (C, 1, K), dbias (C,)."""
    return convolve_back(dY, X, weight, bias, stride, padding, dilation, groups=X.shape[1])


def forward_separable(X, weight, pointwise, bias, stride=1, padding=0, dilation=1):
    """Y (N, O, T) of X (N, C, L), weight (C, 1, K), pointwise (O, C, 1), bias (O,)."""
    Z = forward_depthwise(X, weight, np.zeros(len(weight)), stride, padding, dilation)
    return convolve(Z, pointwise, bias)


def backward_separable(dY, X, weight, pointwise, bias, stride=1, padding=0, dilation=1):
    """Pull dY (N, O, T) back.

    To dX (N, C, L), dweight (C, 1, K), dpointwise (O, C, 1), dbias (O,).
    """
    first = (X, weight, np.zeros(len(weight)), stride, padding, dilation)
    dZ, dpointwise, dbias = convolve_back(dY, forward_depthwise(*first), pointwise, bias)
    dX, dweight, _ = backward_depthwise(dZ, *first)
    return dX, dweight, dpointwise, dbias


def _behind(X, zeros):
    """X after this many zeros."""
    return np.pad(X, ((0, 0), (0, 0), (zeros, 0)))


layers = {
    "plain": (forward, backward),
    "causal": (forward_causal, backward_causal),
    "groups": (forward_groups, backward_groups),
    "depthwise": (forward_depthwise, backward_depthwise),
    "separable": (forward_separable, backward_separable),
}
