"""Slips of the pen in written derivations: none is proved, and every wrong one is noticed.

The fast part: some changes of every layer. `tests/benchmarks/mutations.py` makes all of them.
"""

import random

import pytest
from calculus.mutation_edits import edits
from calculus.mutation_study import changes, judged, lines, of_layer, well_typed
from calculus.normal_expressions import SETTING, W, X, i, j, k, m
from layers.tables import row
from layers.which import looked_at

from gradcheck.derivations.calculus.compare import Status
from gradcheck.derivations.notation import Sum, delta, exp
from gradcheck.derivations.notation.formula import unwrap

CHANGES = 60  # of each layer
WRONG = {"refused", "refuted", "unreadable"}


@pytest.fixture(scope="module", params=looked_at())
def judgements(request):
    name, rng = request.param, random.Random(0)
    made = [
        (line, *change)
        for line in lines(name)
        for change in changes(line, of_layer(name).setting, rng, two=2)
    ]
    return [judged(*change) for change in rng.sample(made, min(CHANGES, len(made)))]


def test_no_wrong_line_is_proved(judgements):
    assert [str(j) for j in judgements if j.said == "proved" and j.truth is not True] == []


def test_wrong_lines_are_noticed(judgements):
    wrong = [j for j in judgements if j.truth is False]
    assert [str(j) for j in wrong if j.said not in {*WRONG, "tested"}] == []
    assert sum(j.said in WRONG for j in wrong) > 0.95 * len(wrong)


def test_the_numeric_test_alone_notices_most(judgements):
    wrong = [j for j in judgements if j.truth is False]
    assert sum(j.tested is not Status.TESTED for j in wrong) > 0.95 * len(wrong)


# An expression, a slip, and what came of it.
SLIPS = [
    row("an index", X[i] * X[j], "index", X[i] * X[i]),
    row("exchanged indices", W[i, m], "indices exchanged", unwrap(W[i, m]).base[m, i]),
    row("a delta's index", delta(i, j) * X[k], "index of a delta", delta(i, k) * X[k]),
    row("a delta dropped", delta(i, j) * X[k], "delta dropped", 1 * unwrap(X[k])),
    row("a sum dropped", Sum(X[i], i), "sum dropped", X[i]),
    row("a bound", Sum(X[i], i), "bound", Sum(X[i], (i, 1, i.upper))),
    row("a factor dropped", X[i] * X[j], "factor dropped", X[j]),
    row("a term dropped", X[i] + X[j], "term dropped", X[i]),
    row("a power", X[i] ** 2, "power", X[i] ** 3),
    row("a function dropped", exp(X[i]), "function dropped", X[i]),
    row("letters exchanged", X[i] * W[j, m], "letters exchanged", X[j] * W[i, m]),
]  # fmt: skip


@pytest.mark.parametrize(("right", "kind", "wrong"), SLIPS)
def test_a_slip_is_among_the_changes(right, kind, wrong):
    made = {(e.kind, e.expr.doit(deep=False)) for e in edits(unwrap(right), SETTING)}
    assert (kind, unwrap(wrong).doit(deep=False)) in made


def test_a_subscript_on_the_wrong_axis_is_refused():
    (transposed,) = (e for e in edits(unwrap(W[i, m]), SETTING) if e.kind == "indices exchanged")
    assert well_typed(unwrap(W[i, m]), SETTING)
    assert not well_typed(transposed.expr, SETTING)


def test_a_judgement_tells_right_from_wrong():
    line = next(lines("linear.rows"))
    found = [judged(line, "", e) for e in (line.right, 2 * line.right, unwrap(X[i]))]
    assert [j.said for j in found] == ["proved", "refuted", "refused"]
    assert [j.truth for j in found] == [True, False, None]
