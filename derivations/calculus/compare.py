"""Whether two index expressions are equal, and the verdict that says how we know.

This is the only place that decides equality. A proof for all sizes is tried first (`normal`). Where
none is found, values are compared at several random points whose sizes are small and pairwise
different (equal sizes would hide exchanged letters): if they differ, the equation is refuted, by an
evaluation that knows nothing of normal forms; if they agree, it is TESTED and no more.
"""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from sympy import Eq

from gradcheck.derivations.calculus.evaluate import Evaluator, OutOfRange
from gradcheck.derivations.calculus.normal.algebra import MOST_PRODUCTS
from gradcheck.derivations.calculus.normal.functions import AWAY_FROM_KINKS
from gradcheck.derivations.calculus.normal.prove import Proof, Prover
from gradcheck.derivations.calculus.normal.read import Unreadable
from gradcheck.derivations.calculus.points import MOST_DIFFERENT, random_point, reversed_sizes
from gradcheck.derivations.calculus.terms import Setting, free_indices

TRIALS = 3  # a mistake that survives pairwise different sizes once rarely survives them thrice
LITTLE = 3_000  # products normalised before values are looked at, some 0.1 seconds
RELATIVE = 1e-9  # both sides are evaluated exactly but for rounding, some 1e-14 at these sizes


# what evaluating a formula raises that has no value: an unknown name, log(-1), 1/0
UNREADABLE = (NotImplementedError, ArithmeticError, ValueError)


# Of 10,093 well-typed wrong lines 2 agreed at all points (docs/benchmarks.md), so a wrong line that
# is TESTED passes about this often; with 95 % confidence less than four times as often.
FALSE_ACCEPTS = 2 / 10093
NO_PROOF = "the normal forms of both sides differ"


class Status(Enum):
    """How sure a verdict is. Only PROVED holds for all sizes; TESTED says how often it agreed."""

    PROVED = "PROVED"
    TESTED = "TESTED"
    REFUTED = "REFUTED"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True)
class Verdict:
    """Whether an equation holds.

    proof   of a proved equation: the method, and the facts and assumptions that were used
    trials  of a tested one: how many random points agreed
    reason  what is wrong, or why there is no proof, as a sentence
    sizes   the sizes of the counterexample, or the largest tried, by name
    entry   the free indices of the counterexample with their values, counted from 0
    left, right   the two values there
    """

    status: Status
    trials: int = 0
    reason: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    entry: Mapping[str, int] = field(default_factory=dict)
    left: float | None = None
    right: float | None = None
    proof: Proof | None = None

    @property
    def false_accepts(self) -> float:
        """How often a wrong equation gets this verdict, as far as was measured."""
        return FALSE_ACCEPTS if self.status is Status.TESTED else 0.0

    @property
    def holds(self) -> bool:
        """True unless the equation was refuted or could not be read."""
        return self.status in (Status.PROVED, Status.TESTED)

    def __str__(self) -> str:
        if self.status is Status.PROVED and self.proof is not None:
            facts = [f"using {fact}" for fact in self.proof.facts]
            assumed = [f"if {text}" for text in self.proof.assumptions]
            doubts = [f"though {text} (tested at random sizes)" for text in self.proof.doubts]
            return ", ".join(["PROVED for all sizes", *facts, *assumed, *doubts])
        if self.status is Status.TESTED:
            tested = f"TESTED at {self.trials} random sizes"
            return f"{tested}, not proved: {self.reason}" if self.reason else tested
        return f"{self.status.value}: {self.reason}" if self.reason else self.status.value


class Comparer:
    """Compares expressions of one setting, always at the same few points."""

    def __init__(self, setting: Setting, seed: int = 0) -> None:
        self.setting = setting
        self._prover = Prover(setting)
        self._seed = seed
        self._points: dict[tuple[int, bool], Evaluator] = {}

    def compare(self, left: Any, right: Any, where: Any = None) -> Verdict:
        """Whether left = right at every value of their free indices.

        The right side may lack indices that the left side has (a value that does not depend on
        them); an index that only the right side has is refuted without calculation. `where`
        restricts the comparison to a case, `Eq(i, j)` or `Ne(i, j)`.
        """
        indices = tuple(free_indices(left))
        if where is not None and not {*free_indices(where)} <= {*indices}:
            reason = f"the case {where} is about letters that the left side lacks"
            return Verdict(Status.UNREADABLE, reason=reason)
        dangling = [str(i) for i in free_indices(right) if i not in indices]
        if dangling:
            one = len(dangling) == 1
            reason = f"{', '.join(dangling)} {'is' if one else 'are'} free on the right side only"
            return Verdict(Status.REFUTED, reason=reason)
        sides = (left, right, where)
        proof, unproved = self._proof(*sides, effort=LITTLE)
        if proof is None and len(self.setting.sizes) <= MOST_DIFFERENT:
            first = self._tested(*sides, indices, trials=1)
            if first.status is Status.REFUTED:
                return first
        if proof is None:
            proof, unproved = self._proof(*sides, effort=MOST_PRODUCTS)
        if proof is not None and not (proof.doubts or AWAY_FROM_KINKS in proof.assumptions):
            return Verdict(Status.PROVED, proof=proof)
        verdict = self._tested(*sides, indices)
        if verdict.status is not Status.TESTED:
            return verdict
        if proof is None:
            return replace(verdict, reason=unproved)
        return Verdict(Status.PROVED, proof=proof)

    def _proof(self, left: Any, right: Any, where: Any, effort: int) -> tuple[Proof | None, str]:
        """A proof, or why there is none."""
        try:
            return self._prover.prove(left, right, where, effort), NO_PROOF
        except Unreadable as error:
            return None, str(error)

    def _tested(
        self, left: Any, right: Any, where: Any, indices: tuple[Any, ...], trials: int = TRIALS
    ) -> Verdict:
        """The verdict of values at random points alone."""
        verdict = Verdict(Status.TESTED)
        for trial in range(trials):
            verdict = self._at(self._point(trial), left, right, where, indices)
            if verdict.status is Status.UNREADABLE:
                # of positive numbers, roots and logarithms have values
                again = self._at(self._point(trial, positive=True), left, right, where, indices)
                verdict = verdict if again.status is Status.UNREADABLE else again
            if verdict.status is not Status.TESTED:
                return verdict
        return replace(verdict, trials=trials)

    def _at(
        self, point: Evaluator, left: Any, right: Any, where: Any, indices: tuple[Any, ...]
    ) -> Verdict:
        """The verdict of values at one point."""
        compared = 0
        try:
            values = zip(point.flat(left, indices), point.flat(right, indices), strict=True)
            selected = _selector(where, indices)
            for place, (a, b) in zip(point.places(indices), values, strict=True):
                if selected(place):
                    compared += 1
                    _require_real(a, b)
                    if not math.isclose(a, b, rel_tol=RELATIVE, abs_tol=RELATIVE):
                        return _refuted(point, indices, place, a, b)
        except OutOfRange as error:
            return Verdict(Status.REFUTED, reason=str(error), sizes=point.sizes)
        except UNREADABLE as error:
            return Verdict(Status.UNREADABLE, reason=str(error))
        if not compared:
            return Verdict(Status.UNREADABLE, reason=f"no entry satisfies {where}")
        return Verdict(Status.TESTED, trials=1, sizes=point.sizes)

    def _point(self, trial: int, positive: bool = False) -> Evaluator:
        """The points, the smallest sizes first; drawn when first needed."""
        key = (trial, positive)
        if key not in self._points:
            rng = random.Random(self._seed + trial)
            sizes = (
                reversed_sizes(self.setting, self._point(0, positive).sizes) if trial == 1 else None
            )
            self._points[key] = random_point(self.setting, rng, trial, sizes, positive)
        return self._points[key]


def _require_real(*values: Any) -> None:
    """Raises ArithmeticError for a value that no comparison can judge."""
    for value in values:
        if isinstance(value, complex) or not math.isfinite(value):
            raise ArithmeticError(f"a value is {value}: not a finite real number")


def _selector(where: Any, indices: tuple[Any, ...]) -> Callable[[tuple[int, ...]], bool]:
    """Which places a case speaks of."""
    if where is None:
        return lambda place: True
    left, right = (indices.index(i) for i in where.args)
    equal = isinstance(where, Eq)
    return lambda place: (place[left] == place[right]) == equal


def _refuted(
    point: Evaluator, indices: tuple[Any, ...], place: tuple[int, ...], left: Any, right: Any
) -> Verdict:
    entry = {str(i): value for i, value in zip(indices, place, strict=True)}
    where = ", ".join(f"{i} = {value}" for i, value in entry.items())
    sizes = ", ".join(f"{name} = {value}" for name, value in point.sizes.items())
    reason = (
        f"at {where or 'the only entry'} the left side is {left + 0:.6g}, the right {right + 0:.6g}"
    )
    reason += f" (sizes {sizes})" if sizes else ""
    return Verdict(
        Status.REFUTED,
        reason=reason,
        sizes=point.sizes,
        entry=entry,
        left=float(left),
        right=float(right),
    )
