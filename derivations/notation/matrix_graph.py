"""A product under sums as a graph: letters are its points, matrices join them in pairs.

Matrices between the same two letters are multiplied entry by entry. A summed letter between two
matrices is a matrix product; a column at it is put on a diagonal; at an end of the graph it is
summed with a column of ones. What remains joins the rows to the columns of the result.
"""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from gradcheck.derivations.notation.matrix import Matrix, diag, ones

Labels = tuple[Any, ...]  # the letter of the rows and that of the columns; None where there is one
Delta = tuple[Any, Any]


class NoMatrixForm(Exception):
    """An expression has no matrix notation; the message says which part of it."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """A matrix whose rows and columns have letters; a column has one, a number none."""

    matrix: Matrix
    labels: Labels

    @property
    def letters(self) -> Labels:
        return tuple(i for i in self.labels if i is not None)


def multiplied(
    matrices: Sequence[Labelled], deltas: Sequence[Delta], summed: Sequence[Any], wanted: Labels
) -> Labelled | None:
    """The product of some factors, summed over letters that occur in them; None if that is 1.

    Raises NoMatrixForm.
    """
    parts, diagonals, left = _contracted([*matrices], [*deltas], [*summed])
    while left:
        parts = _merged(parts)
        letter = min(left, key=lambda i: _joins(parts, i))
        left.remove(letter)
        parts = _without(parts, letter, wanted)
    parts = _merged(parts)
    if diagonals:
        return _diagonal(parts, diagonals)
    return _joined(parts, wanted) if parts else None


def oriented(part: Labelled, wanted: Labels) -> Labelled:
    """The matrix or its transpose, so that rows and columns are those wanted."""
    if part.labels == wanted:
        return part
    if part.labels[::-1] != wanted:
        raise NoMatrixForm(f"axes {part.labels} for {wanted}")
    return Labelled(transposed(part.matrix), wanted)


def broadcast(part: Labelled, wanted: Labels) -> Labelled:
    """The same in every row or column that it does not depend on."""
    rows, columns = wanted
    missing = [i for i in wanted if i is not None and i not in part.letters]
    if not {*part.letters} <= {*wanted} or not missing:
        return part
    if not part.letters:
        column = Labelled(ones(rows) @ part.matrix, (rows, None))
        return column if columns is None else broadcast(column, wanted)
    column = oriented(part, (part.letters[0], None))
    (other,) = missing
    return Labelled(column.matrix @ ones(other).T, (*part.letters, other))


def transposed(matrix: Matrix) -> Matrix:
    """The transpose as a person would write it: (A B)ᵀ is Bᵀ Aᵀ, (Aᵀ)ᵀ is A."""
    match matrix.kind, *matrix.args:
        case "T", inner:
            original: Matrix = inner
            return original
        case "@", a, b:
            return transposed(b) @ transposed(a)
        case "scale", number, inner:
            scaled: Matrix = number * transposed(inner)
            return scaled
        case "diag", _:
            return matrix
    return matrix.T


def _contracted(
    parts: list[Labelled], deltas: list[Delta], left: list[Any]
) -> tuple[list[Labelled], list[Delta], list[Any]]:
    """The same without the deltas that have a summed letter, and without that letter."""
    diagonals: list[Delta] = []
    while deltas:
        a, b = deltas.pop(0)
        gone, kept = (a, b) if a in left else (b, a)
        if a == b:
            continue
        if gone not in left:
            diagonals.append((a, b))
            continue
        left.remove(gone)
        parts = [_relabelled(p, gone, kept) for p in parts]
        deltas = [tuple(kept if i == gone else i for i in pair) for pair in [*deltas, *diagonals]]
        diagonals = []
    return parts, diagonals, left


def _relabelled(part: Labelled, old: Any, new: Any) -> Labelled:
    labels = tuple(new if i == old else i for i in part.labels)
    if labels[0] is not None and labels[0] == labels[1]:
        raise NoMatrixForm(f"the diagonal of a matrix over {new}")
    return Labelled(part.matrix, labels)


def _merged(parts: Sequence[Labelled]) -> list[Labelled]:
    """Matrices between the same letters, multiplied entry by entry. Columns are left alone."""
    groups: dict[frozenset[Any], list[Labelled]] = {}
    for k, part in enumerate(parts):
        pair = len(part.letters) == 2
        groups.setdefault(frozenset(part.letters) if pair else frozenset({k}), []).append(part)
    return [_entrywise(group) for group in groups.values()]


def _entrywise(parts: Sequence[Labelled]) -> Labelled:
    labels = parts[0].labels
    matrices = [oriented(p, labels).matrix for p in parts]
    return Labelled(reduce(operator.mul, matrices), labels)


def _joins(parts: Sequence[Labelled], letter: Any) -> tuple[int, int]:
    """How hard it is to sum over a letter: by the number of matrices at it."""
    here = [p for p in parts if letter in p.letters]
    return sum(len(p.letters) == 2 for p in here), len(here)


def _without(parts: Sequence[Labelled], letter: Any, wanted: Labels) -> list[Labelled]:
    """The same, summed over a letter."""
    here = [p for p in parts if letter in p.letters]
    rest = [p for p in parts if letter not in p.letters]
    matrices = [p for p in here if len(p.letters) == 2]
    columns = [oriented(p, (letter, None)) for p in here if len(p.letters) == 1]
    if not here:
        return [*rest, Labelled(ones(letter).T @ ones(letter), (None, None))]
    place = parts.index(here[0])
    if len(matrices) > 2:
        raise NoMatrixForm(f"{letter} joins {len(matrices)} matrices")
    if not matrices:
        rest.insert(place, _inner(columns))
        return rest
    weight = _entrywise(columns).matrix if columns else None
    first = matrices[0]
    if len(matrices) == 1:
        other = _other(first, letter)
        column = ones(letter) if weight is None else weight
        rest.insert(
            place, Labelled(oriented(first, (other, letter)).matrix @ column, (other, None))
        )
        return rest
    rows, columns_ = (_other(m, letter) for m in matrices)
    if [i for i in wanted if i in (rows, columns_)] == [columns_, rows]:
        matrices, rows, columns_ = matrices[::-1], columns_, rows
    left = oriented(matrices[0], (rows, letter)).matrix
    right = oriented(matrices[1], (letter, columns_)).matrix
    between = left if weight is None else left @ diag(weight)
    rest.insert(place, Labelled(between @ right, (rows, columns_)))
    return rest


def _inner(columns: Sequence[Labelled]) -> Labelled:
    """Columns summed to a number: uᵀ v, or with the ones vᵀ 1."""
    first, *others = columns
    right = _entrywise(others).matrix if others else ones(first.labels[0])
    return Labelled(transposed(first.matrix) @ right, (None, None))


def _other(part: Labelled, letter: Any) -> Any:
    (other,) = [i for i in part.letters if i != letter]
    return other


def _diagonal(parts: list[Labelled], deltas: Sequence[Delta]) -> Labelled:
    """δ_ab v[a] is diag(v)."""
    ((rows, columns),) = deltas if len(deltas) == 1 else ((None, None),)
    if rows is None:
        raise NoMatrixForm("a product of several deltas")
    at_rows = [_relabelled(p, columns, rows) for p in parts]
    column = _joined(at_rows, (rows, None)) if parts else Labelled(ones(rows), (rows, None))
    if not column.letters:
        column = broadcast(column, (rows, None))
    if column.letters != (rows,):
        raise NoMatrixForm(f"more than a diagonal over {rows}")
    return Labelled(diag(oriented(column, (rows, None)).matrix), (rows, columns))


def _joined(parts: Sequence[Labelled], wanted: Labels) -> Labelled:
    """What is left when nothing is to be summed: columns, a matrix between them, numbers."""
    letters = tuple(dict.fromkeys(i for p in parts for i in p.letters))
    if len(letters) > 2:
        raise NoMatrixForm(f"a product that depends on {', '.join(map(str, letters))}")
    if {*letters} == {*wanted}:
        letters = wanted
    numbers = [p.matrix for p in parts if not p.letters]
    whole = [oriented(p, letters).matrix for p in parts if len(p.letters) == 2]
    at = {i: [oriented(p, (i, None)) for p in parts if p.letters == (i,)] for i in letters}
    columns = [_entrywise(at[i]).matrix for i in letters if at[i]]
    if whole and numbers:
        raise NoMatrixForm("a matrix times an inner product")
    if whole:
        before = [diag(columns[0])] if at[letters[0]] else []
        after = [diag(columns[-1])] if at[letters[1]] else []
        chain = [*before, *whole, *after]
    else:
        chain = [*columns[:1], *numbers, *map(transposed, columns[1:])]
    return Labelled(reduce(operator.matmul, chain), (*letters, None, None)[:2])
