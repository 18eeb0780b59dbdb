"""Dropout with a given mask: Y[n,m] is 0 where mask[n,m] is 0, else X[n,m] / (1 - p).

p is the probability of being dropped. Forward and backward take the same mask. In evaluation Y = X.

Family: dropout.
Source: Srivastava and others, Dropout (2014); PyTorch, torch.nn.Dropout.
"""

from gradcheck.derivations.notation import *

n, s = axis("N", "n s")  # samples
m, j = axis("M", "m j")  # features
(z,) = axis("B", "z")  # values of the mask: 0 for what is dropped
X, Y, mask = tensor("X", n, m), tensor("Y", n, m), tensor("mask", n, m, integer=z)
p = option("p", 0.5, between=(0.1, 0.9))
dX, dY = grad(X), grad(Y)
kept = 1 - delta(mask[n, m], 0)
inner = delta(n, s) * delta(m, j)

by_X = derivation(
    X[s, j],
    chain(
        D(Y[n, m], X[s, j]),
        (kept * D(X[n, m], X[s, j]) / (1 - p), "linearity"),
        (kept * inner / (1 - p), "independent entries"),
    ),
    chain(
        dX[s, j],
        (Sum(dY[n, m] * D(Y[n, m], X[s, j]), n, m), "chain rule"),
        (Sum(dY[n, m] * kept * inner / (1 - p), n, m), "substitution"),
        (dY[s, j] * (1 - delta(mask[s, j], 0)) / (1 - p), "delta contraction"),
    ),
)

layer = Layer(
    inputs=(X, mask),
    forward=(define(Y[n, m], kept * X[n, m] / (1 - p)),),
    derivations=(by_X,),
    options=(p,),
)
