"""What an index expression is made of: free letters, renaming, matching, common factors.

The letters of the tables: i, j, k, i′ run over the axis N, m and p over M, t and u over T from 1.
"""

import pytest
import sympy
from calculus.expressions import W, X, Z, a, h, h0, i, i1, j, k, m, p, t, u, x, y
from layers.tables import row

from gradcheck.derivations.calculus.contract import collect
from gradcheck.derivations.calculus.terms import free_indices, match, plain, rename
from gradcheck.derivations.notation import D, Sum, argmax, axis, delta, exp, size, tanh
from gradcheck.derivations.notation.formula import unwrap

N = size(i)
full = (i, 0, i.upper)
(j1,) = axis("N", "j′")
PAIR = Sum(X[i] * Z[i1] * X[j] * Z[k], i, i1)

# An expression, new letters, and the expression in the new letters.
RENAMINGS = [
    row("a free letter", X[i] * Z[j], {i: k}, X[k] * Z[j]),
    row("two letters into one", W[i, m] * X[j], {i: j}, W[j, m] * X[j]),
    row("two letters exchanged", X[i] * Z[j], {i: j, j: i}, X[j] * Z[i]),
    row("a summed letter is not renamed", X[i] * Sum(Z[i], i), {i: j}, X[j] * Sum(Z[i], i)),
    row("an entry with a summed letter is another one", Z[i] * Sum(Z[i], i), {unwrap(Z[i]): j},
        unwrap(j) * Sum(Z[i], i)),
    row("a summed letter steps aside", Sum(X[i] * Z[j], j), {i: j}, Sum(X[j] * Z[j1], j1)),
    row("the end of a range", Sum(X[j], (j, 0, i)), {i: k}, Sum(X[j], (j, 0, k))),
    row("inside an integer tensor", W[i, y[j]], {j: k}, W[i, y[k]]),
    row("inside an offset", x[t - 1], {t: u}, x[u - 1]),
    row("to a number", X[i] * delta(i, j), {i: sympy.Integer(0)}, X[0] * delta(0, j)),
    row("around an argmax", argmax(W[i, m], m), {i: j}, argmax(W[j, m], m)),
    row("the letter of an argmax is not renamed", argmax(X[i], i), {i: j}, argmax(X[i], i)),
    row("the letter of an argmax steps aside", argmax(X[i] * Z[j], j), {i: j},
        argmax(X[j] * Z[j1], j1)),
    row("inside a derivative", D(X[i] ** 2, X[j]), {i: j}, D(X[j] ** 2, X[j])),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "new", "wanted"), RENAMINGS)
def test_renaming(expr, new, wanted):
    assert rename(plain(unwrap(expr)), new) == plain(unwrap(wanted))


def test_two_summed_letters_step_aside_each_its_own_way():
    product = sympy.Mul(*(unwrap(e) for e in (X[i], Z[i1], X[j], Z[k])))
    renamed = rename(sympy.Sum(product, (i, *i.args[1]), (i1, *i1.args[1])), {j: i, k: i1})
    (first, *_), (second, *_) = renamed.limits
    assert len({first, second, i, i1}) == 4


# An expression and its free indices, in the order in which they appear.
FREE = [
    row("a number has none", 1, []),
    row("a size has none", N, []),
    row("a tensor has its subscripts", W[i, y[j]], [i, j]),
    row("a sum binds its letter", Sum(W[i, m], i), [m]),
    row("the same letter outside is another one", Sum(W[i, m], i) * X[i], [m, i]),
    row("the end of a range is free", Sum(X[j], (j, 0, i)), [i]),
    row("a letter of another axis is another letter", Sum(delta(t, u), t), [u]),
    row("an argmax binds its letters", argmax(W[i, m] * X[j], i, m)[0], [j]),
    row("both sides of a derivative count", D(X[i], X[j]), [i, j]),
    row("an offset has its letter", h[t - 1], [t]),
    row("an outer range is not in the inner sum", sympy.Sum(unwrap(X[i]), full, (j, 0, i)), [i]),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "wanted"), FREE)
def test_free_indices(expr, wanted):
    assert list(free_indices(unwrap(expr))) == wanted


# A sum of products, and the same with common factors pulled out.
COLLECTED = [
    row("a common factor", X[i] * Z[j] + X[i] * a, X[i] * (Z[j] + a)),
    row("two common factors", X[i] * Z[j] * a + X[i] * a, X[i] * a * (Z[j] + 1)),
    row("nothing in common", X[i] * Z[j] + a, X[i] * Z[j] + a),
    row("a number stays inside", 2 * X[i] + 2 * Z[i], 2 * X[i] + 2 * Z[i]),
    row("a product is left alone", X[i] * Z[i], X[i] * Z[i]),
]


@pytest.mark.parametrize(("expr", "wanted"), COLLECTED)
def test_collecting(expr, wanted):
    assert collect(plain(unwrap(expr))) == plain(unwrap(wanted))


# A pattern in the letters i and m, an expression, and what the letters are in it.
MATCHES = [
    row("letters", W[i, m], W[j, p], {i: j, m: p}),
    row("an integer tensor", W[i, m], W[j, y[j]], {i: j, m: unwrap(y[j])}),
    row("the same letter twice", X[i] * Z[i], X[j] * Z[j], {i: j}),
    row("two letters where the pattern has one", X[i] * Z[i], X[j] * Z[k], None),
    row("another tensor", X[i], Z[i], None),
    row("another function", exp(X[i]), tanh(X[i]), None),
    row("more factors", X[i] * a, X[i] * a * h0, None),
]


@pytest.mark.parametrize(("pattern", "expr", "wanted"), MATCHES)
def test_matching(pattern, expr, wanted):
    assert match(unwrap(pattern), unwrap(expr), [i, m]) == wanted
