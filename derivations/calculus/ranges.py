"""What is known of index expressions for all sizes: at least 1 each, and a padding at least 0."""

from typing import Any

from sympy import Idx, Indexed, Integer, Symbol, expand

from gradcheck.derivations.calculus.terms import free_indices


def surely_at_most(low: Any, high: Any) -> bool:
    """Whether low <= high for all sizes and all values of the indices, as far as one can see.

    An index is replaced by the end of its range that makes high − low smallest.
    """
    gap = expand(high - low)
    if gap.has(Indexed):
        return False
    while indices := [i for i in free_indices(gap) if gap.diff(i).is_number]:
        (index, *_) = indices
        end = index.lower if gap.diff(index) > 0 else index.upper
        gap = expand(gap.subs(index, end))
    if gap.has(Idx):
        return False
    sizes = sorted(gap.free_symbols, key=str)
    from_one = {s: s + 1 for s in sizes if s.is_positive}
    beyond = expand(gap.subs(from_one, simultaneous=True))
    return all(c.is_nonnegative for c in beyond.as_coefficients_dict().values()) and all(
        isinstance(f, Symbol) or f.is_Number
        for term in beyond.as_ordered_terms()
        for f in term.as_ordered_factors()
    )


def surely_inside(subscript: Any, own: Any) -> bool:
    """Whether a subscript stays in the range of an index: H + m in an axis of length 4 H."""
    return surely_at_most(own.lower, subscript) and surely_at_most(subscript, own.upper)


def solved_for(left: Any, right: Any, index: Any) -> Any:
    """What the index is if left = right, or None: only coefficients 1 and −1 are solved for."""
    gap = expand(left - right)
    if any(index in free_indices(e) for e in gap.atoms(Indexed)):
        return None
    slope = gap.diff(index)
    if slope == 1:
        return expand(index - gap)
    return expand(index + gap) if slope == Integer(-1) else None
