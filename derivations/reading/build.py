"""Formulas whose axes are known, written in the notation that layers are written in."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from sympy import KroneckerDelta, Rational, Symbol

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.notation import (
    D,
    Formula,
    Sum,
    absolute,
    bracket,
    cos,
    exp,
    function,
    log,
    relu,
    sigmoid,
    sign,
    sin,
    softplus,
    sqrt,
    step,
    tanh,
)
from gradcheck.derivations.reading import bound, tree
from gradcheck.derivations.reading.axes import Axes
from gradcheck.derivations.reading.errors import IndexMistake
from gradcheck.derivations.reading.parse import UNDEFINED, constant

ELEMENTWISE: dict[str, Callable[[Any], Any]] = {
    "exp": exp, "log": log, "sqrt": sqrt, "tanh": tanh, "sigmoid": sigmoid, "softplus": softplus,
    "relu": relu, "step": step, "sign": sign, "abs": absolute, "sin": sin, "cos": cos,
    **{name: function(name) for name in UNDEFINED},
}  # fmt: skip


class Builder:
    """Writes bound formulas with the indices of some axes.

    integer  for integer tensors: an index over the axis they point into
    """

    def __init__(self, axes: Axes, integer: Mapping[str, Any]) -> None:
        self.axes = axes
        self.integer = integer

    def formula(self, node: tree.Node) -> Formula:
        """An expression, in the order it was written in."""
        match node:
            case tree.Number(value=value):
                return number(value)
            case bound.Read():
                return self.entry(node)
            case bound.Lengthy(length=length):
                return Formula(self.axes.sizes[length])
            case bound.Parameter(name=name):
                return Formula(Symbol(name, integer=True, positive=True))
            case tree.Negative(of=of):
                folded = constant(node)
                return -self.formula(of) if folded is None else number(folded)
            case tree.Operation():
                return self.operation(node)
            case tree.Power(base=base, exponent=Fraction(numerator=1, denominator=2)):
                return sqrt(self.formula(base))
            case tree.Power(base=base, exponent=exponent):
                return self.formula(base) ** number(exponent)
            case tree.Call():
                return self.call(node)
            case bound.Sum():
                return self.sum(node)
            case bound.Compared():
                return self.compared(node)
            case tree.Derivative(of=of, by=by):
                return D(self.formula(of), self.formula(by))
        raise NotImplementedError(f"no formula of {type(node).__name__}")

    def entry(self, node: bound.Read) -> Formula:
        subscripts = [self.index(each) for each in node.subscripts]
        return Formula(terms.entry_of(node.name, subscripts), values=self.integer.get(node.name))

    def index(self, subscript: bound.Subscript) -> Any:
        """A subscript as a SymPy expression in indices and sizes."""
        if subscript.entry is not None:
            return self.entry(subscript.entry).expr
        return self.axes.replaced(subscript.expr)

    def operation(self, node: tree.Operation) -> Formula:
        left, right = self.formula(node.left), self.formula(node.right)
        match node.sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                product: Formula = left * right
                return product
        value = constant(node)
        return left / right if value is None else number(value)

    def call(self, node: tree.Call) -> Formula:
        """max(a, b) is b + relu(a - b), min(a, b) is b - relu(b - a)."""
        if node.function not in ("max", "min"):
            return apply(node.function, self.formula(node.arguments[0]))
        first, second = node.arguments
        if constant(first) == 0:
            first, second = second, first
        a, b = self.formula(first), self.formula(second)
        zero = constant(second) == 0
        if node.function == "max":
            return apply("relu", a) if zero else b + apply("relu", a - b)
        return -apply("relu", -a) if zero else b - apply("relu", b - a)

    def sum(self, node: bound.Sum) -> Formula:
        ranges: list[Any] = []
        count = Formula(Rational(1))
        for letter in node.letters:
            index = self.axes.letters[letter]
            if letter.partial:
                low, high = self.index(letter.low), self.index(letter.high)
                ranges.append((index, low, high))
                length = high - low + 1
            else:
                ranges.append(index)
                length = terms.size_of(index)
            count = Formula(length) if count.expr == 1 else count * Formula(length)
        body = self.formula(node.body)
        try:
            total: Formula = Sum(body, *ranges)
        except ValueError:  # SymPy knows the ranges of indices
            names = ", ".join(letter.name for letter in node.letters if letter.partial)
            raise IndexMistake(
                f"the sum over {names} leaves its axis",
                "entries are counted from 0 to size(m)-1, both included",
                node.at,
            ) from None
        return total / count if node.mean else total

    def compared(self, node: bound.Compared) -> Formula:
        left, right = self.index(node.left), self.index(node.right)
        match node.sign:
            case "==":
                return same(left, right)
            case "!=":
                return 1 - same(left, right)
            case "<=":
                return bracket(left, right)
            case "<":
                return bracket(left + 1, right)
            case ">=":
                return bracket(right, left)
        return bracket(right + 1, left)


def apply(name: str, argument: Formula) -> Formula:
    """An elementwise function of an expression."""
    result: Formula = ELEMENTWISE[name](argument)
    return result


def number(value: Fraction) -> Formula:
    """A fraction as it is, 1/2 rather than 1 divided by 2."""
    return Formula(Rational(value.numerator, value.denominator))


def same(left: Any, right: Any) -> Formula:
    """The Kronecker delta; its axes have been looked at, and a window may have made one longer."""
    return Formula(KroneckerDelta(left, right, evaluate=False))
