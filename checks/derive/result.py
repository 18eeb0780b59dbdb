"""What a derivation from formulas comes to. Renderers take these records and compute nothing."""

from dataclasses import dataclass
from typing import Any

from gradcheck.checks.verdict import StepCheck
from gradcheck.derivations.calculus.compare import Status, Verdict
from gradcheck.derivations.calculus.repair import Repair
from gradcheck.derivations.calculus.terms import Definition
from gradcheck.derivations.reading import Claim, Problem


@dataclass(frozen=True)
class Equation:
    """left = right, and the verdict on that; also as NumPy statements, where that was asked."""

    left: Any
    right: Any
    verdict: Verdict
    code: str = ""


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

    repairs   single edits that mend it if it does not hold, the likeliest first
    expected  what the left side is equal to, if no single edit mends the right one; else None
    """

    left: Any
    right: Any
    verdict: Verdict
    repairs: tuple[Repair, ...] = ()
    expected: Any = None


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
        verdicts = [step.verdict for step in steps]
        verdicts += [e.verdict for each in self.gradients for e in (each.jacobian, each.result)]
        return all([each.holds for each in verdicts] + [claim.holds for claim in self.claims])

    def gradient(self, name: str) -> Gradient:
        """The gradient by the input of this name. Raises KeyError if there is none."""
        return {gradient.input: gradient for gradient in self.gradients}[name]

    def __str__(self) -> str:
        from gradcheck.checks.derive.text import as_text

        return as_text(self)
