"""Cross entropy of integer targets, averaged over samples: of probabilities, and of logits."""

import numpy as np


def forward_probabilities(P, y):
    """L, a number, of P (N, C) and classes y (N,)."""
    return -np.log(P[np.arange(len(y)), y]).mean()


def backward_probabilities(dL, P, y):
    """Pull dL, a number, back to dP (N, C), which is zero except at the targets."""
    rows = np.arange(len(y))
    dP = np.zeros_like(P)
    dP[rows, y] = -dL / (len(y) * P[rows, y])
    return (dP,)


def forward_logits(X, y):
    """L, a number, of X (N, C) and classes y (N,); log softmax is computed without overflow."""
    X = X - X.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(X).sum(axis=1))
    return (log_sum - X[np.arange(len(y)), y]).mean()


def backward_logits(dL, X, y):
    """Pull dL, a number, back to dX (N, C): the probabilities minus one at the target, over N."""
    E = np.exp(X - X.max(axis=1, keepdims=True))
    dX = E / E.sum(axis=1, keepdims=True)
    dX[np.arange(len(y)), y] -= 1
    return (dX * dL / len(y),)


layers = {
    "probabilities": (forward_probabilities, backward_probabilities),
    "logits": (forward_logits, backward_logits),
}
