"""The same walk for matrix expressions: `(dY ⊙ (1 − Y²))ᵀ X`.

A matrix expression is known here by its `kind` and `args` alone.
"""

from typing import Any

from sympy import Integer, sympify

from gradcheck.derivations.calculus.terms import size_of
from gradcheck.derivations.forms.products import signed
from gradcheck.derivations.forms.walk import Level, Piece, Walk


class MatrixWalk(Walk):
    """Prints index expressions and matrix expressions; a subclass spells the nodes."""

    entrywise: str
    divided: str  # entry by entry

    def ones(self, size: Any) -> Piece:
        """A column of ones."""
        raise NotImplementedError

    def transpose(self, matrix: str) -> Piece:
        raise NotImplementedError

    def entrywise_power(self, base: str, exponent: Any) -> Piece:
        """A power that is not a natural number, so that it cannot be taken for an inverse."""
        raise NotImplementedError

    def matrix(self, matrix: Any) -> Piece:
        """Raises NotImplementedError for an unknown kind of matrix."""
        match matrix.kind, *matrix.args:
            case "tensor", tensor, fixed:
                return self.entry(tensor.name, fixed) if fixed else self.symbol(tensor.name)
            case "number", value:
                return self.piece(sympify(value))
            case "ones", index:
                return self.ones(size_of(index))
            case "+" | "-" as sign, left, right:
                return self._two_terms(sign, left, right)
            case "*", *_:
                return self._entrywise(_operands(matrix))
            case "scale", number, inner if signed(sympify(number))[0] < 0:
                return self._negative(signed(sympify(number))[1], inner)
            case "@" | "scale", *_:
                return self.juxtaposed(self._factors(matrix))
            case "T", inner:
                return self.transpose(self.wrap(self.matrix(inner), Level.ATOM))
            case "power", inner, exponent:
                return self._matrix_power(inner, sympify(exponent))
            case "apply", function, inner if function.name == "absolute":
                return Piece(self.bars(self.matrix(inner).text), Level.ATOM)
            case "apply", function, inner:
                return self.function(function.name, self.matrix(inner).text)
            case "diag", inner if (divisor := _divisor(inner)) is not None:
                diagonal = self.function("diag", self.matrix(divisor).text)
                return self.power(diagonal.text, Integer(-1))  # which is diag(x^⊙(−1)) too
            case "diag", inner:
                return self.function("diag", self.matrix(inner).text)
            case "sum", inner, indices:
                limits = [i if isinstance(i, tuple) else (i, i.lower, i.upper) for i in indices]
                body = self.wrap(self.matrix(inner), Level.ENTRYWISE)
                return Piece(f"{self.sum_signs(limits)} {body}", Level.SUM)
        raise NotImplementedError(f"no printed form of a matrix of kind {matrix.kind!r}")

    def _entrywise(self, operands: list[Any]) -> Piece:
        """A ⊙ B ⊘ C: factors in their order, then what they are divided by entry by entry."""
        over = [m for m in operands if _divisor(m) is None] or operands[:1]
        text = f" {self.entrywise} ".join(self.wrap(self.matrix(m), Level.QUOTIENT) for m in over)
        for divisor in (_divisor(m) for m in operands if m not in over):
            text += f" {self.divided} {self.wrap(self.matrix(divisor), Level.QUOTIENT)}"
        return Piece(text, Level.ENTRYWISE)

    def _two_terms(self, sign: str, left: Any, right: Any) -> Piece:
        first = self.matrix(left).text
        second = self.wrap(self.matrix(right), Level.ENTRYWISE)
        return Piece(f"{first} {self.minus if sign == '-' else '+'} {second}", Level.TERMS)

    def _negative(self, size: Any, inner: Any) -> Piece:
        multiple = [self.piece(size), *self._factors(inner)]
        rest = self.matrix(inner) if size == 1 else self.juxtaposed(multiple)
        return Piece(self.minus + self.wrap(rest, Level.ENTRYWISE), Level.NEGATIVE)

    def _factors(self, matrix: Any) -> list[Piece]:
        """The factors of nested matrix products and multiples in their order."""
        match matrix.kind, *matrix.args:
            case "@", left, right:
                return [*self._factors(left), *self._factors(right)]
            case "scale", number, inner if signed(sympify(number))[0] > 0:
                return [self.piece(sympify(number)), *self._factors(inner)]
        return [self.matrix(matrix)]

    def _matrix_power(self, inner: Any, exponent: Any) -> Piece:
        base = self.wrap(self.matrix(inner), Level.ATOM)
        natural = exponent.is_Integer and exponent > 0
        return self.power(base, exponent) if natural else self.entrywise_power(base, exponent)


def _divisor(matrix: Any) -> Any:
    """What an entrywise factor divides by: X² for X^⊙(−2), None for one that does not divide."""
    if matrix.kind != "power":
        return None
    base, exponent = matrix.args
    exponent = sympify(exponent)
    if not (exponent.is_Integer and exponent < 0):
        return None
    return base if exponent == -1 else base**-exponent


def _operands(matrix: Any) -> list[Any]:
    """The operands of nested entrywise products in their order."""
    return [m for arg in matrix.args for m in _operands(arg)] if matrix.kind == "*" else [matrix]
