"""Flatten: a row for each sample, the last axis fastest: Y[n, w + W h] = X[n,h,w].

Family: shapes.
Source: PyTorch, torch.nn.Flatten.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
h, y = axis("H", "h y")  # rows
w, x = axis("W", "w x")  # columns
(s,) = axis(size(h) * size(w), "s")  # rows and columns
X, Y = tensor("X", n, h, w), tensor("Y", n, s)

layer = Layer((X,), (define(Y[n, s], Sum(X[n, h, w] * delta(s, w + size(w) * h), h, w)),))
