"""GRU over a sequence: h_t = (1 - z_t) g_t + z_t h_{t-1}."""

import numpy as np


def _sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def _rows(a):
    """The steps one below the other, (T*N, ·): then one product serves all of them."""
    return a.reshape(-1, a.shape[-1])


def _three(a):
    """r, z, g of a step, (N, H) each: views."""
    return a.reshape(len(a), 3, -1).swapaxes(0, 1)


def _states_after(x, h0, W_ih, W_hh, b_ih, b_hh):
    """r, z, g side by side (T, N, 3*H), what r scales, and states (T + 1, N, H) from time 0."""
    H = h0.shape[1]
    gates = np.tensordot(x, W_ih, axes=(2, 1)) + b_ih
    across = W_hh.T.copy()  # products with it take half the time of those with a view
    scaled = np.empty((len(x), *h0.shape))
    h = np.concatenate([h0[None], scaled])
    for t, a in enumerate(gates):
        q = h[t] @ across + b_hh
        a[:, : 2 * H] = _sigmoid(a[:, : 2 * H] + q[:, : 2 * H])
        r, z, g = _three(a)
        scaled[t] = q[:, 2 * H :]
        np.tanh(g + r * scaled[t], out=g)
        h[t + 1] = g + z * (h[t] - g)
    return gates, scaled, h


def forward_after(x, h0, W_ih, W_hh, b_ih, b_hh):
    """h (T, N, H) of x (T, N, D), h0 (N, H), and the parameters.

    These are W_ih (3*H, D), W_hh (3*H, H), b_ih (3*H,), b_hh (3*H,).
    """
    return _states_after(x, h0, W_ih, W_hh, b_ih, b_hh)[2][1:].copy()


def backward_after(dh, x, h0, W_ih, W_hh, b_ih, b_hh):
    """Pull dh (T, N, H) back to dx (T, N, D), dh0 (N, H), and to the parameters.

    These are dW_ih (3*H, D), dW_hh (3*H, H), db_ih (3*H,), db_hh (3*H,).
    """
    gates, scaled, h = _states_after(x, h0, W_ih, W_hh, b_ih, b_hh)
    da, dq = np.empty_like(gates), gates  # the gates of a step are read before they are replaced
    later = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        r, z, g = _three(gates[t])
        dh_t = dh[t] + later
        dg = dh_t * (1 - z) * (1 - g**2)
        dz = dh_t * (h[t] - g) * z * (1 - z)
        dr = dg * scaled[t] * r * (1 - r)
        kept = dh_t * z
        da[t] = np.concatenate([dr, dz, dg], axis=1)
        dq[t] = np.concatenate([dr, dz, dg * r], axis=1)
        later = kept + dq[t] @ W_hh
    dW_ih, dW_hh = _rows(da).T @ _rows(x), _rows(dq).T @ _rows(h[:-1])
    dx = np.tensordot(da, W_ih, axes=1)
    return dx, later, dW_ih, dW_hh, _rows(da).sum(axis=0), _rows(dq).sum(axis=0)


def _states_before(x, h0, W_ih, W_hh, b):
    """r, z, g side by side (T, N, 3*H), and states (T + 1, N, H) from time 0."""
    H = h0.shape[1]
    gates = np.tensordot(x, W_ih, axes=(2, 1)) + b
    gating, new = (part.T.copy() for part in np.split(W_hh, [2 * H]))
    h = np.concatenate([h0[None], np.empty((len(x), *h0.shape))])
    for t, a in enumerate(gates):
        a[:, : 2 * H] = _sigmoid(a[:, : 2 * H] + h[t] @ gating)
        r, z, g = _three(a)
        np.tanh(g + (r * h[t]) @ new, out=g)
        h[t + 1] = g + z * (h[t] - g)
    return gates, h


def forward_before(x, h0, W_ih, W_hh, b):
    """h (T, N, H) of x (T, N, D), h0 (N, H), W_ih (3*H, D), W_hh (3*H, H), b (3*H,)."""
    return _states_before(x, h0, W_ih, W_hh, b)[1][1:].copy()


def backward_before(dh, x, h0, W_ih, W_hh, b):
    """Pull dh (T, N, H) back to dx (T, N, D), dh0 (N, H), and to the parameters.

    These are dW_ih (3*H, D), dW_hh (3*H, H), db (3*H,).
    """
    gates, h = _states_before(x, h0, W_ih, W_hh, b)
    H = h0.shape[1]
    da = np.empty_like(gates)
    later = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        r, z, g = _three(gates[t])
        dh_t = dh[t] + later
        da[t, :, 2 * H :] = dh_t * (1 - z) * (1 - g**2)
        dy = da[t, :, 2 * H :] @ W_hh[2 * H :]  # of r h, which the new state is computed of
        da[t, :, :H] = dy * h[t] * r * (1 - r)
        da[t, :, H : 2 * H] = dh_t * (h[t] - g) * z * (1 - z)
        later = dh_t * z + dy * r + da[t, :, : 2 * H] @ W_hh[: 2 * H]
    of_gates, of_new = np.split(_rows(da), [2 * H], axis=1)
    before = _rows(h[:-1])
    dW_hh = np.concatenate([of_gates.T @ before, of_new.T @ (_rows(gates)[:, :H] * before)])
    dx = np.tensordot(da, W_ih, axes=1)
    return dx, later, _rows(da).T @ _rows(x), dW_hh, _rows(da).sum(axis=0)


layers = {
    "reset_after": (forward_after, backward_after),
    "reset_before": (forward_before, backward_before),
}
