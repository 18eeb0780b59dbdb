"""One step of a GRU: h1 = (1 - z) g + z h0, with gates r and z and the new state g.

The units of r, z and g stand one after the other in the parameters, in this order, as in PyTorch.
With `reset_after`, as PyTorch has it, r scales what comes out of the product with W_hh; with
`reset_before`, as in the paper, it scales h0 itself.

Family: recurrent.
Source: PyTorch, torch.nn.GRUCell; Cho and others, Learning phrase representations using RNN
encoder-decoder (2014).
"""

from gradcheck.derivations.notation import *

n, s = axis("N", "n s")  # samples
j, p = axis("D", "j p")  # input features
m, k, l = axis("H", "m k l")  # hidden units
H = size(m)
u, w = axis(3 * H, "u w")  # units of both gates and of the new state
x, h0 = tensor("x", n, j), tensor("h0", n, m)
W_ih, W_hh, b = tensor("W_ih", u, j), tensor("W_hh", u, k), tensor("b", u)
b_ih, b_hh = tensor("b_ih", u), tensor("b_hh", u)
a, q = tensor("a", n, u), tensor("q", n, u)
r, z, g, y, h1 = (tensor(name, n, m) for name in ("r", "z", "g", "y", "h1"))
from_x = Sum(W_ih[u, j] * x[n, j], j)
result = define(h1[n, m], (1 - z[n, m]) * g[n, m] + z[n, m] * h0[n, m])


def from_h0(place):
    return Sum(W_hh[place, k] * h0[n, k], k)


reset_after = Layer(
    inputs=(x, h0, W_ih, W_hh, b_ih, b_hh),
    forward=(
        define(a[n, u], from_x + b_ih[u]),
        define(q[n, u], from_h0(u) + b_hh[u]),
        define(r[n, m], sigmoid(a[n, m] + q[n, m])),
        define(z[n, m], sigmoid(a[n, H + m] + q[n, H + m])),
        define(g[n, m], tanh(a[n, 2 * H + m] + r[n, m] * q[n, 2 * H + m])),
        result,
    ),
)
reset_before = Layer(
    inputs=(x, h0, W_ih, W_hh, b),
    forward=(
        define(a[n, u], from_x + b[u]),
        define(r[n, m], sigmoid(a[n, m] + from_h0(m))),
        define(z[n, m], sigmoid(a[n, H + m] + from_h0(H + m))),
        define(y[n, m], r[n, m] * h0[n, m]),
        define(g[n, m], tanh(a[n, 2 * H + m] + Sum(W_hh[2 * H + m, k] * y[n, k], k))),
        result,
    ),
)

layers = {"reset_after": reset_after, "reset_before": reset_before}
