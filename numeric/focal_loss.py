"""Focal loss: cross entropy −log p of the probability p of the target, times (1 − p)^gamma."""

import numpy as np

from gradcheck.numeric._losses import reduced, share
from gradcheck.numeric.activation import sigmoid
from gradcheck.numeric.cross_entropy import log_softmax


def forward_binary(X, T, alpha=0.25, gamma=2.0, *, reduction="mean"):
    """L, a number, or each loss: L (N, C), of X (N, C) and T (N, C)."""
    P = sigmoid(X)
    missing = P * (1 - T) + (1 - P) * T
    weight = alpha * T + (1 - alpha) * (1 - T)
    return reduced(weight * missing**gamma * (np.logaddexp(0, X) - T * X), reduction)


def backward_binary(dL, X, T, alpha=0.25, gamma=2.0, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, C), dT (N, C): the factor has a derivative of its own."""
    P, entropy = sigmoid(X), np.logaddexp(0, X) - T * X
    missing = P * (1 - T) + (1 - P) * T
    weight = share(dL, X, reduction) * (alpha * T + (1 - alpha) * (1 - T))
    factor, steepness = missing**gamma, gamma * missing ** (gamma - 1) * entropy
    dX = weight * (steepness * (1 - 2 * T) * P * (1 - P) + factor * (P - T))
    dT = weight * (steepness * (1 - 2 * P) - factor * X)
    return dX, dT + share(dL, X, reduction) * (2 * alpha - 1) * factor * entropy


def forward_classes(X, y, gamma=2.0, *, reduction="mean"):
    """L, a number, or each loss: L (N,), of X (N, C) and classes y (N,)."""
    log_p = log_softmax(X)[np.arange(len(y)), y]
    return reduced(-((-np.expm1(log_p)) ** gamma) * log_p, reduction)


def backward_classes(dL, X, y, gamma=2.0, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, C): by log p of the target, and its by softmax."""
    rows, log_P = np.arange(len(y)), log_softmax(X)
    log_p = log_P[rows, y]
    missing = -np.expm1(log_p)
    slope = gamma * missing ** (gamma - 1) * np.exp(log_p) * log_p - missing**gamma
    slope = (share(dL, y, reduction) * slope).reshape(-1, 1)
    dX = -slope * np.exp(log_P)
    dX[rows, y] += slope.ravel()
    return (dX,)


layers = {
    "binary": (forward_binary, backward_binary),
    "classes": (forward_classes, backward_classes),
}
