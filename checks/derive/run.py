"""Deriving the gradients of formulas, and deciding claims about them."""

from collections.abc import Iterable

from gradcheck.checks.derive.claims import decided_claims
from gradcheck.checks.derive.gradients import derived_gradients
from gradcheck.checks.derive.result import Derived
from gradcheck.checks.layers import UsageError
from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.reading import Problem, read


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
    decided = decided_claims(problem, Comparer(problem.setting))
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
