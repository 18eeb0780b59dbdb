"""`--steps` and `--jacobian`: the written derivation with verdicts, and the closed forms."""

from collections.abc import Iterator
from itertools import groupby

from gradcheck.checks.report.style import Style
from gradcheck.checks.report.text import mark, told
from gradcheck.checks.steps import MATRIX_FORM
from gradcheck.checks.verdict import LayerReport, StepCheck
from gradcheck.derivations.calculus.compare import Status
from gradcheck.derivations.calculus.terms import Definition, free_indices
from gradcheck.derivations.forms import (
    definition_text,
    matrix_text,
    proof_text,
    shape_text,
    text,
    tidy,
    where_text,
)
from gradcheck.derivations.notation import Derivation, Layer
from gradcheck.derivations.notation.folded import folded_jacobian, folded_vjp

WIDEST = 90  # columns of a formula before its reason; longer ones push the reason out

LEGEND = {
    Status.PROVED: "PROVED: equal for all sizes and values",
    Status.TESTED: "TESTED: equal at {} random points of different sizes, "
    "as 2 of 10,093 wrong lines were",
}

Row = tuple[str, StepCheck | None]  # a formula, and the step that it is the outcome of


def written_steps(layer: LayerReport, style: Style, proofs: bool = False) -> str:
    """Every step of every derivation with its reason and its verdict; with `proofs` also why."""
    if layer.symbolic is None:
        return f"{layer.name}: {layer.error}\n"
    lines = [f"{layer.name}: {layer.summary}", "", "forward", *_forward(layer.symbolic)]
    if layer.symbolic.adjoints:
        lines += ["with", *(f"  {definition_text(d)}" for d in layer.symbolic.adjoints)]
    for name, checks in groupby(layer.steps, key=lambda s: s.input):
        lines += ["", f"gradient by {name}" if name else "on the way"]
        chains = (list(chain) for _, chain in groupby(checks, key=lambda s: s.chain))
        rows = [row for chain in chains for row in _chain(layer, chain, style)]
        width = min(WIDEST, max(len(formula) for formula, step in rows if step))
        for formula, step in rows:
            lines += [formula] if step is None else _lines(formula, step, width, style)
            if proofs and step is not None and step.verdict.proof is not None:
                told_of = proof_text(step.verdict.proof, layer.symbolic.setting)
                lines += [f"      {sentence}" for sentence in told_of]
    statuses = {s.verdict.status: s.verdict for s in layer.steps}
    lines += [
        "",
        *(LEGEND[status].format(v.trials) for status, v in statuses.items() if status in LEGEND),
    ]
    return "\n".join(lines) + "\n"


def _forward(layer: Layer) -> Iterator[str]:
    """The definitions, the lengths that follow from others, and the options."""
    yield from (f"  {definition_text(d)}" for d in layer.forward)
    for name, length in layer.setting.lengths.items():
        yield f"  {name} = {text(length)}"
    if layer.options:
        defaults = ",  ".join(f"{o.name} = {text(o.default)}" for o in layer.options)
        yield f"  {defaults}   unless given"


def _chain(layer: LayerReport, steps: list[StepCheck], style: Style) -> Iterator[Row]:
    first = steps[0]
    if first.reason == MATRIX_FORM:
        assert layer.symbolic is not None
        yield f"  {matrix_equation(layer.symbolic.derivation_by(first.input))}", first
        return
    case = f"   case {where_text(first.where)}" if first.where is not None else ""
    shape = shape_text(tuple(free_indices(first.left)))
    yield f"  {text(first.left)}{case}   {style.quiet(f'({shape})')}", None
    for step in steps:
        yield f"    = {text(step.right)}", step


def _lines(formula: str, step: StepCheck, width: int, style: Style) -> Iterator[str]:
    """The step with its verdict; under it, what is wrong with it."""
    yield f"{formula:<{width}}  {step.reason:<19}  {mark(step.verdict, style)}"
    yield from (f"      {label}: {sentence}" for label, sentence in told(step))


def closed_forms(layer: LayerReport) -> str:
    """Jacobian and gradient by each input, as they follow from the forward formula."""
    if layer.symbolic is None:
        return f"{layer.name}: {layer.error}\n"
    symbolic = layer.symbolic
    lines = [f"{layer.name}: {layer.summary}", "", *_forward(symbolic)]
    named: dict[str, Definition] = {}
    for name in layer.shapes:
        derivation = symbolic.derivation_by(name)
        full, pulled = folded_jacobian(symbolic, name), folded_vjp(symbolic, name)
        lines += ["", f"  {text(full.lhs)} = {text(tidy(full.rhs, symbolic.output.indices))}"]
        for chain in derivation.chains:
            if chain.where is not None:
                case = where_text(chain.where)
                lines.append(f"    {case}:  {text(chain.lhs)} = {text(chain.result)}")
        lines.append(f"  {text(pulled.lhs)} = {text(tidy(pulled.rhs))}")
        if derivation.matrix is not None:
            lines.append(f"  {matrix_equation(derivation)}")
        named |= {d.name: d for d in (*full.recursions, *pulled.recursions)}
    if named:
        lines += ["", "  with", *(f"  {definition_text(d)}" for d in named.values())]
    return "\n".join(lines) + "\n"


def matrix_equation(derivation: Derivation) -> str:
    """The matrix form with its left side: `dW = dYᵀ X`, or `dx[t] = dz[t] W` for slices."""
    fixed = ",".join(map(str, derivation.sliced_by))
    left = f"d{derivation.input}{f'[{fixed}]' if fixed else ''}"
    return f"{left} = {matrix_text(derivation.matrix)}"
