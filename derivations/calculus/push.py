"""Rules of differentiation one at a time: each moves a derivative not yet taken further inwards.

`linear(Σ_m D(X W))` is Σ_m X D(W): a step that a person would write. Every rule takes an expression
with some `D` in it, applies to all of them that it fits, and keeps the order of factors and terms.
"""

from collections.abc import Callable
from typing import Any

from sympy import Add, Function, Idx, Indexed, Integer, Mul, Pow, Sum, Symbol, log, tanh

from gradcheck.derivations.calculus.functions import sigmoid
from gradcheck.derivations.calculus.terms import D
from gradcheck.derivations.calculus.written import (
    factors_of,
    powers_of,
    product,
    rebuilt,
    terms_of,
    total,
)

Depends = Callable[[Any], bool]  # whether an expression depends on what is differentiated by
Rule = Callable[[Any], Any]  # a `D` to what it is, or None where the rule does not fit


def rewritten(expr: Any, rule: Rule) -> Any:
    """The expression with every `D` in it replaced by what a rule makes of it."""
    if isinstance(expr, D):
        found = rule(expr)
        return expr if found is None else found
    if isinstance(expr, (Idx, Indexed, Symbol)) or not expr.has(D):
        return expr
    if isinstance(expr, Sum):
        body = rewritten(expr.function, rule)
        return Sum(body, *expr.limits) if body != 0 else body
    return rebuilt(expr, (rewritten(a, rule) for a in expr.args))


def derivatives_in(expr: Any) -> list[Any]:
    """All `D` in an expression, those inside a `D` left out."""
    found: list[Any] = []

    def noted(d: Any) -> None:
        found.append(d)

    rewritten(expr, noted)
    return found


def linear(depends: Depends) -> Rule:
    """Sums term by term; constant factors stay; what does not depend on the entry drops out."""

    def rule(d: Any) -> Any:
        of = d.of
        if not depends(of):
            return Integer(0)
        if isinstance(of, Add):
            return total(*(again(_d(t, d)) for t in terms_of(of) if depends(t)))
        if isinstance(of, Sum):
            return Sum(again(_d(of.function, d)), *of.limits)
        if isinstance(of, Mul):
            factors = factors_of(of)
            varying = [k for k, f in enumerate(factors) if depends(f)]
            if len(varying) == 1:
                (k,) = varying
                return product(*factors[:k], again(_d(factors[k], d)), *factors[k + 1 :])
        return None

    def again(d: Any) -> Any:
        return rewritten(d, rule)

    return rule


def of_products(depends: Depends) -> Rule:
    """(a b)′ = a′ b + a b′, and (a / b)′ = (a′ b − a b′) / b²."""

    def rule(d: Any) -> Any:
        if not isinstance(d.of, Mul):
            return None
        factors = factors_of(d.of)
        constant = [f for f in factors if not depends(f)]
        varying = [f for f in factors if depends(f)]
        under = [f for f in varying if _divides(f)]
        if under:
            over = [f for f in varying if not _divides(f)]
            a, b = product(*over), product(*(f**-1 for f in under))
            change = total(product(_d(a, d), b), product(-1, a, _d(b, d)))
            return product(*constant, change, Pow(b, -2, evaluate=False))
        places = [k for k, f in enumerate(factors) if depends(f)]
        parts = (product(*factors[:k], _d(factors[k], d), *factors[k + 1 :]) for k in places)
        return total(*parts)

    return rule


def has_quotient(expr: Any, depends: Depends) -> bool:
    """Whether `of_products` would use the rule for quotients."""
    return any(
        isinstance(d.of, Mul) and any(depends(f) and _divides(f) for f in factors_of(d.of))
        for d in derivatives_in(expr)
    )


def of_functions(depends: Depends, named: Callable[[Any], Any]) -> Rule:
    """f(a)′ = f′(a) a′, powers among them; `named` writes a function value by its name."""

    def rule(d: Any) -> Any:
        of = d.of
        powers = powers_of(of)
        if isinstance(of, Pow) and len(powers) == 1:
            ((base, exponent),) = powers if powers[0][1] != 1 else [of.args]
            if depends(exponent):
                inner = product(_d(exponent, d), log(base, evaluate=False))
                first = product(of, inner)
                if not depends(base):
                    return first
                return total(first, product(exponent, _lowered(base, exponent), _d(base, d)))
            return product(exponent, _lowered(base, exponent), _d(base, d))
        if isinstance(of, Function) and len(of.args) == 1:
            return product(slope(of, named(of)), _d(of.args[0], d))
        return None

    return rule


def slope(call: Any, value: Any) -> Any:
    """The derivative of a function at its argument; `value` is how its value is written."""
    if isinstance(call, tanh):
        return Add(Integer(1), product(-1, Pow(value, 2, evaluate=False)), evaluate=False)
    if isinstance(call, sigmoid):
        return product(value, Add(Integer(1), product(-1, value), evaluate=False))
    found = call.fdiff(1)
    return value if found == call else found


def _d(of: Any, like: Any) -> Any:
    return D(of, like.by, like.held)


def _divides(factor: Any) -> bool:
    return isinstance(factor, Pow) and factor.exp.is_Number and bool(factor.exp < 0)


def _lowered(base: Any, exponent: Any) -> Any:
    """base^(exponent − 1)"""
    lower = exponent - 1
    return base if lower == 1 else Pow(base, lower, evaluate=False)
