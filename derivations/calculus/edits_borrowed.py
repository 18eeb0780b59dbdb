"""Factors and terms that are missing, or stand where another should: borrowed from what is true.

A missing activation derivative or a missing path cannot be guessed from the wrong side. They are
looked for in the left side, in its derivative, and in the definitions that it mentions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Any

from sympy import Add, Function, Idx, KroneckerDelta, Mul, Sum

from gradcheck.derivations.calculus.edits import (
    Edit,
    Place,
    Problem,
    letters_of,
    negated,
    places,
    product_of,
    relettered,
    same_range,
    sum_of,
    times,
)
from gradcheck.derivations.calculus.edits_products import is_constant
from gradcheck.derivations.calculus.terms import D, name_of, tensors_in

WAYS = 12  # of giving new letters to a borrowed part, at most


@dataclass(frozen=True)
class Borrowed:
    """Parts of expressions that are right: factors of products, and terms of sums."""

    factors: tuple[Any, ...]
    terms: tuple[Any, ...]


def borrowed_edits(problem: Problem) -> Iterator[Edit]:
    """Borrowed factors and terms put in at every place where they fit."""
    found = borrowed(problem)
    for place in problem.places:
        if place.fixed:
            continue
        if place.multiplies and (not place.path or not is_constant(place.node)):
            yield from _missing_delta(problem, place)
            yield from _missing_factor(problem, place, found)
        if not isinstance(place.node, Idx):
            yield from _missing_term(problem, place, found)
            yield from _replaced(problem, place, found)


def borrowed(problem: Problem) -> Borrowed:
    """The parts that can be borrowed, the left side's own first."""
    trees = [problem.truth, problem.left]
    mentioned = tensors_in(problem.left) | tensors_in(problem.wrong)
    mentioned -= {name_of(problem.left.by)} if isinstance(problem.left, D) else set()
    trees += [d.rhs for n, d in problem.setting.definitions.items() if n in mentioned]
    factors: dict[Any, None] = {}
    if isinstance(problem.left, D) and isinstance(problem.left.of, Function):
        factors.setdefault(D(problem.left.of.args[0], problem.left.by))  # of what is inside
    terms: dict[Any, None] = {}
    for place in (p for tree in trees for p in places(tree)):
        node, parent = place.node, place.parent
        if place.fixed or node.is_Number or _begs(problem, node):
            continue
        if isinstance(node, Mul):
            deltas = [f for f in node.args if isinstance(f, KroneckerDelta)]
            factors.setdefault(product_of(deltas))
            continue
        if isinstance(parent, Mul) or place.multiplies:
            factors.setdefault(node)
        if isinstance(node, Function) and not isinstance(node, KroneckerDelta):
            factors.setdefault(node)
    for node, parent in ((p.node, p.parent) for tree in trees for p in places(tree)):
        if isinstance(parent, Add) and not node.has(D):
            terms.setdefault(node)
    return Borrowed(tuple(f for f in factors if not is_constant(f)), tuple(terms))


def _begs(problem: Problem, node: Any) -> bool:
    """Whether a part says no more than the left side does: ∂Y/∂X = ∂Y/∂X."""
    left = problem.left
    if isinstance(left, D) and isinstance(node, D):
        return bool(node.by == left.by and node.of.func == left.of.func)
    return bool(node == left)


def _missing_delta(problem: Problem, place: Place) -> Iterator[Edit]:
    for a, b in combinations(problem.in_scope(place), 2):
        inside = not isinstance(place.parent, Sum) or {a, b} & {*place.bound}
        inside = inside and not isinstance(place.parent, Function)
        if inside and same_range(a, b):
            factor = KroneckerDelta(a, b, evaluate=False)
            new = times(place.node, factor, last=True)
            yield Edit(1.7, "missing-factor", place.path, new, None, factor)


def _missing_factor(problem: Problem, place: Place, found: Borrowed) -> Iterator[Edit]:
    for part in found.factors:
        for extra, factor in _lettered(part, problem, place):
            if isinstance(place.parent, Sum) and not letters_of(factor) & {*place.bound}:
                continue  # the same as before the sum
            if isinstance(place.parent, Function) and factor.has(KroneckerDelta):
                continue
            new = times(place.node, factor, last=True)
            yield Edit(1.7 + extra, "missing-factor", place.path, new, None, factor)


def _missing_term(problem: Problem, place: Place, found: Borrowed) -> Iterator[Edit]:
    if isinstance(place.node, Add) or not isinstance(place.parent, Add):
        for part in found.terms:
            for extra, term in _lettered(part, problem, place):
                for cost, signed in ((1.8, term), (2.1, negated(term))):
                    new = sum_of([place.node, signed])
                    yield Edit(cost + extra, "missing-term", place.path, new, None, signed)


def _replaced(problem: Problem, place: Place, found: Borrowed) -> Iterator[Edit]:
    """One factor or term in the place of another, but not all of the right side."""
    node = place.node
    if not place.path:
        return
    kinds = [("wrong-term", found.terms)] if isinstance(place.parent, Add) else []
    if not isinstance(node, (Mul, Sum)):
        kinds.append(("wrong-factor", found.factors))
    large = 0.2 * bool(letters_of(node) and isinstance(node, (Add, Mul)))
    for code, parts in kinds:
        for part in parts:
            for extra, new in _lettered(part, problem, place):
                if new != node:
                    yield Edit(2.4 + large + extra, code, place.path, new, node, new)


def _lettered(part: Any, problem: Problem, place: Place) -> Iterator[tuple[float, Any]]:
    """The part as it stands, if its letters are in scope, and with others that are."""
    scope = problem.in_scope(place)
    letters = sorted(letters_of(part), key=str)
    if all(i in scope for i in letters):
        yield 0.0, part
    options = [[i for i in scope if same_range(i, letter)] for letter in letters]
    choices = (c for c in product(*options) if list(c) != letters)
    for choice in islice(choices, WAYS):
        yield 0.3, relettered(part, dict(zip(letters, choice, strict=True)))
