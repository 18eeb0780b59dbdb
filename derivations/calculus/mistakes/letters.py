"""Edits of letters: on a delta, on an entry, throughout; offsets; the name of a tensor."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from sympy import Add, Idx, Indexed, KroneckerDelta, Mul, Sum, Symbol

from gradcheck.derivations.calculus.mistakes.edits import (
    Edit,
    Place,
    Problem,
    letters_of,
    rebuilt,
    relettered,
    same_range,
    summed,
)
from gradcheck.derivations.calculus.terms import Bracket, entry_of, indices_of, name_of


def letter_edits(problem: Problem) -> Iterator[Edit]:
    """All edits of letters and names, at every place."""
    yield from _throughout(problem)
    for place in problem.places:
        node = place.node
        if isinstance(node, KroneckerDelta):
            yield from _on_delta(problem, place)
        elif isinstance(node, Bracket):
            yield from _on_bracket(problem, place)
        elif isinstance(node, Indexed):
            yield from _on_entry(problem, place)
        if isinstance(node, (Indexed, Symbol)) and not isinstance(node, Idx):
            yield from _other_tensor(problem, place)


def subscripts(subscript: Any, letters: tuple[Any, ...], own: Any = None) -> Iterator[Any]:
    """The subscript with one letter replaced by another of the axis it lies on."""
    if isinstance(subscript, Idx):
        axis = own if own is not None else subscript
        yield from (i for i in letters if i != subscript and same_range(i, axis))
        return
    if own is not None and not letters_of(subscript):
        yield from (i for i in letters if same_range(i, own))
    for old in sorted(letters_of(subscript), key=str):
        for new in letters:
            if new != old and same_range(new, old):
                yield relettered(subscript, {old: new})


def shifted(subscript: Any) -> Iterator[Any]:
    """The subscript one step earlier or later, without its offset, with other signs in it."""
    yield from (subscript + 1, subscript - 1)
    if isinstance(subscript, Add):
        for k, term in enumerate(subscript.args):
            others = [*subscript.args[:k], *subscript.args[k + 1 :]]
            yield Add(*others, -term)
            yield Add(*others)
            if isinstance(term, Mul):  # a stride
                yield from (Add(*others, *(f for f in term.args if letters_of(f))),)


def _on_delta(problem: Problem, place: Place) -> Iterator[Edit]:
    node, letters = place.node, problem.in_scope(place)
    for k, arg in reversed([*enumerate(node.args)]):
        other = node.args[1 - k]
        changed = [(1.0, "delta-index", s) for s in subscripts(arg, letters)]
        if not isinstance(arg, Idx) or not isinstance(other, Idx):
            changed += [(1.4, "off-by-one", s) for s in shifted(arg)]
        for cost, code, new in changed:
            if new != other:
                yield _at(place, cost, code, k, new)


def _on_bracket(problem: Problem, place: Place) -> Iterator[Edit]:
    low, high = place.node.args
    exchanged = Bracket(high, low)
    yield Edit(1.1, "bracket", place.path, exchanged, place.node, exchanged)
    yield _at(place, 1.2, "off-by-one", 0, low + 1)
    yield _at(place, 1.2, "off-by-one", 0, low - 1)
    for k, arg in enumerate(place.node.args):
        for new in subscripts(arg, problem.in_scope(place)):
            yield _at(place, 1.1, "bracket", k, new)


def _on_entry(problem: Problem, place: Place) -> Iterator[Edit]:
    node, letters = place.node, problem.in_scope(place)
    axes = problem.axes_of(name_of(node))
    own = axes if len(axes) == len(node.indices) else (None,) * len(node.indices)
    for k, (subscript, axis) in enumerate(zip(node.indices, own, strict=True)):
        for new in subscripts(subscript, letters, axis):
            yield _at(place, 1.0, "entry-index", k + 1, new)
        if _has_offsets(problem, name_of(node), subscript):
            for new in shifted(subscript):
                yield _at(place, 1.2, "off-by-one", k + 1, new)
    for a, b in combinations(range(len(node.indices)), 2):
        new = _exchanged(node, own, a, b)
        if new is not None and new != node:
            yield Edit(1.0, "transposed-entry", place.path, new, node, new)


def _at(place: Place, cost: float, code: str, k: int, new: Any) -> Edit:
    args = list(place.node.args)
    args[k] = new
    node = rebuilt(place.node, args)
    return Edit(cost, code, place.path, node, place.node, node)


def _exchanged(node: Any, own: tuple[Any, ...], a: int, b: int) -> Any:
    """The entry with two subscripts exchanged, if both then lie on the right axes."""
    indices = list(node.indices)
    indices[a], indices[b] = indices[b], indices[a]
    for k in (a, b):
        if (
            own[k] is not None
            and isinstance(indices[k], Idx)
            and not same_range(indices[k], own[k])
        ):
            return None
    return node.func(node.base, *indices)


def _has_offsets(problem: Problem, name: str, subscript: Any) -> bool:
    """Whether a shift by one is a mistake that can be made here: in recursions and windows."""
    if name in problem.setting.padded or not isinstance(subscript, (Idx, Indexed)):
        return True
    return any(same_range(subscript, t) for t in problem.shifted if isinstance(subscript, Idx))


def _other_tensor(problem: Problem, place: Place) -> Iterator[Edit]:
    """Another tensor with the same axes: dY for Y, the activation for the pre-activation."""
    node, setting = place.node, problem.setting
    name, taken = name_of(node), indices_of(node)
    axes = setting.indices.get(name)
    if axes is None or len(axes) != len(taken) or name in setting.integer:
        return
    for other, indices in setting.indices.items():
        arranged = None if other == name else _arranged(axes, taken, indices)
        derived = other.startswith("d") and other[1:] in setting.given
        if arranged is not None and other not in setting.integer and not derived:
            new = entry_of(other, arranged)
            unlike = name.startswith("d") != other.startswith("d")
            cost = 1.65 + 0.3 * (unlike or place.fixed)
            yield Edit(cost, "tensor", place.path, new, node, new)


def _arranged(axes: Any, taken: Any, wanted: Any) -> tuple[Any, ...] | None:
    """Subscripts of an entry in the order of another tensor's axes; None if they do not fit."""
    left = list(zip(axes, taken, strict=True))
    result = []
    for own in wanted:
        pair = next((p for p in left if same_range(p[0], own)), None)
        if pair is None:
            return None
        left.remove(pair)
        result.append(pair[1])
    return None if left else tuple(result)


def _throughout(problem: Problem) -> Iterator[Edit]:
    """Two letters exchanged, or one replaced by another, in the whole of an expression."""
    wrong = problem.wrong
    free = sorted(letters_of(wrong), key=str)
    for a, b in combinations(free, 2):
        if same_range(a, b):
            yield Edit(1.5, "exchanged-letters", (), relettered(wrong, {a: b, b: a}), a, b)
    for a in free:
        for b in problem.letters:
            if a != b and same_range(a, b):
                yield Edit(1.5, "letter", (), relettered(wrong, {a: b}), a, b)
    for place in problem.places:
        if isinstance(place.node, Sum):
            yield from _across_a_sum(place)


def _across_a_sum(place: Place) -> Iterator[Edit]:
    """A summed letter exchanged with one that is not summed over."""
    total = place.node
    inside = letters_of(total.function)
    for index, *_ in total.limits:
        for other in sorted(inside, key=str):
            if other != index and index in inside and same_range(other, index):
                body = relettered(total.function, {index: other, other: index})
                new = summed(body, total.limits)
                yield Edit(1.5, "exchanged-letters", place.path, new, index, other)
