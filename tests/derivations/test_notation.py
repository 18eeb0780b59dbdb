"""The notation refuses what cannot mean anything, and says which index or tensor is wrong."""

import re

import pytest

from gradcheck.derivations.notation import (
    D,
    Layer,
    NotationError,
    Sum,
    argmax,
    axis,
    chain,
    define,
    delta,
    derivation,
    diag,
    grad,
    option,
    size,
    tensor,
)

n, r = axis("N", "n r")
m, j = axis("M", "m j")
X, W, b = tensor("X", n, m), tensor("W", m, m), tensor("b", n)
(q,) = axis(size(n) + 2, "q")
y, A = tensor("y", n, integer=m), tensor("A", q)
B = tensor("B", *axis(2 * size(n), "v"))
Y, L = tensor("Y", n), tensor("L")

REFUSED = {
    "an index on the wrong axis": (lambda: X[m, n], "X has axis N where m runs over M"),
    "an offset does not change the axis": (
        lambda: X[m - 1, j], "X has axis N where m - 1 runs from -1 to M - 2"),
    "a letter of a longer axis": (lambda: X[q, m], "X has axis N where q runs over N + 2"),
    "an offset that leads outside": (
        lambda: A[n + 3], "A has axis N + 2 where n + 3 runs from 3 to N + 2"),
    "a factor that leads outside": (
        lambda: A[2 * n + 1], "A has axis N + 2 where 2*n + 1 runs from 1 to 2*N - 1"),
    "a letter that runs backward": (
        lambda: A[size(n) - 2 - n], "A has axis N + 2 where N - n - 2 runs from -1 to N - 2"),
    "an option without a range": (
        lambda: option("eps", 1e-5), "option eps: give between= or whole=, the values to try"),
    "an option that may be a negative number": (
        lambda: option("shift", 0, whole=(-1, 1)),
        "option shift: the least whole number is 0 or more, not -1"),
    "too many indices": (
        lambda: b[n, m], "b has shape N but 2 indices were given: n, m"),
    "an integer entry that points into another axis": (
        lambda: X[y[n], m], "X has axis N where y[n] runs over M"),
    "a delta between two axes": (
        lambda: delta(n, m), "δ_nm joins two axes: n runs over N, m over M"),
    "a delta with an integer entry of another axis": (
        lambda: delta(y[n], r), "δ_y[n]r joins two axes: y[n] runs over M, r over N"),
    "a sum over no index": (
        lambda: Sum(X[n, m], size(m)), "a sum runs over indices, and M is not one"),
    "an argmax over no index": (
        lambda: argmax(X[n, m], size(m)), "an argmax runs over indices, and M is not one"),
    "a slice in a formula": (
        lambda: b[n] + X[n],
        "a matrix or a slice cannot stand in a formula: give all its indices"),
    "a product of matrices that do not fit": (
        lambda: X @ X, "matrix product of shapes N×M and N×M"),
    "an entrywise product of different shapes": (lambda: X * W, "* of shapes N×M and M×M"),
    "diag of a matrix": (lambda: diag(X), "diag takes a column, and this has shape N×M"),
    "three axes in matrix notation": (
        lambda: tensor("A", n, m, j).T, "A has 3 axes and is no matrix"),
    "a matrix form of another shape": (
        lambda: (X @ W).entry(m, n), "the matrix form has shape N×M, not M×N"),
    "a definition with a dangling index": (
        lambda: define(Y[n], X[n, m]), "Y[n] is defined with m free on the right side only"),
    "a reason that is not on the list": (
        lambda: chain(Y[n], (b[n], "delta contration")),
        "no reason 'delta contration'; did you mean 'delta contraction'?"),
    "a chain without steps": (lambda: chain(Y[n]), "the chain of Y[n] has no steps"),
    "a layer without a derivation": (
        lambda: Layer((X, b), (define(Y[n], b[n]),), ()),
        "derivations are given by nothing, but the inputs are X, b, in this order"),
    "a tensor called like a size": (
        lambda: Layer(
            (N,), (define(Y[n], N[n]),), (derivation(N[r], chain(grad(N)[r], (N[r], "algebra"))),)
        ),
        "N names both a tensor and the size of an axis"),
}  # fmt: skip
N = tensor("N", n)


@pytest.mark.parametrize(("write", "says"), REFUSED.values(), ids=REFUSED)
def test_nonsense_is_refused(write, says):
    with pytest.raises(NotationError, match=f"^{re.escape(says)}$"):
        write()


INSIDE = {
    "a letter of a shorter axis": lambda: A[n],
    "with an offset": lambda: A[n + 2],
    "every second entry": lambda: B[2 * n + 1],
    "backward": lambda: A[size(n) + 1 - n],
    "the second half": lambda: B[n + size(n)],
    "a letter of its own axis, one step back": lambda: A[q - 1],
    "of what is padded, anything": lambda: tensor("C", q, padded=True)[3 * n - 5],
    "a window": lambda: A[n + m],
    "a window at a place": lambda: A[2 * n + y[n]],
}


@pytest.mark.parametrize("write", INSIDE.values(), ids=INSIDE)
def test_a_subscript_that_stays_inside_is_allowed(write):
    assert write().expr.indices


KEPT = {
    "factors": (X[n, m] * b[n] * W[m, j], "X[n, m] b[n] W[m, j]"),
    "terms": (b[n] + X[n, m] - Y[n], "b[n] X[n, m] -Y[n]"),
    "letters of a delta": (delta(r, n) * delta(m, j), "KroneckerDelta(r, n) KroneckerDelta(m, j)"),
}


@pytest.mark.parametrize(("formula", "order"), KEPT.values(), ids=KEPT)
def test_the_order_of_the_author_is_kept(formula, order):
    assert " ".join(map(str, formula.expr.args)) == order


LAYOUTS = {
    "samples in rows": (tensor("A", n, m), "A[n, m]"),
    "samples in columns": (tensor("A", m, n), "A[m, n]"),
}


@pytest.mark.parametrize(("array", "entry"), LAYOUTS.values(), ids=LAYOUTS)
def test_at_puts_each_index_on_its_axis(array, entry):
    assert str(array.at(n, m)) == str(array.at(m, n)) == entry


def test_a_summed_letter_steps_aside_for_the_letter_of_an_entry():
    slices = Sum(X[n], n)
    assert str(slices.entry(m)) == "Sum(X[n, m], (n, 0, N - 1))"
    square = tensor("A", n, r)
    assert str(Sum(square[n], n).entry(n)) == "Sum(A[n′′, n], (n′′, 0, N - 1))"


def test_derivatives_are_not_taken_when_written():
    assert str(D(Y[n], X[r, j])) == "D(Y[n], X[r, j])"
