"""One step of a GRU: h1 = (1 - z) g + z h0, with gates r and z and the new state g of x and h0."""

import numpy as np


def _sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def _gates(x, h0, W_ih, W_hh, b_ih, b_hh):
    """r, z, g and the part q of h0 that r scales, each (N, H)."""
    a = np.einsum("emj,nj->enm", W_ih, x) + b_ih[:, None]
    q = np.einsum("emk,nk->enm", W_hh, h0) + b_hh[:, None]
    r, z = _sigmoid(a[:2] + q[:2])
    return r, z, np.tanh(a[2] + r * q[2]), q[2]


def forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    """h1 (N, H) of x (N, D), h0 (N, H), and the parameters.

    These are W_ih (3, H, D), W_hh (3, H, H), b_ih (3, H), b_hh (3, H).
    """
    _, z, g, _ = _gates(x, h0, W_ih, W_hh, b_ih, b_hh)
    return (1 - z) * g + z * h0


def backward(dh1, x, h0, W_ih, W_hh, b_ih, b_hh):
    """Pull dh1 (N, H) back to dx (N, D), dh0 (N, H), and to the parameters.

    These are dW_ih (3, H, D), dW_hh (3, H, H), db_ih (3, H), db_hh (3, H).
    """
    r, z, g, q = _gates(x, h0, W_ih, W_hh, b_ih, b_hh)
    dg = dh1 * (1 - z) * (1 - g**2)
    dr = dg * q * r * (1 - r)
    dz = dh1 * (h0 - g) * z * (1 - z)
    da, dq = np.stack([dr, dz, dg]), np.stack([dr, dz, dg * r])
    dx = np.einsum("enm,emj->nj", da, W_ih)
    dh0 = dh1 * z + np.einsum("enm,emk->nk", dq, W_hh)
    dW_ih = np.einsum("enm,nj->emj", da, x)
    dW_hh = np.einsum("enm,nk->emk", dq, h0)
    return dx, dh0, dW_ih, dW_hh, da.sum(axis=1), dq.sum(axis=1)
