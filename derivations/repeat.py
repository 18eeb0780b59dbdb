"""Repetition along the last axis: all entries K times over, or each entry K times in a row.

Each entry collects the gradients of its copies.

Family: shapes.
Source: PyTorch, torch.Tensor.repeat (tile) and torch.repeat_interleave (interleave).
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
t, u = axis("T", "t u")  # time


def repeat(place):
    """Copy k of entry t stands at place(t, k, number of copies)."""
    X, Y = tensor("X", n, t), tensor("Y", n, s)
    return Layer((X,), (define(Y[n, s], Sum(X[n, t] * delta(s, place), t, k)),))


k, l = axis(3, "k l")  # copies
(s,) = axis(3 * size(t), "s")  # time of the output
layers = {"tile": repeat(t + size(t) * k), "interleave": repeat(3 * t + k)}
