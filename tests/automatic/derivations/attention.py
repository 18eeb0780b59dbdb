"""Scaled dot-product attention with its scores S and probabilities P named.

Source: Vaswani and others, Attention is all you need (2017), equation 1.
"""

from gradcheck.derivations.notation import *

(t,) = axis("T", "t")  # queries
u, w = axis("L", "u w")  # keys
(d,) = axis("D", "d")  # features of queries and keys
(e,) = axis("E", "e")  # features of values
Q, K, V = tensor("Q", t, d), tensor("K", u, d), tensor("V", u, e)
S, Γ, P, O = tensor("S", t, u), tensor("Γ", t), tensor("P", t, u), tensor("O", t, e)
layer = Layer(
    (Q, K, V),
    (
        define(S[t, u], Sum(Q[t, d] * K[u, d], d) / sqrt(size(d))),
        define(Γ[t], Sum(exp(S[t, w]), w)),
        define(P[t, u], exp(S[t, u]) / Γ[t]),
        define(O[t, e], Sum(P[t, u] * V[u, e], u)),
    ),
)
