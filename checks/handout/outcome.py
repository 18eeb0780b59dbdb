"""What the check of a layer came to, in words."""

from collections.abc import Iterator

from gradcheck.checks.handout.document import Block, Code, Items, Math, Paragraph, Table, Text, text
from gradcheck.checks.handout.formulas import Formulas
from gradcheck.checks.handout.prose import prose
from gradcheck.checks.verdict import Finding, LayerReport, StepCheck
from gradcheck.derivations.calculus.compare import Status

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
        return [Paragraph(prose(f"NOT VERIFIED: {report.error}"), "loud")]
    counts = []
    if wrong := sum(not s.verdict.holds for s in report.steps):
        counts.append(f"{wrong} of {_count(len(report.steps), 'step')} not hold")
    if failed := sum(not f.ok for f in report.findings):
        counts.append(f"{failed} of {_count(len(report.findings), 'comparison')} not agree")
    return [Paragraph((f"NOT VERIFIED: {' and '.join(counts)}. See the check below.",), "loud")]


def outcome(report: LayerReport, formulas: Formulas, command: str) -> list[Block]:
    """How the derivation, the NumPy side and the differences were compared, and the result."""
    blocks: list[Block] = [Paragraph(_sentence(report))]
    if report.findings:
        rows = [_row(report, formulas, name) for name in ("", *report.shapes)]
        head = ("compared", "cases", "largest difference", "differences may be off by", "result")
        blocks.append(Table(head, tuple(row for row in rows if row)))
    failures = [*_failures(report, formulas)]
    blocks += [Items(tuple(failures))] if failures else []
    kinks = [_kink(formulas, *kink) for kink in formulas.layer.kinks]
    blocks += [Items(tuple(dict.fromkeys(kinks)))] if kinks else []
    blocks.append(Paragraph(("Repeat it with ", Code(command), ".")))
    return blocks
