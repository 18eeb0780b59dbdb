"""Multi-class hinge loss: what other classes lack to a distance of 1 from the target's score.

L = 1/(N C) Σ_n Σ_{c ≠ y_n} max(0, 1 − X[n, y_n] + X[n,c]); at the margin itself the slope is 0.

Family: losses.
Source: PyTorch, torch.nn.MultiMarginLoss; Crammer, Singer, On the algorithmic implementation of
multiclass kernel-based vector machines (2001).
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(c,) = axis("C", "c")  # classes
X, y, L = tensor("X", n, c), tensor("y", n, integer=c), tensor("L")
hinge = (1 - delta(y[n], c)) * relu(1 - X[n, y[n]] + X[n, c])
layer = Layer((X, y), (define(L, Sum(hinge, n, c) / (size(n) * size(c))),))
