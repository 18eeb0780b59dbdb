"""Right passes of which the numbers are hard: types, scales, stiffness and cancellation."""

import numpy as np
from planted.catalogue import Layer, normal, right
from planted.elementwise import DENSE, LOG, SIGMOID, SOFTPLUS, SQRT, TANH, elementwise
from planted.linear import INVERSE, LINEAR
from planted.losses import BINARY, ENTROPY, LABELS, SQUARES
from planted.norms import BATCH, LAYER
from planted.sequences import RNN
from planted.softmaxes import COSINE, LOG_SOFTMAX, LOGSUMEXP, SOFTMAX, UNIT
from planted.windows import CONV

LOW = {"step": 0.0}  # a crude difference cannot resolve it


def cast(layer, dtype):
    """The layer on inputs of another type: everything is computed in it."""

    def draw(rng):
        arrays = {name: np.asarray(value) for name, value in layer.draw(rng).items()}
        return {name: a.astype(dtype) if a.dtype.kind == "f" else a for name, a in arrays.items()}

    def backward(d, **inputs):
        found = layer.backward(np.asarray(d).astype(dtype), **inputs)
        return {name: np.asarray(g).astype(dtype) for name, g in found.items()}

    forward = lambda **inputs: np.asarray(layer.forward(**inputs)).astype(dtype)  # noqa: E731
    return Layer(layer.name, forward, backward, draw, layer.differentiable)


def inside(layer, dtype):
    """Inputs and outputs in float64, and the work in between in another type."""
    low = cast(layer, dtype)

    def narrow(inputs):
        return {n: a.astype(dtype) if a.dtype.kind == "f" else a for n, a in inputs.items()}

    def backward(d, **inputs):
        found = low.backward(d, **narrow(inputs))
        return {name: g.astype(float) for name, g in found.items()}

    forward = lambda **inputs: low.forward(**narrow(inputs)).astype(float)  # noqa: E731
    return Layer(layer.name, forward, backward, layer.draw, layer.differentiable)


def scaled(layer, **by):
    """The layer at inputs that are multiplied."""
    return layer.at(lambda rng: {n: a * by.get(n, 1.0) for n, a in layer.draw(rng).items()})


def plus(layer, offset):
    """The layer with a number added to its output."""
    return Layer(layer.name, lambda **i: layer.forward(**i) + offset, layer.backward, layer.draw)


def steep(name, forward, slope, low, high, shape=(4, 3)):
    """A function of entries between two bounds."""
    return elementwise(name, forward, slope, lambda rng: {"x": rng.uniform(low, high, shape)})


def product_back(d, x):
    return {"x": d * np.prod(x) / x}


def variance_back(d, x):
    return {"x": d * 2 * (x - x.mean(0)) / len(x)}


def ill(rng, small=1e-7):
    """A matrix of condition about 1 / small."""
    u, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    v, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    return {"A": u * np.array([1, 0.5, 0.1, small]) @ v}


def quantised(x):
    return np.round(x**2, 6)


def wobbling(x):
    return x**2 + 1e-8 * np.sin(1e12 * x)


VARIANCE = Layer(
    "variance", lambda x: ((x - x.mean(0)) ** 2).mean(0), variance_back, normal(x=(7, 3))
)
PROD = Layer(
    "long product",
    lambda x: np.prod(x),
    product_back,
    lambda rng: {"x": rng.uniform(0.5, 1.8, 60) * rng.choice([-1, 1], 60)},
)
MIXED = np.array([1e-8, 1e-3, 1.0, 1e8])
COLUMNS = np.array([1e-8, 1.0, 1e8])
SQUARE = elementwise(
    "square", lambda x: x**2, lambda x: 2 * x, lambda rng: {"x": rng.standard_normal((5, 4))}
)
HALF = np.float16
SINGLE = np.float32

RIGHT = [
    right("float32", cast(LINEAR, SINGLE), **LOW),
    right("float32", cast(SOFTMAX, SINGLE), **LOW),
    right("float32", cast(LAYER, SINGLE), **LOW),
    right("float32", cast(CONV, SINGLE), **LOW),
    right("float32", cast(ENTROPY, SINGLE), **LOW),
    right("float32", cast(RNN, SINGLE), **LOW),
    right("float32", cast(SQUARES, SINGLE), **LOW),
    right("float16", cast(LINEAR, HALF), **LOW),
    right("float16", cast(TANH, HALF), **LOW),
    right("float16", cast(SOFTMAX, HALF), **LOW),
    right("float32 inside", inside(LINEAR, SINGLE), **LOW),
    right("float32 inside", inside(BATCH, SINGLE), **LOW),
    right("float32 inside", inside(DENSE, SINGLE), **LOW),
    right("float32 inside", inside(LOG_SOFTMAX, SINGLE), **LOW),
    right("float16 inside", inside(TANH, HALF), **LOW),
    right("inputs of 1e-8", scaled(LINEAR, x=1e-8)),
    right("inputs of 1e8", scaled(LINEAR, x=1e8)),
    right("weights of 1e-8 and inputs of 1e8", scaled(LINEAR, x=1e8, W=1e-8)),
    right("everything of 1e-8", scaled(LINEAR, x=1e-8, W=1e-8, b=1e-8), **LOW),
    right("columns of 1e-8, 1 and 1e8", scaled(LINEAR, x=COLUMNS), **LOW),
    right("entries of 1e-8 to 1e8", scaled(SQUARE, x=MIXED), **LOW),
    right("entries of 1e-8 to 1e8", scaled(LAYER, gamma=np.logspace(-8, 8, 6)), **LOW),
    right("predictions of 1e8", scaled(SQUARES, x=1e8), **LOW),
    right("entries of 1e-8", scaled(COSINE, a=1e-8)),
    right("rows of length 1e-8", scaled(UNIT, x=1e-8)),
    right("inputs of 1e4", scaled(BATCH, x=1e4)),
    right("plus 1e8", plus(SQUARES, 1e8), **LOW),
    right("plus 1e8", plus(ENTROPY, 1e8), **LOW),
    right("plus 1e6", plus(LINEAR, 1e6), **LOW),
    right("probabilities of 1e-7", steep("log", lambda x: np.log(x), lambda x: 1 / x, 1e-7, 3e-7)),
    right(
        "probabilities of 1e-7 and 1 - 1e-7",
        BINARY.at(
            lambda rng: {"p": np.array([1e-7, 1 - 1e-7, 0.5, 0.2]), "t": np.array([1, 0, 1, 0])}
        ),
        step=1e-9,
        close=1e-3,
    ),
    right(
        "one label has the probability 1e-12",
        ENTROPY.at(
            lambda rng: {
                "x": rng.standard_normal((5, 4)) + 28 * np.eye(4)[(LABELS + 1) % 4],
                "labels": LABELS,
            }
        ),
    ),
    right("entries of 1e-6", SQRT.at(lambda rng: {"x": 1e-6 * (1 + rng.random((4, 3)))})),
    right(
        "entries of 1e-6 among ones",
        SQRT.at(lambda rng: {"x": np.where(np.eye(3) > 0, 1e-6, 1 + rng.random((3, 3)))}),
        step=1e-8,
        close=1e-4,
    ),
    right("entries of 1e-5", LOG.at(lambda rng: {"x": np.array([1e-5, 1, 3, 1e-3, 100, 1e-5])})),
    right("poles nearby", steep("reciprocal", lambda x: 1 / x, lambda x: -1 / x**2, 1e-5, 1e-3)),
    right(
        "steep by 1e3",
        steep(
            "sigmoid",
            lambda x: SIGMOID.forward(1e3 * x),
            lambda x: 1e3 * SIGMOID.forward(1e3 * x) * SIGMOID.forward(-1e3 * x),
            -3e-3,
            3e-3,
        ),
        step=1e-6,
    ),
    right(
        "steep by 1e3 among ordinary entries",
        steep(
            "sigmoid",
            lambda x: SIGMOID.forward(1e3 * x),
            lambda x: 1e3 * SIGMOID.forward(1e3 * x) * SIGMOID.forward(-1e3 * x),
            -3e-2,
            3e-2,
        ),
        step=1e-6,
    ),
    right(
        "saturated",
        TANH.at(lambda rng: {"x": rng.choice([-1, 1], (4, 3)) * rng.uniform(15, 40, (4, 3))}),
        **LOW,
    ),
    right("partly saturated", TANH.at(lambda rng: {"x": rng.uniform(-12, 12, (4, 5))}), **LOW),
    right("of 50", steep("exp", lambda x: np.exp(x), lambda x: np.exp(x), 45, 50)),
    right("of -50 to 50", steep("exp", lambda x: np.exp(x), lambda x: np.exp(x), -50, 50), **LOW),
    right(
        "logits of 1000", SOFTMAX.at(lambda rng: {"x": 1000 * rng.standard_normal((5, 4))}), **LOW
    ),
    right(
        "logits near 1e4",
        LOGSUMEXP.at(lambda rng: {"x": 1e4 + rng.standard_normal((4, 5))}),
        step=1e-8,
        close=1e-4,
    ),
    right(
        "beyond its threshold", SOFTPLUS.at(lambda rng: {"x": rng.uniform(-30, 30, (5, 4))}), **LOW
    ),
    right(
        "narrow bells",
        steep(
            "bell",
            lambda x: np.exp(-((x / 1e-3) ** 2)),
            lambda x: -2e6 * x * np.exp(-((x / 1e-3) ** 2)),
            -2e-3,
            2e-3,
        ),
    ),
    right(
        "fast waves",
        steep("wave", lambda x: np.sin(1e3 * x), lambda x: 1e3 * np.cos(1e3 * x), -2, 2),
        step=1e-7,
    ),
    right("the twentieth power", steep("power", lambda x: x**20, lambda x: 20 * x**19, 0.1, 3)),
    right(
        "nearly constant rows",
        LAYER.at(
            lambda rng: {
                "x": 3 + 1e-6 * rng.standard_normal((4, 6)),
                "gamma": rng.random(6),
                "beta": rng.random(6),
            }
        ),
        step=1e-7,
        close=1e-3,
    ),
    right(
        "constant rows",
        LAYER.at(
            lambda rng: {
                "x": np.ones((4, 6)) * rng.standard_normal((4, 1)),
                "gamma": rng.random(6),
                "beta": rng.random(6),
            }
        ),
        step=1e-6,
    ),
    right(
        "rows of zeros",
        LAYER.at(
            lambda rng: {"x": np.zeros((4, 6)), "gamma": rng.random(6), "beta": rng.random(6)}
        ),
        step=1e-6,
    ),
    right(
        "mean 1e6",
        VARIANCE.at(lambda rng: {"x": 1e6 + rng.standard_normal((7, 3))}),
        step=1e-9,
        close=1e-3,
    ),
    right(
        "mean 1e6",
        BATCH.at(lambda rng: {**BATCH.draw(rng), "x": 1e6 + rng.standard_normal((6, 4))}),
        step=1e-10,
        close=1e-3,
    ),
    right("60 factors", PROD),
    right(
        "condition 1e7",
        INVERSE.at(ill),
        inconclusive="the inverse changes on the scale of 1e-7",
        **LOW,
    ),
    right("condition 1e4", INVERSE.at(lambda rng: ill(rng, 1e-4)), **LOW),
    right(
        "60 steps",
        RNN.at(normal(x=(60, 2, 3), Wx=(3, 4), Wh=(4, 4), b=(4,), h0=(2, 4))),
        inconclusive="the states may be chaotic",
        step=1e-8,
        close=1e-1,
    ),
    right(
        "quantised to 1e-6",
        elementwise("square", quantised, lambda x: 2 * x, SQUARE.draw),
        inconclusive="noise of 1e-6",
        **LOW,
    ),
    right(
        "noise of 1e-8",
        elementwise("square", wobbling, lambda x: 2 * x, SQUARE.draw),
        inconclusive="noise of 1e-8",
        **LOW,
    ),
]
