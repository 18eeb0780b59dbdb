"""Multi-class hinge loss: what other classes lack to a margin below the target's score.

L = 1/(N C) Σ_n Σ_{c ≠ y_n} max(0, margin − X[n, y_n] + X[n,c])^p; `p1` is the hinge itself, `p2`
its square. At the margin itself the slope is 0.

Family: losses.
Source: PyTorch, torch.nn.MultiMarginLoss; Crammer, Singer, On the algorithmic implementation of
multiclass kernel-based vector machines (2001).
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(c,) = axis("C", "c")  # classes
X, y, L = tensor("X", n, c), tensor("y", n, integer=c), tensor("L")
margin = option("margin", 1.0, between=(0.5, 1.5))


def loss(p):
    """The mean over all entries of hinges to the power of p."""
    hinge = relu(margin - X[n, y[n]] + X[n, c])
    power = hinge if p == 1 else hinge**p
    total = Sum((1 - delta(y[n], c)) * power, n, c)
    return Layer((X, y), (define(L, total / (size(n) * size(c))),), options=(margin,))


layers = {"p1": loss(1), "p2": loss(2)}
