"""Deriving the gradients of formulas, and deciding claims about them."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from gradcheck.checks.derive.gradients import derived_gradients
from gradcheck.checks.derive.result import ClaimResult, Derived, Link
from gradcheck.checks.layers import UsageError
from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.repair import expected, repairs
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
        return Derived(problem, (), (), (), (), decided)
    return derived_gradients(problem, names, decided)


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
