"""The derivations as LaTeX for amsmath: an `align*` for every chain, comments between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from gradcheck.checks.derive.result import Derived, Equation
from gradcheck.checks.verdict import StepCheck
from gradcheck.derivations.forms import definition_latex, latex, where_latex
from gradcheck.derivations.reading import Problem

Row = tuple[str, str, str]  # left side, right side, reason


@dataclass(frozen=True)
class Spelling:
    """How gradients are written: ∂L/∂W, with another letter where L is a tensor."""

    gradients: dict[str, str]
    loss: str

    def formula(self, expr: Any) -> str:
        return latex(expr, self.gradients, self.loss)

    def definition(self, definition: Any) -> str:
        return definition_latex(definition, self.gradients, self.loss)


def as_latex(derived: Derived, *, steps: bool = True) -> str:
    """The formulas, the derivations or only what they come to, and the claims with verdicts."""
    spelling = _spelling(derived.problem)
    lines = ["% forward"]
    forward = (*derived.problem.forward, *derived.named)
    lines += [f"\\[ {spelling.definition(d)} \\]" for d in forward]
    if derived.lemmas:
        lines += ["% on the way", *_part(derived.lemmas, derived.intermediates, spelling, steps)]
    for gradient in derived.gradients:
        closed = (gradient.jacobian, gradient.result)
        lines += [f"% gradient by {gradient.input}"]
        lines += _part(gradient.steps, closed, spelling, steps)
    for claim in derived.claims:
        lines += [f"% claim, {claim.status.value}: {claim.claim}"]
        lines += _align([_row(link.left, link.right, "", spelling) for link in claim.links])
    return "\n".join(lines)


def _spelling(problem: Problem) -> Spelling:
    names = [*(t.name for t in problem.inputs), *(d.name for d in problem.forward)]
    loss = "\\mathcal{L}" if "L" in names else "L"
    return Spelling({f"d{name}": name for name in names}, loss)


def _part(
    steps: tuple[StepCheck, ...], closed: tuple[Equation, ...], spelling: Spelling, written: bool
) -> Iterator[str]:
    """Steps, or if they are not wanted what they come to."""
    if not (written and steps):
        yield from _align([_row(e.left, e.right, "", spelling) for e in closed])
        return
    for _, chain in groupby(steps, key=lambda step: step.chain):
        rows = [_row(s.left, s.right, _reason(s), spelling) for s in chain]
        yield from _align([rows[0], *(("", right, reason) for _, right, reason in rows[1:])])


def _reason(step: StepCheck) -> str:
    case = f", ${where_latex(step.where)}$" if step.where is not None else ""
    return f"\\text{{{step.reason}{case}}}"


def _row(left: Any, right: Any, reason: str, spelling: Spelling) -> Row:
    return spelling.formula(left), f"= {spelling.formula(right)}", reason


def _align(rows: list[Row]) -> Iterator[str]:
    if not rows:
        return
    yield "\\begin{align*}"
    for place, (left, right, reason) in enumerate(rows):
        cells = f"  {left} &{right}" + (f" && {reason}" if reason else "")
        yield cells + (" \\\\" if place < len(rows) - 1 else "")
    yield "\\end{align*}"
