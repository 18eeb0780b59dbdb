"""Rotary position embedding."""

import numpy as np


def rotary(axis, shape):
    """The passes for X with both of a pair along an axis."""

    def turned(X, base, sign):
        first, second = np.moveaxis(X, axis, 0)
        T, H = first.shape
        angle = np.arange(T)[:, None] * base ** (-np.arange(H) / H)
        c, s = np.cos(angle), sign * np.sin(angle)
        return np.stack([first * c - second * s, first * s + second * c], axis=axis)

    def forward(X, base=10000.0):
        return turned(X, base, 1)

    def backward(dY, X, base=10000.0):
        return (turned(dY, base, -1),)

    forward.__doc__ = f"Y {shape} of X {shape}."
    backward.__doc__ = f"Pull dY {shape} back to dX {shape}: turned back."
    return forward, backward


layers = {"halves": rotary(1, "(T, 2, H)"), "interleaved": rotary(2, "(T, H, 2)")}
