"""A report as rows, one for each gradient: what every format but the long ones is made of."""

import inspect
import math
import os
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from gradcheck.checks.gradient.check import Checked
from gradcheck.checks.gradient.finding import Finding, Outcome
from gradcheck.checks.report.own import command
from gradcheck.checks.report.stable import leading, tidy
from gradcheck.checks.verdict import LayerFinding, LayerReport, Report

PASSES = ""  # the input of what is said of a function as a whole
ERROR = "error"  # the verdict on what could not be checked at all
SKIPPED = "skipped"  # the verdict on what was recognised in a file and left out
AGREES = Outcome.AGREES.value
VERDICTS = [AGREES, SKIPPED]  # each graver
VERDICTS += [Outcome.INCONCLUSIVE.value, Outcome.APPROXIMATE.value, Outcome.DISAGREES.value, ERROR]
PROOFS = ["PROVED", "TESTED", "UNREADABLE", "REFUTED"]  # each graver
HOLD = ["", "PROVED", "TESTED"]


@dataclass(frozen=True)
class Result:
    """What is known of one gradient.

    key      what tells its layer from others of a project: the name of a layer of ours, the
             target as it was named, or the file of the backward pass and the name
    layer    the name of the layer or function
    input    differentiated by; empty for what is said of the passes as a whole
    verdict  one of VERDICTS
    proof    of the derivation: one of PROOFS, that of the weakest step; empty for code
    error    how far the gradient is off, or, where it agrees, may be
    code     the kind of mistake, which `gradcheck --explain` knows
    message  a sentence; empty if all is well
    file     where the backward pass is written, as far as that is known, and `line`, or 0
    command  that repeats the check
    """

    key: str
    layer: str
    input: str
    verdict: str
    proof: str = ""
    error: float = 0.0
    code: str = ""
    message: str = ""
    file: str = ""
    line: int = 0
    command: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong: neither with the gradient nor with its derivation."""
        return self.verdict in (AGREES, SKIPPED) and self.proof in HOLD

    @property
    def name(self) -> str:
        """`dW`, or what the row is about where it is not about one gradient."""
        return f"d{self.input}" if self.input else "the passes"


def results(report: Report) -> list[Result]:
    """The rows of a report: layers in their order, gradients in the order of their inputs."""
    rows = [row for layer in report.layers for row in _of_layer(report, layer)]
    rows += [row for checked in report.functions for row in _of_function(checked)]
    left_out = getattr(report, "left_out", {})
    return rows + [Result(n, n, PASSES, SKIPPED, message=why) for n, why in left_out.items()]


def gravest(rows: Iterable[Result]) -> Result:
    """Of several rows about one gradient the worst, the first of equal ones; the largest error."""
    rows = list(rows)
    worst = max(rows, key=lambda row: (VERDICTS.index(row.verdict), _weakness(row.proof)))
    return replace(worst, error=max(row.error for row in rows))


def stable(row: Result) -> Result:
    """The row without what differs between machines: rounding errors, and places outside.

    An error is kept where it is a mistake, to one digit.
    """
    error = 0.0 if row.verdict == AGREES else leading(row.error)
    file = below(row.file)
    line = row.line if file else 0
    return replace(row, error=error, message=tidy(row.message), file=file, line=line)


def below(file: str, folder: str = "") -> str:
    """A path as seen from a folder (the working one), with slashes; empty if it is not below."""
    if not file:
        return ""
    try:
        relative = Path(os.path.relpath(file, folder or None))
    except ValueError:  # on another drive
        return ""
    return "" if relative.parts[:1] == ("..",) else relative.as_posix()


def _of_layer(report: Report, layer: LayerReport) -> Iterable[Result]:
    name = layer.name
    if layer.error:
        again = report.command(name)
        yield Result(name, name, PASSES, ERROR, message=layer.error, command=again)
        return
    file, line = _place(name)
    for wrt in (PASSES, *layer.shapes):
        found = [f for f in layer.findings if f.input == wrt]
        worst = max(found, key=_finding_gravity, default=None)
        if wrt == PASSES and (worst is None or worst.ok):
            continue
        proof = _weakest(layer, wrt) if wrt else ""
        yield Result(
            name,
            name,
            wrt,
            worst.verdict.value if worst else ERROR,
            proof,
            error=_finite(max((_error(f) for f in found), default=0.0)),
            code=worst.code if worst else "",
            message=(worst.message if worst else "") or _doubt(layer, wrt, proof),
            file=file,
            line=line,
            command=report.command(name, wrt),
        )


def _doubt(layer: LayerReport, wrt: str, proof: str) -> str:
    """What to say of a gradient that agrees and whose derivation does not hold."""
    if proof in HOLD:
        return ""
    return f"a step of the derivation of d{wrt} is {proof}: gradcheck {layer.name} --steps"


def _of_function(checked: Checked) -> Iterable[Result]:
    function = checked.function
    file, line = (function.place.file, function.place.line) if function.place else ("", 0)
    inside = below(file)
    named = f"{inside}::{function.name}" if inside else function.name
    key = shlex.split(function.again)[0] if function.again else named
    for finding in checked.findings:
        if finding.input or not finding.ok:
            yield Result(
                key,
                function.name,
                finding.input,
                finding.verdict.value,
                error=_finite(_error(finding)),
                code=finding.code,
                message=finding.message,
                file=file,
                line=line,
                command=command(checked),
            )


def _weakest(layer: LayerReport, wrt: str) -> str:
    """The weakest verdict on the steps of a derivation, lemmas counted."""
    statuses = [s.verdict.status.value for s in layer.steps if s.input in (wrt, "")]
    return max(statuses, key=PROOFS.index, default="")


def _weakness(proof: str) -> int:
    return PROOFS.index(proof) if proof else -1


def _finding_gravity(finding: Finding) -> tuple[int, float]:
    return VERDICTS.index(finding.verdict.value), _error(finding)


def _error(finding: Finding) -> float:
    """Of layers the difference between the witnesses; of code relative to the gradient."""
    if isinstance(finding, LayerFinding):
        return finding.difference
    return max(finding.size, finding.error) if finding.ok else finding.size


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _place(name: str) -> tuple[str, int]:
    """File and line of the backward pass of a layer."""
    from gradcheck.checks.layers import LayerError, load

    try:
        backward = inspect.unwrap(load(name).backward)
        code = getattr(backward, "func", backward).__code__
    except (LayerError, AttributeError):
        return "", 0
    return code.co_filename, code.co_firstlineno
