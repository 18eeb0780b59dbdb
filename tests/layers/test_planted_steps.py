"""A wrong step of a written derivation is refuted, and no other."""

from dataclasses import replace

import pytest
import sympy
from layers import planting
from layers.tables import row

from gradcheck.checks.layers import load
from gradcheck.checks.steps import MATRIX_FORM, check_steps
from gradcheck.derivations.calculus.compare import Status


def double(expr):
    return 2 * expr


def plus_1(expr):
    return expr + 1


def without_sum(expr):
    """The expression as if its last factor Σ had been forgotten: the letter stays."""
    (total,) = expr.atoms(sympy.Sum)
    return expr.xreplace({total: total.function})


# What is wrong, in which layer, in the derivation by which input, in which chain (from 1), the
# wrong steps, and which steps are refuted: each is judged by its predecessor, right or wrong.
STEPS = [
    row("one step", "linear.rows", "W", 1, {2: double}, ["1.2", "1.3"]),
    row("a step and all that follow", "linear.rows", "W", 1, {2: double, 3: double}, ["1.2"]),
    row("the first step", "linear.rows", "X", 1, {1: double}, ["1.1", "1.2"]),
    row("the last step", "linear.rows", "X", 2, {3: double}, ["2.3", "3.1"]),
    row("a whole chain", "linear.rows", "b", 2, {1: plus_1, 2: plus_1, 3: plus_1}, ["2.1", "3.1"]),
    row("a sum forgotten", "linear.rows", "X", 2, {3: without_sum}, ["2.3", "3.1"]),
    row("the diagonal", "softmax", "X", 3, {1: plus_1}, ["3.1"]),
    row("beside the diagonal", "softmax", "X", 4, {1: double}, ["4.1"]),
    row("the quotient rule", "softmax", "X", 2, {1: double}, ["2.1", "2.2"]),
    row("the sum in softmax", "softmax", "X", 5, {4: without_sum}, ["5.4", "6.1"]),
    row("a step of a recursion", "rnn", "W_hh", 1, {2: double}, ["1.2", "1.3"]),
    row("the gradient of a recursion", "rnn", "h0", 1, {4: double}, ["1.4", "2.1"]),
]


@pytest.mark.parametrize(("name", "wrt", "chain", "wrong", "refuted"), STEPS)
def test_a_wrong_step_is_refuted_by_a_counterexample(name, wrt, chain, wrong, refuted):
    layer = planting.with_steps(name, wrt, chain, wrong)
    steps = [s for s in check_steps(layer, planting.gradients(layer)) if not s.verdict.holds]
    assert [f"{s.chain}.{s.step}" for s in steps] == refuted
    assert {(s.input, s.verdict.status) for s in steps} == {(wrt, Status.REFUTED)}
    for verdict in (s.verdict for s in steps):
        assert verdict.left != verdict.right or "free on the right side only" in verdict.reason


def test_a_refutation_says_where():
    layer = planting.with_steps("linear.rows", "W", 2, {3: double})
    steps = check_steps(layer, ("W",))
    verdict = next(s.verdict for s in steps if not s.verdict.holds)
    assert {*verdict.sizes} == {"S", "M", "N"}
    assert {*verdict.entry} == {"i", "j"}
    assert verdict.right == pytest.approx(2 * verdict.left)


# What is wrong, in which layer, in the matrix form of the gradient by which input, and the form.
MATRICES = [
    row("twice the form", "linear.rows", "W", lambda m: 2 * m),
    row("plus 1", "linear.rows", "X", lambda m: m + 1),
    row("the transpose of a square", "rnn_cell", "W_hh", lambda m: m.T),
    row("the transpose of a square, summed over time", "rnn", "W_hh", lambda m: m.T),
    row("the wrong sign", "softmax", "X", lambda m: -m),
    row("the transpose", "linear.rows", "W", lambda m: m.T),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrt", "wrong"), MATRICES)
def test_a_wrong_matrix_form_is_refuted(name, wrt, wrong):
    layer = planting.with_derivation(name, wrt, lambda d: replace(d, matrix=wrong(d.matrix)))
    steps = [s for s in check_steps(layer, planting.gradients(layer)) if not s.verdict.holds]
    assert [(s.input, s.reason) for s in steps] == [(wrt, MATRIX_FORM)]


def test_a_wrong_lemma_is_refuted():
    (lemma,) = load("rnn").symbolic.lemmas
    wrong = replace(lemma, steps=(replace(lemma.steps[0], expr=2 * lemma.steps[0].expr),))
    steps = check_steps(planting.with_formula("rnn", lemmas=(wrong,)), ())
    assert [(s.input, s.chain, s.step, s.verdict.holds) for s in steps] == [("", 1, 1, False)]
