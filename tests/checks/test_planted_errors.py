"""The checker is checked: an error that is planted is caught, and the guilty one is named."""

from types import SimpleNamespace

import numpy as np
import pytest
from layers import planting
from layers.planting import accused, found, judged, points
from layers.tables import row

from gradcheck.checks.layers import load
from gradcheck.checks.verdict import Tolerance

each = {"axis": 1, "keepdims": True}  # one sum for each row


def bump(array):
    """The array with its last entry 1 ‰ too large."""
    array = np.array(array)
    array.flat[-1] *= 1.001
    return array


def σ(x):
    return 1 / (1 + np.exp(-x))


def slope(x):
    """The derivative of tanh."""
    return 1 - np.tanh(x) ** 2


def P(v):
    """Softmax of the rows of X."""
    return np.exp(v.X) / np.exp(v.X).sum(**each)


def target(v):
    """1 at the class of each sample, 0 elsewhere."""
    return np.eye(v.X.shape[1])[v.y]


def z(v):
    """The pre-activation of a fully connected layer."""
    return v.W @ v.x + v.b


def states(v):
    """h_1 ... h_T of the recurrent layer."""
    return load("rnn").forward(v.x, v.h0, v.W_hx, v.W_hh, v.b)


def before(v):
    """h_0 ... h_{T-1} of the recurrent layer."""
    return np.concatenate([v.h0[None], states(v)[:-1]])


def dz(v, back=lambda dz, W_hh: dz @ W_hh):
    """The gradients by the pre-activations; `back` is what a step passes to the one before."""
    h, dz, later = states(v), np.empty_like(v.dh), np.zeros_like(v.h0)
    for t in reversed(range(len(h))):
        dz[t] = (v.dh[t] + later) * (1 - h[t] ** 2)
        later = back(dz[t], v.W_hh)
    return dz


def dz_cut(v):
    """The same, if no step passed anything back."""
    return dz(v, lambda dz, W_hh: 0)


def over_time(dz, state):
    """Σ_t dz_tᵀ state_t."""
    return np.einsum("tni,tnk->ik", dz, state)


def h1(v):
    """One step of the recurrent layer."""
    return np.tanh(v.x @ v.W_hx.T + v.h0 @ v.W_hh.T + v.b)


def dz1(v):
    """The gradient by the pre-activation of that step."""
    return v.dh1 * (1 - h1(v) ** 2)


# By layer: what is wrong, the gradient by which input, what is found (and what it looks like),
# and the wrong gradient, from the cotangent, the inputs and the right gradients by name.
GRADIENTS = {
    "activation.relu": [
        ("the slope is forgotten", "X", "value missing-activation", lambda v: v.dY),
        ("some of what is below 0 leaks through", "X", "value", lambda v: v.dX + 0.01 * v.dY),
        ("what is below 0 passes, not what is above", "X", "value", lambda v: v.dY - v.dX),
        ("the cotangent is ignored", "X", "value ignores-cotangent", lambda v: (v.X > 0) * 1.0),
    ],
    "activation.sigmoid": [
        ("the slope is forgotten", "X", "value missing-activation", lambda v: v.dY),
        ("Y in place of Y (1 - Y)", "X", "value missing-activation", lambda v: v.dY * σ(v.X)),
        ("Y (Y - 1) in place of Y (1 - Y)", "X", "value sign", lambda v: -v.dX),
        (
            "X (1 - X) in place of Y (1 - Y)",
            "X",
            "value wrong-variable",
            lambda v: v.dY * v.X * (1 - v.X),
        ),
        ("the slope of tanh", "X", "value wrong-derivative", lambda v: v.dY * (1 - σ(v.X) ** 2)),
    ],
    "activation.tanh": [
        ("the slope is forgotten", "X", "value missing-activation", lambda v: v.dY),
        ("1 - Y for 1 - Y²", "X", "value wrong-derivative", lambda v: v.dY * (1 - np.tanh(v.X))),
        ("1 + Y² for 1 - Y²", "X", "value wrong-derivative", lambda v: v.dY * (2 - slope(v.X))),
        ("1 - X² in place of 1 - Y²", "X", "value wrong-variable", lambda v: v.dY * (1 - v.X**2)),
    ],
    "activation.elementwise": [
        ("the slope is forgotten", "X", "value missing-activation", lambda v: v.dY),
        (
            "h′(Y) in place of h′(X)",
            "X",
            "value wrong-variable",
            lambda v: v.dY * slope(np.tanh(v.X)),
        ),
        ("h in place of h′", "X", "value missing-activation", lambda v: v.dY * np.tanh(v.X)),
        ("one entry is 1 ‰ too large", "X", "value one-entry", lambda v: bump(v.dX)),
    ],
    "bilinear": [
        ("two axes are exchanged", "W", "shape transposed", lambda v: v.dW.transpose(0, 2, 1)),
        ("all axes are rotated", "W", "shape transposed", lambda v: v.dW.transpose(1, 2, 0)),
        (
            "the cotangent is forgotten",
            "W",
            "value ignores-cotangent",
            lambda v: 0 * v.dW + np.outer(v.x1, v.x2),
        ),
        ("x1 is forgotten", "W", "value factor", lambda v: v.dW / v.x1[:, None]),
        ("it has half its size", "x1", "value factor", lambda v: v.dx1 / 2),
        ("no sum", "x1", "shape missing-sum", lambda v: v.dz[:, None] * (v.W @ v.x2)),
        (
            "the cotangent is forgotten",
            "x2",
            "value ignores-cotangent",
            lambda v: (v.x1 @ v.W).sum(axis=0),
        ),
        ("it is zero", "x2", "value zero", lambda v: 0 * v.dx2),
        ("the wrong sign", "b", "value sign", lambda v: -v.db),
        ("b is a factor", "b", "value extra-factor", lambda v: v.dz * v.b),
    ],
    "cross_entropy.probabilities": [
        ("the mean is forgotten", "P", "value factor", lambda v: v.dP * len(v.P)),
        ("the mean is taken twice", "P", "value factor", lambda v: v.dP / len(v.P)),
        ("all classes are targets", "P", "value", lambda v: -v.dL / (len(v.P) * v.P)),
        ("1 / P is forgotten", "P", "value extra-factor", lambda v: v.dP * v.P),
        ("the wrong sign", "P", "value sign", lambda v: -v.dP),
        ("the cotangent is ignored", "P", "value ignores-cotangent", lambda v: v.dP / v.dL),
    ],
    "cross_entropy.logits": [
        ("the mean is forgotten", "X", "value factor", lambda v: v.dX * len(v.X)),
        ("the mean is taken twice", "X", "value factor", lambda v: v.dX / len(v.X)),
        ("a mean over classes", "X", "value factor", lambda v: v.dX * len(v.X) / len(v.X.T)),
        ("the wrong sign", "X", "value sign", lambda v: -v.dX),
        (
            "nothing is subtracted at the target",
            "X",
            "value missing-target",
            lambda v: v.dL * P(v) / len(v.X),
        ),
        ("zero except at the target", "X", "value", lambda v: v.dX * target(v)),
        (
            "the cotangent is ignored",
            "X",
            "value ignores-cotangent",
            lambda v: (P(v) - target(v)) / len(v.X),
        ),
        ("that by P", "X", "value", lambda v: -v.dL * target(v) / P(v) / len(v.X)),
    ],
    "fully_connected": [
        ("the slope is forgotten", "x", "value missing-activation", lambda v: v.W.T @ v.dy),
        ("the slope is forgotten", "W", "value missing-activation", lambda v: np.outer(v.dy, v.x)),
        ("it is transposed", "W", "shape transposed", lambda v: v.dW.T),
        (
            "the slope is taken at y",
            "b",
            "value wrong-variable",
            lambda v: v.dy * slope(np.tanh(z(v))),
        ),
        ("the slope is taken without b", "b", "value", lambda v: v.dy * slope(z(v) - v.b)),
    ],
    "linear.vector": [
        ("the wrong sign", "x", "value sign", lambda v: -v.dx),
        ("it is transposed", "W", "shape transposed", lambda v: np.outer(v.x, v.dy)),
        ("x is forgotten", "W", "value missing-factor", lambda v: v.dW / v.x),
        ("one entry is 1 ‰ too large", "W", "value one-entry", lambda v: bump(v.dW)),
        ("the cotangent is ignored", "b", "value ignores-cotangent", lambda v: np.ones_like(v.b)),
        ("it has twice its size", "b", "value factor", lambda v: 2 * v.db),
    ],
    "linear.rows": [
        ("a tanh too many", "X", "value", lambda v: (v.dY * slope(v.X @ v.W.T + v.b)) @ v.W),
        ("the samples are mixed up", "X", "value time-reversed", lambda v: v.dX[::-1]),
        ("it is transposed", "W", "shape transposed", lambda v: v.X.T @ v.dY),
        ("a mean over samples", "W", "value factor", lambda v: v.dW / len(v.X)),
        ("the first sample only", "W", "value first-sample", lambda v: np.outer(v.dY[0], v.X[0])),
        ("no sum", "b", "shape missing-sum", lambda v: v.dY),
        ("the sum is over features", "b", "shape", lambda v: v.dY.sum(axis=1)),
        ("the axis is kept", "b", "shape kept-axis", lambda v: v.dY.sum(axis=0)[None]),
        ("a number", "b", "shape extra-sum", lambda v: v.dY.sum()),
    ],
    "linear.rows_in_out": [
        ("the wrong sign", "X", "value sign", lambda v: -v.dX),
        ("it is transposed", "W", "shape transposed", lambda v: v.dY.T @ v.X),
        ("it has twice its size", "W", "value factor", lambda v: 2 * v.dW),
        ("a mean over samples", "b", "value factor", lambda v: v.dY.mean(axis=0)),
    ],
    "linear.columns": [
        ("it is transposed", "X", "shape transposed", lambda v: v.dX.T),
        ("it is transposed", "W", "shape transposed", lambda v: v.dW.T),
        ("the sum is over features", "b", "shape", lambda v: v.dY.sum(axis=0)),
        ("no sum", "b", "shape missing-sum", lambda v: v.dY),
        ("the axis is kept", "b", "shape kept-axis", lambda v: v.dY.sum(axis=1)[:, None]),
    ],
    "rnn": [
        ("time runs backward", "x", "value time-reversed", lambda v: v.dx[::-1]),
        ("there is no recurrent path", "x", "value recurrent-path", lambda v: dz_cut(v) @ v.W_hx),
        (
            "W_hhᵀ",
            "x",
            "value recurrent-path",
            lambda v: dz(v, lambda dz, W_hh: dz @ W_hh.T) @ v.W_hx,
        ),
        ("the slope is forgotten", "x", "value", lambda v: v.dh @ v.W_hx),
        ("it is taken at the last step", "h0", "value last-sample", lambda v: dz(v)[-1] @ v.W_hh),
        ("W_hhᵀ", "h0", "value", lambda v: dz(v)[0] @ v.W_hh.T),
        ("there is no recurrent path", "h0", "value zero", lambda v: 0 * v.h0),
        ("it is transposed", "W_hx", "shape transposed", lambda v: v.dW_hx.T),
        ("the last step only", "W_hx", "value last-sample", lambda v: dz(v)[-1].T @ v.x[-1]),
        ("a mean over time", "W_hx", "value factor", lambda v: v.dW_hx / len(v.x)),
        ("no sum", "W_hx", "shape missing-sum", lambda v: dz(v).transpose(0, 2, 1) @ v.x),
        ("h_t for h_{t-1}", "W_hh", "value", lambda v: over_time(dz(v), states(v))),
        ("it is transposed", "W_hh", "value transposed", lambda v: v.dW_hh.T),
        ("no first step", "W_hh", "value", lambda v: over_time(dz(v)[1:], before(v)[1:])),
        ("earlier states are fixed", "W_hh", "value", lambda v: over_time(dz_cut(v), before(v))),
        (
            "there is no recurrent path",
            "b",
            "value recurrent-path",
            lambda v: dz_cut(v).sum(axis=(0, 1)),
        ),
        ("the samples are not summed", "b", "shape missing-sum", lambda v: dz(v).sum(axis=0)),
        ("the first step only", "b", "value", lambda v: dz(v)[0].sum(axis=0)),
    ],
    "rnn_cell": [
        ("the slope is forgotten", "x", "value missing-activation", lambda v: v.dh1 @ v.W_hx),
        ("W_hhᵀ", "h0", "value", lambda v: dz1(v) @ v.W_hh.T),
        ("it is passed on as it came", "h0", "value missing-path", lambda v: v.dh1),
        ("it is transposed", "W_hx", "shape transposed", lambda v: v.dW_hx.T),
        ("h1 for h0", "W_hh", "value", lambda v: dz1(v).T @ h1(v)),
        ("it is transposed", "W_hh", "value transposed", lambda v: v.dW_hh.T),
        ("1 - h1 for 1 - h1²", "b", "value", lambda v: (v.dh1 * (1 - h1(v))).sum(axis=0)),
        ("no sum", "b", "shape missing-sum", lambda v: dz1(v)),
    ],
    "softmax": [
        ("the diagonal alone", "X", "value diagonal", lambda v: v.dP * P(v) * (1 - P(v))),
        ("as if Γ were constant", "X", "value missing-path", lambda v: v.dP * P(v)),
        ("a plain mean", "X", "value", lambda v: P(v) * (v.dP - v.dP.mean(**each))),
        ("sum of samples", "X", "value", lambda v: P(v) * (v.dP - (v.dP * P(v)).sum(axis=0))),
        ("no P in front", "X", "value missing-factor", lambda v: v.dP - (v.dP * P(v)).sum(**each)),
        ("the wrong sign", "X", "value sign", lambda v: -v.dX),
        (
            "that of log softmax",
            "X",
            "value missing-activation",
            lambda v: v.dP - P(v) * v.dP.sum(**each),
        ),
        ("the cotangent is ignored", "X", "value ignores-cotangent", P),
    ],
}
# Rows whose diagnosis is not true of what was planted.
NOT_YET = {
    "activation.relu dX: some of what is below 0 leaks through": "told as a missing path",
    "activation.relu dX: what is below 0 passes, not what is above": "told as the last sample",
    "rnn db: the first step only": "told as a missing recurrent path",
}
ROWS = [
    row(f"{name} d{wrt}: {sentence}", name, wrt, looks, wrong,
        bug=NOT_YET.get(f"{name} d{wrt}: {sentence}", ""))
    for name, rows in GRADIENTS.items()
    for sentence, wrt, looks, wrong in rows
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrt", "looks", "wrong"), ROWS)
def test_a_wrong_gradient_is_caught_and_no_other_is_accused(name, wrt, looks, wrong):
    findings = accused(planting.with_gradient(name, wrt, wrong), points(name))
    assert {(f.input, f.odd) for f in findings} == {(wrt, "analytic")}
    assert found(findings[0]) == looks


def test_every_layer_of_the_table_has_three_planted_errors():
    assert min(map(len, GRADIENTS.values())) >= 3


def swapped(gradients):
    first, second, *others = gradients
    return (second, first, *others)


def fails(*_):
    raise ValueError("the axes do not match")


def put(value):
    """Puts a value in the last place of the first gradient."""

    def spoil(gradients):
        gradients[0].flat[-1] = value
        return gradients

    return spoil


def last_is(value):
    """Replaces the last gradient."""
    return lambda gradients: (*gradients[:-1], value)


def single(gradients):
    return tuple(g.astype(np.float32) for g in gradients)


def scaled(factor):
    return lambda gradients: tuple(factor * g for g in gradients)


# What is wrong with what backward returns, in which layer, what becomes of the right gradients,
# which inputs are accused (`-` if it is backward as a whole), what is found and said.
RETURNED = [
    row("a list", "linear.rows", list, "-", "value", "and returned a value of type list"),
    row("a dict", "linear.rows", lambda g: {"dX": g[0]}, "-", "value", "a value of type dict"),
    row("an array", "softmax", lambda g: g[0], "-", "value", "of type ndarray"),
    row("nothing", "linear.rows", lambda g: None, "-", "value", "a value of type NoneType"),
    row("one too few", "linear.rows", lambda g: g[1:], "-", "value missing-gradient",
        "backward returned 2 gradients for 3 inputs (X, W, b)"),
    row("one too many", "linear.rows", lambda g: g + g[:1], "-", "value extra-gradient",
        "backward returned 4 gradients for 3 inputs"),
    row("an exception", "linear.rows", fails, "-", "raises",
        "backward raised ValueError: the axes do not match"),
    row("two in the wrong order", "bilinear", swapped, "x1 x2", "shape swapped", "dx1 has shape"),
    row("NaN in one entry", "linear.rows", put(np.nan), "X", "value not-finite",
        "dX is not finite in 1 of 8 entries, first at X[3,1]"),
    row("inf in one entry", "linear.rows", put(np.inf), "X", "value not-finite", "first at X[3,1]"),
    row("inf at a kink", "activation.relu", put(-np.inf), "X", "value not-finite", "not finite"),
    row("float32", "rnn_cell", single, "x h0 W_hx W_hh b", "dtype", "dx is float32, and x"),
    row("all 1e-6 too large", "softmax", scaled(1 + 1e-6), "X", "value factor",
        "by 1e-06 of its size; dX is 1.000001 times"),
    row("None for one", "linear.rows", last_is(None), "b", "value missing-gradient",
        "backward returns no gradient by b"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrong", "wrt", "looks", "says"), RETURNED)
def test_what_backward_returns_is_looked_at(name, wrong, wrt, looks, says):
    layer = planting.with_backward(name, lambda backward: lambda *args: wrong(backward(*args)))
    findings = accused(layer, points(name))
    assert {(f.input or "-", f.odd) for f in findings} == {(w, "analytic") for w in wrt.split()}
    assert found(findings[0]) == looks
    assert says in findings[0].message


# What stands in place of db that is no array of real numbers.
NOT_REAL = [
    row("a text", "db"),
    row("a ragged list", [[1], [1, 2]]),
    row("an array of objects", np.array([None, 1], object)),
]


@pytest.mark.parametrize("gradient", NOT_REAL)
def test_a_gradient_is_made_of_real_numbers(gradient):
    layer = planting.with_gradient("linear.rows", "b", lambda v: gradient)
    assert {(f.input, f.odd) for f in accused(layer, points("linear.rows"))} == {("b", "analytic")}


def test_exchanged_gradients_of_equal_shape_are_caught():
    layer = planting.with_backward("bilinear", lambda backward: lambda *a: swapped(backward(*a)))
    findings = accused(layer, points("bilinear", D1=3, D2=3))
    assert [(f.input, f.odd, found(f)) for f in findings] == [
        ("x1", "analytic", "value swapped"),
        ("x2", "analytic", "value swapped"),
    ]


# How backward uses its cotangent wrongly: what it makes of the cotangent before it starts.
COTANGENTS = [
    row("its absolute value", np.abs),
    row("its square", np.square),
    row("its sign", np.sign),
    row("its positive part", lambda d: np.maximum(d, 0)),
]


@pytest.mark.parametrize("change", COTANGENTS)
def test_a_gradient_must_be_linear_in_the_cotangent(change):
    layer = planting.with_backward("softmax", lambda backward: lambda d, X: backward(change(d), X))
    findings = accused(layer, points("softmax"))
    assert {(f.odd, found(f)) for f in findings} == {("analytic", "value nonlinear")}
    assert all("a backward pass is linear" in f.message for f in findings)


def shifts_its_input(backward):
    def spoils(dP, X):
        gradients = backward(dP, X)
        X -= X.max(**each)
        return gradients

    return spoils


def weighs_its_cotangent(backward):
    def spoils(dP, X):
        gradients = backward(dP, X)
        dP *= P(SimpleNamespace(X=X))
        return gradients

    return spoils


def remembers_its_input(backward):
    first = {}
    return lambda dP, X: backward(dP, first.setdefault(X.shape, X.copy()))


def adds_up(backward):
    total = {}

    def adding(dP, X):
        (dX,) = backward(dP, X)
        total[X.shape] = total.get(X.shape, 0) + dX
        return (total[X.shape].copy(),)

    return adding


def adds_noise(backward):
    rng = np.random.default_rng(0)
    return lambda dP, X: backward(dP * rng.uniform(0.5, 1.5, dP.shape), X)


# How a backward pass of softmax behaves, which input is accused (`-` if it is the pass as a
# whole), what is found, and the whole sentence.
HABITS = [
    row("it changes its input", shifts_its_input, "-", "value mutates-input",
        "backward changes X in place; the caller's array is spoilt: work on a copy of it"),
    row("it changes its cotangent", weighs_its_cotangent, "-", "value mutates-cotangent",
        "backward changes the cotangent in place; the caller's array is spoilt: work on a copy "
        "of it"),
    row("it remembers its first input", remembers_its_input, "X", "value stale-cache",
        "something is remembered from the first one"),
    row("it adds to what it returned before", adds_up, "X", "value accumulates",
        "dX differs when backward is called again at the same point"),
    row("it draws noise", adds_noise, "X", "value nondeterministic",
        "dX differs when backward is called again at the same point"),
]  # fmt: skip


@pytest.mark.parametrize(("habit", "wrt", "looks", "says"), HABITS)
def test_a_bad_habit_is_found_wherever_the_layer_is_tried(habit, wrt, looks, says):
    layer = planting.with_backward("softmax", habit)
    findings = accused(layer, points("softmax"))
    assert {(f.input or "-", f.odd, found(f)) for f in findings} == {(wrt, "analytic", looks)}
    assert {str(f.case) for f in findings} == {str(p.case) for p in points("softmax")}
    assert says in findings[0].message


def test_a_forward_pass_that_changes_its_input_is_found():
    def spoils(forward):
        def centred(X):
            X -= X.mean(**each)
            return forward(X)

        return centred

    findings = accused(planting.with_forward("softmax", spoils), points("softmax"))
    assert {(f.input, f.odd, found(f)) for f in findings} == {
        ("", "analytic", "value mutates-input")
    }
    assert findings[0].message.startswith("forward changes X in place")


def test_the_wrong_convention_at_a_kink_is_found_at_the_kink_alone():
    layer = planting.with_gradient("activation.relu", "X", lambda v: v.dY * (v.X >= 0))
    (finding,) = accused(layer, points("activation.relu"))
    assert (finding.case.at_kink, finding.odd, found(finding)) == (True, "analytic", "value kink")
    assert "breaks the convention at the kink (relu′(0) = 0" in finding.message


def test_the_last_of_equal_values_is_found_where_values_are_equal_alone():
    def last(v):
        rival = v.X.shape[1] - 1 - v.X[:, ::-1].argmax(axis=1)
        return v.dY[:, None] * (rival[:, None] == np.arange(v.X.shape[1]))

    layer = planting.with_gradient("reduction.max", "X", last)
    (finding,) = accused(layer, points("reduction.max"))
    assert (finding.case.ties, finding.odd, found(finding)) == (True, "analytic", "value kink")
    assert "breaks the convention with equal values (of equal values the first" in finding.message


# How far off a gradient is, relative, and what it is called.
PRECISION = [
    row("one part in 100 is wrong", 1e-2, "disagrees"),
    row("one part in 10⁴ is approximate", 1e-4, "approximate"),
    row("one part in 10⁷ is approximate", 1e-7, "approximate"),
    row("one part in 10⁹ passes", 1e-9, "agrees"),
    row("rounding passes", 1e-15, "agrees"),
]


@pytest.mark.parametrize("name", ["linear.rows", "cross_entropy.logits", "rnn_cell"])
@pytest.mark.parametrize(("error", "verdict"), PRECISION)
def test_how_exact_a_gradient_must_be(name, error, verdict):
    findings = judged(nearly(name, error), points(name))
    assert {f.verdict.value for f in findings if f.input} == {verdict}


def nearly(name, error):
    """The layer with gradients that are too large by a relative error."""
    change = scaled(1 + error)
    return planting.with_backward(name, lambda backward: lambda *args: change(backward(*args)))


# Tolerances, how far off a gradient is, and what it is called.
TOLERANCES = [
    row("a difference within rtol is accepted", Tolerance(1e-3, 1e-10), 1e-4, "agrees"),
    row("a difference beyond rtol is not", Tolerance(1e-5, 1e-10), 1e-4, "approximate"),
    row("a difference within atol is accepted", Tolerance(1e-8, 100), 1e-1, "agrees"),
]


@pytest.mark.parametrize("name", ["linear.rows", "cross_entropy.logits", "rnn_cell"])
@pytest.mark.parametrize(("tolerance", "error", "verdict"), TOLERANCES)
def test_a_tolerance_is_that_of_both_checks(name, tolerance, error, verdict):
    findings = judged(nearly(name, error), points(name), tolerance)
    assert {f.verdict.value for f in findings if f.input} == {verdict}
