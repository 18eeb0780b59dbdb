"""Naming the mistake in a wrong step: which single edit of the right side makes it right.

Edits are tried from the likeliest to the most far-fetched. Each is evaluated at two small
random points, first at an entry where the step is wrong, and dropped at the first entry that
differs; only what survives there is compared in earnest, so that no repair is offered on numbers
alone.
"""

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sympy import Add, Indexed, KroneckerDelta, Symbol

from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.calculus.contract import collect, contract
from gradcheck.derivations.calculus.derivative import differentiator
from gradcheck.derivations.calculus.mistakes.borrowed import borrowed_edits
from gradcheck.derivations.calculus.mistakes.edits import (
    Edit,
    Problem,
    letters_of,
    places,
    put,
    relettered,
)
from gradcheck.derivations.calculus.mistakes.layout import exchanged, layout_names
from gradcheck.derivations.calculus.mistakes.letters import letter_edits
from gradcheck.derivations.calculus.mistakes.products import product_edits
from gradcheck.derivations.calculus.mistakes.sums import sum_edits
from gradcheck.derivations.calculus.mistakes.values import Target, samples
from gradcheck.derivations.calculus.terms import (
    D,
    Setting,
    indices_of,
    name_of,
    plain,
)

BUDGET = 1500  # edits that are tried at most
CERTAIN = 1.6  # after a repair of at most this cost, nothing is borrowed from elsewhere
FAR_FETCHED = 0.8  # a repair that costs so much more than the first is not offered
LEFT_SIDE = 2.0  # how much less likely it is that the left side is the wrong one
LAYOUT = 0.9


@dataclass(frozen=True)
class Repair:
    """One edit that mends a wrong step.

    cost     how far-fetched it is, from 1: repairs come with the likeliest first
    code     the kind of mistake, a stable name
    was      the part that is wrong; None if something is missing
    becomes  what it should be; None if it should not be there
    mended   the whole expression after the edit; of the left side, if that is what is wrong
    wrong    the whole expression before the edit
    path     where in it the edit was made, as positions of arguments from the root
    """

    cost: float
    code: str
    was: Any
    becomes: Any
    mended: Any
    wrong: Any
    path: tuple[int, ...] = ()


def repairs(
    comparer: Comparer,
    left: Any,
    wrong: Any,
    where: Any = None,
    limit: int = 3,
    budget: int = BUDGET,
    truth: Any = None,
) -> tuple[Repair, ...]:
    """Single edits after which `left = wrong` holds, the likeliest first, at most `limit`.

    `where` is the case of the step, as for `compare`; `budget` is how many edits are tried;
    `truth` is what the left side is equal to, if a better expression is known than `expected`.
    Empty if no single edit mends it: `expected` then says what would be right.
    """
    setting = comparer.setting
    truth = expected(setting, left) if truth is None else truth
    problem = Problem(setting, left, wrong, _unfolded(setting, left), truth)
    search = _Search(comparer, problem, where, limit, budget)
    search.layout()
    if problem.truth != 0:  # many an edit makes 0 of anything, and says nothing by it
        search.right_side(_ranked(letter_edits, sum_edits, product_edits, problem=problem))
        if not search.certain:
            search.right_side(_ranked(borrowed_edits, problem=problem))
    if not search.certain:
        search.left_side()
    likely = sorted(search.found, key=lambda r: r.cost - _likeness(problem, r))
    return tuple(r for r in likely[:limit] if r.cost <= likely[0].cost + FAR_FETCHED)


def expected(setting: Setting, left: Any) -> Any:
    """What a left side is equal to: its derivatives taken, its deltas contracted.

    The left side itself where its derivative has no rule.
    """
    differentiate = differentiator(setting)
    try:
        avoid = letters_of(left.by) if isinstance(left, D) else ()
        taken = differentiate.take(_unfolded(setting, left))
        return collect(contract(plain(taken), avoid))
    except (NotImplementedError, KeyError):
        return left


class _Search:
    """The repairs found so far, and what has been tried."""

    def __init__(
        self, comparer: Comparer, problem: Problem, where: Any, limit: int, budget: int
    ) -> None:
        self.found: list[Repair] = []
        self._comparer, self._problem, self._where = comparer, problem, where
        self._limit, self._budget = limit, budget
        self._tried: set[Any] = {problem.wrong}
        named = isinstance(problem.left, (D, Indexed))  # Y = Y would mend everything
        self._said: set[Any] = {plain(problem.left)} if named else set()
        self._samples = samples(comparer.setting)

    @property
    def certain(self) -> bool:
        return len(self.found) >= self._limit or any(r.cost <= CERTAIN for r in self.found)

    def layout(self) -> None:
        """The axes of the left side exchanged."""
        left, wrong = self._problem.left, self._problem.wrong
        other = exchanged(self._comparer.setting, left)
        if other is not None and self._holds(other, wrong):
            wanted, got = layout_names(left)
            self.found.append(Repair(LAYOUT, "layout", got, wanted, other, left))

    def right_side(self, edits: list[Edit]) -> None:
        problem = self._problem
        targets = self._targets(problem.left, problem.wrong, problem.letters)
        for edit in islice(edits, self._budget):
            if len(self.found) >= self._limit:
                return
            self._budget -= 1
            mended = self._new(problem.wrong, edit)
            if mended is None or not all(t.matches(mended) for t in targets):
                continue
            if self._holds(problem.left, mended):
                self._add(edit, mended, problem.wrong, edit.code, edit.cost)

    def left_side(self) -> None:
        """The right side is right, but of another entry or of another derivative."""
        problem = self._problem
        left, wrong = problem.left, problem.wrong
        if not isinstance(left, (D, Indexed)):
            return
        turned = replace(problem, left=wrong, wrong=left)
        targets = self._targets(wrong, left, problem.letters)
        for edit in _ranked(letter_edits, problem=turned):
            if len(self.found) >= self._limit:
                return
            other = self._new(left, edit)
            if other is None or letters_of(other) != letters_of(left):
                continue
            if all(t.matches(other) for t in targets) and self._holds(other, wrong):
                self._add(edit, other, left, "left-side", edit.cost + LEFT_SIDE)

    def _targets(self, right: Any, wrong: Any, letters: tuple[Any, ...]) -> list[Target]:
        return [Target(s, right, wrong, self._where, letters) for s in self._samples]

    def _new(self, tree: Any, edit: Edit) -> Any:
        """The edited tree, if no other edit gave the same."""
        try:
            edited = put(tree, edit.path, edit.new)
        except (TypeError, ValueError, AttributeError):  # SymPy refuses to build it
            return None
        if edited in self._tried:
            return None
        self._tried.add(edited)
        return edited

    def _holds(self, left: Any, right: Any) -> bool:
        return self._comparer.compare(left, right, self._where).holds

    def _add(self, edit: Edit, mended: Any, wrong: Any, code: str, cost: float) -> None:
        simplified = plain(mended)
        if simplified not in self._said:
            self._said.add(simplified)
            self.found.append(Repair(cost, code, edit.was, edit.becomes, mended, wrong, edit.path))


def _ranked(*families: Any, problem: Problem) -> list[Edit]:
    """The edits of some families by cost; among equals, in the order of the formula."""
    return sorted((e for family in families for e in family(problem)), key=lambda e: e.cost)


def _unfolded(setting: Setting, left: Any) -> Any:
    """A named tensor by its definition: dW[i,j] is Σ dY[s,n] ∂Y[s,n]/∂W[i,j]."""
    name = name_of(left) if isinstance(left, (Indexed, Symbol)) else ""
    definition = setting.definitions.get(name)
    if definition is None or len(definition.indices) != len(indices_of(left)):
        return left
    return relettered(definition.rhs, dict(zip(definition.indices, indices_of(left), strict=True)))


def _likeness(problem: Problem, repair: Repair) -> float:
    """How much of a mended side stands in the left side or in its derivative too, below 1/3.

    Of `P[n,c] (δ_ck − P[n,c])` either P may be the wrong one; what is true says which.
    """
    own = {part for tree in problem.sources for part in _parts(tree)}
    parts = _parts(repair.mended)
    return sum(p in own for p in parts) / (3 * len(parts) + 1)


def _parts(expr: Any) -> list[Any]:
    """The entries and deltas in an expression, and their products."""
    nodes = [p.node for p in places(expr)]
    return [plain(n) for n in nodes if isinstance(n, (Indexed, KroneckerDelta, Add))]
