"""Finite differences: the value is right, and the error that they estimate bounds the true one."""

import numpy as np
import pytest
from layers.tables import row

from gradcheck.checks.differences import SMALL, STEP, jacobian
from gradcheck.checks.points import Case
from gradcheck.checks.verdict import Outcome, Tolerance, estimate_error, judge

POINTS = 200
SLACK = 1e-12  # x + h is rounded to one part in 10¹⁶ of x, and h may be x / 1000


def sech2(x):
    """The derivative of tanh."""
    return 1 - np.tanh(x) ** 2


# A function, its derivative, the ends of where it is tried, and how large its estimated error may
# be at most, relative to the largest value or slope: an estimate of infinity would bound anything.
KNOWN = [
    row("tanh", np.tanh, sech2, (-3, 3), 1e-10),
    row("exp", np.exp, np.exp, (-3, 3), 1e-9),
    row("exp far out", np.exp, np.exp, (20, 30), 1e-5),
    row("log", np.log, lambda x: 1 / x, (0.1, 3), 1e-8),
    row("sine", np.sin, np.cos, (-3, 3), 1e-9),
    row("a fast sine", lambda x: np.sin(9 * x), lambda x: 9 * np.cos(9 * x), (-3, 3), 1e-5),
    row("a constant", lambda x: 0 * x + 7, lambda x: 0 * x, (-3, 3), 1e-10),
    row("a line", lambda x: 3 * x - 1, lambda x: 0 * x + 3, (-3, 3), 1e-10),
    row("a line far out", lambda x: x - 1000, lambda x: 0 * x + 1, (999, 1001), 1e-10),
    row("a cubic", lambda x: x**3 - 2 * x, lambda x: 3 * x**2 - 2, (-3, 3), 1e-10),
    row("a seventh power", lambda x: x**7, lambda x: 7 * x**6, (-3, 3), 1e-8),
    row("1 / x", lambda x: 1 / x, lambda x: -1 / x**2, (0.2, 3), 1e-8),
    row("1 / x far out", lambda x: 1 / x, lambda x: -1 / x**2, (1e6, 3e6), 1e-8),
    row("a parabola of large numbers", np.square, lambda x: 2 * x, (1e5, 1e6), 1e-9),
    row("a parabola of small numbers", np.square, lambda x: 2 * x, (1e-6, 1e-5), 1e-6),
    row("large values", lambda x: 1e8 * np.tanh(x), lambda x: 1e8 * sech2(x), (-3, 3), 1e-10),
    row("small values", lambda x: 1e-8 * np.tanh(x), lambda x: 1e-8 * sech2(x), (-3, 3), 1e-10),
    row("a small slope on a large value", lambda x: 1e6 + np.tanh(x), sech2, (-3, 3), 1e-10),
]


@pytest.mark.parametrize(("function", "slope", "ends", "largest"), KNOWN)
def test_the_estimated_error_bounds_the_true_one(function, slope, ends, largest):
    at = np.random.default_rng(0).uniform(*ends, POINTS)
    estimates = [jacobian(function, np.array(x)) for x in at]
    allowed = np.array([estimate_error(e) for e in estimates])
    error = np.abs(np.array([e.value for e in estimates]) - slope(at))
    assert (error <= allowed + SLACK * np.abs(slope(at))).all()
    assert allowed.max() <= largest * max(np.abs(function(at)).max(), np.abs(slope(at)).max())


def judged(function, at, right):
    """The verdict on a slope on which two witnesses agree, by differences of a function."""
    estimate = jacobian(function, np.array([at]))
    witnesses = {"symbolic": right, "analytic": right, "numerical": estimate.value}
    case = Case({"N": 1}, 0)
    return judge("f", "X", case, witnesses, estimate_error(estimate), Tolerance(), outer=1)


def relu(x):
    return np.maximum(x, 0)


H = STEP * SMALL  # the largest step near 0

# A function that is not smooth, a place near its kink, in steps, and the outcome.
KINKS = [
    row("relu, well above its kink", relu, 1.5, Outcome.AGREE),
    row("relu, well below its kink", relu, -1.5, Outcome.AGREE),
    row("relu, its kink inside the largest step", relu, 0.9, Outcome.INCONCLUSIVE),
    row("relu, its kink inside two steps", relu, 0.4, Outcome.INCONCLUSIVE),
    row("relu, its kink inside all steps", relu, -0.1, Outcome.INCONCLUSIVE),
    row("relu, its kink nearly in the middle", relu, 0.01, Outcome.INCONCLUSIVE),
    row("the absolute value, its kink inside a step", np.abs, 0.3, Outcome.INCONCLUSIVE),
    row("a jump inside the largest step", np.sign, 0.8, Outcome.INCONCLUSIVE),
    row("a jump inside all steps", np.sign, -0.2, Outcome.INCONCLUSIVE),
    row("the end of what is defined, inside a step", np.sqrt, 0.3, Outcome.INCONCLUSIVE),
    row("a pole inside a step", lambda x: 1 / x, 0.6, Outcome.INCONCLUSIVE),
    row("a pole at the end of a step", lambda x: 1 / x, 1.0, Outcome.INCONCLUSIVE),
]


@pytest.mark.parametrize(("function", "steps", "outcome"), KINKS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of dividing by 0 and the root of -1
def test_differences_across_a_kink_cannot_tell(function, steps, outcome):
    at = steps * H
    tiny = 1e-9 * at
    right = np.array([[(function(at + tiny) - function(at - tiny)) / (2 * tiny)]]).round(6)
    finding = judged(function, at, right)
    assert (finding.outcome, finding.odd) == (outcome, "")


def test_output_axes_come_first():
    A = np.random.default_rng(0).normal(size=(4, 5, 2, 3))
    estimate = jacobian(lambda X: np.einsum("abcd,cd->ab", A, X), np.ones((2, 3)))
    assert estimate.value.shape == estimate.error.shape == A.shape
    assert estimate.value == pytest.approx(A)


# The shape of the argument, that of the result, and that of the Jacobian.
SHAPES = [
    row("a number by an array", (2, 3), (), (2, 3)),
    row("an array by a number", (), (4,), (4,)),
    row("a number by a number", (), (), ()),
    row("an array by an array", (2,), (4, 5), (4, 5, 2)),
    row("axes of length 1", (1, 1), (1,), (1, 1, 1)),
]


@pytest.mark.parametrize(("inner", "outer", "shape"), SHAPES)
def test_the_shape_of_a_jacobian(inner, outer, shape):
    estimate = jacobian(lambda X: np.full(outer, X.sum()), np.ones(inner))
    assert estimate.value.shape == estimate.error.shape == shape
    assert estimate.value == pytest.approx(np.ones(shape))


def test_the_function_may_do_what_it_likes_with_its_argument():
    def rude(X):
        Y = X**2
        X[:] = np.nan
        return Y

    at = np.array([1.0, 2.0, 3.0])
    assert jacobian(rude, at).value == pytest.approx(np.diag([2, 4, 6]))
    assert at.tolist() == [1, 2, 3]


def test_the_function_is_called_six_times_for_every_entry():
    calls = []
    jacobian(lambda X: calls.append(X.copy()) or X, np.ones(4))
    assert len(calls) == 24
    assert {np.count_nonzero(X != 1) for X in calls} == {1}
