"""The report that people read: formulas, gradients, claims."""

from collections.abc import Iterator
from itertools import groupby, zip_longest
from typing import Any

from gradcheck.checks.derive.matrices import matrix_equation
from gradcheck.checks.derive.result import ClaimResult, Derived, Equation, Gradient, Link
from gradcheck.checks.report.style import Style, plural
from gradcheck.checks.report.text import mark
from gradcheck.checks.verdict import StepCheck
from gradcheck.derivations.calculus.compare import Status, Verdict
from gradcheck.derivations.forms import definition_text, shape_text, text, where_text
from gradcheck.derivations.forms.repairs import expected_text, repair_text, spelled

WIDEST = 90  # columns of a formula before its reason; longer ones push the reason out


PLAIN = Style()


def as_text(derived: Derived, style: Style = PLAIN, *, steps: bool = True) -> str:
    """The whole report; the steps of the derivations can be left out."""
    lines = [*_forward(derived)]
    on_the_way = list(_first(derived, style, steps)) if derived.lemmas else []
    if on_the_way:
        lines += ["", "on the way", *on_the_way]
    for gradient in derived.gradients:
        lines += ["", f"gradient by {gradient.input}"]
        if steps:
            lines += _steps(gradient.steps, style)
        lines += _closed_forms(gradient, style)
    if derived.intermediates and derived.backward:
        lines += ["", "backward pass"]
        lines += [f"  {line}".rstrip() for line in derived.backward.split("\n")]
    if derived.claims:
        lines += ["", "claims"]
        lines += [line for claim in derived.claims for line in _claim(claim, style)]
    return "\n".join([*lines, "", _total(derived, style)])


def _forward(derived: Derived) -> Iterator[str]:
    problem = derived.problem
    yield "forward"
    for definition in problem.forward:
        shape = shape_text(definition.indices)
        yield f"  {definition_text(definition)}   ({shape})"
    yield from (f"  {definition_text(d)}   ({shape_text(d.indices)})" for d in derived.named)
    inputs = (f"{t.name} {shape_text(t.indices)}{_kind(t)}" for t in problem.inputs)
    yield f"  with {',  '.join(inputs)}"


def _kind(tensor: Any) -> str:
    words = ["positive"] * tensor.positive + ["zero outside"] * tensor.padded
    if tensor.integer is not None:
        words.append(f"integers below {shape_text((tensor.integer,))}")
    return f" ({', '.join(words)})" if words else ""


def _first(derived: Derived, style: Style, steps: bool) -> Iterator[str]:
    """What several gradients use: its steps, or only what it comes to."""
    if steps:
        yield from _steps(derived.lemmas, style)
    for each in derived.intermediates:
        if not steps:
            yield f"  {_equation(each, style)}"
        if each.matrix is not None:
            yield from _matrix(each, style)


def _steps(steps: tuple[StepCheck, ...], style: Style) -> Iterator[str]:
    longest = max((len(text(step.right)) for step in steps), default=0)
    width = min(WIDEST, longest + len("    = "))
    for _, chain in groupby(steps, key=lambda step: step.chain):
        first, *others = chain
        case = f"   case {where_text(first.where)}" if first.where is not None else ""
        yield f"  {text(first.left)}{case}"
        for step in (first, *others):
            yield _step(step, width, style)


def _step(step: StepCheck, width: int, style: Style) -> str:
    formula = f"    = {text(step.right)}"
    return f"{formula:<{width}}  {step.reason:<19}  {mark(step.verdict, style)}"


def _closed_forms(gradient: Gradient, style: Style) -> Iterator[str]:
    yield f"  Jacobian  {_equation(gradient.jacobian, style)}"
    yield f"  gradient  {_equation(gradient.result, style)}"
    yield from _matrix(gradient.result, style)
    yield from _code(gradient.result)


def _matrix(equation: Equation, style: Style) -> Iterator[str]:
    if equation.matrix is None or equation.agrees is None:
        yield "  matrix    no matrix form"
    else:
        yield f"  matrix    {matrix_equation(equation)}   {mark(equation.agrees, style)}"


def _code(equation: Equation) -> Iterator[str]:
    lines = equation.code.split("\n") if equation.code else ["no code is known"]
    for heading, line in zip_longest(["NumPy"], lines, fillvalue=""):
        yield f"  {heading:8}  {line}"


def _equation(equation: Equation, style: Style) -> str:
    formula = f"{text(equation.left)} = {text(equation.right)}"
    return f"{formula}   {mark(equation.verdict, style)}"


def _claim(result: ClaimResult, style: Style) -> Iterator[str]:
    paint = style.good if result.holds else style.bad
    yield f"  {paint(result.status.value):<10}  {result.claim}"
    for line in _explained(result):
        yield f"{'':14}{line}"


def _explained(result: ClaimResult) -> Iterator[str]:
    """Why a claim does not hold and what would, or with what it was proved."""
    mistake, wrong = result.claim.mistake, result.wrong
    if mistake is not None:
        yield f"{mistake.problem} (column {mistake.column})"
        yield from mistake.pointer.split("\n")
        yield mistake.advice
    if wrong is not None:
        if len(result.links) > 1:
            yield f"{text(wrong.left)} = {text(wrong.right)} does not hold"
        if mistake is None:
            yield wrong.verdict.reason
        yield from _mended(wrong)
    elif mistake is None:
        yield from dict.fromkeys(n for link in result.links for n in _notes(link.verdict))
    for link in result.links:
        yield from (f"note: {spelled(remark.words)}" for remark in link.remarks)


def _mended(link: Link) -> Iterator[str]:
    found = link.mistake
    if found is not None:
        yield from (f"repair: {repair_text(r, found.layout)}" for r in found.repairs[:1])
        if found.expected is not None:
            yield f"it should be {expected_text(link.left, found.expected)}"


def _notes(verdict: Verdict) -> Iterator[str]:
    """What a verdict that holds rests on."""
    if verdict.status is Status.TESTED:
        yield str(verdict).removeprefix("TESTED ")
    if verdict.proof is not None:
        yield from (f"used: {fact}" for fact in verdict.proof.facts)
        yield from (f"assumed: {assumption}" for assumption in verdict.proof.assumptions)
        yield from (f"checked at random sizes only: {doubt}" for doubt in verdict.proof.doubts)


def _total(derived: Derived, style: Style) -> str:
    if derived.claims:
        wrong = sum(not claim.holds for claim in derived.claims)
        count = len(derived.claims)
        if wrong:
            return f"{style.bad('FAILED')}: {wrong} of {count} {plural('claim', count)} refuted"
        return f"{style.good('ok')}: {count} {plural('claim', count)}"
    count = len(derived.gradients)
    mark = style.good("ok") if derived.ok else style.bad("FAILED")
    return f"{mark}: {count} {plural('gradient', count)}"
