"""Rules for powers and functions in a product."""

from gradcheck.derivations.calculus.normal.affine import Affine
from gradcheck.derivations.calculus.normal.algebra import (
    Terms,
    exact,
    merge,
    normalise,
    of,
    subtract,
)
from gradcheck.derivations.calculus.normal.names import renamed
from gradcheck.derivations.calculus.normal.poly import (
    ONE,
    Apply,
    Base,
    Binders,
    Factors,
    Number,
    Poly,
)
from gradcheck.derivations.calculus.normal.powers import LARGEST_POWER, power

IDEMPOTENT = ("step",)  # functions whose only values are 0 and 1


def multiply_out(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """(a + b)² c = a² c + 2 a b c + b² c, after equal bases have met."""
    ready = [a for a, e in factors.items() if isinstance(a, Base) and _can_be_expanded(a.poly, e)]
    if not ready:
        return None
    rest = {a: e for a, e in factors.items() if a not in ready}
    return normalise(coefficient, binders, rest, [power(b.poly, factors[b]) for b in ready])


def idempotent(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """step(x)² = step(x)."""
    for a, e in factors.items():
        if isinstance(a, Apply) and a.function in IDEMPOTENT and e > 0 and e != 1:
            return normalise(coefficient, binders, {**factors, a: 1})
    return None


def sine_squared(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    for a, e in factors.items():
        if isinstance(a, Apply) and a.function == "sin" and e >= 2:
            one_minus = subtract(ONE, of(Apply("cos", a.argument), 2))
            return normalise(coefficient, binders, {**factors, a: exact(e - 2)}, [one_minus])
    return None


def sum_meets_base(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """(Σ_k a_k) (Σ_k a_k)^e = (Σ_k a_k)^(e+1)."""
    for base in factors:
        single = base.poly.only if isinstance(base, Base) else None
        if single is None or len(single[0].binders) != 1 or single[1] != 1:
            continue
        (bound,) = single[0].binders
        for name, index in binders.items():
            if (index.low, index.high) != (bound.low, bound.high):
                continue
            touching = {a: e for a, e in factors.items() if name in a.letters}
            wanted = {renamed(a, {bound.name: Affine.of(index)}): e for a, e in single[0].factors}
            if touching == wanted:
                rest = {a: e for a, e in factors.items() if a not in wanted}
                merge(rest, [(base, 1)])
                inner = {n: b for n, b in binders.items() if n != name}
                return normalise(coefficient, inner, rest)
    return None


def _can_be_expanded(base: Poly, exponent: Number) -> bool:
    whole = exponent == int(exponent)
    if base.number is not None:
        return whole or exponent > 1 or exponent < 0
    if exponent > 0 and (whole or (exponent > 1 and len(base) > 1)):
        return bool(len(base) ** int(exponent) <= LARGEST_POWER)
    single = base.only
    if single is None or single[0].binders:
        return False
    return whole or all(a.positive or e % 2 == 0 for a, e in single[0].factors)
