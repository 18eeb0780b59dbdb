"""Padding of the last axis by one entry before and two after: with zeros, or with the end values.

Family: shapes.
Source: PyTorch, torch.nn.functional.pad with mode constant and mode replicate.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
t, u = axis("T", "t u")  # time
(s,) = axis(size(t) + 3, "s")  # time with padding
X, Y = tensor("X", n, t), tensor("Y", n, s)
inside = Sum(X[n, t] * delta(s - t, 1), t)
last = size(t) - 1
before = X[n, 0] * delta(s, 0)
after = X[n, last] * (delta(s, size(t) + 1) + delta(s, size(t) + 2))

layers = {
    "constant": Layer((X,), (define(Y[n, s], inside),)),
    "replicate": Layer((X,), (define(Y[n, s], inside + before + after),)),
}
