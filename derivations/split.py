"""Splitting into two halves, of which Y is one: the other half of X has gradient 0.

Family: shapes.
Source: PyTorch, torch.chunk and torch.split.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # rows of a half
l, i = axis(2 * size(n), "l i")  # rows of the whole
d, k = axis("D", "d k")  # features
X, Y = tensor("X", l, d), tensor("Y", n, d)


def half(start):
    """The rows from `start` on."""
    return Layer((X,), (define(Y[n, d], Sum(X[l, d] * delta(l - n, start), l)),))


layers = {"first": half(0), "second": half(size(n))}
