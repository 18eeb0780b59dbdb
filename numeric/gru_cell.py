"""One step of a GRU: h1 = (1 - z) g + z h0, which is a sequence of one."""

from gradcheck.numeric import gru


def forward_after(x, h0, W_ih, W_hh, b_ih, b_hh):
    """h1 (N, H) of x (N, D), h0 (N, H), and the parameters.

    These are W_ih (3*H, D), W_hh (3*H, H), b_ih (3*H,), b_hh (3*H,).
    """
    return gru.forward_after(x[None], h0, W_ih, W_hh, b_ih, b_hh)[0]


def backward_after(dh1, x, h0, W_ih, W_hh, b_ih, b_hh):
    """Pull dh1 (N, H) back to dx (N, D), dh0 (N, H), and to the parameters.

    These are dW_ih (3*H, D), dW_hh (3*H, H), db_ih (3*H,), db_hh (3*H,).
    """
    dx, *others = gru.backward_after(dh1[None], x[None], h0, W_ih, W_hh, b_ih, b_hh)
    return dx[0], *others


def forward_before(x, h0, W_ih, W_hh, b):
    """h1 (N, H) of x (N, D), h0 (N, H), W_ih (3*H, D), W_hh (3*H, H), b (3*H,)."""
    return gru.forward_before(x[None], h0, W_ih, W_hh, b)[0]


def backward_before(dh1, x, h0, W_ih, W_hh, b):
    """Pull dh1 (N, H) back to dx (N, D), dh0 (N, H), dW_ih (3*H, D), dW_hh (3*H, H), db (3*H,)."""
    dx, *others = gru.backward_before(dh1[None], x[None], h0, W_ih, W_hh, b)
    return dx[0], *others


layers = {
    "reset_after": (forward_after, backward_after),
    "reset_before": (forward_before, backward_before),
}
