"""`--format`: the report for people, for CI systems, and for documents.

json      for programs, documented in docs/json.md
junit     the XML that CI systems read: a test case for each gradient
github    annotations at the place of the backward pass, in the log of a workflow
markdown  a table, for the summary of a job or a comment
latex     the same table, for a paper

All but `text` are the same on every machine: rounding errors are left out of them.
"""

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree as xml

from tabulate import tabulate

from gradcheck import __version__
from gradcheck.checks.report.results import (
    AGREES,
    ERROR,
    PASSES,
    SKIPPED,
    Result,
    below,
    stable,
)
from gradcheck.checks.report.style import plural

SCHEMA = 3
MOST_ANNOTATIONS = 10  # of one step: GitHub shows no more
NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in no XML at all
HEADING = ("layer", "gradient", "derivation", "error", "verdict")


def text(rows: Sequence[Result], seeds: str) -> str:
    """A table of what is wrong, a paragraph for each, and one line in all."""
    wrong = [row for row in rows if not row.ok]
    table = tabulate(map(_cells, wrong), HEADING, tablefmt="simple", disable_numparse=True)
    return "\n\n".join([*([table] if wrong else []), *map(_told, wrong), _in_all(rows, seeds)])


def as_json(rows: Sequence[Result], seeds: str) -> str:
    """The rows as they are."""
    content = {
        "schema": SCHEMA,
        "gradcheck": __version__,
        "ok": all(row.ok for row in rows),
        "seeds": seeds,
        "gradients": [asdict(row) for row in rows],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def junit(rows: Sequence[Result], seeds: str) -> str:
    """A test suite for each layer; the message of a failure is the report on the gradient."""
    suites = xml.Element("testsuites", _counts(rows) | {"name": "gradcheck"})
    for layer in dict.fromkeys(row.key for row in rows):
        mine = [row for row in rows if row.key == layer]
        suite = xml.SubElement(suites, "testsuite", {"name": layer} | _counts(mine))
        for row in mine:
            case = xml.SubElement(suite, "testcase", {"classname": layer, "name": row.name})
            known = {
                "layer": layer,
                "input": row.input,
                "error": _error(row),
                "seed": seeds,
                "code": row.code,
            }
            properties = xml.SubElement(case, "properties")
            for name, value in known.items():
                given = {"name": f"gradcheck.{name}", "value": value}
                xml.SubElement(properties, "property", given)
            if row.verdict == SKIPPED:
                xml.SubElement(case, "skipped", {"message": row.message})
            elif not row.ok:
                kind = "error" if row.verdict == ERROR else "failure"
                told = {
                    "message": _sentence(row),
                    "type": row.code or _kind(row),
                }
                xml.SubElement(case, kind, told).text = _told(row)
    xml.indent(suites)
    content = NO_XML.sub("\ufffd", xml.tostring(suites, encoding="unicode"))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{content}'


def github(rows: Sequence[Result], seeds: str) -> str:
    """One line for each gradient that is wrong, and one in all."""
    wrong = [row for row in rows if not row.ok]
    lines = [_annotation(row) for row in wrong[:MOST_ANNOTATIONS]]
    more = len(wrong) - len(lines)
    lines += [f"::notice title=gradcheck::{more} more: see the log of the step"] * (more > 0)
    return "\n".join([*lines, _in_all(rows, seeds)])


def markdown(rows: Sequence[Result], seeds: str) -> str:
    """What is wrong, and a table of all gradients."""
    cells = [" | ".join(map(_escaped, _cells(row))) for row in rows]
    table = ["| " + " | ".join(HEADING) + " |", "| --- | --- | --- | ---: | --- |"]
    table += [f"| {line} |" for line in cells]
    told = [f"- **{_escaped(row.key)}**: {_escaped(_sentence(row))}" for row in rows if not row.ok]
    told = [*told, ""] if told else []
    return "\n".join([_in_all(rows, seeds), "", *told, *table])


def latex(rows: Sequence[Result], seeds: str) -> str:
    """A table of all gradients, to be put into a document."""
    lines = [" & ".join(_in_latex(cell) for cell in _cells(row)) + r" \\" for row in rows]
    return "\n".join(
        [
            r"\begin{tabular}{lllrl}",
            r"\hline",
            " & ".join(HEADING) + r" \\",
            r"\hline",
            *lines,
            r"\hline",
            r"\end{tabular}",
        ]
    )


def summarise(rows: Sequence[Result], seeds: str, file: str) -> None:
    """Add the table to the summary of the job, whose file GitHub names."""
    if file:
        with Path(file).open("a", encoding="utf-8") as summary:
            summary.write(f"{markdown(rows, seeds)}\n")


def formatted(rows: Sequence[Result], seeds: str, format: str, *, verbose: bool = False) -> str:
    """The rows in one of the FORMATS; `verbose` keeps all digits."""
    if format != "text" and not verbose:
        rows = [stable(row) for row in rows]
    return FORMATS[format](rows, seeds)


FORMATS: dict[str, Callable[[Sequence[Result], str], str]] = {
    "text": text,
    "json": as_json,
    "junit": junit,
    "github": github,
    "markdown": markdown,
    "latex": latex,
}


def _counts(rows: Sequence[Result]) -> dict[str, str]:
    errors = sum(row.verdict == ERROR for row in rows)
    failures = sum(not row.ok for row in rows) - errors
    skipped = sum(row.verdict == SKIPPED for row in rows)
    counts = {"tests": len(rows), "failures": failures, "errors": errors, "skipped": skipped}
    return {name: str(count) for name, count in counts.items()}


def _kind(row: Result) -> str:
    return row.proof if row.verdict == AGREES else row.verdict


def _sentence(row: Result) -> str:
    return row.message or f"{row.name} {row.verdict}"


def _error(row: Result) -> str:
    return f"{row.error:.0e}" if row.error else ""


def _told(row: Result) -> str:
    lines = [f"{row.key}: {_sentence(row)}"]
    lines += [f"help   gradcheck --explain {row.code}"] if row.code else []
    lines += [f"again  {row.command}"] if row.command else []
    return "\n".join(lines)


def _annotation(row: Result) -> str:
    """`::error file=...,line=...,title=...::message`, escaped as GitHub asks."""
    where = {"title": f"{row.key} {row.name}" + f" [{row.code}]" * bool(row.code)}
    file = below(row.file, os.environ.get("GITHUB_WORKSPACE", ""))
    if file and row.line:
        where = {"file": file, "line": str(row.line)} | where
    properties = ",".join(f"{name}={_property(value)}" for name, value in where.items())
    return f"::error {properties}::{_data(_told(row))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _in_all(rows: Sequence[Result], seeds: str) -> str:
    wrong = [row for row in rows if not row.ok]
    count = len([row for row in rows if row.input != PASSES])
    layers = len({row.key for row in rows if row.verdict != SKIPPED})
    skipped = len([row for row in rows if row.verdict == SKIPPED])
    seeds += f"; {skipped} not checked" if skipped else ""
    what = f"{count} {plural('gradient', count)} of {layers} {plural('layer', layers)}"
    if wrong:
        named = len({row.key for row in wrong})
        return f"gradcheck {__version__}: {what} checked, {named} with mistakes ({seeds})"
    return f"gradcheck {__version__}: {what} checked, all right ({seeds})"


def _cells(row: Result) -> tuple[str, ...]:
    verdict = f"{row.verdict} ({row.code})" if row.code else row.verdict
    return row.key, row.name, row.proof or "–", _error(row) or "–", verdict


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*|<])", r"\\\1", text).replace("\n", " ")


def _in_latex(text: str) -> str:
    special = {character: f"\\{character}" for character in "_%&#${}"}
    special |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {"–": "--"}
    return "".join(special.get(character, character) for character in text)
