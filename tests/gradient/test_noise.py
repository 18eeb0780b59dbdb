"""The noise floor: within a small factor of the rounding that is really there."""

import numpy as np
import pytest
from layers.tables import row

from gradcheck.checks.gradient.noise import EPS, measure

E32, E16 = 6e-8, 5e-4  # half the distance between two numbers beside 1

# A function of t with values of about 1, the noise in one value, and the precision inside.
NOISES = [
    row("a sine", lambda t: np.sin(1 + t), EPS / 2, "float64"),
    row("a sum that cancels", lambda t: (1e6 + np.sin(1 + t)) - 1e6, 1e6 * EPS / 2, "float64"),
    row("1e8 added", lambda t: (1e8 + np.sin(1 + t)) - 1e8, 1e8 * EPS / 2, "float64"),
    row("float32", lambda t: float(np.sin(np.float32(1 + t))), E32, "float32"),
    row("float32 inside", lambda t: 1.1 * float(np.sin(np.float32(1 + t))), E32, "float64"),
    row("float32 at the end", lambda t: float(np.float32(np.sin(1 + t))), E32, "float32"),
    row("float16", lambda t: float(np.sin(np.float16(1 + t))), E16, "float16"),
    row("float16 inside", lambda t: 1.1 * float(np.sin(np.float16(1 + t))), E16, "float64"),
    row("six decimals", lambda t: np.round(np.sin(1 + t), 6), 5e-7, "float64"),
    row("six decimals of what hardly moves", lambda t: np.round(2 + 1e-4 * t, 6), 5e-7, "float64"),
    row("a jump on one side", lambda t: np.round(3 + 1.4e-4 * t, 6), 5e-7, "float64"),
    row("steps of 1e-4", lambda t: np.floor(1e4 * np.sin(1 + t)) / 1e4, 1e-4, "float64"),
]


@pytest.mark.parametrize(("f", "noise", "precision"), NOISES)
def test_the_level_is_that_of_the_rounding(f, noise, precision):
    found = measure(f)
    assert noise / 3 <= found.level <= 10 * noise
    assert found.precision == precision


def test_the_level_of_random_noise():
    rng = np.random.default_rng(0)
    found = measure(lambda t: np.sin(t + np.ones(1000)) + 1e-5 * rng.normal(size=1000))
    assert 1e-5 < np.median(found.level) < 1e-4
    assert (found.level > 2e-7).all()  # an estimate from so few values may be far too low


# A function of t whose values are exact as far as they go.
EXACT = [
    row("a constant", lambda t: 3.0),
    row("zero", lambda t: 0.0),
    row("relu at its kink", lambda t: max(t, 0.0)),
    row("relu beside its kink", lambda t: max(t - 1e-4, 0.0)),
    row("the absolute value", abs),
    row("a jump", lambda t: float(t > 0)),
    row("a cubic on a wide scale", lambda t: 1e3 * t**3),
    row("a fast sine", lambda t: np.sin(1e3 * t)),
]


@pytest.mark.parametrize("f", EXACT)
def test_kinks_jumps_and_curvature_are_no_noise(f):
    assert measure(f).level <= 30 * EPS * 3


def test_entries_are_judged_one_by_one():
    found = measure(lambda t: np.array([np.sin(1 + t), float(np.sin(np.float32(1 + t))), 2.0]))
    assert found.level[0] < 1e-14 < 1e-8 < found.level[1] < 1e-6
    assert found.quantised.tolist() == [False, True, False]


def test_entries_that_have_not_moved_are_rounded_like_those_beside_them():
    at = np.geomspace(1e-6, 1, 40)
    found = measure(lambda t: np.round((at + at * t) ** 2, 6))
    assert (found.level >= 5e-7).all()
    assert (found.level <= 1e-5).all()


@pytest.mark.parametrize("seed", range(20))
def test_the_level_is_the_same_at_any_point_of_a_plateau(seed):
    at = np.random.default_rng(seed).normal(size=20)
    found = measure(lambda t: np.round((at + at * t) ** 2, 6))
    assert (found.level >= 5e-7).all()


def test_evaluations_are_counted():
    calls = []
    assert measure(lambda t: calls.append(t) or np.sin(t)).evaluations == len(calls) <= 15
