"""Gradients as tensors with a definition of their own, by the chain rule.

The gradient of Σ g · out by a tensor V follows from the gradients by the tensors u that mention V
directly: dV[j] = Σ_u Σ_i du[i] ∂u[i]/∂V[j]. One user at a time, the cost stays linear in the depth
of a network. For a recursion h[t] = f(h[t-1]) the step t+1 is one of the users of h[t], so this is
backpropagation through time.
"""

from __future__ import annotations

from typing import Any

from sympy import Indexed, Mul, Sum, Symbol

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.normal.affine import Affine, Index, margins
from gradcheck.derivations.calculus.normal.algebra import add, fresh, multiply, of, product
from gradcheck.derivations.calculus.normal.definitions import Body, Definitions, _at
from gradcheck.derivations.calculus.normal.differentiate import OfEntry, derivative, same_entry
from gradcheck.derivations.calculus.normal.poly import ZERO, Bracket, Entry, Made, Poly, Tensor
from gradcheck.derivations.calculus.normal.read import Scope, Unreadable
from gradcheck.derivations.calculus.normal.record import Memory
from gradcheck.derivations.calculus.normal.substitution import substitute, total


class Gradients(Definitions):
    """Reads Σ g · ∂out/∂V as an entry of a gradient, and knows what gradients stand for."""

    def __init__(self, setting: terms.Setting) -> None:
        super().__init__(setting)
        self._direct: Memory[Body] = Memory()

    def is_gradient(self, name: str) -> bool:
        """Whether a tensor is a gradient made here."""
        made = self.made(name)
        return made is not None and made.cotangent is not None

    def variables(self, out: str) -> list[str]:
        """All tensors that have a gradient: those that the output is defined through, and it."""
        reached = self.dependence.reached(out) - self.sizes.keys()
        without = {*self.setting.integer, *self.setting.options}
        given = [n for n in self.setting.given if n in reached and n not in without]
        return [*reversed([n for n in self.setting.definitions if n in {out, *reached}]), *given]

    def carried(self, name: str) -> bool:
        made = self.made(name)
        if made is not None and made.cotangent is not None:
            return self.dependence.carried(made.by)
        return super().carried(name)

    def rank(self, name: str) -> tuple[int, int]:
        made = self.made(name)
        if made is not None and made.cotangent is not None:
            return (2, -self.dependence.order.get(made.by, -1))
        return super().rank(name)

    def _poly(self, expr: Any, scope: Scope) -> Poly:
        gradient = self._as_gradient(expr, scope) if isinstance(expr, (Sum, Mul)) else None
        return super()._poly(expr, scope) if gradient is None else gradient

    def _of_entry(
        self, by: str, subscripts: tuple[Affine, ...], held: str | None = None
    ) -> OfEntry:
        """A gradient is differentiated through its definition."""
        known = super()._of_entry(by, subscripts, held)

        def of_entry(entry: Entry) -> Poly:
            name = entry.tensor.name
            if not self.is_gradient(name):
                return known(entry)
            if self.carried(name):
                raise Unreadable(f"the derivative of a gradient through a recursion, {name}")
            return derivative(self.unfolded(entry), of_entry)

        return of_entry

    def _as_gradient(self, expr: Any, scope: Scope) -> Poly | None:
        """Σ g[i] ∂out[i]/∂V[j] over all i as an entry of the gradient by V."""
        body, limits = (expr.function, expr.limits) if isinstance(expr, Sum) else (expr, ())
        factors = Mul.make_args(body)
        wanted = [f for f in factors if isinstance(f, terms.D) and f.held is None]
        if len(wanted) != 1 or not _over_whole_axes(limits):
            return None
        (d,) = wanted
        summed = {limit[0] for limit in limits}
        cotangents = [f for f in factors if self._is_cotangent(f, d.of)]
        others = [f for f in factors if f is not d and f not in cotangents[:1]]
        if (
            not self._is_whole(d.of, summed)
            or len(cotangents) != 1
            or any({*terms.free_indices(f)} & summed for f in (d.by, *others))
        ):
            return None
        name, by = terms.name_of(d.of), terms.name_of(d.by)
        subscripts = tuple(self.affine(i, scope) for i in terms.indices_of(d.by))
        entry = of(Entry(self.gradient(terms.name_of(cotangents[0]), name, by), subscripts))
        return product([entry, *(self.poly(f, scope) for f in others)])

    def _is_whole(self, entry: Any, summed: set[Any]) -> bool:
        """Whether an entry of a defined tensor runs over all of it as some indices are summed."""
        if not isinstance(entry, (Indexed, Symbol)):
            return False
        name, indices = terms.name_of(entry), terms.indices_of(entry)
        return (
            name in self.setting.definitions
            and {*indices} == summed
            and len(indices) == len(summed)
            and [(i.lower, i.upper) for i in indices]
            == [(own.lower, own.upper) for own in self.setting.indices[name]]
        )

    def _is_cotangent(self, factor: Any, output: Any) -> bool:
        """Whether a factor is the entry of a given tensor that belongs to one of the output."""
        return (
            isinstance(factor, (Indexed, Symbol))
            and terms.indices_of(factor) == terms.indices_of(output)
            and terms.name_of(factor) in self.setting.given
            and (isinstance(factor, Indexed) or str(factor) == f"d{output}")
        )

    def gradient(self, cotangent: str, out: str, by: str) -> Tensor:
        """The tensor of the gradient of Σ cotangent · out by the tensor `by`."""
        name = f"{cotangent}·∂{out}/∂{by}"
        if out == by and not self.dependence.users(out, by):
            return self.tensor(cotangent)
        if name not in self._making:
            self._making[name] = lambda: self._gradient_body(cotangent, out, by)
            self._tensors[name] = Tensor(name, self.tensor(by).axes, made=Made(out, by, cotangent))
        return self._tensors[name]

    def _gradient_body(self, cotangent: str, out: str, by: str) -> Body:
        letters = self._letters(by)
        here = tuple(map(Affine.of, letters))
        parts = [self._given(cotangent, here)] if out == by else []
        for user in self.dependence.users(out, by):
            through = self.gradient(cotangent, out, user)
            parts.append(self._through(user, through, by, here))
            if self.setting.definitions[user].outside is not None:
                parts.append(self._through_outside(user, through, by, here))
        return letters, add(*parts)

    def _given(self, cotangent: str, here: tuple[Affine, ...]) -> Poly:
        tensor = self.tensor(cotangent)
        ends = [
            e for form, axis in zip(here, tensor.axes, strict=True) for e in margins(form, *axis)
        ]
        return product([of(Entry(tensor, here)), *(of(Bracket(end)) for end in ends)])

    def _through(self, user: str, through: Tensor, by: str, here: tuple[Affine, ...]) -> Poly:
        """What reaches `by` by way of one user: Σ_i du[i] ∂u[i]/∂V[j], the rest held fixed."""
        letters, taken = self._direct_derivative(user, by)
        indices = [fresh(i) for i in self._own_letters(user)]
        at = tuple(map(Affine.of, indices))
        value = multiply(of(Entry(through, at)), substitute(taken, _at(letters, (*at, *here))))
        for index in indices:
            value = total(value, index)
        return value

    def _through_outside(
        self, user: str, through: Tensor, by: str, here: tuple[Affine, ...]
    ) -> Poly:
        """What reaches `by` through the initial state of a recursion."""
        definition = self.setting.definitions[user]
        time, *others = self._own_letters(user)
        before = time.low - 1 if self.dependence.direction(user) < 0 else time.high + 1
        taken = derivative(self.poly(definition.outside), _by(by, here))
        value = multiply(of(Entry(through, (before, *map(Affine.of, others)))), taken)
        for index in others:
            value = total(value, index)
        return value

    def _own_letters(self, name: str) -> tuple[Index, ...]:
        return tuple(self.index(i) for i in self.setting.definitions[name].indices)

    def _direct_derivative(self, name: str, by: str) -> Body:
        return self._direct.get((name, by), lambda: self._new_direct(name, by))

    def _new_direct(self, name: str, by: str) -> Body:
        letters, value = self.body(name)
        others = self._letters(by)
        taken = derivative(value, _by(by, tuple(map(Affine.of, others))))
        return (*letters, *others), self._folded(name, taken, tuple(map(Affine.of, letters)))


def _by(name: str, here: tuple[Affine, ...]) -> OfEntry:
    """The derivative by one tensor, every other one held fixed."""

    def of_entry(entry: Entry) -> Poly:
        if entry.tensor.made is not None:
            raise Unreadable(f"the derivative of {entry.tensor.name} with the rest held fixed")
        return same_entry(entry, here) if entry.tensor.name == name else ZERO

    return of_entry


def _over_whole_axes(limits: Any) -> bool:
    return all((low, high) == (i.lower, i.upper) for i, low, high in limits)
