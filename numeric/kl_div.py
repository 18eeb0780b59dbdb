"""Kullback-Leibler divergence Σ T (log T − X) of targets T from log probabilities X, per sample."""

import numpy as np

from gradcheck.numeric._losses import members, reduced, share


def forward(X, T, *, reduction="mean"):
    """L, a number, or each term: L (N, C), of X (N, C) and T (N, C); 0 log 0 is 0."""
    log_T = np.log(np.where(T > 0, T, 1))
    return over_batch(T * (log_T - X), reduction)


def backward(dL, X, T, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, C), dT (N, C)."""
    part = batch_share(dL, X, reduction)
    return -part * T, part * (np.log(T) - X + 1)


def forward_log_target(X, U, *, reduction="batchmean"):
    """L, a number, or each term: L (N, C), of X (N, C) and U (N, C), the logarithms of targets."""
    return over_batch(np.exp(U) * (U - X), reduction)


def backward_log_target(dL, X, U, *, reduction="batchmean"):
    """Pull dL, a number, back to dX (N, C), dU (N, C)."""
    weight = batch_share(dL, X, reduction) * np.exp(U)
    return -weight, weight * (U - X + 1)


def over_batch(terms, reduction):
    """The terms reduced; `batchmean` is their sum over the number of samples."""
    return terms.sum() / len(terms) if reduction == "batchmean" else reduced(terms, reduction)


def batch_share(dL, terms, reduction):
    """What reaches each term of what is pulled back."""
    return dL / len(terms) if reduction == "batchmean" else share(dL, terms, reduction)


layers = {
    **members(forward, backward, reduction={"batchmean": "batchmean", "mean": "mean"}),
    "log_target": (forward_log_target, backward_log_target),
}
