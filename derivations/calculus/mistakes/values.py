"""The values that a repair must have: a few entries at two small random points.

They sort out hundreds of edits quickly; what survives them still has to be compared in earnest.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sympy import Eq

from gradcheck.derivations.calculus.compare import UNREADABLE
from gradcheck.derivations.calculus.evaluate import Evaluator, OutOfRange
from gradcheck.derivations.calculus.points import random_point
from gradcheck.derivations.calculus.terms import Setting

PLACES = 40  # entries that are looked at, at most, until enough of them
ENOUGH = 5  # are wrong and as many right
CLOSE = 1e-9  # relative; as exact as the comparison that follows
SEEDS = (7, 12)  # of the points, which are not those that a comparison uses

Place = tuple[int, ...]  # the indices of an entry
FAILS = (OutOfRange, TypeError, *UNREADABLE)  # what an edit may raise that means nothing


@dataclass(frozen=True)
class Target:
    """The values that an edited side must have at some entries, the telling ones first."""

    sample: "Sample"
    left: Any
    wrong: Any
    where: Any
    indices: tuple[Any, ...]

    def matches(self, expr: Any) -> bool:
        """Whether an expression has these values; False if there are none to have."""
        try:
            value_at = self.sample.reader(expr, self.indices)
            close = (_close(wanted, value_at(place)) for place, wanted in self._wanted)
            return bool(self._wanted) and all(close)
        except FAILS:
            return False

    @cached_property
    def _wanted(self) -> list[tuple[Place, Any]]:
        telling: list[tuple[Place, Any]] = []
        others: list[tuple[Place, Any]] = []
        right, wrong = (self._values(side) for side in (self.left, self.wrong))
        for place in self._some_places():
            value = right(place)
            if value is not None:
                same = _close(value, wrong(place))
                (others if same else telling).append((place, value))
            if len(telling) >= ENOUGH and len(others) >= ENOUGH:
                break
        return telling + sorted(others, key=lambda pair: pair[1] == 0)

    def _some_places(self) -> list[Place]:
        """Some of the entries that the case speaks of, at random."""
        places = self.sample.places(self.indices)
        every = [p for p in places if _selected(self.where, self.indices, p)]
        return random.Random(0).sample(every, min(len(every), PLACES))

    def _values(self, side: Any) -> Callable[[Place], Any]:
        """The values of a side; None where it has none."""
        try:
            read = self.sample.reader(side, self.indices)
        except FAILS:
            return lambda place: None

        def value(place: Place) -> Any:
            try:
                return read(place)
            except FAILS:
                return None

        return value


class Sample(Evaluator):
    """A point at which single entries are evaluated."""

    def reader(self, expr: Any, indices: tuple[Any, ...]) -> Callable[[Place], Any]:
        """The expression as a function of the values of some indices."""
        slots = {index: k for k, index in enumerate(indices, start=-len(indices))}
        code = self._compile(expr, slots)
        return lambda place: code(dict(enumerate(place, start=-len(indices))))


@lru_cache(maxsize=16)
def samples(setting: Setting) -> tuple[Sample, ...]:
    """Two points of different sizes: 2 passes for N where N = 2, but not at both."""
    points = [random_point(setting, random.Random(seed)) for seed in SEEDS]
    return tuple(Sample(setting, p.sizes, p.tensors, p.functions) for p in points)


def _selected(where: Any, indices: tuple[Any, ...], place: tuple[int, ...]) -> bool:
    """Whether a case speaks of an entry."""
    if where is None:
        return True
    a, b = (place[indices.index(i)] for i in where.args)
    return bool((a == b) == isinstance(where, Eq))


def _close(a: Any, b: Any) -> bool:
    if b is None or isinstance(a, complex) or isinstance(b, complex):
        return False
    return math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE)
