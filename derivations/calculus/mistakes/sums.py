"""Edits of sums: their bounds, a sum too many or too few, what a sum takes in."""

from collections.abc import Iterator
from typing import Any

from sympy import Add, Integer, Mul, Sum

from gradcheck.derivations.calculus.mistakes.edits import (
    Edit,
    Place,
    Problem,
    letters_of,
    over,
    product_of,
    relettered,
    same_range,
    sum_of,
    summed,
)
from gradcheck.derivations.calculus.terms import fresh, plain

MANY = 6  # factors of a product, beyond which a missing Σ is not tried before each of them


def sum_edits(problem: Problem) -> Iterator[Edit]:
    """All edits of sums, at every place."""
    for place in problem.places:
        if isinstance(place.node, Sum):
            for k in range(len(place.node.limits)):
                yield from _bounds(problem, place, k)
                yield from _superfluous(problem, place, k)
                yield from _other_letter(problem, place, k)
            yield from _too_wide(place)
        if isinstance(place.node, Add):
            yield from _too_narrow(place)
        if not place.fixed:
            yield from _missing(problem, place)


def _bounds(problem: Problem, place: Place, k: int) -> Iterator[Edit]:
    index, *bounds = place.node.limits[k]
    low, high = map(plain, bounds)
    others = [i for i in problem.in_scope(place) if i != index and same_range(i, index)]
    lows = [index.lower, low + 1, low - 1, *others, *(i + 1 for i in others)]
    highs = [index.upper, high + 1, high - 1, *others, *(i - 1 for i in others)]
    pairs = [(index.lower, index.upper)]
    pairs += [(new, high) for new in lows] + [(low, new) for new in highs]
    for new in dict.fromkeys(pairs):
        if new != (low, high) and not _leaves(index, *new):
            triangle = letters_of(new[0]) | letters_of(new[1])
            total = _with_limits(place.node, k, (index, *new))
            yield Edit(1.7 if triangle else 1.3, "bound", place.path, total, place.node, total)


def _leaves(index: Any, low: Any, high: Any) -> bool:
    """Whether a range surely goes beyond the axis; SymPy knows no such sum."""
    return bool((low < index.lower) == True or (high > index.upper) == True)  # noqa: E712


def _superfluous(problem: Problem, place: Place, k: int) -> Iterator[Edit]:
    """The sum left out: its letter is free in the left side, or stands for one that is."""
    index, *_ = place.node.limits[k]
    bare = _with_limits(place.node, k)
    scope = problem.in_scope(place)
    unused = index not in letters_of(_with_limits(place.node, k))
    if index in scope or unused:
        yield Edit(1.1 if unused else 1.4, "extra-sum", place.path, bare, index, None)
    for other in scope:
        if other != index and same_range(other, index):
            new = relettered(bare, {index: other})
            yield Edit(1.8, "extra-sum", place.path, new, index, other)


def _other_letter(problem: Problem, place: Place, k: int) -> Iterator[Edit]:
    """Σ over another letter that the body has: one that would dangle otherwise."""
    index, *_ = place.node.limits[k]
    for other in sorted(letters_of(place.node.function) - {index}, key=str):
        if other not in problem.in_scope(place):
            new = _with_limits(place.node, k, (other, other.lower, other.upper))
            yield Edit(1.3, "sum-index", place.path, new, index, other)
    if index not in letters_of(_with_limits(place.node, k)):  # Σ_i a for Σ_m a
        axes = {(i.lower, i.upper): i for i in reversed(problem.known_letters)}
        for other in axes.values():
            if not same_range(other, index):
                new = _with_limits(place.node, k, (other, other.lower, other.upper))
                yield Edit(1.4, "sum-index", place.path, new, index, other)


def _too_wide(place: Place) -> Iterator[Edit]:
    """Σ (a + b) for Σ a + b, where b does not have the letter."""
    body, limits = place.node.function, place.node.limits
    if not isinstance(body, Add):
        return
    bound = {index for index, *_ in limits}
    for k, term in enumerate(body.args):
        if not bound & letters_of(term):
            rest = sum_of([*body.args[:k], *body.args[k + 1 :]])
            new = sum_of([summed(rest, limits), term])
            yield Edit(1.6, "sum-scope", place.path, new, place.node, new)


def _too_narrow(place: Place) -> Iterator[Edit]:
    """Σ a + b for Σ (a + b)."""
    terms = list(place.node.args)
    for k, total in enumerate(terms):
        if isinstance(total, Sum):
            for m, other in enumerate(terms):
                if m != k:
                    body = sum_of([total.function, other])
                    rest = [t for n, t in enumerate(terms) if n not in (k, m)]
                    new = sum_of([summed(body, total.limits), *rest])
                    yield Edit(1.8, "sum-scope", place.path, new, place.node, new)


def _missing(problem: Problem, place: Place) -> Iterator[Edit]:
    """Σ over a letter that dangles, or over one that took the place of a free letter."""
    scope = problem.in_scope(place)
    for letter in sorted(letters_of(place.node), key=str):
        if letter not in scope:
            number, rest = _leading_number(place.node)
            new = product_of([number, over(rest, letter)])
            yield Edit(1.1, "missing-sum", place.path, new, rest, over(rest, letter))
        elif letter in problem.letters and place.node.args and place.multiplies:
            yield from _summed_by_another_letter(problem, place, letter)


def _leading_number(expr: Any) -> tuple[Any, Any]:
    """A product as its leading number and the rest: −2 a is −2 and a."""
    if isinstance(expr, Mul) and expr.args[0].is_Number:
        return expr.args[0], product_of([*expr.args[1:]])
    return Integer(1), expr


def _summed_by_another_letter(problem: Problem, place: Place, letter: Any) -> Iterator[Edit]:
    """What follows in a product summed, with a letter of its own: a_i b_i c_i, a_i Σ_k b_k c_k."""
    taken = {*problem.in_scope(place), *letters_of(place.node)}
    spare = (i for i in problem.known_letters if same_range(i, letter) and i not in taken)
    new_letter = next(spare, None) or fresh(letter, taken)
    factors = list(place.node.args) if isinstance(place.node, Mul) else [place.node]
    signs = sum(f.is_Number for f in factors)
    for k in range(signs, min(len(factors), MANY)):
        rest = product_of(factors[k:])
        if letter in letters_of(rest):
            total = over(relettered(rest, {letter: new_letter}), new_letter)
            new = product_of([*factors[:k], total])
            yield Edit(1.9, "missing-sum", place.path, new, rest, total)


def _with_limits(total: Any, k: int, limit: Any = None) -> Any:
    """A sum with one of its limits replaced, or left out if none is given."""
    kept = [*total.limits[:k], *([limit] if limit else []), *total.limits[k + 1 :]]
    return summed(total.function, kept) if kept else total.function
