"""One side of a formula, parsed by Python's own parser and taken over node by node.

Only the kinds of node listed here are known; nothing is ever evaluated.
"""

import ast
import difflib
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from keyword import iskeyword
from typing import NoReturn

from gradcheck.derivations.reading import tree
from gradcheck.derivations.reading.errors import ReadingError, Span

FUNCTIONS = (
    "exp", "log", "sqrt", "tanh", "sigmoid", "softplus",
    "relu", "step", "sign", "abs", "sin", "cos",
)  # fmt: skip
UNDEFINED = ("f", "g", "h")  # differentiable functions of which nothing else is known
OF_TWO = ("max", "min")
WORDS = ("sum", "mean", "delta", "size", "D", *FUNCTIONS, *OF_TWO)
SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
COMPARISONS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.LtE: "<=", ast.Lt: "<", ast.GtE: ">=", ast.Gt: ">",
}  # fmt: skip
MISSING = re.compile(  # two operands side by side: `a X[i]`, `2X[i]`, `(a)b`
    r"(?<=[\w)\]])[ \n]+(?=[\w(])|(?<!\w)\d[\d.]*(?=[^\W\d])|\)(?=[\w(])|\](?=[\w(])"
)
LARGEST = 10**15  # of a number that is written out
HIGHEST = 100  # of an exponent, and of the denominator of a root


def expression(span: Span, more: tuple[str, ...] = ()) -> tree.Node:
    """The expression that stands at a place; `more` are names that it may call beside functions.

    Raises ReadingError if there is none.
    """
    _require_free_names(span)
    code = str(span)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about code that is never going to be run
            parsed = ast.parse(f"({code}\n)", mode="eval")
    except SyntaxError as error:
        raise _no_syntax(error, span) from None
    except (ValueError, MemoryError, RecursionError):
        raise ReadingError("this cannot be read", "write it in smaller parts", span) from None
    return _Parser(span, code.split("\n"), more).node(parsed.body)


def _no_syntax(error: SyntaxError, span: Span) -> ReadingError:
    missing = MISSING.search(str(span))
    if missing is not None:
        place = span.start + missing.end()
        return ReadingError(
            "an operator is missing here",
            "write products with *",
            Span(span.text, place, place + 1),
        )
    lines = str(span).split("\n")
    line = min(max(error.lineno or 1, 1), len(lines))
    column = (error.offset or 1) - (2 if line == 1 else 1)
    place = sum(len(each) + 1 for each in lines[: line - 1]) + max(0, column)
    place = span.start + min(place, max(0, span.end - span.start - 1))
    return ReadingError(
        "this is not a formula",
        "write products with *, powers with **, entries as X[i,j], sums as sum(expression, index)",
        Span(span.text, place, place + 1),
    )


def _require_free_names(span: Span) -> None:
    """Python's own words cannot be names, and its parser would point elsewhere."""
    for word in re.finditer(r"[^\W\d]\w*", str(span)):
        if iskeyword(word.group()):
            at = Span(span.text, span.start + word.start(), span.start + word.end())
            raise ReadingError(f"{word.group()} cannot be a name", "choose another name", at)


@dataclass(frozen=True)
class _Parser:
    """Takes over Python's nodes; knows the text they came from."""

    span: Span
    lines: list[str]
    more: tuple[str, ...]

    def node(self, node: ast.expr) -> tree.Node:
        at = self.at(node)
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name():
                return tree.Name(at, node.id)
            case ast.UnaryOp(op=ast.USub()):
                return tree.Negative(at, self.node(node.operand))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.node(node.operand)
            case ast.BinOp(op=ast.Pow()):
                return self.power(node)
            case ast.BinOp() if type(node.op) in SIGNS:
                left, right = self.node(node.left), self.node(node.right)
                if isinstance(node.op, ast.Div):
                    self.require_divisor(node.right, right)
                return tree.Operation(at, SIGNS[type(node.op)], left, right)
            case ast.Compare() if all(type(op) in COMPARISONS for op in node.ops):
                return self.comparison(node)
            case ast.Subscript(value=ast.Name(id=name)):
                return tree.Entry(at, name, tuple(map(self.node, _items(node.slice))))
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                return self.call(node, name)
        raise ReadingError(
            "this has no meaning in a formula",
            "known are numbers, names, entries, + - * / **, comparisons and functions",
            at,
        )

    def number(self, node: ast.Constant) -> tree.Number:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.refuse(node, f"{self.at(node)} is no number", "write a number, such as 2 or 0.5")
        if not abs(value) < LARGEST or 0 < abs(value) < 1 / LARGEST:
            self.refuse(node, "this number is too large or too small", "give it a name instead")
        return tree.Number(self.at(node), Fraction(repr(value)))

    def power(self, node: ast.BinOp) -> tree.Node:
        base, exponent = self.node(node.left), constant(self.node(node.right))
        if exponent is None:
            self.refuse(
                node.right,
                "an exponent must be a number",
                "write a power of another kind as exp(b*log(a))",
            )
        if _beyond(exponent):
            self.refuse(
                node.right,
                f"an exponent must lie between -{HIGHEST} and {HIGHEST}",
                "give a power of another kind a name",
            )
        if exponent == 0:
            return tree.Number(self.at(node), Fraction(1))
        if exponent < 0:
            self.require_divisor(node.left, base)
        value = constant(base)
        if value is not None and _beyond(value):
            self.refuse(node.left, "this power is too large a number", "give it a name instead")
        return tree.Power(self.at(node), base, exponent)

    def require_divisor(self, node: ast.expr, divisor: tree.Node) -> None:
        """What divides is not 0, nor a comparison, which is 0 wherever it does not hold."""
        if constant(divisor) == 0:
            self.refuse(node, "this divides by 0", "leave the term out, or correct the divisor")
        if _vanishes(divisor):
            advice = "multiply by the comparison: what it excludes is 0"
            self.refuse(node, "a comparison is 0 where it does not hold: it cannot divide", advice)

    def comparison(self, node: ast.Compare) -> tree.Node:
        """0 <= i <= j is the product of its two conditions."""
        at = self.at(node)
        sides = [self.node(each) for each in (node.left, *node.comparators)]
        conditions: list[tree.Node] = [
            tree.Condition(at, COMPARISONS[type(op)], left, right)
            for op, left, right in zip(node.ops, sides, sides[1:], strict=False)
        ]
        product = conditions[0]
        for condition in conditions[1:]:
            product = tree.Operation(at, "*", product, condition)
        return product

    def call(self, node: ast.Call, name: str) -> tree.Node:
        at, count = self.at(node), len(node.args)
        if name in ("sum", "mean"):
            if count < 2:
                self.refuse(
                    node, f"{name} does not say what it runs over", f"write {name}(expression, i)"
                )
            ranges = tuple(map(self.range, node.args[1:]))
            return tree.Total(at, self.node(node.args[0]), ranges, name == "mean")
        if name == "size":
            match node.args:
                case [ast.Name(id=letter)]:
                    return tree.Size(at, letter)
            self.refuse(node, "size takes one index", "write size(m)")
        if name in self.more:
            return tree.Call(at, name, tuple(map(self.node, node.args)))
        wanted = 2 if name in (*OF_TWO, "delta", "D") else 1
        if name not in (*WORDS, *UNDEFINED):
            self.refuse(node.func, f"there is no function {name}", self.known_functions(name))
        if count != wanted:
            numbers = {1: "one argument", 2: "two arguments"}
            self.refuse(node, f"{name} takes {numbers[wanted]}, {count} given", "correct the call")
        arguments = tuple(map(self.node, node.args))
        if name == "delta":
            return tree.Condition(at, "==", *arguments)
        if name == "D":
            return tree.Derivative(at, *arguments)
        return tree.Call(at, name, arguments)

    def range(self, node: ast.expr) -> tree.Range:
        match node:
            case ast.Name(id=letter):
                return tree.Range(self.at(node), letter, None, None)
            case ast.Tuple(elts=[ast.Name(id=letter), low, high]):
                return tree.Range(self.at(node), letter, self.node(low), self.node(high))
        self.refuse(
            node, "a sum runs over indices", "write sum(expression, i) or sum(..., (i, low, high))"
        )

    def known_functions(self, name: str) -> str:
        near = difflib.get_close_matches(name, WORDS, n=1)
        if near:
            return f"did you mean {near[0]}?"
        return f"known are {', '.join(WORDS)}; f, g and h stand for any differentiable function"

    def at(self, node: ast.expr) -> Span:
        start = self.place(node.lineno, node.col_offset)
        end = self.place(node.end_lineno or 1, node.end_col_offset or 0)
        return Span(self.span.text, start, end)

    def place(self, line: int, column: int) -> int:
        """Python counts bytes, and brackets were put before the first line and after the last."""
        if line > len(self.lines):
            return self.span.end
        text = ("(" if line == 1 else "") + self.lines[line - 1]
        characters = len(text.encode()[:column].decode()) - (line == 1)
        before = sum(len(each) + 1 for each in self.lines[: line - 1])
        return self.span.start + before + max(0, characters)

    def refuse(self, node: ast.expr, problem: str, advice: str) -> NoReturn:
        raise ReadingError(problem, advice, self.at(node))


def _beyond(number: Fraction) -> bool:
    return abs(number) > HIGHEST or number.denominator > HIGHEST


def _vanishes(node: tree.Node) -> bool:
    """Whether a factor of an expression is a comparison."""
    match node:
        case tree.Condition():
            return True
        case tree.Operation(sign="*", left=left, right=right):
            return _vanishes(left) or _vanishes(right)
        case tree.Operation(sign="/", left=left) | tree.Negative(of=left):
            return _vanishes(left)
    return False


def _items(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def constant(node: tree.Node) -> Fraction | None:
    """The value of an expression of numbers alone, None for any other."""
    match node:
        case tree.Number(value=value):
            return value
        case tree.Negative(of=of):
            inner = constant(of)
            return None if inner is None else -inner
        case tree.Operation(sign=sign, left=left, right=right):
            a, b = constant(left), constant(right)
            if a is None or b is None or (sign == "/" and b == 0):
                return None
            return ARITHMETIC[sign](a, b)
        case tree.Power(base=base, exponent=exponent) if exponent.denominator == 1:
            inner = constant(base)
            if inner is None or (inner == 0 and exponent < 0):
                return None
            return Fraction(inner**exponent.numerator)
    return None


ARITHMETIC: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}
