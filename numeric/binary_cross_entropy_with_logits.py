"""Binary cross entropy of logits X and targets T, averaged over all entries."""

import numpy as np

from gradcheck.numeric._losses import reduced, share
from gradcheck.numeric.activation import sigmoid


def forward(X, T, *, reduction="mean"):
    """L, a number, or each loss: L (N, C), of X (N, C) and T (N, C); without overflow."""
    return reduced(np.logaddexp(0, X) - T * X, reduction)


def backward(dL, X, T, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, C), dT (N, C)."""
    part = share(dL, X, reduction)
    return part * (sigmoid(X) - T), -part * X


def forward_pos_weight(X, T, p, *, reduction="mean"):
    """L, a number, or each loss: L (N, C), of X (N, C), T (N, C) and p (C,)."""
    return reduced(p * T * np.logaddexp(0, -X) + (1 - T) * np.logaddexp(0, X), reduction)


def backward_pos_weight(dL, X, T, p, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, C), dT (N, C), dp (C,)."""
    part = share(dL, X, reduction)
    positive, negative = np.logaddexp(0, -X), np.logaddexp(0, X)
    dX = part * ((1 - T) * sigmoid(X) - p * T * sigmoid(-X))
    return dX, part * (p * positive - negative), (part * T * positive).sum(axis=0)


layers = {"mean": (forward, backward), "pos_weight": (forward_pos_weight, backward_pos_weight)}
