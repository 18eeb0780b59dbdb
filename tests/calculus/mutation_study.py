"""Wrong lines of written derivations, and what is said of each of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from calculus.mutation_edits import edits
from sympy import Eq, Idx, Indexed, KroneckerDelta, Symbol

from gradcheck.checks import layers
from gradcheck.derivations.calculus.compare import (
    UNREADABLE,
    Comparer,
    Status,
    random_point,
)
from gradcheck.derivations.calculus.evaluate import OutOfRange
from gradcheck.derivations.calculus.terms import (
    Bracket,
    D,
    Setting,
    free_indices,
    indices_of,
    name_of,
)
from gradcheck.derivations.notation import NotationError, delta, tensor
from gradcheck.derivations.notation.formula import Formula

POINTS = 10  # at which an answer is judged: other seeds than the verdict's own
OTHER_SEEDS = 1000
RELATIVE = 1e-7


@dataclass(frozen=True)
class Line:
    """A right step of a derivation: left = right."""

    layer: str
    left: Any
    right: Any
    where: Any = None


@dataclass(frozen=True)
class Judged:
    """A changed line and what is said of it.

    said    "refused", "refuted", "proved", "tested", "unreadable"
    truth   whether both sides agree at ten points of other seeds; None where they have no value
    tested  the verdict of the numeric test alone; None for a line that is refused
    """

    line: Line
    kind: str
    wrong: Any
    said: str
    truth: bool | None
    tested: Status | None

    def __str__(self) -> str:
        case = "" if self.line.where is None else f" where {self.line.where}"
        return f"{self.line.layer}: {self.line.left} = {self.wrong}{case}   [{self.kind}]"


def lines(name: str) -> Iterator[Line]:
    """The steps of the chains of a layer, each with the expression before it."""
    symbolic = layers.load(name).symbolic
    chains = [*symbolic.lemmas, *(c for d in symbolic.derivations for c in d.chains)]
    for chain in chains:
        left = chain.lhs
        for step in chain.steps:
            yield Line(name, left, step.expr, chain.where)
            left = step.expr


def changes(
    line: Line, setting: Setting, rng: random.Random, two: int
) -> Iterator[tuple[str, Any]]:
    """All one-edit changes of the right side, and some of two edits."""
    once = edits(line.right, setting)
    yield from ((e.kind, e.expr) for e in once)
    for first in rng.sample(once, min(two, len(once))):
        further = edits(first.expr, setting)
        if further:
            second = rng.choice(further)
            yield f"{first.kind} + {second.kind}", second.expr


def judged(line: Line, kind: str, wrong: Any) -> Judged:
    """What is said of a changed line, and what is true of it."""
    judge = of_layer(line.layer)
    if not well_typed(wrong, judge.setting) or dangling(line.left, wrong):
        return Judged(line, kind, wrong, "refused", None, None)
    try:
        said = judge.comparer.compare(line.left, wrong, line.where).status.value.lower()
    except Exception as error:  # a crash is an answer, too: the study goes on and lists it
        said = f"crashed: {error!r}"
    indices = tuple(free_indices(line.left))
    tested = judge.comparer._tested(line.left, wrong, line.where, indices).status
    return Judged(line, kind, wrong, said, judge.truth(line, wrong), tested)


class Judge:
    """Says what is true of the lines of one layer, at points that no verdict is based on."""

    def __init__(self, name: str) -> None:
        self.setting = layers.load(name).symbolic.setting
        self.comparer = Comparer(self.setting)
        self._points = [
            random_point(self.setting, random.Random(OTHER_SEEDS + k), spare=k % 4)
            for k in range(POINTS)
        ]

    def truth(self, line: Line, wrong: Any) -> bool | None:
        """Whether both sides agree wherever they have values; None where they have none."""
        indices, seen = tuple(free_indices(line.left)), False
        for point in self._points:
            try:
                left, right = point.flat(line.left, indices), point.flat(wrong, indices)
                pairs = zip(point.places(indices), left, right, strict=True)
                kept = [(a, b) for at, a, b in pairs if _in_case(line.where, indices, at)]
                if any(abs(a - b) > RELATIVE * max(1, abs(a), abs(b)) for a, b in kept):
                    return False
            except OutOfRange:
                return False
            except UNREADABLE:
                continue
            seen = seen or bool(kept)
        return True if seen else None


of_layer = cache(Judge)


def well_typed(expr: Any, setting: Setting) -> bool:
    """Whether the notation would take the expression: every subscript on its axis."""
    try:
        _retyped(expr, setting)
    except NotationError:
        return False
    return True


def dangling(left: Any, right: Any) -> bool:
    """Whether an index is free on the right side alone."""
    return not {*free_indices(right)} <= {*free_indices(left)}


def _retyped(expr: Any, setting: Setting) -> None:
    if isinstance(expr, Idx | Symbol):
        return
    if isinstance(expr, Indexed):
        name = name_of(expr)
        subscripts = tuple(_subscript(i, setting) for i in indices_of(expr))
        tensor(name, *setting.indices[name])[subscripts]
        return
    if isinstance(expr, KroneckerDelta):
        delta(*(_subscript(a, setting) for a in expr.args))
        return
    if isinstance(expr, Bracket):
        return
    if isinstance(expr, D) and not isinstance(expr.by, Indexed | Symbol):
        raise NotationError(f"{expr.by} is no entry")
    for argument in expr.args:
        _retyped(argument, setting)


def _subscript(subscript: Any, setting: Setting) -> Any:
    """A subscript with what is known of it: an integer entry lies on the axis of its values."""
    if isinstance(subscript, Indexed) and name_of(subscript) in setting.integer:
        return Formula(subscript, values=setting.integer[name_of(subscript)])
    return subscript


def _in_case(where: Any, indices: tuple[Any, ...], place: tuple[int, ...]) -> bool:
    if where is None:
        return True
    left, right = (place[indices.index(i)] for i in where.args)
    return (left == right) == isinstance(where, Eq)
