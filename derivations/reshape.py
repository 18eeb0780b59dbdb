"""Reshape: the same entries in the same order, the last axis fastest, in axes of other lengths.

`unflatten` splits an axis into rows of three; `other_sizes` makes W rows of N entries from N rows
of W, which is no transpose: entry number w + W n becomes number p + N q.

Family: shapes.
Source: PyTorch, torch.reshape and torch.unflatten.
"""

from gradcheck.derivations.notation import *

n, p = axis("N", "n p")
w, q = axis("W", "w q")
(k,) = axis(3, "k")
(s,) = axis(3 * size(w), "s")


def unflatten():
    X, Y = tensor("X", n, s), tensor("Y", n, w, k)
    return Layer((X,), (define(Y[n, w, k], X[n, k + 3 * w]),))


def other_sizes():
    X, Y = tensor("X", n, w), tensor("Y", q, p)
    same = delta(w + size(w) * n, p + size(n) * q)
    return Layer((X,), (define(Y[q, p], Sum(X[n, w] * same, n, w)),))


layers = {"unflatten": unflatten(), "other_sizes": other_sizes()}
