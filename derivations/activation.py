"""Elementwise activation: Y = h(X), for any differentiable h and for the usual ones.

At a kink the derivative is PyTorch's: 0 for abs and at both ends of what is cut off or shrunk to 0,
1 for softsign, and for leaky_relu, elu, celu and selu that of their negative part. Softplus has no
threshold beyond which it is a straight line, which changes it by less than 2.1e-9 / beta.

Family: activations.
Source: Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.3; PyTorch, torch.nn.
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


def entrywise(f, *options, positive=False):
    """Y = f(X, options), derived from the formula; `positive` if f needs X greater than 0."""
    x = tensor("X", s, m, positive=positive)
    return Layer((x,), (define(Y[s, m], f(x[s, m], *options)),), options=options)


def at_most_0(x):
    """min(x, 0), whose derivative at 0 is 1."""
    return x - relu(x)


def capped(x, high):
    """min(max(x, 0), high), whose derivative is 0 at both ends."""
    return high - relu(high - relu(x))


def shrunk(x, by):
    """x moved towards 0, but not beyond it; the derivative is 0 where it gets there."""
    return relu(x - by) - relu(-x - by)


alpha = option("alpha", 1.0, between=(0.3, 2))
lambd = option("lambd", 0.5, between=(0.2, 0.9))
selu_scale, selu_alpha = Rational("1.0507009873554805"), Rational("1.6732632423543773")

layers = {
    "elementwise": activation(  # any h; the NumPy side takes h = tanh
        h, lambda x, y: h.prime(x), dY * h.prime(X), functions={h: tanh}
    ),
    "relu": activation(relu, lambda x, y: step(x), dY * step(X)),
    "sigmoid": activation(sigmoid, lambda x, y: y * (1 - y), dY * Y * (1 - Y)),
    "tanh": activation(tanh, lambda x, y: 1 - y**2, dY * (1 - Y**2)),
    # smooth
    "exp": entrywise(exp),
    "log": entrywise(log, positive=True),
    "sqrt": entrywise(sqrt, positive=True),
    "square": entrywise(lambda x: x**2),
    "reciprocal": entrywise(lambda x: 1 / x, positive=True),
    "sin": entrywise(sin),
    "cos": entrywise(cos),
    "softplus": entrywise(lambda x, β: softplus(β * x) / β, option("beta", 1.0, between=(0.5, 2))),
    "logsigmoid": entrywise(lambda x: -softplus(-x)),
    "silu": entrywise(lambda x: x * sigmoid(x)),
    "mish": entrywise(lambda x: x * tanh(softplus(x))),
    "tanhshrink": entrywise(lambda x: x - tanh(x)),
    "gelu": entrywise(lambda x: x * (1 + erf(x / sqrt(2))) / 2),
    "gelu_tanh": entrywise(
        lambda x: x * (1 + tanh(sqrt(2 / pi) * (x + Rational("0.044715") * x**3))) / 2
    ),
    # with a kink at 0: 0 is taken to be negative
    "leaky_relu": entrywise(
        lambda x, slope: relu(x) + slope * at_most_0(x),
        option("negative_slope", 0.01, between=(0.01, 0.9)),
    ),
    "elu": entrywise(lambda x, α: relu(x) + α * (exp(at_most_0(x)) - 1), alpha),
    "celu": entrywise(lambda x, α: relu(x) + α * (exp(at_most_0(x) / α) - 1), alpha),
    "selu": entrywise(lambda x: selu_scale * (relu(x) + selu_alpha * (exp(at_most_0(x)) - 1))),
    "abs": entrywise(absolute),
    "softsign": entrywise(lambda x: x / (1 + absolute(x))),
    # made of straight pieces
    "hardtanh": entrywise(
        lambda x, low, high: low + capped(x - low, high - low),
        option("min_val", -1.0, between=(-1.5, -0.5)),
        option("max_val", 1.0, between=(0.5, 1.5)),
    ),
    "relu6": entrywise(lambda x: capped(x, 6)),
    "hardsigmoid": entrywise(lambda x: capped(x + 3, 6) / 6),
    "hardswish": entrywise(lambda x: x * capped(x + 3, 6) / 6),
    "softshrink": entrywise(shrunk, lambd),
    "hardshrink": entrywise(lambda x, λ: shrunk(x, λ) + λ * sign(shrunk(x, λ)), lambd),
    "threshold": entrywise(
        lambda x, t, value: relu(x - t) + (t - value) * step(x - t) + value,
        option("threshold", 0.1, between=(-1, 1)),
        option("value", 20.0, between=(-2, 2)),
    ),
}
