"""Scaled dot-product attention: O = P V, with P the softmax of the scores."""

import numpy as np


def probabilities(Q, K, is_causal=False):
    """P, (T, L): softmax of the scores, those after a query left out if the mask is causal."""
    S = Q @ K.T / np.sqrt(Q.shape[1])
    if is_causal:
        S = np.where(np.tri(*S.shape).astype(bool), S, -np.inf)
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def through_softmax(dP, P):
    """Pull dP (T, L) back to dS (T, L)."""
    return P * (dP - (dP * P).sum(axis=1, keepdims=True))


def forward_full(Q, K, V):
    """O (T, E) of Q (T, D), K (L, D), V (L, E)."""
    return probabilities(Q, K) @ V


def backward_full(dO, Q, K, V):
    """Pull dO (T, E) back to dQ (T, D), dK (L, D), dV (L, E)."""
    P = probabilities(Q, K)
    dS = through_softmax(dO @ V.T, P) / np.sqrt(Q.shape[1])
    return dS @ K, dS.T @ Q, P.T @ dO


def forward_causal(Q, K, V):
    """O (T, E) of Q (T, D), K (T, D), V (T, E)."""
    return probabilities(Q, K, is_causal=True) @ V


def backward_causal(dO, Q, K, V):
    """Pull dO (T, E) back to dQ (T, D), dK (T, D), dV (T, E)."""
    P = probabilities(Q, K, is_causal=True)
    dS = through_softmax(dO @ V.T, P) / np.sqrt(Q.shape[1])
    return dS @ K, dS.T @ Q, P.T @ dO


layers = {
    "full": (forward_full, backward_full),
    "causal": (forward_causal, backward_causal),
}
