"""The last means to show that a difference is 0: functions in exp, division, denominators.

Each is an identity, so a difference that vanishes afterwards was 0; but none is tried before the
others have failed, since they make expressions larger.
"""

from fractions import Fraction

from gradcheck.derivations.calculus.normal.algebra import (
    Factors,
    Terms,
    accumulate,
    add,
    apply,
    exact,
    merge,
    normalise,
    opened,
    poly,
    power,
    scale,
)
from gradcheck.derivations.calculus.normal.functions import in_exponentials
from gradcheck.derivations.calculus.normal.poly import (
    Apply,
    Atom,
    Base,
    Number,
    Poly,
    Product,
    atoms_of,
)

ROUNDS = 8
MOST_DIVISIONS = 40


def cleared(difference: Poly) -> tuple[Poly, str]:
    """What is left of a difference, up to a factor that is not 0, and what was done to it."""
    method = "normal form"
    for change, name in (
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
    factors = dict(p.factors)
    for base, exponent in p.factors:
        if not isinstance(base, Base) or exponent >= 0:
            continue
        lead = _leading(base.poly)
        if lead is None or not all(factors.get(a, 0) >= e for a, e in lead[0].factors):
            continue
        rest = Poly({q: d for q, d in base.poly.terms if q != lead[0]})
        binders, inner = opened(p)
        quotient: Factors = dict(inner)
        merge(quotient, [(a, -e) for a, e in lead[0].factors])
        by = Fraction(c) / lead[1]
        whole = dict(quotient)
        merge(whole, [(base, 1)])
        terms = dict(normalise(exact(by), binders, whole))
        accumulate(terms, normalise(exact(-by), binders, quotient, [rest]).items())
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
