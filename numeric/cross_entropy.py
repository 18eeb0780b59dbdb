"""Cross entropy, averaged over samples: of probabilities, and of logits with several options."""

import numpy as np

from gradcheck.numeric._losses import reduced, reductions


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


def forward(X, y, label_smoothing=0.0, ignore_index=-100, *, reduction="mean"):
    """L, a number, or each loss: L (N,), of X (N, C) and classes y (N,)."""
    kept, rows = y != ignore_index, np.arange(len(y))
    X = X - X.max(axis=1, keepdims=True)
    score = (1 - label_smoothing) * X[rows, y * kept] + label_smoothing * X.mean(axis=1)
    losses = kept * (np.log(np.exp(X).sum(axis=1)) - score)
    return losses.sum() / kept.sum() if reduction == "mean" else reduced(losses, reduction)


def backward(dL, X, y, label_smoothing=0.0, ignore_index=-100, *, reduction="mean"):
    """Pull dL, a number, or for each loss dL (N,), back to dX (N, C): probabilities − targets."""
    kept, rows = y != ignore_index, np.arange(len(y))
    dX = np.exp(X - X.max(axis=1, keepdims=True))
    dX /= dX.sum(axis=1, keepdims=True)
    dX -= label_smoothing / X.shape[1]
    dX[rows, y * kept] -= 1 - label_smoothing
    dX *= (kept * (dL / kept.sum() if reduction == "mean" else dL)).reshape(-1, 1)
    return (dX,)


def forward_weight(X, y, w, label_smoothing=0.0, ignore_index=-100):
    """L, a number, of X (N, C), classes y (N,) and their weights w (C,)."""
    hot, Q = targets(X, y, label_smoothing, ignore_index)
    return -(Q * w * log_softmax(X)).sum() / (hot @ w).sum()


def backward_weight(dL, X, y, w, label_smoothing=0.0, ignore_index=-100):
    """Pull dL, a number, back to dX (N, C), dw (C,)."""
    hot, Q = targets(X, y, label_smoothing, ignore_index)
    log_P, total = log_softmax(X), (hot @ w).sum()
    mean = -(Q * w * log_P).sum() / total
    dX = np.exp(log_P) * (Q @ w).reshape(-1, 1) - Q * w
    return dL / total * dX, dL / total * (-Q * log_P - mean * hot).sum(axis=0)


def forward_soft_targets(X, T, label_smoothing=0.0):
    """L, a number, of X (N, C) and T (N, C), the probabilities of the classes."""
    return -(smoothed(T, label_smoothing) * log_softmax(X)).sum() / len(X)


def backward_soft_targets(dL, X, T, label_smoothing=0.0):
    """Pull dL, a number, back to dX (N, C), dT (N, C)."""
    log_P, part, Q = log_softmax(X), dL / len(X), smoothed(T, label_smoothing)
    dX = part * (np.exp(log_P) * Q.sum(axis=1, keepdims=True) - Q)
    return dX, (label_smoothing - 1) * part * log_P


def targets(X, y, label_smoothing, ignore_index):
    """Classes as probabilities, as they are and smoothed; rows that are ignored are 0."""
    kept = y != ignore_index
    hot = np.zeros_like(X)
    hot[kept, y[kept]] = 1
    return hot, smoothed(hot, label_smoothing) * kept.reshape(-1, 1)


def smoothed(T, label_smoothing):
    """Targets of which a share is spread evenly over all classes."""
    return (1 - label_smoothing) * T + label_smoothing / T.shape[1]


def log_softmax(X):
    """The logarithms of the probabilities; the largest entry of a row is subtracted first."""
    X = X - X.max(axis=1, keepdims=True)
    return X - np.log(np.exp(X).sum(axis=1, keepdims=True))


layers = {
    "probabilities": (forward_probabilities, backward_probabilities),
    "logits": (forward_logits, backward_logits),
    **reductions(forward, backward),
    "weight": (forward_weight, backward_weight),
    "soft_targets": (forward_soft_targets, backward_soft_targets),
}
