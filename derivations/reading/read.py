"""Reading formulas, facts and claims: from text to a `Problem`.

The stages, each in a file of its own: scan (text to formulas), parse (formulas to trees), bind
(what the names are), axes (what the letters run over), build (the notation of layers).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.notation import define, tensor
from gradcheck.derivations.notation.formula import Formula
from gradcheck.derivations.reading import bound, order, tree
from gradcheck.derivations.reading.axes import Axes, index_over
from gradcheck.derivations.reading.bind import Binder
from gradcheck.derivations.reading.build import Builder
from gradcheck.derivations.reading.claim_axes import claim_axes
from gradcheck.derivations.reading.errors import IndexMistake, ReadingError, Span
from gradcheck.derivations.reading.facts import Stated, read_facts, require_known
from gradcheck.derivations.reading.infer import infer
from gradcheck.derivations.reading.names import Names, parameters
from gradcheck.derivations.reading.order import Parts, sorted_out
from gradcheck.derivations.reading.parse import expression
from gradcheck.derivations.reading.problem import LETTERS, Claim, Problem, Turned, unused_letters
from gradcheck.derivations.reading.scan import Statement, statements
from gradcheck.derivations.reading.turned import Sides, turned


def read(
    formulas: str | Iterable[str], facts: Iterable[str] = (), claims: Iterable[str] = ()
) -> Problem:
    """The problem that formulas in the mini-notation state.

    Raises ReadingError, which points at the place. A claim whose indices do not fit is no such
    error: it is a claim with a mistake.
    """
    texts = [formulas] if isinstance(formulas, str) else [*formulas]
    try:
        return _read(texts, [*facts], [*claims])
    except RecursionError:
        at = Span(max(texts, key=len), 0, 1)
        raise ReadingError("this is nested too deeply", "name parts of it", at) from None


def _read(texts: list[str], facts: list[str], claims: list[str]) -> Problem:
    found = [statement for text in texts for statement in statements(text)]
    if not found:
        at = Span(texts[0] if texts else "", 0, 0)
        raise ReadingError("there is no formula", "write one, e.g. Y[i] = tanh(X[i])", at)
    parsed = [_definition(statement) for statement in found]
    names = Names(parameters=parameters(parsed))
    parts = _bound(parsed, found, names)
    stated = read_facts(facts)
    axes = _axes(parts, names, stated)
    return _Problem(parts, names, stated, axes).problem(claims)


def _definition(statement: Statement) -> tuple[tree.Node, tree.Node]:
    if len(statement.sides) != 2:
        raise ReadingError(
            "a formula has one = sign",
            "write Y[i] = ...; equalities to be checked are claims",
            statement.span,
        )
    left, right = map(expression, statement.sides)
    if not isinstance(left, (tree.Name, tree.Entry)):
        raise ReadingError("the left side is no tensor", "write it as Y[i,j] or L", left.at)
    return left, right


def _bound(
    parsed: list[tuple[tree.Node, tree.Node]], found: list[Statement], names: Names
) -> Parts:
    """All formulas with their names bound, sorted by what they are."""
    defined: dict[str, int] = {}
    for left, _ in parsed:
        assert isinstance(left, (tree.Name, tree.Entry))
        count = len(left.subscripts) if isinstance(left, tree.Entry) else 0
        defined.setdefault(left.name, count)
    names.ranks |= defined
    equations = []
    for sides, statement in zip(parsed, found, strict=True):
        equations.append(Binder(names).equation(sides, statement.span))
    names.ranks = _by_appearance(equations, names.ranks)
    for name, at in names.integers.items():
        if name in defined or name in names.values:
            raise ReadingError(
                f"{name} stands in a subscript and is a number elsewhere",
                "an integer input stands in subscripts and deltas only",
                names.values.get(name, at),
            )
    return sorted_out(equations)


def _by_appearance(equations: list[bound.Equation], ranks: dict[str, int]) -> dict[str, int]:
    sides = (side for equation in equations for side in equation.sides)
    reads = (n.name for side in sides for n in bound.nodes(side) if isinstance(n, bound.Read))
    return {name: ranks[name] for name in dict.fromkeys(reads)}


def _axes(parts: Parts, names: Names, stated: list[Stated]) -> Axes:
    cotangent = f"d{parts.output}"
    known = {**names.ranks, cotangent: names.ranks[parts.output]}
    require_known(stated, known, {*parts.definitions})
    padded = [each.fact.tensor for each in stated if each.fact.kind == "padded"]
    pairs = [
        ((each.fact.tensor, each.fact.axes[0]), (each.fact.tensor, each.fact.axes[1]))
        for each in stated
        if each.fact.kind == "symmetric"
    ]
    order.require_recursions(parts, {*padded})
    return infer(parts.equations, names, parts.starts, padded, pairs)


class _Problem:
    """Writes what was bound in the notation of layers."""

    def __init__(self, parts: Parts, names: Names, stated: list[Stated], axes: Axes) -> None:
        self.parts = parts
        self.names = names
        self.stated = stated
        self.axes = axes
        values = {name: axes.values[name] for name in names.integers}
        integer = {
            name: index_over(self._letter(length), length) for name, length in values.items()
        }
        self.builder = Builder(axes, integer)

    def problem(self, claims: list[str]) -> Problem:
        given = [name for name in self.names.ranks if name not in self.parts.definitions]
        self._require_distinct_gradients()
        problem = Problem(
            inputs=tuple(map(self._input, given)),
            forward=tuple(map(self._definition, self.parts.order)),
            facts=tuple(s.fact for s in self.stated if s.fact.kind not in ("positive", "padded")),
            parameters=tuple(sorted(self.names.parameters)),
            padded=tuple(self._stated("padded") - {*given}),
        )
        known = self._claimed_names(problem)
        read = [self._claim(s, known) for text in claims for s in statements(text)]
        return replace(problem, claims=tuple(read))

    def _stated(self, kind: str) -> set[str]:
        return {each.fact.tensor for each in self.stated if each.fact.kind == kind}

    def _letter(self, length: Any) -> str:
        """A letter that runs over an axis of this length, one of the author's if there is one."""
        for index in self.axes.letters.values():
            if index.upper + 1 == length:
                return str(index)
        return LETTERS[0]

    def _input(self, name: str) -> Any:
        positive, padded = name in self._stated("positive"), name in self._stated("padded")
        integer = self.builder.integer.get(name)
        indices = self._indices(name)
        if padded and not indices:
            raise ReadingError(
                f"{name} is a number and cannot be padded",
                "declare tensors as padded",
                next(s.at for s in self.stated if s.fact.tensor == name),
            )
        return tensor(name, *indices, positive=positive, integer=integer, padded=padded)

    def _indices(self, name: str) -> tuple[Any, ...]:
        """Indices for the axes of an input, with the letters of its first plain reading."""
        rank = self.names.ranks[name]
        lengths = [self.axes.lengths[name, k] for k in range(rank)]
        for equation in self.parts.equations:
            for node in (n for side in equation.sides for n in bound.nodes(side)):
                if isinstance(node, bound.Read) and node.name == name:
                    letters = [each.letter for each in node.subscripts]
                    indices = [self.axes.letters[x] for x in letters if x is not None]
                    fitting = [i.upper + 1 for i in indices] == lengths
                    if fitting and len({*map(str, indices)}) == rank:
                        return tuple(indices)
        taken = {*self.axes.letters.values()}
        return unused_letters(tuple(index_over("i", length) for length in lengths), taken)

    def _definition(self, name: str) -> terms.Definition:
        equation = self.parts.definitions[name]
        left, right = map(self.builder.formula, equation.sides)
        outside = None
        if name in self.parts.starts:
            at_start, outside = map(self.builder.formula, self.parts.starts[name].sides)
            own = zip(terms.indices_of(at_start.expr), terms.indices_of(left.expr), strict=True)
            outside = Formula(terms.rename(outside.expr, dict([*own][1:])))
        return define(left, right, outside)

    def _require_distinct_gradients(self) -> None:
        for equation in self.parts.equations:
            for node in (n for side in equation.sides for n in bound.nodes(side)):
                of = node.name[1:] if isinstance(node, bound.Read) else ""
                if of in self.names.ranks and node.name.startswith("d"):
                    raise ReadingError(
                        f"{node.name} would also be the gradient by {of}",
                        "choose another name",
                        node.at,
                    )

    def _claimed_names(self, problem: Problem) -> Names:
        """The names that claims may use, gradients among them."""
        ranks = dict(self.names.ranks)
        for name in self.names.ranks:
            if name not in self.names.integers:
                ranks[f"d{name}"] = ranks[name]
        return replace(self.names, ranks=ranks, closed=True)

    def _claim(self, statement: Statement, names: Names) -> Claim:
        if len(statement.sides) < 2:
            raise ReadingError(
                "a claim says that two things are equal",
                f"write it as dX[i] = ..., or dX[i] = {statement}",
                statement.span,
            )
        parsed = tuple(map(expression, statement.sides))
        try:
            claim = self._read_claim(statement, parsed, names)
        except IndexMistake as wrong:
            claim = Claim(statement.span, (), statement.sides, wrong)
        if claim.mistake is None:
            return claim
        return replace(claim, turned=tuple(self._turned(statement, parsed, names)))

    def _read_claim(self, statement: Statement, parsed: Sides, names: Names) -> Claim:
        """Raises IndexMistake for a mistake after which nothing can be compared."""
        binder = Binder(names)
        equation = binder.equation(parsed, statement.span)
        self._require_entries(equation, names)
        given = self._with_gradients()
        axes, mistake = claim_axes(given, equation)
        sides = self._sides(equation, axes)
        mistake = binder.mistake or mistake
        otherwise: tuple[Any, ...] = ()
        if mistake is not None:
            other, _ = claim_axes(given, equation, right_first=True)
            otherwise = self._sides(equation, other)
        return Claim(statement.span, sides, statement.sides, mistake, otherwise)

    def _turned(self, statement: Statement, parsed: Sides, names: Names) -> Iterator[Turned]:
        """The claim with an entry transposed, wherever its indices then fit."""
        for was, becomes, sides in turned(parsed):
            try:
                claim = self._read_claim(statement, sides, names)
            except ReadingError:
                continue
            if claim.mistake is None:
                yield Turned(was, becomes, claim.sides)

    def _sides(self, equation: bound.Equation, axes: Axes) -> tuple[Any, ...]:
        builder = Builder(axes, self.builder.integer)
        return tuple(builder.formula(side).expr for side in equation.sides)

    def _with_gradients(self) -> Axes:
        lengths = {(f"d{name}", k): length for (name, k), length in self.axes.lengths.items()}
        return replace(self.axes, lengths={**lengths, **self.axes.lengths})

    def _require_entries(self, equation: bound.Equation, names: Names) -> None:
        """What a claim differentiates by must be an entry of something that can vary."""
        for node in (n for side in equation.sides for n in bound.nodes(side)):
            if isinstance(node, tree.Derivative):
                by = node.by
                varies = isinstance(by, bound.Read) and by.name in self.names.ranks
                if not varies or getattr(by, "name", "") in names.integers:
                    raise ReadingError(
                        "a derivative is taken by an entry of an input or an intermediate",
                        "write it as D(Y[s,n], W[i,j])",
                        by.at,
                    )
