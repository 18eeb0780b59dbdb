"""Text and LaTeX of every formula of every layer, read back and compared."""

import operator
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st
from readers import LatexReader, MatrixReader, TextReader
from sympy import (
    Expr,
    Float,
    Idx,
    Rational,
    S,
    Sum,
    Symbol,
    expand,
    nan,
    zoo,
)

from gradcheck.checks import layers
from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.terms import (
    Setting,
    entry_of,
    plain,
)
from gradcheck.derivations.forms import latex, matrix_text, text, tidy
from gradcheck.derivations.notation import (
    Formula,
    axis,
    bracket,
    cos,
    delta,
    sign,
    sin,
    size,
    softplus,
    tanh,
    tensor,
)
from gradcheck.derivations.notation import Sum as Total
from gradcheck.derivations.notation import absolute as magnitude
from gradcheck.derivations.notation.gradients import jacobian, vjp


@cache
def formulas(name):
    """All formulas of a layer: written ones as they are, derived ones as they are and tidied."""
    layer = layers.load(name).symbolic
    found = {}
    for what, expr in formulas_of(layer):
        found.setdefault(expr, what)
    return found


def formulas_of(layer):
    """What each formula of a layer is, and the formula."""
    for definition in (*layer.forward, *layer.adjoints):
        yield f"{definition.name} is defined as", definition.rhs
    for derivation in layer.derivations:
        for number, chain in enumerate(derivation.chains, 1):
            for place, expr in enumerate([chain.lhs, *(step.expr for step in chain.steps)]):
                yield f"by {derivation.input}: chain {number} step {place}", expr
        for derive in (jacobian, vjp):
            form = derive(layer, derivation.input)
            for expr in (form.rhs, *(r.rhs for r in form.recursions)):
                yield f"{derive.__name__} by {derivation.input}", expr
                tidied = tidy(expr, layer.output.indices)
                yield f"tidied {derive.__name__} by {derivation.input}", tidied


def same(left, right):
    """Whether two formulas are one, however their numbers and products are written."""
    left, right = settled(left), settled(right)
    return left == right or expand(left - right) == 0


def settled(expr):
    """A formula as SymPy evaluates it, also in subscripts; decimals are exact."""
    if isinstance(expr, Float):
        return Rational(repr(float(expr)))
    if isinstance(expr, Idx | Symbol) or not expr.args:
        return expr
    if isinstance(expr, Sum):
        return Sum(settled(expr.function), *expr.limits)
    return expr.func(*(settled(a) if isinstance(a, Expr) else a for a in expr.args))


t, u = axis("T", "t u")
(k,) = axis("K", "k")
v = Idx("v", (0, size(t).expr + size(k).expr - 2))  # as long as T windows of K entries reach
X, q = tensor("X", t), tensor("q", k)
WINDOW = {
    "a triangular sum": Total(X[u], (u, 0, t)),
    "a triangular sum without the last": Total(X[u] * X[t - u], (u, 0, t - 1)),
    "a bracket": X[u] * bracket(u, t),
    "a bracket with offsets": bracket(u + 1, t - 1) * X[u],
    "a bracket in a sum": Total((1 - bracket(u, t)) * X[u], u),
    "a square of a bracket": bracket(u, t) ** 2,
    "a window": Total(Formula(entry_of("x", [t + k])) * q[k], k),
    "a window with a stride": Total(Formula(entry_of("x", [2 * t + k])) * q[k], k),
    "a window backwards": Total(Formula(entry_of("x", [u - k])) * q[k], k),
    "a size that is an expression": Total(1 / size(v) * Formula(entry_of("x", [v])), v),
    "a delta in a window": Total(q[k] * delta(t + k, v), k),
    "an absolute value": magnitude(X[t]) * magnitude(X[u] - X[t]),
    "absolute values in each other": magnitude(magnitude(X[t]) * magnitude(X[u])) ** 2,
    "an absolute value of a sum": magnitude(Total(X[t], t)),
    "the other functions": sign(X[t]) * softplus(X[t]) * sin(X[t]) * cos(X[t]),
}

FORMULAS = {what: formula.expr for what, formula in WINDOW.items()}
FORMULAS |= {f"tidied {what}": tidy(plain(e.expr), (t, u)) for what, e in WINDOW.items()}
FORMS = [(text, TextReader), (latex, LatexReader)]


@pytest.mark.parametrize(("form", "reader"), FORMS)
@pytest.mark.parametrize("expr", FORMULAS.values(), ids=FORMULAS.keys())
def test_a_formula_reads_back(expr, form, reader):
    assert same(reader(form(expr), like=expr).whole(), expr)


@pytest.mark.parametrize(("form", "reader"), FORMS)
@pytest.mark.parametrize("name", layers.names())
def test_the_formulas_of_a_layer_read_back(name, form, reader):
    read = {expr: reader(form(expr), like=expr).whole() for expr in formulas(name)}
    assert read
    assert [formulas(name)[e] for e, again in read.items() if not same(again, e)] == []


@pytest.mark.parametrize("name", layers.names())
def test_the_matrix_forms_of_a_layer_read_back(name):
    layer = layers.load(name).symbolic
    for derivation in layer.derivations:
        if derivation.matrix is not None:
            source, entry = matrix_text(derivation.matrix), derivation.matrix_entry
            again = MatrixReader(source, entry, layer.setting).matrix(derivation.matrix.shape)
            read = replace(derivation, matrix=again).matrix_entry
            verdict = Comparer(layer.setting).compare(entry, read)
            assert verdict.holds, f"{source}: {verdict.reason}"


n, i = axis("N", "n i")
(m,) = axis("M", "m")
W, x, b, a, p = tensor("W", n, m), tensor("x", m), tensor("b", n), tensor("a"), tensor("p")
COMPARER = Comparer(Setting({t.name: t.indices for t in (W, x, b, a, p)}))
NUMBERS = [Formula(S(number)) for number in (1, 2, 3)]
LEAVES = [W[n, m], x[m], b[n], a, p, p + delta(n, i), *NUMBERS]
VANISHING = [bracket(n, i), bracket(i, n - 1), delta(n, i + 1)]  # no divisors


def without_zeros(part):
    """Formulas made of smaller ones, which nothing makes vanish: 0/0 would test nothing."""
    return (
        st.builds(operator.add, part, part)
        | st.builds(operator.mul, part, part)
        | st.builds(operator.truediv, part, part)
        | st.builds(operator.pow, part, st.sampled_from([-2, -1, 2, 3]))
        | st.builds(tanh, part)
        | st.builds(Total, part, st.sampled_from([n, m, (m, 0, 1)]))
    )


def compounds(part):
    """Formulas made of smaller ones."""
    return (
        st.builds(operator.add, part, part)
        | st.builds(operator.sub, part, part)
        | st.builds(operator.mul, part, part)
        | st.builds(operator.neg, part)
        | st.builds(operator.truediv, part, DIVISORS)
        | st.builds(operator.truediv, part, DIVISORS.map(operator.neg))
        | st.builds(operator.pow, part, st.sampled_from([2, 3]))
        | st.builds(tanh, part)
        | st.builds(magnitude, part)
        | st.builds(Total, part, st.sampled_from([n, m, (m, 0, 1)]))
    )


DIVISORS = st.recursive(st.sampled_from(LEAVES), without_zeros, max_leaves=4)
ANY_FORMULA = st.recursive(st.sampled_from([*LEAVES, *VANISHING]), compounds, max_leaves=6)


def assert_equal(left, right):
    assume(not right.has(nan, zoo))
    verdict = COMPARER.compare(left, right)
    assume(verdict.status is not Status.UNREADABLE)  # too large, or a division by zero
    assert verdict.holds, verdict.reason


@pytest.mark.parametrize(("form", "reader"), FORMS)
@given(formula=ANY_FORMULA)
def test_any_formula_reads_back(form, reader, formula):
    printed = form(formula)
    note(printed)
    assert_equal(formula.expr, reader(printed, like=formula.expr).whole())


@given(formula=ANY_FORMULA)
def test_any_formula_can_be_tidied(formula):
    assert_equal(formula.expr, tidy(plain(formula.expr), first=(n,)))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("a (b[n] + p)", "a b[n] + p"), ("a − (b[n] − p)", "a − b[n] − p"), ("1 / a²", "(1 / a)")],
)
def test_a_missing_bracket_would_be_noticed(right, wrong):
    like = a * b[n] + p
    right, wrong = (TextReader(source, like.expr).whole() for source in (right, wrong))
    assert not COMPARER.compare(right, wrong).holds
