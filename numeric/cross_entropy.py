"""Cross entropy, averaged over samples: of probabilities, and of logits with several options."""

import numpy as np

SMOOTHING = 0.1  # as in Attention is all you need (2017), 5.4


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


def forward_sum(X, y):
    """L, a number, of X (N, C) and classes y (N,)."""
    return -log_softmax(X)[np.arange(len(y)), y].sum()


def backward_sum(dL, X, y):
    """Pull dL, a number, back to dX (N, C): the probabilities minus one at the target."""
    return (dL * (np.exp(log_softmax(X)) - one_hot(X, y)),)


def forward_weight(X, y, w):
    """L, a number, of X (N, C), classes y (N,) and their weights w (C,)."""
    return np.average(-log_softmax(X)[np.arange(len(y)), y], weights=w[y])


def backward_weight(dL, X, y, w):
    """Pull dL, a number, back to dX (N, C), dw (C,)."""
    targets, log_P = one_hot(X, y), log_softmax(X)
    picked = (targets @ w).reshape(-1, 1)
    mean = (targets * log_P @ w).sum() / picked.sum()
    dX = dL / picked.sum() * picked * (np.exp(log_P) - targets)
    return dX, dL / picked.sum() * (targets * (mean - log_P)).sum(axis=0)


def forward_label_smoothing(X, y):
    """L, a number, of X (N, C), classes y (N,), which are smoothed by a tenth."""
    return forward_soft_targets(X, smoothed(X, y))


def backward_label_smoothing(dL, X, y):
    """Pull dL, a number, back to dX (N, C): the probabilities minus smoothed targets, over N."""
    return (dL / len(X) * (np.exp(log_softmax(X)) - smoothed(X, y)),)


def forward_soft_targets(X, T):
    """L, a number, of X (N, C) and T (N, C), the probabilities of the classes."""
    return -(T * log_softmax(X)).sum() / len(X)


def backward_soft_targets(dL, X, T):
    """Pull dL, a number, back to dX (N, C), dT (N, C)."""
    log_P, share = log_softmax(X), dL / len(X)
    return share * (np.exp(log_P) * T.sum(axis=1, keepdims=True) - T), -share * log_P


def smoothed(X, y):
    """Integer targets as probabilities, of which the share SMOOTHING is spread evenly."""
    return (1 - SMOOTHING) * one_hot(X, y) + SMOOTHING / X.shape[1]


def log_softmax(X):
    """The logarithms of the probabilities; the largest entry of a row is subtracted first."""
    X = X - X.max(axis=1, keepdims=True)
    return X - np.log(np.exp(X).sum(axis=1, keepdims=True))


def one_hot(X, y):
    """Integer targets as probabilities of the classes, one row for each sample."""
    T = np.zeros_like(X)
    T[np.arange(len(y)), y] = 1
    return T


layers = {
    "probabilities": (forward_probabilities, backward_probabilities),
    "logits": (forward_logits, backward_logits),
    "sum": (forward_sum, backward_sum),
    "weight": (forward_weight, backward_weight),
    "label_smoothing": (forward_label_smoothing, backward_label_smoothing),
    "soft_targets": (forward_soft_targets, backward_soft_targets),
}
