"""Known traps of index notation: captured letters, partial ranges, offsets, equal sizes.

The letters of the tables: i, j, k, i′ run over the axis N, m and p over M, t and u over T from 1.
"""

import pytest
import sympy
from calculus.expressions import SETTING, P, Q, W, X, Z, a, h, h0, i, i1, j, k, m, p, t, x, y
from layers.tables import row

from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.contract import contract
from gradcheck.derivations.calculus.derivative import Differentiator
from gradcheck.derivations.calculus.terms import Setting, plain
from gradcheck.derivations.notation import (
    D,
    Sum,
    bracket,
    define,
    delta,
    exp,
    function,
    log,
    relu,
    sigmoid,
    size,
    sqrt,
    step,
    tanh,
    tensor,
)
from gradcheck.derivations.notation.formula import unwrap

f = function("f")
N, M = size(i), size(m)

# An expression, the entry to differentiate by, and the derivative, letter by letter.
DERIVATIVES = [
    row("an entry by another is δ", X[i], X[j], delta(i, j)),
    row("an entry by itself is 1", X[i], X[i], 1),
    row("an entry by an entry of another tensor is 0", X[i], Z[i], 0),
    row("two axes give two δ", W[i, m], W[j, p], delta(i, j) * delta(m, p)),
    row("a summed letter is not the letter differentiated by", Sum(X[i] ** 2, i), X[i], 2 * X[i]),
    row("one of two summed letters", Sum(X[i] * Z[j], i, j), X[i], Sum(Z[j], j)),
    row("the other factor keeps its sum", Sum(X[i], i) * Sum(Z[i], i), X[i], Sum(Z[i], i)),
    row("a product with one letter twice", X[i] * X[j], X[i], X[j] + X[j] * delta(i, j)),
    row("a sum over a letter that is not there", Sum(X[i], j), X[i], N),
    row("an integer tensor as index", W[i, y[i]], W[j, m], delta(i, j) * delta(y[i], m)),
    row("by an entry at an integer tensor", W[i, m], W[j, y[j]], delta(i, j) * delta(m, y[i])),
    row("a quotient", a / X[i], X[j], -a * X[i] ** -2 * delta(i, j)),
    row("a generic function", f(X[i]), X[j], f.prime(X[i]) * delta(i, j)),
    row("relu", relu(X[i]), X[j], step(X[i]) * delta(i, j)),
    row("sigmoid", sigmoid(X[i]), X[i], sigmoid(X[i]) * (1 - sigmoid(X[i]))),
    row("softmax", P[i, m], W[j, p], delta(i, j) * P[i, m] * (delta(m, p) - P[i, p])),
    row("softmax, of one row", P[i, m], W[i, p], P[i, m] * (delta(m, p) - P[i, p])),
    row("part of an axis", Sum(X[j], (j, 0, i)), X[k], bracket(k, i)),
    row("a state by the one before", h[t], h[t - 1], a * (1 - h[t] ** 2)),
    row("a state by a later one", h[t], h[t + 1], 0),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "by", "wanted"), DERIVATIVES)
def test_derivative(expr, by, wanted):
    found = Differentiator(SETTING).derivative(unwrap(expr), unwrap(by))
    assert sympy.expand(found) == sympy.expand(plain(unwrap(wanted)))


D_AT_0 = delta(i, 0) * P[i, m] * (delta(m, p) - P[i, p])
NESTED = sympy.Sum(unwrap(X[j]), (j, 0, i), (i, 0, i.upper))
PRIMED = sympy.Sum(unwrap(X[i]), (i, 0, i1), (i1, 0, i.upper))

# Two expressions that are equal at every value of their indices.
EQUAL = [
    row("Σ_i Σ_{j≤i} X_j by X_i", D(NESTED, X[i]), Sum(1, (j, i, i.upper))),
    row("Σ_i′ Σ_{i≤i′} X_i by X_i", D(PRIMED, X[i]), Sum(1, (j, i, i.upper))),
    row("a sum over the letter of D", Sum(D(Sum(X[i] ** 2, i), X[i]), i), 2 * Sum(X[i], i)),
    row("by an entry with a number as index", D(X[i] ** 2, X[0]), 2 * X[0] * delta(i, 0)),
    row("a named tensor by an entry with a number as index", D(P[i, m], W[0, p]), D_AT_0),
    row("the state by the initial state", D(h[1], h[0]), a * (1 - h[1] ** 2)),
    row("a product of derivatives of a recursion", D(h[3], h[1]), D(h[3], h[2]) * D(h[2], h[1])),
    row("a state by an input", D(h[2], x[1]), D(h[2], h[1]) * D(h[1], x[1])),
    row("a state by a later input", D(h[1], x[2]), 0),
    row("the root of a positive tensor", sqrt(Q[i]) ** 2, Q[i]),
    row("the logarithm of a positive tensor", exp(log(Q[i])), Q[i]),
    row("a power of a power", (X[i] ** 2) ** 2, X[i] ** 4),
    row("a sum over nothing is 0", Sum(X[i], (j, 1, 0)), 0),
    row("a function of itself", D(f(f(X[i])), X[i]), f.prime(f(X[i])) * f.prime(X[i])),
]  # fmt: skip


def comparer():
    """A new comparer for the tensors of the tables."""
    generic = define(tensor("F", i)[i], f(X[i]))  # so that f has values
    return Comparer(
        Setting(
            {**SETTING.indices, "F": (i,)},
            {**SETTING.definitions, "F": generic},
            SETTING.positive,
            SETTING.integer,
        )
    )


# Equal too, but beyond what the normal form decides.
BEYOND = [
    row("every state by the initial state", D(h[t], h0), D(h[t], h[0]) * X[0]),
    row("an index is a number", Sum(delta(i, j) * j, j), Sum(1, (j, 1, i))),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), BEYOND)
def test_equal_but_not_proved(left, right):
    assert comparer().compare(unwrap(left), unwrap(right)).status is Status.TESTED


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_equal(left, right):
    assert comparer().compare(unwrap(left), unwrap(right)).status is Status.PROVED


ring = tensor("g", i, integer=i)  # points into its own axis

INNER = Sum(tanh(X[i] * Z[j]), i)

# An expression and what it is with its deltas contracted; None: it stays as it is.
CONTRACTIONS = [
    row("one term is left of a sum with δ", Sum(delta(i, j) * X[j], j), X[i]),
    row("a sum of δ is 1", Sum(delta(i, j), j), 1),
    row("a double sum loses one sum", Sum(delta(i, j) * X[i] * Z[j], i, j), Sum(X[i] * Z[i], i)),
    row("two δ become one", Sum(delta(i, j) * delta(j, k), j), delta(i, k)),
    row("δ in a bracket", Sum(X[j] * (delta(i, j) - Z[j]), j), X[i] - Sum(X[j] * Z[j], j)),
    row("δ before a sum over its letter", Sum(delta(i, j) * INNER, j), Sum(tanh(X[i1] * Z[i]), i1)),
    row("δ with an integer tensor", Sum(delta(y[i], m) * W[i, m], m), W[i, y[i]]),
    row("a partial range", Sum(delta(i, j) * X[j], (j, 0, 1)), bracket(i, 1) * X[i]),
    row("a range from a letter", Sum(delta(i, j) * X[j], (j, k, j.upper)), bracket(k, i) * X[i]),
    row("an offset", Sum(delta(i, j + 1) * X[j], j), bracket(0, i - 1) * X[i - 1]),
    row("a number", Sum(delta(j, 1) * X[j], j), bracket(1, N - 1) * X[1]),
    row("a number that every axis has", Sum(delta(j, 0) * X[j], j), X[0]),
    row("a stride", Sum(delta(2 * i + j, k) * X[j], j),
        bracket(0, k - 2 * i) * X[k - 2 * i]),
    row("a stride that is summed keeps its sum", Sum(delta(2 * j, k) * X[j], j), None),
    row("a letter in the range of an inner sum",
        Sum(Sum(X[k], (k, 0, j)) * delta(i, j), j), Sum(X[k], (k, 0, i))),
    row("not in a sum over its own letter", delta(y[i], m) * Sum(W[i, y[i]], i), None),
    row("a bracket is no power", Sum(delta(i, j + 1) * X[j], j) ** 2,
        bracket(0, i - 1) * X[i - 1] ** 2),
    row("an integer entry gives way to a letter", delta(y[i], m) * W[i, y[i]],
        delta(y[i], m) * W[i, m]),
    row("a power of δ is δ", Sum(delta(i, j) ** 2 * X[j], j), X[i]),
    row("δ in a function stays", Sum(tanh(delta(i, j)) * X[j], j), None),
    row("a sum over a letter that is not there is a factor", Sum(X[i], j), N * X[i]),
    row("over part of an axis, which may be empty, it stays", Sum(X[i], (j, 0, k)), None),
    row("what does not depend on it is put in front", Sum(X[i] * Z[j], j), X[i] * Sum(Z[j], j)),
    row("a pointer into its own axis keeps its sum", Sum(delta(ring[j], j) * X[j], j), None),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "wanted"), CONTRACTIONS)
def test_contraction(expr, wanted):
    expr = plain(unwrap(expr))
    assert sympy.expand(contract(expr)) == sympy.expand(plain(unwrap(wanted)) if wanted else expr)


# An expression and the length of an empty part of an axis, where the upper end is below the lower.
EMPTY = [
    row("from 0 to i - 1", Sum(X[k], (j, 0, i - 1))),
    row("from i + 1 to the end", Sum(X[k], (j, i + 1, j.upper))),
    row("from 0 to i - 2", Sum(X[k], (j, 0, i - 2))),
]


@pytest.mark.parametrize("expr", EMPTY)
def test_a_sum_over_nothing_is_nothing_after_contraction(expr):
    verdict = comparer().compare(unwrap(expr), contract(unwrap(expr)))
    assert verdict.status is Status.PROVED


# A sum with a δ, contracted with i as a letter to avoid.
AVOIDED = [
    row("another letter", Sum(delta(i, j) * X[i], i)),
    row("a free letter", delta(i, j) * X[i]),
    row("an offset", delta(i, j + 1) * X[i]),
    row("an offset in a sum", Sum(delta(i, j + 1) * X[i], i)),
]  # fmt: skip


@pytest.mark.parametrize("expr", AVOIDED)
def test_avoiding_a_letter_keeps_the_value(expr):
    verdict = comparer().compare(unwrap(expr), contract(plain(unwrap(expr)), [i]))
    assert verdict.status is Status.PROVED
