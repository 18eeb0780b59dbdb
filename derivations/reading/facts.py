"""Facts about inputs: `sum(T[s,k], k) = 1`, `onehot(T[s,k], k)`, `A[i,j] = A[j,i]`, `X[i] > 0`."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from gradcheck.derivations.calculus.terms import Fact
from gradcheck.derivations.reading import tree
from gradcheck.derivations.reading.errors import ReadingError, Span
from gradcheck.derivations.reading.parse import expression
from gradcheck.derivations.reading.scan import Statement, statements

CALLS = ("onehot", "padded", "positive", "symmetric")
KNOWN = "known are sum(T[s,k], k) = 1, onehot(T[s,k], k), A[i,j] = A[j,i], X[i] > 0 and padded(X)"


@dataclass(frozen=True)
class Stated:
    """What a fact says; kind "positive" or "padded" beside those of `Fact`.

    letters  how many indices the tensor was written with; None if it was written without any
    """

    fact: Fact
    at: Span
    letters: int | None


def read_facts(texts: Iterable[str]) -> list[Stated]:
    """The facts of some texts. Raises ReadingError for one of an unknown kind."""
    return [_read(statement) for text in texts for statement in statements(text)]


def _read(statement: Statement) -> Stated:
    sides = [expression(side, CALLS) for side in statement.sides]
    match sides:
        case [tree.Call(function="padded" | "positive" as kind, arguments=(of,))]:
            return _stated(kind, of, (), statement)
        case [tree.Call(function="symmetric", arguments=(of,))]:
            return _stated("symmetric", of, (0, 1), statement)
        case [tree.Call(function="onehot", arguments=(tree.Entry() as of, tree.Name(name=k)))]:
            return _stated("one-hot", of, (_axis(of, k, statement),), statement)
        case [tree.Condition(sign=">", left=of, right=tree.Number(value=Fraction(numerator=0)))]:
            return _stated("positive", of, (), statement)
        case [tree.Condition(sign="<", left=tree.Number(value=Fraction(numerator=0)), right=of)]:
            return _stated("positive", of, (), statement)
        case [
            tree.Total(body=tree.Entry() as of, ranges=(tree.Range(low=None, letter=k),)),
            tree.Number(value=Fraction(numerator=1, denominator=1)),
        ]:
            return _stated("sums to one", of, (_axis(of, k, statement),), statement)
        case [tree.Entry() as left, tree.Entry() as right] if left.name == right.name:
            return _stated("symmetric", left, _exchanged(left, right, statement), statement)
    raise ReadingError("this is no fact that is known", KNOWN, statement.span)


def _stated(kind: str, of: tree.Node, axes: tuple[int, ...], statement: Statement) -> Stated:
    if not isinstance(of, (tree.Entry, tree.Name)):
        raise ReadingError("a fact is about the entries of one tensor", KNOWN, of.at)
    letters = len(of.subscripts) if isinstance(of, tree.Entry) else None
    return Stated(Fact(kind, of.name, axes, str(statement)), of.at, letters)


def _axis(of: tree.Entry, letter: str, statement: Statement) -> int:
    """The place of a letter in an entry."""
    names = [each.name if isinstance(each, tree.Name) else "" for each in of.subscripts]
    if names.count(letter) != 1:
        raise ReadingError(f"{letter} is no index of {of.at}", KNOWN, statement.span)
    return names.index(letter)


def _exchanged(left: tree.Entry, right: tree.Entry, statement: Statement) -> tuple[int, ...]:
    """The two places in which the letters of two entries are exchanged."""
    a, b = (
        [each.name if isinstance(each, tree.Name) else "" for each in entry.subscripts]
        for entry in (left, right)
    )
    places = tuple(k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y)
    swapped = len(a) == len(b) and len(places) == 2 and "" not in a
    if not swapped or (a[places[0]], a[places[1]]) != (b[places[1]], b[places[0]]):
        raise ReadingError(
            "the sides differ by more than two exchanged indices", KNOWN, statement.span
        )
    return places


def require_known(stated: Iterable[Stated], ranks: dict[str, int], defined: set[str]) -> None:
    """Raises ReadingError for a fact about a tensor that is not there or that is computed."""
    for each in stated:
        name, wanted = each.fact.tensor, each.letters
        if name not in ranks:
            near = difflib.get_close_matches(name, ranks, n=1, cutoff=0.5)
            advice = f"did you mean {near[0]}?" if near else f"known are {', '.join(ranks)}"
            raise ReadingError(f"there is no {name}", advice, each.at)
        if name in defined:
            raise ReadingError(
                f"{name} is computed by a formula", "state facts about inputs only", each.at
            )
        if each.fact.kind == "symmetric" and wanted is None and ranks[name] != 2:
            raise ReadingError(
                f"{name} has no two axes to exchange", "write it as A[i,j,k] = A[j,i,k]", each.at
            )
        if wanted is not None and wanted != ranks[name]:
            raise ReadingError(
                f"{name} has {ranks[name]} axes, {wanted} indices given",
                "give one index for each axis",
                each.at,
            )
