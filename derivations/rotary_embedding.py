"""Rotary position embedding: pairs of features are turned by an angle, one for each position.

Both of a pair have an axis of their own: X (T, 2, H) of `halves`, as in GPT-NeoX and Llama, is X
(T, 2 H) with the features i and i + H turned together, and X (T, H, 2) of `interleaved`, as in the
paper, has 2 i and 2 i + 1 together. At position t the angle is θ[t,i] = t / base^(i/H), i = 0 ...
H - 1. The gradient is turned back, by -θ.

Family: embedding.
Source: Su and others, RoFormer (2021), equation 34.
"""

from gradcheck.derivations.notation import *

t, r = axis("T", "t r")  # positions
h, i = axis("H", "h i")  # pairs
(p,) = axis(2, "p")  # first and second of a pair
θ, base = tensor("θ", t, h), option("base", 10000.0, between=(2, 100))


def rotary(*pair):
    """`pair` has the letters p and h in the order of the axes."""
    X, Y = tensor("X", t, *pair), tensor("Y", t, *pair)
    a, b = (X[t, k, h] if pair == (p, h) else X[t, h, k] for k in (0, 1))
    c, s = cos(θ[t, h]), sin(θ[t, h])
    turned = delta(p, 0) * (a * c - b * s) + delta(p, 1) * (a * s + b * c)
    angle = define(θ[t, h], t * exp(-log(base) * h / size(h)))
    return Layer((X,), (angle, define(Y[(t, *pair)], turned)), options=(base,))


layers = {"halves": rotary(p, h), "interleaved": rotary(h, p)}
