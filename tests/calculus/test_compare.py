"""Equality and its verdicts. The letters of the tables are those of `expressions`."""

import random

import pytest
import sympy
from calculus.expressions import SETTING, P, Q, W, X, Z, a, h, i, j, k, m, p, t, x
from layers.tables import row

from gradcheck.derivations.calculus.compare import TRIALS, Comparer, Status, Verdict
from gradcheck.derivations.calculus.points import random_point
from gradcheck.derivations.notation import D, Eq, Ne, Sum, delta, exp, log, relu, size, sqrt, tensor
from gradcheck.derivations.notation.formula import unwrap

PROVED, TESTED, REFUTED, UNREADABLE = Status
N, M, T = size(i), size(m), size(t)
b = tensor("b")
NEXT = delta(j, i + 1)
sinh_a = sympy.sinh(unwrap(a))

# Two sides, the case they are compared in, the status, and part of the reason.
VERDICTS = [
    row("the same thing twice", X[i] * Z[j], Z[j] * X[i], None, PROVED, ""),
    row("a side may lack an index of the left", delta(i, i) * a, a, None, PROVED, ""),
    row("a left side that lacks an index", a, a * X[i], None, REFUTED, "i is free on the right"),
    row("two dangling indices", a, X[i] * Z[j], None, REFUTED, "i, j are free on the right"),
    row("a letter of another axis dangles", X[i], W[i, m], None, REFUTED, "m is free on the right"),
    row("a renamed index dangles", X[i], X[j], None, REFUTED, "j is free on the right"),
    row("the wrong sign", X[i], -X[i], None, REFUTED, "at i = 0 the left side is"),
    row("one part in a million", X[i], X[i] * (1 + 1e-6), None, REFUTED, "at i = 0"),
    row("a constant too many", a, a + 1e-6, None, REFUTED, "at the only entry the left side is"),
    row("N for M as a factor", N * a, M * a, None, REFUTED, "sizes N = "),
    row("N for M as the end of a range", Sum(X[i], i), Sum(X[i], (i, 0, M - 1)), None, REFUTED, ""),
    row("M for N as the end of a range", Sum(X[i], i), Sum(X[i], (i, 0, M)), None, REFUTED, ""),
    row("a mean over the wrong axis", Sum(W[i, m], m) / M, Sum(W[i, m], m) / N, None, REFUTED, ""),
    row("a sum that is forgotten", Sum(X[i], i), N * X[0], None, REFUTED, "at the only entry"),
    row("a sum of the wrong letter", Sum(W[i, m], m), M * W[i, 0], None, REFUTED, "at i = 0"),
    row("exchanged letters", delta(i, j) * X[k], delta(i, k) * X[j], None, REFUTED, "j = "),
    row("a transposed Jacobian", D(P[i, m], W[i, p]), P[i, m] * (1 - P[i, p]), None, REFUTED, ""),
    row("the last entry alone", X[i], X[i] + delta(i, i.upper), None, REFUTED, "at i = "),
    row("relu and the identity", relu(X[i]), X[i], None, REFUTED, "is 0, the right -"),
    row("a read before the start", x[t - 1], x[t - 1], None, REFUTED, "x[0] is outside x"),
    row("a read beyond the end", Sum(X[i + 1], i), a, None, REFUTED, "is outside X"),
    row("beyond the end it is not zero", X[i + 1] * a, X[i + 1] * a, None, REFUTED, "outside X"),
    row("δ masks what is beyond", NEXT * X[i + 1], NEXT * X[j], None, PROVED, ""),
    row("relu masks nothing", relu(-Q[i]) * X[i + 1], 0, None, REFUTED, "outside X"),
    row("a sum over less", Sum(X[i + 1], (i, 0, N - 2)), Sum(X[i], i) - X[0], None, PROVED, ""),
    row("the state before the first is given", h[1], h[1] + h[0] - h[0], None, PROVED, ""),
    row("and so is any before that", h[t - 2], h[t - 2], None, TESTED, ""),
    row("in the case i = j", delta(i, j) * X[i], X[j], Eq(i, j), PROVED, ""),
    row("in the case i ≠ j", delta(i, j) * X[i], 0, Ne(i, j), PROVED, ""),
    row("what holds for i = j alone", X[i] * delta(i, j), X[j], None, REFUTED, "at i = 0, j = 1"),
    row("in the wrong case", X[i] * delta(i, j), X[j], Ne(i, j), REFUTED, "at i = 0, j = 1"),
    row("an unknown name", b, b, None, UNREADABLE, "b has no value and no definition"),
    row("a function without a value", sinh_a, a, None, UNREADABLE, "no value for sinh"),
    row("a derivative without a rule", D(sympy.Max(unwrap(a), 0), a), a, None, UNREADABLE, "Max"),
    row("a logarithm of -1", log(-Q[i]), a, None, UNREADABLE, "domain"),
    row("a division by 0", a / delta(i, j), a, None, UNREADABLE, "negative power"),
    row("an overflow", exp(1000 * Q[i] ** 2), a, None, UNREADABLE, "range"),
    row("a root of -1", sqrt(-Q[i]), 2 * sqrt(-Q[i]), None, UNREADABLE, "not a finite real"),
    row("a case about another letter", X[i], X[i], Eq(i, j), UNREADABLE, "j"),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "where", "status", "reason"), VERDICTS)
def test_verdict(left, right, where, status, reason):
    verdict = Comparer(SETTING).compare(unwrap(left), unwrap(right), where)
    assert (verdict.status, verdict.trials) == (status, TRIALS * (status is TESTED))
    assert reason in verdict.reason
    assert verdict.holds == (status in (PROVED, TESTED))


@pytest.mark.parametrize("seed", range(20))
def test_hidden_by_equal_sizes_alone(seed):
    comparer = Comparer(SETTING, seed)
    verdict = comparer.compare(unwrap(Sum(X[i], i) * N), unwrap(Sum(X[i], i) * M))
    assert verdict.status is REFUTED


def test_a_refutation_can_be_followed_up():
    verdict = Comparer(SETTING).compare(unwrap(W[i, m]), unwrap(W[i, m] + delta(m, 1)))
    assert verdict.entry == {"i": 0, "m": 1}
    assert {*verdict.sizes} == {"N", "M", "T"}
    assert verdict.right == pytest.approx(verdict.left + 1)
    sizes = ", ".join(f"{name} = {size}" for name, size in verdict.sizes.items())
    assert verdict.reason.startswith("at i = 0, m = 1 the left side is ")
    assert verdict.reason.endswith(f", the right {verdict.right:.6g} (sizes {sizes})")


def test_one_comparer_is_as_good_as_many():
    comparer = Comparer(SETTING)
    sides = [(X[i], X[i]), (X[i], Z[i]), (h[t], h[t]), (P[i, m], P[i, p])] * 2
    verdicts = [comparer.compare(unwrap(left), unwrap(right)) for left, right in sides]
    assert verdicts == [Comparer(SETTING).compare(unwrap(le), unwrap(ri)) for le, ri in sides]


@pytest.mark.parametrize("seed", range(20))
def test_a_random_point_tells_names_apart(seed):
    point = random_point(SETTING, random.Random(seed))
    assert {*point.sizes} == {"N", "M", "T"}
    assert len({*point.sizes.values()}) == 3
    assert min(point.sizes.values()) >= 2
    values = [v for name, entries in point.tensors.items() if name != "y" for v in entries.values()]
    assert len({*values}) == len(values)
    assert min(point.tensors["Q"].values()) > 0
    assert {*point.tensors["y"].values()} <= {*range(point.sizes["M"])}


def test_a_refutation_shows_the_smallest_sizes():
    verdict = Comparer(SETTING).compare(unwrap(X[i]), unwrap(Z[i]))
    assert {*verdict.sizes.values()} == {2, 3, 4}


# A verdict, what it says, and whether the equation counts as holding.
TEXTS = [
    row("proved", Verdict(PROVED), "PROVED", True),
    row("tested", Verdict(TESTED, trials=3), "TESTED at 3 random sizes", True),
    row("refuted", Verdict(REFUTED, reason="m dangles"), "REFUTED: m dangles", False),
    row("unreadable", Verdict(UNREADABLE, reason="no rule"), "UNREADABLE: no rule", False),
]


@pytest.mark.parametrize(("verdict", "text", "holds"), TEXTS)
def test_what_a_verdict_says(verdict, text, holds):
    assert (str(verdict), verdict.holds) == (text, holds)
