"""Bidirectional RNN: a layer that runs forward in time beside one that runs backward."""

import numpy as np

from gradcheck.numeric._recurrent import states, through_time


def forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    """Y (T, N, 2*H) of x (T, N, D), h0 (2, N, H), and the parameters, for either direction.

    These are W_ih (2, H, D), W_hh (2, H, H), b_ih (2, H), b_hh (2, H).
    """
    b = b_ih + b_hh
    there = states(x, h0[0], W_ih[0], W_hh[0], b[0])
    back = states(x[::-1], h0[1], W_ih[1], W_hh[1], b[1])[::-1]
    return np.concatenate([there, back], axis=2)


def backward(dY, x, h0, W_ih, W_hh, b_ih, b_hh):
    """Pull dY (T, N, 2*H) back to dx (T, N, D), dh0 (2, N, H), and to the parameters.

    These are dW_ih (2, H, D), dW_hh (2, H, H), db_ih (2, H), db_hh (2, H).
    """
    Y = forward(x, h0, W_ih, W_hh, b_ih, b_hh)
    found = []
    for d, order in enumerate((slice(None), slice(None, None, -1))):  # of time, in each direction
        dh, h = (np.split(a, 2, axis=2)[d][order] for a in (dY, Y))
        found.append(through_time(dh, h, x[order], h0[d], W_ih[d], W_hh[d]))
    (dx, *one), (dx_reversed, *other) = found
    dh0, dW_ih, dW_hh, db = (np.stack(pair) for pair in zip(one, other, strict=True))
    return dx + dx_reversed[::-1], dh0, dW_ih, dW_hh, db, db.copy()
