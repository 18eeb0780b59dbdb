"""Recurrent layer with two biases: h_t = f(x_t W_ihᵀ + b_ih + h_{t-1} W_hhᵀ + b_hh).

`with_tanh` and `with_relu` give the states of all times, `last` gives h_T alone, with tanh. The
slope of relu is 0 at 0. Checks of `with_relu` draw small entries of W_hh: with large ones the
states grow without end.

Family: recurrent.
Source: PyTorch, torch.nn.RNN, whose nonlinearity is tanh or relu.
"""

from gradcheck.derivations.notation import *

t, v = axis("T", "t v", start=1)  # time
n, s = axis("N", "n s")  # samples
j, q = axis("D", "j q")  # input features
i, k, p = axis("H", "i k p")  # hidden units
x, h0 = tensor("x", t, n, j), tensor("h0", n, i)
W_ih, W_hh, b_ih, b_hh = (
    tensor("W_ih", i, j),
    tensor("W_hh", i, k),
    tensor("b_ih", i),
    tensor("b_hh", i),
)
a, h, Y = tensor("a", t, n, i), tensor("h", t, n, i), tensor("Y", n, i)
from_x, from_h = Sum(W_ih[i, j] * x[t, n, j], j), Sum(W_hh[i, k] * h[t - 1, n, k], k)


def rnn(function, *more, W_hh=W_hh):
    """The layer whose states are a function of what comes from x_t and h_{t-1}."""
    return Layer(
        inputs=(x, h0, W_ih, W_hh, b_ih, b_hh),
        forward=(
            define(a[t, n, i], from_x + b_ih[i] + from_h + b_hh[i]),
            define(h[t, n, i], function(a[t, n, i]), outside=h0[n, i]),
            *more,
        ),
    )


layers = {
    "with_tanh": rnn(tanh),
    "with_relu": rnn(relu, W_hh=tensor("W_hh", i, k, between=(-0.2, 0.2))),
    "last": rnn(tanh, define(Y[n, i], h[size(t), n, i])),
}
