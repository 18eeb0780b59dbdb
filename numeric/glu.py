"""Gated linear units."""

import numpy as np

from gradcheck.numeric.activation import normal


def forward_glu(X):
    """Y (N, D) of X (N, 2*D)."""
    A, B = np.split(X, 2, axis=1)
    return A * sigmoid(B)


def backward_glu(dY, X):
    """Pull dY (N, D) back to dX (N, 2*D): a half each."""
    A, B = np.split(X, 2, axis=1)
    gate = sigmoid(B)
    return (np.concatenate([dY * gate, dY * A * gate * (1 - gate)], axis=1),)


def block(f):
    """The passes of Y = W_2 (f(W_1 x) ⊙ W_3 x); f returns its value and its derivative."""

    def forward(X, W1, W3, W2):
        """Y (N, D) of X (N, D), W1 (M, D), W3 (M, D), W2 (D, M)."""
        return (f(X @ W1.T)[0] * (X @ W3.T)) @ W2.T

    def backward(dY, X, W1, W3, W2):
        """Pull dY (N, D) back to dX (N, D), dW1 (M, D), dW3 (M, D), dW2 (D, M)."""
        (gate, slope), B = f(X @ W1.T), X @ W3.T
        dH = dY @ W2
        dA, dB = dH * B * slope, dH * gate
        return dA @ W1 + dB @ W3, dA.T @ X, dB.T @ X, dY.T @ (gate * B)

    return forward, backward


def sigmoid(X):
    """Without overflow."""
    E = np.exp(-np.abs(X))
    return np.where(X >= 0, 1, E) / (1 + E)


def silu(X):
    gate = sigmoid(X)
    return X * gate, gate * (1 + X * (1 - gate))


def gelu(X):
    below = normal(X)
    return X * below, below + X * np.exp(-(X**2) / 2) / np.sqrt(2 * np.pi)


layers = {
    "glu": (forward_glu, backward_glu),
    "swiglu": block(silu),
    "geglu": block(gelu),
}
