"""The last means to show that a difference is 0: functions in exp, division, denominators.

Each is an identity, so a difference that vanishes afterwards was 0; but none is tried before the
others have failed, since they make expressions larger.
"""

from collections.abc import Callable
from fractions import Fraction

from gradcheck.derivations.calculus.normal.affine import Affine, Index, nonnegative
from gradcheck.derivations.calculus.normal.algebra import (
    Terms,
    accumulate,
    add,
    apply,
    exact,
    fresh,
    merge,
    normalise,
    opened,
    poly,
)
from gradcheck.derivations.calculus.normal.functions import in_exponentials
from gradcheck.derivations.calculus.normal.names import canonical_order
from gradcheck.derivations.calculus.normal.poly import (
    Apply,
    Atom,
    Base,
    Bracket,
    Entry,
    Factors,
    Number,
    Poly,
    Product,
    atoms_of,
)
from gradcheck.derivations.calculus.normal.powers import power
from gradcheck.derivations.calculus.normal.rules_ranges import narrowed
from gradcheck.derivations.calculus.normal.substitution import again

ROUNDS = 40  # how often one change is made everywhere before it is given up

Change = Callable[[Product, Number], "Terms | None"]


def cleared(difference: Poly) -> tuple[Poly, str]:
    """What is left of a difference, up to a factor that is not 0, and what was done to it."""
    method = "normal form"
    for change, name in CHANGES:
        changed = change(difference)
        if not changed.terms:
            return changed, name
        if change is not _denominators_cleared and changed != difference:
            difference, method = changed, name
    return difference, method


def _repeated(change: Change, value: Poly) -> Poly:
    """The value with each product replaced by what a change makes of it, until none is made."""
    for _ in range(ROUNDS):
        terms: Terms = {}
        changed = False
        for p, c in value.terms:
            new = change(p, c)
            changed = changed or new is not None
            accumulate(terms, [(p, c)] if new is None else new.items())
        value = poly(terms)
        if not changed:
            break
    return value


def _over_whole_axes(value: Poly) -> Poly:
    """Σ_{i=1}^{N-1} x_i written as Σ_i x_i - x_0: where one term at an end is missing."""
    return _repeated(_completed, value)


def _completed(p: Product, c: Number) -> Terms | None:
    binders, factors = opened(p)
    for name, index in binders.items():
        for low, high in _axes_of(name, factors):
            ends = [(low, index.high, low)] if index.low == low + 1 else []
            ends += [(index.low, high, high)] if index.high == high - 1 else []
            for new_low, new_high, missing in ends:
                if nonnegative(new_high - new_low):
                    longer = fresh(Index("", new_low, new_high))
                    others = {n: b for n, b in binders.items() if n != name}
                    new = {name: Affine.of(longer)}
                    terms = dict(again(c, {**others, longer.name: longer}, factors, new))
                    accumulate(terms, again(-c, others, factors, {name: missing}).items())
                    return terms
    return None


def _axes_of(name: str, factors: Factors) -> list[tuple[Affine, Affine]]:
    """The ranges of the axes that an index is the subscript of."""
    return [
        axis
        for atom in factors
        if isinstance(atom, Entry)
        for subscript, axis in zip(atom.subscripts, atom.tensor.axes, strict=True)
        if subscript.alone is not None and subscript.alone.name == name
    ]


def _conditions_one_way(value: Poly) -> Poly:
    """[i < j] written as 1 - [j <= i], or the other way round: of the two, always the same one.

    Which it is follows from the names that the indices have in the product without conditions.
    """
    return _repeated(_turned, value)


def _turned(p: Product, c: Number) -> Terms | None:
    binders, factors = opened(p)
    others = {a: e for a, e in factors.items() if not isinstance(a, Bracket)}
    for bracket in factors:
        if not isinstance(bracket, Bracket):
            continue
        rest = {a: e for a, e in factors.items() if a is not bracket}
        wide = {n: _widened(b, bracket, rest) for n, b in binders.items()}
        order = [*sorted(bracket.letters - binders.keys()), *canonical_order(wide, others)]
        placed = (i for n in order for i in bracket.argument.indices if i.name == n)
        first = next(placed, None)
        if first is None or bracket.argument.coefficient(first) >= 0:
            continue
        new = {n: Affine.of(b) for n, b in wide.items()}
        inner = {b.name: b for b in wide.values()}
        complement = {**rest, Bracket(-bracket.argument - 1): 1}
        terms = dict(again(c, inner, rest, new))
        accumulate(terms, again(-c, inner, complement, new).items())
        return terms
    return None


def _widened(index: Index, bracket: Bracket, factors: Factors) -> Index:
    """The index over its whole axis, if it is only the bracket that keeps it from the rest."""
    for low, high in _axes_of(index.name, factors):
        narrower = narrowed(bracket.argument, Index(index.name, low, high))
        if narrower is not None and narrower.range_key == index.range_key:
            return fresh(Index("", low, high))
    return fresh(index)


def _in_exponentials(value: Poly) -> Poly:
    """sigmoid, tanh and softplus written with exp, innermost first."""
    if not any(isinstance(a, Apply) and a.function in _EXPONENTIAL for a in atoms_of(value)):
        return value
    parts = []
    for p, c in value.terms:
        binders, factors = opened(p)
        sums = [_written(a, e) for a, e in factors.items()]
        parts.append(poly(normalise(c, binders, {}, sums)))
    return add(*parts)


_EXPONENTIAL = ("sigmoid", "tanh", "softplus")


def _written(atom: Atom, exponent: Number) -> Poly:
    if isinstance(atom, Base):
        return power(_in_exponentials(atom.poly), exponent)
    if isinstance(atom, Apply):
        inner = _in_exponentials(atom.argument)
        value = in_exponentials(atom.function, inner)
        return power(apply(atom.function, inner) if value is None else value, exponent)
    return Poly({Product((), ((atom, exponent),)): 1})


def _divided(value: Poly) -> Poly:
    """x / (x + 1) = 1 - 1 / (x + 1), also under a sum, as long as anything can be divided."""
    return _repeated(_divide, value)


def _divide(p: Product, c: Number) -> Terms | None:
    """q a (a + r)^-k = q (a + r)^(1-k) - q r (a + r)^-k, for the leading term a of a base."""
    binders, factors = opened(p)
    for base, exponent in factors.items():
        lead = _leading(base.poly) if isinstance(base, Base) and exponent < 0 else None
        if lead is None or not all(factors.get(a, 0) >= e for a, e in lead[0].factors):
            continue
        assert isinstance(base, Base)
        rest = Poly({q: d for q, d in base.poly.terms if q != lead[0]})
        quotient: Factors = dict(factors)
        merge(quotient, [(a, -e) for a, e in lead[0].factors])
        by = exact(Fraction(c) / lead[1])
        whole = dict(quotient)
        merge(whole, [(base, 1)])
        terms = dict(normalise(by, binders, whole))
        accumulate(terms, normalise(-by, binders, quotient, [rest]).items())
        return terms
    return None


def _leading(base: Poly) -> tuple[Product, Number] | None:
    """The term of greatest degree, if it has no summed indices and positive exponents."""
    ranked = [
        (sum(e for _, e in p.factors), p.key, p, c)
        for p, c in base.terms
        if not p.binders and p.factors and all(e > 0 for _, e in p.factors)
    ]
    if not ranked or any(p.binders for p, _ in base.terms):
        return None
    _, _, p, c = max(ranked, key=lambda r: r[:2])
    return p, c


def _denominators_cleared(value: Poly) -> Poly:
    """Multiplied by the bases of negative powers that no summed index occurs in."""
    for _ in range(ROUNDS):
        lowest: dict[Atom, Number] = {}
        for p, _c in value.terms:
            bound = {b.name for b in p.binders}
            for a, e in p.factors:
                if isinstance(a, Base) and e < 0 and bound.isdisjoint(a.letters):
                    lowest[a] = min(lowest.get(a, 0), e)
        if not lowest:
            return value
        outermost = max(lowest, key=lambda a: (a.height, len(a.key)))
        terms: Terms = {}
        for p, c in value.terms:
            binders, factors = opened(p)
            merge(factors, [(outermost, -lowest[outermost])])
            accumulate(terms, normalise(c, binders, factors).items())
        value = poly(terms)
    return value


CHANGES: tuple[tuple[Callable[[Poly], Poly], str], ...] = (
    (_denominators_cleared, "denominators cleared"),
    (_over_whole_axes, "sums over whole axes"),
    (_conditions_one_way, "complementary conditions"),
    (_denominators_cleared, "denominators cleared"),
    (_in_exponentials, "functions written with exp"),
    (_divided, "denominators divided out"),
    (_denominators_cleared, "denominators cleared"),
)
