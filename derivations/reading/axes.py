"""Axes: where indices are used, what links them, and the indices that they become."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Dummy, Idx

from gradcheck.derivations.reading import bound, tree
from gradcheck.derivations.reading.bound import Equation, Letter, Subscript

Slot = tuple[str, int]  # a tensor and one of its axes


@dataclass(frozen=True)
class Use:
    """A subscript that stands in a slot of a tensor."""

    slot: Slot
    read: bound.Read
    subscript: Subscript
    equation: Equation
    defines: bool  # whether it is the left side of a definition

    @property
    def window(self) -> bool:
        """Whether it moves a letter that runs over its whole axis: t + k, but not t, 0."""
        letters = self.subscript.letters
        return self.subscript.letter is None and not all(x.partial for x in letters)


@dataclass(frozen=True)
class Axes:
    """The lengths of all slots, and the indices that letters and slots have become."""

    lengths: Mapping[Slot, Any]
    values: Mapping[str, Any]  # of integer tensors: the length of the axis they point into
    letters: Mapping[Letter, Any]
    sizes: Mapping[bound.Length, Any]

    def replaced(self, expr: Any) -> Any:
        """An index expression with indices and lengths for its placeholders."""
        new = {letter.symbol: index for letter, index in self.letters.items()}
        new |= {length.symbol: value for length, value in self.sizes.items()}
        return expr.xreplace(new)


def index_over(name: str, length: Any) -> Any:
    """An index with this letter over an axis of this length, counted from 0."""
    return Idx(name, (0, length - 1))


def uses(equation: Equation) -> Iterator[Use]:
    """Every subscript of an equation with the slot it stands in."""
    for k, side in enumerate(equation.sides):
        for node in bound.nodes(side):
            if isinstance(node, bound.Read):
                for place, subscript in enumerate(node.subscripts):
                    slot = (node.name, place)
                    yield Use(slot, node, subscript, equation, k == 0 and node is side)


def links(equation: Equation) -> Iterator[tuple[Any, Any, tree.Node]]:
    """Pairs of letters, or integer tensors, that must mean one axis because they are compared."""
    for side in equation.sides:
        for node in bound.nodes(side):
            if isinstance(node, bound.Compared):
                yield from _pairs(_anchor(node.left), _anchor(node.right), node)
    for letter in equation.letters:
        for limit in (letter.low, letter.high):
            if limit is not None:
                yield from _pairs(letter, _anchor(limit), limit)


def _pairs(a: Any, b: Any, node: tree.Node) -> Iterator[tuple[Any, Any, tree.Node]]:
    if a is not None and b is not None:
        yield a, b, node


def _anchor(subscript: Subscript) -> Any:
    return subscript.entry.name if subscript.entry is not None else subscript.anchor


def size_name(letter: str, taken: set[str]) -> str:
    """The name of the size of an axis with this letter: M for m, N_m if M is taken."""
    upper = letter.upper()
    if upper not in taken and upper != letter:
        return upper
    name = f"N_{letter}"
    while name in taken:
        name += "′"
    return name


def at_least_zero(expr: Any) -> bool:
    """Whether an expression in sizes is certainly not negative: sizes are at least 1."""
    shifted = {
        s: 1 + Dummy(str(s), integer=True, nonnegative=True)
        for s in expr.free_symbols
        if s.is_positive
    }
    return bool(expr.xreplace(shifted).expand().is_nonnegative)
