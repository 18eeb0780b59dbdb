"""Transposed convolution of images: one matrix product, whose columns are added up in Y."""

from gradcheck.numeric._convolution import transpose, transpose_back


def forward(X, weight, bias, stride=1, padding=0, output_padding=0, dilation=1):
    """Y (N, O, P, Q) of X (N, C, H, W), weight (C, O, K, L), bias (O,)."""
    return transpose(X, weight, bias, stride, padding, output_padding, dilation)


def backward(dY, X, weight, bias, stride=1, padding=0, output_padding=0, dilation=1):
    """Pull dY (N, O, P, Q) back to dX (N, C, H, W), dweight (C, O, K, L), dbias (O,)."""
    return transpose_back(dY, X, weight, bias, stride, padding, output_padding, dilation)
