"""Subscripts and bounds: integer combinations of indices and symbolic sizes, such as s t + k - 1.

An index carries the range it runs over, so the least and the greatest value of a subscript follow
from the subscript alone. Sizes are symbolic and at least 1, a padding at least 0, and that is all
that is known of them: `nonnegative` answers True only if an inequality holds for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations


class Index:
    """A letter that runs from `low` to `high`, both included."""

    __slots__ = ("high", "letters", "low", "name")

    def __init__(self, name: str, low: Affine, high: Affine) -> None:
        self.name = name
        self.letters = frozenset((name,))
        self.low = low
        self.high = high

    @property
    def length(self) -> Affine:
        return self.high - self.low + 1

    @property
    def range_key(self) -> str:
        return f"{self.low.key}..{self.high.key}"

    def substitute(self, new: Mapping[str, Affine]) -> Affine | None:
        """What becomes of the index, or None if it stays."""
        return new.get(self.name)

    def __repr__(self) -> str:
        return self.name


class Lookup:
    """An entry of an integer tensor used as a subscript, such as the class y[s] of a sample."""

    __slots__ = ("high", "letters", "low", "name", "subscripts", "tensor")

    def __init__(self, tensor: str, subscripts: tuple[Affine, ...], low: Affine, high: Affine):
        self.tensor = tensor
        self.subscripts = subscripts
        self.low = low
        self.high = high
        self.name = f"{tensor}[{','.join(a.key for a in subscripts)}]"
        self.letters = frozenset((self.name,)).union(*(a.letters for a in subscripts))

    def substitute(self, new: Mapping[str, Affine]) -> Affine | None:
        """What becomes of the lookup, which may be replaced as a whole; None if it stays."""
        if self.name in new:
            return new[self.name]
        if self.letters.isdisjoint(new):
            return None
        inner = tuple(a.substitute(new) for a in self.subscripts)
        return Affine.of(Lookup(self.tensor, inner, self.low, self.high))

    def __repr__(self) -> str:
        return self.name


class FromZero(str):
    """The name of a whole number that is at least 0, such as a padding; sizes are at least 1."""

    __slots__ = ()


# one term of an affine form: its text, the coefficient, the sizes and the index multiplied
Part = tuple[int, tuple[str, ...], "Index | Lookup | None"]


class Affine:
    """const + Σ coefficient · sizes · index, each part with at most one index.

    Two forms are equal if they have the same key.
    """

    __slots__ = ("_bounds", "_key", "_letters", "const", "parts")

    def __init__(self, const: int, parts: Mapping[str, Part]) -> None:
        self.const = const
        self.parts = parts
        # worked out when first asked for: most forms live too short to be asked
        self._key: str | None = None
        self._letters: frozenset[str] | None = None
        self._bounds: tuple[Affine, Affine] | None = None

    @staticmethod
    def of(value: int | Index | Lookup) -> Affine:
        """The affine form that is one number or one index."""
        if isinstance(value, int):
            return Affine(value, {})
        return Affine(0, {value.name: (1, (), value)})

    @staticmethod
    def size(name: str) -> Affine:
        """The symbolic size of an axis."""
        return Affine(0, {"#" + name: (1, (name,), None)})

    @property
    def key(self) -> str:
        if self._key is None:
            alone = self.alone
            self._key = self._text() if alone is None else alone.name
        return self._key

    def _text(self) -> str:
        texts = [f"{part[0]:+d}{text}" for text, part in sorted(self.parts.items())]
        return "".join(texts) + (f"{self.const:+d}" if self.const or not texts else "")

    @property
    def letters(self) -> frozenset[str]:
        """Names of all indices and lookups in it, and of the indices inside lookups."""
        if self._letters is None:
            found = [i.letters for _, _, i in self.parts.values() if i is not None]
            self._letters = frozenset().union(*found)
        return self._letters

    @property
    def alone(self) -> Index | Lookup | None:
        """The index or lookup that this form is, if it is nothing more."""
        if self.const or len(self.parts) != 1:
            return None
        ((coefficient, sizes, index),) = self.parts.values()
        return index if coefficient == 1 and not sizes else None

    @property
    def indices(self) -> list[Index | Lookup]:
        """The indices and lookups that its parts are multiples of."""
        return [i for _, _, i in self.parts.values() if i is not None]

    def coefficient(self, index: Index | Lookup) -> int:
        """The integer before an index; 0 if it is absent or has a symbolic coefficient."""
        part = self.parts.get(index.name)
        return part[0] if part else 0

    def __add__(self, other: Affine | int) -> Affine:
        return self.plus(other, 1)

    def __sub__(self, other: Affine | int) -> Affine:
        return self.plus(other, -1)

    def __neg__(self) -> Affine:
        return self.scaled(-1)

    def plus(self, other: Affine | int, factor: int) -> Affine:
        """self + factor · other."""
        if isinstance(other, int):
            return Affine(self.const + factor * other, self.parts)
        parts = dict(self.parts)
        for text, (coefficient, sizes, index) in other.parts.items():
            total = coefficient * factor + (parts[text][0] if text in parts else 0)
            if total:
                parts[text] = (total, sizes, index)
            else:
                parts.pop(text, None)
        return Affine(self.const + factor * other.const, parts)

    def scaled(self, factor: int) -> Affine:
        if not factor:
            return Affine(0, {})
        parts = {text: (factor * c, sizes, index) for text, (c, sizes, index) in self.parts.items()}
        return Affine(factor * self.const, parts)

    def solved_for(self, index: Index | Lookup) -> Affine:
        """What an index equals where this form is 0; its coefficient must be 1 or -1."""
        sign = self.coefficient(index)
        return (self - Affine.of(index).scaled(sign)).scaled(-sign)

    def times_sizes(self, sizes: tuple[str, ...]) -> Affine:
        """This form times a product of sizes."""
        if not sizes:
            return self
        total = Affine(0, {_text(sizes, None): (self.const, sizes, None)} if self.const else {})
        for coefficient, own, index in self.parts.values():
            both = tuple(sorted((*own, *sizes)))
            total = total + Affine(0, {_text(both, index): (coefficient, both, index)})
        return total

    def substitute(self, new: Mapping[str, Affine]) -> Affine:
        """Put affine forms in the place of indices."""
        if self.letters.isdisjoint(new):
            return self
        alone = self.alone
        if alone is not None:  # by far the most frequent case
            return alone.substitute(new) or self
        total = Affine(self.const, {})
        for text, part in self.parts.items():
            coefficient, sizes, index = part
            value = None if index is None else index.substitute(new)
            if value is None:
                total = total + Affine(0, {text: part})
            else:
                total = total.plus(value.times_sizes(sizes), coefficient)
        return total

    @property
    def bounds(self) -> tuple[Affine, Affine]:
        """The least and the greatest value, as forms in sizes alone."""
        if self._bounds is None:
            self._bounds = self._least_and_greatest()
        return self._bounds

    def _least_and_greatest(self) -> tuple[Affine, Affine]:
        low = high = Affine(self.const, {})
        for text, (coefficient, sizes, index) in self.parts.items():
            if index is None:
                part = Affine(0, {text: (coefficient, sizes, None)})
                low, high = low + part, high + part
                continue
            ends = (index.low.times_sizes(sizes), index.high.times_sizes(sizes))
            least, greatest = ends if coefficient > 0 else ends[::-1]
            low, high = low.plus(least, coefficient), high.plus(greatest, coefficient)
        return low, high

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Affine) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.key


def margins(form: Affine, low: Affine, high: Affine) -> tuple[Affine, Affine]:
    """How far a form lies above `low` and below `high`: both are at least 0 inside the range."""
    return form - low, high - form


def nonnegative(form: Affine) -> bool:
    """Whether a form in sizes alone is at least 0 whenever all sizes are at least 1.

    With every size written as 1 + something that is at least 0, it is enough that no coefficient
    is negative. A False is no proof of the contrary.
    """
    return _least(form, 0)


def negative(form: Affine) -> bool:
    """Whether a form in sizes alone is less than 0 whenever all sizes are at least 1."""
    return _least(-form, 1)


def always(form: Affine) -> bool:
    """Whether a form is at least 0 for all sizes and all values of its indices."""
    return nonnegative(form.bounds[0])


def never(form: Affine) -> bool:
    """Whether a form is less than 0 for all sizes and all values of its indices."""
    return negative(form.bounds[1])


def _least(form: Affine, at_least: int) -> bool:
    if not form.parts:
        return form.const >= at_least
    above: dict[tuple[str, ...], int] = {(): form.const}
    for coefficient, sizes, _ in form.parts.values():
        for chosen in _subsets(sizes):
            above[chosen] = above.get(chosen, 0) + coefficient
    return above.pop(()) >= at_least and all(c >= 0 for c in above.values())


def _subsets(sizes: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """The terms of Π (1 + size): every choice among the sizes, with all that may be 0."""
    from_zero = tuple(s for s in sizes if isinstance(s, FromZero))
    if len(sizes) == 1:
        return (sizes,) if from_zero else ((), sizes)
    from_one = [s for s in sizes if not isinstance(s, FromZero)]
    chosen = (c for n in range(len(from_one) + 1) for c in combinations(from_one, n))
    return ((*from_zero, *c) for c in chosen)


def _text(sizes: tuple[str, ...], index: Index | Lookup | None) -> str:
    names = ["#" + s for s in sizes] + ([index.name] if index is not None else [])
    return "·".join(names)
