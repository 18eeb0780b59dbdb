"""A claim of a hand-written note: what it says, whether it is true, and equations that show it.

An equation is `(left, right)` or `(left, right, case)`. A side is a formula, a matrix expression,
a shape as text, or a function of no arguments for what cannot even be written down (a product of
matrices that do not fit). An equation that fails says by its third part how: VALUE, SHAPE ...
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.terms import Definition, Setting
from gradcheck.derivations.notation import (
    D,
    Matrix,
    NotationError,
    Sum,
    define,
    function,
    grad,
    tensor,
)
from gradcheck.derivations.notation.formula import unwrap
from gradcheck.derivations.notation.matrix import Operators

# How an equation fails: what the refutation says, as a pattern.
VALUE = "the left side is|is outside"  # the two sides differ, or an entry beyond the axis is read
SHAPE = "shape|axes"
DANGLING = "free on the right side only"
UNDEFINED = "has no value and no definition"


@dataclass(frozen=True)
class Claim:
    """One statement of a note.

    verdict  "true", "convention" (true in one reading), "false", "definition", or "missing" (the
             layer needs it and the note does not say it)
    where    its place in the note
    written  the formula of the note, in LaTeX; a sentence is given as the formula that it means
    holds    equations that are true: the claim, or what is right instead
    fails    equations that are wrong: the claim if it is false, or another reading of it
    reading  under which convention it is true
    why      what is wrong, or what to mind
    correct  the right formula, in LaTeX
    kind     the kind of error
    prose    whether there is nothing to calculate
    """

    verdict: str
    id: str
    where: str
    written: str
    holds: Sequence[tuple[Any, ...]] = ()
    fails: Sequence[tuple[Any, ...]] = ()
    reading: str = ""
    why: str = ""
    correct: str = ""
    kind: str = ""
    prose: bool = False


VERDICTS = ("true", "convention", "false", "definition", "missing")
true, convention, false, definition, missing = (partial(Claim, verdict) for verdict in VERDICTS)


@dataclass(frozen=True)
class Section:
    """Claims about one layer, whose formulas mean what the setting says."""

    title: str
    setting: Setting
    claims: tuple[Claim, ...]

    @cached_property
    def comparer(self) -> Comparer:
        return Comparer(self.setting)


@dataclass(frozen=True)
class Note:
    """A note; the ids of its claims begin with `prefix`, `layout` says what they speak of."""

    prefix: str
    topic: str
    layout: str
    sections: tuple[Section, ...]

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(claim for section in self.sections for claim in section.claims)


L = tensor("L")  # the loss


def setting(given: Sequence[Any], *forward: Definition, loss: Definition | None = None) -> Setting:
    """Inputs, definitions, a loss L of the last of them, and dX = ∂L/∂X for every tensor X.

    Unless a loss is given, it is Σ C ℓ(output), with arbitrary numbers C and any function ℓ.
    """
    if loss is None:
        output = tensor(forward[-1].name, *forward[-1].indices)
        weights = tensor("C", *output.indices)
        loss = define(L, Sum(_entry(weights) * function("ℓ")(_entry(output)), *output.indices))
        given = [*given, weights]
    known = [t for t in given if t.integer is None] + [tensor(d.name, *d.indices) for d in forward]
    gradients = [define(_entry(grad(t)), D(L, _entry(t))) for t in known]
    definitions = {d.name: d for d in (*forward, loss, *gradients)}
    return Setting(
        indices={t.name: t.indices for t in given} | {n: d.indices for n, d in definitions.items()},
        definitions=definitions,
        positive=frozenset(t.name for t in given if getattr(t, "positive", False)),
        integer={t.name: t.integer for t in given if t.integer is not None},
    )


def numerator(of: Any, by: Any) -> Matrix:
    """The Jacobian of one vector by another, ∂of_i/∂by_j in row i and column j."""
    shape = (of.indices[0], by.indices[0])
    return Matrix("tensor", (of, by), shape, lambda i, j: D(of[i], by[j]))


def denominator(of: Any, by: Any) -> Matrix:
    """The transpose of the numerator layout: ∂of_i/∂by_j in row j and column i."""
    return numerator(of, by).T


def shape(of: Any) -> str:
    """`N×M`: of a matrix its rows and columns, of a formula the axes of its free indices."""
    if isinstance(of, Matrix):
        return terms.spanned(of.shape)
    return terms.spanned(getattr(of, "indices", None) or tuple(terms.free_indices(unwrap(of))))


def refutation(comparer: Comparer, left: Any, right: Any, case: Any = None) -> str:
    """Why left = right is wrong, or not decided; empty if it is proved."""
    try:
        left, right = (side() if callable(side) else side for side in (left, right))
        if isinstance(left, Operators) or isinstance(right, Operators):
            left, right = _entries(left, right)
    except NotationError as error:
        return str(error)
    if isinstance(left, str):
        return "" if left == right else f"the shape is {left}, not {right}"
    verdict = comparer.compare(unwrap(left), unwrap(right), where=case)
    return "" if verdict.status is Status.PROVED else verdict.reason


def _entries(left: Any, right: Any) -> tuple[Any, Any]:
    """One entry of each of two matrices, in the same letters: x′, which no table uses in a sum."""
    left, right = (side.matrix() if isinstance(side, Operators) else side for side in (left, right))
    if shape(left) != shape(right):
        raise NotationError(f"the shape is {shape(left)}, not {shape(right)}")
    letters: list[Any] = []
    for axis in left.shape:
        letters += [] if axis is None else [terms.fresh(axis, [axis, *letters])]
    return left.entry(*letters), right.entry(*letters)


def _entry(of: Any) -> Any:
    return of[of.indices] if of.indices else of
