"""What a left side of a claim is equal to, as a derivation that nobody wrote has it."""

from typing import Any

from sympy import Idx

from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.calculus.terms import (
    D,
    free_indices,
    indices_of,
    name_of,
    size_of,
    tensors_in,
)
from gradcheck.derivations.calculus.written import renamed
from gradcheck.derivations.notation.automatic.derive import Automatic
from gradcheck.derivations.reading import Problem


def truth(problem: Problem, comparer: Comparer, left: Any) -> Any:
    """An expression for a gradient or an entry of the Jacobian, shorter than by the rules alone.

    None if there is none that can be said in the names of the formulas.
    """
    found = _derived(problem.layer.automatic, left, problem.output.lhs)
    if found is None:
        return None
    lhs, rhs = found
    letters = dict(zip(_letters(lhs), _letters(left), strict=True))
    if any(size_of(a) != size_of(b) for a, b in letters.items() if isinstance(b, Idx)):
        return None
    setting = problem.setting
    if not tensors_in(rhs) <= {*setting.indices, *setting.sizes}:
        return None
    rhs = renamed(rhs, letters)
    return (
        rhs
        if {*free_indices(rhs)} <= {*letters.values()} and comparer.compare(left, rhs).holds
        else None
    )


def _derived(automatic: Automatic, left: Any, output: Any) -> tuple[Any, Any] | None:
    """A result with a left side like this one, in letters of its own."""
    chains = [*automatic.lemmas, *(c for d in automatic.derivations for c in d.chains)]
    if isinstance(left, D):
        entries = {d.input: d.wrt for d in automatic.derivations}
        by = name_of(left.by)
        if by not in entries or name_of(left.of) != name_of(output):
            return None
        jacobian = automatic.jacobian(by)
        return None if jacobian is None else (D(output, entries[by]), jacobian)
    for chain in chains:
        if not isinstance(chain.lhs, D) and name_of(chain.lhs) == name_of(left):
            return chain.lhs, chain.result
    return None


def _letters(left: Any) -> tuple[Any, ...]:
    parts = (left.of, left.by) if isinstance(left, D) else (left,)
    return tuple(i for part in parts for i in indices_of(part))
