"""A handout as Markdown for GitHub, formulas between dollar signs."""

import re
from collections.abc import Sequence

from gradcheck.checks.handout.document import (
    Block,
    Code,
    Document,
    Heading,
    Items,
    Line,
    Lines,
    Math,
    Paragraph,
    Table,
    Text,
)

TONES = {"plain": "{}", "quiet": "*{}*", "loud": "> ✗ **{}**"}
MARKS = {True: "✓", False: "✗", None: ""}
SPECIAL = re.compile(r"([\\`*_<|$\[\]])")  # what text must not pass on to Markdown

# What GitHub forbids in a formula or reads as Markdown before it sees the formula.
GITHUB = (
    (re.compile(r"\\,"), r"\\thinspace "),  # an escape
    (re.compile(r"\\operatorname\*?\{([^{}]*)\}"), r"\\mathop{\\mathrm{\1}}"),
    (re.compile(r"\|"), r"\\vert "),  # ends a cell
    (re.compile(r"<"), r"\\lt "),  # opens a tag
    (re.compile(r"(?<![A-Za-z0-9])_"), "_ "),  # after a bracket: opens emphasis
)


def markdown(document: Document) -> str:
    """The whole handout."""
    return "\n\n".join(_block(block) for block in document) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(level, words, aside):
            return f"{'#' * level} {_text(words)}" + (f" — {_text(aside)}" if aside else "")
        case Paragraph(words, tone):
            return TONES[tone].format(_text(words))
        case Items(items):
            return "\n".join(f"- {_text(item)}" for item in items)
        case Table(head, rows):
            return _table(head, ["---"] * len(head), [[_text(c) for c in row] for row in rows])
        case Lines(lines, title):
            table = _lines(lines)
            return f"{_text(title)}:\n\n{table}" if title else table


def _lines(lines: Sequence[Line]) -> str:
    """Left sides in a column of their own, so that the equals signs stand below each other."""
    reasoned = any(line.reason for line in lines)
    head = ["", "equation", *(["reason"] if reasoned else []), "shape"]
    rules = ["---:", *[":---"] * (len(head) - 1)]
    rows = []
    for line in lines:
        reason = f"{MARKS[line.holds]} {_text(line.reason)}".strip()
        reason += f"<br>{_text(line.problem)}" if line.problem else ""
        right = f"\\boxed{{{line.right}}}" if line.boxed else line.right
        row = [_display(line.left), _display(f"= {right}"), reason, _math(line.shape)]
        rows.append(row if reasoned else [*row[:2], row[3]])
    return _table(head, rules, rows)


def _table(head: Sequence[str], rules: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rules, *rows))


def _text(words: Text) -> str:
    return "".join(map(_part, words))


def _part(part: str | Math | Code) -> str:
    match part:
        case Math(latex):
            return _math(latex)
        case Code(code):
            return f"`{code}`"
    return SPECIAL.sub(r"\\\1", part)


def _display(latex: str) -> str:
    """A formula at full height within a line."""
    return _math(f"\\displaystyle {latex}") if latex else ""


def _math(latex: str) -> str:
    for found, instead in GITHUB:
        latex = found.sub(instead, latex)
    return f"${latex}$" if latex else ""
