"""Maxout: Y[s,o] is the greatest of K linear functions of X[s], Σ_m X[s,m] W[o,k,m] + b[o,k].

Of equal ones the first one has the whole gradient.

Family: activations.
Source: Goodfellow and others, Maxout networks (2013).
"""

from gradcheck.derivations.notation import *

s, i = axis("S", "s i")  # samples
m, j = axis("M", "m j")  # features
o, p = axis("O", "o p")  # outputs
k, l = axis("K", "k l")  # linear functions for each
X, W, b = tensor("X", s, m), tensor("W", o, k, m), tensor("b", o, k)
Z, Y = tensor("Z", s, o, k), tensor("Y", s, o)
a = tensor("a", s, o, integer=k)  # the place of the greatest

layer = Layer(
    inputs=(X, W, b),
    forward=(
        define(Z[s, o, k], Sum(X[s, m] * W[o, k, m], m) + b[o, k]),
        define(a[s, o], argmax(Z[s, o, k], k)),
        define(Y[s, o], Z[s, o, a[s, o]]),
    ),
)
