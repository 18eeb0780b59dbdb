"""One step of a recurrent layer: h1 = tanh(x W_hxᵀ + h0 W_hhᵀ + b)."""

import numpy as np


def forward(x, h0, W_hx, W_hh, b):
    """h1 (N, H) of x (N, D), h0 (N, H), W_hx (H, D), W_hh (H, H), b (H,)."""
    return np.tanh(x @ W_hx.T + h0 @ W_hh.T + b)


def backward(dh1, x, h0, W_hx, W_hh, b):
    """Pull dh1 (N, H) back to dx (N, D), dh0 (N, H), dW_hx (H, D), dW_hh (H, H), db (H,)."""
    h1 = forward(x, h0, W_hx, W_hh, b)
    dz = dh1 * (1 - h1**2)
    return dz @ W_hx, dz @ W_hh, dz.T @ x, dz.T @ h0, dz.sum(axis=0)
