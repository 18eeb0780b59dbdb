"""From SymPy's index expressions to normal forms.

Named tensors stay folded: an entry of a defined tensor is an atom, whose definition is looked up
only when a comparison needs it (`definitions.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sympy import Add, Function, Idx, Indexed, Integer, KroneckerDelta, Mul, Pow, Sum, Symbol, pi

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.functions import VALUES, Undefined
from gradcheck.derivations.calculus.normal.affine import (
    Affine,
    FromZero,
    Index,
    Lookup,
    always,
    margins,
)
from gradcheck.derivations.calculus.normal.algebra import (
    add,
    apply,
    exact,
    fresh,
    multiply,
    of,
    product,
)
from gradcheck.derivations.calculus.normal.poly import (
    PI,
    Bracket,
    Delta,
    Entry,
    Poly,
    Size,
    Tensor,
    constant,
)
from gradcheck.derivations.calculus.normal.powers import power
from gradcheck.derivations.calculus.normal.record import Memory, assume, doubt
from gradcheck.derivations.calculus.normal.substitution import substitute, total

NUMBER = "the number"  # the tensor whose entry at i is i itself: an index used as a value
POSITIVE_BASES = "bases of powers with a symbolic exponent are greater than 0"


@dataclass(frozen=True)
class Scope:
    """What surrounds an expression.

    letters  what the letters of the surrounding sums stand for
    known    forms that are at least 0 wherever the expression counts: conditions it is
             multiplied by
    """

    letters: Mapping[Any, Index] = field(default_factory=dict)
    known: tuple[Affine, ...] = ()

    def inside(self, letter: Any, index: Index, *known: Affine) -> Scope:
        """The scope of the body of a sum."""
        return Scope({**self.letters, letter: index}, (*self.known, *known))

    def where(self, known: list[Affine]) -> Scope:
        """The scope of the factors beside some conditions."""
        return Scope(self.letters, (*self.known, *known)) if known else self

    def allows(self, form: Affine) -> bool:
        """Whether a form is at least 0 wherever the expression counts."""
        return always(form) or any(always(form - known) for known in self.known)


NO_SCOPE = Scope()


class Unreadable(NotImplementedError):
    """An expression that has no normal form; the message says what in it."""


class Reader:
    """Reads the expressions of one setting; what was read once is remembered."""

    def __init__(self, setting: terms.Setting) -> None:
        self.setting = setting
        self.sizes = {
            name: FromZero(name) if setting.ranges.get(name, (1,))[0] == 0 else name
            for name in setting.sizes
        }
        self._tensors: dict[str, Tensor] = {}
        self._indices: dict[Any, Index] = {}
        self._range_of: dict[str, str] = {}
        self._known: Memory[Poly] = Memory()

    def poly(self, expr: Any, scope: Scope = NO_SCOPE) -> Poly:
        """The normal form of an expression.

        Raises Unreadable for what has none, ZeroDivisionError for a division by 0.
        """
        if scope is not NO_SCOPE:
            return self._poly(expr, scope)
        return self._known.get(expr, lambda: self._poly(expr, scope))

    def tensor(self, name: str) -> Tensor:
        """What is known of a tensor: one range for each axis."""
        if name not in self._tensors:
            if name not in self.setting.indices:
                raise Unreadable(f"{name} has no value and no definition")
            axes = [self.index(i) for i in self.setting.indices[name]]
            ranges = tuple((i.low, i.high) for i in axes)
            definition = self.setting.definitions.get(name)
            if definition is not None and runs_on(definition):
                low, high = ranges[0]
                ranges = ((low - 1, high + 1), *ranges[1:])
            positive = name in self.setting.positive - self.setting.padded
            self._tensors[name] = Tensor(name, ranges, positive)
        return self._tensors[name]

    def index(self, idx: Any) -> Index:
        """An index with the range of its axis; one name never stands for two ranges."""
        if idx not in self._indices:
            low, high = self.affine(idx.lower), self.affine(idx.upper)
            letter, ends = str(idx), f"{low.key}..{high.key}"
            if self._range_of.setdefault(letter, ends) != ends:
                letter = f"{letter}:{ends}"
            self._indices[idx] = Index(letter, low, high)
        return self._indices[idx]

    def affine(self, expr: Any, scope: Scope = NO_SCOPE) -> Affine:
        """A subscript or bound. Raises Unreadable if it is not affine in its indices."""
        if isinstance(expr, Idx):
            return Affine.of(scope.letters.get(expr) or self.index(expr))
        if isinstance(expr, Integer):
            return Affine.of(int(expr))
        if isinstance(expr, Symbol):
            if str(expr) in self.sizes:
                return Affine.size(self.sizes[str(expr)])
            raise Unreadable(f"the subscript {expr} is neither an index nor a size")
        if isinstance(expr, Add):
            result = Affine.of(0)
            for a in expr.args:
                result = result + self.affine(a, scope)
            return result
        if isinstance(expr, Mul):
            return self._affine_product(expr.args, scope)
        if isinstance(expr, Indexed) and terms.name_of(expr) in self.setting.integer:
            name = terms.name_of(expr)
            values = self.index(self.setting.integer[name])
            inner = tuple(self._subscripts(name, expr.indices, scope))
            return Affine.of(Lookup(name, inner, values.low, values.high))
        raise Unreadable(f"the subscript {expr} is not a sum of indices and sizes")

    def _affine_product(self, factors: tuple[Any, ...], scope: Scope) -> Affine:
        forms = [self.affine(f, scope) for f in factors]
        result = Affine.of(1)
        for form in sorted(forms, key=lambda a: bool(a.letters)):
            if result.letters and form.letters:
                raise Unreadable("a product of two indices is no subscript")
            outer, inner = (result, form) if not result.letters else (form, result)
            parts = [(outer.const, ())] + [(c, sizes) for c, sizes, _ in outer.parts.values()]
            result = Affine.of(0)
            for coefficient, sizes in parts:
                result = result.plus(inner.times_sizes(sizes), coefficient)
        return result

    def _poly(self, expr: Any, scope: Scope) -> Poly:
        if expr.is_Rational:
            return constant(exact(Fraction(int(expr.p), int(expr.q))))
        if expr is pi:
            return of(PI)
        if isinstance(expr, Indexed):
            return self._entry(expr, scope)
        if isinstance(expr, Idx):
            index = scope.letters.get(expr) or self.index(expr)
            return of(Entry(Tensor(NUMBER, ((index.low, index.high),)), (Affine.of(index),)))
        if isinstance(expr, Symbol):
            return self._symbol(expr)
        if isinstance(expr, Add):
            return add(*[self.poly(a, scope) for a in expr.args])
        if isinstance(expr, Mul):
            beside = scope.where(self._conditions(expr.args, scope))
            return product([self.poly(a, beside) for a in expr.args])
        if isinstance(expr, Pow):
            return self._power(expr.base, expr.exp, scope)
        if isinstance(expr, KroneckerDelta):
            left, right = (self.affine(a, scope) for a in expr.args)
            return of(Delta(left - right))
        if isinstance(expr, terms.Bracket):
            return of(Bracket(self.affine(expr.high, scope) - self.affine(expr.low, scope)))
        if isinstance(expr, Sum):
            return self._sum(expr, scope)
        known = isinstance(expr, Undefined) or expr.func in VALUES
        if isinstance(expr, Function) and known and len(expr.args) == 1:
            return apply(expr.func.__name__, self.poly(expr.args[0], scope))
        raise Unreadable(f"no normal form of {type(expr).__name__}: {expr}")

    def _symbol(self, symbol: Any) -> Poly:
        name = str(symbol)
        if name in self.sizes:
            return of(Size(name))
        return of(Entry(self.tensor(name)))

    def _power(self, base: Any, exponent: Any, scope: Scope) -> Poly:
        inner = self.poly(base, scope)
        if exponent.is_Rational:
            return power(inner, exact(Fraction(int(exponent.p), int(exponent.q))))
        above = self.poly(exponent, scope)
        if above.number is not None:
            return power(inner, above.number)
        assume(POSITIVE_BASES)
        return apply("exp", multiply(above, apply("log", inner)))

    def _sum(self, expr: Any, scope: Scope) -> Poly:
        body, (letter, lower, upper) = terms.outermost(expr)
        low, high = self.affine(lower, scope), self.affine(upper, scope)
        index = self._summed(letter, low, high)
        here = Affine.of(index)
        ends = [here - low] * bool(low.letters) + [high - here] * bool(high.letters)
        inner = self.poly(body, scope.inside(letter, index, *ends))
        return total(inner, index, map(Bracket, ends))

    def _conditions(self, factors: tuple[Any, ...], scope: Scope) -> list[Affine]:
        """What must be at least 0 for a product not to vanish, as its factors say."""
        known = []
        for factor in factors:
            if isinstance(factor, terms.Bracket):
                known.append(self.affine(factor.high, scope) - self.affine(factor.low, scope))
            elif isinstance(factor, KroneckerDelta):
                left, right = (self.affine(a, scope) for a in factor.args)
                if left.alone is None or right.alone is None:
                    known += [left - right, right - left]
            elif isinstance(factor, Indexed) and self._is_zero_outside(terms.name_of(factor)):
                for idx, own in zip(factor.indices, self._axes(factor), strict=True):
                    known += margins(self.affine(idx, scope), own.low, own.high)
        return known

    def _is_zero_outside(self, name: str) -> bool:
        definition = self.setting.definitions.get(name)
        ends_in_zero = definition is not None and definition.outside == 0
        return ends_in_zero or name in self.setting.padded

    def _axes(self, entry: Any) -> list[Index]:
        return [self.index(own) for own in self.setting.indices[terms.name_of(entry)]]

    def _summed(self, letter: Any, low: Affine, high: Affine) -> Index:
        """The index of a sum, over all that its bounds allow; conditions say the rest.

        Its name is new: bounds may mention the same letter outside of the sum, which it hides.
        """
        return fresh(Index(str(letter), low.bounds[0], high.bounds[1]))

    def _entry(self, entry: Any, scope: Scope) -> Poly:
        name = terms.name_of(entry)
        tensor = self.tensor(name)
        if len(entry.indices) != len(tensor.axes):
            raise Unreadable(f"{name} has {len(tensor.axes)} axes, not {len(entry.indices)}")
        definition = self.setting.definitions.get(name)
        if definition is not None and definition.outside is not None:
            return self._entry_of_recursion(definition, tensor, entry, scope)
        subscripts = tuple(self._subscripts(name, entry.indices, scope))
        inside = [
            of(Bracket(end))
            for form, axis in zip(subscripts, tensor.axes, strict=True)
            if not form.letters  # one with letters is lifted, which says the same
            for end in margins(form, *axis)
        ]
        return product([of(Entry(tensor, subscripts)), *inside])

    def _entry_of_recursion(
        self, definition: terms.Definition, tensor: Tensor, entry: Any, scope: Scope
    ) -> Poly:
        """An entry that may lie beyond the end of its first axis, where `outside` is its value."""
        time = self.affine(entry.indices[0], scope)
        others = self._subscripts(definition.name, entry.indices, scope, skip=1)
        own = self.index(definition.indices[0])
        below, above = margins(time, own.low, own.high)
        if always(-below - 1) or always(-above - 1):
            letters = dict(zip(map(str, definition.indices[1:]), others, strict=True))
            return substitute(self.poly(definition.outside), letters)
        if not (always(below + 1) and always(above + 1)):
            raise Unreadable(f"{entry} may lie more than one step outside {definition.name}")
        return of(Entry(tensor, (time, *others)))

    def _subscripts(
        self, name: str, indices: tuple[Any, ...], scope: Scope, skip: int = 0
    ) -> list[Affine]:
        """The subscripts of an entry; those that may leave their axis are noted."""
        forms = []
        chosen = self._is_chosen(name, indices, scope)
        for idx, own in list(zip(indices, self.setting.indices[name], strict=True))[skip:]:
            form, axis = self.affine(idx, scope), self.index(own)
            inside = all(map(scope.allows, margins(form, axis.low, axis.high)))
            if not (inside or chosen or name in self.setting.padded):
                doubt(f"{name} may be read outside its axis at {idx}")
            forms.append(form)
        return forms

    def _is_chosen(self, name: str, indices: tuple[Any, ...], scope: Scope) -> bool:
        """Whether an entry is where a greatest value was found, which is inside its tensor."""
        choices = self.setting.choices
        places = [e for i in indices for e in i.atoms(Indexed) if terms.name_of(e) in choices]
        for place in places:
            choice = choices[terms.name_of(place)]
            at = dict(zip(choice.indices, place.indices, strict=True))
            same = [d for d in choices.values() if d.rhs.of == choice.rhs.of]
            at |= {d.rhs.chosen: terms.rename(d.lhs, at) for d in same}
            greatest = terms.rename(choice.rhs.of, at)
            if terms.name_of(greatest) == name:
                pairs = zip(indices, terms.indices_of(greatest), strict=True)
                if all(self.affine(a, scope) == self.affine(b, scope) for a, b in pairs):
                    return True
        return False


def runs_on(definition: terms.Definition) -> bool:
    """Whether a tensor has a value of its own beyond the ends of its first axis, other than 0."""
    return definition.outside is not None and definition.outside != 0
