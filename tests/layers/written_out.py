"""A layer's formulas at explicit sizes, written out as scalars that SymPy itself can differentiate.

The oracle for closed forms: it uses no derivative, contraction or value of the index calculus,
only Python loops; what it writes is for `sympy.diff` and mpmath.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import sympy
from sympy import Function, Idx, Indexed, Integer, KroneckerDelta, Piecewise, Sum, Symbol

from gradcheck.derivations.calculus.functions import (
    Undefined,
    absolute,
    relu,
    sigmoid,
    sign,
    softplus,
    step,
)
from gradcheck.derivations.calculus.terms import Setting

Place = tuple[int, ...]


class WrittenOut:
    """Entries of tensors as scalar expressions, in one symbol for each entry of each input.

    sizes     the value of every symbolic size, by name
    integers  the entries of integer tensors, by name and place
    values    the values of entries by their symbols, where it is asked which is the greatest
    """

    def __init__(
        self,
        setting: Setting,
        sizes: Mapping[str, int],
        integers: Mapping[str, Mapping[Place, int]],
        values: Mapping[Any, float] | None = None,
    ) -> None:
        self.setting, self.sizes, self.integers = setting, sizes, integers
        self.values = values or {}
        self._known: dict[tuple[str, Place], Any] = {}

    def places(self, name: str) -> list[Place]:
        """The places of a tensor's entries, last axis fastest, each axis counted from its start."""
        axes = [[int(self._written(b, {})) for b in i.args[1]] for i in self.setting.indices[name]]
        return list(itertools.product(*(range(low, high + 1) for low, high in axes)))

    def entry(self, name: str, place: Place) -> Any:
        """One entry of a tensor; of a defined one, its definition written out."""
        if (name, place) not in self._known:
            self._known[name, place] = self._entry(name, place)
        return self._known[name, place]

    def _entry(self, name: str, place: Place) -> Any:
        if name in self.integers:
            return Integer(self.integers[name][place])
        choice = self.setting.choices.get(name)
        if choice is not None:
            at = dict(zip(choice.indices, place, strict=True))
            return Integer(self._greatest(choice.rhs, at)[choice.rhs.chosen])
        definition = self.setting.definitions.get(name)
        if name in self.setting.bottomless and place not in self.places(name):
            return -sympy.oo
        if definition is None:
            return Symbol("_".join(map(str, (name, *place))), real=True)
        formula = definition.rhs if place in self.places(name) else definition.outside
        return self._written(formula, dict(zip(definition.indices, place, strict=True)))

    def _written(self, expr: Any, at: Mapping[Any, int]) -> Any:
        """An expression whose indices have these values."""
        if isinstance(expr, Idx):
            return Integer(at[expr])
        if isinstance(expr, Symbol):
            size = self.sizes.get(str(expr))
            return self.entry(str(expr), ()) if size is None else Integer(size)
        if isinstance(expr, Sum):
            loops = self._loops(expr.limits, at)
            return sympy.Add(*(self._written(expr.function, values) for values in loops))
        if isinstance(expr, Indexed):
            return self.entry(
                str(expr.base.label), tuple(int(self._written(i, at)) for i in expr.indices)
            )
        args = [self._written(a, at) for a in expr.args]
        match expr:
            case KroneckerDelta():
                return Integer(args[0] == args[1])
            case sigmoid():
                return 1 / (1 + sympy.exp(-args[0]))
            case softplus():
                return sympy.log(1 + sympy.exp(args[0]))
            case relu():
                return Piecewise((args[0], args[0] > 0), (0, True))
            case step():
                return Piecewise((1, args[0] > 0), (0, True))
            case absolute():
                return Piecewise((args[0], args[0] > 0), (-args[0], True))
            case sign():
                return Piecewise((1, args[0] > 0), (-1, args[0] < 0), (0, True))
            case Undefined():
                return Function(type(expr).__name__)(*args)
        return expr.func(*args) if args else expr

    def _greatest(self, expr: Any, at: Mapping[Any, int]) -> dict[Any, int]:
        """The values of all indices where an expression is greatest, the first such."""
        limits = [(i, i.lower, i.upper) for i in expr.letters[::-1]]
        found = [
            (float(self._written(expr.of, inner).subs(self.values)), inner)
            for inner in self._loops(limits, at)
        ]
        return max(found, key=lambda pair: pair[0])[1]

    def _loops(self, limits: Any, at: Mapping[Any, int]) -> Iterator[dict[Any, int]]:
        """The values of all indices in some nested sums; the last limits are the outermost."""
        if not limits:
            yield dict(at)
            return
        *inner, (index, *bounds) = limits
        low, high = (int(self._written(b, at)) for b in bounds)
        for value in range(low, high + 1):
            yield from self._loops(inner, {**at, index: value})
