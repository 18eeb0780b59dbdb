"""The report on people's own code, as text and as JSON.

For each function a table of its gradients, notes and the price; then a paragraph for every
failure, whose first line is a whole sentence; and one line in all.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tabulate import tabulate

from gradcheck import __version__
from gradcheck.checks.gradient.check import Checked
from gradcheck.checks.gradient.finding import Finding, Outcome, entry_name, numpy_shape
from gradcheck.checks.report.stable import leading, tidy, together
from gradcheck.checks.report.style import Style, labelled, plural
from gradcheck.checks.verdict import Report

SCHEMA = 3


def as_text(
    functions: Sequence[Checked],
    style: Style,
    *,
    verbose: bool = False,
    quiet: bool = False,
    left_out: Mapping[str, str] | None = None,
) -> str:
    """The whole report.

    verbose   every note on every gradient, and where the backward passes are written
    quiet     only failures, and the line in all
    left_out  what was recognised and could not be checked, and why
    """
    parts = [] if quiet else [_function(checked, style, verbose) for checked in functions]
    parts += [_failure(checked, f, style) for checked in functions for f in _wrong(checked)]
    reasons = [labelled("skipped", reason) for reason in (left_out or {}).values()]
    parts += ["\n".join(reasons)] if reasons and not quiet else []
    parts.append(_total(functions, style, left_out or {}))
    return "\n\n".join(parts)


def command(checked: Checked) -> str:
    """The command that repeats a check; empty for what was not named on a command line."""
    again = checked.function.again
    return f"gradcheck {again} --seed {checked.seed}" if again else ""


def content(report: Report, *, verbose: bool = False) -> dict[str, Any]:
    """What docs/json.md says of every report, and of code."""
    return {
        "schema": SCHEMA,
        "gradcheck": __version__,
        "ok": report.ok,
        "seed": report.seed,
        "layers": [],
        "functions": [function_object(c, verbose=verbose) for c in report.functions],
    }


def function_object(checked: Checked, *, verbose: bool = False) -> dict[str, Any]:
    """A function for JSON; times, places and rounding errors only if `verbose`."""
    function = checked.function
    found: dict[str, Any] = {
        "name": function.name,
        "convention": function.convention or None,
        "ok": checked.ok,
        "inputs": {name: _input(array) for name, array in function.inputs.items()},
        "notes": [note if verbose else tidy(note) for note in checked.notes],
        "findings": [finding_object(f, verbose=verbose) for f in checked.findings],
        "command": command(checked) or None,
    }
    if verbose:
        price = checked.price
        found["place"] = str(function.place) if function.place else None
        found["price"] = {
            "forwards": price.forwards,
            "backwards": price.backwards,
            "seconds": price.seconds,
        }
    return found


def _function(checked: Checked, style: Style, verbose: bool) -> str:
    """A function that was checked: what it is, its gradients, what is worth knowing, the price."""
    function = checked.function
    kind = f"  {style.quiet(function.convention)}" if function.convention else ""
    lines = [f"{function.name}{kind}"]
    order = [*function.inputs]
    findings = sorted((f for f in checked.findings if f.input), key=lambda f: order.index(f.input))
    rows = [_row(checked, finding, style) for finding in findings]
    if rows:
        heading = ["gradient", "shape", "difference", "verdict"]
        # numbers are formatted here: tabulate would read the text 1e5 as 100000
        table = tabulate(rows, heading, tablefmt="simple", disable_numparse=True)
        lines += [f"  {line}" for line in table.splitlines()]
    notes = list(checked.notes)
    for finding in checked.findings:
        notes += finding.notes if finding.ok else ()
    lines += [labelled("note", note) for note in dict.fromkeys(notes)]
    if verbose and function.place:
        lines.append(f"  {'place':<7}  {function.place}")
    lines.append(labelled("price", _price(checked)))
    return "\n".join(lines)


def _row(checked: Checked, finding: Finding, style: Style) -> list[str]:
    array = checked.function.inputs[finding.input]
    return [
        f"d{finding.input}",
        numpy_shape(array.shape),
        _difference(finding),
        _verdict(finding, style),
    ]


def _difference(finding: Finding) -> str:
    """Relative to the gradient; of one that agrees, what a difference must be smaller than."""
    if finding.ok:
        return f"< {finding.error:.0e}" if finding.error else "–"
    return f"{finding.size:.0e}" if finding.size else "–"


def _verdict(finding: Finding, style: Style) -> str:
    words = finding.verdict.value
    return style.good(words) if finding.ok else style.bad(words)


def _price(checked: Checked) -> str:
    price = checked.price
    calls = (
        f"{price.forwards} {plural('forward', price.forwards)}, "
        f"{price.backwards} {plural('backward', price.backwards)}, {_seconds(price.seconds)}"
    )
    errors = [f.error for f in checked.findings if f.input and f.ok and 0 < f.error < math.inf]
    return f"{calls}; slopes measured to {max(errors):.0e}" if errors else calls


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.2g} ms" if seconds < 0.0995 else f"{seconds:.2g} s"


def _wrong(checked: Checked) -> Iterator[Finding]:
    return (finding for finding in checked.findings if not finding.ok)


def _failure(checked: Checked, finding: Finding, style: Style) -> str:
    """What is wrong, what it looks like, where, what to read, how to repeat."""
    function = checked.function
    sentence, _, more = (finding.message or _plain(finding)).partition("; ")
    code = f"   [{finding.code}]" if finding.code else ""
    lines = [f"{style.bad(function.name)}: {sentence}{code}"]
    lines += [labelled("hint", more)] if more else []
    if finding.worst is not None:
        worst = finding.worst
        values = "   ".join(f"{name} {value:.6g}" for name, value in worst.values.items())
        at = _entry(finding, worst.index)
        lines.append(f"  worst    {at}   {values}   allowed {worst.allowed:.0e}")
    if finding.got_shape:
        lines.append(f"  shape    expected {finding.expected_shape}, got {finding.got_shape}")
    lines += [labelled("note", note) for note in finding.notes]
    if function.place and _blames_backward(finding):
        lines.append(f"  look at  {function.place}, the backward pass")
    if finding.code:
        lines.append(f"  help     gradcheck --explain {finding.code}")
    if command(checked):
        lines.append(f"  again    {command(checked)}")
    return "\n".join(lines)


def _blames_backward(finding: Finding) -> bool:
    if finding.verdict is Outcome.INCONCLUSIVE:
        return False
    return bool(finding.input) or finding.message.startswith("backward")


def _plain(finding: Finding) -> str:
    what = f"d{finding.input}" if finding.input else "the function"
    return f"{what} {finding.verdict.value}"


def _entry(finding: Finding, index: tuple[int, ...]) -> str:
    name = f"d{finding.input}" if finding.input else "output"
    return entry_name(name, index)


def _total(functions: Sequence[Checked], style: Style, left_out: Mapping[str, str]) -> str:
    bad = [checked for checked in functions if not checked.ok]
    seed = f"seed {functions[0].seed}" if functions else "seed 0"
    skipped = f"; not checked: {', '.join(left_out)}" if left_out else ""
    if bad:
        wrong = any(f.verdict is not Outcome.INCONCLUSIVE for c in bad for f in _wrong(c))
        word = style.bad("FAILED" if wrong else "UNDECIDED")
        count = f"{len(bad)} of {len(functions)} {plural('function', len(functions))}"
        names = ", ".join(checked.function.name for checked in bad)
        return f"{word}: {count} ({names}), {seed}{skipped}"
    gradients = sum(bool(f.input) for checked in functions for f in checked.findings)
    what = f"{gradients} {plural('gradient', gradients)}"
    where = f"{len(functions)} {plural('function', len(functions))}"
    agree = "agrees" if gradients == 1 else "agree"
    return f"{style.good('ok')}: {what} of {where} {agree} with differences ({seed}){skipped}"


def finding_object(finding: Finding, *, verbose: bool = False) -> dict[str, Any]:
    """A finding for machines, whatever was checked; rounding errors only if `verbose`."""
    worst, wrong = finding.worst, finding.verdict in (Outcome.DISAGREES, Outcome.APPROXIMATE)
    difference, size = finding.difference, finding.size
    if not verbose:
        difference, size = (leading(v) if wrong else math.nan for v in (difference, size))
    told = str if verbose else tidy
    return {
        "input": finding.input or None,
        "verdict": finding.verdict.value,
        "code": finding.code or None,
        "message": told(finding.message) or None,
        "notes": [told(note) for note in finding.notes],
        "entries": finding.entries,
        "differing": finding.differing,
        "difference": number(difference),
        "size": number(size),
        "error": number(finding.error) if verbose else None,
        "expected_shape": finding.expected_shape or None,
        "got_shape": finding.got_shape or None,
        "worst": worst
        and {
            "index": list(worst.index),
            "values": {
                name: number(value)
                for name, value in (worst.values if verbose else together(worst.values)).items()
            },
            "allowed": number(worst.allowed) if verbose else None,
        },
    }


def _input(array: Any) -> dict[str, Any]:
    return {"shape": list(array.shape), "dtype": str(array.dtype)}


def number(value: float) -> float | None:
    """A number as JSON has it: null if it is not finite."""
    value = float(value)
    return value if math.isfinite(value) else None
