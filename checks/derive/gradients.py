"""The gradients of formulas in all their forms, each with a verdict."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any

from gradcheck.checks.derive.result import ClaimResult, Derived, Equation, Gradient
from gradcheck.checks.layers import Layer
from gradcheck.checks.steps import MATRIX_FORM, check_steps
from gradcheck.checks.verdict import StepCheck
from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.calculus.terms import D, Definition, indices_of, name_of, spanned
from gradcheck.derivations.forms import tidy
from gradcheck.derivations.forms.numpy_code import function_code, numpy_code
from gradcheck.derivations.notation import ClosedForm, Derivation, jacobian
from gradcheck.derivations.notation import Layer as SymbolicLayer
from gradcheck.derivations.notation.matrix_form import matrix_form
from gradcheck.derivations.reading import Problem


def derived_gradients(
    problem: Problem, names: list[str], claims: tuple[ClaimResult, ...]
) -> Derived:
    """The gradients by some inputs, with the steps that lead to them."""
    layer = problem.layer
    steps = check_steps(Layer("", "", "", layer, _unwritten, _unwritten), tuple(names))
    lemmas = tuple(step for step in steps if not step.input)
    forms = _Forms(layer)
    intermediates = tuple(forms.intermediates(lemmas))
    gradients = tuple(forms.gradient(name, steps) for name in names)
    derived = {name_of(equation.left) for equation in intermediates}
    return Derived(
        problem,
        tuple(d for d in layer.adjoints if d.name not in derived),
        lemmas,
        intermediates,
        gradients,
        claims,
        forms.backward(gradients, intermediates),
    )


class _Forms:
    """Makes equations of one layer, and decides them."""

    def __init__(self, layer: SymbolicLayer) -> None:
        self.layer = layer
        self.comparer = Comparer(layer.setting)
        self.forward = {d.name for d in layer.forward}

    def intermediates(self, lemmas: tuple[StepCheck, ...]) -> Iterator[Equation]:
        """What the chains of lemmas come to, but for those about Jacobians and the forward pass."""
        for _, chain in groupby(lemmas, key=lambda step: step.chain):
            steps = [*chain]
            left = steps[0].left
            if not isinstance(left, D) and name_of(left) not in self.forward:
                yield self.equation(left, steps[-1].right)

    def gradient(self, name: str, steps: tuple[StepCheck, ...]) -> Gradient:
        derivation = self.layer.derivation_by(name)
        last = derivation.chains[-1]
        full = self.jacobian(derivation)
        verdict = self.comparer.compare(full.lhs, full.rhs)
        own = [s for s in steps if s.input == name]
        agrees = next((s.verdict for s in own if s.reason == MATRIX_FORM), None)
        result = self.bare(last.lhs, last.result)
        return Gradient(
            input=name,
            shape=spanned(indices_of(derivation.wrt)),
            steps=tuple(s for s in own if s.reason != MATRIX_FORM),
            jacobian=Equation(full.lhs, full.rhs, verdict),
            result=replace(result, matrix=derivation.matrix, agrees=agrees),
        )

    def jacobian(self, derivation: Derivation) -> ClosedForm:
        """The Jacobian as the derivation has it, or else what follows from the formulas."""
        lhs = D(self.layer.output.lhs, derivation.wrt)
        for chain in derivation.chains:
            if chain.lhs == lhs and chain.where is None:
                return ClosedForm(lhs, chain.result)
        found = self.layer.automatic.jacobian(derivation.input)
        if found is not None:
            return ClosedForm(lhs, found)
        full = jacobian(self.layer, derivation.input)
        return ClosedForm(full.lhs, tidy(full.rhs, self.layer.output.indices))

    def equation(self, left: Any, right: Any) -> Equation:
        """A gradient as it was derived, in matrix notation, and as NumPy code."""
        found = self.bare(left, right)
        matrix = matrix_form(left, right, self.layer.setting, slices=True)
        if matrix is None:
            return found
        found = replace(found, matrix=matrix)
        entry = matrix.entry(*indices_of(left)[len(found.sliced_by) :]).expr
        return replace(found, agrees=self.comparer.compare(right, entry))

    def bare(self, left: Any, right: Any) -> Equation:
        """An equation without its matrix form."""
        verdict = self.comparer.compare(left, right)
        return Equation(left, right, verdict, code=self.code(left, right))

    def code(self, left: Any, right: Any) -> str:
        """NumPy statements; empty where the expression has none."""
        try:
            return numpy_code(left, right, self.layer.setting)
        except NotImplementedError:
            return ""

    def backward(self, gradients: tuple[Gradient, ...], intermediates: tuple[Equation, ...]) -> str:
        """The backward pass as a function; empty where some gradient has no code."""
        outside = {d.name: d.outside for d in self.layer.adjoints}
        known = tuple(
            Definition(e.left, e.right, outside.get(name_of(e.left))) for e in intermediates
        )
        forms = {
            gradient.input: ClosedForm(gradient.result.left, gradient.result.right, known)
            for gradient in gradients
        }
        try:
            return function_code(self.layer, forms)
        except NotImplementedError:
            return ""


def _unwritten(*_: object) -> None:
    """Stands for the NumPy side, which a formula does not have."""
    raise NotImplementedError
