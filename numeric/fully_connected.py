"""Fully connected layer with an activation: y = tanh(W x + b)."""

import numpy as np


def forward(x, W, b):
    """y (N,) of x (M,), W (N, M), b (N,)."""
    return np.tanh(W @ x + b)


def backward(dy, x, W, b):
    """Pull dy (N,) back to dx (M,), dW (N, M), db (N,)."""
    y = forward(x, W, b)
    dz = dy * (1 - y**2)
    return W.T @ dz, np.outer(dz, x), dz
