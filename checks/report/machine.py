"""`--json`: one object, documented in docs/json.md, the same for the same input."""

import json
from collections.abc import Iterable
from typing import Any

from gradcheck import __version__
from gradcheck.checks.report.own import finding_object, number
from gradcheck.checks.report.stable import leading
from gradcheck.checks.verdict import LayerFinding, LayerReport, Mistake, Report, StepCheck
from gradcheck.derivations.calculus.compare import Verdict
from gradcheck.derivations.calculus.mistakes.remarks import Remark
from gradcheck.derivations.forms import text
from gradcheck.derivations.forms.repairs import expected_text, repair_text, spelled

SCHEMA = 3
VALUE_DIGITS = 9  # of a counterexample, which is computed and not measured


def as_json(report: Report, *, verbose: bool = False) -> str:
    """The report as JSON, rounding errors only if `verbose`; what is not finite is null."""
    content = {
        "schema": SCHEMA,
        "gradcheck": __version__,
        "ok": report.ok,
        "seed": report.seed,
        "sizes": dict(report.sizes),
        "rtol": report.tolerance.rtol,
        "atol": report.tolerance.atol,
        "layers": [_layer(report, layer, verbose) for layer in report.layers],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _layer(report: Report, layer: LayerReport, verbose: bool) -> dict[str, Any]:
    return {
        "name": layer.name,
        "summary": layer.summary,
        "ok": layer.ok,
        "error": layer.error or None,
        "shapes": dict(layer.shapes),
        "steps": [_step(step) for step in layer.steps],
        "findings": [_finding(report, finding, verbose) for finding in layer.findings],
    }


def _step(step: StepCheck) -> dict[str, Any]:
    return {
        "input": step.input or None,
        "chain": step.chain,
        "step": step.step,
        "left": text(step.left),
        "right": text(step.right),
        "reason": step.reason,
        **verdict_object(step.verdict),
        **mistake_object(step.left, step.mistake, step.remarks),
    }


def verdict_object(verdict: Verdict) -> dict[str, Any]:
    """What is known of an equation, and what that rests on."""
    proof = verdict.proof
    return {
        "status": verdict.status.value,
        "method": proof.method if proof else None,
        "facts": [str(fact) for fact in proof.facts] if proof else [],
        "assumptions": list(proof.assumptions) if proof else [],
        "doubts": list(proof.doubts) if proof else [],
        "trials": verdict.trials,
        "false_accepts": number(verdict.false_accepts),
        "because": verdict.reason or None,
        "counterexample": None
        if verdict.left is None
        else {
            "sizes": dict(verdict.sizes),
            "entry": dict(verdict.entry),
            "left": leading(verdict.left, VALUE_DIGITS),
            "right": None if verdict.right is None else leading(verdict.right, VALUE_DIGITS),
        },
    }


def mistake_object(left: Any, mistake: Mistake | None, remarks: Iterable[Remark]) -> dict[str, Any]:
    """What is wrong with an equation, if that was looked for, and what is suspicious about it."""
    found = mistake or Mistake()
    return {
        "repairs": [
            {
                "code": repair.code,
                "sentence": repair_text(repair, found.layout),
                "mended": spelled((repair.mended,)),
            }
            for repair in found.repairs
        ],
        "expected": None if found.expected is None else expected_text(left, found.expected),
        "remarks": [{"code": r.code, "sentence": spelled(r.words)} for r in remarks],
    }


def _finding(report: Report, finding: LayerFinding, verbose: bool) -> dict[str, Any]:
    return {
        **finding_object(finding, verbose=verbose),
        "sizes": dict(finding.case.sizes),
        "at_kink": finding.case.at_kink,
        "odd": finding.odd or None,
        "command": report.command(finding.layer, finding.input),
    }
