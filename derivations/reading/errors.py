"""Places in what a user wrote, and errors that point at them."""

from dataclasses import dataclass

from gradcheck.derivations.notation import NotationError


@dataclass(frozen=True)
class Span:
    """A piece of what a user wrote: the characters from `start` up to `end` of `text`."""

    text: str
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line it begins in, counted from 1."""
        return self.text.count("\n", 0, self.start) + 1

    @property
    def column(self) -> int:
        """The column it begins in, counted from 1."""
        return self.start - self.text.rfind("\n", 0, self.start)

    def __str__(self) -> str:
        return self.text[self.start : self.end]


class ReadingError(NotationError):
    """A formula that cannot be read, with the place and what to do about it.

    problem  what is wrong, as one sentence without a full stop
    advice   what to do, in the same form
    at       where
    """

    def __init__(self, problem: str, advice: str, at: Span) -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
        self.at = at

    @property
    def text(self) -> str:
        return self.at.text

    @property
    def line(self) -> int:
        return self.at.line

    @property
    def column(self) -> int:
        return self.at.column

    def __str__(self) -> str:
        return f"{self.problem} (column {self.column})\n{self.pointer}\n{self.advice}"

    @property
    def pointer(self) -> str:
        """The line in question with carets under the place."""
        lines = self.text.split("\n")
        shown = lines[self.line - 1]
        width = max(1, min(self.at.end - self.at.start, len(shown) - self.column + 1))
        return f"  {shown}\n  {' ' * (self.column - 1)}{'^' * width}"


class IndexMistake(ReadingError):
    """Indices that do not fit: one that dangles, runs over two axes, or is one too many.

    What is claimed with such indices is wrong for all sizes and values; no arithmetic is needed.
    """
