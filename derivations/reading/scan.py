"""Cutting text into formulas, and formulas at their equal signs, before anything is parsed."""

import re
from dataclasses import dataclass

from gradcheck.derivations.reading.errors import ReadingError, Span

LONGEST = 5_000  # characters of one text
DEEPEST = 40  # brackets within brackets

PAIRS = {"(": ")", "[": "]"}
HINTS = {
    "^": "write powers with **, e.g. X[i]**2",
    "{": "group with round brackets",
    "}": "group with round brackets",
    "²": "write powers with **, e.g. X[i]**2",
    "Σ": "write sums as sum(expression, index)",
    "∂": "write derivatives as D(Y[n], X[m])",
    "³": "write powers with **, e.g. X[i]**3",
    "·": "write products with *",
    "×": "write products with *",
    "−": "write the minus sign as -",
}
ALLOWED = re.compile(r"[\w\s.,;()\[\]+\-*/=<>!]")
OPERATOR = re.compile(r"[-+*/=<>,]")


@dataclass(frozen=True)
class Statement:
    """One formula: the sides between its equal signs, in order."""

    sides: tuple[Span, ...]

    @property
    def span(self) -> Span:
        first, last = self.sides[0], self.sides[-1]
        return Span(first.text, first.start, last.end)

    def __str__(self) -> str:
        return " ".join(str(self.span).split())


def statements(text: str) -> list[Statement]:
    """The formulas of a text, separated by `;` or by the ends of lines.

    A line goes on in the next if it ends or the next begins with an operator.
    Raises ReadingError for a character without a meaning and for brackets that do not match.
    """
    if len(text) > LONGEST:
        raise ReadingError(
            f"the text has {len(text)} characters, more than {LONGEST}",
            "name parts of it in formulas of their own",
            Span(text, 0, 1),
        )
    cuts = _cuts(text)
    found, sides, start = [], [], 0
    for place, kind in [*cuts, (len(text), ";")]:
        sides.append(_trimmed(text, start, place))
        start = place + 1
        if kind == ";":
            if len(sides) > 1 or sides[0].start < sides[0].end:
                found.append(Statement(tuple(sides)))
            sides = []
    for statement in found:
        _require_sides(statement)
    return found


def _cuts(text: str) -> list[tuple[int, str]]:
    """Where formulas end, `;`, and where their sides do, `=`: all outside brackets."""
    cuts: list[tuple[int, str]] = []
    opened: list[int] = []
    for place, sign in enumerate(text):
        if sign in HINTS or not ALLOWED.match(sign):
            hint = HINTS.get(sign, "names, numbers, + - * / **, brackets and commas are known")
            raise ReadingError(f"{sign!r} has no meaning here", hint, Span(text, place, place + 1))
        if sign in PAIRS:
            opened.append(place)
            if len(opened) > DEEPEST:
                raise ReadingError(
                    f"brackets stand more than {DEEPEST} deep",
                    "name parts of it in formulas of their own",
                    Span(text, place, place + 1),
                )
        elif sign in PAIRS.values():
            if not opened or PAIRS[text[opened[-1]]] != sign:
                raise ReadingError(
                    f"{sign} closes nothing",
                    "delete it, or open a bracket of its kind before",
                    Span(text, place, place + 1),
                )
            opened.pop()
        elif not opened and (sign == ";" or (sign == "\n" and _ends_formula(text, place))):
            cuts.append((place, ";"))
        elif not opened and sign == "=" and _is_equal_sign(text, place):
            cuts.append((place, "="))
    if opened:
        raise ReadingError(
            f"{text[opened[-1]]} is never closed",
            f"put the missing {PAIRS[text[opened[-1]]]}",
            Span(text, opened[-1], opened[-1] + 1),
        )
    return cuts


def _is_equal_sign(text: str, place: int) -> bool:
    """Whether this is an = by itself, not part of ==, <=, >= or !=."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return before not in ("=", "<", ">", "!") and after != "="


def _ends_formula(text: str, place: int) -> bool:
    before, after = text[:place].rstrip(), text[place:].lstrip()
    goes_on = OPERATOR.match(before[-1:]) or OPERATOR.match(after[:1])
    return not goes_on


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    return Span(text, left, max(left, end - len(piece) + len(piece.rstrip())))


def _require_sides(statement: Statement) -> None:
    for side in statement.sides:
        if side.start == side.end:
            place = min(side.start, max(0, len(side.text) - 1))
            raise ReadingError(
                "one side of = is empty",
                "write what stands there",
                Span(side.text, place, place + 1),
            )
