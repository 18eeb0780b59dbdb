"""Scaled dot-product attention."""

import numpy as np


def probabilities(Q, K):
    """Softmax of the scores, (T, L)."""
    E = np.exp(Q @ K.T / np.sqrt(Q.shape[1]))
    return E / E.sum(axis=1, keepdims=True)


def forward(Q, K, V):
    """O (T, E) of Q (T, D), K (L, D), V (L, E)."""
    return probabilities(Q, K) @ V


def backward(dO, Q, K, V):
    """Pull dO (T, E) back to dQ (T, D), dK (L, D), dV (L, E)."""
    P = probabilities(Q, K)
    dP = dO @ V.T
    dS = P * (dP - (dP * P).sum(axis=1, keepdims=True)) / np.sqrt(Q.shape[1])
    return dS @ K, dS.T @ Q, P.T @ dO
