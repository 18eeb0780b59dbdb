"""Brackets that say nothing: [t+1 ≤ T] λ[t+1] is λ[t+1], if λ is 0 beyond T."""

from collections.abc import Mapping
from typing import Any

from sympy import Add, Idx, Indexed, KroneckerDelta, Mul, Sum, Symbol, expand

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.terms import Bracket, D
from gradcheck.derivations.calculus.written import factors_of, product, rebuilt, terms_of


def without_implied(expr: Any, setting: terms.Setting, ending: Mapping[str, Any]) -> Any:
    """The expression without brackets that only exclude what is 0 by itself.

    ending  tensors that are 0 beyond both ends of their first axis, with their indices; padded
            ones are 0 beyond any
    """

    def vanishes(factor: Any, bracket: Any) -> bool:
        """Whether a factor is 0 wherever a bracket is."""
        if isinstance(factor, Indexed):
            return _outside(factor, bracket, setting, ending)
        if isinstance(factor, Add):
            return all(vanishes(t, bracket) for t in terms_of(factor))
        if isinstance(factor, Mul):
            return any(vanishes(f, bracket) for f in factors_of(factor))
        return isinstance(factor, Sum) and vanishes(factor.function, bracket)

    def walk(node: Any) -> Any:
        if isinstance(node, (Idx, Indexed, Symbol, KroneckerDelta, Bracket, D)) or not node.args:
            return node
        if isinstance(node, Sum):
            return Sum(walk(node.function), *node.limits)
        if not isinstance(node, Mul):
            return rebuilt(node, map(walk, node.args))
        factors = [walk(f) for f in factors_of(node)]
        others = [f for f in factors if not isinstance(f, Bracket)]
        return product(
            *(
                f
                for f in factors
                if not (isinstance(f, Bracket) and any(vanishes(o, f) for o in others))
            )
        )

    return walk(expr)


def _outside(entry: Any, bracket: Any, setting: terms.Setting, ending: Mapping[str, Any]) -> bool:
    """Whether a bracket says just that a subscript of an entry that ends is not beyond its end."""
    name = terms.name_of(entry)
    if name in setting.padded:
        ends = list(zip(entry.indices, setting.indices[name], strict=True))
    else:
        ends = list(zip(entry.indices, ending.get(name, ()), strict=False))[:1]
    gap = expand(bracket.high - bracket.low)
    return any(
        gap in (expand(subscript - own.lower), expand(own.upper - subscript))
        for subscript, own in ends
    )
