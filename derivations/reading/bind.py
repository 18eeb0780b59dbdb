"""What the names in a formula are: letters and their sums, parameters, tensors and their ranks.

Checked here: an index that belongs to no sum and no left side, one summed twice or not used, a
wrong number of indices, an unknown name in a claim, a subscript that is not affine.
"""

from collections.abc import Mapping
from typing import Any

from sympy import Integer, Symbol

from gradcheck.derivations.reading import bound, tree
from gradcheck.derivations.reading.bound import Letter
from gradcheck.derivations.reading.errors import IndexMistake, ReadingError, Span
from gradcheck.derivations.reading.names import Names
from gradcheck.derivations.reading.parse import WORDS

Scope = Mapping[str, Letter]


class Binder:
    """Binds the names of one formula."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.letters: list[Letter] = []
        self.lengths: list[bound.Length] = []
        self.free: dict[str, Letter] = {}
        self.strays: dict[str, Letter] = {}
        self.opened = False  # whether a letter that is new is a free one
        self.mistake: IndexMistake | None = None

    def equation(self, sides: tuple[tree.Node, ...], at: Span) -> bound.Equation:
        """The left side says which letters are free; the others may have no more."""
        left, *right = sides
        self.opened = True
        bound_sides = [self.value(left, self.free)]
        self.opened = False
        bound_sides += [self.value(side, self.free) for side in right]
        for length in self.lengths:
            length.of = tuple(each for each in self.letters if each.name == length.letter)
        return bound.Equation(
            tuple(bound_sides),
            tuple(self.free.values()),
            tuple(self.letters),
            tuple(self.lengths),
            at,
        )

    def value(self, node: tree.Node, scope: Scope) -> tree.Node:
        """An expression that is a number."""
        at = node.at
        match node:
            case tree.Number():
                return node
            case tree.Name(name=name):
                return self.scalar(name, scope, at)
            case tree.Entry(name=name):
                self.use_as_value(name, at)
                return self.entry(node, scope)
            case tree.Negative(of=of):
                return tree.Negative(at, self.value(of, scope))
            case tree.Operation(sign=sign, left=left, right=right):
                return tree.Operation(at, sign, self.value(left, scope), self.value(right, scope))
            case tree.Power(base=base, exponent=exponent):
                return tree.Power(at, self.value(base, scope), exponent)
            case tree.Call(function=function, arguments=arguments):
                return tree.Call(at, function, tuple(self.value(a, scope) for a in arguments))
            case tree.Condition(sign=sign, left=left, right=right):
                sides = self.subscript(left, scope), self.subscript(right, scope)
                return bound.Compared(at, sign, *sides)
            case tree.Size(letter=letter):
                return bound.Lengthy(at, self.length(letter, at))
            case tree.Total():
                return self.sum(node, scope)
            case tree.Derivative(of=of, by=by) if self.names.closed:
                return tree.Derivative(at, self.value(of, scope), self.value(by, scope))
            case tree.Derivative():
                raise ReadingError(
                    "a formula cannot contain a derivative", "state derivatives as claims", at
                )
        raise ReadingError("this is no value", "write a number, an entry or a sum", at)

    def scalar(self, name: str, scope: Scope, at: Span) -> tree.Node:
        if name in self.names.parameters:
            return bound.Parameter(at, name)
        if name in scope:
            raise ReadingError(
                f"the index {name} is used as a number",
                f"use {name} in brackets, in delta and in comparisons only",
                at,
            )
        self.names.require(name, 0, at)
        self.use_as_value(name, at)
        return bound.Read(at, name, ())

    def use_as_value(self, name: str, at: Span) -> None:
        if self.names.closed and name in self.names.integers:
            raise ReadingError(
                f"the entries of {name} are subscripts, and no values",
                f"use {name} in brackets and in delta only",
                at,
            )
        self.names.values.setdefault(name, at)

    def entry(self, node: tree.Entry, scope: Scope) -> bound.Read:
        self.names.require(node.name, len(node.subscripts), node.at)
        for each in node.subscripts:
            if isinstance(each, tree.Name) and each.name in self.names.parameters:
                raise IndexMistake(
                    f"{each.name} is a whole number in the formulas, and no index",
                    "use another letter",
                    each.at,
                )
        subscripts = tuple(self.subscript(each, scope) for each in node.subscripts)
        return bound.Read(node.at, node.name, subscripts)

    def sum(self, node: tree.Total, scope: Scope) -> bound.Sum:
        inner = dict(scope)
        letters: list[Letter] = []
        for each in node.ranges:
            if each.letter in inner:
                twice = any(each.letter == letter.name for letter in letters)
                summed = twice or each.letter not in self.free
                raise IndexMistake(
                    f"{each.letter} is summed twice"
                    if summed
                    else f"{each.letter} is summed over and stands on the left side too",
                    "use another letter in the sum",
                    each.at,
                )
            if each.letter in self.names.parameters or each.letter in WORDS:
                raise ReadingError(f"{each.letter} is no index", "use another letter", each.at)
            letter = Letter(each.letter, each.at)
            if each.low is not None and each.high is not None:
                letter.low = self.limit(each.low, inner)
                letter.high = self.limit(each.high, inner)
            self.letters.append(letter)
            letters.append(letter)
            inner[letter.name] = letter
        body = self.value(node.body, inner)
        for letter in letters:
            if not (letter.used or self.names.closed):  # in a claim it is a factor size(m)
                raise IndexMistake(
                    f"{letter.name} is summed over, but nothing in the sum depends on it",
                    f"leave {letter.name} out, or multiply by size({letter.name})",
                    letter.at,
                )
        return bound.Sum(node.at, body, tuple(letters), node.mean)

    def limit(self, node: tree.Node, scope: Scope) -> bound.Subscript:
        limit = self.subscript(node, scope)
        if limit.entry is not None:
            raise ReadingError(
                "a sum cannot end at an entry of a tensor",
                "sum over the whole axis and multiply by a comparison such as (k <= y[s])",
                node.at,
            )
        return limit

    def subscript(self, node: tree.Node, scope: Scope) -> bound.Subscript:
        """An index expression: an entry of an integer tensor, or affine in letters."""
        if isinstance(node, tree.Entry):
            names = self.names
            if names.closed and node.name in {*names.ranks} - {*names.integers}:
                raise ReadingError(
                    f"the entries of {node.name} are no whole numbers",
                    "use an index, or an entry of a tensor that a formula uses as subscript",
                    node.at,
                )
            self.names.integers.setdefault(node.name, node.at)
            return bound.Subscript(node.at, None, (), self.entry(node, scope))
        found: dict[str, Letter] = {}
        plain = isinstance(node, tree.Name)
        expr = self.affine(node, scope, found, plain)
        return bound.Subscript(node.at, expr, tuple(found.values()))

    def affine(
        self, node: tree.Node, scope: Scope, found: dict[str, Letter], plain: bool = False
    ) -> Any:
        match node:
            case tree.Number(value=value) if value.denominator == 1:
                return Integer(value.numerator)
            case tree.Name(name=name):
                return self.letter_or_parameter(node, name, scope, found, plain)
            case tree.Negative(of=of):
                return -self.affine(of, scope, found)
            case tree.Size(letter=letter):
                return self.length(letter, node.at).symbol
            case tree.Operation(sign="+" | "-" | "*" as sign, left=left, right=right):
                a, b = self.affine(left, scope, found), self.affine(right, scope, found)
                symbols = {each.symbol for each in found.values()}
                if sign == "*" and a.free_symbols & symbols and b.free_symbols & symbols:
                    raise ReadingError(
                        "two indices are multiplied in a subscript",
                        "an index may be multiplied by numbers, sizes and parameters only",
                        node.at,
                    )
                return a + b if sign == "+" else a - b if sign == "-" else (a * b).expand()
        raise ReadingError(
            "this cannot stand in a subscript",
            "known there are indices, whole numbers, size(m), + - *, and integer entries y[s]",
            node.at,
        )

    def letter_or_parameter(
        self, node: tree.Node, name: str, scope: Scope, found: dict[str, Letter], plain: bool
    ) -> Any:
        if name in self.names.parameters:
            return Symbol(name, integer=True, positive=True)
        letter = scope.get(name)
        if letter is None and self.opened:
            letter = self.free[name] = Letter(name, node.at)
            self.letters.append(letter)
        if letter is None:
            letter = self.dangling(name, node.at)
        letter.used = True
        found[name] = letter
        return letter.symbol

    def dangling(self, name: str, at: Span) -> Letter:
        """A letter that belongs to nothing: an error, and in a claim a mistake of its author."""
        advice = f"sum over {name}, or give {name} to the left side"
        if name != name.lower():
            advice = "indices are lower-case names; the length of an axis is size(m)"
        mistake = IndexMistake(
            f"the index {name} is in no sum and not on the left side", advice, at
        )
        if not self.names.closed:
            raise mistake
        self.mistake = self.mistake or mistake
        if name not in self.strays:
            self.strays[name] = Letter(name, at)
            self.letters.append(self.strays[name])
        return self.strays[name]

    def length(self, letter: str, at: Span) -> bound.Length:
        if letter in self.names.parameters:
            raise ReadingError(
                f"{letter} is a whole number and has no size", "write it as it is", at
            )
        length = bound.Length(at, letter)
        self.lengths.append(length)
        return length
