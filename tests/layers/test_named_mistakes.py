"""What the check of a derivation says of its first wrong step, in text, JSON and handouts."""

import json
from dataclasses import replace

import pytest
import sympy
from layers import planting
from layers.tables import row

from gradcheck.checks.handout import handout
from gradcheck.checks.report.formulas import written_steps
from gradcheck.checks.report.machine import as_json
from gradcheck.checks.report.style import Style
from gradcheck.checks.report.text import told
from gradcheck.checks.steps import check_steps
from gradcheck.checks.verdict import Report
from gradcheck.derivations import rnn_cell, softmax
from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.calculus.mistakes.layout import layout, usual_layout
from gradcheck.derivations.calculus.mistakes.remarks import remarks
from gradcheck.derivations.calculus.terms import Setting
from gradcheck.derivations.forms.repairs import spelled
from gradcheck.derivations.notation import D, Sum, axis, define, delta, size, tensor
from gradcheck.derivations.notation.formula import unwrap

S = softmax


def double(expr):
    return sympy.Mul(2, expr, evaluate=False)


def another_path(expr):
    return unwrap(S.P[S.r, S.k] * S.dP[S.r, S.k])


def hopeless(expr):
    return unwrap(S.X[S.r, S.k] * S.X[S.r, S.k])


NO_PATH = "mistake: dP[r,k] should be dP[r,k] − Σ_c dP[r,c] P[r,c]   [missing-term]"
HOPELESS = "mistake: no single change mends it; correct is P[r,k] (dP[r,k] − Σ_c dP[r,c] P[r,c])"
TWICE = "mistake: the factor 2 should not be there   [factor]"

# Wrong steps in the last chain of softmax, and what is said: only of the first.
STEPS = [
    row("one wrong step", {3: double}, [TWICE]),
    row("two wrong steps", {2: double, 4: double}, [TWICE]),
    row("a missing path", {3: another_path}, [NO_PATH]),
    row("two mistakes in one", {3: hopeless}, [HOPELESS]),
]


@pytest.mark.parametrize(("wrong", "said"), STEPS)
def test_the_first_wrong_step_of_a_chain_is_explained(wrong, said):
    layer = planting.with_steps("softmax", "X", 5, wrong)
    text = written_steps(planting.report(layer), Style())
    assert [line.strip() for line in text.splitlines() if "mistake" in line] == said


def test_the_mistake_stands_under_its_step():
    report = planting.report(planting.with_steps("softmax", "X", 5, {3: double}))
    lines = written_steps(report, Style()).splitlines()
    (place,) = [k for k, line in enumerate(lines) if "mistake" in line]
    assert "REFUTED" in lines[place - 1]
    assert lines[place - 1].startswith("    = 2 (dP[r,k] P[r,k] − ")


def test_json_has_the_repairs():
    report = planting.report(planting.with_steps("softmax", "X", 5, {3: another_path, 4: double}))
    steps = json.loads(as_json(Report((report,))))["layers"][0]["steps"]
    assert [len(s["repairs"]) for s in steps[-5:]] == [0, 0, 1, 0, 0]
    assert [s["expected"] for s in steps] == [None] * len(steps)
    assert steps[-3]["repairs"][0] == {
        "code": "missing-term",
        "sentence": "dP[r,k] should be dP[r,k] − Σ_c dP[r,c] P[r,c]",
        "mended": "P[r,k] (dP[r,k] − Σ_c P[r,c] dP[r,c])",
    }


def test_json_has_the_correct_expression_where_no_change_helps():
    report = planting.report(planting.with_steps("softmax", "X", 5, {3: hopeless}))
    steps = json.loads(as_json(Report((report,))))["layers"][0]["steps"]
    assert steps[-3]["repairs"] == []
    assert steps[-3]["expected"] == "P[r,k] (dP[r,k] − Σ_c dP[r,c] P[r,c])"


# What is wrong with the last chain, and what the handout says of it.
SHEETS = [
    row("a repair", {3: double}, r"The mistake: the factor $2$ should not be there."),
    row("none", {3: hopeless}, r"No single change mends it; correct is $P_{rk}"),
]


@pytest.mark.parametrize(("wrong", "said"), SHEETS)
@pytest.mark.parametrize("format", ["md", "tex"])
def test_a_handout_names_the_mistake(wrong, said, format):
    report = planting.report(planting.with_steps("softmax", "X", 5, wrong))
    page = handout(Report((report,)), format, "gradcheck softmax")
    assert said.split("$")[0] in " ".join(page.split())


# A wrong matrix form, and what is said of it.
MATRICES = [
    row("twice", "linear.rows", "W", lambda m: 2 * m, "2 dYᵀ X should be dYᵀ X   [factor]"),
    row("the transpose", "linear.rows", "W", lambda m: m.args[1].T @ m.args[0].T,
        "right in numerator layout; your other lines use denominator layout   [layout]"),
    row("the transpose of a square", "rnn_cell", "W_hh", lambda m: m.T,
        "right in numerator layout; your other lines use denominator layout   [layout]"),
    row("a transposed factor", "rnn_cell", "h0", lambda m: m.args[0] @ m.args[1].T,
        "W_hhᵀ should be W_hh   [transpose]"),
    row("a sign", "softmax", "X", lambda m: -m,
        "−(dP ⊙ P − diag((dP ⊙ P) 1_C) P) should be dP ⊙ P − diag((dP ⊙ P) 1_C) P   [sign]"),
    row("a term", "linear.rows", "X", lambda m: m + 1, "dY W + 1 should be dY W   [extra-term]"),
    row("the order", "linear.rows", "X", lambda m: m.args[1].T @ m.args[0].T,
        "right in numerator layout; your other lines use denominator layout   [layout]"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrt", "wrong", "said"), MATRICES)
def test_a_wrong_matrix_form_is_explained(name, wrt, wrong, said):
    layer = planting.with_derivation(name, wrt, lambda d: replace(d, matrix=wrong(d.matrix)))
    steps = check_steps(layer, planting.gradients(layer))
    assert [line for s in steps for line in told(s)] == [("mistake", said)]


def test_a_matrix_form_after_a_wrong_chain_is_not_explained():
    layer = planting.with_steps("softmax", "X", 5, {4: double})
    steps = check_steps(layer, ("X",))
    assert [s.step for s in steps if s.mistake] == [4]


# right sides for left sides over square axes: y = W x, and the gradient by W
n, i, j = axis("N", "n i j")
x, W, y = tensor("x", n), tensor("W", n, i), tensor("y", n)
dW, dy = tensor("dW", n, i), tensor("dy", n)
FORWARD = (define(y[n], Sum(W[n, i] * x[i], i)),)
GRADIENT = define(dW[i, j], Sum(dy[n] * D(y[n], W[i, j]), n))
SQUARE = Setting(
    indices={t.name: t.indices for t in (x, W, y, dW, dy)},
    definitions={d.name: d for d in (*FORWARD, GRADIENT)},
)
LAYOUTS = [
    row("a Jacobian", D(y[n], x[j]), W[n, j], "numerator"),
    row("its transpose", D(y[n], x[j]), W[j, n], "denominator"),
    row("neither", D(y[n], x[j]), 2 * W[n, j], ""),
    row("a symmetric one", D(x[n], x[j]), delta(n, j), "either"),
    row("a gradient", dW[i, j], dy[i] * x[j], "denominator"),
    row("its transpose", dW[i, j], dy[j] * x[i], "numerator"),
    row("more axes than two", D(y[n], W[i, j]), delta(n, i) * x[j], ""),
]


@pytest.mark.parametrize(("left", "right", "name"), LAYOUTS)
def test_the_layout_of_a_line(left, right, name):
    assert layout(Comparer(SQUARE), unwrap(left), unwrap(right)) == name


def test_the_usual_layout_is_that_of_most_lines_of_the_kind():
    lines = [(unwrap(left), unwrap(right), None) for left, right, _ in (r.values for r in LAYOUTS)]
    jacobian, gradient = lines[0][0], lines[4][0]
    assert usual_layout(Comparer(SQUARE), jacobian, [*lines, lines[1]]) == "denominator"
    assert usual_layout(Comparer(SQUARE), gradient, [*lines, lines[4]]) == "denominator"
    assert usual_layout(Comparer(SQUARE), gradient, lines[:4]) == ""


# A right side for Y[s,n] of linear.rows, and the remarks on it.
m, k = axis("M", "m k")
X, V, Z = tensor("X", n, m), tensor("V", m), tensor("Z", n)
TYPED = Setting(indices={t.name: t.indices for t in (X, V, Z)})
REMARKS = [
    row("nothing", Sum(X[n, m] * V[m], m), []),
    row("the bound of another axis", Sum(X[n, m], (m, 0, size(n) - 1)),
        ["bound: the sum over m has the bound N − 1, but its axis has the size M"]),
    row("part of an axis", Sum(X[n, m], (m, 1, size(m) - 2)), []),
    row("nothing to sum", Sum(Z[n], m), ["unused-index: nothing that is summed depends on m"]),
    row("a dangling letter", X[n, m], ["dangling: m is free on the right side only"]),
    row("a letter of the left side", Sum(Z[n], n),
        ["bound-twice: n is summed over, and is a letter of the left side too"]),
    row("one sum in the other", Sum(V[m] * Sum(V[m], m), m),
        ["bound-twice: m is summed over twice, one sum inside the other"]),
]  # fmt: skip


@pytest.mark.parametrize(("right", "said"), REMARKS)
def test_what_is_suspicious_is_remarked(right, said):
    found = remarks(TYPED, unwrap(Z[n]), unwrap(right))
    assert [f"{r.code}: {spelled(r.words)}" for r in found] == said


def test_a_letter_on_the_wrong_axis_and_a_missing_one_are_remarked():
    base = unwrap(X[n, m]).base
    exchanged, short = base[unwrap(m), unwrap(n)], base[unwrap(n)]
    found = remarks(TYPED, unwrap(X[n, m]), exchanged + short)
    assert {r.code for r in found} == {"axis", "rank"}


def test_a_step_that_holds_may_have_a_remark():
    spread = Sum(rnn_cell.db[rnn_cell.p], rnn_cell.q) / size(rnn_cell.q)
    layer = planting.with_steps("rnn_cell", "b", 2, {1: lambda expr: unwrap(spread)})
    (step,) = [s for s in check_steps(layer, ("b",)) if s.remarks]
    assert step.verdict.holds
    assert [*told(step)] == [("note", "nothing that is summed depends on q   [unused-index]")]
