"""The page docs/errata.md, made from the tables of claims.

`python tests/claims/errata.py` prints it, and with `--write` writes it.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "errata.md"

INTRODUCTION = r"""# Errata of five hand-written notes

<!-- Made from the tables in tests/claims by `python tests/claims/errata.py --write`. -->

Five notes derive the gradients of common layers by hand.
This page says what is wrong in them, what is true in one reading only, and what they leave out.
It is not a matter of opinion: in `tests/claims/`, each claim stands as equations, which are
evaluated at several random sizes and values.
What is right has to hold there, and what is wrong has to fail.

$L$ is the loss, and $\delta_{ij}$ is 1 for $i = j$ and 0 otherwise.
In numerator layout, row $i$ and column $j$ of $\partial\mathbf{z}/\partial\mathbf{x}$ hold
$\partial z_i/\partial x_j$; denominator layout is the transpose of that.

| note | claims | true | true in one reading | wrong | definition | left out |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |"""

WRONG = """\
- **{id}**, {where}: {kind}.
  - As written: ${written}$
  - Right: ${correct}$
  - {why}"""
ONE_READING = """\
- **{id}**, {where}: ${written}$
  - True: {reading}
  - Beware: {why}"""
LEFT_OUT = "- **{id}**, {where}: ${correct}$"
REMARK = """\
- **{id}**, {where}: ${written}$
  - {why}"""

PARTS = [  # title, of which verdicts, how one claim is shown
    ("Wrong", ["false"], WRONG),
    ("True in one reading", ["convention"], ONE_READING),
    ("Left out", ["missing"], LEFT_OUT),
    ("Right, with a remark", ["true", "definition"], REMARK),
]


def page(notes: Iterable[Any]) -> str:
    """The whole page, in Markdown with formulas between dollar signs, one sentence a line."""
    notes = list(notes)
    every = [claim for note in notes for claim in note.claims]
    rows = [f"{n}. {note.topic} {_counts(note.claims)}" for n, note in enumerate(notes, start=1)]
    parts = [line for n, note in enumerate(notes, start=1) for line in _note(n, note)]
    return "\n".join(
        [INTRODUCTION, *(f"| {row}" for row in rows), f"| all {_counts(every)}", *parts, ""]
    )


def _counts(claims: Iterable[Any]) -> str:
    verdicts = [claim.verdict for claim in claims]
    kinds = ("true", "convention", "false", "definition", "missing")
    numbers = [len(verdicts), *map(verdicts.count, kinds)]
    return "".join(f"| {number} " for number in numbers) + "|"


def _note(number: int, note: Any) -> Iterator[str]:
    first, last = note.claims[0].id, note.claims[-1].id
    yield f"\n## Note {number}: {note.topic}\n"
    yield f"{note.layout}\nThe claims of this note are {first} to {last}."
    for title, verdicts, template in PARTS:
        shown = [c for c in note.claims if c.verdict in verdicts and (c.why or c.correct)]
        if shown:
            yield f"\n### {title}\n"
        for claim in shown:
            yield template.format_map({**vars(claim), "why": claim.why.replace(". ", ".\n    ")})


def _main() -> None:
    sys.path.insert(0, str(TESTS))
    import conftest  # noqa: F401, makes gradcheck importable
    from claims.notes import NOTES

    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(page(NOTES), encoding="utf-8", newline="\n")
    else:
        print(page(NOTES), end="")


if __name__ == "__main__":
    _main()
