"""The value of an index expression at concrete sizes and values, entry by entry.

Deliberately plain: an expression is compiled once into nested Python functions over the current
values of its indices. Entries of named intermediates are computed when first asked for, and
remembered, so that a recursion over time needs no special order. Reading outside an axis is an
error, unless a delta or the declared end of a recursion makes the product vanish.

`checks/arrays.py` gives the same values by array, where that is possible.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import count, product
from operator import itemgetter
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
    Sum,
    Symbol,
    pi,
)

from gradcheck.derivations.calculus.derivative import differentiator
from gradcheck.derivations.calculus.functions import VALUES
from gradcheck.derivations.calculus.terms import (
    ArgMax,
    Bracket,
    D,
    Definition,
    Setting,
    entry_of,
    indices_of,
    name_of,
    plain,
)

Slots = dict[Any, int]  # where the current value of an index is kept
Current = dict[int, Any]  # the current values
Code = Callable[[Current], Any]
Reader = Callable[[tuple[int, ...]], Any]
Entries = Mapping[tuple[int, ...], Any]  # a tensor: its value at every tuple of index values


class OutOfRange(Exception):
    """An entry outside its tensor was read; the message says which."""


class Evaluator:
    """Evaluates index expressions at one point.

    sizes      the value of every symbolic size, by name
    tensors    the entries of every tensor that has no definition, by name
    functions  values of functions that `VALUES` does not know, by class
    """

    def __init__(
        self,
        setting: Setting,
        sizes: Mapping[str, int],
        tensors: Mapping[str, Entries],
        functions: Mapping[Any, Callable[[float], float]] | None = None,
    ) -> None:
        self.setting = setting
        self.sizes = sizes
        self.tensors = tensors
        self.functions = {**VALUES, **(functions or {})}
        self._differentiator = differentiator(setting)
        self._new_slot = count()
        self._readers: dict[str, Callable[[tuple[int, ...]], Any]] = {}
        self._values: dict[Any, list[Any]] = {}
        self._ranges: dict[Any, tuple[int, int]] = {}

    def flat(self, expr: Any, indices: tuple[Any, ...] = ()) -> list[Any]:
        """All values of an expression as its indices run over their axes, last one fastest.

        Raises OutOfRange if an entry is read outside its tensor, NotImplementedError for a
        kind of expression that has no value.
        """
        key = (expr, indices)
        if key not in self._values:
            code = self._compile(
                expr, {index: k for k, index in enumerate(indices, start=-len(indices))}
            )
            self._values[key] = [
                code(dict(enumerate(at, start=-len(indices)))) for at in self.places(indices)
            ]
        return self._values[key]

    def function(self, expr: Any, argument: Any) -> Callable[[float], float]:
        """An expression in one symbol as a Python function of a number."""
        code = self._compile(expr, {argument: -1})
        return lambda x: code({-1: x})

    def places(self, indices: tuple[Any, ...]) -> Iterator[tuple[int, ...]]:
        """All values that some indices take together at this point, last one fastest."""
        return product(*(range(low, high + 1) for low, high in map(self.span, indices)))

    def length(self, index: Any) -> int:
        """How many values an index takes at this point."""
        low, high = self.span(index)
        return high - low + 1

    def span(self, index: Any) -> tuple[int, int]:
        """The first and the last value that an index takes at this point."""
        if index not in self._ranges:
            low, high = (self._compile(bound, {})({}) for bound in (index.lower, index.upper))
            self._ranges[index] = int(low), int(high)
        return self._ranges[index]

    def may_vanish(self, factor: Any) -> bool:
        """Whether a factor is exactly 0 somewhere: a delta, or outside what is padded or ends."""
        if isinstance(factor, Indexed):
            definition = self.setting.definitions.get(name_of(factor))
            ends = definition is not None and definition.outside is not None
            return ends or name_of(factor) in self.setting.padded
        return isinstance(factor, (KroneckerDelta, Bracket))

    def _compile(self, expr: Any, slots: Slots) -> Code:
        if expr in slots:
            slot = slots[expr]
            return lambda at: at[slot]
        if isinstance(expr, Idx):
            raise NotImplementedError(f"the index {expr} belongs to no sum and no left side")
        if isinstance(expr, (Indexed, Symbol)):
            return self._compile_entry(expr, slots)
        if expr.is_Number:
            number = int(expr) if expr.is_Integer else float(expr)
            return lambda _: number
        if expr is pi:
            return lambda _: math.pi
        if isinstance(expr, Add):
            return _sum_of([self._compile(a, slots) for a in expr.args])
        if isinstance(expr, Mul):
            vanishing = [self._compile(a, slots) for a in expr.args if self.may_vanish(a)]
            others = [self._compile(a, slots) for a in expr.args if not self.may_vanish(a)]
            return _product_of(vanishing, others)
        if isinstance(expr, Pow):
            base, exponent = (self._compile(a, slots) for a in expr.args)
            return lambda at: base(at) ** exponent(at)
        if isinstance(expr, KroneckerDelta):
            left, right = (self._compile(a, slots) for a in expr.args)
            return lambda at: 1 if left(at) == right(at) else 0
        if isinstance(expr, Bracket):
            low, high = (self._compile(a, slots) for a in expr.args)
            return lambda at: 1 if low(at) <= high(at) else 0
        if isinstance(expr, Sum):
            return self._compile_sum(expr.function, expr.limits, slots)
        if isinstance(expr, ArgMax):
            return self._compile_argmax(expr, slots)
        if isinstance(expr, D):
            return self._compile_derivative(expr, slots)
        if isinstance(expr, Function) and expr.func in self.functions:
            function, argument = self.functions[expr.func], self._compile(expr.args[0], slots)
            return lambda at: function(argument(at))
        raise NotImplementedError(f"no value for {type(expr).__name__}: {expr}")

    def _compile_sum(self, body: Any, limits: tuple[Any, ...], slots: Slots) -> Code:
        """Nested loops, one for each summed index; the last limits are the outermost."""
        if not limits:
            return self._compile(body, slots)
        *inner, (index, lower, upper) = limits
        slot = next(self._new_slot)
        low, high = self._compile(lower, slots), self._compile(upper, slots)
        term = self._compile_sum(body, tuple(inner), {**slots, index: slot})

        def loop(at: Current) -> Any:
            total = 0
            for value in range(low(at), high(at) + 1):
                at[slot] = value
                total += term(at)
            return total

        return loop

    def _compile_argmax(self, expr: ArgMax, slots: Slots) -> Code:
        """Where the first of the greatest values is, as the letters run, the last one fastest."""
        own = {letter: next(self._new_slot) for letter in expr.letters}
        value = self._compile(expr.of, {**slots, **own})
        chosen = expr.letters.index(expr.chosen)

        def first_greatest(at: Current) -> Any:
            def value_at(place: tuple[int, ...]) -> Any:
                at.update(zip(own.values(), place, strict=True))
                return value(at)

            return max(self.places(expr.letters), key=value_at)[chosen]

        return first_greatest

    def _compile_entry(self, entry: Any, slots: Slots) -> Code:
        name = name_of(entry)
        if name in self.sizes:  # a tensor never has the name of a size
            number = self.sizes[name]
            return lambda _: number
        definition = self.setting.definitions.get(name) or self.setting.choices.get(name)
        read = self._defined(definition) if definition else self._given(name)
        return self._read(read, indices_of(entry), slots)

    def _read(self, read: Reader, subscripts: tuple[Any, ...], slots: Slots) -> Code:
        if len(subscripts) > 1 and all(i in slots for i in subscripts):  # the usual case, quicker
            place = itemgetter(*(slots[i] for i in subscripts))
            return lambda at: read(place(at))
        codes = [self._compile(i, slots) for i in subscripts]
        return lambda at: read(tuple([code(at) for code in codes]))

    def _given(self, name: str) -> Reader:
        if name not in self.tensors:
            raise NotImplementedError(f"{name} has no value and no definition")
        entries = self.tensors[name]
        if name in self.setting.padded:
            return lambda place: entries.get(place, 0)
        if name in self.setting.bottomless:
            return lambda place: entries.get(place, -math.inf)

        def read(place: tuple[int, ...]) -> Any:
            try:
                return entries[place]
            except KeyError:
                raise OutOfRange(f"{name}{list(place)} is outside {name}") from None

        return read

    def _defined(self, definition: Definition) -> Reader:
        """Reads a named intermediate: its right side, computed at most once for each entry."""
        if definition.name in self._readers:
            return self._readers[definition.name]
        known: dict[tuple[int, ...], Any] = {}
        slots = {index: next(self._new_slot) for index in definition.indices}
        ranges = [self.span(index) for index in definition.indices]
        codes: list[Code] = []

        def read(place: tuple[int, ...]) -> Any:
            if place not in known:
                inside = [low <= i <= high for i, (low, high) in zip(place, ranges, strict=True)]
                if not all(inside) and (definition.outside is None or not all(inside[1:])):
                    raise OutOfRange(f"{definition.name}{list(place)} is outside {definition.name}")
                known[place] = codes[not all(inside)](dict(zip(slots.values(), place, strict=True)))
            return known[place]

        self._readers[definition.name] = read  # before compiling: a recursion reads itself
        codes.append(self._compile(plain(definition.rhs), slots))
        if definition.outside is not None:
            codes.append(self._compile(plain(definition.outside), slots))
        return read

    def _compile_derivative(self, expr: Any, slots: Slots) -> Code:
        """A derivative is taken first; that of a recursion is a recursion of the same kind."""
        taken = self._differentiator.resolve(expr)
        if taken != expr:
            return self._compile(taken, slots)
        of, by = expr.of, expr.by
        recursion = self._derivative_recursion(name_of(of), name_of(by))
        return self._read(self._defined(recursion), (*indices_of(of), *indices_of(by)), slots)

    def _derivative_recursion(self, of: str, by: str) -> Definition:
        """∂h[t,i]/∂W[j,k] of a recursion h, as the recursion over t that it obeys."""
        definition = self.setting.definitions[of]
        letters = self._letters(by)
        by_entry = entry_of(by, letters)
        body = self._differentiator.recursion_step(definition, by_entry)
        before = Integer(0)
        if definition.outside is not None:
            before = self._differentiator.derivative(definition.outside, by_entry)
        if of == by:
            # at the time of `by` itself, the entry is the variable
            same = [KroneckerDelta(a, b) for a, b in zip(definition.indices, letters, strict=True)]
            body, before = Mul(*same) + (1 - same[0]) * body, Mul(*same)
        own = entry_of(f"∂{of}/∂{by}", (*definition.indices, *letters))
        return Definition(own, body, before)

    def _letters(self, by: str) -> tuple[Any, ...]:
        """New letters for an entry that is differentiated by; of a recursion also its end."""
        axes = self.setting.indices[by]
        ranges = [(i.lower, i.upper) for i in axes]
        definition = self.setting.definitions.get(by)
        if definition is not None and definition.outside is not None:
            low, high = ranges[0]
            ranges[0] = (low - 1, high + 1)
        return tuple(Idx(f"{i}′{k}", r) for k, (i, r) in enumerate(zip(axes, ranges, strict=True)))


def _sum_of(terms: list[Code]) -> Code:
    def add(at: Current) -> Any:
        total = 0
        for term in terms:
            total += term(at)
        return total

    return add


def _product_of(vanishing: list[Code], others: list[Code]) -> Code:
    """What may vanish exactly comes first: it excuses an entry outside its tensor."""

    def multiply(at: Current) -> Any:
        result = 1
        for factor in vanishing:
            result *= factor(at)
            if result == 0:
                return 0
        for factor in others:
            result *= factor(at)
        return result

    return multiply
