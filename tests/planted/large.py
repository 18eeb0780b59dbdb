"""Wrong and right passes at the sizes that people use."""

import numpy as np
from planted.catalogue import normal, only, poked, right, wrong
from planted.linear import LINEAR
from planted.norms import LAYER, dx
from planted.numbers import SINGLE, cast
from planted.pooling import MAX, largest, shuffled, spread
from planted.sequences import RNN, rnn_with
from planted.softmaxes import ATTENTION, SOFTMAX, softmax
from planted.windows import CONV, assigned_conv

BIG = LINEAR.at(normal(x=(64, 256), W=(256, 256), b=(256,)), "large linear")
ROWS = SOFTMAX.at(normal(x=(32, 64)), "large softmax")
NORM = LAYER.at(normal(x=(32, 64), gamma=(64,), beta=(64,)), "large layer norm")
IMAGES = CONV.at(normal(x=(2, 3, 8, 8), W=(4, 3, 3, 3), b=(4,)), "large conv2d")
POOL = MAX.at(lambda rng: shuffled(rng, (2, 3, 12, 13)), "large max pooling")
STEPS = RNN.at(
    lambda rng: {
        n: a / (4 if n in ("Wx", "Wh") else 1)
        for n, a in normal(x=(16, 4, 8), Wx=(8, 16), Wh=(16, 16), b=(16,), h0=(4, 16))(rng).items()
    },
    "long rnn",
)
HEADS = ATTENTION.at(normal(Q=(4, 16, 8), K=(4, 16, 8), V=(4, 16, 8)), "large attention")

LAYERS = [BIG, ROWS, NORM, IMAGES, POOL, STEPS, HEADS]
LARGE = {"large": True}


def stretched(array, amount):
    """A copy with its largest entry a fraction larger: that much of the gradient's scale."""
    changed = np.array(array)
    changed.flat[np.abs(changed).argmax()] *= 1 + amount
    return changed


WRONG = [
    wrong("the weights are transposed", BIG, "W", "transposed", **LARGE, W=lambda d, i, g: g.W.T),
    wrong(
        "one entry is off by 1e-2",
        BIG,
        "W",
        "one-entry",
        **LARGE,
        W=lambda d, i, g: poked(g.W, (17, 200), 1e-2),
    ),
    wrong(
        "one entry is off by 1e-5",
        BIG,
        "W",
        "one-entry approximate",
        **LARGE,
        W=lambda d, i, g: stretched(g.W, 1e-5),
    ),
    wrong(
        "everything is off by 1e-6",
        BIG,
        "W",
        "approximate factor",
        **LARGE,
        W=lambda d, i, g: g.W * (1 + 1e-6),
    ),
    wrong("one row of x", BIG, "x", **LARGE, x=lambda d, i, g: g.x - only(g.x, 63)),
    wrong("the bias is averaged", BIG, "b", "factor", **LARGE, b=lambda d, i, g: d.mean(0)),
    wrong(
        "the bias keeps the batch axis", BIG, "b", "kept-axis", **LARGE, b=lambda d, i, g: g.b[None]
    ),
    wrong("1/N in the weights", BIG, "W", "factor", **LARGE, W=lambda d, i, g: g.W / 64),
    wrong("the last sample is left out", BIG, "W", **LARGE, W=lambda d, i, g: i.x[:-1].T @ d[:-1]),
    wrong(
        "only the diagonal",
        ROWS,
        "x",
        "diagonal",
        **LARGE,
        x=lambda d, i, g: d * softmax(i.x) * (1 - softmax(i.x)),
    ),
    wrong("zero", ROWS, "x", "zero", **LARGE, x=lambda d, i, g: 0 * g.x),
    wrong("the sum is forgotten", ROWS, "x", **LARGE, x=lambda d, i, g: d * softmax(i.x)),
    wrong(
        "one entry is off by a tenth",
        ROWS,
        "x",
        "one-entry",
        **LARGE,
        x=lambda d, i, g: poked(g.x, (3, 50), 0.1),
    ),
    wrong("the last row is zero", ROWS, "x", **LARGE, x=lambda d, i, g: g.x - only(g.x, -1)),
    wrong("the statistics are constants", NORM, "x", "missing-path", **LARGE, x=dx((1,), 0, 0)),
    wrong("the mean is a constant", NORM, "x", "missing-path", **LARGE, x=dx((1,), 0, 1)),
    wrong("the variance is a constant", NORM, "x", "missing-path", **LARGE, x=dx((1,), 1, 0)),
    wrong(
        "gamma and beta are exchanged",
        NORM,
        "gamma beta",
        "swapped",
        **LARGE,
        gamma=lambda d, i, g: g.beta,
        beta=lambda d, i, g: g.gamma,
    ),
    wrong(
        "the kernel is flipped",
        IMAGES,
        "W",
        "flipped",
        **LARGE,
        W=lambda d, i, g: g.W[:, :, ::-1, ::-1].copy(),
    ),
    wrong(
        "windows are assigned",
        IMAGES,
        "x",
        "overwritten",
        **LARGE,
        x=lambda d, i, g: assigned_conv(d, i, 2, 1),
    ),
    wrong(
        "only the last image", IMAGES, "x", "last-sample", **LARGE, x=lambda d, i, g: only(g.x, -1)
    ),
    wrong(
        "windows are assigned",
        POOL,
        "x",
        "overwritten",
        **LARGE,
        x=lambda d, i, g: spread(d, i.x, 3, 2, largest, add=False),
    ),
    wrong(
        "later steps are forgotten",
        STEPS,
        "Wx Wh",
        "recurrent-path",
        **LARGE,
        **rnn_with("Wx", "Wh", carry=0),
    ),
    wrong("cut every eight steps", STEPS, "Wh", **LARGE, **rnn_with("Wh", steps=8)),
    wrong(
        "dx comes in the order of the loop",
        STEPS,
        "x",
        "time-reversed",
        **LARGE,
        x=lambda d, i, g: g.x[::-1].copy(),
    ),
    wrong(
        "tanh is not differentiated",
        STEPS,
        "b",
        "missing-activation",
        **LARGE,
        **rnn_with("b", slope=np.ones_like),
    ),
    wrong(
        "Q and K are exchanged",
        HEADS,
        "Q K",
        "swapped",
        **LARGE,
        Q=lambda d, i, g: g.K,
        K=lambda d, i, g: g.Q,
    ),
    wrong(
        "the scale is forgotten", HEADS, "K", "factor", **LARGE, K=lambda d, i, g: g.K * np.sqrt(8)
    ),
]

RIGHT = [
    right("float32", cast(BIG, SINGLE), step=0.0),
    right("float32", cast(NORM, SINGLE), step=0.0),
    right("float32", cast(IMAGES, SINGLE), step=0.0),
    right("float32", cast(STEPS, SINGLE), step=0.0),
    right("float32", cast(HEADS, SINGLE), step=0.0),
]
