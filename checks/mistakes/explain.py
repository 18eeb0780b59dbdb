"""The table of mistakes as text: for the terminal, and for the documentation.

Only the standard library is used, so that an explanation is there at once.
"""

import difflib
from textwrap import fill, indent

from gradcheck.checks.layers import UsageError
from gradcheck.checks.mistakes.code import Code, Example
from gradcheck.checks.mistakes.texts import (
    calls,
    chain,
    layout,
    measurement,
    regions,
    scale,
    sequence,
    shapes,
)

WIDTH = 88  # of a line in the terminal
FAMILIES = (calls, shapes, scale, layout, chain, sequence, regions, measurement)
HEADING = """# Mistakes

What kind of mistake a wrong gradient looks like, by the codes that a report gives.
The same texts are in the terminal: `gradcheck --explain CODE`.
In the examples `x` and the other names are inputs, `y` is the output and `dy` its cotangent.
"""


def codes() -> tuple[Code, ...]:
    """All kinds of mistakes, family by family."""
    return tuple(code for family in FAMILIES for code in family.CODES)


def explain(word: str) -> str:
    """What a code means, with an example, the usual cause and the fix."""
    known = {code.word: code for code in codes()}
    if word not in known:
        near = difflib.get_close_matches(word, list(known), n=1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise UsageError(f"there is no code '{word}'; {hint}the codes are {', '.join(known)}")
    code = known[word]
    parts = [
        f"{code.word}: {code.title}",
        fill(code.meaning, WIDTH),
        indent(_lines(code.example), "  "),
        fill(f"Usual cause: {code.cause}", WIDTH),
        fill(f"Fix: {code.fix}", WIDTH),
    ]
    return "\n\n".join(parts)


def as_markdown() -> str:
    """The page docs/mistakes.md."""
    parts = [HEADING]
    for family in FAMILIES:
        parts.append(f"## {family.FAMILY}\n")
        parts += [_section(code) for code in family.CODES]
    return "\n".join(parts)


def _section(code: Code) -> str:
    example = f"```python\n{_lines(code.example)}\n```"
    cause, fix = (_one_per_line(text) for text in (code.cause, code.fix))
    said = f"{code.title[0].upper()}{code.title[1:]}."
    meaning = _one_per_line(code.meaning)
    return (
        f"### {code.word}\n\n{said}\n{meaning}\n\n{example}\n\n"
        f"**Usual cause.** {cause}\n\n**Fix.** {fix}\n"
    )


def _one_per_line(text: str) -> str:
    """Sentences on lines of their own."""
    return text.replace(". ", ".\n")


def _lines(example: Example) -> str:
    """The example as lines of Python."""
    return "\n".join(
        [
            f"# {example.given.replace(': (', ' (')}",
            f"y = {example.forward}",
            *_marked(example.wrong, "wrong"),
            *_marked(example.right, "right"),
        ]
    )


def _marked(lines: str, mark: str) -> list[str]:
    """Lines of code, with a word at the end of the last one, or above a block."""
    if "\n" not in lines:
        return [f"{lines}  # {mark}"]
    return [f"# {mark}", *lines.split("\n")]
