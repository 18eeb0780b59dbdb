"""Greatest values: where they are, which of equal ones counts, and that places have no derivative.

The letters of the tables: n runs over N; m, j over M; k, l over windows of 3 and 2; t over T.
"""

import dataclasses
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layers.tables import row

from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.evaluate import Evaluator
from gradcheck.derivations.forms import text
from gradcheck.derivations.notation import (
    D,
    Layer,
    Sum,
    argmax,
    axis,
    define,
    delta,
    oo,
    size,
    tensor,
)
from gradcheck.derivations.notation.formula import unwrap

n, r = axis("N", "n r")
m, j = axis("M", "m j")
t, u = axis("T", "t u")
(k,), (l,) = axis(3, "k"), axis(2, "l")
(s,) = axis(2 * size(t), "s")
X, V = tensor("X", n, m), tensor("V", n, k, l)
x = tensor("x", s, padded=-oo)
a, b = tensor("a", n, integer=m), tensor("b", n, integer=k)
c, p = tensor("c", n, integer=l), tensor("p", t, integer=k)
Y, Z, w = tensor("Y", n), tensor("Z", n), tensor("w", t)
first, second = argmax(V[n, k, l], k, l)
of_row = Layer((X,), (define(a[n], argmax(X[n, m], m)), define(Y[n], X[n, a[n]])))
of_block = Layer((V,), (define(b[n], first), define(c[n], second), define(Z[n], V[n, b[n], c[n]])))
of_window = Layer(
    (x,), (define(p[t], argmax(x[2 * t + k - 1], k)), define(w[t], x[2 * t + p[t] - 1]))
)


def evaluator(layer, array):
    """The layer's formulas at an array, whose axes are counted from 0."""
    (given,) = layer.inputs
    sizes = dict.fromkeys(layer.setting.sizes, 1)
    for index, length in zip(given.indices, array.shape, strict=True):
        if index.upper.free_symbols:
            sizes[str(*index.upper.free_symbols)] = length if index is not s else length // 2
    return Evaluator(layer.setting, sizes, {given.name: dict(np.ndenumerate(array))})


# A layer, its input, and the places of the greatest values that its formula finds.
PLACES = [
    row("the greatest of each row", of_row, [[1, 3, 2], [5, 4, 0]], {"a": [1, 0]}),
    row("the first of equal ones", of_row, [[2, 2, 1], [0, 7, 7]], {"a": [0, 1]}),
    row("a row of equal ones", of_row, [[4, 4, 4]], {"a": [0]}),
    row("two letters, the last one fastest", of_block, [[[1, 2], [2, 2], [0, 2]]],
        {"b": [0], "c": [1]}),
    row("the greatest in the last place", of_block, [[[1, 2], [3, 2], [0, 9]]],
        {"b": [2], "c": [1]}),
    row("what is outside is never taken", of_window, [-5, -4, -6, -7], {"p": [2, 0]}),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "array", "wanted"), PLACES)
def test_where_the_greatest_value_is(layer, array, wanted):
    point = evaluator(layer, np.array(array))
    tensors = {"a": a, "b": b, "c": c, "p": p}
    for name, places in wanted.items():
        of = tensors[name]
        assert point.flat(unwrap(of[of.indices]), of.indices) == places


@given(st.lists(st.lists(st.integers(-2, 2), min_size=6, max_size=6), min_size=1, max_size=3))
def test_the_output_is_the_greatest_value_and_its_slopes_are_one_at_the_first(rows):
    array = np.array(rows).reshape(-1, 3, 2)
    point = evaluator(of_block, array)
    flat = array.reshape(len(array), 6)
    assert point.flat(unwrap(Z[n]), (n,)) == flat.max(axis=1).tolist()
    slopes = point.flat(unwrap(D(Z[n], V[r, k, l])), (n, r, k, l))
    found = np.reshape(slopes, (len(array), len(array), 6))
    for i, o in product(range(len(array)), repeat=2):
        assert found[i, o].tolist() == ((i == o) * (np.arange(6) == flat[i].argmax())).tolist()


# A layer, two expressions, and whether they are equal.
PAIRS = [
    row("the derivative of a maximum", of_row, D(Y[n], X[r, j]), delta(n, r) * delta(a[n], j), 1),
    row("not the average over the row", of_row, D(Y[n], X[r, j]), delta(n, r) / size(m), 0),
    row("not at every place", of_row, D(Y[n], X[r, j]), delta(n, r), 0),
    row("of its square", of_row, D(Y[n] ** 2, X[r, j]), 2 * Y[r] * delta(n, r) * delta(a[n], j), 1),
    row("of what looks at a place itself", of_row, D(X[n, a[n]] * delta(a[n], m), X[r, j]),
        delta(n, r) * delta(a[n], m) * delta(m, j), 1),
    row("the sum over a row", of_row, Sum(delta(a[n], m) * X[n, m], m), Y[n], 1),
    row("a maximum of two axes", of_block, D(Z[n], V[r, k, l]),
        delta(n, r) * delta(b[n], k) * delta(c[n], l), 1),
    row("the axes exchanged", of_block, Z[n], V[n, c[n], 1], 0),
    row("a window over what is padded", of_window, D(w[t], x[s]), delta(2 * t + p[t] - 1, s), 1),
    row("a window that is shifted", of_window, D(w[t], x[s]), delta(2 * t + p[t], s), 0),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "left", "right", "equal"), PAIRS)
def test_an_equation_with_places_is_proved_or_refuted(layer, left, right, equal):
    verdict = Comparer(layer.setting).compare(unwrap(left), unwrap(right))
    assert verdict.status is (Status.PROVED if equal else Status.REFUTED)
    assert not equal or str(verdict) == "PROVED for all sizes"


def test_what_is_outside_has_no_value_where_it_is_not_left_out():
    beside = unwrap(x[2 * t + p[t] + 1])
    verdict = Comparer(of_window.setting).compare(beside, beside)
    assert str(verdict) == "UNREADABLE: a value is -inf: not a finite real number"


def test_places_are_no_inputs_and_no_stations():
    assert [d.input for d in of_window.derivations] == ["x"]
    assert not of_window.adjoints
    assert dataclasses.replace(of_window.setting, choices={}).given != of_window.setting.given
    assert of_window.setting.given == ("x", "dw")


def test_a_maximum_over_windows_is_derived_by_itself():
    (chain, gradient) = of_window.derivations[0].chains
    for one in (chain, gradient):
        for left, right in pairwise([one.lhs, *(step.expr for step in one.steps)]):
            assert str(Comparer(of_window.setting).compare(left, right)) == "PROVED for all sizes"
    assert text(gradient.result) == "Σ_t dw[t] δ(2·t+p[t]-1,s)"
