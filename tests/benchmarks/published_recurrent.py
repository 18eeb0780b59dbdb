"""Recurrent layers as courses and from-scratch libraries write them; see published.py."""

import numpy as np
from published import logistic


def rnn(x, h0, W_ih, W_hh, b):
    h, states = h0, [h0]
    for t in range(len(x)):
        h = np.tanh(x[t] @ W_ih.T + h @ W_hh.T + b)
        states.append(h)
    return np.stack(states[1:]), (x, states, W_ih, W_hh)


def rnn_backward(dh, cache):
    x, states, W_ih, W_hh = cache
    dx, later = np.zeros_like(x), np.zeros_like(states[0])
    dW_ih, dW_hh, db = np.zeros_like(W_ih), np.zeros_like(W_hh), np.zeros(len(W_hh))
    for t in reversed(range(len(x))):
        dz = (dh[t] + later) * (1 - states[t + 1] ** 2)
        dx[t], later = dz @ W_ih, dz @ W_hh
        dW_ih += dz.T @ x[t]
        dW_hh += dz.T @ states[t]
        db += dz.sum(axis=0)
    return dx, later, dW_ih, dW_hh, db


def lstm(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, H = h0, c0, h0.shape[1]
    outputs, steps = [], []
    for x_t in x:
        a = x_t @ W_ih.T + b_ih + h @ W_hh.T + b_hh
        i, f, o = logistic(a[:, :H]), logistic(a[:, H : 2 * H]), logistic(a[:, 3 * H :])
        g = np.tanh(a[:, 2 * H : 3 * H])
        later = f * c + i * g
        steps.append((x_t, h, c, i, f, g, o, np.tanh(later)))
        c, h = later, o * np.tanh(later)
        outputs.append(h)
    return np.stack(outputs), (steps, W_ih, W_hh)


def lstm_backward(dh, cache):
    steps, W_ih, W_hh = cache
    dx = np.empty((len(steps), *steps[0][0].shape))
    dh_later, dc = np.zeros_like(steps[0][1]), np.zeros_like(steps[0][2])
    dW_ih, dW_hh, db = np.zeros_like(W_ih), np.zeros_like(W_hh), np.zeros(len(W_hh))
    for t in reversed(range(len(steps))):
        x_t, h, c, i, f, g, o, tanh_c = steps[t]
        dh_t = dh[t] + dh_later
        dc = dc + dh_t * o * (1 - tanh_c**2)
        da = np.hstack([
            dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2),
            dh_t * tanh_c * o * (1 - o),
        ])  # fmt: skip
        dx[t], dh_later, dc = da @ W_ih, da @ W_hh, dc * f
        dW_ih += da.T @ x_t
        dW_hh += da.T @ h
        db += da.sum(axis=0)
    return dx, dh_later, dc, dW_ih, dW_hh, db, db


def gru(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, H = h0, h0.shape[1]
    outputs, steps = [], []
    for x_t in x:
        a, q = x_t @ W_ih.T + b_ih, h @ W_hh.T + b_hh
        r = logistic(a[:, :H] + q[:, :H])
        z = logistic(a[:, H : 2 * H] + q[:, H : 2 * H])
        g = np.tanh(a[:, 2 * H :] + r * q[:, 2 * H :])
        steps.append((x_t, h, r, z, g, q[:, 2 * H :]))
        h = (1 - z) * g + z * h
        outputs.append(h)
    return np.stack(outputs), (steps, W_ih, W_hh)


def gru_backward(dh, cache):
    steps, W_ih, W_hh = cache
    dx = np.empty((len(steps), *steps[0][0].shape))
    later = np.zeros_like(steps[0][1])
    dW_ih, dW_hh = np.zeros_like(W_ih), np.zeros_like(W_hh)
    db_ih, db_hh = np.zeros(len(W_ih)), np.zeros(len(W_hh))
    for t in reversed(range(len(steps))):
        x_t, h, r, z, g, q = steps[t]
        dh_t = dh[t] + later
        dg = dh_t * (1 - z) * (1 - g**2)
        dz = dh_t * (h - g) * z * (1 - z)
        dr = dg * q * r * (1 - r)
        da, dq = np.hstack([dr, dz, dg]), np.hstack([dr, dz, dg * r])
        dx[t], later = da @ W_ih, dq @ W_hh + dh_t * z
        dW_ih += da.T @ x_t
        dW_hh += dq.T @ h
        db_ih += da.sum(axis=0)
        db_hh += dq.sum(axis=0)
    return dx, later, dW_ih, dW_hh, db_ih, db_hh
