"""The last means to show that a difference is 0: functions in exp, division, denominators.

Each is an identity, so a difference that vanishes afterwards was 0; but none is tried before the
others have failed, since they make expressions larger.
"""

from fractions import Fraction

from gradcheck.derivations.calculus.normal.affine import Affine, Index
from gradcheck.derivations.calculus.normal.algebra import (
    Factors,
    Terms,
    accumulate,
    add,
    again,
    apply,
    exact,
    fresh,
    merge,
    normalise,
    opened,
    poly,
    power,
)
from gradcheck.derivations.calculus.normal.functions import in_exponentials
from gradcheck.derivations.calculus.normal.names import canonical_order
from gradcheck.derivations.calculus.normal.poly import (
    Apply,
    Atom,
    Base,
    Bracket,
    Entry,
    Number,
    Poly,
    Product,
    atoms_of,
)
from gradcheck.derivations.calculus.normal.rules import narrowed

ROUNDS = 8
MOST_DIVISIONS = 40


def cleared(difference: Poly) -> tuple[Poly, str]:
    """What is left of a difference, up to a factor that is not 0, and what was done to it."""
    method = "normal form"
    for change, name in (
        (_conditions_one_way, "complementary conditions"),
        (_denominators_cleared, "denominators cleared"),
        (_in_exponentials, "functions written with exp"),
        (_divided, "denominators divided out"),
        (_denominators_cleared, "denominators cleared"),
    ):
        changed = change(difference)
        if changed != difference:
            method = name
            if not changed.terms or change is not _denominators_cleared:
                difference = changed
        if not difference.terms:
            break
    return difference, method


def _conditions_one_way(value: Poly) -> Poly:
    """[i < j] written as 1 - [j <= i], or the other way round: of the two, always the same one.

    Which it is follows from the names that the indices have in the product without conditions.
    """
    for _ in range(ROUNDS):
        terms: Terms = {}
        changed = False
        for p, c in value.terms:
            turned = _turned(p, c)
            changed = changed or turned is not None
            accumulate(terms, [(p, c)] if turned is None else turned.items())
        value = poly(terms)
        if not changed:
            break
    return value


def _turned(p: Product, c: Number) -> Terms | None:
    binders, factors = opened(p)
    others = {a: e for a, e in factors.items() if not isinstance(a, Bracket)}
    for bracket in factors:
        if not isinstance(bracket, Bracket):
            continue
        rest = {a: e for a, e in factors.items() if a is not bracket}
        wide = {n: _widened(b, bracket, rest) for n, b in binders.items()}
        order = [*sorted(bracket.letters - binders.keys()), *canonical_order(wide, others)]
        first = next(i for n in order for i in bracket.argument.indices if i.name == n)
        if bracket.argument.coefficient(first) >= 0:
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
    for atom in factors:
        if isinstance(atom, Entry):
            for subscript, (low, high) in zip(atom.subscripts, atom.tensor.axes, strict=True):
                if subscript.alone is not None and subscript.alone.name == index.name:
                    whole = Index(index.name, low, high)
                    narrower = narrowed(bracket.argument, whole)
                    if narrower is not None and narrower.range_key == index.range_key:
                        return fresh(whole)
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
    for _ in range(MOST_DIVISIONS):
        terms: Terms = {}
        changed = False
        for p, c in value.terms:
            divided = _divide(p, c)
            changed = changed or divided is not None
            accumulate(terms, [(p, c)] if divided is None else divided.items())
        value = poly(terms)
        if not changed:
            break
    return value


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
