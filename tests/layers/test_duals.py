"""The oracle of the laws, checked itself: dual numbers beside what SymPy says of two entries.

The letters m and k run over the 2 entries of X, which are x0 and x1, and w over windows of 2.
"""

import mpmath
import pytest
import sympy
from layers.duals import Duals
from layers.tables import row

from gradcheck.derivations.calculus.functions import undefined
from gradcheck.derivations.notation import (
    Layer,
    Sum,
    absolute,
    argmax,
    axis,
    bracket,
    define,
    delta,
    log,
    oo,
    option,
    relu,
    sigmoid,
    sign,
    size,
    softplus,
    sqrt,
    step,
    tanh,
    tensor,
)
from gradcheck.derivations.notation.formula import Formula, unwrap

m, k = axis("M", "m k")
(w,) = axis(2, "w")
X, Y = tensor("X", m, padded=True), tensor("Y", m)
bare, bottomless = tensor("X", m), tensor("X", m, padded=-oo)
y, c = tensor("y", m, integer=k), tensor("c", m, integer=w)
a, shift = option("a", 3, between=(1, 5)), option("shift", 1, whole=(0, 2))
x0, x1 = entries = sympy.symbols("x0 x1", positive=True)
VALUES = (0.7, 1.9)
SIZES = {"M": 2, "shift": 1}
GIVEN = {"X": {(0,): 0.7, (1,): 1.9}, "y": {(0,): 1, (1,): 0}, "a": {(): 2.5}}
f = undefined("f")


# A formula of Y[m], and both entries in SymPy's own words.
FORMULAS = [
    row("a product with itself", X[m] * X[m], x0**2, x1**2),
    row("a sum and a quotient", X[m] / Sum(X[k], k), x0 / (x0 + x1), x1 / (x0 + x1)),
    row("a sum over a part", Sum(X[k], (k, 0, m)), x0, x0 + x1),
    row("two sums in each other", Sum(X[m] * Sum(X[k], k), m) / X[m],
        (x0 + x1) ** 2 / x0, (x0 + x1) ** 2 / x1),
    row("a power of an entry", X[m] ** X[0], x0**x0, x1**x0),
    row("a negative power", X[m] ** -3, x0**-3, x1**-3),
    row("a root and a size", sqrt(X[m]) / size(m), sympy.sqrt(x0) / 2, sympy.sqrt(x1) / 2),
    row("a delta", delta(m, 0) * X[m], x0, 0 * x1),
    row("a lookup", X[y[m]] * X[m], x0 * x1, x0 * x1),
    row("zeros outside", X[m + 1] * X[m] + X[m - 1], x0 * x1, x0),
    row("an option", a * X[m], 2.5 * x0, 2.5 * x1),
    row("an option in a subscript", X[m - shift], 0 * x0, x0),
    row("an index as a number", unwrap(m) * X[m], 0 * x0, x1),
    row("a logistic function", sigmoid(X[m]), *(1 / (1 + sympy.exp(-x)) for x in entries)),
    row("a soft one", softplus(X[m]), *(sympy.log(1 + sympy.exp(x)) for x in entries)),
    row("a ramp", relu(X[m] - 1), 0 * x0, x1 - 1),
    row("a step", step(X[m] - 1) * X[m], 0 * x0, x1),
    row("an absolute value", absolute(X[m] - 1), 1 - x0, x1 - 1),
    row("a sign", sign(X[m] - 1) * X[m], -x0, x1),
    row("functions in each other", tanh(log(X[m])), *(sympy.tanh(sympy.log(x)) for x in entries)),
    row("any function is the sine", Formula(f(unwrap(X[m] ** 2))),
        *(sympy.sin(x**2) for x in entries)),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "first", "second"), FORMULAS)
@pytest.mark.parametrize("number", [float, mpmath.mpf])
def test_a_formula(formula, first, second, number):
    layer = Layer((X, y), (define(Y[m], formula),), options=(a, shift))
    duals = Duals(layer.setting, SIZES, GIVEN, number)
    at = dict(zip(entries, VALUES, strict=True))
    values = [duals.entry("Y", place).value for place in duals.places("Y")]
    assert values == [pytest.approx(float(right.subs(at))) for right in (first, second)]
    slopes = [float(right.diff(x).subs(at)) for right in (first, second) for x in entries]
    assert duals.jacobian("Y", "X") == [pytest.approx(slope) for slope in slopes]


def test_a_slope_has_as_many_digits_as_the_numbers():
    layer = Layer((X,), (define(Y[m], sigmoid(X[m]) ** 2),))
    slope = (1 / (1 + sympy.exp(-x0)) ** 2).diff(x0)
    with mpmath.workdps(30):
        given = {"X": {place: mpmath.mpf(value) for place, value in GIVEN["X"].items()}}
        found = Duals(layer.setting, SIZES, given, mpmath.mpf).jacobian("Y", "X")[0]
        exact = sympy.lambdify(x0, slope, "mpmath")(given["X"][0,])
        assert abs(found - exact) < mpmath.mpf("1e-28")


def test_a_condition_excuses_what_is_outside_and_nothing_else_does():
    excused = Layer((bare,), (define(Y[m], bracket(m, 0) * bare[m + 1] + bare[m]),))
    assert Duals(excused.setting, SIZES, GIVEN).jacobian("Y", "X") == [1, 1, 0, 1]
    outside = Layer((bare,), (define(Y[m], bare[m + 1]),))
    with pytest.raises(KeyError):
        Duals(outside.setting, SIZES, GIVEN).jacobian("Y", "X")


def test_the_first_of_equal_values_is_the_greatest_and_none_outside_is():
    chosen = define(c[m], argmax(bottomless[m + w], w))
    window = Layer((bottomless,), (chosen, define(Y[m], bottomless[m + c[m]])))
    equal, rising = ({"X": {(0,): -3.0, (1,): value}} for value in (-3.0, -2.0))
    assert Duals(window.setting, SIZES, equal).jacobian("Y", "X") == [1, 0, 0, 1]
    assert Duals(window.setting, SIZES, rising).jacobian("Y", "X") == [0, 1, 0, 1]


def test_a_recursion_starts_outside():
    h, start = tensor("h", m), tensor("start")
    layer = Layer((X, start), (define(h[m], X[m] * h[m - 1] ** 2, outside=start),))
    duals = Duals(layer.setting, SIZES, {**GIVEN, "start": {(): 0.5}})
    s = sympy.Symbol("s")
    at = {**dict(zip(entries, VALUES, strict=True)), s: 0.5}
    first, second = x0 * s**2, x1 * (x0 * s**2) ** 2
    for name, by in (("X", entries), ("start", (s,))):
        slopes = [float(right.diff(x).subs(at)) for right in (first, second) for x in by]
        assert duals.jacobian("h", name) == [pytest.approx(slope) for slope in slopes]
