"""Products and sums in the order of their author, and forms that are shorter and equal."""

import pytest
from calculus.expressions import SETTING, Q, W, X, Z, a, i, j, k, m, p, simple, with_names
from calculus.test_calculus_properties import assert_same_value
from hypothesis import given
from layers.tables import row

from gradcheck.derivations.calculus.named import namer
from gradcheck.derivations.calculus.push import derivatives_in, linear, of_products, rewritten
from gradcheck.derivations.calculus.ranges import solved_for, surely_at_most
from gradcheck.derivations.calculus.simplify import expanded, gathered, length, shortest
from gradcheck.derivations.calculus.terms import D as Derivative
from gradcheck.derivations.calculus.terms import name_of, plain
from gradcheck.derivations.calculus.written import in_order, product, total
from gradcheck.derivations.forms import text
from gradcheck.derivations.notation import D, Sum, define, delta, exp, log, size, sqrt, tensor
from gradcheck.derivations.notation.formula import unwrap

NAMED = namer(d for n, d in SETTING.definitions.items() if n != "h")
N = size(i)


@given(with_names)
def test_in_order_keeps_the_value(expr):
    assert_same_value(in_order(expr), expr)


@given(simple)
def test_multiplying_out_keeps_the_value(expr):
    assert_same_value(expanded(in_order(expr)), expr)


@given(simple)
def test_pulling_out_common_factors_keeps_the_value(expr):
    assert_same_value(gathered(in_order(expr)), expr)


@given(with_names)
def test_naming_keeps_the_value(expr):
    assert_same_value(NAMED(in_order(expr)), expr)


@given(with_names)
def test_what_is_shortest_is_no_longer_and_equal(expr):
    start = in_order(expr)
    for form, _ in shortest(start, NAMED):
        assert_same_value(form, start)
    last = [start, *(form for form, _ in shortest(start, NAMED))][-1]
    assert length(last) <= length(start)


def built(*parts):
    return [unwrap(part) for part in parts]


BUILT = [
    row("factors keep their order", product, built(Z[j], X[i], a), "Z[j] X[i] a"),
    row("numbers come first and are merged", product, built(X[i], 2, Z[j], -3), "−6 X[i] Z[j]"),
    row("equal factors are merged", product, built(X[i], a, X[i]), "X[i]² a"),
    row("what cancels is gone", product, built(X[i], a, 1 / X[i]), "a"),
    row("what divides comes last", product, built(1 / Z[j], X[i]), "X[i] / Z[j]"),
    row("but before a sum", product, built(Sum(X[i], i), 1 / a), "1/a Σ_i X[i]"),
    row("a power of δ is δ", product, built(delta(i, j), delta(i, j)), "δ_ij"),
    row("nothing is 1", product, [], "1"),
    row("0 wins", product, built(X[i], 0), "0"),
    row("terms keep their order", total, built(Z[j], X[i]), "Z[j] + X[i]"),
    row("equal terms are merged", total, built(Z[j], X[i], Z[j]), "2 Z[j] + X[i]"),
    row("terms that cancel are gone", total, built(Z[j], X[i], -Z[j]), "X[i]"),
    row("no sum begins with a minus sign", total, built(-Z[j], X[i]), "X[i] − Z[j]"),
    row("unless there is no other", total, built(-Z[j], -X[i]), "−Z[j] − X[i]"),
    row("nothing is 0", total, [], "0"),
]


@pytest.mark.parametrize(("build", "parts", "wanted"), BUILT)
def test_built(build, parts, wanted):
    assert text(build(*parts)) == wanted


mean = define(tensor("R", i)[i], Sum(W[i, m], m) / size(m))
root = define(tensor("B", i)[i], 1 / sqrt(Q[i] + a))
ratio = define(tensor("C", i, m)[i, m], exp(W[i, m]) / Sum(exp(W[i, p]), p))
NAMES = [
    row("a sum by its mean", mean, Sum(W[j, p], p), "M R[j]"),
    row("a power of a root", root, (Q[k] + a) ** -2, "B[k]⁴"),
    row("not a root of what it is no power of", root, sqrt(Q[k] + a), "√(Q[k] + a)"),
    row("a quotient amid other factors", ratio, X[i] * exp(W[i, p]) * Z[j] / Sum(exp(W[i, m]), m),
        "X[i] C[i,p] Z[j]"),
    row("not a quotient of different rows", ratio, exp(W[i, m]) / Sum(exp(W[j, m]), m),
        "exp(W[i,m]) / (Σ_m exp(W[j,m]))"),
    row("inside a function", mean, log(Sum(W[i, m], m)), "log(M R[i])"),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "expr", "wanted"), NAMES)
def test_named(definition, expr, wanted):
    assert text(namer([definition])(in_order(unwrap(expr)))) == wanted


SHORTER = [
    row("a common factor", X[i] * Z[j] - X[i] * a, "X[i] (Z[j] − a)"),
    row("a common power", Z[j] / a + X[i] / a**2, "(Z[j] + X[i] / a) / a"),
    row("a constant in a sum", Sum(X[i] * a - Z[i] * a, i), "a Σ_i (X[i] − Z[i])"),
    row("what cancels when multiplied out", (X[i] + Z[j]) * a - Z[j] * a, "a X[i]"),
    row("a sum of differences", Sum(X[i] - a, i) + N * a, "Σ_i X[i]"),
]


@pytest.mark.parametrize(("expr", "wanted"), SHORTER)
def test_shortest(expr, wanted):
    assert text(shortest(in_order(unwrap(expr)), NAMED)[-1][0]) == wanted


AT_MOST = [
    row("a letter and the end of its axis", i, i.upper, True),
    row("a letter and what is beyond", i, i.upper + 1, True),
    row("a letter and one less", i, i.upper - 1, False),
    row("two letters of an axis", i, j, False),
    row("0 and a letter", 0, i, True),
    row("1 and a size", 1, size(m), True),
    row("two sizes", size(m), size(i), False),
    row("twice a letter", 2 * i, 2 * i.upper, True),
]


@pytest.mark.parametrize(("low", "high", "wanted"), AT_MOST)
def test_surely_at_most(low, high, wanted):
    assert surely_at_most(plain(unwrap(low)), plain(unwrap(high))) is wanted


SOLVED = [
    row("an offset", i + 1, j, i, j - 1),
    row("the other sign", 2 * j - i, k, i, 2 * j - k),
    row("a stride is not solved for", 2 * i, j, i, None),
    row("a letter that is not there", j, k, i, None),
]


@pytest.mark.parametrize(("left", "right", "index", "wanted"), SOLVED)
def test_solved(left, right, index, wanted):
    assert solved_for(left, right, index) == wanted


def of_X(expr):
    return any(name_of(e) == "X" for e in expr.atoms(type(unwrap(X[i]))))


PUSHED = [
    row("a sum and its constants", linear, Sum(a * X[i] + Z[j], i), "Σ_i a ∂X[i]/∂X[k]"),
    row("what does not depend on it", linear, Z[j] * a, "0"),
    row("a product", of_products, X[i] * Z[j] * X[j],
        "∂X[i]/∂X[k] Z[j] X[j] + X[i] Z[j] ∂X[j]/∂X[k]"),
    row("a quotient", of_products, a * X[i] / X[j],
        "a (∂X[i]/∂X[k] X[j] − X[i] ∂X[j]/∂X[k]) / X[j]²"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "expr", "wanted"), PUSHED)
def test_a_rule_moves_derivatives_inwards(rule, expr, wanted):
    pushed = rewritten(unwrap(D(expr, X[k])), rule(of_X))
    assert text(pushed) == wanted
    assert all(isinstance(d, Derivative) for d in derivatives_in(pushed))
