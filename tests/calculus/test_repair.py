"""A planted mistake is named."""

from functools import cache

import pytest
from calculus import expressions as E
from calculus import mistakes, more_mistakes
from calculus.mistakes import (
    P,
    S,
    X,
    by_b,
    by_sX,
    by_W,
    c,
    db,
    dP,
    dsX,
    dX,
    dY,
    i,
    j,
    k,
    n,
    p,
    q,
    r,
    s,
)
from calculus.more_mistakes import K
from layers.tables import row

from gradcheck.checks.layers import load
from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.mistakes.repair import expected, repairs
from gradcheck.derivations.forms.repairs import expected_text, repair_text
from gradcheck.derivations.notation import D, Sum, delta, size
from gradcheck.derivations.notation.formula import unwrap

LAYERS = {
    "linear.rows": mistakes.LINEAR,
    "activation.tanh": mistakes.TANH,
    "activation.sigmoid": mistakes.SIGMOID,
    "activation.relu": mistakes.RELU,
    "activation.elementwise": mistakes.ELEMENTWISE,
    "softmax": mistakes.SOFTMAX + mistakes.CASES,
    "cross_entropy.probabilities": more_mistakes.PROBABILITIES,
    "cross_entropy.logits": more_mistakes.LOGITS,
    "fully_connected": more_mistakes.CONNECTED,
    "bilinear": more_mistakes.BILINEAR,
    "rnn": more_mistakes.RNN,
    "rnn_cell": more_mistakes.CELL,
    "expressions": more_mistakes.EXPRESSIONS,
}


def _with_case(left, wrong, *rest):
    """All rows alike: left, wrong, the case or None, the first repair."""
    *where, first = rest
    return left, wrong, *(where or [None]), first


TABLE = [
    row(f"{layer}: {each.id}", layer, *_with_case(*each.values))
    for layer, rows in LAYERS.items()
    for each in rows
]


@cache
def setting(layer):
    return E.SETTING if layer == "expressions" else load(layer).symbolic.setting


@cache
def comparer(layer):
    return Comparer(setting(layer))


@pytest.mark.parametrize(("layer", "left", "wrong", "where", "first"), TABLE)
def test_a_mistake_is_named(layer, left, wrong, where, first):
    left, wrong = unwrap(left), unwrap(wrong)
    assert comparer(layer).compare(left, wrong, where).status is Status.REFUTED
    found = repairs(comparer(layer), left, wrong, where)
    assert [f"{r.code}: {repair_text(r)}" for r in found][:1] == [first]
    assert sorted(r.cost for r in found)[-1] <= found[0].cost + 1
    independent = Comparer(setting(layer), seed=11)
    assert all(independent.compare(left, r.mended, where).holds for r in found)


# A left side, a right side that is right for another left side, that one, and the sentence.
LEFT = [
    row("the transpose of a gradient", "rnn_cell", K.dW_hh[K.p, K.l],
        Sum(K.dz[K.n, K.l] * K.h0[K.n, K.p], K.n), K.dW_hh[K.l, K.p],
        "layout: right in numerator layout; a gradient has the shape of its variable here"),
    row("the derivative by another input", "expressions", D(E.A[E.i], E.Z[E.j]),
        delta(E.i, E.j) * (1 - E.A[E.i] ** 2), D(E.A[E.i], E.X[E.j]),
        "left-side: the right side is ∂A[i]/∂X[j], not ∂A[i]/∂Z[j]"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "left", "right", "mended", "first"), LEFT)
def test_the_left_side_may_be_the_wrong_one(layer, left, right, mended, first):
    found = repairs(comparer(layer), unwrap(left), unwrap(right))[0]
    assert (f"{found.code}: {repair_text(found)}", found.mended) == (first, unwrap(mended))
    assert Comparer(setting(layer), seed=11).compare(found.mended, unwrap(right)).holds


# A left side and a wrong right side that no single edit mends, and what would be right.
HOPELESS = [
    row("two tensors are wrong", "softmax", dsX, S.X[q, k] * dP[q, k],
        "P[r,k] (dP[r,k] − Σ_c dP[r,c] P[r,c])"),
    row("the gradient by another input", "linear.rows", dX[r, j], Sum(dY[s, i] * X[s, j], s),
        "Σ_n dY[r,n] W[n,j]"),
    row("what is nothing", "linear.rows", by_b - by_b, by_b, "0"),
    row("a number", "linear.rows", by_W, 7, "δ_ni X[s,j]"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "left", "wrong", "correct"), HOPELESS)
def test_where_no_edit_mends_it_the_correct_expression_is_known(layer, left, wrong, correct):
    left, wrong = unwrap(left), unwrap(wrong)
    assert repairs(comparer(layer), left, wrong) == ()
    assert expected_text(left, expected(setting(layer), left)) == correct


def test_at_most_so_many_repairs_are_offered():
    left, wrong = unwrap(by_sX), unwrap(delta(p, q) * (delta(c, k) - P[p, k]))
    counts = [len(repairs(comparer("softmax"), left, wrong, limit=limit)) for limit in (1, 2)]
    assert counts == [1, 2]


def test_a_budget_of_no_edits_finds_nothing():
    assert repairs(comparer("linear.rows"), unwrap(by_W), unwrap(X[s, j]), budget=0) == ()


def test_a_repair_that_only_fits_some_sizes_is_not_offered():
    # (N − 2)(N − 3)(N − 4) is 0 at the sizes of many random points
    size_n = size(n)
    vanishing = (size_n - 2) * (size_n - 3) * (size_n - 4)
    found = repairs(comparer("linear.rows"), unwrap(db[i]), unwrap(Sum(dY[s, i], s) + vanishing))
    assert [repair_text(r)[:8] for r in found] == ["the term"]
