"""A layer's formulas at explicit sizes and values, entry by entry, in dual numbers.

The oracle for closed forms: a dual number is a value and its slopes by entries of the inputs. It
uses no derivative, contraction or value of the index calculus, only Python loops and the rules for
sums, products and powers; functions of one variable are differentiated by SymPy.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sympy
from sympy import Add, Function, Idx, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol

from gradcheck.derivations.calculus.functions import (
    Undefined,
    absolute,
    relu,
    sigmoid,
    sign,
    softplus,
    step,
)
from gradcheck.derivations.calculus.terms import ArgMax, Bracket, Setting

Place = tuple[int, ...]
Entry = tuple[str, Place]

x = Symbol("x", real=True)

# functions in the words of SymPy's own, to be differentiated by it
PLAIN = {
    sigmoid: 1 / (1 + sympy.exp(-x)),
    softplus: sympy.log(1 + sympy.exp(x)),
    relu: Piecewise((x, x > 0), (0, True)),
    step: Piecewise((1, x > 0), (0, True)),
    absolute: Piecewise((x, x > 0), (-x, True)),
    sign: Piecewise((1, x > 0), (-1, x < 0), (0, True)),
}


@dataclass(frozen=True)
class Dual:
    """A value, and its slopes by entries; by all others they are 0."""

    value: Any
    slopes: Mapping[Entry, Any] = field(default_factory=dict)

    @property
    def is_zero(self) -> bool:
        return not self.slopes and self.value == 0


class Duals:
    """Entries of tensors as dual numbers.

    sizes    the value of every symbolic size, by name
    entries  of every tensor that has no definition: its entries, by name and place
    number   the kind of number to count in: `float`, or `mpmath.mpf` for more digits
    """

    def __init__(
        self,
        setting: Setting,
        sizes: Mapping[str, int],
        entries: Mapping[str, Mapping[Place, Any]],
        number: Callable[[Any], Any] = float,
    ) -> None:
        self.setting, self.sizes, self.entries, self.number = setting, sizes, entries, number
        self._known: dict[Entry, Dual] = {}
        self._places: dict[str, list[Place]] = {}

    def places(self, name: str) -> list[Place]:
        """The places of a tensor's entries, last axis fastest, each axis counted from its start."""
        if name not in self._places:
            axes = map(self.values_of, self.setting.indices[name])
            self._places[name] = list(itertools.product(*axes))
        return self._places[name]

    def values_of(self, index: Any) -> range:
        """The values that an index takes."""
        return self._range(index.lower, index.upper, {})

    def jacobian(self, output: str, by: str) -> list[Any]:
        """All entries ∂output/∂by, those of the output first."""
        rows = [self.entry(output, place).slopes for place in self.places(output)]
        columns = [(by, place) for place in self.places(by)]
        return [row.get(column, 0) for row in rows for column in columns]

    def entry(self, name: str, place: Place) -> Dual:
        """One entry of a tensor; of a defined one, what its definition gives."""
        if (name, place) not in self._known:
            self._known[name, place] = self._entry(name, place)
        return self._known[name, place]

    def _entry(self, name: str, place: Place) -> Dual:
        choice = self.setting.choices.get(name)
        if choice is not None:
            return Dual(self._greatest(choice.rhs, dict(zip(choice.indices, place, strict=True))))
        definition = self.setting.definitions.get(name)
        if definition is not None:
            formula = definition.rhs if place in self.places(name) else definition.outside
            return self._of(formula, dict(zip(definition.indices, place, strict=True)))
        if place not in self.entries[name]:
            outside = dict.fromkeys(self.setting.padded, 0.0)
            outside |= dict.fromkeys(self.setting.bottomless, -math.inf)
            return Dual(self.number(outside[name]))
        value = self.entries[name][place]
        if name in self.setting.integer:
            return Dual(value)
        return Dual(self.number(value), {(name, place): self.number(1)})

    def _of(self, expr: Any, at: Mapping[Any, int]) -> Dual:
        """The dual number that an expression is where its indices have these values."""
        match expr:
            case Idx():
                return Dual(at[expr])
            case Symbol():
                name = str(expr)
                return Dual(self.sizes[name]) if name in self.sizes else self.entry(name, ())
            case Indexed():
                place = tuple(self._whole(i, at) for i in expr.indices)
                return self.entry(str(expr.base.label), place)
            case Sum():
                factors = Mul.make_args(expr.function)
                needed = [f for f in factors if isinstance(f, KroneckerDelta | Bracket)]
                places = self._loops(expr.limits, at, needed)
                return _total(self._of(expr.function, v) for v in places)
            case Add():
                return _total(self._of(a, at) for a in expr.args)
            case Mul():
                return self._product(expr.args, at)
            case Pow():
                return self._power(*(self._of(a, at) for a in expr.args))
            case KroneckerDelta():
                left, right = (self._whole(a, at) for a in expr.args)
                return Dual(int(left == right))
            case Bracket():
                low, high = (self._whole(a, at) for a in expr.args)
                return Dual(int(low <= high))
            case Function():
                inner = self._of(expr.args[0], at)
                value, slope = _function(expr.func, self.number is float)
                return _times(slope(inner.value), inner.slopes, value(inner.value))
        return Dual(int(expr) if expr.is_Integer else self.number(sympy.N(expr, 40)))

    def _product(self, factors: tuple[Any, ...], at: Mapping[Any, int]) -> Dual:
        """By the product rule; a condition that fails excuses what cannot be read."""
        conditions = [f for f in factors if isinstance(f, KroneckerDelta | Bracket)]
        if any(self._of(f, at).is_zero for f in conditions):
            return Dual(0)
        product = Dual(1)
        for factor in (self._of(f, at) for f in factors if f not in conditions):
            one = _times(product.value, factor.slopes, product.value * factor.value)
            product = _total([one, _times(factor.value, product.slopes, 0)])
        return product

    def _power(self, base: Dual, exponent: Dual) -> Dual:
        b, e = self.number(base.value), exponent.value
        power = _times(e * b ** (e - 1) if base.slopes else 0, base.slopes, b**e)
        if not exponent.slopes:
            return power
        logarithm, _ = _function(sympy.log, self.number is float)
        return _total([power, _times(b**e * logarithm(b), exponent.slopes, 0)])

    def _whole(self, expr: Any, at: Mapping[Any, int]) -> int:
        """A subscript, a bound, or a side of a condition: it depends on no input."""
        found = self._of(expr, at)
        assert isinstance(found.value, int), f"{expr} is {found.value}"
        assert not found.slopes
        return found.value

    def _greatest(self, expr: ArgMax, at: Mapping[Any, int]) -> int:
        """The value of a letter where an expression is greatest, the first such place."""
        limits = [(letter, letter.lower, letter.upper) for letter in expr.letters[::-1]]
        places = self._loops(limits, at)
        greatest: int = max(places, key=lambda v: self._of(expr.of, v).value)[expr.chosen]
        return greatest

    def _loops(
        self, limits: Any, at: Mapping[Any, int], needed: Sequence[Any] = ()
    ) -> Iterator[dict[Any, int]]:
        """The values of all indices in some nested sums; the last limits are the outermost.

        needed  factors that are 0 or 1: where one is 0, what it multiplies is left out
        """
        still = {index for index, *_ in limits}
        ready = [f for f in needed if f.atoms(Idx).isdisjoint(still)]
        if any(self._of(f, at).is_zero for f in ready):
            return
        if not limits:
            yield dict(at)
            return
        *inner, (index, low, high) = limits
        later = [f for f in needed if f not in ready]
        for value in self._range(low, high, at):
            yield from self._loops(inner, {**at, index: value}, later)

    def _range(self, low: Any, high: Any, at: Mapping[Any, int]) -> range:
        return range(self._whole(low, at), self._whole(high, at) + 1)


def _total(terms: Any) -> Dual:
    value: Any = 0
    slopes: dict[Entry, Any] = {}
    for term in terms:
        value += term.value
        for entry, slope in term.slopes.items():
            slopes[entry] = slopes.get(entry, 0) + slope
    return Dual(value, slopes)


def _times(factor: Any, slopes: Mapping[Entry, Any], value: Any) -> Dual:
    """A dual number whose slopes are these, times a factor."""
    return Dual(value, {entry: factor * slope for entry, slope in slopes.items()})


@cache
def _function(kind: type[Function], in_floats: bool) -> tuple[Any, Any]:
    """A function of one variable and its derivative, by SymPy; any unknown one is the sine."""
    formula = PLAIN.get(kind)
    if formula is None:
        formula = sympy.sin(x) if issubclass(kind, Undefined) else kind(x)
    return tuple(
        sympy.lambdify(x, f, "math" if in_floats else "mpmath") for f in (formula, formula.diff(x))
    )
