"""Whether two expressions are equal for all sizes, and what the proof used.

The difference of both sides is brought into normal form; if nothing is left, they are equal. As
long as something is left, the most derived tensor in it is unfolded by one step of its definition.
At the end declared facts are put in, functions are written with exp, and denominators are cleared.
No answer is no refutation: normal forms that differ may still be equal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Eq

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.normal.affine import Affine
from gradcheck.derivations.calculus.normal.algebra import (
    MOST_PRODUCTS,
    TooLarge,
    limited,
    multiply,
    of,
    subtract,
)
from gradcheck.derivations.calculus.normal.clear import cleared
from gradcheck.derivations.calculus.normal.facts import with_facts
from gradcheck.derivations.calculus.normal.gradients import Gradients
from gradcheck.derivations.calculus.normal.identify import exchanged, identified
from gradcheck.derivations.calculus.normal.poly import ONE, Delta, Entry, Poly, Tensor, atoms_of
from gradcheck.derivations.calculus.normal.read import Unreadable
from gradcheck.derivations.calculus.normal.record import Record, recorded
from gradcheck.derivations.calculus.normal.substitution import replace_entries, substitute

MOST_UNFOLDINGS = 60  # a comparison that needs more is given up


@dataclass(frozen=True)
class Proof:
    """Why two expressions are equal for all sizes.

    method       how they became one: "normal form", "recognising written gradients", or one of
                 the last means in `clear.py`
    form         the normal form of both sides, if it is the same before any definition is inserted
    unfolded     definitions that were inserted, in order; gradients that nobody named in words
    facts        declared facts that were used, as stated
    assumptions  what the values must obey besides, as sentences
    doubts       entries that may lie outside their tensor, where the proof takes them to be 0
    rules        the rules of the normal form that were applied, with how often
    """

    method: str
    form: Poly | None = None
    unfolded: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    rules: tuple[tuple[str, int], ...] = ()


class Prover:
    """Proves equations of one setting; what was read once is remembered."""

    def __init__(self, setting: terms.Setting) -> None:
        self.setting = setting
        self.definitions = Gradients(setting)
        self._known: dict[tuple[str, str], dict[str, Tensor]] = {}

    def prove(
        self, left: Any, right: Any, where: Any = None, effort: int = MOST_PRODUCTS
    ) -> Proof | None:
        """A proof that left = right, or None if none was found with so much effort.

        Raises Unreadable for an expression that has no normal form.
        """
        with limited(effort), recorded() as record:
            try:
                form = self.definitions.poly(left)
                difference = subtract(form, self.definitions.poly(right))
                remains = self._restricted(difference, where)
                proof = self._vanishes(remains, record)
                return replace(proof, form=form) if proof and not difference.terms else proof
            except (TooLarge, RecursionError):
                return None
            except ZeroDivisionError:
                raise Unreadable("a division by 0") from None

    def _restricted(self, difference: Poly, where: Any) -> Poly:
        """The difference in a case: 0 where the case does not hold."""
        if where is None:
            return difference
        first, second = (self.definitions.index(i) for i in where.args)
        if isinstance(where, Eq):
            return substitute(difference, {second.name: Affine.of(first)})
        other = subtract(ONE, of(Delta(Affine.of(first) - Affine.of(second))))
        return multiply(difference, other)

    def _vanishes(self, difference: Poly, record: Record) -> Proof | None:
        unfolded: list[str] = []
        method = "normal form"
        facts: tuple[str, ...] = ()
        while difference.terms:
            recognised = self._recognised(difference)
            if recognised != difference:
                difference, method = recognised, "recognising written gradients"
                continue
            name = self._next(difference, unfolded)
            if name is None or len(unfolded) >= MOST_UNFOLDINGS:
                break
            unfolded.append(name)
            difference = self._unfold(difference, name)
        if difference.terms:
            difference, facts = with_facts(difference, self.setting.facts)
        if difference.terms:
            difference, method = cleared(difference)
        if difference.terms:
            return None
        return Proof(
            method,
            unfolded=tuple(dict.fromkeys(map(self._told, unfolded))),
            facts=facts,
            assumptions=tuple(record.assumptions),
            doubts=tuple(record.doubts),
            rules=tuple(record.rules.items()),
        )

    def _told(self, name: str) -> str:
        """A definition by its name; a gradient that the proof made, by its variable."""
        made = self.definitions.made(name)
        return f"the gradient by {made.by}" if made and made.cotangent else name

    def _recognised(self, difference: Poly) -> Poly:
        """The difference with written tensors that are gradients named as such."""
        known: dict[str, Tensor] = {}
        for cotangent, out in self._losses(difference):
            key = (cotangent, out)
            if key not in self._known:
                self._known[key] = {}  # while it is worked out
                self._known[key] = identified(
                    self.definitions, cotangent, out, self._vanishes_step_by_step
                )
            known |= self._known[key]
        return exchanged(difference, known)

    def _losses(self, difference: Poly) -> set[tuple[str, str]]:
        """Cotangent and output of the gradients that a difference mentions."""
        made = {a.tensor.made for a in atoms_of(difference) if isinstance(a, Entry)}
        return {(m.cotangent, m.of) for m in made if m is not None and m.cotangent is not None}

    def _vanishes_step_by_step(self, difference: Poly) -> bool:
        """Whether a difference is 0 by inserting definitions, but of no gradient."""
        seen: list[str] = []
        while difference.terms:
            name = self._next(difference, seen, gradients=False)
            if name is None or len(seen) > MOST_UNFOLDINGS:
                return False
            seen.append(name)
            difference = self._unfold(difference, name)
        return True

    def _next(self, difference: Poly, unfolded: list[str], gradients: bool = True) -> str | None:
        """The tensor to unfold: one that no other one present is defined through.

        Gradients passed on from step to step are unfolded where they are looked at first.
        """
        entries = {
            a
            for a in atoms_of(difference)
            if isinstance(a, Entry)
            and self.definitions.is_defined(a.tensor.name)
            and (gradients or not self.definitions.is_gradient(a.tensor.name))
            and self._may_unfold(a, a.tensor.name in unfolded)
        }
        first = min(
            (self._moment(e) for e in entries if self._is_carried_gradient(e.tensor.name)),
            default=None,
        )
        present = {
            e.tensor.name: self.definitions.rank(e.tensor.name)
            for e in entries
            if not self._is_carried_gradient(e.tensor.name) or self._moment(e) == first
        }
        return max(present, key=lambda name: (present[name], name), default=None)

    def _is_carried_gradient(self, name: str) -> bool:
        return self.definitions.is_gradient(name) and self.definitions.carried(name)

    def _may_unfold(self, entry: Entry, again: bool) -> bool:
        """A recursion is unfolded once, and only where it is looked at from outside of sums."""
        if not self.definitions.carried(entry.tensor.name):
            return True
        if self.definitions.outside(entry) is not None:
            return True
        return not again and _looked_at(entry)

    def _unfold(self, difference: Poly, name: str) -> Poly:
        carried = self.definitions.carried(name)
        first = self._earliest(difference, name) if carried else None

        def replacement(entry: Entry) -> Poly | None:
            if entry.tensor.name != name:
                return None
            inside = carried and self.definitions.outside(entry) is None
            if inside and not (_looked_at(entry) and self._moment(entry) == first):
                return None
            return self.definitions.unfolded(entry)

        return replace_entries(difference, replacement)

    def _earliest(self, difference: Poly, name: str) -> tuple[bool, int] | None:
        """The first moment at which a recursion is looked at: at free letters, else at a number."""
        moments = (
            self._moment(a)
            for a in atoms_of(difference)
            if isinstance(a, Entry) and a.tensor.name == name and _looked_at(a)
        )
        return min(moments, default=None)

    def _moment(self, entry: Entry) -> tuple[bool, int]:
        """Where a recursion is looked at; gradients of one that looks ahead come in its order."""
        time, made = entry.subscripts[0], self.definitions.made(entry.tensor.name)
        ahead = (
            made is not None
            and made.cotangent is not None
            and self.definitions.dependence.direction(made.by) > 0
        )
        return not time.letters, -time.const if ahead else time.const


def _looked_at(entry: Entry) -> bool:
    """Whether the time of an entry is a free index or a number, not one that is summed over."""
    time = entry.subscripts[0]
    return not time.letters or all(not name.startswith(("$", "%")) for name in time.letters)
