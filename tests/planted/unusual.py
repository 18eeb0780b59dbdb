"""Right passes with unusual shapes, memory layouts, complex numbers, or gradients that are zero."""

import numpy as np
from planted.catalogue import Layer, normal, right, wrong
from planted.elementwise import RELU, TANH, elementwise
from planted.indexing import EMBEDDING, GATHER, INDEX, SCATTER
from planted.linear import LINEAR, PRODUCT
from planted.losses import ENTROPY, SQUARES
from planted.norms import BATCH, LAYER
from planted.sequences import RNN
from planted.softmaxes import SOFTMAX
from planted.windows import CONV

EXACT = {"step": 0.0}  # nothing to compare, or not in float64


def changed(layer, name, change):
    """The layer with one input changed."""

    def draw(rng):
        inputs = layer.draw(rng)
        return {**inputs, name: change(np.asarray(inputs[name]))}

    return layer.at(draw)


def returning(layer, change):
    """The layer with something done to the dict of its gradients."""
    backward = lambda d, **i: change(layer.backward(d, **i))  # noqa: E731
    return Layer(layer.name, layer.forward, backward, layer.draw, layer.differentiable)


def read_only(array):
    array = np.array(array)
    array.flags.writeable = False
    return array


def every(change):
    return lambda gradients: {name: change(g) for name, g in gradients.items()}


def complex_normal(**shapes):
    parts = lambda rng, s: rng.standard_normal(s) + 1j * rng.standard_normal(s)  # noqa: E731
    return lambda rng: {name: parts(rng, shape) for name, shape in shapes.items()}


def unnormalised_back(d, x, W, b, gamma):
    y = x @ W + b
    full = BATCH.backward(d, x=y, gamma=gamma, beta=0 * gamma)
    return {**LINEAR.backward(full["x"], x=x, W=W, b=b), "gamma": full["gamma"]}


def split(x):
    return x[:, :2] * 2.0, np.tanh(x[:, 2:])


def split_back(d, x):
    return {"x": np.hstack([2.0 * d[0], d[1] * (1 - np.tanh(x[:, 2:]) ** 2)])}


def distribution(p):
    """An entropy that insists on its domain."""
    if np.abs(p.sum(1) - 1).max() > 1e-3:
        raise ValueError("the rows of p must sum to 1")
    return -(p * np.log(p)).sum(1)


def in_order(gradients):
    return tuple(gradients.values())


def alone(gradients):
    return next(iter(gradients.values()))


CMUL = Layer(
    "complex product",
    lambda z, w: z * w,
    lambda d, z, w: {"z": d * w.conj(), "w": d * z.conj()},
    complex_normal(z=(4, 3), w=(4, 3)),
)
CLINEAR = Layer(
    "complex linear",
    lambda z, W: z @ W,
    lambda d, z, W: {"z": d @ W.conj().T, "W": z.conj().T @ d},
    complex_normal(z=(4, 3), W=(3, 2)),
)
POWER = Layer(
    "power of a complex number",
    lambda z: (z * z.conj()).real,
    lambda d, z: {"z": 2 * d * z},
    complex_normal(z=(4, 3)),
)
CONJUGATE = Layer(
    "conjugate", lambda z: z.conj(), lambda d, z: {"z": np.conj(d)}, complex_normal(z=(4, 3))
)
REAL = Layer("real part", lambda z: z.real, lambda d, z: {"z": d + 0j}, complex_normal(z=(4, 3)))
FOURIER = Layer(
    "Fourier transform",
    lambda x: np.fft.fft(x),
    lambda d, x: {"x": (np.fft.ifft(d) * x.shape[-1]).real},
    normal(x=(3, 5)),
)
BEFORE_NORM = Layer(
    "bias before batch norm",
    lambda x, W, b, gamma: BATCH.forward(x=x @ W + b, gamma=gamma, beta=0),
    unnormalised_back,
    normal(x=(6, 3), W=(3, 4), b=(4,), gamma=(4,)),
)
UNUSED = Layer(
    "unused input",
    lambda x, y: np.tanh(x),
    lambda d, x, y: {"x": d * (1 - np.tanh(x) ** 2), "y": 0 * y},
    normal(x=(3, 4), y=(2,)),
)
ONE = Layer(
    "sum of a softmax",
    lambda x: SOFTMAX.forward(x).sum(),
    lambda d, x: {"x": 0 * x},
    normal(x=(3, 4)),
)
TWO_OUTPUTS = Layer("two outputs", split, split_back, normal(x=(3, 5)))
TOTAL = Layer("sum", lambda x: x.sum(), lambda d, x: {"x": d * np.ones_like(x)}, normal(x=(3, 4)))
SCALAR = Layer(
    "one number",
    lambda x: np.sin(x),
    lambda d, x: {"x": d * np.cos(x)},
    lambda rng: {"x": rng.standard_normal()},
)
BROADCAST = Layer(
    "broadcast", lambda x: np.broadcast_to(x, (4, 3)), lambda d, x: {"x": d.sum(0)}, normal(x=(3,))
)
TRANSPOSE = Layer(
    "transpose",
    lambda x: x.transpose(2, 0, 1),
    lambda d, x: {"x": d.transpose(1, 2, 0) + 0},
    normal(x=(2, 3, 4)),
)
MASKED = Layer(
    "mask",
    lambda x, m: x * m,
    lambda d, x, m: {"x": d * m, "m": None},
    lambda rng: {"x": rng.standard_normal((4, 3)), "m": rng.random((4, 3)) < 0.5},
)
POWERS = Layer(
    "integer powers",
    lambda x, n: x**n,
    lambda d, x, n: {"x": d * n * x ** (n - 1)},
    lambda rng: {"x": 0.5 + rng.random((4, 3)), "n": np.array([1, 2, 3])},
)
DISTRIBUTION = Layer(
    "entropy",
    distribution,
    lambda d, p: {"p": -d[:, None] * (np.log(p) + 1)},
    lambda rng: {"p": SOFTMAX.forward(rng.standard_normal((4, 3)))},
)
ARCSINE = elementwise(
    "arcsine",
    lambda x: np.arcsin(x),
    lambda x: 1 / np.sqrt(1 - x**2),
    lambda rng: {"x": rng.choice([-1, 1], (3, 4)) * (1 - 1e-4 * rng.random((3, 4)))},
)

RIGHT = [
    right("batch of one", LINEAR.at(normal(x=(1, 3), W=(3, 4), b=(4,)))),
    right("axes of length 1", LINEAR.at(normal(x=(1, 1), W=(1, 1), b=(1,)))),
    right("batch of one", BATCH.at(normal(x=(1, 4), gamma=(4,), beta=(4,))), step=1e-4),
    right("one feature", LAYER.at(normal(x=(4, 1), gamma=(1,), beta=(1,))), step=1e-4),
    right("one class", SOFTMAX.at(normal(x=(4, 1)))),
    right(
        "one step, batch of one",
        RNN.at(normal(x=(1, 1, 3), Wx=(3, 2), Wh=(2, 2), b=(2,), h0=(1, 2))),
    ),
    right("an empty batch", LINEAR.at(normal(x=(0, 3), W=(3, 4), b=(4,)))),
    right("no features", LINEAR.at(normal(x=(2, 0), W=(0, 4), b=(4,)))),
    right("nothing at all", RELU.at(normal(x=(0, 4)))),
    right("no dimension", SCALAR),
    right("no dimension of the output", TOTAL),
    right("a Python number", Layer("sum", lambda x: float(x.sum()), TOTAL.backward, TOTAL.draw)),
    right("a Python number for the gradient", returning(SCALAR, every(float))),
    right("six axes", TANH.at(normal(x=(2, 1, 3, 1, 2, 2)))),
    right("every second column", changed(LINEAR, "x", lambda x: np.repeat(x, 2, 1)[:, ::2])),
    right("columns first", changed(LINEAR, "W", np.asfortranarray)),
    right("turned round", changed(CONV, "x", lambda x: x[:, :, ::-1, ::-1])),
    right("transposed inputs", changed(LAYER, "x", lambda x: x.T.copy().T)),
    right("read-only inputs", changed(LINEAR, "x", read_only)),
    right("a broadcast input", changed(LINEAR, "x", lambda x: np.broadcast_to(x[0], (5, 3)))),
    right("a broadcast scale", changed(LAYER, "gamma", lambda g: np.broadcast_to(g[:1], g.shape))),
    right("a broadcast output", BROADCAST),
    right("axes permuted", TRANSPOSE),
    right("read-only gradients", returning(LINEAR, every(read_only))),
    right(
        "views of fresh memory",
        returning(LINEAR, every(lambda g: np.pad(g, 1)[(slice(1, -1),) * g.ndim])),
    ),
    right(
        "a broadcast gradient",
        Layer("sum", TOTAL.forward, lambda d, x: {"x": np.broadcast_to(d, x.shape)}, TOTAL.draw),
    ),
    right("gradients with columns first", returning(LINEAR, every(np.asfortranarray))),
    right("a tuple of gradients", returning(LINEAR, in_order)),
    right("a list of gradients", returning(LINEAR, lambda g: list(g.values()))),
    right("the gradient alone", returning(TANH, alone)),
    right("gradients in another order", returning(LINEAR, lambda g: dict(reversed(g.items())))),
    right("None for a mask", MASKED),
    right("None for labels", returning(ENTROPY, lambda g: {**g, "labels": None})),
    right("a tuple with None", returning(ENTROPY, lambda g: (g["x"], None))),
    right("integer exponents", POWERS),
    right("repeated indices", GATHER),
    right(
        "one index, many times",
        GATHER.at(lambda rng: {"x": rng.standard_normal((5, 3)), "index": INDEX * 0}),
    ),
    right("repeated indices", SCATTER),
    right(
        "one token",
        EMBEDDING.at(lambda rng: {"W": rng.standard_normal((7, 4)), "tokens": np.array([3])}),
    ),
    right("the gradient is zero", BEFORE_NORM, step=1e-5, close=1e-4),
    right("the gradient is zero", UNUSED),
    right("the gradient is zero", ONE, **EXACT),
    right("constant rows", SOFTMAX.at(lambda rng: {"x": np.ones((4, 5))})),
    right("nothing is active", RELU.at(lambda rng: {"x": -1 - rng.random((4, 3))})),
    right(
        "the target is met",
        SQUARES.at(lambda rng: {"x": np.ones((3, 4)), "t": np.ones((3, 4))}),
        **EXACT,
    ),
    right(
        "zeros times zeros",
        PRODUCT.at(lambda rng: {"A": np.zeros((2, 3, 4)), "B": np.zeros((2, 4, 5))}),
        **EXACT,
    ),
    right(
        "no entry but zeros",
        LINEAR.at(lambda rng: {"x": np.zeros((5, 3)), "W": np.zeros((3, 4)), "b": np.zeros(4)}),
    ),
    right("two outputs", TWO_OUTPUTS, **EXACT),
    right("of both", CMUL),
    right("of both", CLINEAR),
    right("a real output", POWER),
    right("not analytic", CONJUGATE),
    right("a real output", REAL),
    right("a complex output of real inputs", FOURIER),
    right(
        "complex64",
        CMUL.at(lambda rng: {n: a.astype(np.complex64) for n, a in CMUL.draw(rng).items()}),
        **EXACT,
    ),
    right("rows that must sum to 1", DISTRIBUTION, inconclusive="there is little room to move in"),
    right("at the end of its domain", ARCSINE, step=1e-9, close=1e-2),
]

WRONG = [
    wrong(
        "both are conjugated",
        CMUL,
        "z w",
        "conjugate",
        z=lambda d, i, g: g.z.conj(),
        w=lambda d, i, g: g.w.conj(),
    ),
    wrong("w is not conjugated", CMUL, "z", z=lambda d, i, g: d * i.w),
    wrong("W is not conjugated", CLINEAR, "z", z=lambda d, i, g: d @ i.W.T),
    wrong("the weights are conjugated", CLINEAR, "W", "conjugate", W=lambda d, i, g: g.W.conj()),
    wrong("the imaginary part is dropped", CLINEAR, "W", W=lambda d, i, g: g.W.real + 0j),
    wrong("the derivative by z for twice that", POWER, "z", "factor", z=lambda d, i, g: d * i.z),
    wrong("the gradient is conjugated", POWER, "z", "conjugate", z=lambda d, i, g: g.z.conj()),
    wrong("1/N of the inverse is left", FOURIER, "x", "factor", x=lambda d, i, g: g.x / 5),
    wrong("forward for backward", FOURIER, "x", x=lambda d, i, g: np.fft.fft(d).real),
    wrong(
        "the second output is forgotten",
        TWO_OUTPUTS,
        "x",
        x=lambda d, i, g: np.hstack([g.x[:, :2], 0 * g.x[:, 2:]]),
    ),
    wrong("the bias moves after all", BEFORE_NORM, "b", b=lambda d, i, g: d.sum(0)),
    wrong("the exponent is kept", POWERS, "x", x=lambda d, i, g: d * i.n * i.x**i.n),
]
LAYERS = [CMUL, CLINEAR, POWER, FOURIER, BEFORE_NORM, POWERS]
