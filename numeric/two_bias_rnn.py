"""Recurrent layer with two biases: h_t = f(x_t W_ihᵀ + b_ih + h_{t-1} W_hhᵀ + b_hh)."""

import numpy as np

from gradcheck.numeric._recurrent import of_relu, of_tanh, relu, states, through_time


def _forward(x, h0, W_ih, W_hh, b_ih, b_hh, function):
    return states(x, h0, W_ih, W_hh, b_ih + b_hh, function)


def _backward(dh, x, h0, W_ih, W_hh, b_ih, b_hh, function, slope):
    h = _forward(x, h0, W_ih, W_hh, b_ih, b_hh, function)
    *gradients, db = through_time(dh, h, x, h0, W_ih, W_hh, slope)
    return *gradients, db, db.copy()


def forward_tanh(x, h0, W_ih, W_hh, b_ih, b_hh):
    """h (T, N, H) of x (T, N, D), h0 (N, H), W_ih (H, D), W_hh (H, H), b_ih (H,), b_hh (H,)."""
    return _forward(x, h0, W_ih, W_hh, b_ih, b_hh, np.tanh)


def backward_tanh(dh, x, h0, W_ih, W_hh, b_ih, b_hh):
    """Pull dh (T, N, H) back to dx (T, N, D), dh0 (N, H), and to the parameters.

    These are dW_ih (H, D), dW_hh (H, H), db_ih (H,), db_hh (H,).
    """
    return _backward(dh, x, h0, W_ih, W_hh, b_ih, b_hh, np.tanh, of_tanh)


def forward_relu(x, h0, W_ih, W_hh, b_ih, b_hh):
    """h (T, N, H) of x (T, N, D), h0 (N, H), W_ih (H, D), W_hh (H, H), b_ih (H,), b_hh (H,)."""
    return _forward(x, h0, W_ih, W_hh, b_ih, b_hh, relu)


def backward_relu(dh, x, h0, W_ih, W_hh, b_ih, b_hh):
    """Pull dh (T, N, H) back to dx (T, N, D), dh0 (N, H), and to the parameters.

    These are dW_ih (H, D), dW_hh (H, H), db_ih (H,), db_hh (H,).
    """
    return _backward(dh, x, h0, W_ih, W_hh, b_ih, b_hh, relu, of_relu)


def forward_last(x, h0, W_ih, W_hh, b_ih, b_hh):
    """Y (N, H) of x (T, N, D), h0 (N, H), W_ih (H, D), W_hh (H, H), b_ih (H,), b_hh (H,)."""
    return forward_tanh(x, h0, W_ih, W_hh, b_ih, b_hh)[-1].copy()


def backward_last(dY, x, h0, W_ih, W_hh, b_ih, b_hh):
    """Pull dY (N, H) back to dx (T, N, D), dh0 (N, H), and to the parameters.

    These are dW_ih (H, D), dW_hh (H, H), db_ih (H,), db_hh (H,).
    """
    dh = np.concatenate([np.zeros((len(x) - 1, *h0.shape)), dY[None]])
    return backward_tanh(dh, x, h0, W_ih, W_hh, b_ih, b_hh)


layers = {
    "with_tanh": (forward_tanh, backward_tanh),
    "with_relu": (forward_relu, backward_relu),
    "last": (forward_last, backward_last),
}
