"""GRU over a sequence: h_t = (1 - z_t) g_t + z_t h_{t-1}, t = 1 ... T.

The units of the reset gate r, the update gate z and the new state g stand one after the other in
the parameters, in this order, as in PyTorch. With `reset_after`, as PyTorch has it, r scales what
comes out of the product with W_hh; with `reset_before`, as in the paper, it scales h_{t-1} itself.

Family: recurrent.
Source: PyTorch, torch.nn.GRU; Cho and others, Learning phrase representations using RNN
encoder-decoder (2014).
"""

from gradcheck.derivations.notation import *

t, v = axis("T", "t v", start=1)  # time
n, s = axis("N", "n s")  # samples
j, p = axis("D", "j p")  # input features
m, k, l = axis("H", "m k l")  # hidden units
H = size(m)
u, w = axis(3 * H, "u w")  # units of both gates and of the new state
x, h0 = tensor("x", t, n, j), tensor("h0", n, m)
W_ih, W_hh = tensor("W_ih", u, j), tensor("W_hh", u, k)
b_ih, b_hh = tensor("b_ih", u), tensor("b_hh", u)
a, q, da, dq = (tensor(name, t, n, u) for name in ("a", "q", "da", "dq"))
r, z, g, h, A = (tensor(name, t, n, m) for name in ("r", "z", "g", "h", "A"))
dh, dx, dh0, dW_ih, dW_hh, db_ih, db_hh = map(grad, (h, x, h0, W_ih, W_hh, b_ih, b_hh))

from_x = Sum(W_ih[u, j] * x[t, n, j], j)
new_state = (1 - z[t, n, m]) * g[t, n, m] + z[t, n, m] * h[t - 1, n, m]


def reaching_the_loss(entry):
    """Everything that reaches the loss from an entry at time t, now or later."""
    return Sum(dh[v, s, m] * D(h[v, s, m], entry), v, s, m)


of_the_state = chain(
    A[t, n, k],
    (
        dh[t, n, k]
        + Sum(A[t + 1, s, m] * z[t + 1, s, m] * D(h[t, s, m], h[t, n, k]), s, m)
        + Sum(dq[t + 1, s, u] * D(q[t + 1, s, u], h[t, n, k], held=q), s, u),
        "recursion",
    ),
    (
        dh[t, n, k]
        + Sum(A[t + 1, s, m] * z[t + 1, s, m] * delta(s, n) * delta(m, k), s, m)
        + Sum(dq[t + 1, s, u] * Sum(W_hh[u, m] * delta(s, n) * delta(m, k), m), s, u),
        "independent entries",
    ),
    (
        dh[t, n, k] + A[t + 1, n, k] * z[t + 1, n, k] + Sum(dq[t + 1, n, u] * W_hh[u, k], u),
        "delta contraction",
    ),
)


def of_the_units(y, gradient, place, value, through, slope, *named):
    """What reaches the loss from the `place` in y, a or q, of which a value is computed."""
    return chain(
        gradient[t, n, place(k)],
        (Sum(through(s, m) * D(value[t, s, m], y[t, n, place(k)], held=value), s, m), "recursion"),
        (
            Sum(through(s, m) * slope(s, m) * delta(s, n) * delta(m, k), s, m),
            "function derivative",
        ),
        (through(n, k) * slope(n, k), "delta contraction"),
        *((name, "named intermediate") for name in named),
    )


def of_r(y, gradient, *named):
    def through(n, m):
        new = A[t, n, m] * (1 - z[t, n, m]) * (1 - g[t, n, m] ** 2)
        return new * q[t, n, 2 * H + m]

    def slope(n, m):
        return r[t, n, m] * (1 - r[t, n, m])

    return of_the_units(y, gradient, lambda m: m, r, through, slope, *named)


def of_z(y, gradient, *named):
    def through(n, m):
        return A[t, n, m] * (h[t - 1, n, m] - g[t, n, m])

    def slope(n, m):
        return z[t, n, m] * (1 - z[t, n, m])

    return of_the_units(y, gradient, lambda m: H + m, z, through, slope, *named)


def of_g(y, gradient, scale, *named):
    def through(n, m):
        return A[t, n, m] * (1 - z[t, n, m])

    def slope(n, m):
        return (1 - g[t, n, m] ** 2) * scale(n, m)

    return of_the_units(y, gradient, lambda m: 2 * H + m, g, through, slope, *named)


def by_parameter(entry, gradient, y, dy, linear, deltas, result, matrix):
    """A parameter acts in every step: its immediate derivatives are summed over time."""
    return derivation(
        entry,
        chain(
            gradient,
            (Sum(dy[t, n, u] * D(y[t, n, u], entry, held=y), t, n, u), "recursion"),
            (Sum(dy[t, n, u] * linear, t, n, u), "linearity"),
            (Sum(dy[t, n, u] * deltas, t, n, u), "independent entries"),
            (result, "delta contraction"),
        ),
        matrix=matrix,
    )


def by_bias(b, db, y, dy):
    sum_over_time = Sum(dy[t, n, w], t, n), Sum(dy[t].T @ ones(n), t)
    return by_parameter(b[w], db[w], y, dy, D(b[u], b[w]), delta(u, w), *sum_over_time)


by_x = derivation(
    x[v, s, p],
    chain(
        dx[v, s, p],
        (Sum(da[v, n, u] * D(a[v, n, u], x[v, s, p]), n, u), "recursion"),
        (Sum(da[v, n, u] * Sum(W_ih[u, j] * delta(n, s) * delta(j, p), j), n, u), "linearity"),
        (Sum(da[v, s, u] * W_ih[u, p], u), "delta contraction"),
    ),
    matrix=da[v] @ W_ih,
)
by_h0 = derivation(
    h0[s, l],
    chain(
        dh0[s, l],
        (
            Sum(A[1, n, m] * z[1, n, m] * D(h0[n, m], h0[s, l]), n, m)
            + Sum(dq[1, n, u] * Sum(W_hh[u, k] * D(h0[n, k], h0[s, l]), k), n, u),
            "recursion",
        ),
        (A[1, s, l] * z[1, s, l] + Sum(dq[1, s, u] * W_hh[u, l], u), "delta contraction"),
    ),
    matrix=A[1] * z[1] + dq[1] @ W_hh,
)
by_W_ih = by_parameter(
    W_ih[w, p],
    dW_ih[w, p],
    a,
    da,
    Sum(D(W_ih[u, j], W_ih[w, p]) * x[t, n, j], j),
    Sum(delta(u, w) * delta(j, p) * x[t, n, j], j),
    Sum(da[t, n, w] * x[t, n, p], t, n),
    Sum(da[t].T @ x[t], t),
)
by_W_hh = by_parameter(
    W_hh[w, l],
    dW_hh[w, l],
    q,
    dq,
    Sum(D(W_hh[u, k], W_hh[w, l]) * h[t - 1, n, k], k),
    Sum(delta(u, w) * delta(k, l) * h[t - 1, n, k], k),
    Sum(dq[t, n, w] * h[t - 1, n, l], t, n),
    Sum(dq[t].T @ h[t - 1], t),
)

reset_after = Layer(
    inputs=(x, h0, W_ih, W_hh, b_ih, b_hh),
    forward=(
        define(a[t, n, u], from_x + b_ih[u]),
        define(q[t, n, u], Sum(W_hh[u, k] * h[t - 1, n, k], k) + b_hh[u]),
        define(r[t, n, m], sigmoid(a[t, n, m] + q[t, n, m])),
        define(z[t, n, m], sigmoid(a[t, n, H + m] + q[t, n, H + m])),
        define(g[t, n, m], tanh(a[t, n, 2 * H + m] + r[t, n, m] * q[t, n, 2 * H + m])),
        define(h[t, n, m], new_state, outside=h0[n, m]),
    ),
    adjoints=(
        define(A[t, n, k], reaching_the_loss(h[t, n, k]), outside=0),
        define(da[t, n, w], reaching_the_loss(a[t, n, w]), outside=0),
        define(dq[t, n, w], reaching_the_loss(q[t, n, w]), outside=0),
    ),
    lemmas=(
        of_the_state,
        of_r(a, da),
        of_z(a, da),
        of_g(a, da, lambda n, m: 1),
        of_r(q, dq, da[t, n, k]),
        of_z(q, dq, da[t, n, H + k]),
        of_g(q, dq, lambda n, m: r[t, n, m], da[t, n, 2 * H + k] * r[t, n, k]),
    ),
    derivations=(
        by_x,
        by_h0,
        by_W_ih,
        by_W_hh,
        by_bias(b_ih, db_ih, a, da),
        by_bias(b_hh, db_hh, q, dq),
    ),
)

b, y = tensor("b", u), tensor("y", t, n, m)
reset = Sum(W_hh[2 * H + m, k] * y[t, n, k], k)


def from_h(place):
    return Sum(W_hh[place, k] * h[t - 1, n, k], k)


reset_before = Layer(
    inputs=(x, h0, W_ih, W_hh, b),
    forward=(
        define(a[t, n, u], from_x + b[u]),
        define(r[t, n, m], sigmoid(a[t, n, m] + from_h(m))),
        define(z[t, n, m], sigmoid(a[t, n, H + m] + from_h(H + m))),
        define(y[t, n, m], r[t, n, m] * h[t - 1, n, m]),
        define(g[t, n, m], tanh(a[t, n, 2 * H + m] + reset)),
        define(h[t, n, m], new_state, outside=h0[n, m]),
    ),
)

layers = {"reset_after": reset_after, "reset_before": reset_before}
