"""Wrong passes at points, in types and in sessions that ask for patience, which is no excuse."""

import numpy as np
from planted.catalogue import Layer, normal, poked, wrong, wrong_session
from planted.elementwise import SIGMOID, TANH
from planted.kinks import ABS, ROW_MAX, equal_targets, first, max_pool, relu, ties, with_zeros
from planted.linear import LINEAR
from planted.losses import ABSOLUTE, ENTROPY, SQUARES
from planted.norms import BATCH, LAYER, dx
from planted.numbers import HALF, PROD, SINGLE, SQUARE, cast, inside, plus, quantised, scaled, steep
from planted.pooling import largest
from planted.purity import DROPPED
from planted.softmaxes import LOGSUMEXP, SOFTMAX, softmax
from planted.states import Appending, Buffered, Counting, Globally, Reseeded
from planted.unusual import ONE, SCALAR
from planted.windows import CONV


def named(layer, name):
    return layer.at(layer.draw, f"{layer.name}, {name}")


def times(factor, *names):
    """Those gradients multiplied, in their own type."""
    return {
        n: (lambda d, i, g, n=n: (getattr(g, n) * factor).astype(getattr(g, n).dtype))
        for n in names
    }


def doubled(layer, *names):
    """The layer with twice those gradients."""

    def backward(d, **inputs):
        found = layer.backward(d, **inputs)
        return {name: 2 * g if name in names else g for name, g in found.items()}

    return Layer(layer.name, layer.forward, backward, layer.draw, layer.differentiable)


class Unscaled(Globally):
    """Forgets 1/(1-p) in backward."""

    def backward(self, cotangent):
        return {"x": cotangent * (self.mask > 0)}


class UnscaledAgain(Reseeded):
    """The same with a mask that does not change."""

    backward = Unscaled.backward


def at_zero(slope):
    """Another slope where x is 0."""
    return lambda d, i, g: np.where(i.x == 0, slope * d, g.x)


def saturated(rng):
    return {"x": rng.choice([-1, 1], (4, 3)) * rng.uniform(5, 9, (4, 3))}


LINEAR32 = named(cast(LINEAR, SINGLE), "float32")
SOFTMAX32 = named(cast(SOFTMAX, SINGLE), "float32")
LAYER32 = named(cast(LAYER, SINGLE), "float32")
CONV32 = named(cast(CONV, SINGLE), "float32")
ENTROPY32 = named(cast(ENTROPY, SINGLE), "float32")
INSIDE32 = named(inside(LINEAR, SINGLE), "float32 inside")
BATCH32 = named(inside(BATCH, SINGLE), "float32 inside")
LINEAR16 = named(cast(LINEAR, HALF), "float16")
TANH16 = named(cast(TANH, HALF), "float16")
TINY = named(scaled(LINEAR, x=1e-8), "tiny inputs")
HUGE = named(scaled(LINEAR, x=1e8), "huge inputs")
OFFSET = named(plus(SQUARES, 1e8), "plus 1e8")
OFFSETS = named(plus(LINEAR, 1e6), "plus 1e6")
STEEP = named(
    steep(
        "sigmoid",
        lambda x: SIGMOID.forward(1e3 * x),
        lambda x: 1e3 * SIGMOID.forward(1e3 * x) * SIGMOID.forward(-1e3 * x),
        -3e-3,
        3e-3,
    ),
    "steep",
)
SATURATED = named(TANH.at(saturated), "saturated")
SMALL = named(steep("log", lambda x: np.log(x), lambda x: 1 / x, 1e-7, 3e-7), "small")
ROUGH = Layer("square, quantised", quantised, SQUARE.backward, SQUARE.draw)
FLAT_ROWS = named(
    LAYER.at(
        lambda rng: {
            "x": 3 + 1e-6 * rng.standard_normal((4, 6)),
            "gamma": rng.random(6),
            "beta": rng.random(6),
        }
    ),
    "nearly constant rows",
)
FAR = named(
    BATCH.at(lambda rng: {**BATCH.draw(rng), "x": 1e3 + rng.standard_normal((6, 4))}), "mean 1e3"
)
LOGITS = named(
    LOGSUMEXP.at(lambda rng: {"x": 1e4 + rng.standard_normal((4, 5))}), "logits near 1e4"
)
AT_ZERO = relu("relu, at 0", 0.0, with_zeros)
ABS_ZERO = named(ABS, "at 0")
RESIDUALS = named(ABSOLUTE.at(equal_targets), "residuals of 0")
TIES = Layer("max pooling, ties", *max_pool(first), ties)
ROW_TIES = named(ROW_MAX.at(lambda rng: {"x": rng.integers(0, 3, (6, 5)) * 1.0}), "ties")
ALONE = named(LINEAR.at(normal(x=(1, 3), W=(3, 4), b=(4,))), "batch of one")
READ_ONLY = named(
    LINEAR.at(
        lambda rng: {**LINEAR.draw(rng), "x": np.broadcast_to(rng.standard_normal(3), (5, 3))}
    ),
    "broadcast input",
)

LAYERS = []

WRONG = [
    wrong("1 % too large", LINEAR32, "W", "factor", **times(1.01, "W")),
    wrong(
        "5 % in one entry", LINEAR32, "x", "one-entry", x=lambda d, i, g: poked(g.x, (1, 2), 0.05)
    ),
    wrong("the bias is averaged", LINEAR32, "b", "factor", **times(0.2, "b")),
    wrong(
        "only the diagonal",
        SOFTMAX32,
        "x",
        "diagonal",
        x=lambda d, i, g: (d * softmax(i.x) * (1 - softmax(i.x))).astype(SINGLE),
    ),
    wrong("1 % too large", LAYER32, "gamma", "factor", **times(1.01, "gamma")),
    wrong(
        "the statistics are constants",
        LAYER32,
        "x",
        "missing-path",
        x=lambda d, i, g: dx((1,), 0, 0)(d, i, g).astype(SINGLE),
    ),
    wrong(
        "the kernel is flipped",
        CONV32,
        "W",
        "flipped",
        W=lambda d, i, g: g.W[:, :, ::-1, ::-1].copy(),
    ),
    wrong("1/N is missing", ENTROPY32, "x", "factor", **times(5, "x")),
    wrong("2 % too large", INSIDE32, "W", "factor", **times(1.02, "W")),
    wrong("the mean is a constant", BATCH32, "x", "missing-path", x=dx((0,), 0, 1)),
    wrong("twice", LINEAR16, "W", "factor", **times(2, "W")),
    wrong(
        "not differentiated", TANH16, "x", "missing-activation", x=lambda d, i, g: d.astype(HALF)
    ),
    wrong("the sign", TINY, "W", "sign", **times(-1, "W")),
    wrong("twice", TINY, "W", "factor", **times(2, "W")),
    wrong("1/N", HUGE, "W", "factor", **times(0.2, "W")),
    wrong("1 % too large", HUGE, "W", "factor", **times(1.01, "W")),
    wrong("the 2 is missing", OFFSET, "x", "factor", **times(0.5, "x")),
    wrong("the sign", OFFSET, "t", "sign", **times(-1, "t")),
    wrong("one row", OFFSETS, "x", "", x=lambda d, i, g: np.vstack([g.x[:-1], 0 * g.x[-1:]])),
    wrong("the 1e3 is forgotten", STEEP, "x", "factor", **times(1e-3, "x")),
    wrong("not differentiated", SATURATED, "x", "missing-activation", x=lambda d, i, g: d + 0),
    wrong("1 - y for 1 - y²", SATURATED, "x", "", x=lambda d, i, g: d * (1 - np.tanh(i.x))),
    wrong("an epsilon of 1e-8 below the line", SMALL, "x", "", x=lambda d, i, g: d / (i.x + 1e-8)),
    wrong("clipped at 2e-7", SMALL, "x", "", x=lambda d, i, g: d / np.maximum(i.x, 2e-7)),
    wrong(
        "the sign", PROD.at(PROD.draw, "long product, 60 factors"), "x", "sign", **times(-1, "x")
    ),
    wrong("the 2 is missing", ROUGH, "x", "factor", **times(0.5, "x")),
    wrong("the sign", ROUGH, "x", "sign", **times(-1, "x")),
    wrong("the mean is a constant", FLAT_ROWS, "x", "missing-path", x=dx((1,), 0, 1)),
    wrong("the statistics are constants", FAR, "x", "missing-path", x=dx((0,), 0, 0)),
    wrong("every entry gets all", LOGITS, "x", "", x=lambda d, i, g: d[:, None] + 0 * i.x),
    wrong("slope 2 at 0", AT_ZERO, "x", "kink", x=at_zero(2.0)),
    wrong("slope -1/2 at 0", AT_ZERO, "x", "kink", x=at_zero(-0.5)),
    wrong("right at 0, doubled elsewhere", AT_ZERO, "x", "factor", **times(2, "x")),
    wrong("the other side", AT_ZERO, "x", "", x=lambda d, i, g: d * (i.x < 0)),
    wrong("slope 3 at 0", ABS_ZERO, "x", "kink", x=at_zero(3.0)),
    wrong("the sign", RESIDUALS, "x", "sign", **times(-1, "x")),
    wrong(
        "every one of several gets all",
        TIES,
        "x",
        "kink",
        x=lambda d, i, g: max_pool(largest)[1](d, i.x)["x"],
    ),
    wrong(
        "the smallest",
        ROW_TIES,
        "x",
        "",
        x=lambda d, i, g: d[:, None] * (np.arange(i.x.shape[1]) == i.x.argmin(1)[:, None]),
    ),
    wrong("only summed once more", ALONE, "b", "extra-sum", b=lambda d, i, g: d.sum() + 0 * i.b),
    wrong(
        "transposed in memory only", READ_ONLY, "W", "", W=lambda d, i, g: (d.T @ i.x).reshape(3, 4)
    ),
    wrong(
        "softmax itself",
        ONE.at(ONE.draw, "sum of a softmax, wrong"),
        "x",
        "",
        x=lambda d, i, g: d * softmax(i.x),
    ),
    wrong(
        "the sine",
        SCALAR.at(SCALAR.draw, "one number, wrong"),
        "x",
        "",
        x=lambda d, i, g: -d * np.sin(i.x),
    ),
    wrong_session(
        "1/(1-p) is forgotten, the global generator",
        DROPPED,
        "x",
        "factor",
        lambda: Unscaled(DROPPED),
    ),
    wrong_session(
        "1/(1-p) is forgotten, a seed", DROPPED, "x", "factor", lambda: UnscaledAgain(DROPPED)
    ),
    wrong_session(
        "twice, in its own buffers", LINEAR, "W", "factor", lambda: Buffered(doubled(LINEAR, "W"))
    ),
    wrong_session(
        "twice, with a counter", LINEAR, "x", "factor", lambda: Counting(doubled(LINEAR, "x"))
    ),
    wrong_session(
        "twice, from a list", LINEAR, "b", "factor", lambda: Appending(doubled(LINEAR, "b"))
    ),
]
