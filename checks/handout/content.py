"""All words of a handout and their order; how they are typeset is the business of the renderers."""

from collections.abc import Iterator
from typing import Any

from gradcheck.checks.handout.conventions import axes, conventions, functions, tensors
from gradcheck.checks.handout.document import (
    Block,
    Code,
    Document,
    Heading,
    Items,
    Lines,
    Math,
    Paragraph,
    Table,
    text,
)
from gradcheck.checks.handout.formulas import Formulas, chains
from gradcheck.checks.handout.outcome import outcome, warning
from gradcheck.checks.handout.prose import prose
from gradcheck.checks.steps import MATRIX_FORM
from gradcheck.checks.verdict import LayerReport, Report
from gradcheck.derivations import forms
from gradcheck.derivations.calculus.terms import tensors_in
from gradcheck.derivations.forms.names import name_latex
from gradcheck.derivations.notation import REASONS, Layer

MEANINGS = REASONS | {MATRIX_FORM: "read the sum as a product of matrices"}


def document(report: Report, command: str) -> Document:
    """One sheet for each layer, and the reasons that they use."""
    sheets = [block for layer in report.layers for block in _sheet(layer, report.seed, command)]
    used = {s.reason for layer in report.layers for s in layer.steps}
    rows = tuple(((r,), prose(meaning)) for r, meaning in MEANINGS.items() if r in used)
    level = 1 if len(report.layers) > 1 else 2
    glossary = (Heading(level, ("Reasons",)), Table(("reason", "meaning"), rows))
    return (*sheets, *(glossary if rows else ()))


def _sheet(report: LayerReport, seed: int, command: str) -> Iterator[Block]:
    yield Heading(1, (Code(report.name),))
    yield Paragraph(prose(report.summary))
    if report.source:
        yield Paragraph(("Source: ", *prose(report.source)), "quiet")
    yield from warning(report)
    if report.symbolic is None:
        yield Paragraph(("Repeat it: ", Code(command)))
        return
    formulas = Formulas(report.symbolic)
    yield Heading(2, ("Conventions",))
    yield Items(tuple(conventions(report, formulas)))
    yield axes(report.symbolic)
    yield tensors(formulas)
    yield Heading(2, ("Forward",))
    defined = [x for d in report.symbolic.forward for x in formulas.definition(d).lines]
    yield Lines((*defined, *formulas.lengths()))
    meanings = tuple(functions(report.symbolic))
    yield from ([Items(meanings)] if meanings else [])
    yield from _derivations(report, formulas)
    yield Heading(2, ("Closed forms",))
    yield from _closed_forms(report, formulas)
    yield Heading(2, ("Check",))
    yield from outcome(report, formulas, seed, command)


def _derivations(report: LayerReport, formulas: Formulas) -> Iterator[Block]:
    """Lemmas and chains, each adjoint introduced where it is first used."""
    layer = formulas.layer
    new = {d.name: d for d in layer.adjoints}
    current: str | None = None
    for name, steps in chains(report.steps):
        if name != current:
            yield from _no_matrix_form(layer, current)
            yield _derivation_heading(layer, name)
            current = name
        for expr in (e for s in steps for e in (s.left, s.right)):
            for mentioned in sorted(tensors_in(expr)):
                yield from _introduced(mentioned, new, formulas)
        yield formulas.chain(steps)
    yield from _no_matrix_form(layer, current)


def _derivation_heading(layer: Layer, name: str) -> Heading:
    if not name:
        return Heading(2, ("Lemmas" if len(layer.lemmas) > 1 else "Lemma",))
    shape = forms.shape_latex(layer.setting.indices[name])
    return Heading(2, text(f"Gradient by ${name_latex(name)}$"), (Math(shape),))


def _introduced(name: str, new: dict[str, Any], formulas: Formulas) -> Iterator[Lines]:
    """The definition of an adjoint that is new to the reader, after those that it mentions."""
    definition = new.pop(name, None)
    if definition is not None:
        for mentioned in sorted(tensors_in(definition.rhs)):
            yield from _introduced(mentioned, new, formulas)
        yield Lines(formulas.definition(definition).lines, ("Define",))


def _no_matrix_form(layer: Layer, name: str | None) -> Iterator[Paragraph]:
    if name and layer.derivation_by(name).matrix is None and len(layer.setting.indices[name]) > 2:
        yield Paragraph(("No matrix form: the gradient has more than two axes.",), "quiet")


def _closed_forms(report: LayerReport, formulas: Formulas) -> Iterator[Block]:
    """What follows from the forward formula alone, whatever was derived by hand."""
    yield Paragraph(("Derived by the engine from the forward formula alone:",))
    named: dict[str, Lines] = {}
    for name in report.shapes:
        named |= formulas.named(name)
    for definition in named.values():
        yield Lines(definition.lines, ("With",))
    lines = [line for name in report.shapes for line in formulas.closed_forms(name).lines]
    yield Lines(tuple(lines))
