"""One walk through an expression for all printed forms: order, signs, fractions and brackets.

A form is a subclass that says how each kind of node is spelled. The walk keeps the order of
factors and terms as they stand in the expression, so what an author wrote comes out as written.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from typing import Any

from sympy import (
    Add,
    Float,
    Function,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    floor,
    fraction,
    pi,
    sympify,
)

from gradcheck.derivations.calculus.functions import absolute
from gradcheck.derivations.calculus.terms import ArgMax, Bracket, D, indices_of, name_of
from gradcheck.derivations.forms.products import (
    decimal,
    factors,
    fractions,
    reciprocal,
    signed,
)


class Level(IntEnum):
    """How closely the parts of a printed piece hold together; brackets go round looser ones."""

    TERMS = 0  # a + b
    NEGATIVE = 1  # −a
    ENTRYWISE = 2  # A ⊙ B
    SUM = 3  # Σ_m a b: takes in all factors that follow
    PRODUCT = 4  # a b, a b / c
    QUOTIENT = 5  # 1/N, ∂y/∂x, a built-up fraction
    POWER = 6  # a², Aᵀ
    ATOM = 7  # X[s,m], f(a), |a|, [u ≤ t], (a + b)


_NUMBER = re.compile(r"\d+(?![\d_])")  # 1_S is no number


@dataclass(frozen=True)
class Piece:
    """A printed part of an expression."""

    text: str
    level: Level


class Walk:
    """Prints index expressions; a subclass spells the nodes."""

    minus: str
    dot: str  # between a factor and a number that follows it
    index_dot: str  # between factors inside an index
    partial: str
    immediate: str  # the derivative within one step of a recursion

    bound: tuple[Any, ...] = ()  # the summed indices around the present place, outermost first

    # what a subclass spells

    def bracket(self, text: str) -> str:
        raise NotImplementedError

    def symbol(self, name: str) -> Piece:
        raise NotImplementedError

    def entry(self, name: str, indices: tuple[Any, ...]) -> Piece:
        raise NotImplementedError

    def number(self, value: Any) -> Piece:
        """A number that is not negative and not an integer."""
        raise NotImplementedError

    def delta(self, left: Any, right: Any) -> Piece:
        raise NotImplementedError

    def indicator(self, low: Any, high: Any) -> Piece:
        """1 where low <= high, else 0."""
        raise NotImplementedError

    def bars(self, argument: str) -> str:
        """The absolute value of what is printed already."""
        raise NotImplementedError

    def floored(self, argument: str) -> str:
        """The greatest whole number that is not above what is printed already."""
        raise NotImplementedError

    def function(self, name: str, argument: str) -> Piece:
        """A function, by name, of an argument that is printed already."""
        raise NotImplementedError

    def derivative(self, sign: str, of: Any, by: Any) -> Piece:
        raise NotImplementedError

    def sum_sign(self, letters: str, low: str = "", high: str = "") -> str:
        raise NotImplementedError

    def argmax_sign(self, letters: str) -> str:
        raise NotImplementedError

    def component(self, vector: str, letter: str) -> str:
        """One of several numbers that are printed already."""
        raise NotImplementedError

    def fraction(self, over: list[Any], under: list[Any]) -> list[Piece]:
        """The factors `over` divided by the factors `under`, as factors of a product."""
        raise NotImplementedError

    def power(self, base: str, exponent: Any) -> Piece:
        raise NotImplementedError

    def root(self, base: Any) -> Piece:
        raise NotImplementedError

    # what all forms share

    def print(self, expr: Any) -> str:
        return self.piece(sympify(expr)).text

    def piece(self, expr: Any) -> Piece:
        """Raises NotImplementedError for a kind of expression that has no form."""
        sign, size = signed(expr)
        if sign < 0:
            return Piece(self.minus + self.wrap(self.piece(size), Level.SUM), Level.NEGATIVE)
        if isinstance(expr, Add):
            return self._terms(_numbers_last(expr.args) if _is_length(expr) else expr.args)
        if isinstance(expr, Mul):
            return self.product(factors(expr))
        if isinstance(expr, Sum):
            return self._sum(expr)
        if isinstance(expr, Pow):
            return self._power(expr)
        if isinstance(expr, Integer):
            return Piece(str(expr), Level.ATOM)
        if isinstance(expr, (Rational, Float)):
            tenths = decimal(expr)
            return Piece(tenths, Level.ATOM) if tenths else self.number(expr)
        if isinstance(expr, Indexed):
            return self.entry(name_of(expr), indices_of(expr))
        if isinstance(expr, (Symbol, Idx)):
            return self.symbol(str(expr))
        if expr is pi:
            return self.symbol("π")
        if isinstance(expr, KroneckerDelta):
            return self.delta(*expr.args)
        if isinstance(expr, Bracket):
            return self.indicator(expr.low, expr.high)
        if isinstance(expr, ArgMax):
            return self._argmax(expr)
        if isinstance(expr, D):
            partial = self.partial if expr.held is None else self.immediate
            return self.derivative(partial, expr.of, expr.by)
        if isinstance(expr, Function):
            return self.call(expr)
        raise NotImplementedError(f"no printed form of {type(expr).__name__}: {expr}")

    def call(self, expr: Any) -> Piece:
        """A function of an expression."""
        if isinstance(expr, absolute):
            return Piece(self.bars(self.print(expr.args[0])), Level.ATOM)
        if isinstance(expr, floor):
            over, under = fraction(expr.args[0])  # which SymPy has written 1/K (N + 2)
            parts = self.fraction([over], [under]) if under != 1 else [self.piece(over)]
            return Piece(self.floored(self.juxtaposed(parts).text), Level.ATOM)
        return self.function(expr.func.__name__, ", ".join(map(self.print, expr.args)))

    def wrap(self, piece: Piece, at_least: Level) -> str:
        """The piece, in brackets if it is looser than its place allows."""
        return piece.text if piece.level >= at_least else self.bracket(piece.text)

    def product(self, factors: list[Any]) -> Piece:
        """Factors in their order, with fractions made of those that divide."""
        parts: list[Piece] = []
        for over, under in fractions(factors):
            parts += self.fraction(over, under) if under else map(self.piece, over)
        return self.juxtaposed(parts)

    def juxtaposed(self, parts: list[Piece], last: Level = Level.SUM) -> Piece:
        """Side by side; the last may be a sum, or a quotient in one line, as far as `last` lets."""
        if len(parts) == 1:
            return parts[0]
        texts = [self.wrap(p, Level.QUOTIENT) for p in parts[:-1]] + [self.wrap(parts[-1], last)]
        first, *others = texts
        joined = "".join(f"{self.dot if _NUMBER.match(t) else ''} {t}" for t in others)
        return Piece(first + joined, Level.PRODUCT)

    def sum_signs(self, limits: Any) -> str:
        """Σ over each index, the outermost first; a range is shown if it is not the whole axis."""
        signs = []
        for whole, group in groupby(limits, key=_is_whole_axis):
            if whole:
                signs.append(self.sum_sign(",".join(self.index(index) for index, *_ in group)))
            else:
                signs += [self.sum_sign(*map(self.index, limit)) for limit in group]
        return " ".join(signs)

    def index(self, expr: Any) -> str:
        """A subscript or bound, set tightly: t-1. SymPy has sorted it by letters.

        A window is written t+k, its place before what is summed within it; numbers go last.
        """
        terms = [signed(a) for a in Add.make_args(sympify(expr))]
        terms.sort(key=lambda term: (term[1].is_number, term[0] < 0, self._depth(term[1])))
        texts = [("-" if sign < 0 else "+") + self._index_term(size) for sign, size in terms]
        return "".join(texts).removeprefix("+")

    def _index_term(self, term: Any) -> str:
        texts = [
            self.bracket(self.index(f)) if isinstance(f, Add) else self.piece(f).text
            for f in factors(term)
        ]
        return self.index_product(texts)

    def index_product(self, texts: list[str]) -> str:
        """Factors inside an index."""
        return self.index_dot.join(texts)

    def _depth(self, term: Any) -> int:
        """How far inside the sums a term of a subscript is bound; 0 for one that is free."""
        return max((k for k, i in enumerate(self.bound, 1) if term.has(i)), default=0)

    def _sum(self, expr: Any) -> Piece:
        outside = self.bound
        signs = self.sum_signs(expr.limits[::-1])
        self.bound = (*outside, *(index for index, *_ in expr.limits[::-1]))
        body = self.wrap(self.piece(expr.function), Level.SUM)
        self.bound = outside
        return Piece(f"{signs} {body}", Level.SUM)

    def _argmax(self, expr: ArgMax) -> Piece:
        """argmax over some letters; of several, the one that is meant as a subscript."""
        outside = self.bound
        sign = self.argmax_sign(",".join(map(self.index, expr.letters)))
        self.bound = (*outside, *expr.letters)
        text = f"{sign} {self.wrap(self.piece(expr.of), Level.SUM)}"
        self.bound = outside
        if len(expr.letters) == 1:
            return Piece(text, Level.SUM)
        return Piece(self.component(self.bracket(text), self.index(expr.chosen)), Level.ATOM)

    def _terms(self, terms: Any) -> Piece:
        text = ""
        for sign, size in map(signed, terms):
            between = f" {self.minus if sign < 0 else '+'} " if text else self.minus * (sign < 0)
            text += between + self.wrap(self.piece(size), Level.SUM)
        return Piece(text, Level.TERMS)

    def _power(self, expr: Any) -> Piece:
        base, exponent = expr.args
        if reciprocal(expr) is not None:
            return self.product([expr])
        if exponent == Rational(1, 2):
            return self.root(base)
        return self.power(self.wrap(self.piece(base), Level.ATOM), exponent)


def _is_length(expr: Any) -> bool:
    """Whether an expression is made of sizes alone: such a sum SymPy has sorted, T + K - 1."""
    return all(symbol.is_Symbol and symbol.is_integer for symbol in expr.free_symbols)


def _numbers_last(terms: Any) -> list[Any]:
    return sorted(terms, key=lambda term: term.is_number)


def _is_whole_axis(limit: Any) -> bool:
    index, *bounds = limit
    return bool(bounds == [index.lower, index.upper])
