"""Kullback-Leibler divergence Σ T (log T − X) of targets T from log probabilities X, per sample."""

import numpy as np


def forward_batchmean(X, T):
    """L, a number, of X (N, C) and T (N, C)."""
    return (T * (np.log(T) - X)).sum() / len(X)


def backward_batchmean(dL, X, T):
    """Pull dL, a number, back to dX (N, C), dT (N, C)."""
    share = dL / len(X)
    return -share * T, share * (np.log(T) - X + 1)


def forward_mean(X, T):
    """L, a number, of X (N, C) and T (N, C)."""
    return (T * (np.log(T) - X)).mean()


def backward_mean(dL, X, T):
    """Pull dL, a number, back to dX (N, C), dT (N, C)."""
    return backward_batchmean(dL / X.shape[1], X, T)


def forward_log_target(X, U):
    """L, a number, of X (N, C) and U (N, C), the logarithms of the targets."""
    return (np.exp(U) * (U - X)).sum() / len(X)


def backward_log_target(dL, X, U):
    """Pull dL, a number, back to dX (N, C), dU (N, C)."""
    weight = dL / len(X) * np.exp(U)
    return -weight, weight * (U - X + 1)


layers = {
    "batchmean": (forward_batchmean, backward_batchmean),
    "mean": (forward_mean, backward_mean),
    "log_target": (forward_log_target, backward_log_target),
}
