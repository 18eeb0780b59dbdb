"""`--steps` and `--jacobian`: the written derivation with verdicts, and the closed forms."""

from collections.abc import Iterator
from itertools import groupby

from gradcheck.checks.report.text import Style
from gradcheck.checks.steps import MATRIX_FORM
from gradcheck.checks.verdict import LayerReport, StepCheck
from gradcheck.derivations.calculus.terms import free_indices
from gradcheck.derivations.forms import (
    definition_text,
    matrix_text,
    shape_text,
    text,
    tidy,
    where_text,
)
from gradcheck.derivations.notation import jacobian, vjp


def written_steps(layer: LayerReport, style: Style) -> str:
    """Every step of every derivation with its reason and its verdict."""
    if layer.symbolic is None:
        return f"{layer.name}: {layer.error}\n"
    lines = [f"{layer.name}: {layer.summary}", "", "forward"]
    lines += [f"  {definition_text(d)}" for d in layer.symbolic.forward]
    if layer.symbolic.adjoints:
        lines += ["with", *(f"  {definition_text(d)}" for d in layer.symbolic.adjoints)]
    for name, checks in groupby(layer.steps, key=lambda s: s.input):
        lines += ["", f"gradient by {name}" if name else "first"]
        for _, chain in groupby(checks, key=lambda s: s.chain):
            lines += _chain(layer, list(chain), style)
    return "\n".join(lines) + "\n"


def _chain(layer: LayerReport, steps: list[StepCheck], style: Style) -> Iterator[str]:
    first = steps[0]
    if first.reason == MATRIX_FORM:
        yield _row("", f"d{first.input} = {_matrix(layer, first.input)}", first, style)
        return
    case = f"   case {where_text(first.where)}" if first.where is not None else ""
    shape = shape_text(tuple(free_indices(first.left)))
    yield f"  {text(first.left)}{case}   {style.quiet(f'({shape})')}"
    for step in steps:
        yield _row("  = ", text(step.right), step, style)


def _row(sign: str, formula: str, step: StepCheck, style: Style) -> str:
    verdict = step.verdict
    mark = style.good(str(verdict)) if verdict.holds else style.bad(str(verdict))
    return f"  {sign}{formula:<56}  {step.reason:<20}  {mark}".rstrip()


def closed_forms(layer: LayerReport) -> str:
    """Jacobian and gradient by each input, as they follow from the forward formula."""
    if layer.symbolic is None:
        return f"{layer.name}: {layer.error}\n"
    symbolic = layer.symbolic
    lines = [f"{layer.name}: {layer.summary}", ""]
    lines += [f"  {definition_text(d)}" for d in symbolic.forward]
    recursions = {}
    for name in layer.shapes:
        derivation = symbolic.derivation_by(name)
        full, pulled = jacobian(symbolic, name), vjp(symbolic, name)
        lines += ["", f"  {text(full.lhs)} = {text(tidy(full.rhs))}"]
        for chain in derivation.chains:
            if chain.where is not None:
                case = where_text(chain.where)
                lines.append(f"    {case}:  {text(chain.lhs)} = {text(chain.result)}")
        lines.append(f"  {text(pulled.lhs)} = {text(tidy(pulled.rhs))}")
        if derivation.matrix is not None:
            lines.append(f"  d{name} = {_matrix(layer, name)}")
        recursions |= {d.name: d for d in pulled.recursions}
    if recursions:
        lines += ["", "  with", *(f"  {definition_text(d)}" for d in recursions.values())]
    return "\n".join(lines) + "\n"


def _matrix(layer: LayerReport, name: str) -> str:
    assert layer.symbolic is not None
    matrix = layer.symbolic.derivation_by(name).matrix
    return matrix_text(matrix)
