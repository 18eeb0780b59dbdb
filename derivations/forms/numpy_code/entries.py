"""Reading entries: `X`, `X[1:]`, `P[np.arange(N), y]`, `X[np.arange(T)[:, None] + np.arange(K)]`.

A subscript is a slice where it can be, a number for a fixed place, else an array of positions.
What lies outside the tensor is read from a padded copy, from what a recursion says of it, or,
where a delta or a bracket makes the product vanish, from any entry: the product is 0 all the same.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sympy import Idx, Integer, expand, sympify

from gradcheck.derivations.calculus.terms import free_indices, indices_of, name_of, rename
from gradcheck.derivations.forms.numpy_code import code as py
from gradcheck.derivations.forms.numpy_code.arrays import (
    Array,
    Letters,
    aligned,
    number,
    union,
)
from gradcheck.derivations.forms.numpy_code.code import Code, atom
from gradcheck.derivations.forms.numpy_code.ranges import (
    Range,
    extent,
    nonnegative,
    range_of,
    step_of,
)

if TYPE_CHECKING:
    from gradcheck.derivations.forms.numpy_code.writer import Writer

Slot = tuple[Code | None, Any]  # a slice and its letter; no code where it is the whole axis


class Entry:
    """One entry of a tensor that is to be read for all values of its letters."""

    def __init__(self, writer: "Writer", entry: Any, target: Letters) -> None:
        self.writer = writer
        self.target = target
        self.name = name_of(entry)
        self.subscripts = indices_of(entry)
        self.source = writer.tensor(self.name)
        self.own = [(i.lower, i.upper) for i in writer.setting.indices[self.name]]
        self.clipped = False  # whether positions are moved to the nearest entry
        self.longer: set[int] = set()  # axes of the array that may go on where `own` ends

    def array(self) -> Array:
        unsafe = [
            k
            for k, (subscript, own) in enumerate(zip(self.subscripts, self.own, strict=True))
            if not self.writer.within(subscript, own)
        ]
        if not unsafe:
            return self._read()
        outside = self._outside()
        if outside is None:
            self.clipped = True
            counted = all(self._is_counted(k) for k in unsafe)
            return self._neighbour() if counted else self._read()
        if all(self._is_counted(k) for k in unsafe):
            return self._chosen(unsafe, outside)
        if self._extend(unsafe, outside):
            return self._read()
        return self._masked(unsafe, outside)

    def _outside(self) -> Any:
        """What stands outside the tensor, or None if nothing may be read there."""
        if self.name in self.writer.setting.padded:
            return Integer(0)
        definition = self.writer.setting.definitions.get(self.name)
        if definition is None or definition.outside is None:
            return None
        return sympify(definition.outside)

    def _is_counted(self, place: int) -> bool:
        """Whether a subscript is a number while the code runs: a loop's counter, say."""
        return all(i in self.writer.fixed for i in free_indices(self.subscripts[place]))

    def _chosen(self, unsafe: list[int], outside: Any) -> Array:
        """`h[t - 1] if t >= 1 else h0`"""
        conditions = list(self._conditions(unsafe))
        if not conditions:
            return self._read()
        read = self._read()
        other = self._full(self._renamed(outside), read.axes)
        condition = conditions[0].code
        for more in conditions[1:]:
            condition = Code(
                "{} and {}", ((condition, py.Level.COMPARE), (more.code, py.Level.COMPARE)),
                py.Level.COMPARE,
            )  # fmt: skip
        code = py.choice(read.code, condition, other, self._beside())
        return Array(code, read.axes)

    def _neighbour(self) -> Array:
        """`z[min(t + 1, T - 1)]`, on a line of its own: what it stands in is 0 beyond the end."""
        read = self._read()
        code = replace(read.code, work=True, level=py.Level.CHOICE, hint=self._beside())
        return Array(code, read.axes)

    def _beside(self) -> str:
        """A name for the entry before or after that of the counter."""
        return f"{self.source.template}_{'before' if _looks_back(self) else 'after'}"

    def _extend(self, unsafe: list[int], outside: Any) -> bool:
        """Puts what lies outside next to the tensor, where it is known how much that is."""
        widths: list[Range] = [(Integer(0), Integer(0))] * len(self.own)
        for k in unsafe:
            reach = extent(self.subscripts[k], self.writer.ranges, self.writer.setting.integer)
            if reach is None:
                return False
            before, after = expand(self.own[k][0] - reach[0]), expand(reach[1] - self.own[k][1])
            widths[k] = tuple(Integer(0) if nonnegative(-w) else w for w in (before, after))
            if not nonnegative(widths[k][0]):
                return False
            self.longer |= set() if nonnegative(widths[k][1]) else {k}
        if outside == 0:
            self.source = self._zeros_around(widths)
        elif unsafe == [0] and not self.longer and sorted(widths[0]) == [0, 1]:
            self.source = self._joined(outside, before=widths[0][0] == 1)
        else:
            return False
        self.own = [
            (low - w[0], high + w[1]) for (low, high), w in zip(self.own, widths, strict=True)
        ]
        return True

    def _zeros_around(self, widths: list[Range]) -> Code:
        codes = [self.writer.length(1, w) for pair in widths for w in pair]
        holes = ", ".join("({}, {})" for _ in widths)
        pairs = f"({holes})" if len(widths) > 1 else holes
        return py.call(f"np.pad({{}}, {pairs})", self.source, *codes, hint=f"{self.name}_padded")

    def _joined(self, outside: Any, before: bool) -> Code:
        time, *others = self.writer.setting.definitions[self.name].indices
        there = time.lower - 1 if before else time.upper + 1
        axes = tuple(others)
        value = self._full(rename(outside, {time: there}), axes)
        end = py.view("{}[None]", value) if axes else Code("[{}]", ((value, py.Level.CHOICE),))
        parts = [end, self.source] if before else [self.source, end]
        hint = f"{self.name}_{'before' if before else 'after'}"
        return py.call("np.concatenate([{}, {}])", *parts, hint=hint)

    def _masked(self, unsafe: list[int], outside: Any) -> Array:
        """np.where(inside, ..., outside)"""
        self.clipped = True
        read = self._read()
        inside = list(self._conditions(unsafe))
        other = number(self.writer.array(self._renamed(outside), self.target))
        axes = union([read, *inside, other], self.target)
        condition = aligned(inside[0], axes)
        for more in inside[1:]:
            condition = py.both(condition, aligned(more, axes))
        code = py.call("np.where({}, {}, {})", condition, aligned(read, axes), aligned(other, axes))
        return Array(code, axes)

    def _conditions(self, unsafe: list[int]) -> Iterator[Array]:
        """What must hold for the subscripts to lie inside."""
        for k in unsafe:
            subscript, (low, high) = self.subscripts[k], self.own[k]
            reach = extent(subscript, self.writer.ranges, self.writer.setting.integer)
            place = self.writer.counted(subscript - low)
            if reach is None or not nonnegative(reach[0] - low):
                number_in_it = place.as_coeff_Add()[0]
                sides = place - number_in_it, -number_in_it
                yield self.writer.comparison(">=", *sides, self.target)
            if reach is None or not nonnegative(high - reach[1]):
                yield self.writer.comparison("<", place, high - low + 1, self.target)

    def _renamed(self, outside: Any) -> Any:
        definition = self.writer.setting.definitions.get(self.name)
        if definition is None:
            return outside
        return rename(outside, dict(zip(definition.indices, self.subscripts, strict=True)))

    def _full(self, outside: Any, axes: Letters) -> Code:
        """A value outside, with all of its axes."""
        array = number(self.writer.array(outside, axes))
        if {*array.axes} == {*axes}:
            return aligned(array, axes)
        lengths = [self.writer.length(*range_of(i, self.writer.ranges)) for i in axes]
        return filled(aligned(array, axes), lengths)

    def _read(self) -> Array:
        """The entries that are inside."""
        slots = [self._slice(k) for k in range(len(self.own))]
        letters = [slot[1] for slot in slots if slot is not None]
        loose = [k for k, slot in enumerate(slots) if slot is None or letters.count(slot[1]) > 1]
        tables = [k for k in loose if not self._is_counted(k)]
        if not tables:
            return self._view(slots)
        inside = {i for k in loose for i in self._letters(self.subscripts[k])}
        together = loose == [*range(loose[0], loose[-1] + 1)]
        apart = not any(slot is not None and slot[1] in inside for slot in slots)
        if not together or not apart:
            loose = [*range(len(slots))]
        return self._gathered(slots, loose)

    def _view(self, slots: list[Slot | None]) -> Array:
        """Slices and fixed places alone."""
        parts: list[Code] = []
        axes: list[Any] = []
        for k, slot in enumerate(slots):
            if slot is None:
                parts.append(self._fixed(k))
            else:
                parts.append(slot[0] or atom(":"))
                axes.append(slot[1])
        return Array(self._subscripted(parts), tuple(axes))

    def _gathered(self, slots: list[Slot | None], loose: list[int]) -> Array:
        """Arrays of positions at the places of `loose`, which follow each other."""
        tables = {k: self._table(k) for k in loose}
        between = union(tables.values(), self.target)
        parts = [
            aligned(tables[k], between) if slot is None or k in tables else slot[0] or atom(":")
            for k, slot in enumerate(slots)
        ]
        before = [s[1] for k, s in enumerate(slots) if s is not None and k < loose[0]]
        after = [s[1] for k, s in enumerate(slots) if s is not None and k > loose[-1]]
        return Array(self._subscripted(parts), (*before, *between, *after))

    def _slice(self, place: int) -> Slot | None:
        """A subscript as a slice, or None if it is something else."""
        subscript, (low, high) = self.subscripts[place], self.own[place]
        stepped = step_of(sympify(subscript))
        if stepped is None or stepped[0] in self.writer.fixed:
            return None
        if not self.writer.within(subscript, (low, high)):
            return None
        letter, step, offset = stepped
        first, last = range_of(letter, self.writer.ranges)
        start, end = expand(step * first + offset - low), expand(step * last + offset - low)
        exact = place not in self.longer and end == expand(high - low)
        if start == 0 and exact and step == 1:
            return None, letter
        last = None if place in self.longer else expand(high - low)
        return self._range(start, end, last, step), letter

    def _range(self, start: Any, end: Any, last: Any, step: int) -> Code:
        """start:stop:step; the stop is counted from `last` where that is known and near."""
        texts, codes = ["", ""], []
        if start != 0:
            texts[0] = "{}"
            codes.append(self.writer.position(start).code)
        short = None if last is None else expand(end - last)
        if short != 0:
            texts[1] = "{}"
            counted_back = short is not None and short.is_Integer and short < 0
            stop = self.writer.position(short if counted_back else end + 1).code
            safe = counted_back or nonnegative(end + 1)
            codes.append(stop if safe else py.call("max({}, 0)", stop))
        template = ":".join(texts) + (f":{step}" if step > 1 else "")
        return Code(template, tuple((c, py.Level.CHOICE) for c in codes))

    def _fixed(self, place: int) -> Code:
        """A place that is a number; the last one is -1."""
        subscript, (low, high) = self.subscripts[place], self.own[place]
        if expand(subscript - high) == 0 and high != low and place not in self.longer:
            return atom("-1")
        return self._table(place).code

    def _table(self, place: int) -> Array:
        """The positions of a subscript, kept inside the tensor where nothing else does."""
        subscript, (low, high) = self.subscripts[place], self.own[place]
        found = self.writer.position(subscript, low, self.target)
        if self.clipped and not self.writer.within(subscript, (low, high)):
            last = self.writer.position(high - low).code
            if self._is_counted(place) and _looks_back(self):
                return Array(py.call("max({}, 0)", found.code))
            if self._is_counted(place):
                return Array(py.call("min({}, {})", found.code, last))
            return Array(py.call("np.clip({}, 0, {})", found.code, last), found.axes)
        return found

    def _letters(self, expr: Any) -> Letters:
        return tuple(i for i in free_indices(expr) if i not in self.writer.fixed)

    def _subscripted(self, parts: list[Code]) -> Code:
        while parts and parts[-1] == atom(":"):
            del parts[-1]
        if not parts:
            return self.source
        return py.view(f"{{}}[{', '.join('{}' for _ in parts)}]", self.source, *parts)


def filled(value: Code, lengths: list[Code]) -> Code:
    """An array of some shape, all lines of it alike."""
    holes = ", ".join("{}" for _ in lengths) + ("," if len(lengths) == 1 else "")
    if value == atom("0"):
        shape = "{}" if len(lengths) == 1 else f"({holes})"
        return py.call(f"np.zeros({shape})", *lengths)
    return py.call(f"np.broadcast_to({{}}, ({holes}))", value, *lengths)


def _looks_back(entry: Entry) -> bool:
    """Whether the place read lies before that of the counter."""
    first = sympify(entry.subscripts[0])
    letters = [*first.atoms(Idx)]
    return bool(letters) and bool((first - letters[0]).is_negative)
