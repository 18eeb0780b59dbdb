"""Bilinear layer: z_h = x1ᵀ W_h x2 + b_h, with one matrix W_h for each output.

Family: linear.
Source: PyTorch, torch.nn.Bilinear (there for a batch of pairs).
"""

from gradcheck.derivations.notation import *

h, k = axis("H", "h k")  # outputs
i, p = axis("D1", "i p")  # features of x1
j, q = axis("D2", "j q")  # features of x2
x1, x2 = tensor("x1", i), tensor("x2", j)
W, b, z = tensor("W", h, i, j), tensor("b", h), tensor("z", h)
dx1, dx2, dW, db, dz = grad(x1), grad(x2), grad(W), grad(b), grad(z)

by_x1 = derivation(
    x1[p],
    chain(
        D(z[h], x1[p]),
        (Sum(D(x1[i], x1[p]) * W[h, i, j] * x2[j], i, j), "linearity"),
        (Sum(delta(i, p) * W[h, i, j] * x2[j], i, j), "independent entries"),
        (Sum(W[h, p, j] * x2[j], j), "delta contraction"),
    ),
    chain(
        dx1[p],
        (Sum(dz[h] * D(z[h], x1[p]), h), "chain rule"),
        (Sum(dz[h] * W[h, p, j] * x2[j], h, j), "substitution"),
    ),
    matrix=Sum(dz[h] * (W[h] @ x2), h),
)
by_x2 = derivation(
    x2[q],
    chain(
        D(z[h], x2[q]),
        (Sum(x1[i] * W[h, i, j] * D(x2[j], x2[q]), i, j), "linearity"),
        (Sum(x1[i] * W[h, i, j] * delta(j, q), i, j), "independent entries"),
        (Sum(x1[i] * W[h, i, q], i), "delta contraction"),
    ),
    chain(
        dx2[q],
        (Sum(dz[h] * D(z[h], x2[q]), h), "chain rule"),
        (Sum(dz[h] * x1[i] * W[h, i, q], h, i), "substitution"),
    ),
    matrix=Sum(dz[h] * (W[h].T @ x1), h),
)
by_W = derivation(
    W[k, p, q],
    chain(
        D(z[h], W[k, p, q]),
        (Sum(x1[i] * D(W[h, i, j], W[k, p, q]) * x2[j], i, j), "linearity"),
        (Sum(x1[i] * delta(h, k) * delta(i, p) * delta(j, q) * x2[j], i, j), "independent entries"),
        (delta(h, k) * x1[p] * x2[q], "delta contraction"),
    ),
    chain(
        dW[k, p, q],
        (Sum(dz[h] * D(z[h], W[k, p, q]), h), "chain rule"),
        (Sum(dz[h] * delta(h, k) * x1[p] * x2[q], h), "substitution"),
        (dz[k] * x1[p] * x2[q], "delta contraction"),
    ),  # three axes: no matrix form
)
by_b = derivation(
    b[k],
    chain(D(z[h], b[k]), (D(b[h], b[k]), "linearity"), (delta(h, k), "independent entries")),
    chain(
        db[k],
        (Sum(dz[h] * D(z[h], b[k]), h), "chain rule"),
        (Sum(dz[h] * delta(h, k), h), "substitution"),
        (dz[k], "delta contraction"),
    ),
    matrix=dz.matrix(),
)

layer = Layer(
    inputs=(x1, x2, W, b),
    forward=(define(z[h], Sum(x1[i] * W[h, i, j] * x2[j], i, j) + b[h]),),
    derivations=(by_x1, by_x2, by_W, by_b),
)
