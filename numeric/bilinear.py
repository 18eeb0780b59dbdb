"""Bilinear layer: z_h = x1ᵀ W_h x2 + b_h, with one matrix W_h for each output."""

import numpy as np


def forward(x1, x2, W, b):
    """z (H,) of x1 (D1,), x2 (D2,), W (H, D1, D2), b (H,)."""
    return np.einsum("i,hij,j->h", x1, W, x2) + b


def backward(dz, x1, x2, W, b):
    """Pull dz (H,) back to dx1 (D1,), dx2 (D2,), dW (H, D1, D2), db (H,)."""
    dx1 = np.einsum("h,hij,j->i", dz, W, x2)
    dx2 = np.einsum("h,hij,i->j", dz, W, x1)
    dW = np.einsum("h,i,j->hij", dz, x1, x2)
    return dx1, dx2, dW, dz.copy()
