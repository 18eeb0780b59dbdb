"""Products and sums that keep the order in which they were written.

SymPy sorts what it evaluates. A step of a derivation keeps the order of the step before, so it is
built here: numbers and equal factors are merged, nothing is moved.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sympy import (
    Add,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Number,
    Pow,
    Sum,
    Symbol,
    sympify,
)

from gradcheck.derivations.calculus.functions import VALUES, absolute, relu, sign, step
from gradcheck.derivations.calculus.terms import (
    Bracket,
    plain,
    rename,
)

PIECEWISE = (step, relu, sign, absolute)  # of a whole number they are one


def product(*factors: Any) -> Any:
    """The product of some factors in their order; the number comes first, a b a is a² b.

    What divides comes after what does not, and before sums: a / b Σ_k c.
    """
    number: Any = Integer(1)
    places: dict[Any, int] = {}
    powers: list[tuple[Any, Any]] = []
    for base, exponent in (p for f in factors for p in powers_of(sympify(f))):
        if isinstance(base, Number) and exponent.is_Integer:
            number *= base**exponent
        elif (key := plain(base)) in places:
            at = places[key]
            powers[at] = (powers[at][0], powers[at][1] + exponent)
        else:
            places[key] = len(powers)
            powers.append((base, exponent))
    if number == 0:
        return number
    rest = _denominators_before_sums([_power(b, e) for b, e in powers if e != 0])
    if number != 1 or not rest:
        rest.insert(0, number)
    return rest[0] if len(rest) == 1 else Mul(*rest, evaluate=False)


def total(*terms: Any) -> Any:
    """The sum of some terms in their order; equal terms are merged, and vanish if they cancel.

    It begins with a term without a minus sign, if there is one.
    """
    places: dict[Any, int] = {}
    counted: list[tuple[Any, Any]] = []
    for term in (t for given in terms for t in terms_of(given)):
        number, rest = split_number(term)
        key = plain(rest)
        if key in places:
            at = places[key]
            counted[at] = (counted[at][0] + number, counted[at][1])
        else:
            places[key] = len(counted)
            counted.append((number, rest))
    left = [product(number, rest) for number, rest in counted if number != 0]
    first = next((k for k, term in enumerate(left) if split_number(term)[0] > 0), 0)
    left = [left[first], *left[:first], *left[first + 1 :]] if left else []
    if not left:
        return Integer(0)
    return left[0] if len(left) == 1 else Add(*left, evaluate=False)


def summed(body: Any, limits: Iterable[Any]) -> Any:
    """Σ over some limits, innermost first; without any, the body."""
    ranges = tuple(limits)
    return Sum(body, *ranges) if ranges and body != 0 else body


def factors_of(expr: Any) -> tuple[Any, ...]:
    """The factors of a product in their order, those of nested products too."""
    if isinstance(expr, Mul):
        return tuple(f for a in expr.args for f in factors_of(a))
    return (expr,)


def terms_of(expr: Any) -> tuple[Any, ...]:
    """The terms of a sum in their order, those of nested sums too; −(a + b) is −a − b."""
    if isinstance(expr, Add):
        return tuple(t for a in expr.args for t in terms_of(a))
    if isinstance(expr, Mul) and expr.args[0] == -1 and [a.is_Add for a in expr.args[1:]] == [True]:
        return tuple(product(-1, t) for t in terms_of(expr.args[1]))
    return (expr,)


def powers_of(expr: Any) -> list[tuple[Any, Any]]:
    """A product as bases with exponents, in order: a / (b c²) is a¹ b⁻¹ c⁻²."""
    if isinstance(expr, Mul):
        return [p for a in expr.args for p in powers_of(a)]
    if isinstance(expr, Pow) and expr.exp.is_Number:
        inner = powers_of(expr.base)
        if len(inner) == 1 and inner[0][1] == 1:
            base = inner[0][0]
            same = isinstance(base, (KroneckerDelta, Bracket)) and expr.exp > 0
            return [(base, Integer(1) if same else expr.exp)]
        if expr.exp.is_Integer:
            return [(base, e * expr.exp) for base, e in inner]
        if len(inner) > 1:  # √(a b) stays together
            return [(expr.base, expr.exp)]
    return [(expr, Integer(1))]


def split_number(term: Any) -> tuple[Any, Any]:
    """A term as its number and the rest: −2 a b is −2 and a b."""
    factors = factors_of(term)
    number = Mul(*(f for f in factors if isinstance(f, Number)))
    if number == 1:
        return number, term
    rest = [f for f in factors if not isinstance(f, Number)]
    return number, product(*rest)


def rebuilt(expr: Any, args: Iterable[Any]) -> Any:
    """A node of the same kind with other arguments, in their order."""
    new = tuple(args)
    if new == expr.args:
        return expr
    if isinstance(expr, Mul):
        return product(*new)
    if isinstance(expr, Add):
        return total(*new)
    if isinstance(expr, Pow):
        return _power(*new)
    if expr.func in PIECEWISE and new[0].is_Number:
        return Integer(int(VALUES[expr.func](new[0]))) if new[0].is_Integer else expr.func(*new)
    try:
        return expr.func(*new, evaluate=False)
    except TypeError:  # not a class that could evaluate
        return expr.func(*new)


def in_order(expr: Any) -> Any:
    """The expression as it would be built here: equal expressions look more alike."""
    if isinstance(expr, (Idx, Indexed, Symbol)) or not expr.args:
        return expr
    if isinstance(expr, Sum):
        return Sum(in_order(expr.function), *expr.limits)
    args = tuple(map(in_order, expr.args))
    if isinstance(expr, Mul):
        return product(*args)
    return total(*args) if isinstance(expr, Add) else rebuilt(expr, args)


def renamed(expr: Any, new: Mapping[Any, Any]) -> Any:
    """`terms.rename` that keeps the order: free indices or whole sub-expressions replaced."""
    return rename(expr, new, rebuilt)


def with_entries(expr: Any, new: Callable[[Any], Any]) -> Any:
    """Every entry of a tensor replaced by what `new` makes of it, summed letters included."""
    if isinstance(expr, Indexed) or (isinstance(expr, Symbol) and not isinstance(expr, Idx)):
        return new(expr)
    if isinstance(expr, Idx) or not expr.args:
        return expr
    if isinstance(expr, Sum):
        return Sum(with_entries(expr.function, new), *expr.limits)
    return rebuilt(expr, (with_entries(a, new) for a in expr.args))


def _denominators_before_sums(factors: list[Any]) -> list[Any]:
    def place(factor: Any) -> int:
        if isinstance(factor, Pow) and factor.exp.is_Number and factor.exp < 0:
            return 1
        return 2 if isinstance(factor, Sum) else 0

    return sorted(factors, key=place) if any(place(f) == 1 for f in factors) else factors


def _power(base: Any, exponent: Any) -> Any:
    if exponent == 1:
        return base
    if isinstance(base, (KroneckerDelta, Bracket)) and exponent.is_Number and exponent > 0:
        return base
    return Pow(base, exponent, evaluate=False)
