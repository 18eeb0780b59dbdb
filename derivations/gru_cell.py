"""One step of a GRU: h1 = (1 - z) g + z h0, with gates r and z and the new state g of x and h0.

r, z and g stand along the first axis of W_ih, W_hh and the biases, in this order; PyTorch has the
same with gates and units in one axis.
The reset gate acts after the product with W_hh: g = tanh(a + r q), with a of x and q of h0.

Source: PyTorch, torch.nn.GRUCell; Cho and others, Learning phrase representations using RNN
encoder-decoder (2014), where the reset gate acts before the product.
"""

from gradcheck.derivations.notation import *

n, s = axis("N", "n s")  # samples
j, v = axis("D", "j v")  # input features
m, k, l = axis("H", "m k l")  # hidden units
e, u = axis(3, "e u")  # gates
x, h0 = tensor("x", n, j), tensor("h0", n, m)
W_ih, W_hh = tensor("W_ih", e, m, j), tensor("W_hh", e, m, k)
b_ih, b_hh = tensor("b_ih", e, m), tensor("b_hh", e, m)
a, q = tensor("a", n, e, m), tensor("q", n, e, m)
r, z, g, h1 = (tensor(name, n, m) for name in ("r", "z", "g", "h1"))

layer = Layer(
    inputs=(x, h0, W_ih, W_hh, b_ih, b_hh),
    forward=(
        define(a[n, e, m], Sum(W_ih[e, m, j] * x[n, j], j) + b_ih[e, m]),
        define(q[n, e, m], Sum(W_hh[e, m, k] * h0[n, k], k) + b_hh[e, m]),
        define(r[n, m], sigmoid(a[n, 0, m] + q[n, 0, m])),
        define(z[n, m], sigmoid(a[n, 1, m] + q[n, 1, m])),
        define(g[n, m], tanh(a[n, 2, m] + r[n, m] * q[n, 2, m])),
        define(h1[n, m], (1 - z[n, m]) * g[n, m] + z[n, m] * h0[n, m]),
    ),
)
