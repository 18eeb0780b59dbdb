"""What defined tensors stand for, and their derivatives.

A definition stays folded until `unfolded` is asked for one step of it. The derivative ∂h/∂W of a
recursion is a tensor that is made here, with a definition of its own: a recursion over the same
axis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Indexed, Symbol

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.normal.affine import Affine, Index, margins
from gradcheck.derivations.calculus.normal.algebra import add, fresh, multiply, of, subtract
from gradcheck.derivations.calculus.normal.dependence import Dependence
from gradcheck.derivations.calculus.normal.differentiate import OfEntry, derivative, same_entry
from gradcheck.derivations.calculus.normal.fold import folded
from gradcheck.derivations.calculus.normal.poly import (
    ONE,
    ZERO,
    Bracket,
    Entry,
    Made,
    Poly,
    Tensor,
)
from gradcheck.derivations.calculus.normal.read import Reader, Scope, Unreadable
from gradcheck.derivations.calculus.normal.record import Memory
from gradcheck.derivations.calculus.normal.substitution import substitute

Body = tuple[tuple[Index, ...], Poly]  # letters, and the value in these letters


class Definitions(Reader):
    """Reads expressions with derivatives, and knows what every defined tensor stands for."""

    def __init__(self, setting: terms.Setting) -> None:
        super().__init__(setting)
        self.dependence = Dependence(setting.definitions)
        self._making: dict[str, Callable[[], Body]] = {}  # definitions of tensors made here
        self._bodies: Memory[Body] = Memory()
        self._templates: Memory[Body] = Memory()

    # reading

    def _poly(self, expr: Any, scope: Scope) -> Poly:
        if isinstance(expr, terms.D):
            return self._derivative(expr, scope)
        return super()._poly(expr, scope)

    def _derivative(self, expr: terms.D, scope: Scope) -> Poly:
        if not isinstance(expr.by, (Indexed, Symbol)):
            raise Unreadable(f"a derivative by {expr.by}, which is no entry")
        name = terms.name_of(expr.by)
        subscripts = tuple(self.affine(i, scope) for i in terms.indices_of(expr.by))
        self.tensor(name)
        if expr.held is not None:
            if terms.name_of(expr.of) != expr.held or not isinstance(expr.of, Indexed):
                raise Unreadable(f"{expr.held} is held fixed in what is no entry of it")
            at = tuple(self.affine(i, scope) for i in terms.indices_of(expr.of))
            return self._within_a_step(expr.held, name, at, subscripts)
        of_entry = self._of_entry(name, subscripts)
        if isinstance(expr.of, Indexed) and terms.name_of(expr.of) in self.setting.definitions:
            at = tuple(self.affine(i, scope) for i in expr.of.indices)
            return of_entry(Entry(self.tensor(terms.name_of(expr.of)), at))
        return derivative(self.poly(expr.of, scope), of_entry)

    def _within_a_step(
        self, held: str, by: str, at: tuple[Affine, ...], subscripts: tuple[Affine, ...]
    ) -> Poly:
        """The derivative of an entry of a recursion with the entries before it held fixed."""
        if not self.dependence.recursive(by, held):
            return self._at(self._template(held, by, held), at, subscripts)
        letters, value = self.body(held)  # how far apart both are matters, and no template says it
        taken = derivative(
            substitute(value, _at(letters, at)), self._of_entry(by, subscripts, held)
        )
        return self._folded(held, taken, at)

    # unfolding

    def is_defined(self, name: str) -> bool:
        return name in self._making or name in self.setting.definitions

    def made(self, name: str) -> Made | None:
        """What a tensor is that was made here; None for one that somebody named."""
        return self._tensors[name].made if name in self._making else None

    def body(self, name: str) -> Body:
        """The value of a defined tensor in letters of its own."""
        return self._bodies.get(name, lambda: self._body(name))

    def _body(self, name: str) -> Body:
        if name in self._making:
            return self._making[name]()
        definition = self.setting.definitions[name]
        letters = tuple(self.index(i) for i in definition.indices)
        return letters, self.poly(definition.rhs)

    def unfolded(self, entry: Entry) -> Poly:
        """What an entry of a defined tensor is, by one step of its definition."""
        outside = self.outside(entry)
        if outside is not None:
            return outside
        letters, value = self.body(entry.tensor.name)
        return substitute(value, _at(letters, entry.subscripts))

    def outside(self, entry: Entry) -> Poly | None:
        """The value of an entry that lies off the end of a recursion, or None if it does not."""
        made = entry.tensor.made
        if made is not None and made.cotangent is not None:
            return None
        definition = self.setting.definitions.get(made.of if made else entry.tensor.name)
        if definition is None or definition.outside is None:
            return None
        time = entry.subscripts[0]
        own = self.index(definition.indices[0])
        ends = margins(time, own.low, own.high)
        if not any(not end.parts and end.const < 0 for end in ends):
            return None
        value = self.poly(definition.outside)
        letters = [self.index(i) for i in definition.indices[1:]]
        count = len(definition.indices)
        value = substitute(value, _at(letters, entry.subscripts[1:count]))
        if made is None:
            return value
        return derivative(value, self._of_entry(made.by, entry.subscripts[count:]))

    def carried(self, name: str) -> bool:
        """Whether a tensor, or what it is the derivative of, is passed on from step to step."""
        return self.made(name) is not None or self.dependence.carried(name)

    def rank(self, name: str) -> tuple[int, int]:
        """Where a tensor stands: what has a higher rank is defined through what has a lower."""
        made = self.made(name)
        return self.dependence.rank(name) if made is None else (1, self.dependence.order[made.of])

    # derivatives

    def _of_entry(
        self, by: str, subscripts: tuple[Affine, ...], held: str | None = None
    ) -> OfEntry:
        """The total derivative of entries by one entry; `held` is the recursion held fixed."""

        def of_entry(entry: Entry) -> Poly:
            name = entry.tensor.name
            if name in (by, held) and not (name == by and self.dependence.recursive(name, held)):
                return same_entry(entry, subscripts) if name == by else ZERO
            if entry.tensor.made is not None:
                raise Unreadable(f"the derivative of {name}")
            if not (name == by or by in self.dependence.reached(name, held)):
                return ZERO
            if self.dependence.recursive(name, held):
                return self._of_recursion(entry, by, subscripts)
            return self._at(self._template(name, by, held), entry.subscripts, subscripts)

        return of_entry

    def _template(self, name: str, by: str, held: str | None) -> Body:
        """The derivative of a tensor by another one, in letters of both."""
        key = (name, by, held)
        return self._templates.get(key, lambda: self._new_template(*key))

    def _new_template(self, name: str, by: str, held: str | None) -> Body:
        letters, value = self.body(name)
        others = self._letters(by)
        taken = derivative(value, self._of_entry(by, tuple(map(Affine.of, others)), held))
        return (*letters, *others), self._folded(name, taken, tuple(map(Affine.of, letters)))

    def _at(self, template: Body, of_: tuple[Affine, ...], by: tuple[Affine, ...]) -> Poly:
        letters, value = template
        return substitute(value, _at(letters, (*of_, *by)))

    def _letters(self, name: str) -> tuple[Index, ...]:
        """New letters for the axes of a tensor."""
        axes = self.tensor(name).axes
        return tuple(Index(f"&{k}", low, high) for k, (low, high) in enumerate(axes))

    def _of_recursion(self, entry: Entry, by: str, subscripts: tuple[Affine, ...]) -> Poly:
        """∂h[t]/∂W: an entry of a recursion; for a known number of steps, these steps taken."""
        name, time = entry.tensor.name, entry.subscripts[0]
        if name == by:
            lag = time - subscripts[0]
            if not lag.parts:
                steps = lag.const * -self.dependence.direction(name)
                if steps <= 0:
                    return same_entry(entry, subscripts) if steps == 0 else ZERO
                return self._step(entry, by, subscripts)
        elif not time.parts:
            outside = self.outside(entry)
            if outside is not None:
                return derivative(outside, self._of_entry(by, subscripts))
            return self._step(entry, by, subscripts)
        tensor = self._derivative_tensor(entry.tensor, by)
        taken = of(Entry(tensor, (*entry.subscripts, *subscripts)))
        if subscripts and self.dependence.only_from_then_on(name, by):
            lag = (time - subscripts[0]).scaled(-self.dependence.direction(name))
            return multiply(of(Bracket(lag - self.dependence.delay(name, by))), taken)
        return taken

    def _step(self, entry: Entry, by: str, subscripts: tuple[Affine, ...]) -> Poly:
        """The derivative of one step of a recursion, at an entry whose place in time is known."""
        name, time = entry.tensor.name, entry.subscripts[0]
        letters, value = self.body(name)
        apart = [fresh(i) for i in letters]
        at = tuple(map(Affine.of, apart))
        back = self.dependence.direction(name)
        known = self._of_entry(by, subscripts)

        def of_entry(inner: Entry) -> Poly:
            if inner.tensor.name != name and name not in self.dependence.reached(inner.tensor.name):
                return known(inner)
            same_step = inner.subscripts[0] == at[0]  # an entry of the step before is lifted
            when = time if same_step else time + back
            return known(Entry(inner.tensor, (when, *inner.subscripts[1:])))

        taken = derivative(substitute(value, _at(letters, at)), of_entry)
        return substitute(self._folded(name, taken, at), _at(apart, entry.subscripts))

    def _derivative_tensor(self, tensor: Tensor, by: str) -> Tensor:
        """The tensor of all ∂h/∂W, which obeys a recursion like that of h."""
        name = f"∂{tensor.name}/∂{by}"
        if name not in self._making:
            self._making[name] = lambda: self._derivative_body(tensor.name, by)
            axes = (*tensor.axes, *self.tensor(by).axes)
            self._tensors[name] = Tensor(name, axes, made=Made(tensor.name, by))
        return self._tensors[name]

    def _derivative_body(self, name: str, by: str) -> Body:
        letters, value = self.body(name)
        others = self._letters(by)
        subscripts = tuple(map(Affine.of, others))
        own = tuple(map(Affine.of, letters))
        taken = self._folded(name, derivative(value, self._of_entry(by, subscripts)), own)
        if name == by:
            entry = Entry(self.tensor(name), own)
            now = same_entry(Entry(entry.tensor, entry.subscripts[:1]), subscripts[:1])
            same = same_entry(entry, subscripts)
            taken = add(same, multiply(subtract(ONE, now), taken))
        return (*letters, *others), taken

    def _folded(self, name: str, value: Poly, at: tuple[Affine, ...]) -> Poly:
        """A derivative at an entry, written with the tensor itself: tanh′ as 1 - Y²."""
        letters, body = self.body(name)
        if name not in self.setting.definitions or body.only is None:
            return value
        return folded(value, self.tensor(name), letters, body, at)


def _at(letters: Any, values: tuple[Affine, ...]) -> dict[str, Affine]:
    return dict(zip((i.name for i in letters), values, strict=True))
