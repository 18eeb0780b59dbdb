"""What is suspicious about a formula as it is written, before any arithmetic.

Index typing: letters that dangle, are bound twice or for nothing, lie on an axis of another size,
and sums whose bounds belong to another axis. A formula may be right in spite of a remark.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sympy import Idx, Indexed, Sum, Symbol

from gradcheck.derivations.calculus.mistakes.edits import letters_of, places
from gradcheck.derivations.calculus.ranges import surely_inside
from gradcheck.derivations.calculus.terms import Bracket, Setting, free_indices, name_of, size_of

Words = tuple[Any, ...]  # strings and formulas, side by side


@dataclass(frozen=True)
class Remark:
    """Something to look at in a formula.

    code   "dangling", "bound-twice", "unused-index", "bound", "axis" or "rank"
    words  the sentence, as words and formulas
    """

    code: str
    words: Words


def remarks(setting: Setting, left: Any, right: Any) -> tuple[Remark, ...]:
    """Remarks on `left = right`, each once, in the order of the formula."""
    found = [*_dangling(left, right)]
    free = letters_of(left)
    stated = frozenset().union(*(letters_of(b) for b in right.atoms(Bracket)))
    for place in places(right):
        if isinstance(place.node, Sum):
            found += _on_sum(place.node, free, place.bound)
        elif isinstance(place.node, Indexed):
            found += _on_entry(setting, place.node, stated)
    return tuple(dict.fromkeys(found))


def _dangling(left: Any, right: Any) -> Iterator[Remark]:
    allowed = free_indices(left)
    for index in free_indices(right):
        if index not in allowed:
            yield Remark("dangling", (index, " is free on the right side only"))


def _on_sum(total: Any, free: frozenset[Any], bound: tuple[Any, ...]) -> Iterator[Remark]:
    inner: list[Any] = []
    for index, low, high in total.limits:
        if index in (*bound, *inner):
            yield Remark("bound-twice", (index, " is summed over twice, one sum inside the other"))
        elif index in free:
            words = (index, " is summed over, and is a letter of the left side too")
            yield Remark("bound-twice", words)
        if index not in letters_of(total.function):
            words = ("nothing that is summed depends on ", index)
            yield Remark("unused-index", words)
        yield from _on_bounds(index, low, high)
        inner.append(index)


def _on_bounds(index: Any, low: Any, high: Any) -> Iterator[Remark]:
    """A bound with the size of another axis."""
    own = size_of(index).free_symbols
    for bound in (low, high):
        sizes = {s for s in bound.free_symbols if isinstance(s, Symbol) and s.is_positive}
        if not letters_of(bound) and sizes - own:
            runs = (", but its axis has the size ", size_of(index))
            yield Remark("bound", ("the sum over ", index, " has the bound ", bound, *runs))


def _on_entry(setting: Setting, entry: Any, stated: frozenset[Any]) -> Iterator[Remark]:
    """A letter on the wrong axis; one of which a condition says where it lies is not judged."""
    axes = setting.indices.get(name_of(entry))
    if axes is None:
        return
    if len(axes) != len(entry.indices):
        words = (entry, f" has {len(entry.indices)} indices, and {name_of(entry)} {len(axes)} axes")
        yield Remark("rank", words)
        return
    for index, own in zip(entry.indices, axes, strict=True):
        if isinstance(index, Idx) and index not in stated and not surely_inside(index, own):
            sizes = (" lies on an axis of size ", size_of(own), ", and runs over ", size_of(index))
            yield Remark("axis", ("in ", entry, " the letter ", index, *sizes))
