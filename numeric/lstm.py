"""LSTM over a sequence: c_t = f_t c_{t-1} + i_t g_t and h_t = o_t tanh(c_t)."""

import numpy as np


def _states(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    """Gates (T, N, 4*H), cells and states (T + 1, N, H) from time 0 on.

    A sigmoid is a tanh at half the scale: σ(a) = ½ tanh(½ a) + ½, so one tanh serves all gates.
    """
    scale = np.repeat([0.5, 0.5, 1.0, 0.5], h0.shape[1])
    gates = (np.tensordot(x, W_ih, axes=(2, 1)) + (b_ih + b_hh)) * scale
    across = np.multiply(W_hh.T, scale, order="C")  # half the time of products with a view
    c, h = (np.concatenate([first[None], np.empty((len(x), *first.shape))]) for first in (c0, h0))
    for t, a in enumerate(gates):
        a += h[t] @ across
        np.tanh(a, out=a)
        a *= scale
        a += 1 - scale
        i, f, g, o = _four(a)
        c[t + 1] = f * c[t] + i * g
        h[t + 1] = o * np.tanh(c[t + 1])
    return gates, c, h


def forward_all(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    """h (T, N, H) of x (T, N, D), h0 (N, H), c0 (N, H), and the parameters.

    These are W_ih (4*H, D), W_hh (4*H, H), b_ih (4*H,), b_hh (4*H,).
    """
    return _states(x, h0, c0, W_ih, W_hh, b_ih, b_hh)[2][1:].copy()


def backward_all(dh, x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    """Pull dh (T, N, H) back to dx (T, N, D), dh0 (N, H), dc0 (N, H), and to the parameters.

    These are dW_ih (4*H, D), dW_hh (4*H, H), db_ih (4*H,), db_hh (4*H,).
    """
    return _backward(dh, np.zeros_like(c0), x, h0, c0, W_ih, W_hh, b_ih, b_hh)


def forward_last(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    """Y (2, N, H), the state and the cell, of x (T, N, D), h0 (N, H), c0 (N, H), and parameters.

    These are W_ih (4*H, D), W_hh (4*H, H), b_ih (4*H,), b_hh (4*H,).
    """
    _, c, h = _states(x, h0, c0, W_ih, W_hh, b_ih, b_hh)
    return np.stack([h[-1], c[-1]])


def backward_last(dY, x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    """Pull dY (2, N, H) back to dx (T, N, D), dh0 (N, H), dc0 (N, H), and to the parameters.

    These are dW_ih (4*H, D), dW_hh (4*H, H), db_ih (4*H,), db_hh (4*H,).
    """
    dh = np.zeros((len(x), *h0.shape))
    dh[-1] = dY[0]
    return _backward(dh, dY[1], x, h0, c0, W_ih, W_hh, b_ih, b_hh)


def _backward(dh, dc_later, x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    da, c, h = _states(x, h0, c0, W_ih, W_hh, b_ih, b_hh)  # gates become their gradients
    of_tanh = np.repeat([0.0, 0.0, 1.0, 0.0], h0.shape[1])
    dh_later = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        i, f, g, o = _four(da[t])
        tanh_c = np.tanh(c[t + 1])
        dh_t = dh[t] + dh_later
        dc = dc_later + dh_t * o * (1 - tanh_c**2)
        dc_later = dc * f
        slope = (1 - da[t]) * (of_tanh + da[t])  # a (1 - a) of σ, (1 - a) (1 + a) of tanh
        da[t] = np.concatenate([dc * g, dc * c[t], dc * i, dh_t * tanh_c], axis=1) * slope
        dh_later = da[t] @ W_hh
    flat = da.reshape(-1, len(W_hh))  # the steps one below the other: one product for all
    dW_ih, dW_hh = (flat.T @ a.reshape(len(flat), -1) for a in (x, h[:-1]))
    db = flat.sum(axis=0)
    return np.tensordot(da, W_ih, axes=1), dh_later, dc_later, dW_ih, dW_hh, db, db.copy()


def _four(a):
    """The gates i, f, g, o of a step, (N, H) each: views."""
    return a.reshape(len(a), 4, -1).swapaxes(0, 1)


layers = {"all": (forward_all, backward_all), "last": (forward_last, backward_last)}
