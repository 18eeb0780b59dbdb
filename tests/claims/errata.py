"""The page docs/errata.md, made from the tables of claims.

`python tests/claims/errata.py` prints it, and with `--write` writes it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "errata.md"

INTRODUCTION = r"""# Errata of five hand-written notes

<!-- Made from the tables in tests/claims by `python tests/claims/errata.py --write`. -->

Five notes derive the gradients of common layers by hand.
This page says what is wrong in them, what is true in one reading only, and what they leave out.
Each claim stands as equations in `tests/claims/`.
What is right is [proved for all sizes](index-calculus.md).
What is wrong is refuted, by a counterexample or because shapes, indices or names do not fit.

$L$ is the loss, and $\delta_{ij}$ is 1 for $i = j$ and 0 otherwise.
In numerator layout, a Jacobian has $\partial z_i/\partial x_j$ in row $i$ and column $j$.
Denominator layout is the transpose of that.

| note | claims | true | true in one reading | wrong | definition | left out |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""

NOTE = """
## Note {number}: {topic}

{layout}
The claims of this note are {first} to {last}.
"""

WRONG = """\
- **{id}**, {place}: {kind}.
  - As written: ${written}$
  - Right: ${correct}$
  - {why}
"""
ONE_READING = """\
- **{id}**, {place}: ${written}$
  - Reading: {reading}
  - Beware: {why}
"""
LEFT_OUT = """\
- **{id}**, {place}: ${correct}$
"""
REMARK = """\
- **{id}**, {place}: ${written}$
  - {why}
"""

PARTS = [  # title, the verdicts it is about, how one claim is shown
    ("Wrong", ["false"], WRONG),
    ("True in one reading", ["convention"], ONE_READING),
    ("Left out", ["missing"], LEFT_OUT),
    ("Right, with a remark", ["true", "definition"], REMARK),
]


def page(notes: Sequence[Any]) -> str:
    """The whole page, in Markdown with formulas between dollar signs, one sentence a line."""
    numbered = list(enumerate(notes, start=1))
    rows = [_row(f"{n}. {note.topic}", note.claims) for n, note in numbered]
    rows.append(_row("all", [claim for note in notes for claim in note.claims]))
    return "".join([INTRODUCTION, *rows, *(_note(n, note) for n, note in numbered)])


def _row(title: str, claims: Sequence[Any]) -> str:
    verdicts = [claim.verdict for claim in claims]
    kinds = ("true", "convention", "false", "definition", "missing")
    return f"| {' | '.join(map(str, [title, len(claims), *map(verdicts.count, kinds)]))} |\n"


def _note(number: int, note: Any) -> str:
    first, last = note.claims[0].id, note.claims[-1].id
    text = NOTE.format(number=number, first=first, last=last, **vars(note))
    for title, verdicts, template in PARTS:
        shown = [
            template.format_map({**vars(claim), **_sentences(claim), "place": place})
            for section in note.sections
            for claim in section.claims
            for place in [f"{section.title}, {claim.where}"]
            if claim.verdict in verdicts and (claim.why or claim.correct)
        ]
        text += f"\n### {title}\n\n{''.join(shown)}" if shown else ""
    return text


def _sentences(claim: Any) -> dict[str, str]:
    """The texts of a claim with a line for each sentence."""
    return {name: getattr(claim, name).replace(". ", ".\n    ") for name in ("reading", "why")}


def _main() -> None:
    sys.path.insert(0, str(TESTS))
    import conftest  # noqa: F401, makes gradcheck importable
    from claims.notes import NOTES

    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(page(NOTES), encoding="utf-8", newline="\n")
    else:
        sys.stdout.buffer.write(page(NOTES).encode())


if __name__ == "__main__":
    _main()
