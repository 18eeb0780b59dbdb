"""From normal forms back to SymPy's index expressions, to show what a proof ended in.

Summed indices get letters of their axis that are not taken; a subscript that was lifted into a
delta is put back: Σ_v δ(v - t - k) x[v] is x[t+k].
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import (
    Add,
    Idx,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    pi,
)

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.functions import VALUES, undefined
from gradcheck.derivations.calculus.normal.affine import Affine, Index, Lookup, always, margins
from gradcheck.derivations.calculus.normal.algebra import opened
from gradcheck.derivations.calculus.normal.poly import (
    PI,
    Apply,
    Atom,
    Base,
    Binders,
    Bracket,
    Delta,
    Entry,
    Factors,
    Number,
    Poly,
    Product,
    Size,
)
from gradcheck.derivations.calculus.normal.read import NUMBER
from gradcheck.derivations.calculus.normal.substitution import substituted

FUNCTIONS = {f.__name__: f for f in VALUES}


def written(poly: Poly, setting: terms.Setting) -> Any:
    """The normal form as a SymPy expression in the letters of a setting."""
    return _Writer(setting, poly.letters).poly(poly, {})


class _Writer:
    def __init__(self, setting: terms.Setting, free: Iterable[str]) -> None:
        self.setting = setting
        self.free = set(free)
        self.letters: dict[str, Any] = {}
        self.sizes: dict[str, Any] = {}
        for idx in [i for axes in setting.indices.values() for i in axes]:
            self.letters.setdefault(str(idx), idx)
            for symbol in terms.size_of(idx).free_symbols:
                self.sizes[str(symbol)] = symbol

    def poly(self, poly: Poly, names: dict[str, Any]) -> Any:
        return Add(*[self.product(p, c, names) for p, c in poly.terms])

    def product(self, p: Product, c: Number, names: dict[str, Any]) -> Any:
        binders, factors = _put_back(*opened(p))
        inner = dict(names)
        limits = []
        for name, index in binders.items():
            inner[name] = self.letter(index, [*inner.values(), *p.letters])
            limits.append((inner[name], self.affine(index.low, {}), self.affine(index.high, {})))
        body = Mul(*[self.atom(a, inner) ** Rational(e) for a, e in factors.items()])
        return Rational(c) * (Sum(body, *reversed(limits)) if limits else body)

    def letter(self, index: Index, taken: Iterable[Any]) -> Any:
        """A letter of the same axis that is not taken."""
        low, high = self.affine(index.low, {}), self.affine(index.high, {})
        used = self.free | {str(t) for t in taken}
        for letter, idx in self.letters.items():
            if letter not in used and (idx.lower, idx.upper) == (low, high):
                return idx
        some = next((n for n, i in self.letters.items() if i.upper == high), "k")
        while some in used:
            some += "′"
        return Idx(some, (low, high))

    def affine(self, form: Affine, names: dict[str, Any]) -> Any:
        parts = [Integer(form.const)]
        for coefficient, sizes, index in form.parts.values():
            factors = [self.sizes.get(s, Symbol(s)) for s in sizes]
            if index is not None:
                factors.append(self.index(index, names))
            parts.append(Mul(coefficient, *factors))
        return Add(*parts)

    def index(self, index: Index | Lookup, names: dict[str, Any]) -> Any:
        if isinstance(index, Lookup):
            return IndexedBase(index.tensor)[tuple(self.affine(a, names) for a in index.subscripts)]
        if index.name in names:
            return names[index.name]
        low, high = self.affine(index.low, {}), self.affine(index.high, {})
        return Idx(index.name.split(":")[0], (low, high))

    def atom(self, atom: Atom, names: dict[str, Any]) -> Any:
        if isinstance(atom, Entry):
            return self.entry(atom, names)
        if isinstance(atom, Delta):
            return self.delta(atom.argument, names)
        if isinstance(atom, Bracket):
            return self.bracket(atom.argument, names)
        if atom is PI:
            return pi
        if isinstance(atom, Size):
            return self.sizes.get(atom.name, Symbol(atom.name))
        if isinstance(atom, Apply):
            return self.function(atom.function)(self.poly(atom.argument, names))
        assert isinstance(atom, Base)
        return Pow(self.poly(atom.poly, names), 1)

    def entry(self, entry: Entry, names: dict[str, Any]) -> Any:
        subscripts = tuple(self.affine(a, names) for a in entry.subscripts)
        name = entry.tensor.name
        if name == NUMBER:
            return subscripts[0]
        made = entry.tensor.made
        if made is None:
            return terms.entry_of(name, subscripts)
        if made.cotangent is not None:  # a gradient is known by its variable
            return terms.entry_of(f"d{made.by}", subscripts)
        split = len(self.setting.indices[made.of])
        return terms.D(
            terms.entry_of(made.of, subscripts[:split]),
            terms.entry_of(made.by, subscripts[split:]),
        )

    def delta(self, form: Affine, names: dict[str, Any]) -> Any:
        left, right = _sides(form)
        return KroneckerDelta(self.affine(left, names), self.affine(right, names))

    def bracket(self, form: Affine, names: dict[str, Any]) -> Any:
        high, low = _sides(form)
        return terms.Bracket(self.affine(low, names), self.affine(high, names))

    def function(self, name: str) -> Any:
        if name in FUNCTIONS:
            return FUNCTIONS[name]
        base, primes = name.rstrip("′"), len(name) - len(name.rstrip("′"))
        function = undefined(base)
        return function.prime if primes else function


def _sides(form: Affine) -> tuple[Affine, Affine]:
    """What is positive in a form, and what is negative, so that form = 0 reads left = right."""
    left = {text: part for text, part in form.parts.items() if part[0] > 0}
    right = {text: part for text, part in form.parts.items() if part[0] < 0}
    return Affine(max(form.const, 0), left), -Affine(min(form.const, 0), right)


def _put_back(binders: Binders, factors: Factors) -> tuple[Binders, Factors]:
    """A product without the deltas that stand for an offset in a subscript, where there are any.

    The condition that the subscript lies on its axis stays, unless it always does.
    """
    for delta in [a for a in factors if isinstance(a, Delta)]:
        for index in delta.argument.indices:
            sign = delta.argument.coefficient(index)
            if index.name not in binders or abs(sign) != 1 or not isinstance(index, Index):
                continue
            value = delta.argument.solved_for(index)
            ends = map(Bracket, margins(value, index.low, index.high))
            new = {index.name: value}
            changed: dict[Atom, Any] = {b: 1 for b in ends if not always(b.argument)}
            for a, e in factors.items():
                if a is not delta:
                    value_of = substituted(a, new)
                    if isinstance(value_of, Poly):
                        return binders, factors
                    changed[value_of] = e
            rest = {n: b for n, b in binders.items() if n != index.name}
            return _put_back(rest, changed)
    return binders, factors
