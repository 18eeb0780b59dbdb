"""Which tensor is defined through which, and how recursions run: questions of names alone."""

import math
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sympy import Indexed, Sum

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.normal.read import Unreadable


class Dependence:
    """The graph of the definitions of a setting."""

    def __init__(self, definitions: terms.Definitions) -> None:
        self.definitions = definitions
        self.order = {name: place for place, name in enumerate(definitions)}
        self._mentions = {
            name: terms.tensors_in(d.rhs)
            | (set() if d.outside is None else terms.tensors_in(d.outside))
            for name, d in definitions.items()
        }
        self._reached: dict[tuple[str, str | None], frozenset[str]] = {}
        self._read: dict[str, list[tuple[str, str, Any]]] = {}

    def reached(self, name: str, held: str | None = None) -> frozenset[str]:
        """All tensors that a tensor is defined through; itself only if it is a recursion.

        With a tensor held fixed, those that are left then.
        """
        if (name, held) not in self._reached:
            found: set[str] = set()
            more = set(self._mentions.get(name, ()))
            while more:
                found |= more
                on = more - {held}
                more = {m for n in on for m in self._mentions.get(n, ())} - found
            self._reached[name, held] = frozenset(found)
        return self._reached[name, held]

    def mentions(self, name: str, other: str) -> bool:
        """Whether a definition speaks of another tensor, or of itself."""
        return other in self._mentions.get(name, ())

    def recursive(self, name: str, held: str | None = None) -> bool:
        """Whether a tensor is defined through itself, directly or through others."""
        return name in self.reached(name, held)

    def rank(self, name: str) -> tuple[int, int]:
        """Where a tensor stands: what has a higher rank is defined through what has a lower."""
        uses = {n for n in self.reached(name) if n in self.definitions}
        above = any(self.definitions[n].rhs.has(terms.D) for n in {name, *uses})
        return (3 if above else 0, len(uses))

    def users(self, out: str, by: str) -> list[str]:
        """The tensors on the way to the output that mention `by` directly."""
        return [
            name
            for name in self.definitions
            if by in self._mentions[name] and (name == out or name in self.reached(out))
        ]

    def direction(self, name: str) -> int:
        """-1 for a recursion that looks one step back, 1 for one that looks ahead.

        Raises Unreadable for one that looks further, or both ways.
        """
        lags = {lag for _, _, lag in self._reads(name)} - {0}
        if lags not in ({-1}, {1}):
            raise Unreadable(f"{name} is a recursion over more than one step")
        return int(lags.pop())

    def together(self, name: str) -> set[str]:
        """The tensors of the recursion that a tensor belongs to; none if it belongs to none."""
        return {n for n in self.reached(name) if name in self.reached(n)}

    def delay(self, name: str, by: str) -> int:
        """The least number of steps from where a recursion reads `by` to one of its tensors."""
        reads = self._reads(name)
        steps = {name: 0}
        while True:
            nearer = {
                read: steps[reader] + abs(int(lag))
                for reader, read, lag in reads
                if reader in steps and steps[reader] + abs(int(lag)) < steps.get(read, math.inf)
            }
            if not nearer:
                break
            steps |= nearer
        return steps[by] if by in steps else min(steps[n] for n in steps if self.mentions(n, by))

    def carried(self, name: str) -> bool:
        """Whether a tensor is passed on from step to step of a recursion."""
        return any(read == name and lag != 0 for _, read, lag in self._reads(name))

    def ends_in_zero(self, group: Iterable[str]) -> bool:
        """Whether tensors defined through each other follow step by step from an end that is 0.

        Then their definitions have one solution only.
        """
        names = tuple(group)
        ends = [self.definitions[n].outside for n in names]
        lags = {lag for _, _, lag in self._reads(names[0])}
        one_way = lags <= {0, 1} or lags <= {0, -1}
        return all(end == 0 for end in ends) and one_way and self._ordered_within_a_step(names)

    def _ordered_within_a_step(self, names: tuple[str, ...]) -> bool:
        reads = [(reader, read) for reader, read, lag in self._reads(names[0]) if lag == 0]
        try:
            TopologicalSorter({n: [b for a, b in reads if a == n] for n in names}).prepare()
        except CycleError:
            return False
        return True

    def only_from_then_on(self, name: str, by: str) -> bool:
        """Whether x[r] can reach the states from r on alone: each step reads its own x[t]."""
        together = self.together(name)
        if by in together:
            return True
        for definition in (self.definitions[n] for n in together):
            if definition.outside is not None and self._depends(definition.outside, by):
                return False
            if self._hides_its_time(definition):
                return False
            read = terms.plain(definition.rhs).atoms(Indexed)
            for entry in (e for e in read if terms.name_of(e) not in together):
                if terms.name_of(entry) != by and by in self.reached(terms.name_of(entry)):
                    return False
                if terms.name_of(entry) == by and entry.indices[0] != definition.indices[0]:
                    return False
        return True

    def _depends(self, expr: Any, by: str) -> bool:
        names = terms.tensors_in(expr)
        return by in names or any(by in self.reached(n) for n in names)

    def _hides_its_time(self, definition: terms.Definition) -> bool:
        """Whether a sum in a definition uses the letter of its first axis for something else."""
        sums = definition.rhs.atoms(Sum)
        return any(definition.indices[0] == limit[0] for s in sums for limit in s.limits)

    def _reads(self, name: str) -> list[tuple[str, str, Any]]:
        """What the tensors of one recursion read of each other: who, what, how many steps away."""
        if name not in self._read:
            together = self.together(name)
            self._read[name] = [
                (reader, terms.name_of(entry), entry.indices[0] - definition.indices[0])
                for reader in sorted(together)
                for definition in (self.definitions[reader],)
                for entry in terms.plain(definition.rhs).atoms(Indexed)
                if terms.name_of(entry) in together
            ]
        return self._read[name]
