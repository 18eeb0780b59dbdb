"""What an index runs over while code is written, and whether a subscript stays inside its axis."""

from collections.abc import Mapping
from typing import Any

from sympy import Add, Idx, Indexed, Integer, Mul, Symbol, expand, sympify

from gradcheck.derivations.calculus.terms import name_of

Range = tuple[Any, Any]  # the first and the last value
Ranges = Mapping[Any, Range]


def range_of(index: Any, ranges: Ranges) -> Range:
    """What an index runs over here: a stated range or its whole axis."""
    return ranges.get(index, (index.lower, index.upper))


def extent(expr: Any, ranges: Ranges, integer: Mapping[str, Any]) -> Range | None:
    """Bounds of an affine expression, or None if it is not affine. Exact in each letter."""
    low, high = Integer(0), Integer(0)
    for term in Add.make_args(expand(expr)):
        inner = [f for f in Mul.make_args(term) if isinstance(f, (Idx, Indexed))]
        factor = Mul(*(f for f in Mul.make_args(term) if not isinstance(f, (Idx, Indexed))))
        if not inner and not term.has(Idx):
            bounds: Range = (Integer(1), Integer(1))
        elif len(inner) == 1 and isinstance(inner[0], Idx):
            bounds = range_of(inner[0], ranges)
        elif len(inner) == 1 and name_of(inner[0]) in integer:
            bounds = range_of(integer[name_of(inner[0])], {})
        else:
            return None
        if nonnegative(factor):
            low, high = low + factor * bounds[0], high + factor * bounds[1]
        elif nonnegative(-factor):
            low, high = low + factor * bounds[1], high + factor * bounds[0]
        elif bounds[0] == bounds[1]:
            low, high = low + factor * bounds[0], high + factor * bounds[0]
        else:
            return None
    return expand(low), expand(high)


def nonnegative(expr: Any) -> bool:
    """Whether an expression in sizes is at least 0 for all of them; False if that is not seen.

    With every size written as 1 + s, s ≥ 0, it is enough that no coefficient is negative.
    """
    expr = sympify(expr)
    if not all(isinstance(s, Symbol) and s.is_integer for s in expr.free_symbols):
        return False
    if not expr.is_polynomial():
        return False
    shifted = expand(expr.subs({s: s + 1 for s in expr.free_symbols}, simultaneous=True))
    return all(term.as_coeff_Mul()[0] >= 0 for term in Add.make_args(shifted))


def stays_within(expr: Any, own: Range, ranges: Ranges, integer: Mapping[str, Any]) -> bool:
    """Whether a subscript is known to lie on an axis for all values of its letters."""
    found = extent(expr, ranges, integer)
    return found is not None and nonnegative(found[0] - own[0]) and nonnegative(own[1] - found[1])


def step_of(expr: Any) -> tuple[Any, int, Any] | None:
    """letter, factor and offset of a subscript like 2 t + 1; None for any other."""
    letters = [*expr.atoms(Idx)]
    if len(letters) != 1 or expr.has(Indexed):
        return None
    factor = expand(expr).coeff(letters[0])
    offset = expand(expr - factor * letters[0])
    if not factor.is_Integer or factor < 1 or offset.has(Idx):
        return None
    return letters[0], int(factor), offset
