"""The report that people read: a table, a paragraph for every failure, one line in all."""

from collections.abc import Iterator

from tabulate import tabulate

from gradcheck.checks.gradient.finding import Outcome, entry_name
from gradcheck.checks.report.style import Style, labelled, plural
from gradcheck.checks.verdict import LayerFinding, LayerReport, Report, StepCheck
from gradcheck.derivations.calculus.compare import Verdict
from gradcheck.derivations.forms import text
from gradcheck.derivations.forms.repairs import expected_text, repair_text, spelled

WITNESSES = "derivation, backward pass and differences agree"


def as_text(report: Report, style: Style, *, verbose: bool = False, quiet: bool = False) -> str:
    """The whole report; `verbose` has a row for every case, `quiet` only failures."""
    parts = []
    if not quiet:
        parts.append(_table(report, style, verbose))
    parts += [paragraph for layer in report.layers for paragraph in _failures(report, layer, style)]
    parts.append(_total(report, style))
    return "\n\n".join(parts)


def _table(report: Report, style: Style, verbose: bool) -> str:
    rows = [row for layer in report.layers for row in _rows(layer, style, verbose)]
    heading = ["layer", "gradient", "shape", "steps", "difference", "verdict"]
    heading[4:4] = ["case", "error"] if verbose else []
    # numbers are formatted here: tabulate would read the text 1e5 as 100000
    table: str = tabulate(rows, heading, tablefmt="simple", disable_numparse=True)
    return table


def _rows(layer: LayerReport, style: Style, verbose: bool) -> Iterator[list[str]]:
    if not layer.findings:
        yield [layer.name] + [""] * (6 if verbose else 4) + [style.bad("error")]
    about_passes = [f for f in layer.findings if not f.input and not f.ok]
    compared = {f.input for f in layer.findings if f.input}
    if about_passes and compared:
        start = [layer.name, _pass_of(about_passes[0]), "", ""]
        yield from _of_one(start, about_passes, style, verbose)
    for name, shape in layer.shapes.items():
        found = [f for f in layer.findings if f.input == name] or about_passes
        if not found:
            continue
        start = [layer.name, f"d{name}", shape, _steps(layer, name)]
        yield from _of_one(start, found, style, verbose)


def _of_one(
    start: list[str], found: list[LayerFinding], style: Style, verbose: bool
) -> Iterator[list[str]]:
    """The findings about one gradient or one pass: a row for each case, or one for all."""
    if verbose:
        for f in found:
            numbers = [str(f.case), f"{f.error:.0e}", _difference([f])]
            yield [*start, *numbers, _verdict(f, style)]
            start = [""] * len(start)
    else:
        worst = next((f for f in found if not f.ok), found[0])
        yield [*start, _difference(found), _verdict(worst, style)]


def _pass_of(finding: LayerFinding) -> str:
    """Which of the two passes a finding is about that is about no single gradient."""
    return "backward" if finding.message.startswith("backward") else "forward"


def _difference(findings: list[LayerFinding]) -> str:
    """The largest difference between witnesses, if any were compared."""
    compared = [f.difference for f in findings if f.entries]
    return f"{max(compared):.0e}" if compared else "–"


def _steps(layer: LayerReport, name: str) -> str:
    """How many written steps lead to this gradient, and how sure they are."""
    steps = [s for s in layer.steps if s.input in ("", name)]
    wrong = sum(not s.verdict.holds for s in steps)
    if wrong:
        return f"{wrong} of {len(steps)} wrong"
    status = steps[0].verdict.status.value if steps else "none written"
    return f"{len(steps)} {status}" if steps else status


def _verdict(finding: LayerFinding, style: Style) -> str:
    words = finding.verdict.value
    return style.good(words) if finding.ok else style.bad(words)


def _failures(report: Report, layer: LayerReport, style: Style) -> Iterator[str]:
    if layer.error:
        yield f"{style.bad(layer.name)}  {layer.error}\n  again    {report.command(layer.name)}"
    for step in layer.steps:
        if not step.verdict.holds:
            yield _wrong_step(report, layer, step, style)
    told: set[str] = set()
    for finding in layer.findings:
        if not finding.ok and finding.input not in told:
            told.add(finding.input)
            yield _failure(report, layer, finding, style)


def _failure(report: Report, layer: LayerReport, finding: LayerFinding, style: Style) -> str:
    """What is wrong, what it looks like, where, what to read, how to repeat."""
    subject = f"{layer.name}  dL/d{finding.input}" if finding.input else layer.name
    code = f"   [{finding.code}]" if finding.code else ""
    sentence, _, hint = finding.message.partition("; ")
    lines = [f"{style.bad(subject)}: {sentence}{code}"]
    lines += [labelled("hint", hint)] if hint else []
    cases = {str(f.case): False for f in layer.findings if f.input == finding.input}
    cases |= {str(f.case): True for f in layer.findings if f.input == finding.input and not f.ok}
    lines.append(
        f"  case     {finding.case}   (fails in {sum(cases.values())} of {len(cases)} cases)"
    )
    if finding.worst is not None:
        at = _entry(layer, finding)
        values = "   ".join(f"{name} {value:.6g}" for name, value in finding.worst.values.items())
        lines.append(f"  worst    {at}   {values}   allowed {finding.worst.allowed:.0e}")
        if finding.input and not finding.case.at_kink:
            lines.append(f"  error    the differences may be off by {finding.error:.0e}")
    if finding.got_shape:
        lines.append(f"  shape    expected {finding.expected_shape}, got {finding.got_shape}")
    lines += [labelled("note", note) for note in finding.notes]
    if finding.odd in PLACES and finding.code != "forward":  # there either side may be wrong
        place = PLACES[finding.odd]
        place = place if finding.input else f"numeric/{{file}}.py, {_pass_of(finding)}"
        lines.append(f"  look at  {place.format(file=layer.name.split('.')[0])}")
    if finding.code:
        lines.append(f"  help     gradcheck --explain {finding.code}")
    lines.append(f"  again    {report.command(layer.name, finding.input)}")
    return "\n".join(lines)


PLACES = {
    "symbolic": "derivations/{file}.py, the forward formula",
    "analytic": "numeric/{file}.py, backward",
    "numerical": "numeric/{file}.py, forward: is it smooth and deterministic here?",
}


def _entry(layer: LayerReport, finding: LayerFinding) -> str:
    """The worst entry, subscripts counted from 0 as NumPy does: ∂Y[0,2]/∂W[2,1], or dW[2,1]."""
    assert layer.symbolic is not None
    assert finding.worst is not None
    output = layer.symbolic.output
    outer = len(output.indices)
    index = finding.worst.index
    top = entry_name(output.name, index[:outer])
    if not finding.input:
        return top
    if "symbolic" not in finding.worst.values:  # an entry of the gradient, not of the Jacobian
        return entry_name(f"d{finding.input}", index)
    return f"∂{top}/∂{entry_name(finding.input, index[outer:])}"


def _wrong_step(report: Report, layer: LayerReport, step: StepCheck, style: Style) -> str:
    where = f"the derivation by {step.input}" if step.input else "a lemma"
    heading = style.bad(f"{layer.name}  {where}")
    return "\n".join(
        [
            f"{heading}: step {step.step} of chain {step.chain} ({step.reason}) does not hold",
            f"  from     {text(step.left)}",
            f"  to       {text(step.right)}",
            f"  because  {step.verdict.reason}",
            *(f"  {label:<7}  {sentence}" for label, sentence in told(step)),
            f"  look at  derivations/{layer.name.split('.')[0]}.py",
            f"  again    {report.command(layer.name, step.input)} --steps",
        ]
    )


def mark(verdict: Verdict, style: Style) -> str:
    """A verdict on an equation and what it rests on, without what PROVED always means."""
    paint = style.good if verdict.holds else style.bad
    word = verdict.status.value
    return paint(word) + str(verdict).removeprefix(word).removeprefix(" for all sizes")


def told(step: StepCheck) -> Iterator[tuple[str, str]]:
    """What is wrong with a step and what is suspicious about it, as labelled sentences."""
    if step.mistake is not None:
        for k, repair in enumerate(step.mistake.repairs):
            sentence = repair_text(repair, step.mistake.layout)
            yield "or" if k else "mistake", f"{sentence}   [{repair.code}]"
        if not step.mistake.repairs:
            correct = expected_text(step.left, step.mistake.expected)
            yield "mistake", f"no single change mends it; correct is {correct}"
    for remark in step.remarks:
        if remark.code != "dangling" or step.verdict.holds:  # else the reason says it
            yield "note", f"{spelled(remark.words)}   [{remark.code}]"


def _total(report: Report, style: Style) -> str:
    bad = [layer for layer in report.layers if not layer.ok]
    seed = f"seed {report.seed}"
    if bad:
        word = style.bad("FAILED" if any(_wrong(layer) for layer in bad) else "UNDECIDED")
        count = f"{len(bad)} of {len(report.layers)} {plural('layer', len(report.layers))}"
        return f"{word}: {count} ({', '.join(layer.name for layer in bad)}), {seed}"
    gradients = sum(len(layer.shapes) for layer in report.layers)
    what = f"{gradients} {plural('gradient', gradients)}"
    where = f"{len(report.layers)} {plural('layer', len(report.layers))}"
    return f"{style.good('ok')}: {what} of {where}: {WITNESSES} ({seed})"


def _wrong(layer: LayerReport) -> bool:
    """Whether something is known to be wrong, not only undecided."""
    steps = any(not s.verdict.holds for s in layer.steps)
    inconclusive = Outcome.INCONCLUSIVE
    values = any(not f.ok and f.verdict is not inconclusive for f in layer.findings)
    return bool(layer.error) or steps or values
