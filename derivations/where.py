"""Where: X where a condition holds, else Z; the condition has no gradient.

The condition is a whole number, 0 where it does not hold, as in NumPy and PyTorch.

Family: shapes.
Source: PyTorch, torch.where.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
c, k = axis("C", "c k")  # features
(e,) = axis("B", "e")  # values of the condition, from 0
condition = tensor("condition", n, c, integer=e)
X, Z, Y = tensor("X", n, c), tensor("Z", n, c), tensor("Y", n, c)
fails = delta(condition[n, c], 0)

layer = Layer((condition, X, Z), (define(Y[n, c], (1 - fails) * X[n, c] + fails * Z[n, c]),))
