"""Permutation of axes: the transpose of a matrix, and three axes moved around in a circle.

The gradient is permuted back, by the inverse permutation: (1, 2, 0) for (2, 0, 1).

Family: shapes.
Source: PyTorch, torch.transpose and torch.permute.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")
h, y = axis("H", "h y")
w, x = axis("W", "w x")


def permute(*axes):
    """Axes in the order in which the output has them."""
    X, Y = tensor("X", *[i for i in (n, h, w) if i in axes]), tensor("Y", *axes)
    return Layer((X,), (define(Y[axes], X[X.indices]),))


layers = {"transpose": permute(h, n), "permute": permute(w, n, h)}
