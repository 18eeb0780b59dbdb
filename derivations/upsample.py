"""Nearest-neighbour upsampling by 2: every entry is repeated, in one axis and in two.

Family: shapes.
Source: PyTorch, torch.nn.Upsample with scale_factor 2 and mode nearest.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples and channels
h, y = axis("H", "h y")  # rows
w, x = axis("W", "w x")  # columns
(p,), (q,) = axis(2 * size(h), "p"), axis(2 * size(w), "q")  # rows, columns of the output
(k,), (l,) = axis(2, "k"), axis(2, "l")  # places in a block


def one_axis():
    X, Y = tensor("X", n, w), tensor("Y", n, q)
    return Layer((X,), (define(Y[n, q], Sum(X[n, w] * delta(q, 2 * w + l), w, l)),))


def two_axes():
    X, Y = tensor("X", n, h, w), tensor("Y", n, p, q)
    block = delta(p, 2 * h + k) * delta(q, 2 * w + l)
    return Layer((X,), (define(Y[n, p, q], Sum(X[n, h, w] * block, h, w, k, l)),))


layers = {"nearest1d": one_axis(), "nearest2d": two_axes()}
