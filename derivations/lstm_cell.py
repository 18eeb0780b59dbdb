"""One step of an LSTM: c1 = f c0 + i g and h1 = o tanh(c1), both of them in Y = (h1, c1).

The units of the gates i, f, g, o stand one after the other in a, W_ih, W_hh and the biases, in
this order, as in PyTorch. What reaches the loss from c1 has two sources: h1, and the next step.

Family: recurrent.
Source: PyTorch, torch.nn.LSTMCell; Hochreiter, Schmidhuber, Long short-term memory (1997);
Goodfellow, Bengio, Courville, Deep Learning (2016), section 10.10.1.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
j, q = axis("D", "j q")  # input features
m, k, l = axis("H", "m k l")  # hidden units
H = size(m)
u, w = axis(4 * H, "u w")  # units of all gates
(e,) = axis(2, "e")  # the state, the cell
x, h0, c0 = tensor("x", n, j), tensor("h0", n, k), tensor("c0", n, m)
W_ih, W_hh = tensor("W_ih", u, j), tensor("W_hh", u, k)
b_ih, b_hh = tensor("b_ih", u), tensor("b_hh", u)
a, Y = tensor("a", n, u), tensor("Y", e, n, m)
i, f, g, o, c1, h1 = (tensor(name, n, m) for name in ("i", "f", "g", "o", "c1", "h1"))
dx, dh0, dc0, dW_ih, dW_hh, db_ih, db_hh = map(grad, (x, h0, c0, W_ih, W_hh, b_ih, b_hh))
da, dc1, dh1, dY = map(grad, (a, c1, h1, Y))

from_x, from_h0 = Sum(W_ih[u, j] * x[n, j], j), Sum(W_hh[u, k] * h0[n, k], k)
forward = (
    define(a[n, u], from_x + b_ih[u] + from_h0 + b_hh[u]),
    define(i[n, m], sigmoid(a[n, m])),
    define(f[n, m], sigmoid(a[n, H + m])),
    define(g[n, m], tanh(a[n, 2 * H + m])),
    define(o[n, m], sigmoid(a[n, 3 * H + m])),
    define(c1[n, m], f[n, m] * c0[n, m] + i[n, m] * g[n, m]),
    define(h1[n, m], o[n, m] * tanh(c1[n, m])),
    define(Y[e, n, m], delta(e, 0) * h1[n, m] + delta(e, 1) * c1[n, m]),
)


def reaching_the_loss(entry):
    """Everything that reaches the loss from an entry."""
    return Sum(dY[e, r, m] * D(Y[e, r, m], entry), e, r, m)


adjoints = (
    define(dh1[n, k], reaching_the_loss(h1[n, k])),
    define(dc1[n, k], reaching_the_loss(c1[n, k])),
    define(da[n, w], reaching_the_loss(a[n, w])),
)
of_h1 = chain(
    dh1[n, k],
    (Sum(dY[e, r, m] * delta(e, 0) * D(h1[r, m], h1[n, k]), e, r, m), "chain rule"),
    (dY[0, n, k], "delta contraction"),
)
of_c1 = chain(
    dc1[n, k],
    (
        Sum(dh1[r, m] * D(h1[r, m], c1[n, k]), r, m)
        + Sum(dY[e, r, m] * delta(e, 1) * D(c1[r, m], c1[n, k]), e, r, m),
        "chain rule",
    ),
    (dh1[n, k] * o[n, k] * (1 - tanh(c1[n, k]) ** 2) + dY[1, n, k], "delta contraction"),
)


def of_the_gate(gate, place, through, slope):
    """What reaches the loss from the `place` among the units of a that a gate is a function of."""
    return chain(
        da[n, place(k)],
        (Sum(through(r, m) * D(gate[r, m], a[n, place(k)]), r, m), "chain rule"),
        (
            Sum(through(r, m) * slope(gate[r, m]) * delta(r, n) * delta(m, k), r, m),
            "function derivative",
        ),
        (through(n, k) * slope(gate[n, k]), "delta contraction"),
    )


def of_sigmoid(y):
    return y * (1 - y)


def of_tanh(y):
    return 1 - y**2


def by(entry, gradient, linear, deltas, result, matrix):
    """The gradient by what a is a linear function of, written with da."""
    return derivation(
        entry,
        chain(
            gradient,
            (Sum(da[n, u] * D(a[n, u], entry), n, u), "chain rule"),
            (Sum(da[n, u] * linear, n, u), "linearity"),
            (Sum(da[n, u] * deltas, n, u), "independent entries"),
            (result, "delta contraction"),
        ),
        matrix=matrix,
    )


def by_bias(b, db):
    return by(b[w], db[w], D(b[u], b[w]), delta(u, w), Sum(da[n, w], n), da.T @ ones(n))


by_c0 = derivation(
    c0[r, l],
    chain(
        dc0[r, l],
        (Sum(dc1[n, m] * D(c1[n, m], c0[r, l]), n, m), "chain rule"),
        (Sum(dc1[n, m] * f[n, m] * delta(n, r) * delta(m, l), n, m), "independent entries"),
        (dc1[r, l] * f[r, l], "delta contraction"),
    ),
    matrix=dc1 * f,
)

layer = Layer(
    inputs=(x, h0, c0, W_ih, W_hh, b_ih, b_hh),
    forward=forward,
    adjoints=adjoints,
    lemmas=(
        of_h1,
        of_c1,
        of_the_gate(i, lambda m: m, lambda n, m: dc1[n, m] * g[n, m], of_sigmoid),
        of_the_gate(f, lambda m: H + m, lambda n, m: dc1[n, m] * c0[n, m], of_sigmoid),
        of_the_gate(g, lambda m: 2 * H + m, lambda n, m: dc1[n, m] * i[n, m], of_tanh),
        of_the_gate(o, lambda m: 3 * H + m, lambda n, m: dh1[n, m] * tanh(c1[n, m]), of_sigmoid),
    ),
    derivations=(
        by(
            x[r, q],
            dx[r, q],
            Sum(W_ih[u, j] * D(x[n, j], x[r, q]), j),
            Sum(W_ih[u, j] * delta(n, r) * delta(j, q), j),
            Sum(da[r, u] * W_ih[u, q], u),
            da @ W_ih,
        ),
        by(
            h0[r, l],
            dh0[r, l],
            Sum(W_hh[u, k] * D(h0[n, k], h0[r, l]), k),
            Sum(W_hh[u, k] * delta(n, r) * delta(k, l), k),
            Sum(da[r, u] * W_hh[u, l], u),
            da @ W_hh,
        ),
        by_c0,
        by(
            W_ih[w, q],
            dW_ih[w, q],
            Sum(D(W_ih[u, j], W_ih[w, q]) * x[n, j], j),
            Sum(delta(u, w) * delta(j, q) * x[n, j], j),
            Sum(da[n, w] * x[n, q], n),
            da.T @ x,
        ),
        by(
            W_hh[w, l],
            dW_hh[w, l],
            Sum(D(W_hh[u, k], W_hh[w, l]) * h0[n, k], k),
            Sum(delta(u, w) * delta(k, l) * h0[n, k], k),
            Sum(da[n, w] * h0[n, l], n),
            da.T @ h0,
        ),
        by_bias(b_ih, db_ih),
        by_bias(b_hh, db_hh),
    ),
)
