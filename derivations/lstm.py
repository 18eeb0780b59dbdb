"""LSTM over a sequence: c_t = f_t c_{t-1} + i_t g_t and h_t = o_t tanh(c_t), t = 1 ... T.

The units of the gates i, f, g, o stand one after the other in a, W_ih, W_hh and the biases, in
this order, as in PyTorch. `all` gives the states h of all times; `last` gives h_T and c_T alone,
one above the other.

Family: recurrent.
Source: PyTorch, torch.nn.LSTM; Hochreiter, Schmidhuber, Long short-term memory (1997); Goodfellow,
Bengio, Courville, Deep Learning (2016), section 10.10.1.
"""

from gradcheck.derivations.notation import *

t, s = axis("T", "t s", start=1)  # time
n, r = axis("N", "n r")  # samples
j, q = axis("D", "j q")  # input features
m, k, l = axis("H", "m k l")  # hidden units
H = size(m)
u, w = axis(4 * H, "u w")  # units of all gates
x, h0, c0 = tensor("x", t, n, j), tensor("h0", n, m), tensor("c0", n, m)
W_ih, W_hh = tensor("W_ih", u, j), tensor("W_hh", u, k)
b_ih, b_hh = tensor("b_ih", u), tensor("b_hh", u)
a, da = tensor("a", t, n, u), tensor("da", t, n, u)
i, f, g, o, c, h = (tensor(name, t, n, m) for name in ("i", "f", "g", "o", "c", "h"))
A, C, dh = tensor("A", t, n, m), tensor("C", t, n, m), grad(h)
dx, dh0, dc0, dW_ih, dW_hh, db_ih, db_hh = map(grad, (x, h0, c0, W_ih, W_hh, b_ih, b_hh))

from_x, from_h = Sum(W_ih[u, j] * x[t, n, j], j), Sum(W_hh[u, k] * h[t - 1, n, k], k)
forward = (
    define(a[t, n, u], from_x + b_ih[u] + from_h + b_hh[u]),
    define(i[t, n, m], sigmoid(a[t, n, m])),
    define(f[t, n, m], sigmoid(a[t, n, H + m])),
    define(g[t, n, m], tanh(a[t, n, 2 * H + m])),
    define(o[t, n, m], sigmoid(a[t, n, 3 * H + m])),
    define(c[t, n, m], f[t, n, m] * c[t - 1, n, m] + i[t, n, m] * g[t, n, m], outside=c0[n, m]),
    define(h[t, n, m], o[t, n, m] * tanh(c[t, n, m]), outside=h0[n, m]),
)


def reaching_the_loss(entry):
    """Everything that reaches the loss from an entry at time t, now or later."""
    return Sum(dh[s, r, m] * D(h[s, r, m], entry), s, r, m)


adjoints = (
    define(A[t, n, k], reaching_the_loss(h[t, n, k]), outside=0),
    define(C[t, n, k], reaching_the_loss(c[t, n, k]), outside=0),
    define(da[t, n, w], reaching_the_loss(a[t, n, w]), outside=0),
)
of_the_state = chain(
    A[t, n, k],
    (dh[t, n, k] + Sum(da[t + 1, r, u] * D(a[t + 1, r, u], h[t, n, k], held=a), r, u), "recursion"),
    (
        dh[t, n, k] + Sum(da[t + 1, r, u] * Sum(W_hh[u, m] * delta(r, n) * delta(m, k), m), r, u),
        "independent entries",
    ),
    (dh[t, n, k] + Sum(da[t + 1, n, u] * W_hh[u, k], u), "delta contraction"),
)
of_the_cell = chain(  # two sources: the state of the same time, and the next cell
    C[t, n, k],
    (
        Sum(A[t, r, m] * o[t, r, m] * D(tanh(c[t, r, m]), c[t, n, k]), r, m)
        + Sum(C[t + 1, r, m] * f[t + 1, r, m] * D(c[t, r, m], c[t, n, k]), r, m),
        "recursion",
    ),
    (
        A[t, n, k] * o[t, n, k] * (1 - tanh(c[t, n, k]) ** 2) + C[t + 1, n, k] * f[t + 1, n, k],
        "delta contraction",
    ),
)


def of_the_gate(gate, place, through, slope):
    """What reaches the loss from the `place` among the units of a that a gate is a function of."""
    return chain(
        da[t, n, place(k)],
        (Sum(through(r, m) * D(gate[t, r, m], a[t, n, place(k)], held=gate), r, m), "recursion"),
        (
            Sum(through(r, m) * slope(gate[t, r, m]) * delta(r, n) * delta(m, k), r, m),
            "function derivative",
        ),
        (through(n, k) * slope(gate[t, n, k]), "delta contraction"),
    )


def of_sigmoid(y):
    return y * (1 - y)


def of_tanh(y):
    return 1 - y**2


def by_parameter(entry, gradient, linear, deltas, result, matrix):
    """A parameter acts in every step: its immediate derivatives are summed over time."""
    return derivation(
        entry,
        chain(
            gradient,
            (Sum(da[t, n, u] * D(a[t, n, u], entry, held=a), t, n, u), "recursion"),
            (Sum(da[t, n, u] * linear, t, n, u), "linearity"),
            (Sum(da[t, n, u] * deltas, t, n, u), "independent entries"),
            (result, "delta contraction"),
        ),
        matrix=matrix,
    )


def by_bias(b, db):
    sum_over_time = Sum(da[t, n, w], t, n), Sum(da[t].T @ ones(n), t)
    return by_parameter(b[w], db[w], D(b[u], b[w]), delta(u, w), *sum_over_time)


by_x = derivation(
    x[s, r, q],
    chain(
        dx[s, r, q],
        (Sum(da[s, n, u] * D(a[s, n, u], x[s, r, q], held=a), n, u), "recursion"),
        (Sum(da[s, n, u] * Sum(W_ih[u, j] * delta(n, r) * delta(j, q), j), n, u), "linearity"),
        (Sum(da[s, r, u] * W_ih[u, q], u), "delta contraction"),
    ),
    matrix=da[s] @ W_ih,
)
by_h0 = derivation(
    h0[r, l],
    chain(
        dh0[r, l],
        (Sum(da[1, n, u] * Sum(W_hh[u, k] * D(h0[n, k], h0[r, l]), k), n, u), "recursion"),
        (
            Sum(da[1, n, u] * Sum(W_hh[u, k] * delta(n, r) * delta(k, l), k), n, u),
            "independent entries",
        ),
        (Sum(da[1, r, u] * W_hh[u, l], u), "delta contraction"),
    ),
    matrix=da[1] @ W_hh,
)
by_c0 = derivation(
    c0[r, l],
    chain(
        dc0[r, l],
        (Sum(C[1, n, m] * f[1, n, m] * D(c0[n, m], c0[r, l]), n, m), "recursion"),
        (Sum(C[1, n, m] * f[1, n, m] * delta(n, r) * delta(m, l), n, m), "independent entries"),
        (C[1, r, l] * f[1, r, l], "delta contraction"),
    ),
    matrix=C[1] * f[1],
)
by_W_ih = by_parameter(
    W_ih[w, q],
    dW_ih[w, q],
    Sum(D(W_ih[u, j], W_ih[w, q]) * x[t, n, j], j),
    Sum(delta(u, w) * delta(j, q) * x[t, n, j], j),
    Sum(da[t, n, w] * x[t, n, q], t, n),
    Sum(da[t].T @ x[t], t),
)
by_W_hh = by_parameter(
    W_hh[w, l],
    dW_hh[w, l],
    Sum(D(W_hh[u, k], W_hh[w, l]) * h[t - 1, n, k], k),
    Sum(delta(u, w) * delta(k, l) * h[t - 1, n, k], k),
    Sum(da[t, n, w] * h[t - 1, n, l], t, n),
    Sum(da[t].T @ h[t - 1], t),
)

every_state = Layer(
    inputs=(x, h0, c0, W_ih, W_hh, b_ih, b_hh),
    forward=forward,
    adjoints=adjoints,
    lemmas=(
        of_the_state,
        of_the_cell,
        of_the_gate(i, lambda m: m, lambda n, m: C[t, n, m] * g[t, n, m], of_sigmoid),
        of_the_gate(f, lambda m: H + m, lambda n, m: C[t, n, m] * c[t - 1, n, m], of_sigmoid),
        of_the_gate(g, lambda m: 2 * H + m, lambda n, m: C[t, n, m] * i[t, n, m], of_tanh),
        of_the_gate(o, lambda m: 3 * H + m, lambda n, m: A[t, n, m] * tanh(c[t, n, m]), of_sigmoid),
    ),
    derivations=(by_x, by_h0, by_c0, by_W_ih, by_W_hh, by_bias(b_ih, db_ih), by_bias(b_hh, db_hh)),
)

(e,) = axis(2, "e")  # the state, the cell
Y, T = tensor("Y", e, n, m), size(t)
both = delta(e, 0) * h[T, n, m] + delta(e, 1) * c[T, n, m]
last_state = Layer(every_state.inputs, (*forward, define(Y[e, n, m], both)))

layers = {"all": every_state, "last": last_state}
