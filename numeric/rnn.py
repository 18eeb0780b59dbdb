"""Recurrent layer over a sequence: h_t = tanh(x_t W_hxᵀ + h_{t-1} W_hhᵀ + b)."""

from gradcheck.numeric._recurrent import states, through_time


def forward(x, h0, W_hx, W_hh, b):
    """h (T, N, H) of x (T, N, D), h0 (N, H), W_hx (H, D), W_hh (H, H), b (H,)."""
    return states(x, h0, W_hx, W_hh, b)


def backward(dh, x, h0, W_hx, W_hh, b):
    """Pull dh (T, N, H) back to dx (T, N, D), dh0 (N, H), dW_hx (H, D), dW_hh (H, H), db (H,)."""
    return through_time(dh, states(x, h0, W_hx, W_hh, b), x, h0, W_hx, W_hh)
