"""The value of a normal form by loops over its indices: the oracle for the rules that made it.

Nothing of the engine is used but its data (poly, affine), and the bodies of defined tensors. What
lies outside the axes of a tensor is 0, as the rule `lift` has it; a factor that is 0 excuses others
that have no value.
"""

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import mpmath

from gradcheck.derivations.calculus.evaluate import Evaluator, OutOfRange
from gradcheck.derivations.calculus.functions import VALUES
from gradcheck.derivations.calculus.normal.affine import Affine, Index, Lookup
from gradcheck.derivations.calculus.normal.algebra import EFFORT, MOST_PRODUCTS
from gradcheck.derivations.calculus.normal.gradients import Gradients
from gradcheck.derivations.calculus.normal.poly import (
    PI,
    Apply,
    Atom,
    Base,
    Bracket,
    Delta,
    Entry,
    Poly,
    Product,
    Size,
)
from gradcheck.derivations.calculus.terms import Setting

At = Mapping[str, int]  # the values of the letters
Functions = Mapping[str, Callable[[Any], Any]]
NO_VALUE = (ArithmeticError, ValueError, RecursionError)

FLOATS: dict[str, Callable[[Any], Any]] = {f.__name__: value for f, value in VALUES.items()}
DIGITS = 60


def sign(x: Any) -> Any:
    """-1, 0 or 1; what is left of a difference that rounding kept from being 0 is 0."""
    return mpmath.sign(x) if abs(x) > mpmath.mpf(10) ** (-DIGITS // 2) else mpmath.mpf(0)


PRECISE: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "tanh": mpmath.tanh,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "erf": mpmath.erf,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "absolute": abs,
    "sign": sign,
    "relu": lambda x: x if x > 0 else mpmath.mpf(0),
    "step": lambda x: mpmath.mpf(int(sign(x) > 0)),
}


def reader(setting: Setting) -> Gradients:
    """A new reader of normal forms, with as much effort as a proof may take."""
    EFFORT.products, EFFORT.most = 0, MOST_PRODUCTS
    return Gradients(setting)


class Kink(ArithmeticError):
    """A function that is not smooth at 0 was evaluated there."""


class Values:
    """Values of normal forms at one point: sizes, and the entries of given tensors."""

    def __init__(
        self,
        definitions: Gradients,
        sizes: Mapping[str, int],
        tensors: Mapping[str, Mapping[tuple[int, ...], Any]],
        functions: Functions = FLOATS,
    ) -> None:
        self.definitions = definitions
        self.sizes = sizes
        self.tensors = tensors
        self.functions = functions
        self._known: dict[tuple[str, tuple[int, ...]], Any] = {}

    def flat(self, poly: Poly, indices: tuple[Any, ...]) -> list[Any]:
        """All values as some indices run over their axes, the last one fastest."""
        own = [self.definitions.index(i) for i in indices]
        return [
            self.poly(poly, dict(zip((i.name for i in own), place, strict=True)))
            for place in itertools.product(*map(self._range, own))
        ]

    def poly(self, poly: Poly, at: At) -> Any:
        """The value of a sum where its letters have these values."""
        total: Any = 0
        for product, coefficient in poly:
            total += self._product(product, at) * coefficient.numerator / coefficient.denominator
        return total

    def _product(self, product: Product, at: At) -> Any:
        conditions = [a for a, _ in product.factors if isinstance(a, Delta | Bracket)]
        others = [f for f in product.factors if not isinstance(f[0], Delta | Bracket)]
        total: Any = 0
        for inner in self._loops(product.binders, at):
            if not self._hold(conditions, inner):
                continue
            value: Any = 1
            for atom, exponent in others:
                value *= self._power(self._atom(atom, inner), exponent)
                if value == 0:
                    break
            total += value
        return total

    def _hold(self, conditions: list[Atom], at: At) -> bool:
        """Whether all deltas and brackets are 1; one that is 0 excuses lookups in the others."""
        outside = None
        for condition in conditions:
            try:
                if not self._atom(condition, at):
                    return False
            except OutOfRange as error:
                outside = error
        if outside is not None:
            raise outside
        return True

    def _loops(self, binders: tuple[Index, ...], at: At) -> Iterator[dict[str, int]]:
        for place in itertools.product(*map(self._range, binders)):
            yield {**at, **dict(zip((b.name for b in binders), place, strict=True))}

    def _range(self, index: Index) -> range:
        return range(self.affine(index.low, {}), self.affine(index.high, {}) + 1)

    def _power(self, base: Any, exponent: Any) -> Any:
        if exponent == int(exponent):
            return base ** int(exponent)
        if base < 0:
            raise ArithmeticError("a root of a negative number")
        return base ** float(exponent)

    def _atom(self, atom: Atom, at: At) -> Any:
        match atom:
            case Entry():
                return self._entry(atom, at)
            case Delta():
                return int(self.affine(atom.argument, at) == 0)
            case Bracket():
                return int(self.affine(atom.argument, at) >= 0)
            case Size() if atom is PI:
                return mpmath.mpf(mpmath.pi)
            case Size():
                return self.sizes[atom.name]
            case Apply():
                return self.functions[atom.function](self.poly(atom.argument, at))
            case Base():
                return self.poly(atom.poly, at)
        raise NotImplementedError(type(atom).__name__)

    def affine(self, form: Affine, at: At) -> int:
        """The value of a subscript or a bound."""
        total = form.const
        for coefficient, sizes, index in form.parts.values():
            total += coefficient * math.prod(self.sizes[s] for s in sizes) * self._index(index, at)
        return total

    def _index(self, index: Index | Lookup | None, at: At) -> int:
        if index is None:
            return 1
        if isinstance(index, Index):
            return at[index.name]
        place = tuple(self.affine(a, at) for a in index.subscripts)
        if place not in self.tensors[index.tensor]:
            raise OutOfRange(f"{index.tensor}{list(place)} is outside {index.tensor}")
        return int(self.tensors[index.tensor][place])

    def _entry(self, entry: Entry, at: At) -> Any:
        name = entry.tensor.name
        place = tuple(self.affine(a, at) for a in entry.subscripts)
        if name in self.tensors:
            return self.tensors[name].get(place, 0)
        inside = zip(place, entry.tensor.axes, strict=True)
        if not all(self.affine(low, {}) <= p <= self.affine(high, {}) for p, (low, high) in inside):
            return 0
        if (name, place) not in self._known:
            self._known[name, place] = self._defined(entry, place)
        return self._known[name, place]

    def _defined(self, entry: Entry, place: tuple[int, ...]) -> Any:
        """An entry of a defined tensor: off the end of a recursion, or by its body."""
        ends = self._end(entry, place)
        off = None if ends is None else self.definitions.outside(Entry(entry.tensor, ends))
        if off is not None:
            return self.poly(off, {})
        letters, value = self.definitions.body(entry.tensor.name)
        return self.poly(value, dict(zip((i.name for i in letters), place, strict=True)))

    def _end(self, entry: Entry, place: tuple[int, ...]) -> tuple[Affine, ...] | None:
        """The place as subscripts, written from the end of the first axis it may lie beyond."""
        if not place:
            return None
        high = entry.tensor.axes[0][1]
        if place[0] == self.affine(high, {}):
            return (high, *map(Affine.of, place[1:]))
        return tuple(map(Affine.of, place))


def smooth(functions: Functions) -> dict[str, Callable[[Any], Any]]:
    """The functions, without a value at their kinks."""

    def away_from_0(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def value(x: Any) -> Any:
            if x == 0:
                raise Kink("an argument is 0")
            return function(x)

        return value

    kinked = ("relu", "step", "absolute", "sign")
    return {n: away_from_0(f) if n in kinked else f for n, f in functions.items()}


class Point:
    """Random sizes and entries; both oracles can be asked there."""

    def __init__(self, setting: Setting, sizes: Mapping[str, int], seed: int) -> None:
        rng = random.Random(seed)
        shapes = Evaluator(setting, sizes, {})
        self.setting, self.sizes = setting, dict(sizes)
        self.tensors: dict[str, dict[tuple[int, ...], Any]] = {}
        for name in setting.given:
            low = 0.25 if name in setting.positive else -1.5
            places = shapes.places(setting.indices[name])
            self.tensors[name] = {place: rng.uniform(low, 1.5) for place in places}
        for name, target in setting.integer.items():
            values = [v for (v,) in shapes.places((target,))]
            self.tensors[name] = {place: rng.choice(values) for place in self.tensors[name]}

    def of_tree(
        self, expr: Any, indices: tuple[Any, ...], functions: Functions = FLOATS
    ) -> list[Any]:
        """Values of a SymPy tree by the evaluator of the calculus."""
        meant = {f: functions[f.__name__] for f in VALUES}
        point = Evaluator(self.setting, self.sizes, self._numbers(functions), meant)
        return list(point.flat(expr, indices))

    def of_poly(
        self,
        definitions: Gradients,
        poly: Poly,
        indices: tuple[Any, ...],
        functions: Functions = FLOATS,
    ) -> list[Any]:
        """Values of a normal form by loops."""
        values = Values(definitions, self.sizes, self._numbers(functions), functions)
        return values.flat(poly, indices)

    def _numbers(self, functions: Functions) -> Mapping[str, Mapping[tuple[int, ...], Any]]:
        """The entries, as exact binary numbers of many digits where the functions want such."""
        if functions["exp"] is not mpmath.exp:
            return self.tensors
        return {
            name: entries
            if name in self.setting.integer
            else {place: mpmath.mpf(value) for place, value in entries.items()}
            for name, entries in self.tensors.items()
        }


def same(left: list[Any], right: list[Any], digits: int = 9) -> bool:
    """Whether all values agree, relative to the greatest of them."""
    if any(isinstance(v, complex | mpmath.mpc) for v in (*left, *right)):
        raise ArithmeticError("a value is not real")
    scale = max([1, *map(abs, left), *map(abs, right)])
    if not scale < 1e200:
        raise OverflowError("a value is too large to compare")
    return all(abs(a - b) <= scale * 10**-digits for a, b in zip(left, right, strict=True))
