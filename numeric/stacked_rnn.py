"""Two recurrent layers, one on the other."""

import numpy as np

from gradcheck.numeric._recurrent import states, through_time


def forward(x, h0, W_ih_l0, W_hh_l0, b_ih_l0, b_hh_l0, W_ih_l1, W_hh_l1, b_ih_l1, b_hh_l1):
    """h (T, N, H) of x (T, N, D), h0 (2, N, H), and the parameters of both layers.

    These are W_ih_l0 (H, D), W_hh_l0 (H, H), b_ih_l0 (H,), b_hh_l0 (H,),
    and W_ih_l1 (H, H), W_hh_l1 (H, H), b_ih_l1 (H,), b_hh_l1 (H,).
    """
    g = states(x, h0[0], W_ih_l0, W_hh_l0, b_ih_l0 + b_hh_l0)
    return states(g, h0[1], W_ih_l1, W_hh_l1, b_ih_l1 + b_hh_l1)


def backward(dh, x, h0, W_ih_l0, W_hh_l0, b_ih_l0, b_hh_l0, W_ih_l1, W_hh_l1, b_ih_l1, b_hh_l1):
    """Pull dh (T, N, H) back to dx (T, N, D), dh0 (2, N, H), and to the parameters of both layers.

    These are dW_ih_l0 (H, D), dW_hh_l0 (H, H), db_ih_l0 (H,), db_hh_l0 (H,),
    and dW_ih_l1 (H, H), dW_hh_l1 (H, H), db_ih_l1 (H,), db_hh_l1 (H,).
    """
    g = states(x, h0[0], W_ih_l0, W_hh_l0, b_ih_l0 + b_hh_l0)
    h = states(g, h0[1], W_ih_l1, W_hh_l1, b_ih_l1 + b_hh_l1)
    dg, dh0_l1, *of_l1, db_l1 = through_time(dh, h, g, h0[1], W_ih_l1, W_hh_l1)
    dx, dh0_l0, *of_l0, db_l0 = through_time(dg, g, x, h0[0], W_ih_l0, W_hh_l0)
    dh0 = np.stack([dh0_l0, dh0_l1])
    return dx, dh0, *of_l0, db_l0, db_l0.copy(), *of_l1, db_l1, db_l1.copy()
