"""A residual layer of a transformer with a feed-forward network, and its normalisation."""

import numpy as np

from gradcheck.numeric.glu import gelu


def forward_pre_norm(X, W1, W2, weight, bias, eps=1e-5):
    """Y (T, D) of X (T, D), W1 (M, D), W2 (D, M), weight (D,), bias (D,)."""
    return X + network(norm(X, weight, bias, eps), W1, W2)


def backward_pre_norm(dY, X, W1, W2, weight, bias, eps=1e-5):
    """Pull dY (T, D) back to dX (T, D), dW1 (M, D), dW2 (D, M), dweight (D,), dbias (D,)."""
    dZ, dW1, dW2 = through_network(dY, norm(X, weight, bias, eps), W1, W2)
    dX, dweight, dbias = through_norm(dZ, X, weight, eps)
    return dY + dX, dW1, dW2, dweight, dbias


def forward_post_norm(X, W1, W2, weight, bias, eps=1e-5):
    """Y (T, D) of X (T, D), W1 (M, D), W2 (D, M), weight (D,), bias (D,)."""
    return norm(X + network(X, W1, W2), weight, bias, eps)


def backward_post_norm(dY, X, W1, W2, weight, bias, eps=1e-5):
    """Pull dY (T, D) back to dX (T, D), dW1 (M, D), dW2 (D, M), dweight (D,), dbias (D,)."""
    dU, dweight, dbias = through_norm(dY, X + network(X, W1, W2), weight, eps)
    dX, dW1, dW2 = through_network(dU, X, W1, W2)
    return dU + dX, dW1, dW2, dweight, dbias


def network(X, W1, W2):
    return gelu(X @ W1.T)[0] @ W2.T


def through_network(dF, X, W1, W2):
    """Pull dF (T, D) back to dX (T, D), dW1 (M, D), dW2 (D, M)."""
    H, slope = gelu(X @ W1.T)
    dA = dF @ W2 * slope
    return dA @ W1, dA.T @ X, dF.T @ H


def norm(X, weight, bias, eps):
    return weight * scores(X, eps)[0] + bias


def through_norm(dZ, X, weight, eps):
    """Pull dZ (T, D) back to dX (T, D), dweight (D,), dbias (D,)."""
    Z, scale = scores(X, eps)
    dX = dZ * weight
    dX -= dX.mean(axis=1, keepdims=True) + Z * (dX * Z).mean(axis=1, keepdims=True)
    return dX / scale, (dZ * Z).sum(axis=0), dZ.sum(axis=0)


def scores(X, eps):
    """Standard scores of each row, and the standard deviations by which it was divided."""
    scale = np.sqrt(X.var(axis=1, keepdims=True) + eps)
    return (X - X.mean(axis=1, keepdims=True)) / scale, scale


layers = {
    "pre_norm": (forward_pre_norm, backward_pre_norm),
    "post_norm": (forward_post_norm, backward_post_norm),
}
