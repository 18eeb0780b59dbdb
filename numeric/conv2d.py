"""Convolution of images, as a correlation, by one matrix product with all windows.

stride, padding and dilation are numbers, or pairs for rows and columns.
"""

import numpy as np

from gradcheck.numeric._convolution import convolve, convolve_back


def forward(X, weight, bias, stride=1, padding=0, dilation=1):
    """Y (N, O, P, Q) of X (N, C, H, W), weight (O, C, K, L), bias (O,)."""
    return convolve(X, weight, bias, stride, padding, dilation)


def backward(dY, X, weight, bias, stride=1, padding=0, dilation=1):
    """Pull dY (N, O, P, Q) back to dX (N, C, H, W), dweight (O, C, K, L), dbias (O,)."""
    return convolve_back(dY, X, weight, bias, stride, padding, dilation)


def forward_groups(X, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    """Y (N, J*groups, P, Q) of X (N, I*groups, H, W).

    With weight (J*groups, I, K, L), bias (J*groups,).
    """
    return convolve(X, weight, bias, stride, padding, dilation, groups)


def backward_groups(dY, X, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    """Pull dY (N, J*groups, P, Q) back.

    To dX (N, I*groups, H, W), dweight (J*groups, I, K, L), dbias (J*groups,).
    """
    return convolve_back(dY, X, weight, bias, stride, padding, dilation, groups)


def forward_depthwise(X, weight, bias, stride=1, padding=0, dilation=1):
    """Y (N, C, P, Q) of X (N, C, H, W), weight (C, 1, K, L), bias (C,)."""
    return convolve(X, weight, bias, stride, padding, dilation, groups=X.shape[1])


def backward_depthwise(dY, X, weight, bias, stride=1, padding=0, dilation=1):
    """Pull dY (N, C, P, Q) back to dX (N, C, H, W), dweight (C, 1, K, L), dbias (C,)."""
    return convolve_back(dY, X, weight, bias, stride, padding, dilation, groups=X.shape[1])


def forward_separable(X, weight, pointwise, bias, stride=1, padding=0, dilation=1):
    """Y (N, O, P, Q) of X (N, C, H, W), weight (C, 1, K, L), pointwise (O, C, 1, 1), bias (O,)."""
    Z = forward_depthwise(X, weight, np.zeros(len(weight)), stride, padding, dilation)
    return convolve(Z, pointwise, bias)


def backward_separable(dY, X, weight, pointwise, bias, stride=1, padding=0, dilation=1):
    """Pull dY (N, O, P, Q) back.

    To dX (N, C, H, W), dweight (C, 1, K, L), dpointwise (O, C, 1, 1), dbias (O,).
    """
    first = (X, weight, np.zeros(len(weight)), stride, padding, dilation)
    dZ, dpointwise, dbias = convolve_back(dY, forward_depthwise(*first), pointwise, bias)
    dX, dweight, _ = backward_depthwise(dZ, *first)
    return dX, dweight, dpointwise, dbias


def forward_channels_last(X, weight, bias, stride=1, padding=0, dilation=1):
    """Y (N, P, Q, O) of X (N, H, W, C), weight (K, L, C, O), bias (O,)."""
    Y = convolve(_first(X), weight.transpose(3, 2, 0, 1), bias, stride, padding, dilation)
    return np.moveaxis(Y, 1, -1)


def backward_channels_last(dY, X, weight, bias, stride=1, padding=0, dilation=1):
    """Pull dY (N, P, Q, O) back to dX (N, H, W, C), dweight (K, L, C, O), dbias (O,)."""
    dX, dweight, dbias = convolve_back(
        _first(dY), _first(X), weight.transpose(3, 2, 0, 1), bias, stride, padding, dilation
    )
    return np.moveaxis(dX, 1, -1), dweight.transpose(2, 3, 1, 0), dbias


def _first(X):
    """Channels in front of rows and columns."""
    return np.moveaxis(X, -1, 1)


layers = {
    "plain": (forward, backward),
    "groups": (forward_groups, backward_groups),
    "depthwise": (forward_depthwise, backward_depthwise),
    "separable": (forward_separable, backward_separable),
    "channels_last": (forward_channels_last, backward_channels_last),
}
