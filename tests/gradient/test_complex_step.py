"""The complex step: exact where the forward pass is analytic, and refused everywhere else."""

import math
import warnings

import numpy as np
import pytest
from layers.tables import row

from gradcheck.checks.gradient.complex_step import analytic

X = np.array([0.7, -1.3, 2.1])
U = np.array([1.0, 0.5, -2.0])


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


ANALYTIC = [
    row("a sine", np.sin, np.cos(X) * U),
    row("relu by maximum, away from 0", lambda x: np.maximum(x, 0), (X > 0) * U),
    row("relu by where", lambda x: np.where(x.real > 0, x, 0), (X > 0) * U),
    row("relu by a mask", lambda x: x * (x > 0), (X > 0) * U),
    row("a softmax", softmax, softmax(X) * (U - softmax(X) @ U)),
    row("a root of a sum of squares", lambda x: np.sqrt((x * x).sum()), X @ U / np.sqrt(X @ X)),
    row("a matrix product", lambda x: np.outer(x, X) @ x, U * (X @ X) + X * (X @ U)),
    row("a constant", lambda x: 0 * x, 0 * U),
    row("a sum that cancels", lambda x: (1e4 + x) - 1e4, U),
]


@pytest.mark.parametrize(("function", "right"), ANALYTIC)
def test_an_analytic_forward_is_measured_to_rounding(function, right):
    found = analytic(lambda t: function(X + t * U))
    assert np.abs(found.value - right).max() <= found.error.max() + 1e-15
    assert found.error.max() <= 1e-14 * max(1, np.abs(right).max())


REFUSED = [
    row("an absolute value", np.abs),
    row("an absolute value in one entry", lambda x: np.append(np.sin(x), abs(x[0]))),
    row("a norm", np.linalg.norm),
    row("a conjugate", np.conj),
    row("a conjugate in a product", lambda x: x * np.conj(x)),
    row("a scalar product that conjugates", lambda x: np.vdot(x, x)),
    row("the real part", np.real),
    row("a cast to float", lambda x: x.astype(float)),
    row("a cast to float that warns of nothing", lambda x: x.real * np.sin(x)),
    row("an assignment into a float array", lambda x: assigned(np.zeros(3), x)),
    row("math.exp", lambda x: math.exp(x[0])),
    row("a half that is lost", lambda x: np.sin(x) + np.sin(x.real)),
]


def assigned(array, value):
    array[...] = value
    return array


@pytest.mark.parametrize("function", REFUSED)
def test_any_other_is_refused(function):
    assert analytic(lambda t: function(X + t * U)) is None


def test_no_warning_is_let_through():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        analytic(lambda t: np.asarray(X + t * U).astype(float))
    assert not seen


def test_where_real_differences_prove_nothing_it_is_refused():
    rng = np.random.default_rng(0)
    assert analytic(lambda t: X + t * U + rng.normal(size=3)) is None
