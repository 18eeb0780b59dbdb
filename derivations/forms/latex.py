"""Formulas as LaTeX for amsmath: `\\sum_{m} X_{sm} W_{nm} + b_{n}`, `\\delta_{ni} X_{sj}`.

`gradients` names the tensors that are gradients of the loss: with {"dW": "W"} the entry dW[i,j]
is printed \\frac{\\partial L}{\\partial W_{ij}}. `loss` is the LaTeX of the letter L in it, to be
changed where L is a tensor of the layer.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sympy import Eq, Function, Indexed, Integer, Symbol, exp

from gradcheck.derivations.calculus.terms import size_of
from gradcheck.derivations.forms.definitions import boundary
from gradcheck.derivations.forms.matrices import MatrixWalk
from gradcheck.derivations.forms.names import function_latex, name_latex
from gradcheck.derivations.forms.products import signed
from gradcheck.derivations.forms.walk import Level, Piece

Gradients = Mapping[str, str]
NOT_EQUAL = "\\neq"
NONE: Gradients = MappingProxyType({})


def latex(expr: Any, gradients: Gradients = NONE, loss: str = "L") -> str:
    """An index expression: `\\delta_{ni} X_{sj}`."""
    return _Latex(gradients, loss).print(expr)


def matrix_latex(matrix: Any, gradients: Gradients = NONE, loss: str = "L") -> str:
    """A matrix expression: `X^\\top W`."""
    return _Latex(gradients, loss).matrix(matrix.matrix()).text


def definition_latex(definition: Any, gradients: Gradients = NONE, loss: str = "L") -> str:
    """`Y_{sn} = \\ldots`; a recursion also says where it starts."""
    form = _Latex(gradients, loss)
    equations = [(definition.lhs, definition.rhs), *boundary(definition)]
    return ", \\quad ".join(
        f"{form.print(left)} = {form.print(right)}" for left, right in equations
    )


def where_latex(case: Any) -> str:
    """The case that a chain of equations is restricted to: `k = i` or `k \\neq i`."""
    return f" {'=' if isinstance(case, Eq) else NOT_EQUAL} ".join(map(_Latex().index, case.args))


def shape_latex(indices: tuple[Any, ...]) -> str:
    """A shape in axis sizes: `S \\times N`."""
    return " \\times ".join(_Latex().size(size_of(i)) for i in indices) or "\\text{scalar}"


class _Latex(MatrixWalk):
    minus = "-"
    dot = " \\cdot"
    index_dot = " "
    partial = "\\partial"
    immediate = "\\partial^{+}"
    entrywise = "\\odot"
    divided = "\\oslash"

    def __init__(self, gradients: Gradients = NONE, loss: str = "L") -> None:
        self.gradients = gradients
        self.loss = loss

    def bracket(self, text: str) -> str:
        return f"\\left({text}\\right)" if _tall(text) else f"({text})"

    def symbol(self, name: str) -> Piece:
        return self.entry(name, ())

    def entry(self, name: str, indices: tuple[Any, ...]) -> Piece:
        if name in self.gradients:
            of = self.entry(self.gradients[name], indices).text
            return self._quotient(f"{self.partial} {self.loss}", of)
        base = name_latex(name)
        if indices:
            base = f"[{base}]" if "_" in base else base
            base += f"_{{{self._subscripts(indices)}}}"
        return Piece(base, Level.POWER if "^" in name_latex(name) else Level.ATOM)

    def number(self, value: Any) -> Piece:
        if value.is_Float:
            digits, _, exponent = f"{float(value)!r}".partition("e")
            power = f"10^{{{int(exponent)}}}" if exponent else ""
            parts = [digits, power] if power and digits != "1" else [power or digits]
            return Piece(" \\cdot ".join(parts), Level.PRODUCT if power else Level.ATOM)
        return Piece(f"\\frac{{{value.p}}}{{{value.q}}}", Level.QUOTIENT)

    def delta(self, left: Any, right: Any) -> Piece:
        return Piece(f"\\delta_{{{self._subscripts((left, right))}}}", Level.ATOM)

    def indicator(self, low: Any, high: Any) -> Piece:
        return Piece(f"[{self.index(low)} \\le {self.index(high)}]", Level.ATOM)

    def bars(self, argument: str) -> str:
        return f"\\left|{argument}\\right|" if _tall(argument) else f"|{argument}|"

    def floored(self, argument: str) -> str:
        left, right = ("\\left", "\\right") if _tall(argument) else ("", "")
        return f"{left}\\lfloor {argument} {right}\\rfloor"

    def index_product(self, texts: list[str]) -> str:
        """2 t, but stride\\,t: a word must not run into what follows."""
        words = any("\\mathrm" in text for text in texts)
        return ("\\," if words else self.index_dot).join(texts)

    def call(self, expr: Any) -> Piece:
        (argument, *_) = expr.args
        _, size = signed(argument)
        if isinstance(expr, exp) and isinstance(size, (Indexed, Symbol)):
            return Piece(f"e^{{{self.print(argument)}}}", Level.POWER)
        return super().call(expr)

    def function(self, name: str, argument: str) -> Piece:
        return Piece(function_latex(name) + self.bracket(argument), Level.ATOM)

    def derivative(self, sign: str, of: Any, by: Any) -> Piece:
        upper, lower = self.print(of), self.print(by)
        if isinstance(of, (Indexed, Symbol, Function)) and not _tall(upper):
            return self._quotient(f"{sign} {upper}", lower)
        operator = self._quotient(sign, lower).text
        return Piece(f"{operator} {self.bracket(upper)}", Level.QUOTIENT)

    def sum_sign(self, letters: str, low: str = "", high: str = "") -> str:
        return f"\\sum_{{{letters}={low}}}^{{{high}}}" if high else f"\\sum_{{{letters}}}"

    def argmax_sign(self, letters: str) -> str:
        return f"\\operatorname*{{argmax}}_{{{letters}}}"

    def component(self, vector: str, letter: str) -> str:
        return f"{vector}_{{{letter}}}"

    def fraction(self, over: list[Any], under: list[Any]) -> list[Piece]:
        """A factor that is a fraction itself is put before the fraction, not on top of it."""
        parts = [*map(self.piece, over)]
        built = [k for k, part in enumerate(parts) if part.level is Level.QUOTIENT]
        cut = built[-1] + 1 if built else 0
        top = self.juxtaposed(parts[cut:] or [self.piece(Integer(1))]).text
        bottom = self.juxtaposed([*map(self.piece, under)]).text
        return [*parts[:cut], Piece(f"\\frac{{{top}}}{{{bottom}}}", Level.QUOTIENT)]

    def power(self, base: str, exponent: Any) -> Piece:
        return Piece(f"{base}^{{{self.print(exponent)}}}", Level.POWER)

    def root(self, base: Any) -> Piece:
        return Piece(f"\\sqrt{{{self.print(base)}}}", Level.POWER)

    def ones(self, size: Any) -> Piece:
        return Piece(f"\\mathbf{{1}}_{{{self.index(size)}}}", Level.ATOM)

    def transpose(self, matrix: str) -> Piece:
        return Piece(f"{matrix}^\\top", Level.POWER)

    def entrywise_power(self, base: str, exponent: Any) -> Piece:
        return Piece(f"{base}^{{\\odot ({self.print(exponent)})}}", Level.POWER)

    def size(self, size: Any) -> str:
        tight = self.index(size)
        return tight if size.is_Atom else self.bracket(tight)

    def _subscripts(self, indices: tuple[Any, ...]) -> str:
        """Letters side by side, anything longer between commas."""
        texts = [*map(self.index, indices)]
        return ("" if all(re.fullmatch("[A-Za-z]'*", t) for t in texts) else ",").join(texts)

    def _quotient(self, upper: str, by: str) -> Piece:
        return Piece(f"\\frac{{{upper}}}{{{self.partial} {by}}}", Level.QUOTIENT)


def _tall(text: str) -> bool:
    """Whether brackets round this have to be taller than a letter."""
    return any(sign in text for sign in ("\\frac", "\\sum", "\\sqrt"))
