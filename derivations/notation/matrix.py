"""Matrix notation: `(dY * (1 - Y**2)).T @ X`, with the meaning of every symbol spelled out.

A tensor of one axis is a column; `@` is the matrix product, `*` the entrywise product ⊙ (or
scaling by a number), `f(A)` is entrywise. Each expression knows its shape and can write one entry
in index notation, which is how it is compared with a derivation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.notation.formula import Formula, NotationError, Sum, delta, unwrap

Shape = tuple[Any, Any]  # an index for rows and for columns, None where there is only one
EntryAt = Callable[[Any, Any], Formula]


class Operators:
    """The operators of matrix notation, for tensors and for matrix expressions alike."""

    def matrix(self) -> "Matrix":
        """This object as a matrix expression."""
        raise NotImplementedError

    @property
    def T(self) -> "Matrix":
        a = self.matrix()
        return Matrix("T", (a,), (a.shape[1], a.shape[0]), lambda i, j: a.entry_at(j, i))

    def __matmul__(self, other: "Operators") -> "Matrix":
        return _product(self.matrix(), other.matrix())

    def __mul__(self, other: Any) -> "Matrix":
        if not isinstance(other, Operators):
            return _scale(other, self.matrix())
        return _entrywise("*", self.matrix(), other.matrix(), lambda a, b: a * b)

    def __rmul__(self, other: Any) -> "Matrix":
        return _scale(other, self.matrix())

    def __truediv__(self, other: Any) -> "Matrix":
        return _scale(1 / Formula(unwrap(other)), self.matrix())

    def __neg__(self) -> "Matrix":
        return _scale(-1, self.matrix())

    def __add__(self, other: Any) -> "Matrix":
        a, b = self.matrix(), _matrix(other, self)
        return _entrywise("+", a, b, lambda x, y: x + y)

    def __radd__(self, other: Any) -> "Matrix":
        return _matrix(other, self) + self

    def __sub__(self, other: Any) -> "Matrix":
        a, b = self.matrix(), _matrix(other, self)
        return _entrywise("-", a, b, lambda x, y: x - y)

    def __rsub__(self, other: Any) -> "Matrix":
        return _matrix(other, self) - self

    def __pow__(self, exponent: Any) -> "Matrix":
        a = self.matrix()
        return Matrix("power", (a, exponent), a.shape, lambda i, j: a.entry_at(i, j) ** exponent)

    def apply(self, function: Callable[[Any], Any]) -> "Matrix":
        """The function applied to every entry."""
        a = self.matrix()
        return Matrix("apply", (function, a), a.shape, lambda i, j: function(a.entry_at(i, j)))


@dataclass(frozen=True, eq=False)
class Matrix(Operators):
    """A matrix expression.

    kind      "tensor", "number", "ones", "@", "*", "+", "-", "T", "diag", "apply", "power",
              "scale" or "sum"
    args      its operands, for printing
    shape     an index for rows and for columns, None where there is only one
    entry_at  the entry in a row and a column, as a formula
    """

    kind: str
    args: tuple[Any, ...]
    shape: Shape
    entry_at: EntryAt

    def matrix(self) -> "Matrix":
        return self

    def entry(self, *indices: Any) -> Formula:
        """One entry in index notation, with one index for each axis longer than 1.

        Raises NotationError if the number of indices or their axes do not fit.
        """
        long = [k for k, own in enumerate(self.shape) if own is not None]
        given = terms.spanned(indices)
        if len(long) != len(indices) or not all(
            _same(self.shape[k], i) for k, i in zip(long, indices, strict=True)
        ):
            raise NotationError(
                f"the matrix form has shape {terms.spanned(self.shape)}, not {given}"
            )
        at: list[Any] = [None, None]
        for k, index in zip(long, indices, strict=True):
            at[k] = index
        return self.entry_at(at[0], at[1])

    def summed(self, *indices: Any) -> "Matrix":
        """Σ of this matrix over indices of its slices."""

        def entry_at(i: Any, j: Any) -> Formula:
            # the letters of the entry keep out of the way of those summed over
            apart = {own: terms.fresh(own, {*indices, i, j}) for own in (i, j) if own in indices}
            total = Sum(self.entry_at(apart.get(i, i), apart.get(j, j)), *indices)
            return Formula(terms.rename(total.expr, {new: own for own, new in apart.items()}))

        return Matrix("sum", (self, indices), self.shape, entry_at)


def ones(index: Any) -> Matrix:
    """A column of ones, as long as the axis of an index."""
    return Matrix("ones", (index,), (index, None), lambda i, j: Formula(unwrap(1)))


def diag(column: Operators) -> Matrix:
    """The diagonal matrix with a column on its diagonal."""
    a = column.matrix()
    if a.shape[1] is not None:
        raise NotationError(f"diag takes a column, and this has shape {terms.spanned(a.shape)}")
    index = a.shape[0]
    return Matrix("diag", (a,), (index, index), lambda i, j: delta(i, j) * a.entry_at(i, None))


def _matrix(value: Any, like: Operators) -> Matrix:
    """A matrix expression as it is; a number as a matrix filled with it, of the shape of `like`."""
    if isinstance(value, Operators):
        return value.matrix()
    number = Formula(unwrap(value))
    return Matrix("number", (number,), like.matrix().shape, lambda i, j: number)


def _same(left: Any, right: Any) -> bool:
    """Whether two indices run over the same axis; None is an axis of length 1."""
    if left is None or right is None:
        return left is right
    return bool((left.lower, left.upper) == (right.lower, right.upper))


def _product(a: Matrix, b: Matrix) -> Matrix:
    if not _same(a.shape[1], b.shape[0]):
        raise NotationError(
            f"matrix product of shapes {terms.spanned(a.shape)} and {terms.spanned(b.shape)}"
        )

    def entry_at(i: Any, j: Any) -> Formula:
        inner = a.shape[1]
        entry: Formula = a.entry_at(i, inner) * b.entry_at(inner, j)
        if inner is None:
            return entry
        k = terms.fresh(inner, {*terms.free_indices(entry.expr), i, j})
        total: Formula = Sum(a.entry_at(i, k) * b.entry_at(k, j), k)
        return total

    return Matrix("@", (a, b), (a.shape[0], b.shape[1]), entry_at)


def _entrywise(kind: str, a: Matrix, b: Matrix, combine: Callable[[Any, Any], Formula]) -> Matrix:
    if not all(map(_same, a.shape, b.shape)):
        raise NotationError(
            f"{kind} of shapes {terms.spanned(a.shape)} and {terms.spanned(b.shape)}"
        )
    return Matrix(kind, (a, b), a.shape, lambda i, j: combine(a.entry_at(i, j), b.entry_at(i, j)))


def _scale(factor: Any, a: Matrix) -> Matrix:
    number = Formula(unwrap(factor))
    return Matrix("scale", (number, a), a.shape, lambda i, j: number * a.entry_at(i, j))
