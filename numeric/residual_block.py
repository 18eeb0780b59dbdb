"""Residual block: Y = X + tanh(X W)."""

import numpy as np


def forward(X, W):
    """Y (N, D) of X (N, D), W (D, D)."""
    return X + np.tanh(X @ W)


def backward(dY, X, W):
    """Pull dY (N, D) back to dX (N, D), dW (D, D); dX has a part that skips the network."""
    dZ = dY * (1 - np.tanh(X @ W) ** 2)
    return dY + dZ @ W.T, X.T @ dZ
