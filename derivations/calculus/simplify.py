"""Writing an expression shorter, in the order in which it stands.

Three things that a person does at the end: writing by its name what has one, multiplying out
where something then cancels, and pulling common factors out. `shortest` tries them and keeps what
is shortest; each form that differs from the one before is a step of its own.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sympy import (
    Add,
    Function,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Number,
    Pow,
    Sum,
    Symbol,
)

from gradcheck.derivations.calculus.contract import contract_in_order
from gradcheck.derivations.calculus.terms import Bracket, D, plain
from gradcheck.derivations.calculus.written import (
    factors_of,
    powers_of,
    product,
    rebuilt,
    split_number,
    summed,
    terms_of,
    total,
)

Naming = Callable[[Any], Any]
Steps = list[tuple[Any, str]]


def shortest(expr: Any, named: Naming) -> Steps:
    """Forms that lead to one that is no longer, each with its reason; empty if there is none."""
    best: Steps = []
    least = length(expr) + 1  # a common factor may be pulled out if that makes it no longer
    for way in (_without_expansion, _with_deltas_out, _expanded):
        steps = list(_distinct(expr, way(expr, named)))
        if steps and length(steps[-1][0]) < least:
            best, least = steps, length(steps[-1][0])
    return best


def length(expr: Any) -> int:
    """How long an expression is to a reader: entries, deltas, sums, functions, signs of sums."""
    if isinstance(expr, (Indexed, KroneckerDelta, Bracket, D)):
        return 2
    if isinstance(expr, (Symbol, Number)):
        return int(expr not in (1, -1))
    if isinstance(expr, Idx):
        return 1
    if isinstance(expr, Sum):
        return 2 + length(expr.function)
    if isinstance(expr, Pow) and expr.exp.is_Number:
        return length(expr.base) + int(expr.exp not in (1, -1))
    own = 1 if isinstance(expr, (Add, Function)) else 0
    return own + sum(map(length, expr.args))


def gathered(expr: Any) -> Any:
    """Common factors of sums pulled out, inside and outside: δ a b − δ a c is δ a (b − c)."""
    if isinstance(expr, (Idx, Indexed, Symbol, KroneckerDelta, Bracket, D)) or not expr.args:
        return expr
    if isinstance(expr, Sum):
        return contract_in_order(Sum(gathered(expr.function), *expr.limits))
    inner = rebuilt(expr, map(gathered, expr.args))
    return _gathered(inner) if isinstance(inner, Add) else inner


def expanded(expr: Any, wanted: Callable[[Any], bool] = lambda factor: True) -> Any:
    """Products multiplied out and sums taken term by term, over the factors that are wanted."""
    if isinstance(expr, Add):
        return total(*(expanded(t, wanted) for t in terms_of(expr)))
    if isinstance(expr, Sum):
        inner = expanded(expr.function, wanted)
        terms = terms_of(inner)
        return total(*(contract_in_order(summed(t, expr.limits)) for t in terms))
    if isinstance(expr, Mul):
        parts: list[Any] = [Integer(1)]
        for factor in factors_of(expr):
            inner = expanded(factor, wanted)
            open_ = isinstance(inner, Add) and wanted(inner)
            choices = terms_of(inner) if open_ else (inner,)
            parts = [product(p, c) for p in parts for c in choices]
        return total(*parts)
    return expr


def _without_expansion(expr: Any, named: Naming) -> Iterator[tuple[Any, str]]:
    shorter = named(expr)
    yield shorter, "named intermediate"
    yield gathered(shorter), "algebra"


def _with_deltas_out(expr: Any, named: Naming) -> Iterator[tuple[Any, str]]:
    opened = expanded(expr, lambda factor: bool(factor.has(KroneckerDelta, Sum)))
    shorter = named(opened)
    if plain(shorter) != plain(opened):
        yield shorter, "named intermediate"
    yield gathered(shorter), "algebra"


def _expanded(expr: Any, named: Naming) -> Iterator[tuple[Any, str]]:
    yield gathered(named(expanded(named(expr)))), "algebra"


def _distinct(before: Any, steps: Iterator[tuple[Any, str]]) -> Iterator[tuple[Any, str]]:
    for expr, reason in steps:
        if plain(expr) != plain(before):
            yield expr, reason
            before = expr


def _gathered(expr: Any) -> Any:
    """The common factors of the terms in front of what is left of the sum."""
    terms = terms_of(expr)
    split = [split_number(t) for t in terms]
    powers = [{plain(b): e for b, e in powers_of(rest)} for _, rest in split]
    common = []
    for base, exponent in powers_of(split[0][1]):
        own = [p.get(plain(base), Integer(0)) for p in powers]
        shared = min(own, key=abs)
        if base != 1 and shared != 0 and all((e > 0) == (exponent > 0) for e in own):
            common.append(base if shared == 1 else Pow(base, shared, evaluate=False))
    sizes = {abs(number) for number, _ in split}
    number = sizes.pop() if len(sizes) == 1 else Integer(1)
    number = -number if all(n < 0 for n, _ in split) else number
    if not common and number == 1:
        return expr
    inverse = [1 / number, *(Pow(f, -1, evaluate=False) for f in common)]
    rest = total(*(product(*inverse, t) for t in terms))
    return product(number, *common, rest)
