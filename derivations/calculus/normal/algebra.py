"""Arithmetic of normal forms: sum, product, Σ, power, function, substitution.

Every operation ends in `normalise`, which rewrites one product by the rules of `rules.py` until
none applies and then gives its summed indices their canonical names. Names bound in a product are
replaced by fresh ones before it meets another product, so nothing is ever captured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from math import gcd, isqrt, lcm
from typing import Any

from gradcheck.derivations.calculus.normal.affine import Affine, Index
from gradcheck.derivations.calculus.normal.names import anonymous, closed, renamed
from gradcheck.derivations.calculus.normal.poly import (
    ONE,
    ZERO,
    Apply,
    Atom,
    Base,
    Bracket,
    Delta,
    Entry,
    Number,
    Poly,
    Product,
    constant,
)

Terms = dict[Product, Number]
Binders = dict[str, Index]
Factors = dict[Atom, Number]
LARGEST_POWER = 400  # products that a natural power may be multiplied out into
LARGEST_SUM = 4000  # products in one sum; beyond it a proof is given up


class TooLarge(Exception):
    """A normal form has more products than is sensible to compare."""


@dataclass
class Record:
    """What was used on the way to a normal form.

    rules        names of rules, with how often they were applied
    assumptions  what must hold of values, as sentences
    doubts       entries that may be read outside their tensor, as sentences
    """

    rules: dict[str, int] = field(default_factory=dict)
    assumptions: dict[str, None] = field(default_factory=dict)
    doubts: dict[str, None] = field(default_factory=dict)


_records: list[Record] = []


@contextmanager
def recorded() -> Any:
    """Collects the rules and assumptions used inside the `with` block."""
    _records.append(Record())
    try:
        yield _records[-1]
    finally:
        _records.pop()


def note(rule: str) -> None:
    for record in _records:
        record.rules[rule] = record.rules.get(rule, 0) + 1


def assume(text: str) -> None:
    for record in _records:
        record.assumptions[text] = None


def doubt(text: str) -> None:
    for record in _records:
        record.doubts[text] = None


class Memory:
    """Remembers values by key, and with each what its making assumed and doubted."""

    def __init__(self) -> None:
        self._known: dict[Any, tuple[Any, Record]] = {}

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._known:
            with recorded() as record:
                self._known[key] = make(), record
            return self._known[key][0]
        value, record = self._known[key]
        for text in record.assumptions:
            assume(text)
        for text in record.doubts:
            doubt(text)
        return value


# A rule takes an open product: it returns the terms that replace it, or None if it does not apply.
Rule = Callable[[Number, Binders, Factors], "Terms | None"]
RULES: list[tuple[str, tuple[type[Atom], ...], Rule]] = []


def rule(name: str, *kinds: type[Atom]) -> Callable[[Rule], Rule]:
    """Registers a rule, to be tried where a product has an atom of one of these kinds."""

    def register(function: Rule) -> Rule:
        RULES.append((name, kinds, function))
        return function

    return register


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


def total(body: Poly, index: Index, conditions: Iterable[Atom] = ()) -> Poly:
    """Σ over an index and its range of a body, where all conditions hold."""
    terms: Terms = {}
    conditions = tuple(conditions)
    for p, c in body.terms:
        inner = fresh(index)
        new = {index.name: Affine.of(inner)}
        binders, factors = opened(p)
        merge(factors, ((condition, 1) for condition in conditions))
        accumulate(terms, again(c, {**binders, inner.name: inner}, factors, new).items())
    return poly(terms)


def power(base: Poly, exponent: Number) -> Poly:
    """base^exponent. Powers that cannot be multiplied out stay powers of a `Base`.

    What is common to all products comes out first: (a b + a c)^e = a^e (b + c)^e, for an
    exponent that is not whole only if a is positive, or even: √(a² b) = |a| √b.
    Raises ZeroDivisionError for 0 to a negative power.
    """
    if exponent == 0:
        return ONE
    if exponent == 1:
        return base
    number = base.number
    if number is not None:
        return _power_of_number(number, exponent)
    natural = exponent > 0 and exponent == int(exponent)
    if natural and len(base) ** int(exponent) <= LARGEST_POWER:
        result = base
        for _ in range(int(exponent) - 1):
            result = multiply(result, base)
        return result
    whole = exponent == int(exponent)
    coefficient, common, rest = content(base, signs=whole)
    result = _power_of_number(coefficient, exponent)
    for atom, own in common:
        result = multiply(result, _power_of_atom(atom, own, exponent))
    if rest.number == 1:
        return result
    single = rest.only
    if single and whole and not single[0].binders:
        factors = {a: e * exponent for a, e in single[0].factors}
        return multiply(
            result, poly(normalise(exact(Fraction(single[1]) ** int(exponent)), {}, factors))
        )
    return multiply(result, of(Base(rest), exponent))


def _power_of_number(number: Number, exponent: Number) -> Poly:
    """number^exponent; a root that is no fraction stays a power of a `Base`."""
    if number == 0:
        if exponent < 0:
            raise ZeroDivisionError("a negative power of 0")
        return ZERO
    exponent = exact(exponent)
    if isinstance(exponent, int):
        return constant(exact(Fraction(number) ** exponent))
    if number > 0 and exponent.denominator == 2:
        roots = [isqrt(part) for part in Fraction(number).as_integer_ratio()]
        if Fraction(*roots) ** 2 == number:
            return constant(exact(Fraction(*roots) ** exponent.numerator))
    whole, rest = divmod(exponent, 1)  # 2^(3/2) = 2 · 2^(1/2)
    root = Poly({Product((), ((Base(constant(number)), rest),)): 1}) if number != 1 else ONE
    return scale(root, exact(Fraction(number) ** int(whole)))


def _power_of_atom(atom: Atom, own: Number, exponent: Number) -> Poly:
    """(atom^own)^exponent, where own is even or the atom positive, or exponent whole."""
    both = exact(own * Fraction(exponent))
    if atom.positive or exponent == int(exponent) or both % 2 == 0:
        return of(atom, both)
    return power(apply("absolute", of(atom)), both)


def content(sum_: Poly, signs: bool) -> tuple[Number, list[tuple[Atom, Number]], Poly]:
    """coefficient, common factors and rest, of which the sum is the product.

    With `signs`, factors of either sign are taken out and the rest leads with coefficient 1;
    without, only positive factors, even powers, and a positive coefficient.
    """
    common: Factors | None = None
    for p, _ in sum_.terms:
        bound = {b.name for b in p.binders}
        here = {
            a: e
            for a, e in p.factors
            if bound.isdisjoint(a.letters) and not isinstance(a, (Delta, Bracket))
        }
        if common is None:
            common = here
            continue
        for a in {**common, **here}:
            common[a] = min(common.get(a, 0), here.get(a, 0))
    kept = {a: e for a, e in (common or {}).items() if e}
    if not signs:
        kept = {a: e for a, e in kept.items() if a.positive or e % 2 == 0}
    if kept:
        terms: Terms = {}
        for p, c in sum_.terms:
            binders, factors = opened(p)
            merge(factors, ((a, -e) for a, e in kept.items()))
            accumulate(terms, normalise(c, binders, factors).items())
        sum_ = poly(terms)
    coefficient: Number = _common_divisor([c for _, c in sum_.terms])
    if signs and not leads_positive(sum_):
        coefficient = -coefficient
    return coefficient, list(kept.items()), scale(sum_, exact(Fraction(1) / coefficient))


def leads_positive(sum_: Poly) -> bool:
    """Which of p and -p is the standard one, decided without looking at the names of indices.

    Where that leaves it open (x_i - x_j), the names decide.
    """
    terms = [(anonymous(p), c) for p, c in sum_.terms]
    negated = sorted((text, -c) for text, c in terms)
    terms.sort()
    return sum_.terms[0][1] > 0 if terms == negated else terms > negated


def _common_divisor(coefficients: list[Number]) -> Number:
    fractions = [Fraction(c) for c in coefficients]
    over = gcd(*(f.numerator for f in fractions))
    return exact(Fraction(over, lcm(*(f.denominator for f in fractions))))


def substitute(sum_: Poly, new: Mapping[str, Affine]) -> Poly:
    """Put subscripts in the place of free indices."""
    if sum_.letters.isdisjoint(new):
        return sum_
    terms: Terms = {}
    for p, c in sum_.terms:
        binders, factors = opened(p)
        accumulate(terms, again(c, binders, factors, new).items())
    return poly(terms)


def replace_entries(sum_: Poly, replacement: Callable[[Entry], Poly | None]) -> Poly:
    """Put something else in the place of the entries for which there is a replacement."""
    parts: list[Poly] = []
    for p, c in sum_.terms:
        binders, factors = opened(p)
        stay: Factors = {}
        changed: list[Poly] = []
        for atom, exponent in factors.items():
            value = _replacement(atom, exponent, replacement)
            if value is None:
                stay[atom] = exponent
            else:
                changed.append(value)
        if changed:
            parts.append(poly(normalise(c, binders, stay, changed)))
        else:
            parts.append(Poly({p: c}))
    return add(*parts)


def _replacement(
    atom: Atom, exponent: Number, replacement: Callable[[Entry], Poly | None]
) -> Poly | None:
    value: Poly | None = None
    if isinstance(atom, Entry):
        value = replacement(atom)
    elif isinstance(atom, Apply):
        inner = replace_entries(atom.argument, replacement)
        value = None if inner == atom.argument else apply(atom.function, inner)
    elif isinstance(atom, Base):
        inner = replace_entries(atom.poly, replacement)
        value = None if inner == atom.poly else inner
    return None if value is None else power(value, exponent)


def opened(p: Product) -> tuple[Binders, Factors]:
    """A product taken apart, its summed indices with fresh names."""
    if not p.binders:
        return {}, dict(p.factors)
    inner = {b.name: fresh(b) for b in p.binders}
    new = {name: Affine.of(index) for name, index in inner.items()}
    return {index.name: index for index in inner.values()}, {
        renamed(a, new): e for a, e in p.factors
    }


def substituted(atom: Atom, new: Mapping[str, Affine]) -> Atom | Poly:
    """What an atom becomes; a function or a base may turn into a whole sum."""
    if atom.letters.isdisjoint(new):
        return atom
    if isinstance(atom, Entry):
        return Entry(atom.tensor, tuple(a.substitute(new) for a in atom.subscripts))
    if isinstance(atom, Delta):
        return Delta(atom.argument.substitute(new))
    if isinstance(atom, Bracket):
        return Bracket(atom.argument.substitute(new))
    if isinstance(atom, Apply):
        return apply(atom.function, substitute(atom.argument, new))
    assert isinstance(atom, Base)
    inner = substitute(atom.poly, new)
    return Base(inner) if len(inner) > 1 else inner


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


def again(
    coefficient: Number,
    binders: Binders,
    factors: Factors,
    new: Mapping[str, Affine],
    keep: Atom | None = None,
) -> Terms:
    """The terms of an open product after a substitution, which `keep`, a factor too, escapes."""
    atoms: Factors = {} if keep is None else {keep: 1}
    sums: list[Poly] = []
    for atom, exponent in factors.items():
        value = substituted(atom, new)
        if isinstance(value, Poly):
            sums.append(power(value, exponent))
        else:
            merge(atoms, ((value, exponent),))
    return normalise(coefficient, binders, atoms, sums)


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


def accumulate(terms: Terms, more: Iterable[tuple[Product, Number]]) -> None:
    """Add to `terms`: coefficients of equal products add up."""
    for p, c in more:
        terms[p] = terms.get(p, 0) + c


def exact(value: Any) -> Number:
    """An integer where a fraction is one."""
    return int(value) if value == int(value) else value
