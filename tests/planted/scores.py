"""Losses that return their own gradient: no cotangent is asked for."""

from dataclasses import replace

import numpy as np
from planted.catalogue import Layer, wrong
from planted.losses import ENTROPY, HINGE, SQUARES, hot
from planted.softmaxes import softmax


def own(layer: Layer, name: str) -> Layer:
    """The loss with its gradient: backward is for a cotangent of 1, whatever it is given."""
    backward = lambda d, **inputs: layer.backward(1.0, **inputs)  # noqa: E731
    return replace(layer, name=name, backward=backward, takes_cotangent=False)


ENTROPY_SCORE = own(ENTROPY, "cross-entropy and its gradient")
SQUARES_SCORE = own(SQUARES, "mean squares and their gradient")
HINGE_SCORE = own(HINGE, "hinge and its gradient")
EACH = Layer(
    "squares of each sample and their gradient",
    lambda x, t: ((x - t) ** 2).sum(1),
    lambda d, x, t: {"x": 2 * (x - t), "t": 2 * (t - x)},
    SQUARES.draw,
    takes_cotangent=False,
)

LAYERS = [ENTROPY_SCORE, SQUARES_SCORE, HINGE_SCORE, EACH]

WRONG = [
    wrong("1/N is missing", ENTROPY_SCORE, "x", "factor", x=lambda d, i, g: 5 * g.x),
    wrong("the sign", ENTROPY_SCORE, "x", "sign", x=lambda d, i, g: -g.x),
    wrong("the target is forgotten", ENTROPY_SCORE, "x", x=lambda d, i, g: softmax(i.x) / len(i.x)),
    wrong(
        "the label's entry only",
        ENTROPY_SCORE,
        "x",
        x=lambda d, i, g: g.x * hot(i.labels, i.x),
    ),
    wrong("the 2 is missing", SQUARES_SCORE, "x", "factor", x=lambda d, i, g: g.x / 2),
    wrong("the target's has the same sign", SQUARES_SCORE, "t", "sign", t=lambda d, i, g: -g.t),
    wrong("one number for all", SQUARES_SCORE, "x", "extra-sum shape", x=lambda d, i, g: g.x.sum()),
    wrong("met margins count", HINGE_SCORE, "s", s=lambda d, i, g: -i.y / i.s.size),
    wrong(
        "divided by the batch",
        EACH,
        "x t",
        "factor",
        x=lambda d, i, g: g.x / 5,
        t=lambda d, i, g: g.t / 5,
    ),
    wrong(
        "of the first sample only",
        EACH,
        "x",
        "first-sample",
        x=lambda d, i, g: g.x * (np.arange(5) == 0)[:, None],
    ),
]
