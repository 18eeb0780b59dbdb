"""Right passes at kinks and ties: any slope between the left and the right one is right."""

import numpy as np
from planted.catalogue import Layer, right
from planted.elementwise import CLIP, ELU, LEAKY, RELU, elementwise
from planted.losses import ABSOLUTE, DELTA, HINGE, HUBER, SVM
from planted.pooling import largest, pool, spread

KINK = {"step": 0.0}  # no crude difference


def with_zeros(rng, shape=(5, 4), at=0.0):
    """Every third entry is `at`."""
    x = rng.standard_normal(shape)
    x.flat[::3] = at
    return {"x": x}


def first(window):
    """One at the first of the largest entries of each window."""
    flat = window.reshape(*window.shape[:2], -1)
    chosen = flat.argmax(-1)[..., None] == np.arange(flat.shape[-1])
    return chosen.reshape(window.shape)


def evenly(window):
    return largest(window) / largest(window).sum((2, 3), keepdims=True)


def max_pool(share, size=2, stride=2):
    return pool(size, stride, share, np.max)


def ties(rng):
    return {"x": rng.integers(0, 3, (2, 2, 4, 6)).astype(float)}


def dead_draw(rng):
    return {
        "x": rng.standard_normal((5, 3)),
        "W": np.zeros((3, 4)),
        "v": rng.standard_normal((4, 2)),
    }


def hidden_back(d, x, W, v):
    da = d @ v.T * (x @ W > 0)
    return {"x": da @ W.T, "W": x.T @ da, "v": np.maximum(x @ W, 0).T @ d}


def tent(x):
    """Piecewise linear, with a kink at every hundredth."""
    return np.abs((100 * x) % 2 - 1)


def tent_slope(x):
    return 100 * np.sign((100 * x) % 2 - 1)


def row_max_back(d, x):
    return {"x": d[:, None] * (np.arange(x.shape[1]) == x.argmax(1)[:, None])}


def sort_back(d, x):
    dx = np.empty_like(x)
    np.put_along_axis(dx, x.argsort(1, kind="stable"), d, 1)
    return {"x": dx}


ABS = elementwise("absolute value", lambda x: np.abs(x), np.sign, with_zeros)
HIDDEN = Layer("hidden relu", lambda x, W, v: np.maximum(x @ W, 0) @ v, hidden_back, dead_draw)
ROW_MAX = Layer("largest of a row", lambda x: x.max(1), row_max_back, ties)
relu_slope = lambda value: lambda x: np.where(x == 0, value, x > 0)  # noqa: E731


def relu(name, value, draw):
    return elementwise(name, RELU.forward, relu_slope(value), draw)


def at(distance):
    """Every third entry that far above zero."""
    return lambda rng: with_zeros(rng, at=distance)


def equal_targets(rng, offset=0.0):
    t = rng.standard_normal((5, 3))
    x = t + rng.standard_normal((5, 3))
    x.flat[::4] = t.flat[::4] + offset
    return {"x": x, "t": t}


def on_margin(rng):
    y = rng.choice([-1.0, 1.0], 6)
    return {"s": y * np.array([1, 0.5, 1, 2, 1, -1]), "y": y}


def svm_ties(rng):
    return {"x": rng.integers(0, 3, (5, 4)).astype(float), "labels": np.array([0, 1, 2, 3, 0])}


RIGHT = [
    right("exactly at 0, slope 0", RELU.at(with_zeros), **KINK),
    right("exactly at 0, slope 1", relu("relu", 1.0, with_zeros), **KINK),
    right("exactly at 0, slope 1/2", relu("relu", 0.5, with_zeros), **KINK),
    right("all entries at 0", RELU.at(lambda rng: {"x": np.zeros((3, 4))}), **KINK),
    right("all but one at 0", RELU.at(lambda rng: {"x": np.eye(3, 4)[:1]}), **KINK),
    right("1e-6 above the kink", RELU.at(at(1e-6)), **KINK),
    right("1e-6 below the kink", RELU.at(at(-1e-6)), **KINK),
    right("1e-9 above the kink", RELU.at(at(1e-9)), **KINK),
    right("1e-13 below the kink", RELU.at(at(-1e-13)), **KINK),
    right("1e-4 above the kink", RELU.at(at(1e-4)), **KINK),
    right("negative zero", RELU.at(at(-0.0)), **KINK),
    right(
        "at 0 in float32",
        RELU.at(lambda rng: {"x": with_zeros(rng)["x"].astype(np.float32)}),
        **KINK,
    ),
    right("exactly at 0", LEAKY.at(with_zeros), **KINK),
    right("exactly at 0", ELU.at(with_zeros), **KINK),
    right("exactly at 0", ABS, **KINK),
    right("1e-7 from 0", ABS.at(at(1e-7)), **KINK),
    right("at its bounds", CLIP.at(lambda rng: {"x": np.array([-1.0, 1, 0.3, -1, 2, 1])}), **KINK),
    right(
        "at its bounds, slope 1",
        elementwise("clip", CLIP.forward, lambda x: np.abs(x) <= 1, at(1.0)),
        **KINK,
    ),
    right("residuals of 0", ABSOLUTE.at(equal_targets), **KINK),
    right("residuals of delta", HUBER.at(lambda rng: equal_targets(rng, DELTA)), **KINK),
    right("at the margin", HINGE.at(on_margin), **KINK),
    right("ties and margins of exactly 1", SVM.at(svm_ties), **KINK),
    right("ties, the first", Layer("max pooling", *max_pool(first), ties), **KINK),
    right("ties, shared", Layer("max pooling", *max_pool(evenly), ties), **KINK),
    right(
        "constant planes",
        Layer("max pooling", *max_pool(first), lambda rng: {"x": np.ones((1, 2, 4, 4))}),
        **KINK,
    ),
    right(
        "ties in overlapping windows", Layer("max pooling", *max_pool(first, 3, 1), ties), **KINK
    ),
    right(
        "after relu: ties at 0",
        Layer(
            "max pooling",
            lambda x: max_pool(first)[0](np.maximum(x, 0)),
            lambda d, x: {"x": spread(d, np.maximum(x, 0), 2, 2, first) * (x > 0)},
            lambda rng: {"x": rng.standard_normal((2, 2, 4, 4))},
        ),
        **KINK,
    ),
    right(
        "ties, the first", ROW_MAX.at(lambda rng: {"x": rng.integers(0, 2, (6, 5)) * 1.0}), **KINK
    ),
    right(
        "ties within 1e-7",
        ROW_MAX.at(lambda rng: {"x": rng.integers(0, 2, (6, 5)) + 1e-7 * rng.random((6, 5))}),
        **KINK,
    ),
    right(
        "equal entries",
        Layer(
            "sort",
            lambda x: np.sort(x, 1),
            sort_back,
            lambda rng: {"x": rng.integers(0, 3, (4, 5)) * 1.0},
        ),
        inconclusive="the one in the middle of three moves with none alone",
        **KINK,
    ),
    right("weights that are all 0", HIDDEN, inconclusive="kinks of all samples add up", **KINK),
    right(
        "a row of zeros",
        HIDDEN.at(
            lambda rng: {
                **dead_draw(rng),
                "W": rng.standard_normal((3, 4)),
                "x": np.vstack([np.zeros((1, 3)), rng.standard_normal((2, 3))]),
            }
        ),
        **KINK,
    ),
    right(
        "kinks at every hundredth",
        elementwise(
            "tent",
            tent,
            tent_slope,
            lambda rng: {"x": (rng.integers(0, 50, (4, 3)) + 0.2 + 0.6 * rng.random((4, 3))) / 100},
        ),
        step=1e-7,
    ),
    right(
        "jumps far away",
        elementwise(
            "floor",
            lambda x: np.floor(x) * x,
            np.floor,
            lambda rng: {"x": rng.integers(-4, 4, (4, 3)) + 0.3 + 0.4 * rng.random((4, 3))},
        ),
    ),
    right(
        "a step function far from its steps",
        elementwise(
            "sign",
            lambda x: np.sign(x),
            lambda x: 0 * x,
            lambda rng: {"x": rng.choice([-1, 1], (4, 3)) * (1 + rng.random((4, 3)))},
        ),
    ),
    right(
        "many units",
        HIDDEN.at(
            lambda rng: {
                "x": rng.standard_normal((20, 8)),
                "W": rng.standard_normal((8, 60)),
                "v": rng.standard_normal((60, 3)),
            }
        ),
        **KINK,
    ),
]
