"""Which axes are pairs: found where slices are independent, and nowhere else."""

import numpy as np
import pytest
from layers.tables import row

from gradcheck.checks.gradient.structure import paired_axes, scales

RNG = np.random.default_rng(0)
SHAPES = {"X": (6, 4), "W": (4, 5), "b": (5,), "Q": (6, 6), "I": (3, 2, 7, 7)}
INPUTS = {name: RNG.normal(size=shape) for name, shape in SHAPES.items()}


def softmax(x, axis):
    e = np.exp(x - x.max())  # one maximum for all: they differ by rounding only
    return e / e.sum(axis=axis, keepdims=True)


def leaky(x):
    """Slice 3 gets a little of slice 2."""
    y = np.tanh(x)
    y[3] += 1e-3 * x[2]
    return y


def linear(a):
    return a["X"] @ a["W"] + a["b"]


# A forward pass, the input, and the pairs.
PAIRS = [
    row("a batch", linear, "X", ((0, 0),)),
    row("weights", linear, "W", ((1, 1),)),
    row("a bias", linear, "b", ((0, 1),)),
    row("elementwise", lambda a: np.tanh(a["X"]), "X", ((0, 0), (1, 1))),
    row("a transpose", lambda a: a["X"].T, "X", ((0, 1), (1, 0))),
    row("a softmax by rows", lambda a: softmax(a["X"], 1), "X", ((0, 0),)),
    row("a softmax by columns", lambda a: softmax(a["X"], 0), "X", ((1, 1),)),
    row("a batch norm", lambda a: a["X"] - a["X"].mean(0), "X", ((1, 1),)),
    row("a square matrix, entry by entry", lambda a: a["Q"] ** 2, "Q", ((0, 0), (1, 1))),
    row("a square matrix, turned", lambda a: a["Q"].T ** 2, "Q", ((0, 1), (1, 0))),
    row("a square matrix, multiplied", lambda a: a["Q"] @ a["Q"], "Q", ()),
    row("reversed slices", lambda a: a["X"][::-1], "X", ((1, 1),)),
    row("a running sum", lambda a: a["X"].cumsum(0), "X", ((1, 1),)),
    row("one slice that leaks into the next", lambda a: leaky(a["X"]), "X", ((1, 1),)),
    row("a sum", lambda a: a["X"].sum(), "X", ()),
    row("images, each channel flipped", lambda a: a["I"][..., ::-1], "I", ((0, 0), (1, 1), (2, 2))),
    row("an input that does not matter", lambda a: a["X"], "b", ()),
    row("a diagonal", lambda a: np.diag(a["b"]), "b", ((0, 0),)),
    row("an axis of length 1", lambda a: a["X"][:1] * a["b"][:1], "X", ((1, 1),)),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("forward", "name", "pairs"), PAIRS)
def test_the_pairs(forward, name, pairs, seed):
    assert paired_axes(forward, INPUTS, name, seed) == pairs


def test_a_forward_that_is_random_has_no_pairs():
    assert paired_axes(lambda a: a["X"] + RNG.normal(size=(6, 4)), INPUTS, "X") == ()


def test_it_is_cheap():
    calls = []
    paired_axes(lambda a: calls.append(1) or linear(a), {**INPUTS, "X": np.ones((64, 4))}, "X")
    assert len(calls) <= 20


def test_single_precision_stays_single():
    seen = []
    X = np.ones((6, 4), np.float32)
    paired_axes(lambda a: seen.append(a["X"].dtype) or a["X"], {"X": X}, "X")
    assert set(seen) == {X.dtype}


# An array, and how far its entries are moved.
SCALES = [
    row("entries of one size", [1.0, -2.0, 4.0], [1, 2, 4]),
    row("a zero among them", [0.0, 2.0, 2.0], [2, 2, 2]),
    row("a tiny one among them", [1e-9, 2.0, 2.0], [0.2, 2, 2]),
    row("a huge one among them", [1e9, 1.0, 1.0], [1e9, 1, 1]),
    row("zeros only", [0.0, 0.0], [1, 1]),
    row("tiny ones only", [1e-9, -1e-9], [1e-9, 1e-9]),
    row("one that is infinite", [np.inf, 3.0, np.nan], [3, 3, 3]),
    row("none", [], []),
]


@pytest.mark.parametrize(("array", "expected"), SCALES)
def test_an_entry_is_moved_by_its_own_size(array, expected):
    assert scales(np.array(array)) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("size", [2, 3, 7])
@pytest.mark.parametrize("seed", range(3))
def test_a_slice_that_leaks_into_any_other_is_noticed(size, seed):
    x = RNG.normal(size=(size, 3))

    def leaking(start, end):
        def forward(a):
            y = a["x"].copy()
            y[end] += a["x"][start]
            return y

        return forward

    places = [(i, j) for i in range(size) for j in range(size) if i != j]
    found = [paired_axes(leaking(i, j), {"x": x}, "x", seed) for i, j in places]
    assert found == [((1, 1),)] * len(places)
