"""What defined tensors stand for: their bodies, their derivatives and the gradients by them.

A definition stays folded until `unfolded` is asked for one step of it. Three kinds of tensor are
made here, each with a definition of its own:

∂h/∂W    the derivative of a recursion, itself a recursion over the same axis
dL/dV    the gradient of Σ g · out by a tensor V, by the chain rule over the tensors u that mention
         V directly: dV[j] = Σ_u Σ_i du[i] ∂u[i]/∂V[j]. For a recursion h[t] = f(h[t-1]) the step
         t+1 is one of the users of h[t], so this is backpropagation through time.

Taking gradients one user at a time keeps their cost linear in the depth of a network.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Indexed, Mul, Sum, Symbol

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.normal.affine import Affine, Index
from gradcheck.derivations.calculus.normal.algebra import (
    Memory,
    add,
    fresh,
    multiply,
    of,
    product,
    substitute,
    subtract,
    total,
)
from gradcheck.derivations.calculus.normal.differentiate import OfEntry, derivative, same_entry
from gradcheck.derivations.calculus.normal.fold import folded
from gradcheck.derivations.calculus.normal.poly import ONE, ZERO, Bracket, Entry, Poly, Tensor
from gradcheck.derivations.calculus.normal.read import Reader, Scope, Unreadable

Body = tuple[tuple[Index, ...], Poly]  # letters, and the value in these letters


class Definitions(Reader):
    """Reads expressions with derivatives, and knows what every defined tensor stands for."""

    def __init__(self, setting: terms.Setting) -> None:
        super().__init__(setting)
        self._made: dict[str, Callable[[], Body]] = {}  # tensors made here, by name
        self._adjoints: dict[str, tuple[str, str, str]] = {}
        self._bodies = Memory()
        self._templates = Memory()
        self._direct = Memory()
        self._mentions = {
            name: terms.tensors_in(d.rhs)
            | (set() if d.outside is None else terms.tensors_in(d.outside))
            for name, d in setting.definitions.items()
        }
        self._reachable: dict[str, frozenset[str]] = {}

    # reading

    def _poly(self, expr: Any, scope: Scope) -> Poly:
        if isinstance(expr, terms.D):
            return self._derivative(expr, scope)
        if isinstance(expr, (Sum, Mul)):
            gradient = self._as_gradient(expr, scope)
            if gradient is not None:
                return gradient
        return super()._poly(expr, scope)

    def _derivative(self, expr: terms.D, scope: Scope) -> Poly:
        name = terms.name_of(expr.by)
        subscripts = tuple(self.affine(i, scope) for i in terms.indices_of(expr.by))
        self.tensor(name)
        if expr.held is not None:
            at = tuple(self.affine(i, scope) for i in terms.indices_of(expr.of))
            return self._at(self._template(expr.held, name, expr.held), at, subscripts)
        of_entry = self._of_entry(name, subscripts)
        if isinstance(expr.of, Indexed) and terms.name_of(expr.of) in self.setting.definitions:
            at = tuple(self.affine(i, scope) for i in expr.of.indices)
            return of_entry(Entry(self.tensor(terms.name_of(expr.of)), at))
        return derivative(self.poly(expr.of, scope), of_entry)

    def _as_gradient(self, expr: Any, scope: Scope) -> Poly | None:
        """Σ g[i] ∂out[i]/∂V[j] over all i as an entry of the gradient by V."""
        body, limits = (expr.function, expr.limits) if isinstance(expr, Sum) else (expr, ())
        factors = Mul.make_args(body)
        wanted = [f for f in factors if isinstance(f, terms.D) and f.held is None]
        if len(wanted) != 1 or not _over_whole_axes(limits):
            return None
        (d,) = wanted
        indices = tuple(terms.indices_of(d.of))
        name, by = terms.name_of(d.of), terms.name_of(d.by)
        summed = [limit[0] for limit in limits]
        inner = {*terms.free_indices(d.by)} & {*summed}
        if (
            not isinstance(d.of, (Indexed, Symbol))
            or {*indices} != {*summed}
            or len(indices) != len(summed)
            or inner
            or name not in self.setting.definitions
            or indices != self._like(name, indices)
        ):
            return None
        cotangents = [
            f
            for f in factors
            if isinstance(f, (Indexed, Symbol))
            and terms.indices_of(f) == indices
            and terms.name_of(f) in self.setting.indices
            and terms.name_of(f) not in self.setting.definitions
            and (indices or terms.name_of(f) == "d" + name)
        ]
        others = [f for f in factors if f is not d and f not in cotangents[:1]]
        if len(cotangents) != 1 or any({*terms.free_indices(f)} & {*summed} for f in others):
            return None
        subscripts = tuple(self.affine(i, scope) for i in terms.indices_of(d.by))
        tensor = self.gradient(terms.name_of(cotangents[0]), name, by)
        entry = of(Entry(tensor, subscripts))
        return product([entry, *(self.poly(f, scope) for f in others)])

    def _like(self, name: str, indices: tuple[Any, ...]) -> tuple[Any, ...]:
        """The indices if they run over the axes of a tensor, in their order; else nothing."""
        own = self.setting.indices[name]
        same = len(own) == len(indices) and all(
            (i.lower, i.upper) == (o.lower, o.upper) for i, o in zip(indices, own, strict=True)
        )
        return indices if same else ()

    # unfolding

    def is_defined(self, name: str) -> bool:
        return name in self._made or name in self.setting.definitions

    def body(self, name: str) -> Body:
        """The value of a defined tensor in letters of its own."""
        return self._bodies.get(name, lambda: self._body(name))  # type: ignore[no-any-return]

    def _body(self, name: str) -> Body:
        if name in self._made:
            return self._made[name]()
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
        name = entry.tensor.name
        source = name.split("/")[0].removeprefix("∂") if name.startswith("∂") else name
        definition = self.setting.definitions.get(source)
        if definition is None or definition.outside is None or name in self._adjoints:
            return None
        time = entry.subscripts[0]
        own = self.index(definition.indices[0])
        off = time - own.high if not (time - own.high).parts else time - own.low
        if off.parts or (off.const >= 0 if off == time - own.low else off.const <= 0):
            return None
        value = self.poly(definition.outside)
        letters = [self.index(i) for i in definition.indices[1:]]
        count = len(definition.indices)
        value = substitute(value, _at(letters, entry.subscripts[1:count]))
        if name == source:
            return value
        by = name.removeprefix(f"∂{source}/∂")
        return derivative(value, self._of_entry(by, entry.subscripts[count:]))

    def recursive(self, name: str) -> bool:
        """Whether a tensor is defined through itself, directly or through others."""
        if name in self._adjoints:
            return self.recursive(self._adjoints[name][2])
        if name.startswith("∂"):
            return True
        return name in self.setting.definitions and name in self._reached(name)

    def is_gradient(self, name: str) -> bool:
        """Whether a tensor is a gradient made here."""
        return name in self._adjoints

    def ends_in_zero(self, name: str) -> bool:
        """Whether a tensor is a recursion by one step whose value beyond the end is 0."""
        definition = self.setting.definitions.get(name)
        if definition is None or definition.outside != 0 or not self.recursive(name):
            return False
        try:
            return self.direction(name) != 0
        except Unreadable:
            return False

    def rank(self, name: str) -> tuple[int, int]:
        """Where a tensor stands: what has a higher rank is defined through what has a lower."""
        order = list(self.setting.definitions)
        if name in self._adjoints:
            variable = self._adjoints[name][2]
            place = order.index(variable) if variable in order else -1
            return (2, -place)
        if name.startswith("∂"):
            return (1, order.index(name.split("/")[0].removeprefix("∂")))
        uses = {n for n in self._reached(name) if n in self.setting.definitions}
        above = any(self._mentions_derivative(n) for n in {name, *uses})
        return (3 if above else 0, len(uses))

    def _mentions_derivative(self, name: str) -> bool:
        return bool(self.setting.definitions[name].rhs.has(terms.D))

    def _reached(self, name: str) -> frozenset[str]:
        """All tensors that a tensor is defined through; itself only if it is a recursion."""
        if name not in self._reachable:
            found: set[str] = set()
            more = set(self._mentions.get(name, ()))
            while more:
                found |= more
                more = {m for n in more for m in self._mentions.get(n, ())} - found
            self._reachable[name] = frozenset(found)
        return self._reachable[name]

    # derivatives

    def _of_entry(
        self, by: str, subscripts: tuple[Affine, ...], held: str | None = None
    ) -> OfEntry:
        """The total derivative of entries by one entry; `held` is the recursion held fixed."""

        def of_entry(entry: Entry) -> Poly:
            name = entry.tensor.name
            if name in (by, held) and not (name == by and self.recursive(name)):
                return same_entry(entry, subscripts) if name == by else ZERO
            if not (name == by or by in self._reached(name)):
                return ZERO
            if self.recursive(name):
                return self._of_recursion(entry, by, subscripts)
            return self._at(self._template(name, by, held), entry.subscripts, subscripts)

        return of_entry

    def _template(self, name: str, by: str, held: str | None) -> Body:
        """The derivative of a tensor by another one, in letters of both."""
        key = (name, by, held)
        return self._templates.get(key, lambda: self._new_template(*key))  # type: ignore[no-any-return]

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
                steps = lag.const * -self.direction(name)
                if steps <= 0:
                    return same_entry(entry, subscripts) if steps == 0 else ZERO
                return self._step(entry, by, subscripts)
        elif not time.letters:
            outside = self.outside(entry)
            if outside is not None:
                return derivative(outside, self._of_entry(by, subscripts))
            return self._step(entry, by, subscripts)
        tensor = self._derivative_tensor(entry.tensor, by)
        taken = of(Entry(tensor, (*entry.subscripts, *subscripts)))
        if self._only_from_then_on(name, by):
            lag = (time - subscripts[0]).scaled(-self.direction(name))
            return multiply(of(Bracket(lag)), taken)
        return taken

    def _only_from_then_on(self, name: str, by: str) -> bool:
        """Whether x[r] can reach the states from r on alone: each step reads its own x[t]."""
        together = [n for n in self._reached(name) if name in self._reached(n)]
        if by in together:
            return True
        for definition in (self.setting.definitions[n] for n in together):
            if definition.outside is not None and self._depends(definition.outside, by):
                return False
            read = terms.plain(definition.rhs).atoms(Indexed)
            for entry in (e for e in read if terms.name_of(e) not in together):
                if terms.name_of(entry) != by and by in self._reached(terms.name_of(entry)):
                    return False
                if terms.name_of(entry) == by and entry.indices[0] != definition.indices[0]:
                    return False
        return True

    def _depends(self, expr: Any, by: str) -> bool:
        names = terms.tensors_in(expr)
        return by in names or any(by in self._reached(n) for n in names)

    def _step(self, entry: Entry, by: str, subscripts: tuple[Affine, ...]) -> Poly:
        """The derivative of one step of a recursion, at an entry whose place in time is known."""
        name, time = entry.tensor.name, entry.subscripts[0]
        letters, value = self.body(name)
        apart = [fresh(i) for i in letters]
        at = tuple(map(Affine.of, apart))
        back = self.direction(name)
        known = self._of_entry(by, subscripts)

        def of_entry(inner: Entry) -> Poly:
            if inner.tensor.name != name and name not in self._reached(inner.tensor.name):
                return known(inner)
            same_step = inner.subscripts[0] == at[0]  # an entry of the step before is lifted
            when = time if same_step else time + back
            return known(Entry(inner.tensor, (when, *inner.subscripts[1:])))

        taken = derivative(substitute(value, _at(letters, at)), of_entry)
        return substitute(self._folded(name, taken, at), _at(apart, entry.subscripts))

    def _derivative_tensor(self, tensor: Tensor, by: str) -> Tensor:
        """The tensor of all ∂h/∂W, which obeys a recursion like that of h."""
        name = f"∂{tensor.name}/∂{by}"
        if name not in self._made:
            self._made[name] = lambda: self._derivative_body(tensor.name, by)
            self._tensors[name] = Tensor(name, (*tensor.axes, *self.tensor(by).axes))
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

    def direction(self, name: str) -> int:
        """-1 for a recursion that looks one step back, 1 for one that looks ahead.

        Raises Unreadable for one that looks further, or both ways.
        """
        lags = {lag for _, lag in self._lags(name)} - {0}
        if lags not in ({-1}, {1}):
            raise Unreadable(f"{name} is a recursion over more than one step")
        return int(lags.pop())

    def carried(self, name: str) -> bool:
        """Whether a tensor, or what it is the gradient by, is passed on from step to step."""
        if name in self._adjoints:
            name = self._adjoints[name][2]
        if name.startswith("∂"):
            return True
        return any(read == name and lag != 0 for read, lag in self._lags(name))

    def _lags(self, name: str) -> list[tuple[str, Any]]:
        """What the tensors of one recursion read of each other, and how many steps away."""
        reached = self._reached(name)
        together = {n for n in reached if name in self._reached(n)}
        return [
            (terms.name_of(entry), entry.indices[0] - definition.indices[0])
            for definition in (self.setting.definitions[n] for n in sorted(together))
            for entry in terms.plain(definition.rhs).atoms(Indexed)
            if terms.name_of(entry) in together
        ]

    def _folded(self, name: str, value: Poly, at: tuple[Affine, ...]) -> Poly:
        """A derivative at an entry, written with the tensor itself: tanh′ as 1 - Y²."""
        letters, body = self.body(name)
        if name not in self.setting.definitions or body.only is None:
            return value
        return folded(value, self.tensor(name), letters, body, at)

    # gradients

    def gradient(self, cotangent: str, out: str, by: str) -> Tensor:
        """The tensor of the gradient of Σ cotangent · out by the tensor `by`."""
        name = f"{cotangent}·∂{out}/∂{by}"
        if out == by and not self._users(out, by):
            return self.tensor(cotangent)
        if name not in self._made:
            self._made[name] = lambda: self._gradient_body(cotangent, out, by)
            self._adjoints[name] = (cotangent, out, by)
            self._tensors[name] = Tensor(name, self.tensor(by).axes)
        return self._tensors[name]

    def _gradient_body(self, cotangent: str, out: str, by: str) -> Body:
        letters = self._letters(by)
        here = tuple(map(Affine.of, letters))
        parts = [self._given(cotangent, here)] if out == by else []
        for user in self._users(out, by):
            through = self.gradient(cotangent, out, user)
            parts.append(self._through(user, through, by, here))
            if self.setting.definitions[user].outside is not None:
                parts.append(self._through_outside(user, through, by, here))
        return letters, add(*parts)

    def _given(self, cotangent: str, here: tuple[Affine, ...]) -> Poly:
        tensor = self.tensor(cotangent)
        inside = []
        for form, (low, high) in zip(here, tensor.axes, strict=True):
            inside += [of(Bracket(form - low)), of(Bracket(high - form))]
        return product([of(Entry(tensor, here)), *inside])

    def _users(self, out: str, by: str) -> list[str]:
        """The tensors on the way to the output that mention `by` directly."""
        return [
            name
            for name in self.setting.definitions
            if by in self._mentions[name] and (name == out or name in self._reached(out))
        ]

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
        before = time.low - 1 if self.direction(user) < 0 else time.high + 1
        taken = derivative(self.poly(definition.outside), _by(by, here))
        value = multiply(of(Entry(through, (before, *map(Affine.of, others)))), taken)
        for index in others:
            value = total(value, index)
        return value

    def _own_letters(self, name: str) -> tuple[Index, ...]:
        return tuple(self.index(i) for i in self.setting.definitions[name].indices)

    def _direct_derivative(self, name: str, by: str) -> Body:
        return self._direct.get((name, by), lambda: self._new_direct(name, by))  # type: ignore[no-any-return]

    def _new_direct(self, name: str, by: str) -> Body:
        letters, value = self.body(name)
        others = self._letters(by)
        taken = derivative(value, _by(by, tuple(map(Affine.of, others))))
        return (*letters, *others), self._folded(name, taken, tuple(map(Affine.of, letters)))


def _by(name: str, here: tuple[Affine, ...]) -> OfEntry:
    return lambda entry: same_entry(entry, here) if entry.tensor.name == name else ZERO


def _at(letters: Any, values: tuple[Affine, ...]) -> dict[str, Affine]:
    return dict(zip((i.name for i in letters), values, strict=True))


def _over_whole_axes(limits: Any) -> bool:
    return all((low, high) == (i.lower, i.upper) for i, low, high in limits)
