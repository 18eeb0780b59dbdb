"""Multi-label soft margin loss: binary cross entropy of logits X, weighted by class."""

import numpy as np

from gradcheck.numeric._losses import reduced, share
from gradcheck.numeric.activation import sigmoid


def forward(X, T, w, *, reduction="mean"):
    """L, a number, or each loss: L (N,), of X (N, C), T (N, C) and w (C,)."""
    return reduced(((np.logaddexp(0, X) - T * X) * w).mean(axis=1), reduction)


def backward(dL, X, T, w, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, C), dT (N, C), dw (C,)."""
    part = np.reshape(share(dL, X[:, 0], reduction), (-1, 1)) / X.shape[1]
    dX, dT = part * w * (sigmoid(X) - T), -part * w * X
    return dX, dT, (part * (np.logaddexp(0, X) - T * X)).sum(axis=0)
