"""Bidirectional RNN: Y_t is the state of a layer that runs forward beside one that runs backward.

The two directions stand along the first axis of h0 and of the parameters, forward first. The second
one starts at T, from h0[1].

Family: recurrent.
Source: PyTorch, torch.nn.RNN with bidirectional=True.
"""

from gradcheck.derivations.notation import *

t, v = axis("T", "t v", start=1)  # time
n, s = axis("N", "n s")  # samples
j, q = axis("D", "j q")  # input features
i, k, p = axis("H", "i k p")  # hidden units
d, e = axis(2, "d e")  # directions
(u,) = axis(2 * size(i), "u")  # units of both
x, h0 = tensor("x", t, n, j), tensor("h0", d, n, i)
W_ih, W_hh = tensor("W_ih", d, i, j), tensor("W_hh", d, i, k)
b_ih, b_hh = tensor("b_ih", d, i), tensor("b_hh", d, i)
a, f, g = tensor("a", t, n, d, i), tensor("f", t, n, i), tensor("g", t, n, i)
Y = tensor("Y", t, n, u)


def state(d, before):
    """The state of one direction, given the one before it in this direction."""
    return tanh(a[t, n, d, i] + Sum(W_hh[d, i, k] * before, k) + b_hh[d, i])


layer = Layer(
    inputs=(x, h0, W_ih, W_hh, b_ih, b_hh),
    forward=(
        define(a[t, n, d, i], Sum(W_ih[d, i, j] * x[t, n, j], j) + b_ih[d, i]),
        define(f[t, n, i], state(0, f[t - 1, n, k]), outside=h0[0, n, i]),
        define(g[t, n, i], state(1, g[t + 1, n, k]), outside=h0[1, n, i]),
        define(
            Y[t, n, u],
            Sum(f[t, n, i] * delta(u - i, 0), i) + Sum(g[t, n, i] * delta(u - i, size(i)), i),
        ),
    ),
)
