"""Fitted slopes: sharper than differences where noise limits them, and as honest."""

import numpy as np
import pytest
from layers.tables import row

from gradcheck.checks.gradient.careful import SAFETY, slope
from gradcheck.checks.gradient.fitted import resolved
from gradcheck.checks.gradient.noise import measure

AT = np.random.default_rng(0).normal(size=200)
HALF = np.float16
SHARP = 1e-5


def half(f):
    """The function with its values rounded to float16."""
    return lambda t: f(t).astype(HALF).astype(float)


# A function of t with noise, its slope, and how large the estimated error may be at the median.
NOISY = [
    row("tanh in float16", half(lambda t: np.tanh(AT + t)), np.cosh(AT) ** -2, 2e-3),
    row(
        "tanh of what is float16",
        lambda t: np.tanh((AT + t).astype(HALF).astype(float)),
        np.cosh(AT) ** -2,
        2e-3,
    ),
    row("an exponential in float16", half(lambda t: np.exp(AT + t)), np.exp(AT), 3e-3),
    row("a fast sine in float16", half(lambda t: np.sin(AT + 10 * t)), 10 * np.cos(AT), 2e-2),
    row("two decimals", lambda t: np.round(np.sin(AT + t), 2), np.cos(AT), 1e-2),
    row("a line in float16", half(lambda t: AT + AT[::-1] * t), AT[::-1], 1e-3),
]


@pytest.mark.parametrize(("f", "right", "usual"), NOISY)
def test_the_estimated_error_bounds_the_true_one(f, right, usual):
    found = resolved(f, measure(f), SHARP)
    assert (np.abs(found.value - right) <= SAFETY * found.error).all()
    assert np.median(found.error) <= usual


def test_it_is_sharper_than_differences():
    f = half(lambda t: np.tanh(AT + t))
    noise = measure(f)
    fit, differences = resolved(f, noise, SHARP), slope(f, noise)
    assert (fit.error <= differences.error).all()
    assert np.median(fit.error) < np.median(differences.error) / 5


def test_a_kink_that_noise_hides_is_counted_as_error():
    at = np.array([-1e-3, -1e-4, 0, 1e-4, 1e-3])
    f = half(lambda t: 1 + np.maximum(at + t, 0))
    found = resolved(f, measure(f), SHARP)
    assert (np.abs(found.value - (at > 0)) <= SAFETY * found.error).all()
    assert (found.error > 0.1).all()


def test_an_entry_that_is_saturated_nearby_is_left_to_the_differences():
    def f(t):
        return 1e8 + np.array([np.tanh(1 + t), 1 / (1 + np.exp(-1e3 * (t + 0.06)))])

    noise = measure(f)
    found, differences = resolved(f, noise, 1e-12), slope(f, noise)
    assert (found.error <= differences.error).all()


def test_what_is_sharp_is_left_as_it_is():
    noise = measure(np.sin)
    found, differences = resolved(np.sin, noise, SHARP), slope(np.sin, noise)
    assert found.value == differences.value
    assert found.evaluations == differences.evaluations


def test_the_evaluations_are_counted():
    f = half(lambda t: np.tanh(AT + t))
    noise, calls = measure(f), []
    found = resolved(lambda t: calls.append(t) or f(t), noise, SHARP)
    assert found.evaluations == len(calls) <= 1000
