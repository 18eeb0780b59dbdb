"""Passes whose gradients are no gradients: missing, of another shape or type, or not finite."""

import numpy as np
from planted.catalogue import Layer, poked, wrong, wrong_pass
from planted.elementwise import RELU
from planted.linear import LINEAR
from planted.softmaxes import SOFTMAX


def raises(d, i, g):
    raise ValueError("operands could not be broadcast together")


LAYERS: list[Layer] = []

WRONG = [
    wrong_pass("raises", LINEAR, "", "raises", raises),
    wrong_pass(
        "no gradient for the weights",
        LINEAR,
        "W",
        "missing-gradient",
        lambda d, i, g: {"x": g.x, "b": g.b},
    ),
    wrong_pass(
        "None for the weights",
        LINEAR,
        "W",
        "missing-gradient",
        lambda d, i, g: {**vars(g), "W": None},
    ),
    wrong_pass(
        "two of three gradients", LINEAR, "", "missing-gradient", lambda d, i, g: (g.x, g.W)
    ),
    wrong_pass("nothing is returned", LINEAR, "", "missing-gradient", lambda d, i, g: None),
    wrong_pass(
        "one gradient too many", LINEAR, "", "extra-gradient", lambda d, i, g: {**vars(g), "c": g.b}
    ),
    wrong_pass(
        "a tuple with one too many",
        LINEAR,
        "",
        "extra-gradient",
        lambda d, i, g: (g.x, g.W, g.b, g.b),
        shown=False,
    ),
    wrong_pass(
        "the tuple in another order", LINEAR, "", "swapped shape", lambda d, i, g: (g.W, g.x, g.b)
    ),
    wrong("flat", LINEAR, "W", "shape", W=lambda d, i, g: g.W.ravel()),
    wrong("with a unit axis", LINEAR, "x", "kept-axis shape", x=lambda d, i, g: g.x[None]),
    wrong("a list of strings", LINEAR, "b", "dtype shape", b=lambda d, i, g: ["a", "b", "c", "d"]),
    wrong("objects", LINEAR, "b", "dtype", b=lambda d, i, g: g.b.astype(object)),
    wrong("rounded to float32", LINEAR, "W", "dtype", W=lambda d, i, g: g.W.astype(np.float32)),
    wrong("rounded to float16", LINEAR, "W", "dtype", W=lambda d, i, g: g.W.astype(np.float16)),
    wrong(
        "rounded to float16 on the way",
        LINEAR,
        "W",
        "approximate",
        W=lambda d, i, g: g.W.astype(np.float16).astype(float),
    ),
    wrong("integers", LINEAR, "b", "integer-gradient", b=lambda d, i, g: (10 * g.b).astype(int)),
    wrong(
        "made like an integer array",
        LINEAR,
        "b",
        "integer-gradient nonlinear",
        b=lambda d, i, g: np.trunc(g.b),
    ),
    wrong("complex", LINEAR, "x", "dtype", x=lambda d, i, g: g.x * (1 + 0j)),
    wrong("booleans", RELU, "x", "dtype integer-gradient", x=lambda d, i, g: i.x > 0),
    wrong("not a number", LINEAR, "W", "not-finite", W=lambda d, i, g: g.W * np.nan),
    wrong(
        "one entry is not a number",
        SOFTMAX,
        "x",
        "not-finite",
        x=lambda d, i, g: poked(g.x, (2, 2), np.nan),
    ),
    wrong(
        "one entry is infinite",
        LINEAR,
        "x",
        "not-finite",
        x=lambda d, i, g: poked(g.x, (1, 1), np.inf),
    ),
]
