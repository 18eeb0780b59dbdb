"""Feed-forward block: Y = W_2 relu(W_1 x + b_1) + b_2."""

import numpy as np


def forward(X, W1, b1, W2, b2):
    """Y (T, D) of X (T, D), W1 (M, D), b1 (M,), W2 (D, M), b2 (D,)."""
    return np.maximum(X @ W1.T + b1, 0) @ W2.T + b2


def backward(dY, X, W1, b1, W2, b2):
    """Pull dY (T, D) back to dX (T, D), dW1 (M, D), db1 (M,), dW2 (D, M), db2 (D,)."""
    H = np.maximum(X @ W1.T + b1, 0)
    dA = dY @ W2 * (H > 0)
    return dA @ W1, dA.T @ X, dA.sum(axis=0), dY.T @ H, dY.sum(axis=0)
