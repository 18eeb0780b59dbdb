"""Recognising a named intermediate: exp(X[n,k]) / Γ[n] is written P[n,k] again."""

from collections.abc import Callable, Iterator
from typing import Any

from sympy import Function, Idx, Indexed, KroneckerDelta, Mul, Pow, Sum, Symbol, exp

from gradcheck.derivations.calculus.functions import sigmoid, softplus
from gradcheck.derivations.calculus.ranges import surely_inside
from gradcheck.derivations.calculus.terms import (
    Definition,
    Definitions,
    free_indices,
    match,
    plain,
    rename,
)


def folder(definitions: Definitions) -> Callable[[Any], Any]:
    """A function that writes function values through the intermediates defined by them.

    P[n,c] = exp(X[n,c]) / Γ[n] turns every exp(X[a,b]) into P[a,b] Γ[a]; the Γ then cancel.
    """
    rules = [(d, *pair) for d in definitions.values() for pair in unfoldings(d)]
    return lambda expr: _fold(expr, rules) if rules else expr


def unfoldings(definition: Definition) -> Iterator[tuple[Any, Any]]:
    """Function values that a definition lets one express through its left side."""
    factors = Mul.make_args(plain(definition.rhs))
    for factor in factors:
        others = [f for f in factors if f != factor]
        known = isinstance(factor, Function) and _covers(factor, definition)
        if known and not any(map(_may_vanish, others)):
            yield factor, definition.lhs / Mul(*others)


def _may_be(value: Any, index: Any) -> bool:
    """Whether a subscript lies on the axis of an index, if need be with an offset, t + 1."""
    same = [i for i in free_indices(value) if (i.lower, i.upper) == (index.lower, index.upper)]
    return surely_inside(value, index) or any((value - i).is_number for i in same)


def _covers(factor: Any, definition: Definition) -> bool:
    indices = {*definition.indices} <= {*free_indices(factor)}
    return indices and not isinstance(factor, KroneckerDelta)


def _may_vanish(factor: Any) -> bool:
    """Whether a factor may be 0: then one must not divide by it. What divides is not."""
    if isinstance(factor, (exp, sigmoid, softplus)):
        return False
    if isinstance(factor, Pow) and factor.exp.is_Number:
        return bool(factor.exp > 0) and _may_vanish(factor.base)
    return not all(s.is_integer and s.is_positive for s in factor.free_symbols)


def _fold(expr: Any, rules: list[tuple[Definition, Any, Any]]) -> Any:
    if isinstance(expr, (Idx, Indexed, Symbol)) or not expr.args:
        return expr
    for definition, pattern, folded in rules:
        if expr.func == pattern.func:
            letters = match(pattern, expr, definition.indices)
            if letters is not None and all(_may_be(v, i) for i, v in letters.items()):
                return rename(folded, letters)
    if isinstance(expr, Sum):
        return Sum(_fold(expr.function, rules), *expr.limits)
    return expr.func(*(_fold(a, rules) for a in expr.args))
