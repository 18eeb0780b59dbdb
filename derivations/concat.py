"""Concatenation: Y has the entries of X and then those of Z, along an axis that both have.

`first` is along axis 0, `last` along the last axis. No entry is used twice: each gradient is a part
of dY.

Family: shapes.
Source: PyTorch, torch.cat.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # the axis of X
m, s = axis("M", "m s")  # the same axis of Z
(l,) = axis(size(n) + size(m), "l")  # of both
t, u = axis("T", "t u")  # time
d, k = axis("D", "d k")  # features


def both(X, Z):
    """The sum that picks entry l from X, or from Z where it lies behind the N entries of X."""
    return Sum(X * delta(l - n, 0), n) + Sum(Z * delta(l - m, size(n)), m)


X, Z, Y = tensor("X", n, t, d), tensor("Z", m, t, d), tensor("Y", l, t, d)
first = Layer((X, Z), (define(Y[l, t, d], both(X[n, t, d], Z[m, t, d])),))

X, Z, Y = tensor("X", t, d, n), tensor("Z", t, d, m), tensor("Y", t, d, l)
last = Layer((X, Z), (define(Y[t, d, l], both(X[t, d, n], Z[t, d, m])),))

layers = {"first": first, "last": last}
