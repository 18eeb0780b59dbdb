"""A layer's definitions, chains and closed forms as lines of LaTeX."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

from gradcheck.checks.handout.document import Line, Lines, Text, text
from gradcheck.checks.handout.prose import prose
from gradcheck.checks.steps import MATRIX_FORM
from gradcheck.checks.verdict import StepCheck
from gradcheck.derivations import forms
from gradcheck.derivations.calculus.terms import Definition, free_indices, indices_of
from gradcheck.derivations.forms.definitions import boundary
from gradcheck.derivations.forms.names import name_latex
from gradcheck.derivations.notation import ClosedForm, Layer, tensor
from gradcheck.derivations.notation.folded import folded_jacobian, folded_vjp

LOSSES = ("L", "J", "E")  # letters for the loss, the first that the layer does not use itself


@dataclass(frozen=True)
class Formulas:
    """Prints the formulas of one layer, its gradients as derivatives of the loss."""

    layer: Layer
    _closed: dict[str, tuple[ClosedForm, ClosedForm]] = field(default_factory=dict)

    @cached_property
    def loss(self) -> str:
        taken = {*self.layer.setting.indices, *self.layer.setting.sizes}
        return next(letter for letter in LOSSES if letter not in taken)

    @cached_property
    def gradients(self) -> dict[str, str]:
        """What each gradient is by. In a recursion the cotangent of the state is not all of it."""
        named = [t.name for t in self.layer.differentiable]
        named += [d.name for d in self.layer.forward if not d.recursive]
        return {f"d{name}": name for name in named}

    def latex(self, expr: Any) -> str:
        return forms.latex(expr, self.gradients, self.loss)

    def shape(self, expr: Any) -> str:
        return forms.shape_latex(tuple(free_indices(expr)))

    def definition(self, definition: Definition) -> Lines:
        """A definition, and what it is where its recursion starts or its axis ends."""
        left = self.latex(definition.lhs)
        lines = [Line(left, self.latex(definition.rhs), (), self.shape(definition.lhs))]
        for start, value in boundary(definition):
            lines.append(Line(self.latex(start), self.latex(value), text("the recursion starts")))
        if len(lines) == 1 and definition.outside is not None:
            time = definition.indices[0]
            outside = text(f"for ${time}$ outside ${index_range(time)}$")
            lines.append(Line(left, self.latex(definition.outside), outside))
        return Lines(tuple(lines))

    def lengths(self) -> Iterator[Line]:
        """The sizes that follow from others."""
        for name, length in self.layer.setting.lengths.items():
            yield Line(name_latex(name), self.latex(length))

    def chain(self, steps: list[StepCheck]) -> Lines:
        """A chain of equal expressions, as far as it was checked; or a matrix form."""
        first = steps[0]
        if first.reason == MATRIX_FORM:
            return Lines((self._matrix_form(first),))
        left, shape = self.latex(first.left), self.shape(first.left)
        case = "" if first.where is None else f"Case ${forms.where_latex(first.where)}$"
        starts = [(left, shape)] + [("", "")] * (len(steps) - 1)
        lines = [
            Line(lhs, self.latex(s.right), (s.reason,), size, s.verdict.holds, _problem(s))
            for (lhs, size), s in zip(starts, steps, strict=True)
        ]
        return Lines(tuple(lines), text(case))

    def _matrix_form(self, step: StepCheck) -> Line:
        """dW = dYᵀ X; of one slice of the gradient, if that has more than two axes."""
        derivation = self.layer.derivation_by(step.input)
        matrix = derivation.matrix
        assert matrix is not None
        fixed = derivation.sliced_by
        spanned = indices_of(derivation.wrt)[len(fixed) :]
        return Line(
            self._whole(step.input, fixed, row=matrix.shape[0] is None),
            forms.matrix_latex(matrix),
            (MATRIX_FORM,),
            forms.shape_latex(spanned),
            step.verdict.holds,
            _problem(step),
            boxed=True,
        )

    def _whole(self, name: str, fixed: tuple[Any, ...], row: bool) -> str:
        """The gradient by an input as a matrix: dW, db transposed, dx at time t, or a number."""
        gradient = tensor(f"d{name}", *self.layer.setting.indices[name])
        if not gradient.indices:
            return name_latex(gradient.name)
        left = gradient[fixed] if fixed else gradient.matrix()
        return forms.matrix_latex(left.T if row else left)

    def closed_forms(self, name: str) -> Lines:
        """Jacobian and gradient by one input, as they follow from the forward formula."""
        whole, pulled = self._folded(name)
        by_output = forms.tidy(whole.rhs, self.layer.output.indices)
        forms_of = ((whole.lhs, by_output), (pulled.lhs, forms.tidy(pulled.rhs)))
        lines = [Line(self.latex(a), self.latex(b), (), self.shape(a)) for a, b in forms_of]
        return Lines(tuple(lines))

    def named(self, name: str) -> dict[str, Lines]:
        """What the closed forms by one input are written with, by name: recursions, gradients."""
        return {
            d.name: self.definition(Definition(d.lhs, forms.tidy(d.rhs), d.outside))
            for form in self._folded(name)
            for d in form.recursions
        }

    def _folded(self, name: str) -> tuple[ClosedForm, ClosedForm]:
        if name not in self._closed:
            both = folded_jacobian(self.layer, name), folded_vjp(self.layer, name)
            self._closed[name] = both
        return self._closed[name]


def chains(steps: tuple[StepCheck, ...]) -> Iterator[tuple[str, list[StepCheck]]]:
    """The steps of each chain, with the input that it belongs to; none for a lemma."""
    for (name, _), chain in groupby(steps, key=lambda s: (s.input, s.chain)):
        yield name, list(chain)


def index_range(index: Any) -> str:
    """The values of an index: `0, \\ldots, S-1`."""
    beyond = int(index.lower) - 1
    return f"{index.lower}, \\ldots, {forms.shape_latex((index,))}" + (
        f"{beyond:+d}" if beyond else ""
    )


def _problem(step: StepCheck) -> Text:
    verdict = step.verdict
    return () if verdict.holds else prose(f"{verdict.status.value}: {verdict.reason}")
