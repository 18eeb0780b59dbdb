"""Linear layer for sequences: Y[n,t] = W X[n,t] + b."""

import numpy as np


def forward_bias(X, W, b):
    """Y (N, T, E) of X (N, T, D), W (E, D), b (E,)."""
    return X @ W.T + b


def backward_bias(dY, X, W, b):
    """Pull dY (N, T, E) back to dX (N, T, D), dW (E, D), db (E,): sums over all leading axes."""
    return dY @ W, np.tensordot(dY, X, axes=((0, 1), (0, 1))), dY.sum(axis=(0, 1))


def forward_no_bias(X, W):
    """Y (N, T, E) of X (N, T, D), W (E, D)."""
    return X @ W.T


def backward_no_bias(dY, X, W):
    """Pull dY (N, T, E) back to dX (N, T, D), dW (E, D)."""
    return dY @ W, np.tensordot(dY, X, axes=((0, 1), (0, 1)))


layers = {
    "bias": (forward_bias, backward_bias),
    "no_bias": (forward_no_bias, backward_no_bias),
}
