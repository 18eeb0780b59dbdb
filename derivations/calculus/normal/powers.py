"""Powers: what is multiplied out, what comes out of a base, and what stays in it."""

from fractions import Fraction
from math import gcd, isqrt, lcm

from gradcheck.derivations.calculus.normal.algebra import (
    Terms,
    accumulate,
    apply,
    exact,
    merge,
    multiply,
    normalise,
    of,
    opened,
    poly,
    scale,
)
from gradcheck.derivations.calculus.normal.names import anonymous
from gradcheck.derivations.calculus.normal.poly import (
    ONE,
    ZERO,
    Atom,
    Base,
    Bracket,
    Delta,
    Factors,
    Number,
    Poly,
    Product,
    Size,
    atoms_of,
    constant,
    is_positive,
)
from gradcheck.derivations.calculus.normal.record import assume

SIZES_NOT_ZERO = "denominators made of sizes, such as N - 1, are not 0"
LARGEST_POWER = 400  # products that a natural power may be multiplied out into


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
    if not whole and exponent > 1 and len(base) > 1:  # B^(3/2) = B √B, with B multiplied out
        natural_part = int(exponent)
        return multiply(power(base, natural_part), power(base, exact(exponent - natural_part)))
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
    if exponent < 0 and not is_positive(rest) and all(isinstance(a, Size) for a in atoms_of(rest)):
        assume(SIZES_NOT_ZERO)  # N - 1 is 0 for N = 1, where Σ_{i=1}^{N-1} x_i / (N - 1) is 0
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
