"""Reversal of the last axis, and its rotation by one place.

Family: shapes.
Source: PyTorch, torch.flip and torch.roll.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
t, u = axis("T", "t u")  # time
X, Y = tensor("X", n, t), tensor("Y", n, t)
flipped = X[n, size(t) - 1 - t]
moved = Sum(X[n, u] * (delta(t, u + 1) + delta(t, 0) * delta(u, size(t) - 1)), u)

layers = {
    "flip": Layer((X,), (define(Y[n, t], flipped),)),
    "roll": Layer((X,), (define(Y[n, t], moved),)),
}
