"""The names of a problem: tensors with their ranks, integer tensors, whole numbers."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from gradcheck.derivations.reading import bound, tree
from gradcheck.derivations.reading.errors import IndexMistake, ReadingError, Span
from gradcheck.derivations.reading.parse import WORDS


@dataclass
class Names:
    """The names of a problem.

    ranks       every tensor with its number of axes, in order of appearance
    integers    the tensors whose entries stand in subscripts
    values      the tensors whose entries stand elsewhere, and where
    parameters  whole numbers with a name, such as a stride
    closed      whether a name that is not known yet is an error
    """

    ranks: dict[str, int] = field(default_factory=dict)
    integers: dict[str, Span] = field(default_factory=dict)
    values: dict[str, Span] = field(default_factory=dict)
    parameters: set[str] = field(default_factory=set)
    closed: bool = False

    def require(self, name: str, count: int, at: Span) -> None:
        """An entry of this name may have this many subscripts."""
        if name in WORDS:
            raise ReadingError(f"{name} is a word of the notation", "choose another name", at)
        if name in self.parameters:
            raise ReadingError(
                f"{name} is a whole number, because it stands in a subscript",
                "choose another name",
                at,
            )
        if name not in self.ranks and self.closed:
            raise ReadingError(f"there is no {name}", self._suggestion(name), at)
        rank = self.ranks.setdefault(name, count)
        if rank != count:
            axes = "1 axis" if rank == 1 else f"{rank} axes"
            given = "1 index" if count == 1 else f"{count} indices"
            raise IndexMistake(
                f"{name} has {axes}, {given} given", "give one index for each axis", at
            )

    def _suggestion(self, name: str) -> str:
        near = difflib.get_close_matches(name, self.ranks, n=1, cutoff=0.5)
        return f"did you mean {near[0]}?" if near else f"known are {', '.join(self.ranks)}"


def parameters(equations: Iterable[tuple[tree.Node, ...]]) -> set[str]:
    """Names that stand in subscripts beside letters and are none: s and p in X[s*t+k-p]."""
    found: dict[str, Span] = {}
    letters: dict[str, Span] = {}
    for sides in equations:
        beside: dict[str, Span] = {}
        own: dict[str, Span] = {}
        for node in (n for side in sides for n in bound.nodes(side)):
            _sort_names(node, beside, own)
        found |= {name: at for name, at in beside.items() if name not in own}
        letters |= own
    for name, at in found.items():
        if name in letters:
            raise ReadingError(
                f"{name} is a whole number here and an index elsewhere",
                "give the index another letter",
                at,
            )
    return {*found}


def _sort_names(node: tree.Node, beside: dict[str, Span], own: dict[str, Span]) -> None:
    """Names in brackets: those that stand there by themselves or in a sum, and the others."""
    places: tuple[tree.Node, ...] = ()
    match node:
        case tree.Entry(subscripts=subscripts):
            places = subscripts
        case tree.Condition(left=left, right=right):
            places = (left, right)
        case tree.Range(letter=letter, low=low, high=high, at=at):
            own[letter] = at
            places = tuple(each for each in (low, high) if each is not None)
    for place in places:
        if isinstance(place, tree.Name):
            own.setdefault(place.name, place.at)
        elif not isinstance(place, tree.Entry):
            for inner in bound.nodes(place):
                if isinstance(inner, tree.Name):
                    beside.setdefault(inner.name, inner.at)
