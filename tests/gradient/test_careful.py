"""The careful slope: it is right, its error bounds the true one, and it is not uselessly large."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layers.tables import row

from gradcheck.checks.gradient.careful import SAFETY, slope
from gradcheck.checks.gradient.noise import measure

X = 0.7
SLACK = 4 * np.finfo(float).eps  # the right slope is rounded too


def sech2(x):
    return 1 / np.cosh(x) ** 2


# A function of t, its slope at 0, and how large the estimated error may be.
KNOWN = [
    row("a sine", lambda t: np.sin(X + t), np.cos(X), 1e-13),
    row("an exponential", lambda t: np.exp(X + t), np.exp(X), 1e-12),
    row("a line", lambda t: 3 * t + 1, 3, 1e-14),
    row("a constant", lambda t: 5 + 0 * t, 0, 1e-14),
    row("zero", lambda t: 0 * t, 0, 0),
    row("an even function", lambda t: np.cosh(t), 0, 1e-14),
    row("a ninth power", lambda t: (1 + t) ** 9, 9, 1e-11),
    row("a fast sine", lambda t: np.sin(1e3 * (X + t)), 1e3 * np.cos(1e3 * X), 1e-6),
    row("a very fast sine", lambda t: np.sin(1e6 * t + 1), 1e6 * np.cos(1), 1e-1),
    row("a slow and a fast sine", lambda t: np.sin(t) + np.sin(1e4 * t), 1 + 1e4, 1e-5),
    row("a fast ripple", lambda t: t + 1e-6 * np.sin(1e4 * t), 1 + 1e-2, 1e-9),
    row("a steep step", lambda t: np.tanh(1e4 * t + 0.3), 1e4 * sech2(0.3), 1e-5),
    row("beside 1e8", lambda t: 1e8 + np.sin(X + t), np.cos(X), 1e-6),
    row("what 1e8 has left", lambda t: (1e8 + np.sin(X + t)) - 1e8, np.cos(X), 1e-6),
    row("times 1e8", lambda t: 1e8 * np.sin(X + t), 1e8 * np.cos(X), 1e-5),
    row("times 1e-8", lambda t: 1e-8 * np.sin(X + t), 1e-8 * np.cos(X), 1e-21),
    row("a logarithm near its end", lambda t: np.log(1e-3 + t), 1e3, 1e-6),
    row("a root near its end", lambda t: np.sqrt(1e-6 + t), 500, 1e-4),
    row("a pole near by", lambda t: 1 / (1e-3 + t), -1e6, 1e-3),
    row("a kink near by", lambda t: np.maximum(1e-5 + t, 0), 1, 1e-9),
    row("zero up to a kink near by", lambda t: np.maximum(t - 3e-4, 0), 0, 1e-12),
    row("a jump near by", lambda t: t + (t > 1e-3), 1, 1e-9),
    row("in float32", lambda t: float(np.sin(np.float32(X + t))), np.cos(X), 1e-5),
    row("in float16", lambda t: float(np.sin(np.float16(X + t))), np.cos(X), 2e-2),
    row("complex", lambda t: np.exp(1j * (X + t)), 1j * np.exp(1j * X), 1e-12),
]


@pytest.mark.parametrize(("f", "right", "largest"), KNOWN)
def test_the_estimated_error_bounds_the_true_one(f, right, largest):
    found = slope(f)
    assert abs(found.value - right) <= SAFETY * found.error + SLACK * abs(right)
    assert found.error <= largest


def test_every_entry_has_a_step_of_its_own():
    found = slope(lambda t: np.array([[np.sin(t), np.sin(1e4 * t)], [5.0, 1e8 + t]]))
    assert found.value == pytest.approx(np.array([[1, 1e4], [0, 1]]))
    assert found.step[0, 1] < found.step[0, 0] <= found.step[1, 1]


def test_a_step_at_which_one_entry_has_no_value_is_used_for_the_others():
    alone, both = (slope(f) for f in (np.sin, lambda t: np.array([np.sin(t), np.sqrt(1e-4 + t)])))
    assert both.value[0] == alone.value
    assert both.value[1] == pytest.approx(50)


def test_a_step_at_which_the_function_raises_is_not_used():
    def rude(t):
        if abs(t) > 1e-2:
            raise ValueError("math domain error")
        return np.exp(t)

    assert slope(rude).value == pytest.approx(1, abs=1e-11)


def test_what_has_no_value_around_the_point_has_no_slope():
    found = slope(lambda t: np.array([t, np.nan]))
    assert found.value[0] == 1
    assert np.isnan(found.value[1])
    assert found.error[1] == np.inf


def test_an_output_without_entries():
    assert slope(lambda t: np.zeros((0, 3))).value.shape == (0, 3)


def test_the_evaluations_are_counted():
    calls = []
    found = slope(lambda t: calls.append(t) or np.sin(t))
    assert found.evaluations == len(calls) <= 50
    assert set(np.abs(calls)) > set(found.steps[: len(found.steps) // 2])


def test_a_noise_that_is_known_is_not_measured_again():
    calls = []
    found = slope(lambda t: calls.append(t) or np.sin(t), measure(np.sin))
    assert found.evaluations == len(calls)
    assert found.evaluations == slope(np.sin).evaluations - measure(np.sin).evaluations


@given(
    st.floats(-2, 2),
    st.floats(-8, 8),
    st.floats(0, 4),
    st.floats(0, 8),
    st.sampled_from([np.sin, np.tanh, np.exp, np.arctan]),
)
def test_scale_frequency_and_offset_do_not_matter(x, scale, frequency, offset, function):
    slopes = {
        np.sin: np.cos,
        np.tanh: sech2,
        np.exp: np.exp,
        np.arctan: lambda x: 1 / (1 + x**2),
    }
    a, k, c = 10**scale, 10**frequency, 10**offset - 1
    right = a * k * slopes[function](x)
    with np.errstate(all="ignore"):
        found = slope(lambda t: a * function(x + k * t) + a * c)
    assert abs(found.value - right) <= SAFETY * found.error + SLACK * abs(right)


DISTANCES = np.geomspace(1e-6, 1, 25)


@pytest.mark.parametrize("sign", [-1, 1], ids=["on the left", "on the right"])
def test_a_kink_at_any_distance_does_no_harm(sign):
    found = slope(lambda t: np.sin(1 + t) + np.abs(t - sign * DISTANCES))
    right = np.cos(1) - sign
    assert (np.abs(found.value - right) <= SAFETY * found.error + SLACK).all()
    assert (found.error <= 1e-12 / DISTANCES).all()


REFEREES = ["sin(3*x)*exp(-x)", "tanh(x)**2", "log(1+x**2)", "1/(2+cos(x))", "erf(x)", "sqrt(1+x)"]


@pytest.mark.parametrize("formula", REFEREES)
def test_mpmath_agrees_at_forty_digits(formula):
    mpmath = pytest.importorskip("mpmath")
    import sympy

    x = sympy.Symbol("x")
    exact = sympy.lambdify(x, formula, "mpmath")
    with mpmath.workdps(40):
        right = float(mpmath.diff(exact, mpmath.mpf(0.3)))
    rounded = sympy.lambdify(x, formula, "math")
    found = slope(lambda t: rounded(0.3 + t))
    assert abs(found.value - right) <= SAFETY * found.error + SLACK * abs(right)
    assert found.error <= 1e-12


def test_it_is_no_worse_than_scipy():
    differentiate = pytest.importorskip("scipy.differentiate")
    at = np.linspace(-3, 3, 50)
    theirs = differentiate.derivative(np.arctan, at)
    ours = slope(lambda t: np.arctan(at + t))
    right = 1 / (1 + at**2)
    assert (np.abs(ours.value - theirs.df) <= SAFETY * ours.error + 10 * theirs.error).all()
    assert np.abs(ours.value - right).max() <= np.abs(theirs.df - right).max()


def test_it_is_no_worse_than_numdifftools():
    numdifftools = pytest.importorskip("numdifftools")
    at = np.linspace(-3, 3, 50)
    theirs = numdifftools.Derivative(np.arctan)(at)
    right = 1 / (1 + at**2)
    found = slope(lambda t: np.arctan(at + t))
    assert np.abs(found.value - right).max() <= np.abs(theirs - right).max()
