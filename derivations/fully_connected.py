"""Fully connected layer with an activation: y = f(W x + b), for any differentiable f.

Family: linear.
Source: Nielsen, Neural Networks and Deep Learning (2015), chapter 2, equations BP1 to BP4.
"""

from gradcheck.derivations.notation import *

m, j = axis("M", "m j")  # inputs
n, i = axis("N", "n i")  # outputs
x, W, b = tensor("x", m), tensor("W", n, m), tensor("b", n)
z, y = tensor("z", n), tensor("y", n)
dx, dW, db, dy = grad(x), grad(W), grad(b), grad(y)
f = function("f")
slope = f.prime(z[n])

by_x = derivation(
    x[j],
    chain(
        D(y[n], x[j]),
        (slope * D(z[n], x[j]), "function derivative"),
        (slope * Sum(W[n, m] * D(x[m], x[j]), m), "linearity"),
        (slope * Sum(W[n, m] * delta(m, j), m), "independent entries"),
        (slope * W[n, j], "delta contraction"),
    ),
    chain(
        dx[j],
        (Sum(dy[n] * D(y[n], x[j]), n), "chain rule"),
        (Sum(dy[n] * slope * W[n, j], n), "substitution"),
    ),
    matrix=W.T @ (dy * f.prime(z)),
)
by_W = derivation(
    W[i, j],
    chain(
        D(y[n], W[i, j]),
        (slope * D(z[n], W[i, j]), "function derivative"),
        (slope * Sum(D(W[n, m], W[i, j]) * x[m], m), "linearity"),
        (slope * Sum(delta(n, i) * delta(m, j) * x[m], m), "independent entries"),
        (slope * delta(n, i) * x[j], "delta contraction"),
    ),
    chain(
        dW[i, j],
        (Sum(dy[n] * D(y[n], W[i, j]), n), "chain rule"),
        (Sum(dy[n] * slope * delta(n, i) * x[j], n), "substitution"),
        (dy[i] * f.prime(z[i]) * x[j], "delta contraction"),
    ),
    matrix=(dy * f.prime(z)) @ x.T,
)
by_b = derivation(
    b[i],
    chain(
        D(y[n], b[i]),
        (slope * D(z[n], b[i]), "function derivative"),
        (slope * D(b[n], b[i]), "linearity"),
        (slope * delta(n, i), "independent entries"),
    ),
    chain(
        db[i],
        (Sum(dy[n] * D(y[n], b[i]), n), "chain rule"),
        (Sum(dy[n] * slope * delta(n, i), n), "substitution"),
        (dy[i] * f.prime(z[i]), "delta contraction"),
    ),
    matrix=dy * f.prime(z),
)

layer = Layer(
    inputs=(x, W, b),
    forward=(
        define(z[n], Sum(W[n, m] * x[m], m) + b[n]),
        define(y[n], f(z[n])),
    ),
    derivations=(by_x, by_W, by_b),
    functions={f: tanh},  # what the NumPy side computes
)
