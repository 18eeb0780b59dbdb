"""Contraction of Kronecker deltas: Σ_m X[s,m] δ_mj = X[s,j], knowing what an index runs over.

Both letters of a delta run over the whole of one axis, so the sum meets the one value where they
are equal; SymPy's `doit` does not know that and answers with a Piecewise. A delta with an offset,
or under a sum over part of an axis, is left in its sum, which is still exact.
"""

from collections.abc import Iterable
from typing import Any

from sympy import Add, Idx, Indexed, Integer, KroneckerDelta, Mul, Sum, Symbol

from gradcheck.derivations.calculus.terms import Bracket, free_indices, rename


def contract(expr: Any, avoid: Iterable[Any] = ()) -> Any:
    """The same expression with every contractible delta contracted.

    A delta that stays, δ_ni, lets the other factors be written with either letter; those of
    `avoid` are replaced, so that a Jacobian is written with the letters of its output.
    """
    return _contract(expr, frozenset(avoid))


def collect(expr: Any) -> Any:
    """Common factors of a sum of products pulled out: δ a b - δ a c = δ a (b - c)."""
    if not isinstance(expr, Add):
        return expr
    products = [list(Mul.make_args(term)) for term in expr.args]
    common = [f for f in products[0] if all(f in p for p in products) and not f.is_Number]
    for product in products:
        for factor in common:
            product.remove(factor)
    return Mul(*common, Add(*(Mul(*p) for p in products))) if common else expr


def _contract(expr: Any, avoid: frozenset[Any]) -> Any:
    if isinstance(expr, (Idx, Indexed, Symbol, KroneckerDelta, Bracket)) or not expr.args:
        return expr
    if isinstance(expr, Sum):
        body = _contract(expr.function, avoid)
        for limits in expr.limits:
            body = _sum(body, limits, avoid)
        return body
    args = [_contract(a, avoid) for a in expr.args]
    if isinstance(expr, Mul):
        return _product(args, avoid)
    return expr if args == list(expr.args) else expr.func(*args)


def _sum(body: Any, limits: Any, avoid: frozenset[Any]) -> Any:
    """Σ over one index of an expression that is contracted already."""
    index, lower, upper = limits
    whole_axis = (lower, upper) == (index.lower, index.upper)
    if index not in free_indices(body):
        # the length of a part of an axis may be negative, where the sum is 0
        return body * (upper - lower + 1) if whole_axis else Sum(body, limits)
    if isinstance(body, Add) and _has_delta(body, index):
        return Add(*(_sum(term, limits, avoid) for term in body.args))
    factors = Mul.make_args(body)
    outside = [f for f in factors if index not in free_indices(f)]
    inside = [f for f in factors if index in free_indices(f)]
    if outside:
        return _product([*outside, _sum(Mul(*inside), limits, avoid)], avoid)
    if whole_axis:
        for k, factor in enumerate(inside):
            rest = inside[:k] + inside[k + 1 :]
            value = _solve(factor, index)
            if value is not None:
                return _contract(rename(Mul(*rest), {index: value}), avoid)
            if isinstance(factor, Add) and _has_delta(factor, index):
                terms = (_sum(Mul(*rest, term), limits, avoid) for term in factor.args)
                return Add(*terms)
    return Sum(Mul(*inside), limits)


def _solve(factor: Any, index: Any) -> Any:
    """What the index must equal for this factor not to vanish, if it is a delta that says so."""
    if not isinstance(factor, KroneckerDelta) or index not in factor.args:
        return None
    (other,) = [a for a in factor.args if a != index]
    if isinstance(other, Indexed):
        return other if index not in free_indices(other) else None
    return other if _same_axis(other, index) else None


def _same_axis(a: Any, b: Any) -> bool:
    both = isinstance(a, Idx) and isinstance(b, Idx)
    return both and (a.lower, a.upper) == (b.lower, b.upper)


def _has_delta(body: Any, index: Any) -> bool:
    """Whether some product in a sum of products has a delta that fixes the index."""
    return any(
        _solve(factor, index) is not None or (isinstance(factor, Add) and _has_delta(factor, index))
        for term in Add.make_args(body)
        for factor in Mul.make_args(term)
    )


def _product(factors: list[Any], avoid: frozenset[Any]) -> Any:
    """A product in which each remaining delta has renamed the letters to be avoided."""
    factors = list(Mul.make_args(Mul(*factors)))
    for k, delta in enumerate(factors):
        if isinstance(delta, KroneckerDelta):
            old, new = delta.args if delta.args[0] in avoid else delta.args[::-1]
            if old in avoid and _same_axis(old, new):
                rest = [rename(f, {old: new}) for f in factors[:k] + factors[k + 1 :]]
                factors = [*rest[:k], delta, *rest[k:]]
    return Mul(*factors) if factors else Integer(1)
