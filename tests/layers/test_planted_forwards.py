"""A wrong forward pass is told apart from a wrong gradient, and a liar from honest witnesses."""

from functools import singledispatch

import numpy as np
import pytest
from layers import planting
from layers.planting import accused, found, points
from layers.tables import row

from gradcheck.checks import witnesses
from gradcheck.checks.layers import load
from gradcheck.checks.points import cases, draw
from gradcheck.derivations.notation import Sum, axis, define, log, sqrt, tanh, tensor


def fails(*_):
    raise NotImplementedError("to be done")


# What is wrong in the NumPy forward pass, in which layer, the wrong one from the right one, what
# is found, and what is said. Nobody's gradient may be accused: finite differences would be wrong.
FORWARDS = [
    row("no bias", "linear.rows", lambda f: lambda X, W, b: X @ W.T, "forward", "12 of 12 values"),
    row("Wᵀ", "linear.rows", lambda f: lambda X, W, b: X @ W + b, "raises", "forward raised"),
    row("transposed", "linear.rows", lambda f: lambda *a: f(*a).T, "shape", "S×N = (4, 3)"),
    row("an axis more", "softmax", lambda f: lambda X: f(X)[None], "shape", "N×C = (4, 2)"),
    row("nothing", "softmax", lambda f: lambda X: None, "dtype", "the output is no array of real"),
    row("the other axis", "softmax", lambda f: lambda X: f(X.T).T, "forward", "compute different"),
    row("NaN", "softmax", lambda f: lambda X: f(X) * np.nan, "forward", "8 of 8 values differ"),
    row("inf", "softmax", lambda f: lambda X: f(X) + np.inf, "forward", "8 of 8 values differ"),
    row("|X|", "activation.relu", lambda f: np.abs, "forward", "numeric/activation.py"),
    row("a sum, not a mean", "cross_entropy.logits", lambda f: lambda X, y: f(X, y) * len(y),
        "forward", "1 of 1 values differ"),
    row("h0 in every step", "rnn", lambda f: lambda x, *a: np.vstack([f(s[None], *a) for s in x]),
        "forward", "36 of 48 values differ"),
    row("a function not implemented", "rnn", lambda f: fails, "raises", "forward raised NotImpl"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrong", "looks", "says"), FORWARDS)
def test_a_wrong_forward_pass_is_told_apart_from_a_wrong_gradient(name, wrong, looks, says):
    findings = accused(planting.with_forward(name, wrong), points(name))
    assert {(f.input, found(f)) for f in findings} == {("", looks)}
    assert says in findings[0].message


s, r = axis("S", "s r")
m, j = axis("M", "m j")
n, i = axis("N", "n i")
X, W, b, Y = tensor("X", s, m), tensor("W", n, m), tensor("b", n), tensor("Y", s, n)
product = Sum(X[s, m] * W[n, m], m)
# What is wrong in the forward formula of linear.rows, the formula, what is found, what is said.
FORMULAS = [
    row("no bias", product, "forward", "the forward formula and numeric/linear.py compute"),
    row("twice the product", 2 * product + b[n], "forward", "12 of 12 values differ"),
    row("minus the bias", product - b[n], "forward", "12 of 12 values differ"),
    row("a tanh too many", tanh(product + b[n]), "forward", "12 of 12 values differ"),
]


@pytest.mark.parametrize(("formula", "looks", "says"), FORMULAS)
def test_a_wrong_forward_formula_is_told_apart_from_a_wrong_gradient(formula, looks, says):
    layer = planting.with_formula("linear.rows", forward=(define(Y[s, n], formula),))
    findings = accused(layer, points_of(layer))
    assert {(f.input, found(f)) for f in findings} == {("", looks)}
    assert says in findings[0].message


def points_of(layer):
    """The points of a layer whose formula was changed."""
    return tuple(draw(layer, case) for case in cases(layer, seed=0, fixed={}))


# Forward formulas of linear.rows that have no value, and what is to be said.
NO_VALUE = [
    row("beyond the axis", Sum(X[s, m + 1] * W[n, m], m) + b[n], "outside X"),
    row("an unknown name", product + tensor("q"), "q has no value"),
    row("a logarithm of -1", log(product) + b[n], "domain"),
    row("a root of -1", sqrt(product) + b[n], "not real"),
    row("a division by 0", b[n] / Sum(0 * X[s, m], m), "negative power"),
]


@pytest.mark.parametrize(("formula", "says"), NO_VALUE)
def test_a_formula_without_a_value_is_reported(formula, says):
    layer = planting.with_formula("linear.rows", forward=(define(Y[s, n], formula),))
    report = planting.report(layer)
    assert not report.ok
    assert says in " ".join([report.error, *(f.message for f in report.findings)])


# Which witnesses lie, by which factor each, and who is accused of it by the two others.
LIARS = [
    row("the symbolic one", {"symbolic": 2}, "symbolic"),
    row("the analytic one", {"analytic": -1}, "analytic"),
    row("the numerical one", {"numerical": 2}, "numerical"),
    row("two in the same way outvote the third", {"symbolic": 3, "numerical": 3}, "analytic"),
    row("two in two ways accuse nobody", {"symbolic": 2, "numerical": 3}, ""),
    row("three in three ways accuse nobody", {"symbolic": 2, "analytic": 3, "numerical": 4}, ""),
]


@pytest.mark.parametrize(("factors", "odd"), LIARS)
def test_the_witness_that_two_others_contradict_is_the_odd_one(monkeypatch, factors, odd):
    for witness, factor in factors.items():
        monkeypatch.setattr(witnesses, witness, lying(getattr(witnesses, witness), factor))
    findings = accused(load("linear.rows"), points("linear.rows"))
    assert {f.input for f in findings} == {"X", "W", "b"}
    assert {f.odd for f in findings} == {odd}


# By which factor the closed forms of linear.rows are wrong, what is found, and what is said.
LIES = [
    row("the wrong sign", -1, "value sign", "dX with the opposite sign matches"),
    row("twice too large", 2, "value factor", "dX is 2 or M times what it should be, M = 2"),
    row("zero", 0, "value zero", "dX is zero everywhere"),
]


@pytest.mark.parametrize(("factor", "looks", "says"), LIES)
def test_a_closed_form_that_is_the_odd_one_is_diagnosed(monkeypatch, factor, looks, says):
    monkeypatch.setattr(witnesses, "symbolic", lying(witnesses.symbolic, factor))
    findings = accused(load("linear.rows"), points("linear.rows"))
    assert {(f.input, f.odd, found(f)) for f in findings} == {
        (name, "symbolic", looks) for name in ("X", "W", "b")
    }
    assert findings[0].message.startswith("the symbolic gradient disagrees in ")
    assert findings[0].message.endswith(says)


def lying(witness, factor):
    """The witness, with a Jacobian that is `factor` times as large."""

    return lambda *args: scaled(witness(*args), factor)


@singledispatch
def scaled(jacobian, factor):
    return factor * jacobian


@scaled.register
def _(jacobian: tuple, factor):
    value, error = jacobian
    return factor * value, error


def test_differences_that_cannot_tell_accuse_nobody(monkeypatch):
    honest = witnesses.numerical

    def noisy(*args):
        value, error = honest(*args)
        return value + 1, error + 1

    monkeypatch.setattr(witnesses, "numerical", noisy)
    findings = accused(load("softmax"), points("softmax"))
    assert {(f.odd, found(f)) for f in findings} == {("", "inconclusive")}
