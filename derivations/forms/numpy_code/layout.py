"""Long lines of source broken as a formatter would: at the loosest operators, else in a bracket.

dX = (
    dS @ K
    + dT @ V
)
"""

from collections.abc import Iterator

WIDTH = 96  # columns, so that a function has no line of more than 100
INDENT = "    "
OPEN, CLOSE = "([{", ")]}"

# operators from the loosest to the tightest, each with the spaces around it
OPERATORS = (
    (" if ", " else "),
    (" == ", " <= ", " >= ", " < ", " > "),
    (" & ",),
    (" + ", " - "),
    (" * ", " / ", " @ "),
)


def wrapped(line: str, width: int = WIDTH) -> list[str]:
    """A line of source as lines that are no wider, where it can be broken."""
    if len(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    target, equals, value = line.strip().partition(" = ")
    if not equals:
        return [line]
    return list(_broken(f"{indent}{target} = ", value, "", indent, width))


def _broken(start: str, text: str, end: str, indent: str, width: int) -> Iterator[str]:
    """The text between what stands before it on its line and what comes after it."""
    if len(start) + len(text) + len(end) <= width:
        yield start + text + end
        return
    terms = _split(text)
    if len(terms) == 1:
        yield from _in_group(start, text, end, indent, width)
        return
    yield f"{start}("
    for term in terms:
        yield from _in_group(indent + INDENT, term, "", indent + INDENT, width)
    yield f"{indent}){end}"


def _in_group(start: str, text: str, end: str, indent: str, width: int) -> Iterator[str]:
    """Arguments of a call or subscripts on lines of their own; a mere bracket at its operators."""
    group = _longest_group(text)
    if group is None or len(start) + len(text) + len(end) <= width:
        yield start + text + end
        return
    first, last = group
    inner, deeper = text[first + 1 : last], indent + INDENT
    called = first > 0 and (text[first - 1].isalnum() or text[first - 1] in "_)]")
    parts = _at(inner, (", ",)) if called else _split(inner)
    comma = "," if called and len(parts) > 1 else ""
    yield start + text[: first + 1]
    for part in parts:
        break_ = _broken if called else _in_group
        yield from break_(deeper, part.removeprefix(", "), comma, deeper, width)
    yield f"{indent}{text[last:]}{end}"


def _split(text: str) -> list[str]:
    """The operands of the loosest operators outside of brackets; all but the first with theirs."""
    for operators in OPERATORS:
        parts = _at(text, operators)
        if len(parts) > 1:
            return [part.strip() for part in parts]
    return [text]


def _at(text: str, marks: tuple[str, ...]) -> list[str]:
    """The text cut before every mark that stands outside of brackets."""
    places = [
        k for k, depth in enumerate(_depths(text)) if depth == 0 and text.startswith(marks, k)
    ]
    ends = [*places, len(text)]
    return [text[a:b] for a, b in zip([0, *places], ends, strict=True)]


def _longest_group(text: str) -> tuple[int, int] | None:
    """The places of the brackets around most of the text."""
    depths = [*_depths(text)]
    opened = [k for k, c in enumerate(text) if c in OPEN and depths[k] == 0]
    closed = [k for k, c in enumerate(text) if c in CLOSE and depths[k] == 0]
    groups = [(a, b) for a, b in zip(opened, closed, strict=True) if b > a + 1]
    return max(groups, key=lambda group: group[1] - group[0], default=None)


def _depths(text: str) -> Iterator[int]:
    """How many brackets are open around each place, the brackets themselves not counted."""
    depth, quoted = 0, False
    for character in text:
        if character == '"':
            quoted = not quoted
        depth -= character in CLOSE and not quoted
        yield depth + quoted
        depth += character in OPEN and not quoted
