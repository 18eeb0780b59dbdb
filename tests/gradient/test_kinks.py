"""Kinks: found, told from what looks like one, placed, and traced to the entries of an input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layers.tables import row

from gradcheck.checks.gradient.kinks import CELLS, REACH, Kind, between, locate, sides


def relu(x):
    return np.maximum(x, 0)


def root(x):
    with np.errstate(invalid="ignore"):
        return np.sqrt(x)


# A function of t, its kind, the slopes from left and right, and where the kink is.
PLACES = [
    row("relu at 0", relu, Kind.KINK, 0, 1, 0),
    row("relu away from 0", lambda t: relu(t + 0.5), Kind.SMOOTH, 1, 1, None),
    row("relu just below its kink", lambda t: relu(t - 3e-4), Kind.NEARBY, 0, 0, 3e-4),
    row("relu just above its kink", lambda t: relu(t + 3e-4), Kind.NEARBY, 1, 1, -3e-4),
    row("an absolute value on a curve", lambda t: abs(t) + np.exp(t), Kind.KINK, 0, 2, 0),
    row("a slight kink", lambda t: t + 1e-6 * relu(t), Kind.KINK, 1, 1 + 1e-6, 0),
    row("a kink beside 1e8", lambda t: 1e8 + relu(t), Kind.KINK, 0, 1, 0),
    row("a kink in float32", lambda t: 1 + float(relu(np.float32(t))), Kind.KINK, 0, 1, 0),
    row("a tie of a maximum", lambda t: np.maximum(2 + t, 2 - 3 * t), Kind.KINK, -3, 1, 0),
    row("a jump at 0", lambda t: t + (t >= 0), Kind.JUMP, 1, 1, 0),
    row("a value by itself at 0", lambda t: t + (t == 0), Kind.JUMP, 1, 1, 0),
    row("a jump near by", lambda t: t + (t > 2e-4), Kind.JUMP, 1, 1, 2e-4),
    row("a smooth function", lambda t: np.sin(1 + t), Kind.SMOOTH, np.cos(1), np.cos(1), None),
    row("a constant", lambda t: 0 * t, Kind.SMOOTH, 0, 0, None),
    row("a kink of the second derivative", lambda t: t * abs(t), Kind.SMOOTH, 0, 0, None),
    row("relu squared", lambda t: relu(t) ** 2, Kind.SMOOTH, 0, 0, None),
    row("a fast sine", lambda t: np.sin(1e3 * t), Kind.SMOOTH, 1e3, 1e3, None),
    row("a very fast sine", lambda t: np.sin(1e5 * t), Kind.SMOOTH, 1e5, 1e5, None),
    row(
        "a pole near by",
        lambda t: 1 / (t - 1.2e-3),
        Kind.SMOOTH,
        -(1.2e-3**-2),
        -(1.2e-3**-2),
        None,
    ),
    row("a root at its end plus one", lambda t: root(t + 1), Kind.SMOOTH, 0.5, 0.5, None),
]


@pytest.mark.parametrize(("f", "kind", "left", "right", "where"), PLACES)
def test_what_kind_of_place_it_is(f, kind, left, right, where):
    found = sides(f)
    assert found.kind.item() is kind
    assert found.left.value == pytest.approx(left, rel=1e-7, abs=1e-7)
    assert found.right.value == pytest.approx(right, rel=1e-7, abs=1e-7)
    expected = np.nan if where is None else where
    assert found.where == pytest.approx(expected, abs=REACH / CELLS, nan_ok=True)


def test_a_root_ends_at_0():
    assert sides(root).kind.item() is Kind.EDGE


def test_noise_is_no_kink():
    rng = np.random.default_rng(0)
    found = sides(lambda t: rng.normal(size=50))
    assert found.any(Kind.NOISE)
    assert not found.any(Kind.KINK, Kind.JUMP)


def test_entries_are_judged_one_by_one():
    found = sides(lambda t: np.array([relu(t), np.sin(t), t + (t > 0), relu(t - 1e-4)]))
    assert found.kind.tolist() == [Kind.KINK, Kind.SMOOTH, Kind.JUMP, Kind.NEARBY]
    assert found.any(Kind.JUMP)
    assert not found.any(Kind.NOISE, Kind.EDGE)


def test_evaluations_are_counted():
    calls = []
    assert sides(lambda t: calls.append(t) or relu(t)).evaluations == len(calls)


@given(
    st.floats(-3, 3),
    st.floats(-3, 3),
    st.floats(-6, 6),
    st.floats(-2, 2),
)
def test_smooth_functions_have_no_kinks(a, b, scale, x):
    found = sides(lambda t: 10**scale * (a * np.sin(x + 2 * t) + b * np.exp(x - t)))
    assert found.kind.item() is Kind.SMOOTH


@given(st.floats(-3, 3), st.floats(0.01, 3), st.floats(-6, 6))
def test_a_kink_at_the_point_is_always_found(a, b, scale):
    found = sides(lambda t: 10**scale * (a * np.sin(1 + 2 * t) + b * relu(t)))
    assert found.kind.item() is Kind.KINK
    assert found.right.value - found.left.value == pytest.approx(b * 10**scale, rel=1e-6)


# A value that a backward pass might take at the kink of relu, and whether it is a subgradient.
VALUES = [
    row("0", 0, True),
    row("1", 1, True),
    row("one half", 0.5, True),
    row("less than 0", -1e-6, False),
    row("more than 1", 1 + 1e-6, False),
]


@pytest.mark.parametrize("sign", [1, -1], ids=["convex", "concave"])
@pytest.mark.parametrize(("value", "allowed"), VALUES)
def test_a_subgradient_lies_between_the_slopes(sign, value, allowed):
    found = sides(lambda t: sign * relu(t))
    assert between(found.left, found.right, np.array(sign * value), np.array(1e-12)) == allowed


A = np.random.default_rng(0).normal(size=(8, 9))
ZEROS, TIES, WHOLE = A.copy(), A.copy(), A.copy()
ZEROS[2, 3] = ZEROS[7, 0] = 0
TIES[1, 1] = TIES[6, 2]
WHOLE[4, 4] = 2

# An input, where it has kinks, and how many questions are enough.
KINKED = [
    row("none", A, [], 6),
    row("zeros", ZEROS, [(2, 3), (7, 0)], 10),
    row("one of two zeros", ZEROS, [(7, 0)], 10),
    row("ties", TIES, [(1, 1), (6, 2)], 10),
    row("a whole number", WHOLE, [(4, 4)], 10),
    row("any entry", A, [(5, 5)], 20),
    row("many entries", A, [(i, i) for i in range(8)], 120),
]


@pytest.mark.parametrize(("array", "kinks", "enough"), KINKED)
def test_the_entries_at_kinks_are_found(array, kinks, enough):
    kinked = np.zeros(array.shape, bool)
    kinked[tuple(np.array(kinks, int).reshape(-1, 2).T)] = True
    found = locate(lambda mask: bool((mask & kinked).any()), array)
    assert (list(found.indices), found.complete) == (kinks, True)
    assert found.evaluations <= enough


def test_entries_equal_to_those_of_another_input_are_asked_about_early():
    found = locate(lambda mask: bool(mask[3, 3]), A, [A[3, 3] * np.ones(1)], budget=3)
    assert found.indices == ((3, 3),)


def test_a_budget_that_runs_out_is_admitted():
    found = locate(lambda mask: True, A, budget=20)
    assert (found.complete, found.evaluations) == (False, 20)
