"""Contraction of Kronecker deltas: Σ_m X[s,m] δ_mj = X[s,j], knowing what an index runs over.

A delta fixes a summed index if the index can be solved for: δ(t+k,u) says k = u − t. Where that
value may lie outside the range of the sum, a bracket says so: [0 ≤ u−t] [u−t ≤ K−1]. A delta
between two letters of one axis needs none, so nothing like a Piecewise appears.
"""

from collections.abc import Iterable
from typing import Any

from sympy import Add, Idx, Indexed, Integer, KroneckerDelta, Mul, Pow, Sum, Symbol

from gradcheck.derivations.calculus.ranges import solved_for, surely_at_most
from gradcheck.derivations.calculus.terms import Bracket, free_indices, plain
from gradcheck.derivations.calculus.written import (
    factors_of,
    product,
    rebuilt,
    renamed,
    summed,
    terms_of,
    total,
)

Limits = tuple[Any, ...]


def contract(expr: Any, avoid: Iterable[Any] = ()) -> Any:
    """The same expression with every contractible delta contracted, as SymPy evaluates it.

    A delta that stays, δ_ni, lets the other factors be written with either letter; those of
    `avoid` are replaced, so that a Jacobian is written with the letters of its output.
    """
    result = plain(contract_in_order(expr, avoid))
    powers = {p: p.base for p in result.atoms(Pow) if isinstance(p.base, Bracket)}
    return result.xreplace(powers)  # [a]² is [a]; SymPy knows that of deltas alone


def contract_in_order(expr: Any, avoid: Iterable[Any] = ()) -> Any:
    """The same expression with deltas contracted and its factors and terms left in their order."""
    return _contract(expr, frozenset(avoid))


def collect(expr: Any) -> Any:
    """Common factors of a sum of products pulled out: δ a b - δ a c = δ a (b - c)."""
    if not isinstance(expr, Add):
        return expr
    products = [list(Mul.make_args(term)) for term in expr.args]
    common = [f for f in products[0] if all(f in p for p in products) and not f.is_Number]
    for factors in products:
        for factor in common:
            factors.remove(factor)
    return Mul(*common, Add(*(Mul(*p) for p in products))) if common else expr


def _contract(expr: Any, avoid: frozenset[Any]) -> Any:
    if isinstance(expr, (Idx, Indexed, Symbol, KroneckerDelta, Bracket)) or not expr.args:
        return expr
    if isinstance(expr, Sum):
        return _sum(_contract(expr.function, avoid), expr.limits, avoid)
    args = [_contract(a, avoid) for a in expr.args]
    if isinstance(expr, Mul):
        return _product(args, avoid)
    return rebuilt(expr, args)


def _sum(body: Any, limits: Limits, avoid: frozenset[Any]) -> Any:
    """Σ over some limits, innermost first, of an expression that is contracted already."""
    indices = {index for index, *_ in limits}
    if isinstance(body, Add) and any(_has_delta(body, i) for i in indices):
        return total(*(_sum(term, limits, avoid) for term in terms_of(body)))
    if isinstance(body, Sum):
        return _sum(body.function, (*body.limits, *limits), avoid)
    factors = list(factors_of(body))
    for at, (index, low, high) in enumerate(limits):
        outer = limits[at + 1 :]
        inner_bounds = [b for _, *bounds in limits[:at] for b in bounds]
        if any(index in free_indices(b) for b in inner_bounds):
            continue  # the ranges of inner sums depend on it
        for k, factor in enumerate(factors):
            value = _solve(factor, index)
            if value is not None:
                inside = _inside(index, value, low, high)
                rest = [renamed(f, {index: value}) for f in factors[:k] + factors[k + 1 :]]
                once = product(*(_contract(f, avoid) for f in rest), *inside)
                return _sum(_product([once], avoid), limits[:at] + outer, avoid)
    for k, factor in enumerate(factors):
        if isinstance(factor, Add) and any(_has_delta(factor, i) for i in indices):
            parts = [product(*factors[:k], t, *factors[k + 1 :]) for t in terms_of(factor)]
            return total(*(_sum(part, limits, avoid) for part in parts))
    return _left_over(factors, limits, avoid)


def _left_over(factors: list[Any], limits: Limits, avoid: frozenset[Any]) -> Any:
    """A sum in which no delta is left to contract: what is constant goes in front."""
    for at, (index, low, high) in enumerate(limits):
        whole_axis = (low, high) == (index.lower, index.upper)
        bounds = [b for _, *ends in limits[:at] for b in ends]
        if whole_axis and not any(index in free_indices(e) for e in [*factors, *bounds]):
            # the length of a part of an axis may be negative, where the sum is 0
            length = high - low + 1
            return _sum(product(length, *factors), limits[:at] + limits[at + 1 :], avoid)
    if not limits:
        return _product(factors, avoid)
    indices = {index for index, *_ in limits}
    outside = [f for f in factors if not indices & {*free_indices(f)}]
    inside = [f for f in factors if indices & {*free_indices(f)}]
    if not inside:
        outside, inside = [], factors
    return _product([*outside, summed(product(*inside), limits)], avoid)


def _solve(factor: Any, index: Any) -> Any:
    """What the index must equal for this factor not to vanish, if it is a delta that says so."""
    if not isinstance(factor, KroneckerDelta) or index not in free_indices(factor):
        return None
    if index not in factor.args:
        left, right = factor.args
        return solved_for(left, right, index)
    (other, *_) = [a for a in factor.args if a != index] or [index]
    return None if index in free_indices(other) else other


def _inside(index: Any, value: Any, low: Any, high: Any) -> list[Any]:
    """Brackets that say that a value lies in the range of a sum, where that is not certain."""
    whole_axis = (low, high) == (index.lower, index.upper)
    if whole_axis and (isinstance(value, Indexed) or _same_axis(value, index)):
        return []  # an integer entry points into the axis
    if surely_at_most(value + 1, low) or surely_at_most(high + 1, value):
        return [Integer(0)]
    pairs = [(low, value), (value, high)]
    return [Bracket(a, b) for a, b in pairs if not surely_at_most(a, b)]


def _same_axis(a: Any, b: Any) -> bool:
    both = isinstance(a, Idx) and isinstance(b, Idx)
    return both and (a.lower, a.upper) == (b.lower, b.upper)


def _has_delta(body: Any, index: Any) -> bool:
    """Whether some product in a sum of products has a delta that fixes the index."""
    return any(
        _solve(factor, index) is not None or (isinstance(factor, Add) and _has_delta(factor, index))
        for term in terms_of(body)
        for factor in factors_of(term)
    )


def _product(factors: list[Any], avoid: frozenset[Any]) -> Any:
    """A product in which each remaining delta has renamed the letters to be avoided.

    A delta with an integer entry, δ(y[i],k), lets the others be read at k instead of y[i].
    """
    factors = list(factors_of(product(*factors)))
    for k in range(len(factors)):
        delta = factors[k]
        old, new = _replaced(delta, avoid) if isinstance(delta, KroneckerDelta) else (None, None)
        if old is not None:
            factors = [f if f is delta else renamed(f, {old: new}) for f in factors]
    return product(*factors)


def _replaced(delta: Any, avoid: frozenset[Any]) -> tuple[Any, Any]:
    """Which subscript a delta lets one replace by which other; None for none."""
    left, right = delta.args
    if isinstance(left, Indexed) and isinstance(right, Idx):
        return left, right
    if isinstance(right, Indexed) and isinstance(left, Idx):
        return right, left
    old, new = (left, right) if left in avoid else (right, left)
    return (old, new) if old in avoid and _same_axis(old, new) else (None, None)
