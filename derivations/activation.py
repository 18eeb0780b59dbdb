"""Elementwise activation: Y = h(X), for any differentiable h and for the usual ones.

Source: Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.3.
"""

from gradcheck.derivations.notation import *

s, i = axis("S", "s i")  # samples
m, j = axis("M", "m j")  # features
X, Y = tensor("X", s, m), tensor("Y", s, m)
dX, dY = grad(X), grad(Y)
h = function("h")


def activation(f, slope, matrix, functions=None):
    """Y = f(X); `slope(X, Y)` is f′, `matrix` the gradient in matrix notation."""
    inner = delta(s, i) * delta(m, j)
    by_X = derivation(
        X[i, j],
        chain(
            D(Y[s, m], X[i, j]),
            (D(f(X[s, m]), X[i, j]), "definition"),
            (slope(X[s, m], Y[s, m]) * D(X[s, m], X[i, j]), "function derivative"),
            (slope(X[s, m], Y[s, m]) * inner, "independent entries"),
        ),
        chain(
            dX[i, j],
            (Sum(dY[s, m] * D(Y[s, m], X[i, j]), s, m), "chain rule"),
            (Sum(dY[s, m] * slope(X[s, m], Y[s, m]) * inner, s, m), "substitution"),
            (dY[i, j] * slope(X[i, j], Y[i, j]), "delta contraction"),
        ),
        matrix=matrix,
    )
    return Layer((X,), (define(Y[s, m], f(X[s, m])),), (by_X,), functions=functions or {})


layers = {
    "elementwise": activation(  # any h; the NumPy side takes h = tanh
        h, lambda x, y: h.prime(x), dY * h.prime(X), functions={h: tanh}
    ),
    "relu": activation(relu, lambda x, y: step(x), dY * step(X)),
    "sigmoid": activation(sigmoid, lambda x, y: y * (1 - y), dY * Y * (1 - Y)),
    "tanh": activation(tanh, lambda x, y: 1 - y**2, dY * (1 - Y**2)),
}
