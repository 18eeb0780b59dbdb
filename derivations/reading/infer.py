"""Which axis every index runs over, and how long it is, inferred from where the index is used.

Letters and the slots of tensors are joined where a letter stands by itself in a slot, in a delta,
in a comparison or in the bounds of a sum (union-find). What is joined is one axis. Its length is
a symbol named after its first letter, except where windows such as X[t+k] read it: it is then as
long as they reach, T + K - 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sympy import Integer, Symbol

from gradcheck.derivations.reading import bound
from gradcheck.derivations.reading.axes import (
    Axes,
    Slot,
    Use,
    at_least_zero,
    index_over,
    links,
    size_name,
    uses,
)
from gradcheck.derivations.reading.bound import Equation, Letter
from gradcheck.derivations.reading.errors import IndexMistake, ReadingError
from gradcheck.derivations.reading.names import Names


def infer(
    equations: Iterable[Equation],
    names: Names,
    started: Iterable[str] = (),
    padded: Iterable[str] = (),
    symmetric: Iterable[tuple[Slot, Slot]] = (),
) -> Axes:
    """The axes of the formulas of a problem.

    started    tensors that say what they are before the start of their first axis
    padded     tensors that are 0 outside their axes
    symmetric  slots that a fact exchanges
    """
    return _Inference([*equations], names, {*started}, {*padded}).run(symmetric)


@dataclass
class _Inference:
    equations: list[Equation]
    names: Names
    started: set[str]
    padded: set[str]
    parents: dict[Any, Any] = field(default_factory=dict)
    known: dict[Any, Any] = field(default_factory=dict)

    def run(self, symmetric: Iterable[tuple[Slot, Slot]]) -> Axes:
        self.uses = [use for equation in self.equations for use in uses(equation)]
        self.letters = [letter for equation in self.equations for letter in equation.letters]
        self.windowed = {u.slot for u in self.uses if u.window and not self.free_ended(u)}
        for pair in symmetric:
            self.join(*pair)
        for equation in self.equations:
            for a, b, _ in links(equation):
                self.join(a, b)
        for use in self.uses:
            self.join_use(use)
        self.lookup = {x: self.letters_meant(x) for e in self.equations for x in e.lengths}
        self.name_axes()
        lengths = {use.slot: self.length(use.slot) for use in self.uses}
        values = {name: self.length(name) for name in self.names.integers}
        sizes = {length: self.length(of) for length, of in self.lookup.items()}
        axes = Axes(lengths, values, self.indices(), sizes)
        for use in self.uses:
            self.require_inside(use, lengths[use.slot])
        return axes

    # what is one axis

    def find(self, key: Any) -> Any:
        while (parent := self.parents.setdefault(key, key)) != key:
            key = parent
        return key

    def join(self, a: Any, b: Any) -> None:
        self.parents[self.find(b)] = self.find(a)

    def join_use(self, use: Use) -> None:
        letter, entry = use.subscript.letter, use.subscript.entry
        if entry is not None:
            self.join(entry.name, use.slot)
        elif letter is not None and (
            use.slot not in self.windowed or letter.partial or use.defines
        ):
            self.join(letter, use.slot)

    def free_ended(self, use: Use) -> bool:
        """Whether a tensor may be read beyond the end of an axis."""
        name, place = use.slot
        return name in self.padded or (name in self.started and place == 0)

    def letters_meant(self, length: bound.Length) -> Letter:
        """The letter that size(m) speaks of: one of its formula, else one of any formula."""
        letters = length.of or [x for x in self.letters if x.name == length.letter]
        if not letters:
            raise ReadingError(
                f"no index is called {length.letter}", "write size(m) of an index m", length.at
            )
        if len({self.find(letter) for letter in letters}) > 1:
            raise IndexMistake(
                f"{length.letter} runs over several axes, so its size is ambiguous",
                "use different letters for different axes",
                length.at,
            )
        return letters[0]

    # how long it is

    def name_axes(self) -> None:
        """Symbols for the axes that no window gives a length, in order of appearance."""
        reached = {self.find(use.slot) for use in self.uses if self.reaches(use)}
        taken = {*self.names.ranks, *self.names.parameters}
        keys: list[tuple[Any, str]] = [(letter, letter.name) for letter in self.letters]
        for use in self.uses:
            letters = use.subscript.letters
            keys.append((use.slot, letters[0].name if letters else use.slot[0]))
        keys += [(name, name) for name in self.names.integers]
        for key, name in keys:
            root = self.find(key)
            if root not in self.known and root not in reached:
                chosen = size_name(name, taken)
                taken.add(chosen)
                self.known[root] = Symbol(chosen, integer=True, positive=True)

    def reaches(self, use: Use) -> bool:
        """Whether this use says how long the axis is."""
        if use.subscript.entry is not None or self.free_ended(use):
            return False
        if use.slot in self.windowed:
            return use.window or (use.subscript.letter is not None and not use.defines)
        fixed = not use.subscript.letters
        return fixed and not any(
            self.find(x) == self.find(use.slot) for x in (*self.letters, *self.names.integers)
        )

    def length(self, key: Any) -> Any:
        root = self.find(key)
        if root not in self.known:
            self.known[root] = None
            uses = [u for u in self.uses if self.find(u.slot) == root and self.reaches(u)]
            self.known[root] = self.longest(uses)
        if self.known[root] is None:
            use = next(u for u in self.uses if u.window and self.find(u.slot) == root)
            raise ReadingError(
                f"{use.read.at} reads beyond an axis that its own index runs over",
                f"state a range, or declare padded({use.slot[0]})",
                use.subscript.at,
            )
        return self.known[root]

    def longest(self, uses: list[Use]) -> Any:
        longest: Any = None
        for use in uses:
            reach = self.extreme(use, highest=True) + 1
            if longest is None or at_least_zero(reach - longest):
                longest = reach
            elif not at_least_zero(longest - reach):
                raise ReadingError(
                    f"the axis is {longest} long elsewhere and {reach} here",
                    f"declare padded({use.slot[0]})",
                    use.subscript.at,
                )
        return longest

    def extreme(self, use: Use, highest: bool) -> Any:
        """The largest or smallest value of a subscript."""
        sizes = {x.symbol: self.length(self.lookup[x]) for x in use.equation.lengths}
        expr = use.subscript.expr
        for letter in reversed(use.equation.letters):
            coefficient = expr.coeff(letter.symbol)
            if coefficient == 0:
                continue
            if not (at_least_zero(coefficient) or at_least_zero(-coefficient)):
                raise ReadingError(
                    "it cannot be told how far this reaches",
                    f"declare padded({use.slot[0]})",
                    use.subscript.at,
                )
            upper = at_least_zero(coefficient) == highest
            if letter.partial:
                end = (letter.high if upper else letter.low).expr.xreplace(sizes)
            else:
                end = self.length(letter) - 1 if upper else Integer(0)
            expr = expr.subs(letter.symbol, end).expand()
        return expr.xreplace(sizes).expand()

    def require_inside(self, use: Use, length: Any) -> None:
        if use.subscript.entry or use.subscript.letter or self.free_ended(use):
            return
        name, place = use.slot
        start = "" if place else f", or state where it starts, {name}[-1,...] = ..."
        if not at_least_zero(self.extreme(use, highest=False)):
            raise ReadingError(
                f"{use.read.at} may read before the first entry of {name}, which is number 0",
                f"declare padded({name}), state a range of the sum{start}",
                use.subscript.at,
            )
        if at_least_zero(self.extreme(use, highest=True) - length):
            raise ReadingError(
                f"{use.read.at} reads beyond the last entry of {name}, which is {length - 1}",
                f"declare padded({name}), or state a range of the sum",
                use.subscript.at,
            )

    def indices(self) -> dict[Letter, Any]:
        """An index for each letter; a letter that means another axis elsewhere gets a prime."""
        meanings: dict[str, Any] = {}
        indices = {}
        for letter in self.letters:
            length, name = self.length(letter), letter.name
            while meanings.setdefault(name, length) != length:
                name += "′"
            indices[letter] = index_over(name, length)
        return indices
