"""Which tensors a gradient passes through on its way back from the output.

A tensor's gradient is collected from its users: the definitions that mention it. Some intermediates
are no stations on that way but part of the formula that uses them: the sum that softmax divides by,
mean and variance of a normalisation. They summarise one tensor, and whoever uses them uses that
tensor too. Here they are called statistics; a derivative sees through them.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from sympy import Indexed, Integer

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.derivative import Differentiator


class Way(Enum):
    """How the direct derivative of a definition by a tensor can be written."""

    TOTAL = "as it is: there is no other way from one to the other"
    HELD = "with the state before held fixed"
    NEXT = "as that of the next state by this one"
    UNWRITTEN = "not at all: what lies between would have to be held fixed"


@dataclass(frozen=True, eq=False)
class Graph:
    """The definitions of a forward pass, and who uses whom.

    setting      what the names mean
    definitions  the forward pass in order, the output last
    inputs       names of the tensors that have a gradient
    """

    setting: terms.Setting
    definitions: dict[str, terms.Definition]
    inputs: tuple[str, ...]

    @property
    def output(self) -> str:
        return [*self.definitions][-1]

    @cached_property
    def differentiate(self) -> Differentiator:
        return Differentiator(self.setting)

    @cached_property
    def recursive(self) -> frozenset[str]:
        """Tensors that are defined through themselves, directly or through others."""
        return frozenset(n for n in self.definitions if self.uses(n, n, itself=False))

    def uses(self, name: str, of: str, itself: bool = True) -> bool:
        """Whether a tensor is, or is defined through, another one."""
        return (itself and name == of) or of in self._sources.get(name, ())

    @cached_property
    def stations(self) -> tuple[str, ...]:
        """Intermediates that have a gradient of their own, in order; the output only if it is
        a recursion, where later entries use earlier ones."""
        inner = [n for n in self.definitions if n != self.output or n in self.recursive]
        return tuple(n for n in inner if n not in self.statistics and self._varies(n))

    @cached_property
    def statistics(self) -> dict[str, str]:
        """Every statistic with the tensor that it summarises."""
        candidates = {*self.definitions} - {self.output} - self.recursive
        while True:
            found = self._summaries(candidates)
            kept = {n for n, of in found.items() if self._used_with(n, of, found)}
            if kept == candidates:
                return found
            candidates = kept

    def users(self, name: str) -> list[str]:
        """Definitions that use a tensor, directly or through its statistics, none of these."""
        return self._users.get(name, [])

    @cached_property
    def _users(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for user in self.definitions:
            if user not in self.statistics and self._reaches(user):
                for name in self.used_by(user):
                    found.setdefault(name, []).append(user)
        return found

    def used_by(self, name: str) -> frozenset[str]:
        """What a definition mentions, and what the statistics that it mentions summarise."""
        found: set[str] = set()
        for used in self._mentioned[name]:
            found |= {used} if used not in self.statistics else {used, *self.used_by(used)}
        return frozenset(found)

    def between(self, user: str, of: str) -> frozenset[str]:
        """What must be held fixed for the derivative of a user by a tensor to be a direct one."""
        return frozenset(
            n
            for n in self.used_by(user)
            if n in self.definitions
            and n not in self.statistics
            and (n != of or n in self.recursive)
            and self.uses(n, of)
        )

    def way(self, user: str, of: str) -> Way:
        """How the derivative of a user by a tensor can be written."""
        between = self.between(user, of)
        if not between:
            return Way.TOTAL
        if between == {user} == self.recursive and len(self._lags(user)) == 1:
            return Way.NEXT if user == of else Way.HELD
        return Way.UNWRITTEN

    def depends(self, expr: Any, of: str, fixed: frozenset[str]) -> bool:
        """Whether an expression depends on a tensor if some others are held fixed."""
        return any(
            name == of or (name not in fixed and self.uses(name, of))
            for name in terms.tensors_in(expr)
        )

    def lag(self, name: str) -> int:
        """How far a recursion looks, −1 for one step back."""
        return self._lags(name)[0]

    def starts(self, name: str) -> list[str]:
        """Recursions whose value beyond the end of their axis depends on a tensor."""
        outside = {n: self.definitions[n].outside for n in self.recursive}
        return [
            n
            for n in self.definitions
            if outside.get(n) is not None and self.depends(outside[n], name, frozenset())
        ]

    def times_before(self, name: str) -> list[Any]:
        """The places just outside the first axis of a recursion that are read from inside."""
        axis = self.definitions[name].indices[0]
        back, ahead = -min([0, *self._lags(name)]), max([0, *self._lags(name)])
        return [axis.lower - Integer(k) for k in range(1, back + 1)] + [
            axis.upper + Integer(k) for k in range(1, ahead + 1)
        ]

    def _lags(self, name: str) -> list[int]:
        """The distances at which other entries read a tensor along its first axis."""
        lags = {
            e.indices[0] - d.indices[0]
            for d in self.definitions.values()
            for e in d.rhs.atoms(Indexed)
            if terms.name_of(e) == name and d.indices
        }
        return sorted(int(lag) for lag in lags if lag.is_Integer)

    @cached_property
    def _mentioned(self) -> dict[str, frozenset[str]]:
        known = {*self.definitions, *self.inputs}
        return {
            n: frozenset((terms.tensors_in(d.rhs)) & known) for n, d in self.definitions.items()
        }

    @cached_property
    def _sources(self) -> dict[str, frozenset[str]]:
        """Everything that a tensor is defined through; a recursion is among its own."""
        found = {n: frozenset(self._read(d)) for n, d in self.definitions.items()}
        changed = True
        while changed:  # in the order of the definitions, once is enough but for recursions
            changed = False
            for name, own in found.items():
                more = own.union(*(found.get(n, frozenset()) for n in own))
                changed |= more != own
                found[name] = more
        return found

    def _read(self, definition: terms.Definition) -> set[str]:
        outside = set() if definition.outside is None else terms.tensors_in(definition.outside)
        return terms.tensors_in(definition.rhs) | outside

    @cached_property
    def _before_output(self) -> frozenset[str]:
        found = {n for n in self.definitions if self.uses(self.output, n)}
        return frozenset({*found, self.output})

    def _reaches(self, name: str) -> bool:
        return name in self._before_output

    def _varies(self, name: str) -> bool:
        return self._reaches(name) and any(self.uses(name, i) for i in self.inputs)

    def _summaries(self, candidates: set[str]) -> dict[str, str]:
        """The candidates that depend on one tensor alone and have fewer axes than it."""
        found: dict[str, str] = {}
        for name in self.definitions:
            if name in candidates:
                bases = {
                    found.get(used, used)
                    for used in self._mentioned[name]
                    if self.setting.indices[used]
                }
                if len(bases) == 1 and _fewer_axes(self.setting, name, *bases):
                    found[name] = bases.pop()
        return found

    def _used_with(self, name: str, of: str, found: dict[str, str]) -> bool:
        """Whether all users of a candidate use what it summarises too, or summarise it."""
        users = [u for u, used in self._mentioned.items() if name in used]
        return all(found.get(u) == of or of in self._mentioned[u] for u in users)


def _fewer_axes(setting: terms.Setting, name: str, than: str) -> bool:
    """Whether the axes of a tensor are some of those of another, not all."""
    left = [(i.lower, i.upper) for i in setting.indices[than]]
    for index in setting.indices[name]:
        if (index.lower, index.upper) not in left:
            return False
        left.remove((index.lower, index.upper))
    return bool(left)
