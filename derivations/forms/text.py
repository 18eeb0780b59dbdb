"""Formulas as one line of Unicode text: `Σ_m X[s,m] W[n,m] + b[n]`, `(dY ⊙ (1 − Y²))ᵀ X`.

A slash without spaces binds closest, as in `1/N Σ_n …` and `∂Y[s,n]/∂W[i,j]`; one with spaces
divides the whole product before it. `∂⁺h[t]/∂W` is the immediate derivative, within one step of a
recursion.
"""

import re
from typing import Any

from sympy import Eq, Function, Idx, Indexed, Integer, Sum, Symbol

from gradcheck.derivations.calculus.terms import D, size_of
from gradcheck.derivations.forms.definitions import boundary
from gradcheck.derivations.forms.matrices import MatrixWalk
from gradcheck.derivations.forms.walk import Level, Piece

VARYING = (D, Function, Idx, Indexed, Sum)  # what makes a fraction too long for 1/N
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def text(expr: Any) -> str:
    """An index expression: `δ_ni X[s,j]`."""
    return _Text().print(expr)


def matrix_text(matrix: Any) -> str:
    """A matrix expression: `dYᵀ X`."""
    return _Text().matrix(matrix.matrix()).text


def definition_text(definition: Any) -> str:
    """`Y[s,n] = …`; a recursion also says where it starts: `…,  H[0,n,i] = h0[n,i]`."""
    equations = [(definition.lhs, definition.rhs), *boundary(definition)]
    return ",  ".join(f"{text(left)} = {text(right)}" for left, right in equations)


def where_text(case: Any) -> str:
    """The case that a chain of equations is restricted to: `k = i` or `k ≠ i`."""
    return f" {'=' if isinstance(case, Eq) else '≠'} ".join(map(_Text().index, case.args))


def shape_text(indices: tuple[Any, ...]) -> str:
    """A shape in axis sizes: `S×N`."""
    return "×".join(_Text().size(size_of(i)) for i in indices) or "scalar"


class _Text(MatrixWalk):
    minus = "−"
    dot = " ·"
    index_dot = "·"
    partial = "∂"
    immediate = "∂⁺"
    entrywise = "⊙"
    divided = "⊘"

    def bracket(self, text: str) -> str:
        return f"({text})"

    def symbol(self, name: str) -> Piece:
        return Piece(name, Level.POWER if name[-1] in "⁰¹²³⁴⁵⁶⁷⁸⁹" else Level.ATOM)

    def entry(self, name: str, indices: tuple[Any, ...]) -> Piece:
        return Piece(f"{name}[{','.join(map(self.index, indices))}]", Level.ATOM)

    def number(self, value: Any) -> Piece:
        return Piece(f"{float(value)!r}" if value.is_Float else str(value), Level.QUOTIENT)

    def delta(self, left: Any, right: Any) -> Piece:
        letters = [self.index(left), self.index(right)]
        short = all(re.fullmatch("[^\\W\\d_]′*", letter) for letter in letters)
        return Piece(f"δ_{''.join(letters)}" if short else f"δ({','.join(letters)})", Level.ATOM)

    def indicator(self, low: Any, high: Any) -> Piece:
        return Piece(f"[{self.index(low)} ≤ {self.index(high)}]", Level.ATOM)

    def bars(self, argument: str) -> str:
        return f"|{argument}|"

    def floored(self, argument: str) -> str:
        return f"⌊{argument}⌋"

    def function(self, name: str, argument: str) -> Piece:
        return Piece(f"{name}({argument})", Level.ATOM)

    def derivative(self, sign: str, of: Any, by: Any) -> Piece:
        plain = isinstance(of, (Indexed, Symbol, Function))
        upper = self.print(of) if plain else self.bracket(self.print(of))
        return Piece(f"{sign}{upper}/∂{self.print(by)}", Level.QUOTIENT)

    def sum_sign(self, letters: str, low: str = "", high: str = "") -> str:
        if high:
            return f"Σ_{{{letters}={low}}}^{{{high}}}"
        return f"Σ_{letters}" if len(letters.rstrip("′")) == 1 else f"Σ_{{{letters}}}"

    def argmax_sign(self, letters: str) -> str:
        return self.sum_sign(letters).replace("Σ", "argmax")

    def component(self, vector: str, letter: str) -> str:
        return f"{vector}_{letter}"

    def fraction(self, over: list[Any], under: list[Any]) -> list[Piece]:
        top = self.juxtaposed([*map(self.piece, over or [Integer(1)])], last=Level.QUOTIENT)
        bottom = self.juxtaposed([*map(self.piece, under)], last=Level.QUOTIENT)
        parts = self.wrap(top, Level.PRODUCT), self.wrap(bottom, Level.POWER)
        if len(over) <= 1 and not any(f.has(*VARYING) for f in over + under):
            return [Piece("/".join(parts), Level.QUOTIENT)]
        return [Piece(" / ".join(parts), Level.PRODUCT)]

    def power(self, base: str, exponent: Any) -> Piece:
        if exponent.is_Integer:
            return Piece(base + str(exponent).translate(SUPERSCRIPTS), Level.POWER)
        return Piece(f"{base}^{self.wrap(self.piece(exponent), Level.ATOM)}", Level.POWER)

    def root(self, base: Any) -> Piece:
        return Piece(f"√{self.wrap(self.piece(base), Level.ATOM)}", Level.POWER)

    def ones(self, size: Any) -> Piece:
        return Piece(f"1_{self.size(size)}", Level.ATOM)

    def transpose(self, matrix: str) -> Piece:
        return Piece(f"{matrix}ᵀ", Level.POWER)

    def entrywise_power(self, base: str, exponent: Any) -> Piece:
        return Piece(f"{base}^⊙{self.bracket(self.print(exponent))}", Level.POWER)

    def size(self, size: Any) -> str:
        tight = self.index(size)
        return tight if size.is_Atom else self.bracket(tight)
