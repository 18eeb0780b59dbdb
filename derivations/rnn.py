"""Recurrent layer over a sequence: h_t = tanh(x_t W_hxᵀ + h_{t-1} W_hhᵀ + b), t = 1 ... T.

Family: recurrent.
Source: PyTorch, torch.nn.RNN (there with two biases); Goodfellow, Bengio, Courville, Deep Learning
(2016), section 10.2.2, backpropagation through time.
"""

from gradcheck.derivations.notation import *

t, u = axis("T", "t u", start=1)  # time
n, r = axis("N", "n r")  # samples
j, q = axis("D", "j q")  # input features
i, k, p, l = axis("H", "i k p l")  # hidden units
x, h0 = tensor("x", t, n, j), tensor("h0", n, i)
W_hx, W_hh, b = tensor("W_hx", i, j), tensor("W_hh", i, k), tensor("b", i)
h = tensor("h", t, n, i)
A, dz = tensor("A", t, n, i), tensor("dz", t, n, i)
dx, dh0, dW_hx, dW_hh, db, dh = map(grad, (x, h0, W_hx, W_hh, b, h))

pre_activation = Sum(W_hx[i, j] * x[t, n, j], j) + Sum(W_hh[i, k] * h[t - 1, n, k], k) + b[i]
state = define(h[t, n, i], tanh(pre_activation), outside=h0[n, i])

# everything that reaches the loss from the state at time t, now or later
adjoint = define(A[t, n, k], Sum(dh[u, r, i] * D(h[u, r, i], h[t, n, k]), u, r, i), outside=0)
slope, next_slope = 1 - h[t, n, i] ** 2, 1 - h[t + 1, r, i] ** 2
adjoint_recursion = chain(
    A[t, n, k],
    (dh[t, n, k] + Sum(A[t + 1, r, i] * D(h[t + 1, r, i], h[t, n, k]), r, i), "recursion"),
    (
        dh[t, n, k]
        + Sum(A[t + 1, r, i] * next_slope * Sum(W_hh[i, p] * delta(r, n) * delta(p, k), p), r, i),
        "function derivative",
    ),
    (
        dh[t, n, k] + Sum(A[t + 1, n, i] * (1 - h[t + 1, n, i] ** 2) * W_hh[i, k], i),
        "delta contraction",
    ),
)


def by_parameter(entry, gradient, linear, deltas, result, matrix):
    """A parameter acts in every step: its immediate derivatives are summed over time."""
    return derivation(
        entry,
        chain(
            gradient,
            (Sum(A[t, n, i] * D(h[t, n, i], entry, held=h), t, n, i), "recursion"),
            (Sum(A[t, n, i] * slope * linear, t, n, i), "function derivative"),
            (Sum(dz[t, n, i] * deltas, t, n, i), "independent entries"),
            (result, "delta contraction"),
        ),
        matrix=matrix,
    )


by_x = derivation(
    x[u, r, q],
    chain(
        dx[u, r, q],
        (Sum(A[u, n, i] * D(h[u, n, i], x[u, r, q], held=h), n, i), "recursion"),
        (
            Sum(A[u, n, i] * (1 - h[u, n, i] ** 2) * W_hx[i, q] * delta(n, r), n, i),
            "function derivative",
        ),
        (Sum(dz[u, n, i] * W_hx[i, q] * delta(n, r), n, i), "named intermediate"),
        (Sum(dz[u, r, i] * W_hx[i, q], i), "delta contraction"),
    ),
    matrix=dz[u] @ W_hx,
)
by_h0 = derivation(
    h0[r, p],
    chain(
        dh0[r, p],
        (Sum(A[1, n, i] * D(h[1, n, i], h0[r, p]), n, i), "recursion"),
        (
            Sum(A[1, n, i] * (1 - h[1, n, i] ** 2) * W_hh[i, p] * delta(n, r), n, i),
            "function derivative",
        ),
        (Sum(dz[1, n, i] * W_hh[i, p] * delta(n, r), n, i), "named intermediate"),
        (Sum(dz[1, r, i] * W_hh[i, p], i), "delta contraction"),
    ),
    matrix=dz[1] @ W_hh,
)
by_W_hx = by_parameter(
    W_hx[p, q],
    dW_hx[p, q],
    Sum(D(W_hx[i, j], W_hx[p, q]) * x[t, n, j], j),
    Sum(delta(i, p) * delta(j, q) * x[t, n, j], j),
    Sum(dz[t, n, p] * x[t, n, q], t, n),
    Sum(dz[t].T @ x[t], t),
)
by_W_hh = by_parameter(
    W_hh[p, l],
    dW_hh[p, l],
    Sum(D(W_hh[i, k], W_hh[p, l]) * h[t - 1, n, k], k),
    Sum(delta(i, p) * delta(k, l) * h[t - 1, n, k], k),
    Sum(dz[t, n, p] * h[t - 1, n, l], t, n),
    Sum(dz[t].T @ h[t - 1], t),
)
by_b = by_parameter(
    b[p],
    db[p],
    D(b[i], b[p]),
    delta(i, p),
    Sum(dz[t, n, p], t, n),
    Sum(ones(n).T @ dz[t], t),
)

layer = Layer(
    inputs=(x, h0, W_hx, W_hh, b),
    forward=(state,),
    adjoints=(adjoint, define(dz[t, n, i], A[t, n, i] * slope)),
    lemmas=(adjoint_recursion,),
    derivations=(by_x, by_h0, by_W_hx, by_W_hh, by_b),
)
