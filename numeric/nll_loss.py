"""Negative log likelihood of integer targets: −X[n, y_n], of log probabilities X."""

import numpy as np

from gradcheck.numeric._losses import reduced, reductions, share


def forward(X, y, ignore_index=-100, *, reduction="mean"):
    """L, a number, or each loss: L (N,), of X (N, C) and classes y (N,)."""
    rows, classes = counted(y, ignore_index)
    if reduction != "none":
        return reduced(-X[rows, classes], reduction)
    losses = np.zeros(len(y))
    losses[rows] = -X[rows, classes]
    return losses


def backward(dL, X, y, ignore_index=-100, *, reduction="mean"):
    """Pull dL, a number, or for each loss dL (N,), back to dX (N, C): 0 except at the targets."""
    rows, classes = counted(y, ignore_index)
    dX = np.zeros_like(X)
    dX[rows, classes] = -share(dL[rows] if reduction == "none" else dL, rows, reduction)
    return (dX,)


def forward_weight(X, y, w, ignore_index=-100):
    """L, a number, of X (N, C), classes y (N,) and their weights w (C,)."""
    rows, classes = counted(y, ignore_index)
    return np.average(-X[rows, classes], weights=w[classes])


def backward_weight(dL, X, y, w, ignore_index=-100):
    """Pull dL, a number, back to dX (N, C), dw (C,); the mean divides by the weights it picked."""
    rows, classes = counted(y, ignore_index)
    losses, part = -X[rows, classes], dL / w[classes].sum()
    dX = np.zeros_like(X)
    dX[rows, classes] = -part * w[classes]
    above = losses - np.average(losses, weights=w[classes])
    return dX, np.bincount(classes, part * above, minlength=len(w))


def counted(y, ignore_index):
    """The samples that are not ignored, and their classes."""
    (rows,) = np.nonzero(y != ignore_index)
    return rows, y[rows]


layers = {**reductions(forward, backward), "weight": (forward_weight, backward_weight)}
