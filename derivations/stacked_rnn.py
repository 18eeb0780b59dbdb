"""Two recurrent layers, one on the other: the states g of the first are the input of the second.

Family: recurrent.
Source: PyTorch, torch.nn.RNN with num_layers=2, whose suffixes _l0 and _l1 the parameters have.
"""

from gradcheck.derivations.notation import *

t, v = axis("T", "t v", start=1)  # time
n, s = axis("N", "n s")  # samples
j, q = axis("D", "j q")  # input features
i, k, p = axis("H", "i k p")  # hidden units
(d,) = axis(2, "d")  # layers
x, h0 = tensor("x", t, n, j), tensor("h0", d, n, i)
W_ih_l0, W_hh_l0 = tensor("W_ih_l0", i, j), tensor("W_hh_l0", i, k)
W_ih_l1, W_hh_l1 = tensor("W_ih_l1", i, k), tensor("W_hh_l1", i, k)
b_ih_l0, b_hh_l0 = tensor("b_ih_l0", i), tensor("b_hh_l0", i)
b_ih_l1, b_hh_l1 = tensor("b_ih_l1", i), tensor("b_hh_l1", i)
g, h = tensor("g", t, n, i), tensor("h", t, n, i)
from_x = Sum(W_ih_l0[i, j] * x[t, n, j], j) + b_ih_l0[i]
from_before = Sum(W_hh_l0[i, k] * g[t - 1, n, k], k) + b_hh_l0[i]
from_below = Sum(W_ih_l1[i, k] * g[t, n, k], k) + b_ih_l1[i]
from_before_l1 = Sum(W_hh_l1[i, k] * h[t - 1, n, k], k) + b_hh_l1[i]

layer = Layer(
    inputs=(x, h0, W_ih_l0, W_hh_l0, b_ih_l0, b_hh_l0, W_ih_l1, W_hh_l1, b_ih_l1, b_hh_l1),
    forward=(
        define(g[t, n, i], tanh(from_x + from_before), outside=h0[0, n, i]),
        define(h[t, n, i], tanh(from_below + from_before_l1), outside=h0[1, n, i]),
    ),
)
