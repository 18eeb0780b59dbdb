"""Whole Jacobians: right with any pairs, within their error, in few evaluations, within limits."""

import numpy as np
import pytest
from layers.tables import row

from gradcheck.checks.gradient.budget import Budget
from gradcheck.checks.gradient.careful import SAFETY
from gradcheck.checks.gradient.jacobian import TooLarge, analytic_jacobian, gradient, jacobian
from gradcheck.checks.layers import UsageError

RNG = np.random.default_rng(0)
X, W, b = RNG.normal(size=(6, 4)), RNG.normal(size=(4, 5)), RNG.normal(size=5)
POSITIVE = np.abs(X) + 0.1
INPUTS = {"X": X, "W": W, "b": b, "P": POSITIVE}


def linear(a):
    return a["X"] @ a["W"] + a["b"]


def softmax(a):
    e = np.exp(a["X"])
    return e / e.sum(axis=1, keepdims=True)


def softmax_backward(d):
    p = softmax(INPUTS)
    return p * (d - (d * p).sum(axis=1, keepdims=True))


def batch_norm(a):
    return (a["X"] - a["X"].mean(0)) / np.sqrt(a["X"].var(0) + 1e-5)


def batch_norm_backward(d):
    y = batch_norm(INPUTS)
    return (d - d.mean(0) - y * (d * y).mean(0)) / np.sqrt(X.var(0) + 1e-5)


def outer_backward(d):
    return np.einsum("sij,sj->si", d, X) + np.einsum("sij,si->sj", d, X)


# A forward pass, the input, a right backward pass, and how many directions are enough.
LAYERS = [
    row("linear by X", linear, "X", lambda d: d @ W.T, 4),
    row("linear by W", linear, "W", lambda d: X.T @ d, 4),
    row("linear by b", linear, "b", lambda d: d.sum(0), 1),
    row("tanh", lambda a: np.tanh(a["X"]), "X", lambda d: d / np.cosh(X) ** 2, 1),
    row("log", lambda a: np.log(a["P"]), "P", lambda d: d / POSITIVE, 1),
    row("tanh turned", lambda a: np.tanh(a["X"].T), "X", lambda d: d.T / np.cosh(X) ** 2, 1),
    row("relu", lambda a: np.maximum(a["X"], 0), "X", lambda d: d * (X > 0), 1),
    row("softmax", softmax, "X", softmax_backward, 4),
    row("batch norm", batch_norm, "X", batch_norm_backward, 6),
    row("a sum", lambda a: (a["X"] ** 2).sum(), "X", lambda d: 2 * X * d, 24),
    row("outer", lambda a: a["X"][:, :, None] * a["X"][:, None], "X", outer_backward, 4),
    row("nothing", lambda a: a["b"], "X", lambda d: 0 * X, 24),
]


@pytest.mark.parametrize(("forward", "name", "backward", "directions"), LAYERS)
def test_the_numerical_jacobian_is_the_analytic_one(forward, name, backward, directions):
    found = jacobian(forward, INPUTS, name)
    right = analytic_jacobian(backward, found.output, found.pairs)
    assert (np.abs(found.value - right.value) <= SAFETY * found.error + 1e-14).all()
    assert found.error.max() <= 1e-8 * max(1, np.abs(right.value).max())
    assert found.evaluations <= 6 * directions + 45


@pytest.mark.parametrize(("forward", "name", "backward", "directions"), LAYERS)
def test_compressing_changes_nothing(forward, name, backward, directions):
    pairs = jacobian(forward, INPUTS, name).pairs
    whole, packed = (jacobian(forward, INPUTS, name, p).dense() for p in ((), pairs))
    assert np.abs(whole[0] - packed[0]).max() <= SAFETY * (whole[1] + packed[1]).max()
    output = np.shape(forward(INPUTS))
    whole, packed = (analytic_jacobian(backward, output, p).dense()[0] for p in ((), pairs))
    assert whole == pytest.approx(packed, abs=1e-13)


@pytest.mark.parametrize(("forward", "name", "backward", "directions"), LAYERS)
def test_the_gradient_is_the_cotangent_times_the_jacobian(forward, name, backward, directions):
    cotangent = RNG.normal(size=np.shape(forward(INPUTS)))
    found = gradient(forward, INPUTS, name, cotangent)
    right = backward(cotangent)
    assert found.value.shape == right.shape
    assert (np.abs(found.value - right) <= SAFETY * found.error + 1e-13).all()
    assert found.error.max() <= 1e-8 * max(1, np.abs(right).max())


def test_pairs_in_any_order_give_a_gradient_in_the_order_of_the_input():
    I = RNG.normal(size=(2, 3, 4))
    c = RNG.normal(size=(4, 2, 3))
    found = gradient(lambda a: np.sin(a["I"]).transpose(2, 0, 1), {"I": I}, "I", c)
    assert found.value == pytest.approx(np.cos(I) * c.transpose(1, 2, 0))


def test_a_backward_pass_that_mixes_slices_is_seen_through_the_pairs():
    found = jacobian(lambda a: np.tanh(a["X"]), INPUTS, "X")
    wrong = analytic_jacobian(lambda d: (d - d.mean(0)) / np.cosh(X) ** 2, X.shape, found.pairs)
    assert (np.abs(found.value - wrong.value) > 0.01).any()


# A function of one number, its derivative, and the ends of where it is tried.
KNOWN = [
    row("tanh", np.tanh, lambda x: 1 / np.cosh(x) ** 2, (-3, 3)),
    row("exp far out", np.exp, np.exp, (20, 30)),
    row("log", np.log, lambda x: 1 / x, (0.1, 3)),
    row("a fast sine", lambda x: np.sin(99 * x), lambda x: 99 * np.cos(99 * x), (-3, 3)),
    row("1 / x far out", lambda x: 1 / x, lambda x: -1 / x**2, (1e6, 3e6)),
    row("small numbers", np.square, lambda x: 2 * x, (1e-6, 1e-5)),
    row("large numbers", np.square, lambda x: 2 * x, (1e7, 1e8)),
    row("a small slope on a large value", lambda x: 1e6 + np.sin(x), np.cos, (-3, 3)),
    row("steps of all sizes", lambda x: x**3, lambda x: 3 * x**2, (-1e3, 1e3)),
    row("hard tanh", lambda x: np.clip(x, -1, 1), lambda x: 1.0 * (abs(x) < 1), (-3, 3)),
    row("odd about every point", lambda x: np.sin(x - AT), lambda x: 1 + 0 * x, (-3, 3)),
]
AT = RNG.uniform(-3, 3, 200)


@pytest.mark.parametrize(("function", "derivative", "ends"), KNOWN)
def test_the_estimated_error_bounds_the_true_one(function, derivative, ends):
    at = ends[0] + (ends[1] - ends[0]) * (AT + 3) / 6
    found = jacobian(lambda a: function(a["x"]), {"x": at}, "x")
    error = np.abs(found.value - derivative(at))
    assert (error <= SAFETY * found.error + 1e-14 * np.abs(derivative(at))).all()
    assert found.error.max() <= 1e-6 * max(np.abs(function(at)).max(), np.abs(derivative(at)).max())


def test_single_precision_is_measured_as_well_as_it_can_be():
    x = RNG.normal(size=(5, 3)).astype(np.float32)
    found = jacobian(lambda a: np.tanh(a["x"]), {"x": x}, "x")
    error = np.abs(found.value - 1 / np.cosh(x.astype(float)) ** 2)
    assert (error <= SAFETY * found.error).all()
    assert found.error.max() < 1e-3


def test_a_kink_that_only_one_column_meets_is_not_taken_for_affine():
    W0 = np.array([[1.0, 1.0, 1.0, -2.5]])

    def clipped(a):
        return np.maximum((a["W"] * np.array([1, 1, 1, 1.0])).sum(axis=1) - 0.2, 0) + a["W"][:, 0]

    found = jacobian(clipped, {"W": W0}, "W", ())
    assert found.value.reshape(-1) == pytest.approx([2, 1, 1, 1])


# The shape of the argument and that of the result.
SHAPES = [
    row("a number by an array", (2, 3), ()),
    row("an array by a number", (), (4,)),
    row("a number by a number", (), ()),
    row("an array by an array", (2,), (4, 5)),
    row("axes of length 1", (1, 1), (1,)),
    row("an output without entries", (2,), (0, 3)),
]


@pytest.mark.parametrize(("inner", "outer"), SHAPES)
def test_the_shape_of_a_jacobian(inner, outer):
    found = jacobian(lambda a: np.full(outer, a["x"].sum()), {"x": np.ones(inner)}, "x")
    value, error = found.dense()
    assert value.shape == error.shape == (*outer, *inner)
    assert value == pytest.approx(np.ones(value.shape))


def test_a_jacobian_that_would_not_fit_is_refused_with_the_figures():
    inputs = {"X": np.ones((100, 100)), "W": np.ones((100, 100))}
    with pytest.raises(TooLarge, match=r"\(100, 100\).* 1,600 MB, and the limit is 200 MB"):
        jacobian(lambda a: a["X"] @ a["W"], inputs, "X", ())
    assert issubclass(TooLarge, UsageError)
    packed = jacobian(lambda a: a["X"] @ a["W"], inputs, "X")
    with pytest.raises(TooLarge, match="1,600 MB"):
        packed.dense()


def test_an_analytic_jacobian_that_would_not_fit_is_refused_as_well():
    with pytest.raises(TooLarge, match="800 MB"):
        analytic_jacobian(lambda d: d, (100, 100))


INPUTS_OF_1200 = {"X": 0.1 * RNG.normal(size=(30, 40))}


def gram(a):
    return np.tanh(a["X"] @ a["X"].T)


def test_a_gradient_that_would_cost_too_much_is_not_begun():
    calls, budget = [], Budget()
    found = gradient(
        lambda a: calls.append(1) or gram(a), INPUTS_OF_1200, "X", np.ones((30, 30)), (), budget
    )
    assert found is None
    assert len(calls) < 60
    assert budget == Budget()


def test_two_gradients_share_a_budget():
    budget = Budget(calls=300)
    inputs = {"x": np.linspace(-1, 1, 40)}

    def spent():
        return gradient(lambda a: np.tanh(a["x"]), inputs, "x", np.ones(40), (), budget)

    assert spent() is not None
    assert budget.calls < 150
    assert spent() is None


def test_five_hundred_entries_are_measured_within_the_usual_budget():
    x = RNG.normal(size=500)
    found = gradient(
        lambda a: np.tanh(np.cumsum(a["x"]) / 10), {"x": x}, "x", np.ones(500), (), Budget()
    )
    right = np.cumsum((np.cosh(np.cumsum(x) / 10) ** -2 / 10)[::-1])[::-1]
    assert (np.abs(found.value - right) <= SAFETY * found.error).all()
    assert found.error.max() <= 1e-7 * np.abs(right).max()


def test_a_jacobian_of_a_linear_layer_takes_few_evaluations():
    inputs = {"X": np.ones((32, 64)), "W": RNG.normal(size=(64, 48)), "b": np.ones(48)}
    calls = []
    for name in inputs:
        jacobian(lambda a: calls.append(1) or linear(a), inputs, name)
    naive = 2 * sum(array.size for array in inputs.values())
    assert len(calls) <= naive / 40


def test_numdifftools_agrees():
    numdifftools = pytest.importorskip("numdifftools")
    theirs = numdifftools.Jacobian(lambda x: softmax({"X": x.reshape(1, -1)}).ravel())(X[0])
    ours = jacobian(softmax, {"X": X[:1]}, "X")
    assert ours.dense()[0].reshape(theirs.shape) == pytest.approx(theirs, abs=1e-10)


def test_scipy_agrees():
    optimize = pytest.importorskip("scipy.optimize")
    theirs = optimize.approx_fprime(X.ravel(), lambda x: softmax({"X": x.reshape(6, 4)}).ravel())
    ours = jacobian(softmax, INPUTS, "X")
    assert ours.dense()[0].reshape(theirs.shape) == pytest.approx(theirs, abs=1e-6)
