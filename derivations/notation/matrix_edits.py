"""Small changes of a matrix expression: a transpose, the order of a product, a sign, a factor."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gradcheck.derivations.notation.formula import NotationError
from gradcheck.derivations.notation.matrix import Matrix, diag

COSTS = {"transpose": 1.0, "sign": 1.1, "product": 1.2, "factor": 1.3, "extra-factor": 1.5,
         "extra-term": 1.5}  # fmt: skip


@dataclass(frozen=True, eq=False)
class MatrixEdit:
    """One change: in `mended` the part that `was` has become something else."""

    code: str
    was: Matrix
    becomes: Matrix
    mended: Matrix

    @property
    def cost(self) -> float:
        return COSTS[self.code]


def matrix_edits(matrix: Matrix) -> Iterator[MatrixEdit]:
    """All single changes after which the expression still has a shape, the likeliest first."""
    yield from sorted(_everywhere(matrix), key=lambda edit: edit.cost)


def _everywhere(matrix: Matrix) -> Iterator[MatrixEdit]:
    """Changes of this node, then of the operands."""
    for code, becomes in _here(matrix):
        yield MatrixEdit(code, matrix, becomes, becomes)
    for k, operand in enumerate(matrix.args):
        if not isinstance(operand, Matrix):
            continue
        for edit in _everywhere(operand):
            args = [*matrix.args[:k], edit.mended, *matrix.args[k + 1 :]]
            try:
                mended = _rebuilt(matrix, args)
            except NotationError:
                continue
            yield MatrixEdit(edit.code, edit.was, edit.becomes, mended)


def _here(matrix: Matrix) -> Iterator[tuple[str, Matrix]]:
    """What a node may be instead, and what kind of mistake that would be."""
    kind, args = matrix.kind, matrix.args
    yield "transpose", args[0] if kind == "T" else matrix.T
    if kind in ("+", "-"):
        a, b = args
        yield "sign", a - b if kind == "+" else a + b
        yield "extra-term", a
        yield "extra-term", b
    if kind == "scale" and args[0].expr != -1:
        yield "factor", args[1]
    negative = kind == "scale" and args[0].expr == -1
    yield "sign", args[1] if negative else -matrix
    if kind in ("@", "*"):
        a, b = args
        yield from _products(a, b, kind)
        yield "extra-factor", a
        yield "extra-factor", b


def _products(a: Matrix, b: Matrix, kind: str) -> Iterator[tuple[str, Matrix]]:
    """The other order, and the other kind of product, where the shapes allow it."""
    for left, right, entrywise in ((b, a, False), (a, b, kind == "@")):
        try:
            yield "product", left * right if entrywise else left @ right
        except NotationError:
            continue


def _rebuilt(matrix: Matrix, args: list[Any]) -> Matrix:
    """The same operation on other operands. Raises NotationError if their shapes do not fit."""
    if matrix.kind not in OPERATIONS:
        raise NotationError(f"no operands of {matrix.kind} can be changed")
    result: Matrix = OPERATIONS[matrix.kind](*args)
    return result


OPERATIONS: dict[str, Callable[..., Any]] = {
    "T": lambda a: a.T,
    "@": lambda a, b: a @ b,
    "*": lambda a, b: a * b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "scale": lambda number, a: number * a,
    "power": lambda a, exponent: a**exponent,
    "apply": lambda function, a: a.apply(function),
    "diag": diag,
    "sum": lambda a, indices: a.summed(*indices),
}
