"""What a handout is made of, before anything is typeset: a few kinds of block."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Math:
    """A formula within a text, in LaTeX."""

    latex: str


@dataclass(frozen=True)
class Code:
    """Words of a program within a text, such as a file name or a command."""

    text: str


Text = tuple[str | Math | Code, ...]


@dataclass(frozen=True)
class Heading:
    """Level 1 starts a sheet; `aside` stands at the other end of the line."""

    level: int
    text: Text
    aside: Text = ()


@dataclass(frozen=True)
class Paragraph:
    """`tone` is plain, quiet (a source) or loud (a failure)."""

    text: Text
    tone: str = "plain"


@dataclass(frozen=True)
class Items:
    """A list of points."""

    items: tuple[Text, ...]


@dataclass(frozen=True)
class Table:
    """A small table of texts."""

    head: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True)
class Line:
    """left = right, why, and the shape of both sides.

    left     LaTeX; empty where the line continues the one before
    holds    whether it was tested and holds; None if there was nothing to test
    problem  what is wrong with it
    boxed    whether it is a result to take home
    """

    left: str
    right: str
    reason: Text = ()
    shape: str = ""
    holds: bool | None = None
    problem: Text = ()
    boxed: bool = False


@dataclass(frozen=True)
class Lines:
    """Equations below each other, aligned at their equals signs; `title` says in which case."""

    lines: tuple[Line, ...]
    title: Text = ()


Block = Heading | Paragraph | Items | Table | Lines
Document = tuple[Block, ...]


def text(source: str) -> Text:
    """A text of ours: `the loss $L$ of `code``, with formulas between $ and code between `."""
    parts: list[str | Math | Code] = []
    for k, piece in enumerate(source.split("$")):
        if k % 2:
            parts.append(Math(piece))
        else:
            words = piece.split("`")
            parts += [Code(w) if j % 2 else w for j, w in enumerate(words) if w]
    return tuple(parts)
