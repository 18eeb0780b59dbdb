"""What the check of a layer came to, in words."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sympy import sympify

from gradcheck.checks.handout.document import Block, Code, Items, Math, Paragraph, Table, Text, text
from gradcheck.checks.handout.formulas import Formulas
from gradcheck.checks.handout.prose import prose
from gradcheck.checks.points import Case
from gradcheck.checks.verdict import LayerFinding, LayerReport, StepCheck
from gradcheck.derivations import forms
from gradcheck.derivations.calculus.compare import Status
from gradcheck.derivations.forms.names import name_latex
from gradcheck.derivations.forms.repairs import in_order, is_matrix, sentence

MEANING = {
    Status.PROVED: "proved for all sizes",
    Status.TESTED: "tested at random sizes and values",
    Status.REFUTED: "refuted",
    Status.UNREADABLE: "not readable",
}


def warning(report: LayerReport) -> list[Block]:
    """What a reader must know before reading on; nothing if all is well."""
    if report.ok:
        return []
    if report.error:
        return [Paragraph(("Not verified: ", *prose(report.error)), "loud")]
    wrong = sum(not s.verdict.holds for s in report.steps)
    failed = sum(not f.ok for f in report.findings)
    counts = [f"{wrong} of {len(report.steps)} steps fail"] if wrong else []
    counts += [f"{failed} of {len(report.findings)} comparisons fail"] if failed else []
    return [Paragraph((f"Not verified: {', '.join(counts)}; see the check at the end.",), "loud")]


def outcome(report: LayerReport, formulas: Formulas, seed: int, command: str) -> list[Block]:
    """How derivation, backward pass and differences were compared, and with what result."""
    blocks: list[Block] = [Paragraph(_steps(report)), Paragraph(_witnesses(report, seed))]
    rows = [_row(report, formulas, name) for name in ("", *report.shapes)]
    head = ("", "cases", "largest difference", "differences may be off by", "result")
    blocks += [Table(head, tuple(row for row in rows if row))] if any(rows) else []
    failures = [_wrong_step(s, formulas) for s in report.steps if not s.verdict.holds]
    failures += _failures(report, formulas)
    blocks += [Items(tuple(failures))] if failures else []
    blocks += [Paragraph(kink) for kink in dict.fromkeys(_kinks(formulas))]
    blocks.append(Paragraph(("Repeat it: ", Code(command))))
    return blocks


def _steps(report: LayerReport) -> Text:
    """All 20 steps hold: 19 proved for all sizes, 1 tested at random sizes and values."""
    if not report.steps:
        return ("No derivation was checked.",)
    statuses = Counter(s.verdict.status for s in report.steps)
    counts = ", ".join(f"{statuses[s]} {words}" for s, words in MEANING.items() if statuses[s])
    good = all(s.verdict.holds for s in report.steps)
    total = len(report.steps)
    checked = "Checked. " if report.ok else ""
    return (f"{checked}{f'All {total} steps hold' if good else f'Of {total} steps'}: {counts}.",)


def _witnesses(report: LayerReport, seed: int) -> Text:
    """Who was compared with whom, and where."""
    cases = list(dict.fromkeys(_case(f.case) for f in report.findings))
    listed: list[str | Math | Code] = []
    for case in cases:
        listed += [*(["; "] if listed else []), *case]
    agree = "agree" if report.ok else "were compared"
    names = (
        f"Three witnesses {agree}: the derivative of the forward formula, the NumPy backward "
        "pass, and finite differences of the NumPy forward pass. "
    )
    return (names, f"Cases (seed {seed}): ", *listed, ".") if cases else ()


def _row(report: LayerReport, formulas: Formulas, name: str) -> tuple[Text, ...]:
    """One comparison over all its cases; empty if it was not made."""
    found = [f for f in report.findings if f.input == name]
    if not found:
        return ()
    output = name_latex(formulas.layer.output.name)
    what = f"\\partial {output} / \\partial {name_latex(name)}" if name else output
    worst = next((f for f in found if not f.ok), found[0])
    error, difference = max(f.error for f in found), max(f.difference for f in found)
    compared = any(f.entries for f in found)  # not where the shapes differ
    return (
        (Math(what),),
        (f"{sum(f.ok for f in found)} of {len(found)}",),
        _number(difference) if compared else ("–",),
        _number(error) if error else ("–",),
        (worst.verdict.value,),
    )


def _failures(report: LayerReport, formulas: Formulas) -> Iterator[Text]:
    """What is wrong, once for each gradient."""
    told: set[str] = set()
    for finding in report.findings:
        if not finding.ok and finding.input not in told:
            told.add(finding.input)
            yield _failure(finding, formulas)


def _failure(finding: LayerFinding, formulas: Formulas) -> Text:
    backward = finding.message.startswith("backward")  # what is said of the pass as a whole
    subject = "Backward pass" if backward else "Forward values"
    subject = f"Gradient by ${name_latex(finding.input)}$" if finding.input else subject
    return (*text(f"{subject} at "), *_case(finding.case), ": ", *prose(finding.message), ".")


def _wrong_step(step: StepCheck, formulas: Formulas) -> Text:
    where = f"the gradient by ${name_latex(step.input)}$" if step.input else "a lemma"
    verdict = step.verdict
    return (
        *text(f"Step {step.step} of chain {step.chain} of {where} ({step.reason}): "),
        f"{MEANING[verdict.status]}, ",
        *prose(verdict.reason),
        ".",
        *_mistake(step, formulas),
    )


def _mistake(step: StepCheck, formulas: Formulas) -> Text:
    """What is wrong with a step; nothing for those that only follow from a wrong one."""
    if step.mistake is None:
        return ()
    if not step.mistake.repairs:
        correct = Math(formulas.latex(in_order(step.left, step.mistake.expected)))
        return (" No single change mends it; correct is ", correct, ".")
    words = sentence(step.mistake.repairs[0], step.mistake.layout)
    return (" The mistake: ", *(_word(w, formulas) for w in words), ".")


def _word(word: Any, formulas: Formulas) -> str | Math:
    if isinstance(word, str):
        return word
    return Math(forms.matrix_latex(word) if is_matrix(word) else formulas.latex(word))


def _kinks(formulas: Formulas) -> Iterator[Text]:
    for argument, place, convention in formulas.layer.kinks:
        at = text(f"At the kink ${formulas.latex(argument)} = {place:g}$ the convention is ")
        yield (*at, *prose(convention), ".")
    for _, convention in formulas.layer.ties:
        yield (*text("Where the greatest of several values is taken, "), *prose(convention), ".")


def _case(case: Case) -> Text:
    parts: list[str | Math] = []
    for name, value in {**case.sizes, **case.options}.items():
        parts += [", "] if parts else []
        shown = forms.latex(sympify(float(f"{value:.3g}") if name in case.options else value))
        parts.append(Math(f"{{{name_latex(name)} = {shown}}}"))
    kink = (f"{case.place}, without differences",) if case.at_kink else ()
    return (*(parts or ["no axes"]), *kink)


def _number(value: Any) -> Text:
    if not value:
        return ("0",)
    digits, _, power = f"{value:.0e}".partition("e")
    return (Math(f"{digits} \\cdot 10^{{{int(power)}}}"),)
