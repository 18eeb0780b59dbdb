"""Negative sampling (word2vec): log σ(u·v) of the context, log σ(−u·v) of sampled words.

The loss is minus their sum, averaged over positions.
V has a vector v of each word in the centre and U a vector u of each word around it. Words occur
several times, among the samples too: what they receive adds up.

Family: losses.
Source: Mikolov and others, Distributed representations of words and phrases and their
compositionality (2013), equation 4.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # positions in the text
(k,) = axis("K", "k")  # sampled words of each
(w,) = axis("W", "w")  # words
d, e = axis("D", "d e")  # features
V, U, L = tensor("V", w, d), tensor("U", w, d), tensor("L")
center, context = tensor("center", n, integer=w), tensor("context", n, integer=w)
samples = tensor("samples", n, k, integer=w)
near, far = tensor("near", n), tensor("far", n, k)
terms = Sum(softplus(-near[n]), n) + Sum(softplus(far[n, k]), n, k)
layer = Layer(
    (V, U, center, context, samples),
    (
        define(near[n], Sum(U[context[n], d] * V[center[n], d], d)),
        define(far[n, k], Sum(U[samples[n, k], d] * V[center[n], d], d)),
        define(L, terms / size(n)),
    ),
)
