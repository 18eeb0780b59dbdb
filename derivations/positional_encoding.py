"""Sinusoidal positional encoding: sine and cosine of the position, added to X.

Features 2 i and 2 i + 1 get sin(t / base^(i/H)) and cos(t / base^(i/H)), i = 0 ... H - 1; X (T, H,
2) is X (T, 2 H) with both of them along an axis. What is added has no gradient.

Family: embedding.
Source: Vaswani and others, Attention is all you need (2017), section 3.5.
"""

from gradcheck.derivations.notation import *

t, r = axis("T", "t r")  # positions
h, i = axis("H", "h i")  # frequencies
(p,) = axis(2, "p")  # sine and cosine
X, Y, θ = tensor("X", t, h, p), tensor("Y", t, h, p), tensor("θ", t, h)
base = option("base", 10000.0, between=(2, 100))
waves = delta(p, 0) * sin(θ[t, h]) + delta(p, 1) * cos(θ[t, h])

layer = Layer(
    (X,),
    (
        define(θ[t, h], t * exp(-log(base) * h / size(h))),
        define(Y[t, h, p], X[t, h, p] + waves),
    ),
    options=(base,),
)
