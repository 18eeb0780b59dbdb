"""One step of a recurrent layer: h1 = tanh(x W_hxᵀ + h0 W_hhᵀ + b).

Family: recurrent.
Source: PyTorch, torch.nn.RNNCell (there with two biases); Goodfellow, Bengio, Courville, Deep
Learning (2016), section 10.2.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
j, q = axis("D", "j q")  # input features
i, k, p, l = axis("H", "i k p l")  # hidden units
x, h0 = tensor("x", n, j), tensor("h0", n, k)
W_hx, W_hh, b = tensor("W_hx", i, j), tensor("W_hh", i, k), tensor("b", i)
z, h1 = tensor("z", n, i), tensor("h1", n, i)
dx, dh0, dW_hx, dW_hh, db = map(grad, (x, h0, W_hx, W_hh, b))
dz, dh1 = grad(z), grad(h1)
slope = 1 - h1[n, i] ** 2


def through_tanh(entry, linear, deltas, contracted):
    """∂h1/∂entry: the slope of tanh times what the linear part gives."""
    return chain(
        D(h1[n, i], entry),
        (slope * D(z[n, i], entry), "function derivative"),
        (slope * linear, "linearity"),
        (slope * deltas, "independent entries"),
        (slope * contracted, "delta contraction"),
    )


def pulled_back(entry, gradient, contracted, result):
    """The gradient by entry, written with dz."""
    return chain(
        gradient,
        (Sum(dh1[n, i] * D(h1[n, i], entry), n, i), "chain rule"),
        (Sum(dh1[n, i] * slope * contracted, n, i), "substitution"),
        (Sum(dz[n, i] * contracted, n, i), "named intermediate"),
        (result, "delta contraction"),
    )


def by(entry, gradient, linear, deltas, contracted, result, matrix):
    return derivation(
        entry,
        through_tanh(entry, linear, deltas, contracted),
        pulled_back(entry, gradient, contracted, result),
        matrix=matrix,
    )


layer = Layer(
    inputs=(x, h0, W_hx, W_hh, b),
    forward=(
        define(z[n, i], Sum(W_hx[i, j] * x[n, j], j) + Sum(W_hh[i, k] * h0[n, k], k) + b[i]),
        define(h1[n, i], tanh(z[n, i])),
    ),
    adjoints=(define(dz[n, i], dh1[n, i] * slope),),
    derivations=(
        by(
            x[r, q],
            dx[r, q],
            Sum(W_hx[i, j] * D(x[n, j], x[r, q]), j),
            Sum(W_hx[i, j] * delta(n, r) * delta(j, q), j),
            W_hx[i, q] * delta(n, r),
            Sum(dz[r, i] * W_hx[i, q], i),
            dz @ W_hx,
        ),
        by(
            h0[r, p],
            dh0[r, p],
            Sum(W_hh[i, k] * D(h0[n, k], h0[r, p]), k),
            Sum(W_hh[i, k] * delta(n, r) * delta(k, p), k),
            W_hh[i, p] * delta(n, r),
            Sum(dz[r, i] * W_hh[i, p], i),
            dz @ W_hh,
        ),
        by(
            W_hx[p, q],
            dW_hx[p, q],
            Sum(D(W_hx[i, j], W_hx[p, q]) * x[n, j], j),
            Sum(delta(i, p) * delta(j, q) * x[n, j], j),
            delta(i, p) * x[n, q],
            Sum(dz[n, p] * x[n, q], n),
            dz.T @ x,
        ),
        by(
            W_hh[p, l],
            dW_hh[p, l],
            Sum(D(W_hh[i, k], W_hh[p, l]) * h0[n, k], k),
            Sum(delta(i, p) * delta(k, l) * h0[n, k], k),
            delta(i, p) * h0[n, l],
            Sum(dz[n, p] * h0[n, l], n),
            dz.T @ h0,
        ),
        by(
            b[p],
            db[p],
            D(b[i], b[p]),
            delta(i, p),
            delta(i, p),
            Sum(dz[n, p], n),
            ones(n).T @ dz,
        ),
    ),
)
