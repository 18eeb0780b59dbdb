"""Causal attention in one line: a query attends to the keys up to its own time.

Source: Vaswani and others, Attention is all you need (2017), section 3.2.3.
"""

from gradcheck.derivations.notation import *

t, u, w = axis("T", "t u w")  # time
(d,) = axis("D", "d")  # features of queries and keys
(e,) = axis("E", "e")  # features of values
Q, K, V, O = tensor("Q", t, d), tensor("K", t, d), tensor("V", t, e), tensor("O", t, e)


def weight(u):
    """How much a query attends to one key, before it is normalised."""
    return exp(Sum(Q[t, d] * K[u, d], d) / sqrt(size(d)))


attended = Sum(weight(u) * V[u, e], (u, 0, t)) / Sum(weight(w), (w, 0, t))
layer = Layer((Q, K, V), (define(O[t, e], attended),))
