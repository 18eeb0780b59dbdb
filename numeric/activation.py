"""Elementwise activation: Y = h(X)."""

import numpy as np


def forward_relu(X):
    """Y (S, M) of X (S, M)."""
    return np.maximum(X, 0)


def backward_relu(dY, X):
    """Pull dY (S, M) back to dX (S, M); the slope at 0 is taken as 0."""
    return (dY * (X > 0),)


def forward_sigmoid(X):
    """Y (S, M) of X (S, M), without overflow for large negative X."""
    return 0.5 * (1 + np.tanh(0.5 * X))


def backward_sigmoid(dY, X):
    """Pull dY (S, M) back to dX (S, M)."""
    Y = forward_sigmoid(X)
    return (dY * Y * (1 - Y),)


def forward_tanh(X):
    """Y (S, M) of X (S, M)."""
    return np.tanh(X)


def backward_tanh(dY, X):
    """Pull dY (S, M) back to dX (S, M)."""
    return (dY * (1 - np.tanh(X) ** 2),)


layers = {
    "elementwise": (forward_tanh, backward_tanh),  # an instance of a generic h
    "relu": (forward_relu, backward_relu),
    "sigmoid": (forward_sigmoid, backward_sigmoid),
    "tanh": (forward_tanh, backward_tanh),
}
