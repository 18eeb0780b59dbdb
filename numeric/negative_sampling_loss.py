"""Negative sampling (word2vec): log σ(u·v) of the context and log σ(−u·v) of sampled words."""

import numpy as np

from gradcheck.numeric.activation import sigmoid, softplus


def forward(V, U, center, context, samples):
    """L, a number, of V (W, D), U (W, D), center (N,), context (N,) and samples (N, K)."""
    _, scores = scored(V, U, center, context, samples)
    return softplus(scores).sum() / len(center)


def backward(dL, V, U, center, context, samples):
    """Pull dL, a number, back to dV (W, D), dU (W, D): what occurs twice receives twice."""
    words, scores = scored(V, U, center, context, samples)
    slopes = dL / len(center) * sigmoid(scores)
    slopes[:, 0] *= -1
    dV, dU = np.zeros_like(V), np.zeros_like(U)
    np.add.at(dV, center, np.einsum("nk,nkd->nd", slopes, U[words]))
    np.add.at(dU, words, np.einsum("nk,nd->nkd", slopes, V[center]))
    return dV, dU


def scored(V, U, center, context, samples):
    """The context and the samples as one array of words, and their scores, the first negated."""
    words = np.concatenate([context[:, None], samples], axis=1)
    scores = np.einsum("nkd,nd->nk", U[words], V[center])
    scores[:, 0] *= -1
    return words, scores
