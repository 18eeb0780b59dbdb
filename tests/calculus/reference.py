"""The value and the derivative of an index expression, by brute force: the oracle of these tests.

Each node gives its value and its slope by one entry of one tensor (forward-mode differentiation).
Nothing of the index calculus is used but the classes of its nodes.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from sympy import Add, Expr, Idx, Indexed, KroneckerDelta, Mul, Pow, Sum, Symbol, exp, log, tanh

from gradcheck.derivations.calculus.functions import relu, sigmoid, step
from gradcheck.derivations.calculus.terms import D, Setting

Place = tuple[int, ...]
Entry = tuple[str, Place]
Pair = tuple[float, float]  # a value and its slope
NOTHING: Entry = ("", ())


def _sigmoid(x: float) -> float:
    return math.exp(min(x, 0)) / (1 + math.exp(-abs(x)))


FUNCTIONS = {
    exp: (math.exp, math.exp),
    log: (math.log, lambda x: 1 / x),
    tanh: (math.tanh, lambda x: 1 - math.tanh(x) ** 2),
    sigmoid: (_sigmoid, lambda x: _sigmoid(x) * (1 - _sigmoid(x))),
    relu: (lambda x: max(x, 0.0), lambda x: float(x > 0)),
    step: (lambda x: float(x > 0), lambda x: 0.0),
}


class Reference:
    """Index expressions at concrete sizes and values, counted as the evaluator counts them."""

    def __init__(
        self, setting: Setting, sizes: Mapping[str, int], tensors: Mapping[str, Mapping[Place, Any]]
    ) -> None:
        self.setting, self.sizes, self.tensors = setting, sizes, tensors
        self._known: dict[tuple[Entry, Entry], Pair] = {}

    def values(self, expr: Expr, indices: tuple[Idx, ...]) -> list[float]:
        """The values as the indices run over their axes, the last one fastest."""
        return [self.pair(expr, at, NOTHING)[0] for at in self._all(indices, {})]

    def _all(self, indices: tuple[Idx, ...], at: dict[Idx, int]) -> Iterator[dict[Idx, int]]:
        if not indices:
            yield at
            return
        first, *others = indices
        for value in self._range(first.lower, first.upper, {}):
            yield from self._all(tuple(others), {**at, first: value})

    def _range(self, low: Expr, high: Expr, at: Mapping[Idx, int]) -> range:
        return range(self._int(low, at), self._int(high, at) + 1)

    def _int(self, expr: Expr, at: Mapping[Idx, int]) -> int:
        return round(self.pair(expr, at, NOTHING)[0])

    def pair(self, expr: Any, at: Mapping[Idx, int], by: Entry) -> Pair:
        """The value where the indices have these values, and its slope by one entry."""
        if isinstance(expr, Idx):
            return at[expr], 0
        if isinstance(expr, Symbol):
            name = str(expr)
            return (self.sizes[name], 0) if name in self.sizes else self._entry((name, ()), by)
        if isinstance(expr, Indexed):
            place = tuple(self._int(i, at) for i in expr.indices)
            return self._entry((str(expr.base.label), place), by)
        if isinstance(expr, D):
            if by != NOTHING:
                raise NotImplementedError("a slope of a slope")
            own = getattr(expr.by, "indices", ())
            name = str(expr.by.base.label if own else expr.by)
            return self.pair(expr.of, at, (name, tuple(self._int(i, at) for i in own)))[1], 0
        if isinstance(expr, Sum):
            terms = [self.pair(expr.function, inner, by) for inner in self._loops(expr.limits, at)]
            return math.fsum(v for v, _ in terms), math.fsum(s for _, s in terms)
        if isinstance(expr, Mul):
            return self._product(expr.args, at, by)
        if not expr.args:
            return float(expr), 0
        pairs = [self.pair(a, at, by) for a in expr.args]
        values, slopes = zip(*pairs, strict=True)
        if isinstance(expr, Add):
            return math.fsum(values), math.fsum(slopes)
        if isinstance(expr, KroneckerDelta):
            return float(values[0] == values[1]), 0
        if isinstance(expr, Pow):
            base, exponent = values
            return base**exponent, exponent * base ** (exponent - 1) * slopes[0]
        value, slope = FUNCTIONS[expr.func]
        return value(values[0]), slope(values[0]) * slopes[0]

    def _loops(self, limits: Any, at: Mapping[Idx, int]) -> Iterator[Mapping[Idx, int]]:
        """The last limits are the outermost loop."""
        if not limits:
            yield at
            return
        *inner, (index, low, high) = limits
        for value in self._range(low, high, at):
            yield from self._loops(inner, {**at, index: value})

    def _product(self, factors: Any, at: Mapping[Idx, int], by: Entry) -> Pair:
        """By the product rule; a delta that is 0 excuses factors that have no value."""
        if any(self._is_zero_delta(f, at) for f in factors):
            return 0, 0
        value, slope = 1.0, 0.0
        for factor in factors:
            v, s = self.pair(factor, at, by)
            value, slope = value * v, slope * v + value * s
        return value, slope

    def _is_zero_delta(self, factor: Expr, at: Mapping[Idx, int]) -> bool:
        return isinstance(factor, KroneckerDelta) and self.pair(factor, at, NOTHING)[0] == 0

    def _entry(self, entry: Entry, by: Entry) -> Pair:
        if (entry, by) not in self._known:
            self._known[entry, by] = self._new_entry(entry, by)
        return self._known[entry, by]

    def _new_entry(self, entry: Entry, by: Entry) -> Pair:
        name, place = entry
        definition = self.setting.definitions.get(name)
        if definition is None:
            return self.tensors[name][place], float(entry == by)
        axes = [self._range(i.lower, i.upper, {}) for i in definition.indices]
        inside = all(value in axis for value, axis in zip(place, axes, strict=True))
        at = dict(zip(definition.indices, place, strict=True))
        value, slope = self.pair(definition.rhs if inside else definition.outside, at, by)
        return value, 1.0 if entry == by else slope
