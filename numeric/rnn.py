"""Recurrent layer over a sequence: h_t = tanh(x_t W_hxᵀ + h_{t-1} W_hhᵀ + b)."""

import numpy as np


def forward(x, h0, W_hx, W_hh, b):
    """h (T, N, H) of x (T, N, D), h0 (N, H), W_hx (H, D), W_hh (H, H), b (H,)."""
    h = np.empty((len(x), *h0.shape), dtype=np.result_type(x, h0))
    before = h0
    for t in range(len(x)):
        before = h[t] = np.tanh(x[t] @ W_hx.T + before @ W_hh.T + b)
    return h


def backward(dh, x, h0, W_hx, W_hh, b):
    """Pull dh (T, N, H) back to dx (T, N, D), dh0 (N, H), dW_hx (H, D), dW_hh (H, H), db (H,)."""
    h = forward(x, h0, W_hx, W_hh, b)
    before = np.concatenate([h0[None], h[:-1]])
    dz = np.empty_like(h)
    from_later = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        dz[t] = (dh[t] + from_later) * (1 - h[t] ** 2)
        from_later = dz[t] @ W_hh
    dW_hx = np.einsum("tni,tnj->ij", dz, x)
    dW_hh = np.einsum("tni,tnk->ik", dz, before)
    return dz @ W_hx, from_later, dW_hx, dW_hh, dz.sum(axis=(0, 1))
