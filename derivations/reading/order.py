"""Which formulas define tensors, which say where a recursion starts, and what uses what."""

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Integer

from gradcheck.derivations.reading import bound
from gradcheck.derivations.reading.bound import Equation, Read
from gradcheck.derivations.reading.errors import ReadingError


@dataclass(frozen=True)
class Parts:
    """The formulas of a problem.

    definitions  by the tensor they define
    starts       what a recursive tensor is before its first entry, or after its last
    order        the names of the definitions, each after those it uses, the output last
    """

    definitions: Mapping[str, Equation]
    starts: Mapping[str, Equation]
    order: tuple[str, ...]

    @property
    def output(self) -> str:
        return self.order[-1]

    @property
    def equations(self) -> tuple[Equation, ...]:
        return (*self.definitions.values(), *self.starts.values())


def sorted_out(equations: list[Equation]) -> Parts:
    """Definitions and starts, in an order in which they can be computed.

    Raises ReadingError for a left side that is neither, a tensor that is defined twice, a start
    without a recursion, and definitions that need each other.
    """
    definitions: dict[str, Equation] = {}
    starts: dict[str, Equation] = {}
    for equation in equations:
        left = _left(equation)
        kind = starts if _is_start(left) else definitions
        if left.name in kind:
            raise ReadingError(
                f"{left.name} is defined twice", "give one of the two another name", left.at
            )
        if kind is definitions:
            _require_letters(left)
        kind[left.name] = equation
    for name, equation in starts.items():
        if name not in definitions:
            raise ReadingError(
                f"this says where {name} starts, but no formula says how it goes on",
                f"add a formula such as {name}[t,...] = ...",
                equation.at,
            )
    return Parts(definitions, starts, _order(definitions, starts))


def _left(equation: Equation) -> Read:
    left = equation.sides[0]
    assert isinstance(left, Read)  # what is parsed as a left side is bound as an entry
    return left


def _is_start(left: Read) -> bool:
    """Whether the first subscript is a place outside the axis: -1 or size(t)."""
    if not left.subscripts or left.subscripts[0].letters or left.subscripts[0].entry:
        return False
    first = left.subscripts[0]
    if first.expr != -1 and not first.expr.is_Symbol:
        raise ReadingError(
            f"{left.name} cannot be defined at one place",
            f"entries are counted from 0; a recursion starts at {left.name}[-1,...]",
            first.at,
        )
    return True


def _require_letters(left: Read) -> None:
    """The left side of a definition has different letters in its brackets, and only those."""
    letters = [each.letter for each in left.subscripts]
    for place, (letter, subscript) in enumerate(zip(letters, left.subscripts, strict=True)):
        if letter is None or letter in letters[:place]:
            raise ReadingError(
                "the left side of a definition has a letter of its own for each axis",
                "write it as Y[i,j] = ...; the diagonal is Y[i,j] = delta(i,j)*...",
                subscript.at,
            )


def _order(definitions: Mapping[str, Equation], starts: Mapping[str, Equation]) -> tuple[str, ...]:
    used = {name: _used(name, definitions, starts) for name in definitions}
    last = _output(definitions, used)
    order: list[str] = []
    waiting = [name for name in definitions if name != last] + [last]
    while waiting:
        ready = next((name for name in waiting if used[name] <= {*order}), None)
        if ready is None:
            names = " and ".join(waiting)
            raise ReadingError(
                f"{names} {'need' if len(waiting) > 1 else 'needs'} each other",
                "define one from inputs alone; a recursion looks back, h[t-1], and has a start",
                definitions[waiting[0]].at,
            )
        order.append(ready)
        waiting.remove(ready)
    return tuple(order)


def _output(definitions: Mapping[str, Equation], used: Mapping[str, set[str]]) -> str:
    """The last tensor, or if another one uses it the last that nobody uses."""
    mentioned = set().union(*used.values())
    unused = [name for name in definitions if name not in mentioned]
    return unused[-1] if unused else [*definitions][-1]


def _used(
    name: str, definitions: Mapping[str, Equation], starts: Mapping[str, Equation]
) -> set[str]:
    """The defined tensors that must be there before; earlier steps of a recursion are."""
    sides = list(definitions[name].sides[1:])
    if name in starts:
        sides += starts[name].sides[1:]
    return {
        node.name
        for side in sides
        for node in bound.nodes(side)
        if isinstance(node, Read) and node.name in definitions and not _earlier(node, name, starts)
    }


def _earlier(node: Read, name: str, starts: Mapping[str, Equation]) -> bool:
    if node.name == name:
        return True  # looked at by require_recursions
    if node.name not in starts:
        return False
    first, anchor = node.subscripts[0], node.subscripts[0].anchor
    steps = first.expr - anchor.symbol if anchor is not None else Integer(0)
    back = _left(starts[node.name]).subscripts[0].expr == Integer(-1)
    return bool(steps < 0 if back else steps > 0) if steps.is_Integer else False


def require_recursions(parts: Parts, padded: set[str]) -> None:
    """A tensor may use itself a fixed number of steps back along its first axis, with a start."""
    for name, equation in parts.definitions.items():
        if name in padded:
            raise ReadingError(
                f"{name} is computed by a formula, and cannot be padded",
                f"state what it is outside: {name}[-1,...] = 0",
                equation.sides[0].at,
            )
        for node in bound.nodes(equation.sides[1]):
            if isinstance(node, Read) and node.name == name:
                _require_recursion(node, equation, parts)


def _require_recursion(node: Read, equation: Equation, parts: Parts) -> None:
    name = node.name
    time = _left(equation).subscripts[0].letter if node.subscripts else None
    if time is None or node.subscripts[0].anchor is not time or node.subscripts[0].letter is time:
        raise ReadingError(
            f"{name} is defined by itself",
            f"a recursion looks back along the first axis: {name}[t,...] = ... {name}[t-1,...]",
            node.at,
        )
    steps = node.subscripts[0].expr - time.symbol
    if not steps.is_Integer:
        raise ReadingError(
            f"{node.at} looks back by an unknown number of steps", "write a number", node.at
        )
    back = bool(steps < 0)
    start = f"{name}[-1,...]" if back else f"{name}[size({time.name}),...]"
    if name not in parts.starts:
        raise ReadingError(
            f"{node.at} looks {'back' if back else 'ahead'}, but {name} has no start",
            f"add a formula such as {start} = ...",
            node.at,
        )
    stated = _left(parts.starts[name]).subscripts[0]
    if (stated.expr == Integer(-1)) != back:
        raise ReadingError(f"{name} starts at the other end", f"state {start} instead", stated.at)
