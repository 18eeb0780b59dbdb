"""Causal attention: a query attends to the keys up to its own time."""

import numpy as np


def probabilities(Q, K):
    """Softmax of the scores at and before each time, (T, T)."""
    E = np.tril(np.exp(Q @ K.T / np.sqrt(Q.shape[1])))
    return E / E.sum(axis=1, keepdims=True)


def forward(Q, K, V):
    """O (T, E) of Q (T, D), K (T, D), V (T, E)."""
    return probabilities(Q, K) @ V


def backward(dO, Q, K, V):
    """Pull dO (T, E) back to dQ (T, D), dK (T, D), dV (T, E)."""
    P = probabilities(Q, K)
    dP = dO @ V.T
    dS = P * (dP - (dP * P).sum(axis=1, keepdims=True)) / np.sqrt(Q.shape[1])
    return dS @ K, dS.T @ Q, P.T @ dO
