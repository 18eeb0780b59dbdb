"""Linear layer: y = W x + b, in the four layouts that notes use.

Family: linear.
Source: Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.5.6.
"""

from gradcheck.derivations.notation import *

s, r = axis("S", "s r")  # samples
m, j = axis("M", "m j")  # input features
n, i = axis("N", "n i")  # output features
b = tensor("b", n)
db = grad(b)


def vector():
    """One sample: y = W x + b."""
    x, W, y = tensor("x", m), tensor("W", n, m), tensor("y", n)
    dy, dx, dW = grad(y), grad(x), grad(W)
    forward = define(y[n], Sum(W[n, m] * x[m], m) + b[n])

    by_x = derivation(
        x[j],
        chain(
            D(y[n], x[j]),
            (Sum(W[n, m] * D(x[m], x[j]), m), "linearity"),
            (Sum(W[n, m] * delta(m, j), m), "independent entries"),
            (W[n, j], "delta contraction"),
        ),
        chain(
            dx[j],
            (Sum(dy[n] * D(y[n], x[j]), n), "chain rule"),
            (Sum(dy[n] * W[n, j], n), "substitution"),
        ),
        matrix=W.T @ dy,
    )
    by_W = derivation(
        W[i, j],
        chain(
            D(y[n], W[i, j]),
            (Sum(D(W[n, m], W[i, j]) * x[m], m), "linearity"),
            (Sum(delta(n, i) * delta(m, j) * x[m], m), "independent entries"),
            (delta(n, i) * x[j], "delta contraction"),
        ),
        chain(
            dW[i, j],
            (Sum(dy[n] * D(y[n], W[i, j]), n), "chain rule"),
            (Sum(dy[n] * delta(n, i) * x[j], n), "substitution"),
            (dy[i] * x[j], "delta contraction"),
        ),
        matrix=dy @ x.T,
    )
    by_b = derivation(
        b[i],
        chain(D(y[n], b[i]), (D(b[n], b[i]), "linearity"), (delta(n, i), "independent entries")),
        chain(
            db[i],
            (Sum(dy[n] * D(y[n], b[i]), n), "chain rule"),
            (Sum(dy[n] * delta(n, i), n), "substitution"),
            (dy[i], "delta contraction"),
        ),
        matrix=dy.matrix(),
    )
    return Layer((x, W, b), (forward,), (by_x, by_W, by_b))


def batch(X, W, Y, matrix_forms):
    """Many samples. `at` puts each index on its axis, so this is every layout at once."""
    dX, dW, dY = grad(X), grad(W), grad(Y)
    y, dy = Y.at(s, n), dY.at(s, n)
    of_X, of_W, of_b = matrix_forms
    forward = define(y, Sum(X.at(s, m) * W.at(n, m), m) + b[n])

    by_X = derivation(
        X.at(r, j),
        chain(
            D(y, X.at(r, j)),
            (Sum(D(X.at(s, m), X.at(r, j)) * W.at(n, m), m), "linearity"),
            (Sum(delta(s, r) * delta(m, j) * W.at(n, m), m), "independent entries"),
            (delta(s, r) * W.at(n, j), "delta contraction"),
        ),
        chain(
            dX.at(r, j),
            (Sum(dy * D(y, X.at(r, j)), s, n), "chain rule"),
            (Sum(dy * delta(s, r) * W.at(n, j), s, n), "substitution"),
            (Sum(dY.at(r, n) * W.at(n, j), n), "delta contraction"),
        ),
        matrix=of_X(dY, X, W),
    )
    by_W = derivation(
        W.at(i, j),
        chain(
            D(y, W.at(i, j)),
            (Sum(X.at(s, m) * D(W.at(n, m), W.at(i, j)), m), "linearity"),
            (Sum(X.at(s, m) * delta(n, i) * delta(m, j), m), "independent entries"),
            (X.at(s, j) * delta(n, i), "delta contraction"),
        ),
        chain(
            dW.at(i, j),
            (Sum(dy * D(y, W.at(i, j)), s, n), "chain rule"),
            (Sum(dy * X.at(s, j) * delta(n, i), s, n), "substitution"),
            (Sum(dY.at(s, i) * X.at(s, j), s), "delta contraction"),
        ),
        matrix=of_W(dY, X, W),
    )
    by_b = derivation(
        b[i],
        chain(D(y, b[i]), (D(b[n], b[i]), "linearity"), (delta(n, i), "independent entries")),
        chain(
            db[i],
            (Sum(dy * D(y, b[i]), s, n), "chain rule"),
            (Sum(dy * delta(n, i), s, n), "substitution"),
            (Sum(dY.at(s, i), s), "delta contraction"),
        ),
        matrix=of_b(dY, X, W),
    )
    return Layer((X, W, b), (forward,), (by_X, by_W, by_b))


layers = {
    "vector": vector(),  # y = W x + b
    "rows": batch(  # Y = X Wᵀ + b, as torch.nn.Linear
        tensor("X", s, m),
        tensor("W", n, m),
        tensor("Y", s, n),
        (lambda dY, X, W: dY @ W, lambda dY, X, W: dY.T @ X, lambda dY, X, W: ones(s).T @ dY),
    ),
    "rows_in_out": batch(  # Y = X W + b
        tensor("X", s, m),
        tensor("W", m, n),
        tensor("Y", s, n),
        (lambda dY, X, W: dY @ W.T, lambda dY, X, W: X.T @ dY, lambda dY, X, W: ones(s).T @ dY),
    ),
    "columns": batch(  # Y = W X + b
        tensor("X", m, s),
        tensor("W", n, m),
        tensor("Y", n, s),
        (lambda dY, X, W: W.T @ dY, lambda dY, X, W: dY @ X.T, lambda dY, X, W: dY @ ones(s)),
    ),
}
