"""Names for the recurring parts of a formula that was written in one line.

exp(X[n,c]) / Σ_k exp(X[n,k]) is differentiated as exp(X[n,c]) / Z[n], as a textbook does. A part
gets a name if it occurs twice, or if it summarises a tensor that the rest of the formula uses too
(the sum that softmax divides by, a mean, a variance). A tensor divided by its own summary gets one
if more is done with it: the probabilities of attention, the normalised input of layer norm.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sympy import Idx, Indexed, Integer, KroneckerDelta, Mul, Pow, Sum, Symbol, exp

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.named import matched
from gradcheck.derivations.calculus.terms import Bracket, Definition, free_indices
from gradcheck.derivations.calculus.written import (
    factors_of,
    product,
    rebuilt,
    renamed,
    split_number,
)
from gradcheck.derivations.notation.automatic.letters import letters_in, name_from

MOST_NAMES = 30  # for one formula
SUMS = ("Z", "A", "B", "E", "F", "G", "H")
MEANS = ("μ", "m", "A", "B", "E", "F", "G")
SQUARES = ("v", "q", "A", "B", "E", "F", "G")
QUOTIENTS = ("P", "A", "B", "E", "F", "G", "H")
OTHERS = ("A", "B", "E", "F", "G", "H", "R", "U")

Sources = Callable[[Any], frozenset[str]]  # the tensors that an expression depends on


@dataclass(frozen=True)
class Named:
    """The definitions of a forward pass in which recurring parts have names.

    parts    the new definitions
    forward  all definitions in order, the new ones before what uses them
    """

    parts: tuple[Definition, ...]
    forward: tuple[Definition, ...]


def with_names(
    setting: terms.Setting, forward: tuple[Definition, ...], inputs: tuple[str, ...]
) -> Named:
    """The forward pass with names for its recurring parts; as it is, if there are none."""
    taken = {*setting.indices, *setting.sizes, *(f"d{n}" for n in setting.indices)}
    taken |= {str(i) for i in letters_in(e for d in forward for e in (d.lhs, d.rhs))}
    scope = _Scope({*inputs, *(d.name for d in forward)}, setting, set(taken))
    parts: list[Definition] = []
    result: list[Definition] = []
    for definition in forward:
        if definition.recursive or definition.outside is not None:
            result.append(definition)
            continue
        rhs = definition.rhs
        for part in parts:
            rhs = _with_name(rhs, part)
        for _ in range(MOST_NAMES):
            found = scope.next_part(rhs)
            if found is None:
                rhs = _mapped(rhs, scope.divided_inside)
                found = scope.next_part(rhs)
            if found is None:
                break
            parts.append(found)
            result.append(found)
            rhs = _with_name(rhs, found)
        result.append(replace(definition, rhs=rhs))
    return Named(tuple(parts), tuple(result))


class _Scope:
    """What the names in a formula stand for, and which are still free."""

    def __init__(self, known: set[str], setting: terms.Setting, taken: set[str]) -> None:
        self.known = known
        self.indices = dict(setting.indices)
        self.integer = setting.integer
        self.taken = taken
        self.summaries: dict[str, str] = {}  # a new name to what it summarises

    def next_part(self, formula: Any) -> Definition | None:
        """The next part of a formula that deserves a name, inner ones first."""
        for part, partial in parts_of(formula):
            of = self._summarised(part, formula) if _is_total(part) else None
            if of is not None and not partial:
                return self._define(part, _names_for(part), of)
        for part, partial in parts_of(formula):
            if _is_total(part) and not partial and self._twice(part, formula):
                return self._define(part, OTHERS, None)
        for part, _ in parts_of(formula):
            quotient = self._normalised(part, formula)
            if quotient is not None:
                return self._define(quotient, _names_for(quotient), None)
        return None

    def _define(self, part: Any, names: tuple[str, ...], of: str | None) -> Definition:
        name = name_from(names, self.taken)
        part = self._without_lookups(part)
        self.taken |= {name, f"d{name}"}
        self.known.add(name)
        indices = tuple(free_indices(part))
        self.indices[name] = indices
        if of is not None:
            self.summaries[name] = of
        return Definition(terms.entry_of(name, indices), part)

    def _without_lookups(self, part: Any) -> Any:
        """The part for every class, not just for that of a sample: P[n,c] for P[n,y[n]]."""
        lookups = {
            i
            for e in part.atoms(Indexed)
            for i in e.indices
            if isinstance(i, Indexed) and terms.name_of(i) in self.integer
        }
        new: dict[Any, Any] = {}
        for lookup in sorted(lookups, key=str):
            own = self.integer[terms.name_of(lookup)]
            new[lookup] = terms.fresh(own, {*letters_in([part]), *new.values()})
        return renamed(part, new)

    def divided_inside(self, part: Any) -> Any:
        """(Σ_u exp(A[u]) V[u]) / Z as Σ_u exp(A[u]) / Z V[u], if Z summarises A; else None."""
        sums = [f for f in factors_of(part) if isinstance(f, Sum)]
        if len(sums) != 1:
            return None
        below = [
            f
            for f in factors_of(part)
            if _divides(f)
            and terms.tensors_in(f) & {*self.summaries}
            and self._sources(f) < self._sources(sums[0])
        ]
        if not below:
            return None
        first, *others = factors_of(sums[0].function)
        inside = Sum(product(first, *others, *below), *sums[0].limits)
        left = [f for f in factors_of(part) if f is not sums[0] and not any(f is b for b in below)]
        return product(*left, inside)

    def _sources(self, expr: Any) -> frozenset[str]:
        """The tensors with axes that an expression depends on, summaries seen through."""
        names = terms.tensors_in(expr) & self.known
        return frozenset(self.summaries.get(n, n) for n in names if self.indices[n])

    def _summarised(self, part: Any, formula: Any) -> str | None:
        """The one tensor that a part depends on, if it has fewer axes and the rest uses it too."""
        sources = self._sources(part)
        rest = _without(formula, part)
        if len(sources) != 1 or rest == 1:
            return None
        (source,) = sources
        fewer = len(free_indices(part)) < len(self.indices[source])
        return source if fewer and source in self._sources(rest) else None

    def _twice(self, part: Any, formula: Any) -> bool:
        found = [p for p, _ in parts_of(formula) if _same(part, p)]
        return len(found) > 1 and bool(self._sources(part))

    def _normalised(self, part: Any, formula: Any) -> Any:
        """The factors that are a tensor divided by its own summary, if there is more to it."""
        if not isinstance(part, Mul) or part == formula:
            return self._normalised_in_product(part) if isinstance(part, Mul) else None
        whole = self._normalised_in_product(part)
        if whole is None and _divided(part) and self._by_own_summary(factors_of(part)):
            return product(*(f for f in factors_of(part) if not f.is_Number))
        return whole

    def _normalised_in_product(self, part: Any) -> Any:
        factors = factors_of(part)
        for source in sorted(self._sources(part)):
            mine = [f for f in factors if self._sources(f) == {source}]
            others = [f for f in factors if self._sources(f) - {source}]
            if others and len(mine) > 1 and self._by_own_summary(mine):
                chosen = {id(f) for f in mine}
                return product(*(f for f in factors if id(f) in chosen))
        return None

    def _by_own_summary(self, factors: Any) -> bool:
        """Whether one factor divides by a summary, and another one is what it summarises."""
        below = [f for f in factors if _divides(f) and terms.tensors_in(f) & {*self.summaries}]
        above = [f for f in factors if not _divides(f) and self._sources(f)]
        sources = {s for f in below for s in self._sources(f)}
        return bool(below and above) and all(self._sources(f) <= sources for f in above)


def parts_of(formula: Any) -> Iterator[tuple[Any, bool]]:
    """Sums, products and function values in a formula, inner ones first; whether it stands under
    a sum over part of an axis whose letter it is shifted by."""
    yield from _parts(formula, frozenset())


def _parts(expr: Any, partial: frozenset[Any]) -> Iterator[tuple[Any, bool]]:
    if isinstance(expr, (Idx, Indexed, Symbol, KroneckerDelta, Bracket)) or not expr.args:
        return
    if isinstance(expr, Sum):
        limits: Any = expr.limits
        ranges = {i for i, low, high in limits if (low, high) != (i.lower, i.upper)}
        yield from _parts(expr.function, partial | ranges)
    elif _is_total(expr):  # a mean gets a name as a whole
        (inner,) = (a for a in expr.args if isinstance(a, Sum))
        yield from list(_parts(inner, partial))[:-1]
        expr = product(-1, expr) if split_number(expr)[0] < 0 else expr
    else:
        for a in expr.args:
            yield from _parts(a, partial)
    yield expr, bool(_shifted(expr) & partial)


def _shifted(expr: Any) -> set[Any]:
    """Letters that occur in subscripts with an offset."""
    subscripts = (i for e in expr.atoms(Indexed) for i in e.indices if not isinstance(i, Idx))
    return {i for s in subscripts for i in free_indices(s)}


def _is_total(part: Any) -> bool:
    """A sum, or a sum times numbers and sizes, such as a mean."""
    if isinstance(part, Sum):
        return True
    if not isinstance(part, Mul):
        return False
    sums = [f for f in part.args if isinstance(f, Sum)]
    return len(sums) == 1 and all(isinstance(f, Sum) or _is_size(f) for f in part.args)


def _is_size(factor: Any) -> bool:
    return all(s.is_integer and s.is_positive for s in factor.free_symbols)


def _divides(factor: Any) -> bool:
    return isinstance(factor, Pow) and factor.exp.is_Number and bool(factor.exp < 0)


def _divided(part: Any) -> bool:
    return any(_divides(f) for f in factors_of(part))


def _names_for(part: Any) -> tuple[str, ...]:
    if isinstance(part, Mul) and not _is_total(part):
        return QUOTIENTS if part.has(exp) else OTHERS[5:] + OTHERS
    inner = next(iter(f for f in factors_of(part) if isinstance(f, Sum)))
    if isinstance(part, Sum):
        return SUMS if inner.function.has(exp) else OTHERS
    if isinstance(inner.function, Pow):
        return SQUARES
    return MEANS if isinstance(inner.function, Indexed) else OTHERS


def _same(part: Any, other: Any) -> bool:
    return matched(part, other, free_indices(part), {}) is not None


def _without(formula: Any, part: Any) -> Any:
    """The formula with 1 in the place of every occurrence of a part."""
    return _mapped(formula, lambda e: Integer(1) if _same(part, _signed(e)[1]) else None)


def _with_name(formula: Any, part: Definition) -> Any:
    """The formula with the name of a part wherever the part stands, in whatever letters."""
    factors = factors_of(part.rhs) if isinstance(part.rhs, Mul) else ()

    def named(expr: Any) -> Any:
        sign, size = _signed(expr)
        found = matched(part.rhs, size, part.indices, {})
        if found is not None and all(i in found for i in part.indices):
            return product(sign, renamed(part.lhs, found))
        own = factors_of(expr) if isinstance(expr, Mul) else ()
        if factors and len(own) > len(factors) and all(f in own for f in factors):
            left = [f for f in own if f not in factors]
            at = min(own.index(f) for f in factors)
            before = [f for f in left if own.index(f) < at]
            return product(*before, part.lhs, *left[len(before) :])
        return None

    return _mapped(formula, named)


def _signed(expr: Any) -> tuple[int, Any]:
    """Sign and size of a sum times numbers."""
    negative = _is_total(expr) and split_number(expr)[0] < 0
    return (-1, product(-1, expr)) if negative else (1, expr)


def _mapped(expr: Any, new: Callable[[Any], Any]) -> Any:
    """Sub-expressions replaced by what `new` makes of them, the outermost first."""
    if isinstance(expr, (Idx, Indexed, Symbol, KroneckerDelta, Bracket)) or not expr.args:
        return expr
    found = new(expr)
    if found is not None:
        return found
    if isinstance(expr, Sum):
        return Sum(_mapped(expr.function, new), *expr.limits)
    return rebuilt(expr, (_mapped(a, new) for a in expr.args))
