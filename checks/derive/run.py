"""Deriving the gradients of formulas, and deciding claims about them."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from gradcheck.checks.derive.result import ClaimResult, Derived, Equation, Gradient, Link
from gradcheck.checks.layers import Layer, UsageError
from gradcheck.checks.steps import check_steps
from gradcheck.checks.verdict import StepCheck
from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.repair import expected, repairs
from gradcheck.derivations.calculus.terms import D, name_of, spanned
from gradcheck.derivations.forms import tidy
from gradcheck.derivations.notation import ClosedForm, Derivation, jacobian
from gradcheck.derivations.notation import Layer as SymbolicLayer
from gradcheck.derivations.reading import Claim, Problem, read


def derive(
    *formulas: str,
    wrt: Iterable[str] | None = None,
    claims: Iterable[str] = (),
    facts: Iterable[str] = (),
) -> Derived:
    """The gradients of a formula in the mini-notation, and verdicts on claims.

    formulas  `Y[s,n] = sum(X[s,m]*W[n,m], m) + b[n]`; several define intermediates
    wrt       only the gradients by these inputs; all if it is None
    claims    `dW[i,j] = sum(dY[s,i]*X[s,j], s)`, also chains and entries of Jacobians
    facts     what is known of inputs: `sum(T[s,k], k) = 1`, `eps > 0`, `padded(X)`

    Raises ReadingError for text that has no meaning, UsageError for an input that is not there.
    docs/derive.md is the reference of the notation.
    """
    problem = read(formulas, _texts(facts), _texts(claims))
    names = _inputs(problem, wrt)
    comparer = Comparer(problem.setting)
    decided = tuple(_decided(comparer, claim) for claim in problem.claims)
    if not names:
        return Derived(problem, (), (), (), decided)
    layer = problem.layer
    steps = check_steps(Layer("", "", "", layer, _unwritten, _unwritten), tuple(names))
    prover = Comparer(layer.setting)
    gradients = tuple(_gradient(layer, prover, name, steps) for name in names)
    lemmas = tuple(step for step in steps if not step.input)
    derived = {name_of(step.left) for step in lemmas if not isinstance(step.left, D)}
    named = tuple(d for d in layer.adjoints if d.name not in derived)
    return Derived(problem, named, lemmas, gradients, decided)


def _texts(given: Iterable[str]) -> list[str]:
    """Some texts; one text alone is one."""
    return [given] if isinstance(given, str) else [*given]


def _inputs(problem: Problem, wrt: Iterable[str] | None) -> list[str]:
    there = [t.name for t in problem.layer.differentiable]
    if wrt is None:
        return there
    asked = _texts(wrt)
    for name in asked:
        if name not in there:
            raise UsageError(f"wrt {name}: no such input; there are {', '.join(there)}")
    return [name for name in there if name in asked]


def _gradient(
    layer: SymbolicLayer, comparer: Comparer, name: str, steps: tuple[StepCheck, ...]
) -> Gradient:
    derivation = layer.derivation_by(name)
    last = derivation.chains[-1]
    full = _jacobian(layer, derivation)
    return Gradient(
        input=name,
        shape=spanned({t.name: t for t in layer.inputs}[name].indices),
        steps=tuple(step for step in steps if step.input == name),
        jacobian=Equation(full.lhs, full.rhs, comparer.compare(full.lhs, full.rhs)),
        result=Equation(last.lhs, last.result, comparer.compare(last.lhs, last.result)),
    )


def _jacobian(layer: SymbolicLayer, derivation: Derivation) -> ClosedForm:
    """The Jacobian as the derivation has it, or else what follows from the formulas."""
    lhs = D(layer.output.lhs, derivation.wrt)
    for chain in derivation.chains:
        if chain.lhs == lhs and chain.where is None:
            return ClosedForm(lhs, chain.result)
    full = jacobian(layer, derivation.input)
    return ClosedForm(full.lhs, tidy(full.rhs, layer.output.indices))


def _unwritten(*_: object) -> None:
    """Stands for the NumPy side, which a formula does not have."""
    raise NotImplementedError


def _decided(comparer: Comparer, claim: Claim) -> ClaimResult:
    links = [
        Link(left, right, comparer.compare(left, right)) for left, right in pairwise(claim.sides)
    ]
    for place, link in enumerate(links):
        if link.verdict.status is Status.REFUTED:
            links[place] = _explained(comparer, link)
            break  # what follows a wrong step has been written to agree with it
    return ClaimResult(claim, tuple(links))


def _explained(comparer: Comparer, link: Link) -> Link:
    """A link with what would mend it, or else what should stand on its right."""
    found = repairs(comparer, link.left, link.right)
    if found:
        return replace(link, repairs=found)
    right = expected(comparer.setting, link.left)
    return replace(link, expected=None if right == link.left else right)
