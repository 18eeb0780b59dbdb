"""The values of index expressions that an `Evaluator` gives entry by entry, as arrays at once.

An expression becomes an array with one axis for each index that it mentions; a sum of products is
one einsum. What needs an order, such as a recursion, and what has no value somewhere is left to
the evaluator, whose messages say where.

Where a factor has no value, such as an entry outside its tensor, another factor that vanishes there
excuses it. So an array knows the places where it has none, and is 0 there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from math import inf, pi, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Add, Function, Indexed, KroneckerDelta, Mul, Pow, Sum, Symbol
from sympy import pi as symbol_of_pi

from gradcheck.derivations.calculus.compare import UNREADABLE
from gradcheck.derivations.calculus.derivative import differentiator
from gradcheck.derivations.calculus.evaluate import Evaluator
from gradcheck.derivations.calculus.terms import (
    ArgMax,
    Bracket,
    D,
    Definition,
    indices_of,
    name_of,
    plain,
)

Array = NDArray[Any]
MOST = 20_000_000  # entries of an array; more would not fit well

_numbers = count()


def array_of(evaluator: Evaluator, expr: Any, indices: tuple[Any, ...] = ()) -> Array:
    """The values of an expression, with one axis for each index.

    Raises what `Evaluator.flat` raises.
    """
    found = _arrays(evaluator).array(expr, indices)
    if found is None:
        shape = [evaluator.length(i) for i in indices]
        found = np.array(evaluator.flat(expr, indices)).reshape(shape)
    return found


@lru_cache(maxsize=4)
def _arrays(evaluator: Evaluator) -> Arrays:
    """The arrays of a point; it remembers tensors, which all gradients there use."""
    return Arrays(evaluator)


class Unsupported(Exception):
    """The evaluator has to find this value, entry by entry."""


@dataclass(frozen=True)
class Axis:
    """An index within its scope, and the values it takes."""

    number: int
    low: int
    length: int


@dataclass(frozen=True)
class Values:
    """An array whose axes are known by what they run over; `none` are places without a value."""

    array: Array
    axes: tuple[Axis, ...] = ()
    none: Values | None = None


Scope = Mapping[Any, Axis]


class Arrays:
    """Values of index expressions at the point of an evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._at = evaluator
        self._setting = evaluator.setting
        self._differentiator = differentiator(evaluator.setting)
        self._outside = self._setting.padded | self._setting.bottomless  # have values there
        self._tensors: dict[str, Values] = {}

    def array(self, expr: Any, indices: tuple[Any, ...]) -> Array | None:
        """The values as the indices run over their axes; None if the evaluator must find them."""
        scope = {index: self._axis(index) for index in indices}
        try:
            values = self._full(self._values(plain(expr), scope), [*scope.values()])
        except (Unsupported, *UNREADABLE):
            return None
        there = values.none is None and np.isfinite(values.array).all()
        return values.array if there else None

    def _axis(self, index: Any) -> Axis:
        low, high = self._at.span(index)
        return Axis(next(_numbers), low, high - low + 1)

    def _full(self, values: Values, axes: list[Axis]) -> Values:
        """The same on all of these axes, in this order."""
        return _product([values, *map(_ones, axes)], axes)

    def _values(self, expr: Any, scope: Scope) -> Values:
        if expr in scope:
            axis = scope[expr]
            return Values(np.arange(axis.low, axis.low + axis.length), (axis,))
        if isinstance(expr, (Indexed, Symbol)):
            return self._entries(expr, scope)
        if expr.is_Number:
            return Values(np.asarray(int(expr) if expr.is_Integer else float(expr)))
        if expr is symbol_of_pi:
            return Values(np.asarray(pi))
        if isinstance(expr, Add):
            return _combined(_total, [self._values(a, scope) for a in expr.args])
        if isinstance(expr, Mul):
            return self._sum(expr, (), scope)
        if isinstance(expr, Pow):
            return _where_finite(_power, [self._values(a, scope) for a in expr.args])
        if isinstance(expr, KroneckerDelta):
            return _combined(np.equal, [self._values(a, scope) for a in expr.args])
        if isinstance(expr, Bracket):
            return _combined(np.less_equal, [self._values(a, scope) for a in expr.args])
        if isinstance(expr, Sum):
            return self._sum(expr.function, expr.limits, scope)
        if isinstance(expr, D):
            taken = self._differentiator.resolve(expr)
            if taken == expr:
                raise Unsupported("the derivative of a recursion")
            return self._values(plain(taken), scope)
        if isinstance(expr, Function) and expr.func in self._at.functions:
            of = _entrywise(self._at.functions[expr.func])
            return _where_finite(of, [self._values(expr.args[0], scope)])
        raise Unsupported(type(expr).__name__)

    def _sum(self, body: Any, limits: Sequence[Any], scope: Scope) -> Values:
        """Sums over a product; the last limits are the outermost. One over a sum is taken apart."""
        inner, summed, conditions = dict(scope), [], []
        for index, lower, upper in reversed(limits):
            low, high = self._values(lower, inner), self._values(upper, inner)
            first = int(low.array.min())
            axis = Axis(next(_numbers), first, max(0, int(high.array.max()) - first + 1))
            inner[index] = axis
            summed.append(axis)
            if low.axes or high.axes:  # of another length each time
                here = self._values(index, inner)
                pairs = ((low, here), (here, high))
                conditions += [_combined(np.less_equal, pair) for pair in pairs]
        if isinstance(body, Add):
            if conditions:
                raise Unsupported("a sum over a sum with a range that changes")
            parts = [self._summed(self._factors(a, inner), summed) for a in body.args]
            return _combined(_total, parts)
        return self._summed([*((c, True) for c in conditions), *self._factors(body, inner)], summed)

    def _factors(self, body: Any, scope: Scope) -> list[tuple[Values, bool]]:
        """The factors of a product, and whether they excuse what has no value where they are 0."""
        factors = body.args if isinstance(body, Mul) else (body,)
        return [(self._values(f, scope), self._at.may_vanish(f)) for f in factors]

    def _summed(self, factors: list[tuple[Values, bool]], summed: list[Axis]) -> Values:
        values = [v for v, _ in factors]
        own = dict.fromkeys(axis for v in values for axis in v.axes)
        lone = [axis for axis in summed if axis not in own]  # Σ_k c
        kept = [axis for axis in own if axis not in summed]
        return _product([*values, *map(_ones, lone)], kept, [v for v, may in factors if may])

    def _entries(self, entry: Any, scope: Scope) -> Values:
        """Entries of a tensor, by subscripts that are whole numbers."""
        name = name_of(entry)
        if name in self._at.sizes:
            return Values(np.asarray(self._at.sizes[name]))
        tensor = self._tensor(name)
        places = [self._values(i, scope) for i in indices_of(entry)]
        if any(p.none is not None or p.array.dtype.kind != "i" for p in places):
            raise Unsupported("a subscript that is no whole number")
        return self._read(name, tensor, places)

    def _read(self, name: str, tensor: Values, places: list[Values]) -> Values:
        axes = [*dict.fromkeys(axis for p in places for axis in p.axes)]
        _check(axes)
        inside: Any = np.True_
        subscripts = []
        for place, own in zip(places, tensor.axes, strict=True):
            at = _aligned(place, axes) - own.low
            inside = inside & (at >= 0) & (at < own.length)
            subscripts.append(np.clip(at, 0, own.length - 1))
        array = np.broadcast_to(tensor.array[tuple(subscripts)], [a.length for a in axes])
        if np.all(inside):
            return Values(array, (*axes,))
        beyond = 0 if name in self._setting.padded else -inf
        array = np.where(inside, array, beyond if name in self._outside else 0)
        if name in self._outside:
            return Values(array, (*axes,))
        return Values(array, (*axes,), Values(np.broadcast_to(~inside, array.shape), (*axes,)))

    def _tensor(self, name: str) -> Values:
        """All entries of a tensor, computed at most once."""
        if name not in self._tensors:
            definition = self._setting.definitions.get(name) or self._setting.choices.get(name)
            found = self._defined(definition) if definition else self._given(name)
            if found.none is not None:
                raise Unsupported(f"{name} has no value somewhere")
            self._tensors[name] = found
        return self._tensors[name]

    def _given(self, name: str) -> Values:
        if name not in self._at.tensors or name not in self._setting.indices:
            raise Unsupported(name)
        indices, entries = self._setting.indices[name], self._at.tensors[name]
        axes = tuple(self._axis(i) for i in indices)
        flat = np.array([entries[place] for place in self._at.places(indices)])
        if flat.dtype.kind not in "if":
            raise Unsupported(f"{name} has other entries than numbers")
        return Values(flat.reshape([axis.length for axis in axes]), axes)

    def _defined(self, definition: Definition) -> Values:
        if self._differentiator.recursive(definition.name):
            raise Unsupported("a recursion")
        scope = {index: self._axis(index) for index in definition.indices}
        rhs = plain(definition.rhs)
        found = self._argmax(rhs, scope) if isinstance(rhs, ArgMax) else self._values(rhs, scope)
        return self._full(found, [*scope.values()])

    def _argmax(self, expr: ArgMax, scope: Scope) -> Values:
        """Where the first of the greatest values is, as the letters run, the last one fastest."""
        own = {letter: self._axis(letter) for letter in expr.letters}
        body = self._values(expr.of, {**scope, **own})
        if body.none is not None or np.isnan(body.array).any():
            raise Unsupported("no value to compare")
        axes = [axis for axis in body.axes if axis not in own.values()]
        shape = [axis.length for axis in own.values()]
        array = np.broadcast_to(
            _aligned(body, [*axes, *own.values()]), [*(a.length for a in axes), *shape]
        )
        best = array.reshape([*(a.length for a in axes), prod(shape)]).argmax(axis=-1)
        place = np.unravel_index(best, shape)[expr.letters.index(expr.chosen)]
        return Values(place + own[expr.chosen].low, (*axes,))


def _combined(function: Callable[..., Array], values: Sequence[Values]) -> Values:
    """An elementwise function of arrays; it has no value where one of them has none."""
    axes = [*dict.fromkeys(axis for v in values for axis in v.axes)]
    _check(axes)
    with np.errstate(all="ignore"):
        array = np.asarray(function(*(_aligned(v, axes) for v in values)))
    none = [_aligned(v.none, axes) for v in values if v.none is not None]
    if array.dtype.kind == "b":
        array = array.astype(int)
    if not none:
        return Values(array, (*axes,))
    missing = np.broadcast_to(np.any(np.broadcast_arrays(*none), axis=0), array.shape)
    return Values(np.where(missing, 0, array), (*axes,), Values(missing, (*axes,)))


def _where_finite(function: Callable[..., Array], values: Sequence[Values]) -> Values:
    """The same for a function that has no value everywhere, such as log."""
    found = _combined(function, values)
    if np.isfinite(found.array).all():
        return found
    missing = ~np.isfinite(found.array)
    if found.none is not None:
        missing = missing | found.none.array
    return Values(np.where(missing, 0, found.array), found.axes, Values(missing, found.axes))


def _product(values: list[Values], kept: list[Axis], vanishing: Iterable[Values] = ()) -> Values:
    """Σ of a product over all axes but those that are kept, which are the axes of the result."""
    _check(kept)
    array = _einsum(values, kept)
    if all(v.none is None for v in values):
        return Values(array, (*kept,))
    vanishing = [*vanishing]
    if any(v.none is not None for v in vanishing):
        raise Unsupported("what excuses others has no value itself")
    there = [Values((v.array != 0).astype(float), v.axes) for v in vanishing]
    ones = [_ones(axis) for v in values for axis in v.axes]
    counts = [
        _einsum([Values(v.none.array.astype(float), v.none.axes), *there, *ones], kept)
        for v in values
        if v.none is not None
    ]
    missing = np.any(np.stack(counts) > 0, axis=0)
    return Values(array, (*kept,), Values(missing, (*kept,)) if missing.any() else None)


def _einsum(values: Iterable[Values], kept: list[Axis]) -> Array:
    """One einsum; what does not depend on any index is a number before it."""
    factor: Any = 1
    operands: list[Any] = []
    letters: dict[Axis, int] = {}
    for v in values:
        if v.axes:
            operands += [v.array, [letters.setdefault(axis, len(letters)) for axis in v.axes]]
        else:
            factor = factor * v.array[()]
    if not operands:
        return np.asarray(factor)
    return np.asarray(factor * np.einsum(*operands, [letters[a] for a in kept], optimize="greedy"))


def _ones(axis: Axis) -> Values:
    return Values(np.ones(axis.length, int), (axis,))


def _aligned(value: Values, axes: Sequence[Axis]) -> Array:
    """The array with its axes in this order, of length 1 where it lacks one."""
    order = sorted(range(len(value.axes)), key=lambda k: axes.index(value.axes[k]))
    lengths = [axis.length if axis in value.axes else 1 for axis in axes]
    return value.array.transpose(order).reshape(lengths)


def _check(axes: Iterable[Axis]) -> None:
    if prod(axis.length for axis in axes) > MOST:
        raise Unsupported("too large")


def _total(*arrays: Array) -> Array:
    return sum(arrays[1:], start=arrays[0])


def _power(base: Array, exponent: Array) -> Array:
    whole = base.dtype.kind == exponent.dtype.kind == "i" and bool((exponent >= 0).all())
    return np.power(base if whole else base.astype(float), exponent)


def _entrywise(function: Callable[[float], float]) -> Callable[[Array], Array]:
    """A function of numbers for arrays, which is not a number where the function raises."""

    def value(x: float) -> float:
        try:
            return float(function(x))
        except (ArithmeticError, ValueError):
            return np.nan

    def values(array: Array) -> Array:
        return np.array([value(x) for x in array.ravel().tolist()]).reshape(array.shape)

    return values
