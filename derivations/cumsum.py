"""Cumulative sum along the last axis: Y[n,t] is the sum of X[n,0] to X[n,t].

Family: reductions.
Source: PyTorch, torch.cumsum.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
t, u, w = axis("T", "t u w")  # time
X, Y = tensor("X", n, t), tensor("Y", n, t)

layer = Layer((X,), (define(Y[n, t], Sum(X[n, u], (u, 0, t))),))
