"""Activations, dropout and other functions of single entries."""

import math

import numpy as np
from planted.catalogue import Layer, normal, poked, wrong

# the error function and the density of the normal distribution
erf = np.vectorize(math.erf, otypes=[float])
A = math.sqrt(2 / math.pi)


def cdf(x):
    return 0.5 * (1 + erf(x / math.sqrt(2)))


def density(x):
    return np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def sigmoid(x):
    return 0.5 * (1 + np.tanh(x / 2))


def tanh_gelu(x):
    return 0.5 * x * (1 + np.tanh(A * (x + 0.044715 * x**3)))


def tanh_gelu_slope(x):
    t = np.tanh(A * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * A * (1 + 3 * 0.044715 * x**2)


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def elu(x, alpha=0.7):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def elu_slope(x, alpha=0.7):
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def elementwise(name, forward, slope, draw):
    return Layer(name, forward, lambda d, x: {"x": d * slope(x)}, draw)


def dense_back(d, x, W, b):
    da = d * (1 - np.tanh(x @ W + b) ** 2)
    return {"x": da @ W.T, "W": x.T @ da, "b": da.sum(0)}


def dense_with(change):
    """All three gradients of a dense layer with another derivative of its activation."""

    def gradient(name):
        def changed(d, i, g):
            da = d * change(np.tanh(i.x @ i.W + i.b), i.x @ i.W + i.b)
            return {"x": da @ i.W.T, "W": i.x.T @ da, "b": da.sum(0)}[name]

        return changed

    return {name: gradient(name) for name in ("x", "W", "b")}


def dropout_draw(rng):
    return {"x": rng.standard_normal((5, 6)), "mask": np.arange(30).reshape(5, 6) % 3 > 0}


def off_zero(rng, shape=(5, 4)):
    """Of both signs, and at least 0.1 away from zero."""
    return {"x": rng.choice([-1, 1], shape) * (0.1 + np.abs(rng.standard_normal(shape)))}


def mixed(rng):
    """Of both signs, and some entries far out."""
    x = off_zero(rng)["x"]
    x.flat[[0, 7, 14, 19]] = 25.0, 3.5, -3.5, 2.5
    return {"x": x}


def positive(rng):
    return {"x": 0.1 + rng.random((4, 3))}


KEEP = 0.7
RELU = elementwise("relu", lambda x: np.maximum(x, 0), lambda x: x > 0, off_zero)
LEAKY = elementwise(
    "leaky relu", lambda x: np.where(x > 0, x, 0.2 * x), lambda x: np.where(x > 0, 1, 0.2), off_zero
)
SIGMOID = elementwise("sigmoid", sigmoid, lambda x: sigmoid(x) * sigmoid(-x), off_zero)
TANH = elementwise("tanh", lambda x: np.tanh(x), lambda x: 1 - np.tanh(x) ** 2, off_zero)
GELU = elementwise("gelu", lambda x: x * cdf(x), lambda x: cdf(x) + x * density(x), mixed)
TANH_GELU = elementwise("tanh gelu", tanh_gelu, tanh_gelu_slope, off_zero)
SOFTPLUS = elementwise("softplus", softplus, sigmoid, mixed)
ELU = elementwise("elu", elu, elu_slope, off_zero)
SILU = elementwise(
    "silu", lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x)), mixed
)
CLIP = elementwise(
    "clip",
    lambda x: np.clip(x, -1, 1),
    lambda x: np.abs(x) < 1,
    lambda rng: {
        "x": np.array([[-3, -0.5, 0.2], [0.7, 1.5, 2.5], [-1.7, 0.4, -0.1]])
        + 0.1 * rng.random((3, 3))
    },
)
LOG = elementwise("log", lambda x: np.log(x), lambda x: 1 / x, positive)
SQRT = elementwise("sqrt", lambda x: np.sqrt(x), lambda x: 0.5 / np.sqrt(x), positive)
CUBED = elementwise("cube", lambda x: x**3, lambda x: 3 * x**2, off_zero)
PRELU = Layer(
    "prelu",
    lambda x, slope: np.where(x > 0, x, slope * x),
    lambda d, x, slope: {"x": d * np.where(x > 0, 1, slope), "slope": (d * x * (x < 0)).sum(0)},
    lambda rng: {**off_zero(rng), "slope": 0.1 + rng.random(4)},
)
DROPOUT = Layer(
    "dropout",
    lambda x, mask: x * mask / KEEP,
    lambda d, x, mask: {"x": d * mask / KEEP},
    dropout_draw,
)
DENSE = Layer(
    "dense tanh", lambda x, W, b: np.tanh(x @ W + b), dense_back, normal(x=(5, 3), W=(3, 4), b=(4,))
)

LAYERS = [
    *(RELU, LEAKY, SIGMOID, TANH, GELU, TANH_GELU, SOFTPLUS, ELU, SILU, CLIP, LOG, SQRT, CUBED),
    *(PRELU, DROPOUT, DENSE),
]

WRONG = [
    wrong("the cotangent passes", RELU, "x", "missing-activation", x=lambda d, i, g: d + 0),
    wrong("x instead of its step", RELU, "x", x=lambda d, i, g: d * np.maximum(i.x, 0)),
    wrong(
        "the cotangent is rectified too", RELU, "x", "nonlinear", x=lambda d, i, g: g.x * (d > 0)
    ),
    wrong("no gradient above a half", RELU, "x", x=lambda d, i, g: g.x * (i.x < 0.5)),
    wrong(
        "the step without the cotangent",
        RELU,
        "x",
        "ignores-cotangent",
        x=lambda d, i, g: (i.x > 0) * 1.0,
    ),
    wrong("the other side", RELU, "x", x=lambda d, i, g: d * (i.x < 0)),
    wrong("the slope is forgotten", LEAKY, "x", "one-sided", x=lambda d, i, g: d * (i.x > 0)),
    wrong(
        "another slope", LEAKY, "x", "one-sided", x=lambda d, i, g: d * np.where(i.x > 0, 1, 0.01)
    ),
    wrong("the slope everywhere", LEAKY, "x", "one-sided", x=lambda d, i, g: 0.2 * d),
    wrong("the sides exchanged", LEAKY, "x", x=lambda d, i, g: d * np.where(i.x > 0, 0.2, 1)),
    wrong(
        "the input for the output",
        SIGMOID,
        "x",
        "wrong-variable",
        x=lambda d, i, g: d * i.x * (1 - i.x),
    ),
    wrong(
        "the output for the input",
        SIGMOID,
        "x",
        "wrong-variable",
        x=lambda d, i, g: d * sigmoid(sigmoid(i.x)) * (1 - sigmoid(sigmoid(i.x))),
    ),
    wrong("the cotangent passes", SIGMOID, "x", "missing-activation", x=lambda d, i, g: d + 0),
    wrong("the output itself", SIGMOID, "x", x=lambda d, i, g: d * sigmoid(i.x)),
    wrong(
        "the cotangent is forgotten",
        SIGMOID,
        "x",
        "ignores-cotangent",
        x=lambda d, i, g: sigmoid(i.x) * sigmoid(-i.x),
    ),
    wrong("y (y - 1)", SIGMOID, "x", "sign", x=lambda d, i, g: -g.x),
    wrong(
        "the tanh of half the input is not halved",
        SIGMOID,
        "x",
        "factor",
        x=lambda d, i, g: 2 * g.x,
    ),
    wrong(
        "the input for the output", TANH, "x", "wrong-variable", x=lambda d, i, g: d * (1 - i.x**2)
    ),
    wrong(
        "the output for the input",
        TANH,
        "x",
        "wrong-variable",
        x=lambda d, i, g: d * (1 - np.tanh(np.tanh(i.x)) ** 2),
    ),
    wrong("1 - y", TANH, "x", x=lambda d, i, g: d * (1 - np.tanh(i.x))),
    wrong("1 + y²", TANH, "x", x=lambda d, i, g: d * (1 + np.tanh(i.x) ** 2)),
    wrong(
        "zero where it is nearly saturated",
        TANH,
        "x",
        x=lambda d, i, g: g.x * (np.abs(i.x) < np.abs(i.x).max()),
    ),
    wrong("the last row is forgotten", TANH, "x", x=lambda d, i, g: np.vstack([g.x[:-1], d[-1:]])),
    wrong("one entry", TANH, "x", "one-entry", x=lambda d, i, g: poked(g.x, (0, 3), 0.01)),
    wrong(
        "the density of the other gelu",
        TANH_GELU,
        "x",
        "approximate",
        x=lambda d, i, g: d * (cdf(i.x) + i.x * density(i.x)),
    ),
    wrong("tanh for the erf", GELU, "x", "approximate", x=lambda d, i, g: d * tanh_gelu_slope(i.x)),
    wrong("the density's term is forgotten", GELU, "x", x=lambda d, i, g: d * cdf(i.x)),
    wrong("one beyond 2", GELU, "x", x=lambda d, i, g: np.where(i.x > 2, d, g.x)),
    wrong(
        "the sigmoid's rule of thumb",
        GELU,
        "x",
        x=lambda d, i, g: (
            d * (sigmoid(1.702 * i.x) + 1.702 * i.x * sigmoid(1.702 * i.x) * sigmoid(-1.702 * i.x))
        ),
    ),
    wrong("the sigmoid of -x", SOFTPLUS, "x", x=lambda d, i, g: d * sigmoid(-i.x)),
    wrong(
        "nothing beyond the threshold", SOFTPLUS, "x", x=lambda d, i, g: np.where(i.x > 20, 0, g.x)
    ),
    wrong(
        "the derivative of the derivative",
        SOFTPLUS,
        "x",
        x=lambda d, i, g: d * sigmoid(i.x) * sigmoid(-i.x),
    ),
    wrong("alpha is forgotten", ELU, "x", "one-sided", x=lambda d, i, g: d * elu_slope(i.x, 1)),
    wrong(
        "the output without alpha",
        ELU,
        "x",
        "one-sided",
        x=lambda d, i, g: d * np.where(i.x > 0, 1, elu(i.x)),
    ),
    wrong("one of two terms", SILU, "x", x=lambda d, i, g: d * sigmoid(i.x)),
    wrong("y for x y'", SILU, "x", x=lambda d, i, g: d * (sigmoid(i.x) + i.x * sigmoid(i.x))),
    wrong("passes beyond the bounds", CLIP, "x", "missing-activation", x=lambda d, i, g: d + 0),
    wrong("the lower bound is forgotten", CLIP, "x", "one-sided", x=lambda d, i, g: d * (i.x < 1)),
    wrong("an epsilon below the line", LOG, "x", "approximate", x=lambda d, i, g: d / (i.x + 1e-5)),
    wrong(
        "an epsilon below the root",
        SQRT,
        "x",
        "approximate",
        x=lambda d, i, g: d * 0.5 / np.sqrt(i.x + 1e-6),
    ),
    wrong("the half is forgotten", SQRT, "x", "factor", x=lambda d, i, g: 2 * g.x),
    wrong("1 / x² for 1 / x", LOG, "x", x=lambda d, i, g: d / i.x**2),
    wrong("|x| x for x²", CUBED, "x", "one-sided", x=lambda d, i, g: d * 3 * np.abs(i.x) * i.x),
    wrong("the exponent for the factor", CUBED, "x", "factor", x=lambda d, i, g: g.x * 2 / 3),
    wrong(
        "positive inputs count for the slope",
        PRELU,
        "slope",
        slope=lambda d, i, g: (d * i.x).sum(0),
    ),
    wrong(
        "the slope is not summed",
        PRELU,
        "slope",
        "missing-sum",
        slope=lambda d, i, g: d * i.x * (i.x < 0),
    ),
    wrong(
        "one slope for all",
        PRELU,
        "slope",
        "extra-sum",
        slope=lambda d, i, g: np.full(4, g.slope.sum()),
    ),
    wrong("1/(1-p) is forgotten", DROPOUT, "x", "factor", x=lambda d, i, g: d * i.mask),
    wrong("1/(1-p) twice", DROPOUT, "x", "factor", x=lambda d, i, g: g.x / KEEP),
    wrong("the mask is forgotten", DROPOUT, "x", x=lambda d, i, g: d / KEEP),
    wrong("dropped ones get it", DROPOUT, "x", x=lambda d, i, g: d * ~i.mask / KEEP),
    wrong(
        "tanh is not differentiated",
        DENSE,
        "x W b",
        "missing-activation",
        **dense_with(lambda y, z: 1),
    ),
    wrong(
        "tanh' of the output",
        DENSE,
        "x W b",
        "wrong-variable",
        **dense_with(lambda y, z: 1 - np.tanh(y) ** 2),
    ),
    wrong("1 - z²", DENSE, "x W b", "wrong-variable", **dense_with(lambda y, z: 1 - z**2)),
    wrong(
        "tanh is not differentiated for x",
        DENSE,
        "x",
        "missing-activation",
        x=lambda d, i, g: d @ i.W.T,
    ),
]
