"""Upsampling by 2, in one axis and in two: nearest neighbours, and linear interpolation.

The nearest ones repeat every entry. The linear ones place two entries a quarter to the left and to
the right of the middle of each, which have 3/4 of it and 1/4 of the neighbour on that side; at the
ends, where there is none, 1/4 of the entry itself. The gradient is spread by the same weights,
transposed.

Family: shapes.
Source: PyTorch, torch.nn.Upsample with scale_factor 2 and align_corners=False.
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


def weight(w, q):
    """The weight of entry w in entry q of the output."""
    last = size(w) - 1
    near = delta(q, 2 * w) + delta(q, 2 * w + 1)
    far = delta(q, 2 * w + 2) + delta(q, 2 * w - 1)
    at_the_ends = delta(w, 0) * delta(q, 0) + delta(w, last) * delta(q, 2 * last + 1)
    return 3 * near / 4 + far / 4 + at_the_ends / 4


def linear():
    X, Y = tensor("X", n, w), tensor("Y", n, q)
    return Layer((X,), (define(Y[n, q], Sum(X[n, w] * weight(w, q), w)),))


def bilinear():
    """One axis after the other."""
    X, A, Y = tensor("X", n, h, w), tensor("A", n, h, q), tensor("Y", n, p, q)
    columns = define(A[n, h, q], Sum(X[n, h, w] * weight(w, q), w))
    return Layer((X,), (columns, define(Y[n, p, q], Sum(A[n, h, q] * weight(h, p), h))))


layers = {
    "nearest1d": one_axis(),
    "nearest2d": two_axes(),
    "linear1d": linear(),
    "bilinear2d": bilinear(),
}
