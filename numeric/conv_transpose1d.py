"""Transposed convolution along one axis: one matrix product, whose columns are added up in Y."""

from gradcheck.numeric._convolution import transpose, transpose_back


def forward(X, weight, bias, stride=1, padding=0, output_padding=0, dilation=1):
    """Y (N, O, T) of X (N, C, L), weight (C, O, K), bias (O,)."""
    return transpose(X, weight, bias, stride, padding, output_padding, dilation)


def backward(dY, X, weight, bias, stride=1, padding=0, output_padding=0, dilation=1):
    """Pull dY (N, O, T) back to dX (N, C, L), dweight (C, O, K), dbias (O,)."""
    return transpose_back(dY, X, weight, bias, stride, padding, output_padding, dilation)
