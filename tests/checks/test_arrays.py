"""Values by array are those that the evaluator finds entry by entry, where it finds any."""

from functools import cache

import numpy as np
import pytest
from layers.tables import row

from gradcheck.checks.arrays import Arrays, array_of
from gradcheck.checks.layers import load
from gradcheck.checks.points import cases, draw
from gradcheck.derivations.calculus.evaluate import Evaluator, OutOfRange
from gradcheck.derivations.calculus.terms import Setting, entry_of
from gradcheck.derivations.notation import (
    D,
    Layer,
    Sum,
    argmax,
    axis,
    bracket,
    define,
    delta,
    exp,
    log,
    oo,
    size,
    tensor,
)
from gradcheck.derivations.notation.formula import Formula, unwrap

SIZES = {"N": 3, "M": 4, "T": 5}
n, r = axis("N", "n r")
m, p = axis("M", "m p")
(t,) = axis("T", "t", start=1)
A, x, y, s = tensor("A", n, m), tensor("x", n), tensor("y", n, integer=m), tensor("s", t)
z = tensor("z", n, padded=True)
SETTING = Setting(
    {each.name: each.indices for each in (A, x, y, s, z)},
    integer={"y": m},
    padded=frozenset("z"),
)


def read(tensor, *subscripts):
    """An entry that may be outside, which the notation refuses."""
    return Formula(entry_of(tensor.name, subscripts))


SHAPES = Evaluator(SETTING, SIZES, {})

EQUAL = [
    row("a product of sums", Sum(A[n, m], m) * Sum(x[r] ** 2, r)),
    row("what is summed does not depend on the letter", Sum(x[n], m, p)),
    row("deltas and numbers", 3 * delta(n, r) * A[n, m] - delta(m, p) / size(n)),
    row("a sum of products", Sum(A[n, m] * (x[n] + 2 * A[n, p]), n)),
    row("a product of letters", m * x[n] * (n + size(m))),
    row("a class", Sum(A[n, y[n]] * delta(y[n], m), n)),
    row("padding", Sum(A[n, m] * z[n + m - 1], m)),
    row("padding beyond both ends", Sum(z[n - m] * z[n + m], m)),
    row("an axis that starts at 1", Sum(s[t] * s[size(t) + 1 - t] * t, t)),
    row("a sum of a range that depends on a letter", Sum(A[n, m] * x[n], (m, 0, n))),
    row("a sum of a range that is empty for some letters", Sum(A[n, m], (m, n, 1))),
    row("a bracket", bracket(m, n) * A[n, m]),
    row("outside, but a delta is 0 there", Sum(A[n, m] * read(x, m) * delta(m - n, 0), m)),
    row("outside, but a bracket is 0 there", Sum(read(x, n + m) * bracket(n + m, size(n) - 1), m)),
    row("no logarithm, but a delta is 0 there", Sum(log(m) * A[n, m] * delta(m - 1, n), m)),
    row("functions", exp(x[n] * A[r, m]) ** -2),
    row("a derivative", D(Sum(exp(A[n, m]) * x[n], n), A[r, p])),
]


@cache
def point() -> Evaluator:
    rng = np.random.default_rng(0)
    tensors = {}
    for name, indices in SETTING.indices.items():
        places = [*SHAPES.places(indices)]
        count = len(places)
        drawn = rng.integers(0, SIZES["M"], count) if name == "y" else rng.normal(size=count)
        tensors[name] = dict(zip(places, drawn.tolist(), strict=True))
    return Evaluator(SETTING, SIZES, tensors)


def both(evaluator, expr, indices):
    """By array and entry by entry; the first is None where it is left to the second."""
    array = Arrays(evaluator).array(expr, indices)
    return array, np.reshape(evaluator.flat(expr, indices), [evaluator.length(i) for i in indices])


@pytest.mark.parametrize("formula", EQUAL)
def test_an_array_has_the_values_of_the_evaluator(formula):
    array, entries = both(point(), unwrap(formula), (n, r, m, p))
    assert array == pytest.approx(entries, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("name", [
    "linear.rows", "softmax", "cross_entropy.weight", "batch_norm.train", "conv1d.plain",
    "scaled_dot_product_attention.causal", "cumsum", "gather.rows", "pad.replicate",
])  # fmt: skip
def test_outputs_and_jacobians_of_layers(name):
    layer = load(name)
    at, output = draw(layer, cases(layer, 0, {})[0]).evaluator, layer.symbolic.output
    wrt = [derivation.wrt for derivation in layer.symbolic.derivations]
    wanted = [(output.lhs, output.indices)]
    wanted += [(D(output.lhs, w).expr, (*output.indices, *w.indices)) for w in wrt]
    for expr, indices in wanted:
        array, entries = both(at, expr, indices)
        assert array == pytest.approx(entries, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("formula", [
    row("outside a tensor", read(x, n + 1)),
    row("outside somewhere in a sum", Sum(A[n, m] * read(x, m), m)),
    row("0 in a bracket of its own term only", read(x, n + 1) * bracket(n, 1) + read(x, n + 1)),
])  # fmt: skip
def test_an_entry_outside_is_as_wrong_as_ever(formula):
    expr = unwrap(formula)
    assert Arrays(point()).array(expr, (n,)) is None
    with pytest.raises(OutOfRange):
        array_of(point(), expr, (n,))


def test_places_of_greatest_values():
    """Windows of 3, one of which begins outside, with equal values in some."""
    (k,), (u,) = axis(3, "k"), axis("T", "u")
    X, place, Y = tensor("X", u, padded=-oo), tensor("place", u, integer=k), tensor("Y", u)
    found = define(place[u], argmax(X[u + k - 1], k))
    layer = Layer((X,), (found, define(Y[u], X[u + place[u] - 1])))
    at = Evaluator(layer.setting, {"T": 6}, {"X": dict(np.ndenumerate([2, 1, 5, 5, 5, -7]))})
    for expr in (found.lhs, layer.output.lhs):
        array, entries = both(at, expr, (u,))
        assert array.tolist() == entries.tolist()


def test_a_recursion_is_left_to_the_evaluator():
    layer = load("rnn")
    at, output = draw(layer, cases(layer, 0, {})[0]).evaluator, layer.symbolic.output
    array, entries = both(at, output.lhs, output.indices)
    assert array is None
    assert array_of(at, output.lhs, output.indices) == pytest.approx(entries, rel=0, abs=0)
