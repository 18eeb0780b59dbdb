"""The first witness's own account: every written step, compared with the one before.

The first wrong step of a chain is also told what its mistake is; those after it follow from it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gradcheck.checks.layers import Layer
from gradcheck.checks.verdict import Mistake, StepCheck
from gradcheck.derivations.calculus.compare import Comparer, Status, Verdict
from gradcheck.derivations.calculus.mistakes.layout import (
    DENOMINATOR,
    NUMERATOR,
    Line,
    usual_layout,
)
from gradcheck.derivations.calculus.mistakes.remarks import remarks
from gradcheck.derivations.calculus.mistakes.repair import Repair, expected, repairs
from gradcheck.derivations.calculus.terms import indices_of
from gradcheck.derivations.notation import Chain, Derivation, NotationError
from gradcheck.derivations.notation.matrix_edits import matrix_edits

MATRIX_FORM = "matrix form"


def check_steps(layer: Layer, wrt: tuple[str, ...]) -> tuple[StepCheck, ...]:
    """Verdicts on the steps of the derivations by some inputs, and of the lemmas they use."""
    comparer = Comparer(layer.symbolic.setting)
    checks = [
        check
        for number, lemma in enumerate(layer.symbolic.lemmas, start=1)
        for check in _chain(comparer, "", number, lemma)
    ]
    for name in wrt:
        derivation = layer.symbolic.derivation_by(name)
        for number, chain in enumerate(derivation.chains, start=1):
            checks += _chain(comparer, name, number, chain)
        if derivation.matrix is not None:
            checks.append(_matrix_form(comparer, derivation))
    return _diagnosed(layer, comparer, checks)


def mistake(
    comparer: Comparer, left: Any, right: Any, where: Any = None, truth: Any = None
) -> Mistake:
    """What is wrong with `left = right`, which was refuted; `truth` is a known value of `left`."""
    truth = expected(comparer.setting, left) if truth is None else truth
    found = repairs(comparer, left, right, where, truth=truth)
    return Mistake(found) if found else Mistake(expected=truth)


def _matrix_form(comparer: Comparer, derivation: Derivation) -> StepCheck:
    gradient = entry = derivation.chains[-1].result
    try:
        entry = derivation.matrix_entry
        verdict = comparer.compare(gradient, entry)
    except NotationError as error:
        verdict = Verdict(Status.REFUTED, reason=str(error))
    number = len(derivation.chains) + 1
    return StepCheck(derivation.input, number, 1, gradient, entry, MATRIX_FORM, None, verdict)


def _chain(comparer: Comparer, name: str, number: int, chain: Chain) -> Iterator[StepCheck]:
    left = chain.lhs
    for place, step in enumerate(chain.steps, start=1):
        verdict = comparer.compare(left, step.expr, chain.where)
        yield StepCheck(name, number, place, left, step.expr, step.reason, chain.where, verdict)
        left = step.expr


def _diagnosed(layer: Layer, comparer: Comparer, checks: list[StepCheck]) -> tuple[StepCheck, ...]:
    """The same checks, with remarks, and with the mistake in the first wrong step of each chain."""
    wrong: set[tuple[str, int]] = set()
    result = []
    for step in checks:
        matrix = step.reason == MATRIX_FORM
        follows = {(step.input, step.chain), (step.input, step.chain - matrix)} & wrong
        if step.verdict.status is Status.REFUTED and not follows:
            if matrix:
                derivation = layer.symbolic.derivation_by(step.input)
                found = _mistake_in_matrix(comparer, step, derivation, checks)
            else:
                found = _mistake_in_step(comparer, step, checks)
            step = replace(step, mistake=found)
        if step.verdict.status is Status.REFUTED:
            wrong.add((step.input, step.chain))
        if not matrix:
            step = replace(step, remarks=remarks(comparer.setting, step.left, step.right))
        result.append(step)
    return tuple(result)


def _mistake_in_step(comparer: Comparer, step: StepCheck, checks: list[StepCheck]) -> Mistake:
    found = mistake(comparer, step.left, step.right, step.where)
    if any(r.code == "layout" for r in found.repairs):
        others = [_line(s) for s in checks if s.step == 1 and s is not step and s.verdict.holds]
        found = replace(found, layout=usual_layout(comparer, step.left, others))
    return found


def _mistake_in_matrix(
    comparer: Comparer, step: StepCheck, derivation: Derivation, checks: list[StepCheck]
) -> Mistake | None:
    """A change of the matrix form after which it is the gradient, if there is one.

    The transpose of the whole is the other layout. None where no change helps: a matrix form is
    one of many, and the gradient in index notation stands above it.
    """
    matrix = derivation.matrix
    assert matrix is not None
    spanned = indices_of(derivation.wrt)[len(derivation.sliced_by) :]
    for edit in matrix_edits(matrix):
        try:
            entry = edit.mended.entry(*spanned).expr
        except NotationError:
            continue
        if comparer.compare(step.left, entry).holds:
            repair = Repair(edit.cost, edit.code, edit.was, edit.becomes, edit.mended, matrix)
            if edit.code == "transpose" and edit.becomes is edit.mended:
                repair = replace(repair, code="layout", was=NUMERATOR, becomes=DENOMINATOR)
            others = [s for s in checks if s.reason == MATRIX_FORM and s.verdict.holds]
            return Mistake((repair,), layout=DENOMINATOR if others else "")
    return None


def _line(step: StepCheck) -> Line:
    return step.left, step.right, step.where
