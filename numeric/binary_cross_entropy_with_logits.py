"""Binary cross entropy of logits X and targets T, averaged over all entries."""

import numpy as np


def sigmoid(X):
    return 0.5 * (1 + np.tanh(0.5 * X))


def forward_mean(X, T):
    """L, a number, of X (N, C) and T (N, C); logaddexp(0, X) is softplus without overflow."""
    return (np.logaddexp(0, X) - T * X).mean()


def backward_mean(dL, X, T):
    """Pull dL, a number, back to dX (N, C), dT (N, C)."""
    share = dL / X.size
    return share * (sigmoid(X) - T), -share * X


def forward_pos_weight(X, T, p):
    """L, a number, of X (N, C), T (N, C) and p (C,)."""
    return (p * T * np.logaddexp(0, -X) + (1 - T) * np.logaddexp(0, X)).mean()


def backward_pos_weight(dL, X, T, p):
    """Pull dL, a number, back to dX (N, C), dT (N, C), dp (C,)."""
    share = dL / X.size
    positive, negative = np.logaddexp(0, -X), np.logaddexp(0, X)
    dX = share * ((1 - T) * sigmoid(X) - p * T * sigmoid(-X))
    return dX, share * (p * positive - negative), share * (T * positive).sum(axis=0)


layers = {
    "mean": (forward_mean, backward_mean),
    "pos_weight": (forward_pos_weight, backward_pos_weight),
}
