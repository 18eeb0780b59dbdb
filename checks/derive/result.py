"""What a derivation from formulas comes to. Renderers take these records and compute nothing."""

from dataclasses import dataclass
from typing import Any

from gradcheck.checks.verdict import Mistake, StepCheck
from gradcheck.derivations.calculus.compare import Status, Verdict
from gradcheck.derivations.calculus.mistakes.remarks import Remark
from gradcheck.derivations.calculus.terms import Definition, indices_of
from gradcheck.derivations.notation import Matrix
from gradcheck.derivations.reading import Claim, Problem


@dataclass(frozen=True)
class Equation:
    """left = right, and the verdict on that.

    matrix  the same in matrix notation, if there is such a form; of the slice at the leading
            indices of the left side, if that has more than two
    agrees  whether the entries of the matrix form are the right side
    code    NumPy statements; empty if there are none
    """

    left: Any
    right: Any
    verdict: Verdict
    matrix: Matrix | None = None
    agrees: Verdict | None = None
    code: str = ""

    @property
    def holds(self) -> bool:
        return self.verdict.holds and (self.agrees is None or self.agrees.holds)

    @property
    def sliced_by(self) -> tuple[Any, ...]:
        """The leading indices that the matrix form holds fixed: t, where it gives dx[t]."""
        if self.matrix is None:
            return ()
        indices = indices_of(self.left)
        return indices[: len(indices) - sum(own is not None for own in self.matrix.shape)]


@dataclass(frozen=True)
class Gradient:
    """The gradient by one input.

    steps     the derivation, with a verdict on every step
    jacobian  the derivative of one output entry by one input entry, and whether it is that
    result    the gradient in index notation, and whether it is Σ cotangent · Jacobian
    """

    input: str
    shape: str
    steps: tuple[StepCheck, ...]
    jacobian: Equation
    result: Equation


@dataclass(frozen=True)
class Link:
    """One equal sign of a claim.

    mistake  what is wrong with it, for the first of a claim that is refuted
    remarks  what is suspicious about the way it is written, whether it holds or not
    """

    left: Any
    right: Any
    verdict: Verdict
    mistake: Mistake | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class ClaimResult:
    """A claim and the verdicts on its equal signs, none if an index in it belongs to nothing."""

    claim: Claim
    links: tuple[Link, ...]

    @property
    def status(self) -> Status:
        """That of the worst of its links."""
        if self.claim.mistake is not None:
            return Status.REFUTED
        found = {link.verdict.status for link in self.links}
        order = (Status.REFUTED, Status.UNREADABLE, Status.TESTED, Status.PROVED)
        return next(status for status in order if status in found)

    @property
    def holds(self) -> bool:
        return self.status in (Status.PROVED, Status.TESTED)

    @property
    def wrong(self) -> Link | None:
        """The first link that does not hold."""
        return next((link for link in self.links if not link.verdict.holds), None)


@dataclass(frozen=True)
class Derived:
    """Gradients of formulas, and what became of the claims about them. Its `str` is the report.

    named   what the derivations gave a name to, such as a denominator
    lemmas  steps that several of the gradients use, such as those to an intermediate's gradient
    intermediates  what these come to: gradients by intermediates, and recursions
    backward       the backward pass as a Python function; empty if it cannot be written
    """

    problem: Problem
    named: tuple[Definition, ...]
    lemmas: tuple[StepCheck, ...]
    intermediates: tuple[Equation, ...]
    gradients: tuple[Gradient, ...]
    claims: tuple[ClaimResult, ...]
    backward: str = ""

    @property
    def ok(self) -> bool:
        """Whether all claims hold, and all steps of the derivations."""
        steps = [*self.lemmas, *(step for each in self.gradients for step in each.steps)]
        equations = [e for each in self.gradients for e in (each.jacobian, each.result)]
        equations += self.intermediates
        found = [step.verdict.holds for step in steps] + [each.holds for each in equations]
        return all(found + [claim.holds for claim in self.claims])

    def gradient(self, name: str) -> Gradient:
        """The gradient by the input of this name. Raises KeyError if there is none."""
        return {gradient.input: gradient for gradient in self.gradients}[name]

    def __str__(self) -> str:
        from gradcheck.checks.derive.text import as_text

        return as_text(self)
