"""Contrastive loss of pairs A, B: small distances of similar pairs, large ones of others.

Of a distance e it is e²/2 of a similar pair, max(0, margin − e)²/2 of another, and the mean of all.
y is 1 for similar pairs and 0 for others. At the margin the slope is 0 from both sides.

Family: losses.
Source: Hadsell, Chopra, LeCun, Dimensionality reduction by learning an invariant mapping (2006),
equation 4 (where y = 0 is the similar pair).
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # pairs
(d,) = axis("D", "d")  # features
(z,) = axis("C", "z")  # values of y: 0 for pairs that are not similar
A, B, y = tensor("A", n, d), tensor("B", n, d), tensor("y", n, integer=z)
e, L = tensor("e", n), tensor("L")
margin = option("margin", 1.0, between=(1, 4))
other = delta(y[n], 0)
terms = Sum((1 - other) * e[n] ** 2 + other * relu(margin - e[n]) ** 2, n)
layer = Layer(
    (A, B, y),
    (
        define(e[n], sqrt(Sum((A[n, d] - B[n, d]) ** 2, d))),
        define(L, terms / (2 * size(n))),
    ),
    options=(margin,),
)
