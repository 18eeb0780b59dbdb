"""One chain of an automatic derivation: the derivative of one definition by one tensor."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import Idx, Indexed, KroneckerDelta, Symbol

from gradcheck.derivations.calculus import push, terms
from gradcheck.derivations.calculus.contract import contract_in_order
from gradcheck.derivations.calculus.simplify import shortest
from gradcheck.derivations.calculus.terms import D, plain
from gradcheck.derivations.calculus.written import product, renamed
from gradcheck.derivations.notation.automatic.graph import Graph
from gradcheck.derivations.notation.derivation import Chain, Step

MOST_PASSES = 200  # far more than any formula is deep


@dataclass
class Steps:
    """The steps of a chain as they are found; one that changes nothing is left out."""

    lhs: Any
    steps: list[Step] = field(default_factory=list)

    @property
    def last(self) -> Any:
        return self.steps[-1].expr if self.steps else self.lhs

    def add(self, expr: Any, reason: str) -> None:
        if plain(expr) != plain(self.last):
            self.steps.append(Step(expr, reason))

    def chain(self) -> Chain:
        return Chain(self.lhs, tuple(self.steps))


@dataclass(frozen=True)
class Context:
    """What the steps of a derivative are derived with.

    graph    the forward pass
    by       the entry differentiated by
    fixed    names of what is held fixed
    held     how a derivative says so, if it can be written
    known    derivatives of statistics by that entry, written with their own letters
    named    writes what has a name by it
    """

    graph: Graph
    by: Any
    fixed: frozenset[str]
    held: str | None
    known: Mapping[str, Any]
    named: Callable[[Any], Any]

    def depends(self, expr: Any) -> bool:
        return self.graph.depends(expr, terms.name_of(self.by), self.fixed)


def direct(definition: terms.Definition, context: Context) -> Chain:
    """The derivative of a definition by an entry, rule by rule, deltas contracted at the end.

    Where something is held fixed, the rules are taken together up to the entries themselves: there
    is no name for the derivative of a part.
    """
    steps = Steps(D(definition.lhs, context.by, context.held))
    inner = D(definition.rhs, context.by)
    if terms.name_of(context.by) == _name(definition.rhs):
        steps.add(_own(inner, context), "definition")
        inner = steps.last
    reasons = []
    for expr, reason in _passes(inner, definition, context):
        reasons.append(reason)
        if not context.fixed or not any(_name(d.of) == "" for d in push.derivatives_in(expr)):
            steps.add(expr, _weightiest(reasons))
            reasons = []
    finish(steps, context.named, terms.free_indices(context.by))
    return steps.chain()


def finish(steps: Steps, named: Callable[[Any], Any], avoid: Any = ()) -> None:
    """The last steps: deltas contracted, and what is then shorter."""
    steps.add(contract_in_order(steps.last, avoid), "delta contraction")
    for expr, reason in shortest(steps.last, named):
        steps.add(expr, reason)


def reads_beyond(chain: Chain, graph: Graph) -> bool:
    """Whether a derivative of the next state reads what has no next entry at the end: x[t+1].

    A recursion says what it is beyond its end.
    """
    later = terms.indices_of(chain.lhs.of)[0]
    return any(
        later in e.indices and terms.name_of(e) not in graph.recursive
        for step in chain.steps
        for e in _entries_outside_derivatives(step.expr)
    )


def whole(indices: Iterable[Any]) -> list[Any]:
    """Limits of a sum over the whole axes of some indices, the innermost first."""
    return [(i, i.lower, i.upper) for i in reversed(tuple(indices))]


def _entries_outside_derivatives(expr: Any) -> Iterator[Any]:
    if isinstance(expr, Indexed):
        yield expr
    elif not isinstance(expr, D):
        for part in expr.args:
            yield from _entries_outside_derivatives(part)


def _passes(expr: Any, definition: terms.Definition, context: Context) -> Any:
    """Every rule in turn, wherever it fits, until no derivative is left."""
    depends = context.depends

    def named(value: Any) -> Any:
        own = plain(value) == plain(definition.rhs)
        return definition.lhs if own else context.named(value)

    for _ in range(MOST_PASSES):
        quotient = push.has_quotient(expr, depends)
        rules = (
            ("linearity", push.linear(depends)),
            ("quotient rule" if quotient else "product rule", push.of_products(depends)),
            ("function derivative", push.of_functions(depends, named)),
            ("substitution", lambda d: _statistic(d, context)),
            ("independent entries", lambda d: _entry(d, context)),
        )
        for reason, rule in rules:
            after = _own(push.rewritten(expr, rule), context)
            if after != expr:
                written = isinstance(after, D) and plain(after.of) == plain(definition.rhs)
                yield after, "definition" if written else reason
                expr = after
                break
        else:
            return


def _own(expr: Any, context: Context) -> Any:
    """Entries of a recursion differentiated by stand for themselves, whatever came before."""
    at_once = terms.name_of(context.by) in context.fixed
    return push.rewritten(expr, lambda d: _entry(d, context)) if at_once else expr


def _weightiest(reasons: list[str]) -> str:
    """The one reason to give for several rules taken together."""
    rules = ("quotient rule", "product rule", "function derivative", "substitution")
    return next((r for r in rules if r in reasons), reasons[0])


def _statistic(d: Any, context: Context) -> Any:
    name = _name(d.of)
    if name not in context.known:
        return None
    letters = dict(
        zip(context.graph.definitions[name].indices, terms.indices_of(d.of), strict=True)
    )
    return renamed(context.known[name], letters)


def _entry(d: Any, context: Context) -> Any:
    return _deltas(d) if _name(d.of) == terms.name_of(context.by) else None


def _deltas(d: Any) -> Any:
    pairs = zip(terms.indices_of(d.of), terms.indices_of(d.by), strict=True)
    return product(*(KroneckerDelta(a, b, evaluate=False) for a, b in pairs if a != b))


def _name(expr: Any) -> str:
    """The tensor whose entry an expression is; empty if it is none."""
    entry = isinstance(expr, (Indexed, Symbol)) and not isinstance(expr, Idx)
    return terms.name_of(expr) if entry else ""
