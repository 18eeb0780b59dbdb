"""Formulas whose names are understood: letters belong to a sum or a left side, entries to tensors.

Index expressions are SymPy expressions in placeholder symbols, one for each letter and one for
the length of its axis, because what a letter runs over is not known yet. Nodes of arithmetic
are those of tree.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from sympy import Dummy

from gradcheck.derivations.reading import tree
from gradcheck.derivations.reading.errors import Span


@dataclass(eq=False)
class Letter:
    """An index of one formula: free in it, or bound by one sum.

    low, high  the range a sum states, as index expressions; None for the whole axis
    """

    name: str
    at: Span
    low: Any = None
    high: Any = None
    used: bool = False
    symbol: Any = field(init=False)

    def __post_init__(self) -> None:
        self.symbol = Dummy(self.name, integer=True, nonnegative=True)

    @property
    def partial(self) -> bool:
        """Whether it runs over a stated part of its axis."""
        return self.high is not None


@dataclass(eq=False)
class Length:
    """size(m): the length of the axis of a letter, told by its name."""

    at: Span
    letter: str
    of: tuple[Letter, ...] = ()
    symbol: Any = field(init=False)

    def __post_init__(self) -> None:
        self.symbol = Dummy(f"|{self.letter}|", integer=True, positive=True)


@dataclass(frozen=True)
class Subscript(tree.Node):
    """An index expression: affine in letters, or an entry of an integer tensor."""

    expr: Any
    letters: tuple[Letter, ...]
    entry: "Read | None" = None

    @property
    def letter(self) -> Letter | None:
        """The letter that it is, if it is nothing else."""
        one = len(self.letters) == 1 and self.letters[0].symbol == self.expr
        return self.letters[0] if one else None

    @property
    def anchor(self) -> Letter | None:
        """The letter that it differs from by a number or a size: t in t - 1."""
        if len(self.letters) != 1 or self.expr.coeff(self.letters[0].symbol) != 1:
            return None
        return self.letters[0]


@dataclass(frozen=True)
class Read(tree.Node):
    """An entry of a tensor; a scalar has no subscripts."""

    name: str
    subscripts: tuple[Subscript, ...]


@dataclass(frozen=True)
class Sum(tree.Node):
    body: tree.Node
    letters: tuple[Letter, ...]
    mean: bool


@dataclass(frozen=True)
class Compared(tree.Node):
    sign: str
    left: Subscript
    right: Subscript


@dataclass(frozen=True)
class Lengthy(tree.Node):
    """A length used as a number."""

    length: Length


@dataclass(frozen=True)
class Parameter(tree.Node):
    """A positive whole number that has a name, such as a stride."""

    name: str


@dataclass(frozen=True)
class Equation:
    """Equal sides with the same free letters; a definition has two, a claim two or more."""

    sides: tuple[tree.Node, ...]
    free: tuple[Letter, ...]
    letters: tuple[Letter, ...]
    lengths: tuple[Length, ...]
    at: Span


def nodes(node: Any) -> Iterator[Any]:
    """A node and all below it, in reading order; also those of a tree that is not bound."""
    yield node
    for each in fields(node) if isinstance(node, tree.Node) else ():
        value = getattr(node, each.name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, tree.Node):
                yield from nodes(child)
