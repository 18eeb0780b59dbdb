"""A product as people read it: its sign, its factors in their order, what they are divided by."""

from typing import Any

from sympy import Integer, Mul, Pow

DIGITS = 17  # of a decimal fraction: as many as tell two floating-point numbers apart


def decimal(number: Any) -> str:
    """A positive fraction of tenths as people write it, 0.044715; empty for any other number."""
    places = next((k for k in range(1, DIGITS) if number.is_Rational and 10**k % number.q == 0), 0)
    if not places or number.q % 5:
        return ""
    whole, rest = divmod(int(number * 10**places), 10**places)
    return f"{whole}.{rest:0{places}d}"


def signed(expr: Any) -> tuple[int, Any]:
    """Sign and size of a term, by its leading number: -2 x is -1 and 2 x."""
    head, *rest = factors(expr)
    if not (head.is_Number and head < 0):
        return 1, expr
    if head == -1 and rest:
        return -1, rest[0] if len(rest) == 1 else Mul(*rest, evaluate=False)
    return -1, Mul(-head, *rest, evaluate=False) if rest else -head


def factors(expr: Any) -> list[Any]:
    """The factors of nested products in their order."""
    return [f for a in expr.args for f in factors(a)] if isinstance(expr, Mul) else [expr]


def reciprocal(factor: Any) -> Any:
    """What a factor divides by: x² for x**(-2), None for a factor that is no denominator."""
    if not isinstance(factor, Pow) or not factor.exp.is_Number or factor.exp >= 0:
        return None
    return factor.base if factor.exp == -1 else Pow(factor.base, -factor.exp, evaluate=False)


def fractions(factors: list[Any]) -> list[tuple[list[Any], list[Any]]]:
    """Factors as fractions in their order: a b c⁻¹ d is (a b)/c and d.

    A number that is a fraction itself becomes part of a longer one: 1/2 a c⁻¹ is a/(2 c). A minus
    sign amid the factors takes all that follow together: a (−b c).
    """
    groups: list[tuple[list[Any], list[Any]]] = [([], [])]
    for k, factor in enumerate(factors):
        over, under = groups[-1]
        if k and factor.is_Number and factor < 0:
            rest = Mul(*factors[k:], evaluate=False)
            return [*map(_merged, groups), ([rest], [])]
        divisor = reciprocal(factor)
        if divisor is not None:
            under.append(divisor)
        elif under or (over and factor == 1):
            groups.append(([factor], []))
        else:
            over.append(factor)
    return [*map(_merged, groups)]


def _merged(group: tuple[list[Any], list[Any]]) -> tuple[list[Any], list[Any]]:
    """A fraction with the numerators and denominators of the numbers among its factors."""
    over, under = group
    numbers = [f for f in over if f.is_Rational and not f.is_Integer and not decimal(f)]
    if not under or not numbers:
        return group
    (number, *_) = numbers  # SymPy and authors put one number in front
    others = [f for f in over if f is not number]
    top = [Integer(number.p), *others] if number.p != 1 else others
    return top, [Integer(number.q), *(f for divisor in under for f in factors(divisor))]
