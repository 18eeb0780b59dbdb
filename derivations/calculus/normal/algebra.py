"""Arithmetic of normal forms, and how one product is brought into normal form.

Every operation ends in `normalise`, which rewrites one product by the rules in `rules.py` until
none applies and then gives its summed indices their canonical names. Names bound in a product are
replaced by fresh ones before it meets another product, so nothing is ever captured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from math import gcd
from typing import Any

from gradcheck.derivations.calculus.normal.affine import Affine, Index
from gradcheck.derivations.calculus.normal.names import closed, renamed
from gradcheck.derivations.calculus.normal.poly import (
    ONE,
    ZERO,
    Apply,
    Atom,
    Binders,
    Bracket,
    Delta,
    Factors,
    Number,
    Poly,
    Product,
)
from gradcheck.derivations.calculus.normal.record import note

Terms = dict[Product, Number]
LARGEST_SUM = 4000  # products in one sum; beyond it a proof is given up
MOST_PRODUCTS = 40_000  # products normalised for one proof, a second's or two


class TooLarge(Exception):
    """A normal form has more products, or takes more of them, than is sensible."""


class Effort:
    """How many products were normalised, and how many may be."""

    def __init__(self) -> None:
        self.products = 0
        self.most: float = math.inf

    def count(self) -> None:
        self.products += 1
        if self.products > self.most:
            raise TooLarge(f"more than {self.most} products")


EFFORT = Effort()


@contextmanager
def limited(most: float) -> Iterator[None]:
    """Raises TooLarge if more products are normalised inside the `with` block."""
    outside = EFFORT.products, EFFORT.most
    EFFORT.products, EFFORT.most = 0, most
    try:
        yield
    finally:
        EFFORT.products, EFFORT.most = outside


# A rule takes an open product: it returns the terms that replace it, or None if it does not apply.
Rule = Callable[[Number, Binders, Factors], "Terms | None"]

# name, kinds of atom of which there must be one, and the rule, in order; `rules.py` fills it
RULES: list[tuple[str, tuple[type[Atom], ...], Rule]] = []

# how an elementwise function of a normal form is written, by name; `functions.py` fills it
FUNCTIONS: dict[str, Callable[[Poly], Poly]] = {}

_fresh_names = count()


def fresh(index: Index) -> Index:
    """An index over the same range with a name that is used nowhere."""
    return Index(f"%{next(_fresh_names)}", index.low, index.high)


def apply(function: str, argument: Poly) -> Poly:
    """function(argument); an unknown function stays as it is."""
    known = FUNCTIONS.get(function)
    return known(argument) if known else of(Apply(function, argument))


def of(atom: Atom, exponent: Number = 1) -> Poly:
    """The atom as a sum of products."""
    return poly(normalise(1, {}, {atom: exponent}))


def poly(terms: Terms) -> Poly:
    """Terms as a sum; those with coefficient 0 vanish."""
    kept = {product: c for product, c in terms.items() if c}
    if len(kept) > LARGEST_SUM:
        raise TooLarge(f"{len(kept)} products")
    return Poly(kept) if kept else ZERO


def add(*summands: Poly) -> Poly:
    terms: Terms = {}
    for summand in summands:
        accumulate(terms, summand.terms)
    return poly(terms)


def scale(sum_: Poly, factor: Number) -> Poly:
    return Poly({p: c * factor for p, c in sum_.terms}) if factor else ZERO


def subtract(left: Poly, right: Poly) -> Poly:
    return add(left, scale(right, -1))


def multiply(left: Poly, right: Poly) -> Poly:
    for one, other in ((left, right), (right, left)):
        if one.number is not None:
            return scale(other, one.number)
    if len(left) * len(right) > LARGEST_SUM:
        raise TooLarge(f"{len(left)} · {len(right)} products")
    terms: Terms = {}
    for p, c in left.terms:
        for q, d in right.terms:
            binders, factors = opened(p)
            more_binders, more = opened(q)
            merge(factors, more.items())
            accumulate(terms, normalise(c * d, {**binders, **more_binders}, factors).items())
    return poly(terms)


def product(factors: Iterable[Poly]) -> Poly:
    result = ONE
    for factor in factors:
        result = multiply(result, factor)
    return result


def opened(p: Product) -> tuple[Binders, Factors]:
    """A product taken apart, its summed indices with fresh names."""
    if not p.binders:
        return {}, dict(p.factors)
    inner = {b.name: fresh(b) for b in p.binders}
    new = {name: Affine.of(index) for name, index in inner.items()}
    return {index.name: index for index in inner.values()}, {
        renamed(a, new): e for a, e in p.factors
    }


def normalise(
    coefficient: Number, binders: Binders, factors: Factors, sums: Iterable[Poly] = ()
) -> Terms:
    """The normal form of coefficient · Σ over binders of Π factors · Π sums."""
    sums = tuple(sums)
    if sums:
        terms: Terms = {}
        for p, c in product(sums).terms:
            more_binders, more = opened(p)
            merge(more, factors.items())
            accumulate(
                terms, normalise(exact(coefficient * c), {**binders, **more_binders}, more).items()
            )
        return terms
    EFFORT.count()
    simple = _simplified(factors)
    if simple is None or not coefficient:
        return {}
    kinds = {type(a) for a in simple}
    for name, wanted, function in RULES:
        if not wanted or not kinds.isdisjoint(wanted):
            result = function(coefficient, binders, simple)
            if result is not None:
                note(name)
                return result
    return {closed(binders, simple): coefficient}


def _simplified(factors: Factors) -> Factors | None:
    """Factors with deltas and conditions in lowest terms; None if one is 0."""
    simple: Factors = {}
    for atom, exponent in factors.items():
        if not exponent:
            continue
        if exponent < 0 and isinstance(atom, (Delta, Bracket)):
            raise ZeroDivisionError("a negative power of what may be 0")
        if isinstance(atom, Delta):
            delta = _simplified_delta(atom)
            if delta is None:
                return None
            if delta.argument.parts:
                simple[delta] = 1
        elif isinstance(atom, Bracket):
            if atom.argument.parts:
                simple[atom] = 1
            elif atom.argument.const < 0:
                return None
        else:
            simple[atom] = exponent
    return simple


def _simplified_delta(delta: Delta) -> Delta | None:
    """[2 i - 2 j = 0] as [i - j = 0], with a positive first coefficient; None if it is 0."""
    form = delta.argument
    if not form.parts:
        return delta if form.const == 0 else None
    parts = form.parts.values()
    divisor = gcd(*(c for c, _, _ in parts))
    if all(not sizes for _, sizes, _ in parts) and form.const % divisor:
        return None
    first = form.parts[min(form.parts)][0]
    if divisor == 1 and first > 0:
        return delta
    if form.const % divisor:
        divisor = 1
    sign = divisor if first > 0 else -divisor
    reduced = {text: (c // sign, s, i) for text, (c, s, i) in form.parts.items()}
    return Delta(Affine(form.const // sign, reduced))


def merge(factors: Factors, more: Iterable[tuple[Atom, Number]]) -> None:
    """Multiply into `factors`: exponents of equal atoms add up."""
    for atom, exponent in more:
        both = factors.get(atom, 0) + exponent
        if both:
            factors[atom] = exact(both)
        else:
            factors.pop(atom, None)


def without(factors: Factors, atom: Atom) -> Factors:
    """The factors but one."""
    return {a: e for a, e in factors.items() if a != atom}


def accumulate(terms: Terms, more: Iterable[tuple[Product, Number]]) -> None:
    """Add to `terms`: coefficients of equal products add up."""
    for p, c in more:
        terms[p] = terms.get(p, 0) + c


def exact(value: Any) -> Number:
    """An integer where a fraction is one."""
    return int(value) if value == int(value) else value
