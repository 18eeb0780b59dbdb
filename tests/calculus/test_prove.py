"""What a proof says: facts, assumptions, definitions inserted, and the form it ended in."""

import pytest
from calculus.expressions import SETTING, P, Q, W, X, Z, a, i, j, k, m, p
from layers.tables import row

from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.normal.prove import Prover
from gradcheck.derivations.calculus.normal.write import written
from gradcheck.derivations.calculus.terms import Fact, Setting
from gradcheck.derivations.forms import text
from gradcheck.derivations.notation import (
    D,
    Sum,
    axis,
    bracket,
    define,
    delta,
    exp,
    log,
    size,
    tanh,
    tensor,
)
from gradcheck.derivations.notation.formula import unwrap

N, M = size(i), size(m)

# Softmax and cross entropy of targets that sum to one; a symmetric matrix; one-hot rows.
z, q, target, direction = (tensor(name, i) for name in ("z", "q", "target", "direction"))
loss, symmetric, hot = tensor("loss"), tensor("symmetric", i, j), tensor("hot", m, i)
DEFINED = (
    define(q[i], exp(z[i]) / Sum(exp(z[k]), k)),
    define(loss, -Sum(target[i] * log(q[i]), i)),
)
FACTS = (
    Fact("sums to one", "target", (0,), "Σ_i target[i] = 1"),
    Fact("symmetric", "symmetric", (0, 1), "symmetric = symmetricᵀ"),
    Fact("one-hot", "hot", (1,), "rows of hot are one-hot"),
)
KNOWN = Setting(
    {t.name: t.indices for t in (z, q, target, direction, loss, symmetric, hot)},
    {d.name: d for d in DEFINED},
    facts=FACTS,
)
SUM, SYMMETRIC, HOT = (fact.text for fact in FACTS)

quadratic = Sum(z[i] * symmetric[i, j] * z[j], i, j)
hessian = q[i] * (delta(i, j) - q[j])
along = q[i] * (direction[i] - Sum(q[j] * direction[j], j))

# An equation and the facts that its proof needs.
NEEDED = [
    row("softmax and cross entropy", D(loss, z[i]), q[i] - target[i], [SUM]),
    row("without the fact", D(loss, z[i]), q[i] * Sum(target[k], k) - target[i], []),
    row("a Hessian", D(D(loss, z[i]), z[j]), hessian, [SUM]),
    row("a Hessian times a vector",
        Sum(D(D(loss, z[i]), z[j]) * direction[j], j), along, [SUM]),
    row("a Jacobian times a vector", Sum(D(q[i], z[j]) * direction[j], j), along, []),
    row("a quadratic form", D(quadratic, z[k]), 2 * Sum(symmetric[k, j] * z[j], j), [SYMMETRIC]),
    row("a transpose", symmetric[i, j], symmetric[j, i], [SYMMETRIC]),
    row("powers of one-hot", hot[m, i] ** 2, hot[m, i], [HOT]),
    row("two entries of a one-hot row", hot[m, i] * hot[m, j], delta(i, j) * hot[m, i], [HOT]),
    row("the sum of a one-hot row", Sum(hot[m, i], i), 1, [HOT]),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "facts"), NEEDED)
def test_a_proof_names_the_facts_it_needs(left, right, facts):
    verdict = Comparer(KNOWN).compare(unwrap(left), unwrap(right))
    assert (verdict.status, list(verdict.proof.facts)) == (Status.PROVED, facts)


WRONG = [
    row("targets that are not normalised", D(loss, z[i]), q[i] + target[i]),
    row("half of a quadratic form", D(quadratic, z[k]), Sum(symmetric[k, j] * z[j], j)),
    row("a column of one-hot rows", Sum(hot[m, i], m), 1),
    row("two entries of two one-hot rows", hot[m, i] * hot[p, i], delta(m, p) * hot[m, i]),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), WRONG)
def test_facts_prove_nothing_else(left, right):
    assert Comparer(KNOWN).compare(unwrap(left), unwrap(right)).status is Status.REFUTED


def proof(left, right):
    """The proof, in the setting of the tables."""
    return Prover(SETTING).prove(unwrap(left), unwrap(right))


# An equation, and what was unfolded or assumed for it.
USED = [
    row("nothing", Sum(X[i] * Z[j], j), X[i] * Sum(Z[k], k), [], []),
    row("a definition", D(P[i, m], W[i, m]), P[i, m] * (1 - P[i, m]), [], []),
    row("a definition inserted", Sum(P[i, m], m), 1, ["P", "Γ"], []),
    row("log of what must be positive", exp(log(X[i])), X[i], [],
        ["arguments of log are greater than 0"]),
    row("log of what is declared positive", log(Q[i] * Q[j]), log(Q[i]) + log(Q[j]), [], []),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "unfolded", "assumptions"), USED)
def test_a_proof_names_definitions_and_assumptions(left, right, unfolded, assumptions):
    found = proof(left, right)
    assert (list(found.unfolded), list(found.assumptions)) == (unfolded, assumptions)


def test_assumptions_are_named_again_in_a_second_proof():
    prover = Prover(SETTING)
    sides = unwrap(exp(log(X[i]))), unwrap(X[i])
    assert prover.prove(*sides).assumptions == prover.prove(*sides).assumptions != ()


# Expressions whose normal form has something to put back: sums, powers, sizes, offsets.
FORMS = [
    row("a sum with a delta", Sum(W[i, m] * delta(m, p), m)),
    row("a nested sum", Sum(X[i] * Sum(Z[j], j), i)),
    row("a quotient", a / X[i] * X[i] ** 2),
    row("a number of terms", Sum(a, i, m)),
    row("an offset", Sum(X[i + 1] * Z[i], (i, 0, N - 2))),
    row("a softmax", exp(X[i]) / Sum(exp(X[j]), j)),
    row("a function of a sum", tanh(Sum(X[i] * Z[i], i)) * X[j]),
]  # fmt: skip


@pytest.mark.parametrize("expr", FORMS)
def test_a_normal_form_written_as_a_formula_is_equal_to_it(expr):
    form = proof(expr, expr).form
    again = written(form, SETTING)
    assert Prover(SETTING).prove(unwrap(expr), again) is not None
    assert text(again)


def test_the_rules_of_a_proof_are_counted():
    rules = dict(proof(Sum(W[i, m] * delta(m, p), m), W[i, p]).rules)
    assert rules["delta contraction"] == 1


def test_a_proof_that_gets_too_large_is_given_up():
    large = a
    for n in range(8):  # 3^8 different products
        large = large * (X[k] ** 4**n + Z[k] ** 4**n + Q[k] ** 4**n)
    assert proof(large, a * large / a) is None


def test_a_letter_on_two_axes_is_two_letters():
    (on_m,) = axis("M", "i")  # an i over M beside the i over N
    left = Sum(X[i] * W[i, on_m], on_m)
    assert Comparer(SETTING).compare(unwrap(left), unwrap(X[i] * Sum(W[i, m], m))).holds
    wrong = Comparer(SETTING).compare(unwrap(left), unwrap(X[0] * Sum(W[i, m], m)))
    assert wrong.status is Status.REFUTED


def test_conditions_that_go_round_in_a_circle_come_to_an_end():
    circle = bracket(i + 1, j) * bracket(j + 1, k) * bracket(k + 1, i)
    nothing = Sum(X[i] * X[j] * X[k] * circle, i, j, k)
    assert Comparer(SETTING).compare(unwrap(nothing), unwrap(0 * a)).status is Status.TESTED
