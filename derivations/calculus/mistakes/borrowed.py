"""Factors and terms that are missing, or stand where another should: borrowed from what is true.

A missing activation derivative or a missing path cannot be guessed from the wrong side. They are
looked for in the left side, in its derivative, and in the definitions that it mentions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Any

from sympy import Add, Function, Idx, Indexed, KroneckerDelta, Mul, Sum, Symbol

from gradcheck.derivations.calculus.fold import unfoldings
from gradcheck.derivations.calculus.mistakes.edits import (
    Edit,
    Place,
    Problem,
    letters_of,
    negated,
    places,
    product_of,
    rebuilt,
    relettered,
    same_range,
    sum_of,
    times,
)
from gradcheck.derivations.calculus.mistakes.products import is_constant
from gradcheck.derivations.calculus.terms import (
    D,
    indices_of,
    name_of,
    plain,
    rename,
    tensors_in,
)

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
    trees = [*problem.sources]
    mentioned = tensors_in(problem.left) | tensors_in(problem.wrong)
    mentioned -= {name_of(problem.left.by)} if isinstance(problem.left, D) else set()
    trees += [d.rhs for n, d in problem.setting.definitions.items() if n in mentioned]
    factors: dict[Any, None] = {}
    if isinstance(problem.left, D):
        factors |= dict.fromkeys(_inner_derivatives(problem, problem.left))
    terms: dict[Any, None] = {}
    for place in (p for tree in trees for p in places(tree)):
        node, parent = place.node, place.parent
        if place.fixed or node.is_Number or _begs(problem, node):
            continue
        if isinstance(node, Mul):
            deltas = [f for f in node.args if isinstance(f, KroneckerDelta)]
            order = problem.known_letters
            deltas.sort(key=lambda d: min((order.index(i) for i in letters_of(d)), default=0))
            factors.setdefault(product_of(deltas))
            continue
        if isinstance(parent, Mul) or place.multiplies:
            factors.setdefault(node)
        if isinstance(node, Function) and not isinstance(node, KroneckerDelta):
            factors.setdefault(node)
    for node, parent in ((p.node, p.parent) for tree in trees for p in places(tree)):
        if isinstance(parent, Add) and not node.has(D):
            terms.setdefault(node)
    factors |= dict.fromkeys(_slopes(problem))
    entries = (f for f in factors if isinstance(f, (Indexed, Symbol)))
    terms |= dict.fromkeys(entries)  # a direct path is a cotangent alone
    known = [_oriented(f, problem) for f in factors if not is_constant(f)]
    return Borrowed(tuple(dict.fromkeys(known)), tuple(_oriented(t, problem) for t in terms))


def _slopes(problem: Problem) -> Iterator[Any]:
    """Derivatives of the functions in definitions, written with what they define: 1 − Y²."""
    for definition in problem.setting.definitions.values():
        own = dict(unfoldings(definition))
        for call in plain(definition.rhs).atoms(Function) - definition.rhs.atoms(KroneckerDelta):
            if len(call.args) == 1:
                yield rename(call.fdiff(1), own)


def _oriented(part: Any, problem: Problem) -> Any:
    """The part with the letters of its deltas in the order of the formula, not of the alphabet."""
    if isinstance(part, KroneckerDelta):
        known = problem.known_letters
        order = sorted(part.args, key=lambda a: known.index(a) if a in known else -1)
        return KroneckerDelta(*order, evaluate=False)
    if not part.has(KroneckerDelta):
        return part
    return rebuilt(part, [_oriented(a, problem) if a.args else a for a in part.args])


def _inner_derivatives(problem: Problem, left: Any) -> Iterator[Any]:
    """∂z/∂W for ∂Y/∂W, if Y is a function of z: what a chain rule goes on with."""
    of, by = left.of, left.by
    definition = problem.setting.definitions.get(name_of(of)) if isinstance(of, Indexed) else None
    if definition is not None:
        letters = dict(zip(definition.indices, indices_of(of), strict=True))
        of = relettered(definition.rhs, letters)
    elif isinstance(of, Function):
        yield D(of.args[0], by)
    for entry in (p.node for p in places(of) if isinstance(p.node, Indexed)):
        name = name_of(entry)
        if entry != left.of and (name == name_of(by) or name in problem.setting.definitions):
            yield D(entry, by)


def _begs(problem: Problem, node: Any) -> bool:
    """Whether a part says no more than the left side does: ∂Y/∂X = ∂Y/∂X."""
    left = problem.left
    if isinstance(left, D) and isinstance(node, D):
        return bool(node.by == left.by and node.of.func == left.of.func)
    return bool(node == left)


def _missing_delta(problem: Problem, place: Place) -> Iterator[Edit]:
    if isinstance(place.parent, Function):
        return
    for a, b in combinations(problem.in_scope(place), 2):
        outside = isinstance(place.parent, Sum) and not {a, b} & {*place.bound}
        if same_range(a, b) and not outside:
            factor = KroneckerDelta(a, b, evaluate=False)
            new = times(place.node, factor, last=True)
            yield Edit(1.7, "missing-factor", place.path, new, None, factor)


def _missing_factor(problem: Problem, place: Place, found: Borrowed) -> Iterator[Edit]:
    for part in found.factors:
        for extra, factor in _lettered(part, problem, place):
            if isinstance(place.parent, Sum) and not letters_of(factor) & {*place.bound}:
                continue  # the same as before the sum
            if isinstance(place.parent, Function) and factor.has(KroneckerDelta, Sum, D):
                continue
            new = times(place.node, factor, last=True)
            extra += 0.1 * (factor.has(D) and not problem.wrong.has(D))
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
                if new != node and not new.has(D):
                    yield Edit(2.4 + large + extra, code, place.path, new, node, new)


def _lettered(part: Any, problem: Problem, place: Place) -> Iterator[tuple[float, Any]]:
    """The part as it stands, if its letters are in scope, and with others that are."""
    scope = problem.in_scope(place)
    letters = sorted(letters_of(part), key=str)
    if all(i in scope for i in letters):
        yield 0.0, part
    steps = [s for s in problem.offsets if letters_of(s) <= {*scope}]
    options = [
        [i for i in scope if same_range(i, letter)]
        + [s for s in steps if any(same_range(i, letter) for i in letters_of(s))]
        for letter in letters
    ]
    choices = (c for c in product(*options) if list(c) != letters)
    for choice in islice(choices, WAYS):
        yield 0.3, relettered(part, dict(zip(letters, choice, strict=True)))
