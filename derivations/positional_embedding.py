"""Learned positional embedding: Y[n,t,d] = X[n,t,d] + P[t,d], broadcast over the samples.

Family: embedding.
Source: Devlin, Chang, Lee, Toutanova, BERT (2019), section 3; PyTorch, X + P with broadcasting.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(t,) = axis("T", "t")  # positions
(d,) = axis("D", "d")  # features
X, P, Y = tensor("X", n, t, d), tensor("P", t, d), tensor("Y", n, t, d)

layer = Layer((X, P), (define(Y[n, t, d], X[n, t, d] + P[t, d]),))
