"""The derivation of a gradient, as data.

A derivation belongs to one input and is made of chains: a left side, and steps that each give an
equal expression and the reason why it is equal.
"""

import difflib
from dataclasses import dataclass
from typing import Any

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.notation.formula import NotationError, unwrap
from gradcheck.derivations.notation.matrix import Matrix

REASONS = {
    "definition": "insert the forward formula",
    "linearity": "a sum is differentiated term by term; what does not depend on it drops out",
    "product rule": "(a b)′ = a′ b + a b′",
    "quotient rule": "(a / b)′ = (a′ b − a b′) / b²",
    "chain rule": "sum over everything that lies in between",
    "function derivative": "the derivative of the elementwise function times that of its argument",
    "independent entries": "∂W_nm/∂W_ij = δ_ni δ_mj: an entry depends on itself alone",
    "delta contraction": "a sum with δ_ij keeps the one term in which i = j",
    "substitution": "insert a result derived before",
    "named intermediate": "write a recurring expression by its name",
    "algebra": "multiply out, cancel or collect terms",
    "case": "δ is 1 or 0 in this case",
    "recursion": "a state reaches the loss directly and through the next state alone",
}


@dataclass(frozen=True)
class Step:
    """An expression equal to the one before it, and why."""

    expr: Any
    reason: str


@dataclass(frozen=True)
class Chain:
    """lhs = step = step = ...; `where` restricts it to a case such as i = j."""

    lhs: Any
    steps: tuple[Step, ...]
    where: Any = None

    @property
    def indices(self) -> tuple[Any, ...]:
        """The free indices of the left side: every side of the chain has one value for each."""
        return tuple(terms.free_indices(self.lhs))

    @property
    def result(self) -> Any:
        """The last expression."""
        return self.steps[-1].expr


@dataclass(frozen=True)
class Derivation:
    """The derivation of the gradient by one input, `wrt` being the entry differentiated by."""

    wrt: Any
    chains: tuple[Chain, ...]
    matrix: Matrix | None = None

    @property
    def input(self) -> str:
        return terms.name_of(self.wrt)

    @property
    def sliced_by(self) -> tuple[Any, ...]:
        """The leading indices that the matrix form holds fixed: t, where it gives dx[t]."""
        if self.matrix is None:
            return ()
        axes = sum(own is not None for own in self.matrix.shape)
        indices = terms.indices_of(self.wrt)
        return indices[: len(indices) - axes]

    @property
    def matrix_entry(self) -> Any:
        """One entry of the matrix form, with the letters of `wrt`; None if there is no form."""
        if self.matrix is None:
            return None
        return self.matrix.entry(*terms.indices_of(self.wrt)[len(self.sliced_by) :]).expr


def chain(lhs: Any, *steps: tuple[Any, str], where: Any = None) -> Chain:
    """`chain(D(Y[s, n], W[i, j]), (expression, "reason"), (expression, "reason"), ...)`.

    Raises NotationError for a reason that is not one of REASONS, or a chain without steps.
    """
    if not steps:
        raise NotationError(f"the chain of {unwrap(lhs)} has no steps")
    for _, reason in steps:
        if reason not in REASONS:
            near = difflib.get_close_matches(reason, REASONS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(REASONS)}"
            raise NotationError(f"no reason {reason!r}; {hint}")
    return Chain(unwrap(lhs), tuple(Step(unwrap(e), reason) for e, reason in steps), where)


def derivation(wrt: Any, *chains: Chain, matrix: Matrix | None = None) -> Derivation:
    """The derivation by the entry `wrt`; its last chain must end in the gradient."""
    return Derivation(unwrap(wrt), chains, matrix)
