"""Edits of products, sums of terms, powers and functions: signs, factors, terms, exponents."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, product
from typing import Any

from sympy import (
    Add,
    Function,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    sqrt,
)

from gradcheck.derivations.calculus.functions import VALUES, sign, step
from gradcheck.derivations.calculus.mistakes.edits import (
    Edit,
    Place,
    Problem,
    letters_of,
    negated,
    product_of,
    sum_of,
    times,
)
from gradcheck.derivations.calculus.terms import Bracket, D

HALF = Rational(1, 2)
CONFUSED = {*VALUES} - {sign, step}  # of positive numbers these two are 1: they mend too much
NAMED = (Indexed, Symbol, Add, Function, Sum)  # what a power or a function may be taken of


def product_edits(problem: Problem) -> Iterator[Edit]:
    """All edits of arithmetic and functions, at every place."""
    used, confused = _functions(problem)
    for place in problem.places:
        if place.fixed:
            continue
        if place.multiplies:
            yield from _sign(place)
        if place.outermost:
            yield from _constants(problem, place)
        yield from _number_or_size(problem, place)
        yield from _powers(place)
        yield from _function(place, used, confused)
        yield from _complement(place)
        if isinstance(place.node, Mul):
            yield from _superfluous_factor(problem, place)
            yield from _upside_down(place)
            yield from _brackets_opened(place)
        if isinstance(place.node, Add):
            yield from _superfluous_term(place)
            yield from _brackets_closed(place)


@lru_cache(maxsize=4096)
def is_constant(expr: Any) -> bool:
    """A number or a size, or a quotient of them: no letters, no tensors."""
    tensors = (s for s in expr.free_symbols if isinstance(s, Symbol) and not s.is_integer)
    return not (expr.has(Indexed, Idx, Function, D) or any(tensors))


def _sign(place: Place) -> Iterator[Edit]:
    if place.node.is_Number or isinstance(place.parent, Sum):
        return
    cost = 1.0 if isinstance(place.parent, Add) or not place.path else 1.4
    yield Edit(cost, "sign", place.path, negated(place.node), place.node, negated(place.node))


def _constants(problem: Problem, place: Place) -> Iterator[Edit]:
    """A missing 2, 1/2, N or 1/N; of the whole also 1/√N and 1/(N M)."""
    if is_constant(place.node):
        return
    whole = 0.0 if not place.path else 0.2
    factors = [Integer(2), HALF, *(f for s in problem.sizes for f in (s, 1 / s))]
    if not place.path:
        factors += [f for s in problem.sizes for f in (1 / sqrt(s), sqrt(s))]
        factors += [1 / (a * b) for a, b in combinations(problem.sizes, 2)]
    for factor in factors:
        new = times(place.node, factor)
        yield Edit(1.3 + whole, "factor", place.path, new, None, factor)


def _number_or_size(problem: Problem, place: Place) -> Iterator[Edit]:
    node = place.node
    if node.is_Number and node not in (1, -1):
        for new in dict.fromkeys((node - 1, node + 1, 1 / node, 2 * node, node / 2)):
            if new != 0:
                yield Edit(1.5, "factor", place.path, new, node, new)
    if isinstance(node, Symbol) and not isinstance(node, Idx) and node.is_positive:
        for new in (*(s for s in problem.sizes if s != node), node - 1, node + 1):
            yield Edit(1.3 if new.is_Symbol else 1.6, "factor", place.path, new, node, new)


def _superfluous_factor(problem: Problem, place: Place) -> Iterator[Edit]:
    factors = list(place.node.args)
    for k, factor in enumerate(factors):
        if factor != -1:
            rest = product_of([*factors[:k], *factors[k + 1 :]])
            constant = is_constant(factor)
            code, cost = ("factor", 1.2) if constant else ("extra-factor", 1.6)
            cost = min(cost, 1.2 if factors.count(factor) > 1 else cost)
            yield Edit(cost, code, place.path, rest, factor, None)


def _powers(place: Place) -> Iterator[Edit]:
    """A square that is missing, an exponent with the wrong sign, a root."""
    node = place.node
    if isinstance(node, Pow) and node.exp.is_Number:
        e = node.exp
        options = (-e, e - 1, e + 1, 2 * e, e / 2)
        for new_exp in dict.fromkeys(o for o in options if o not in (0, e)):
            new = node.base if new_exp == 1 else Pow(node.base, new_exp, evaluate=False)
            yield Edit(1.4, "power", place.path, new, node, new)
    elif isinstance(node, NAMED) and not isinstance(place.parent, Pow):
        for cost, new_exp in ((1.4, 2), (1.5, -1), (1.7, HALF)):
            new = Pow(node, new_exp, evaluate=False)
            yield Edit(cost, "power", place.path, new, node, new)


def _upside_down(place: Place) -> Iterator[Edit]:
    """A fraction the wrong way up."""
    factors = list(place.node.args)
    under = [k for k, f in enumerate(factors) if isinstance(f, Pow) and f.exp == -1]
    above = [k for k, f in enumerate(factors) if not f.is_Number and not isinstance(f, Pow)]
    for a, b in product(above, under):
        new = list(factors)
        new[a], new[b] = factors[b].base, Pow(factors[a], -1, evaluate=False)
        turned = product_of(new)
        yield Edit(1.8, "reciprocal", place.path, turned, place.node, turned)


def _brackets_opened(place: Place) -> Iterator[Edit]:
    """f (a + b) for f a + b: brackets that should not be there."""
    factors = list(place.node.args)
    for k, inner in enumerate(factors):
        if not isinstance(inner, Add):
            continue
        outer = [*factors[:k], *factors[k + 1 :]]
        for m, term in enumerate(inner.args):
            others = sum_of([*inner.args[:m], *inner.args[m + 1 :]])
            new = sum_of([product_of([*outer, others]), term])
            yield Edit(1.7, "brackets", place.path, new, place.node, new)


def _brackets_closed(place: Place) -> Iterator[Edit]:
    """f a + b for f (a + b): brackets that are missing."""
    terms = list(place.node.args)
    for k, term in enumerate(terms):
        factors = list(term.args) if isinstance(term, Mul) else []
        for m, factor in enumerate(factors):
            if factor != -1:
                rest = product_of([*factors[:m], *factors[m + 1 :]])
                inner = sum_of([*terms[:k], rest, *terms[k + 1 :]])
                new = product_of([factor, inner])
                yield Edit(1.7, "brackets", place.path, new, place.node, new)


def _superfluous_term(place: Place) -> Iterator[Edit]:
    terms = list(place.node.args)
    for k, term in enumerate(terms):
        rest = terms[:k] + terms[k + 1 :]
        cost = 1.5 if letters_of(sum_of(rest)) else 1.7
        yield Edit(cost, "extra-term", place.path, sum_of(rest), term, None)
    if len(terms) == 2 and 1 in terms:  # 1 − Y² for Y²
        (other,) = [t for t in terms if t != 1]
        yield Edit(1.7, "extra-term", place.path, negated(other), place.node, negated(other))


def _function(place: Place, used: list[Any], confused: list[Any]) -> Iterator[Edit]:
    """A function that is not applied, applied in vain, or the wrong one of its kind."""
    node = place.node
    if isinstance(node, Function) and not isinstance(node, (KroneckerDelta, Bracket)):
        (argument,) = node.args
        yield Edit(1.5, "function", place.path, argument, node, argument)
        for f in confused:
            if f != node.func:
                new = f(argument, evaluate=False)
                yield Edit(1.5, "function", place.path, new, node, new)
    elif isinstance(node, NAMED) and not isinstance(node, Idx) and not is_constant(node):
        if isinstance(place.parent, Function):
            return
        for f in used:
            new = f(node, evaluate=False)
            yield Edit(1.9, "function", place.path, new, node, new)


def _complement(place: Place) -> Iterator[Edit]:
    """Y² for 1 − Y²."""
    node = place.node
    if isinstance(node, (Indexed, Function, Pow)) and not isinstance(node, KroneckerDelta):
        inside_power = isinstance(place.parent, Pow)
        new = sum_of([Integer(1), negated(node)])
        if not is_constant(node) and not inside_power:
            yield Edit(1.8, "missing-term", place.path, new, node, new)


def _functions(problem: Problem) -> tuple[list[Any], list[Any]]:
    """The functions of this layer with their f′, and with them all that may be confused."""
    trees = [problem.left, problem.wrong, problem.truth]
    trees += [d.rhs for d in problem.setting.definitions.values()]
    used = {call.func for tree in trees for call in tree.atoms(Function)}
    used -= {KroneckerDelta, Bracket}
    used |= {f.prime for f in used if hasattr(f, "prime")}
    return _by_name(used), _by_name(used | CONFUSED)


def _by_name(functions: set[Any]) -> list[Any]:
    return sorted(functions, key=lambda f: str(f.__name__))
