"""What the mini-notation is parsed into, before anything is known about its names.

Names in brackets are letters, parameters or integer tensors, and names elsewhere are scalars;
which of them is told apart in bind.py. Every node knows the place it was read from.
"""

from dataclasses import dataclass
from fractions import Fraction

from gradcheck.derivations.reading.errors import Span


@dataclass(frozen=True)
class Node:
    at: Span


@dataclass(frozen=True)
class Number(Node):
    value: Fraction


@dataclass(frozen=True)
class Name(Node):
    name: str


@dataclass(frozen=True)
class Entry(Node):
    """X[s, m]"""

    name: str
    subscripts: tuple[Node, ...]


@dataclass(frozen=True)
class Negative(Node):
    of: Node


@dataclass(frozen=True)
class Operation(Node):
    """left + right; `sign` is one of + - * /"""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Power(Node):
    base: Node
    exponent: Fraction


@dataclass(frozen=True)
class Call(Node):
    """An elementwise function of one argument, max or min of two."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Range(Node):
    """What a sum runs over: a letter, over its axis or from `low` to `high`."""

    letter: str
    low: Node | None
    high: Node | None


@dataclass(frozen=True)
class Total(Node):
    """sum(body, i, (k, low, high)); with `mean`, divided by the lengths of the axes."""

    body: Node
    ranges: tuple[Range, ...]
    mean: bool


@dataclass(frozen=True)
class Condition(Node):
    """1 where left and right compare so, else 0; `sign` is one of == != <= < >= >"""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Size(Node):
    """size(m), the length of the axis that m runs over."""

    letter: str


@dataclass(frozen=True)
class Derivative(Node):
    """D(of, by)"""

    of: Node
    by: Node
