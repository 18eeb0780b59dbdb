"""What the letters of a claim run over: told by the slots, or the other letters, they stand by."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gradcheck.derivations.reading import bound, tree
from gradcheck.derivations.reading.axes import Axes, index_over, links, uses
from gradcheck.derivations.reading.bound import Equation, Letter
from gradcheck.derivations.reading.errors import IndexMistake, ReadingError


def claim_axes(
    given: Axes, equation: Equation, right_first: bool = False
) -> tuple[Axes, IndexMistake | None]:
    """The axes of the formulas with the letters of a claim, which do not change any length.

    Also what is wrong if a letter runs over two axes; the first that it stands on is then used,
    counted from the last side if that is asked for.
    """
    sides = equation.sides[::-1] if right_first else equation.sides
    letters = _Letters(given, replace(equation, sides=sides))
    return letters.axes(), letters.mistake


@dataclass
class _Letters:
    """The letters of a claim: told by the slots, or by other letters, that they stand in."""

    given: Axes
    equation: Equation
    found: dict[Letter, tuple[Any, tree.Node]] = field(default_factory=dict)
    mistake: IndexMistake | None = None

    def axes(self) -> Axes:
        for use in uses(self.equation):
            if use.subscript.letter is not None:
                self.tell(use.subscript.letter, self.given.lengths[use.slot], use.read)
        for _ in self.equation.letters:
            for a, b, node in links(self.equation):
                self.compare(a, b, node)
        lengths = {x: self.length(x) for x in self.equation.letters}
        letters = {x: index_over(x.name, length) for x, length in lengths.items()}
        sizes = {x: self.size(x, lengths) for x in self.equation.lengths}
        return Axes(self.given.lengths, self.given.values, letters, sizes)

    def tell(self, letter: Letter, length: Any, node: tree.Node) -> None:
        known, before = self.found.setdefault(letter, (length, node))
        if known != length and self.mistake is None:
            self.mistake = IndexMistake(
                f"the index {letter.name} runs over {known} in {before.at} "
                f"but over {length} in {node.at}",
                "use one letter for each axis, and check the order of the indices",
                node.at,
            )

    def compare(self, a: Any, b: Any, node: tree.Node) -> None:
        """What is compared runs over one axis, unless a window made one longer than the other."""
        for one, other in ((a, b), (b, a)):
            length = self.given.values.get(one) if isinstance(one, str) else None
            if one in self.found:
                length = self.found[one][0]
            if length is None or not isinstance(other, Letter):
                continue
            known = self.found.get(other, (length, node))[0]
            if known == length or (known.is_Symbol and length.is_Symbol):
                self.tell(other, length, node)

    def length(self, letter: Letter) -> Any:
        if letter in self.found:
            return self.found[letter][0]
        elsewhere = self.elsewhere(letter.name)
        if len(elsewhere) != 1:
            raise ReadingError(
                f"it cannot be told which axis {letter.name} runs over",
                "use the letter that the formulas have for this axis",
                letter.at,
            )
        return elsewhere.pop()

    def elsewhere(self, name: str) -> set[Any]:
        indices = self.given.letters.items()
        return {index.upper + 1 for letter, index in indices if letter.name == name}

    def size(self, length: bound.Length, lengths: Mapping[Letter, Any]) -> Any:
        meant = {lengths[letter] for letter in length.of} or self.elsewhere(length.letter)
        if len(meant) != 1:
            problem = "runs over several axes" if meant else "is no index"
            raise ReadingError(
                f"{length.letter} {problem}, so it has no size",
                "write size(m) of an index that runs over one axis",
                length.at,
            )
        return meant.pop()
