"""Stacking: Y[0] is X and Y[1] is Z, along a new first axis.

Family: shapes.
Source: PyTorch, torch.stack.
"""

from gradcheck.derivations.notation import *

(s,) = axis(2, "s")  # which of both
n, r = axis("N", "n r")  # samples
d, k = axis("D", "d k")  # features
X, Z, Y = tensor("X", n, d), tensor("Z", n, d), tensor("Y", s, n, d)

layer = Layer((X, Z), (define(Y[s, n, d], X[n, d] * delta(s, 0) + Z[n, d] * delta(s, 1)),))
