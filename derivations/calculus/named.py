"""Writing recurring expressions by their names, in the order in which they stand.

P[n,c] = exp(X[n,c]) / Γ[n] makes P[n,c] P[n,k] of exp(X[n,c]) exp(X[n,k]) / Γ[n]², and
μ[n] = 1/C Σ_c X[n,c] makes C μ[n] of Σ_k X[n,k].
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from sympy import Add, Function, Idx, Indexed, Integer, KroneckerDelta, Pow, Sum, Symbol

from gradcheck.derivations.calculus.terms import (
    Bracket,
    D,
    Definition,
    free_indices,
    match,
    tensors_in,
)
from gradcheck.derivations.calculus.written import (
    powers_of,
    product,
    rebuilt,
    renamed,
    terms_of,
    total,
)

Found = dict[Any, Any]
Rule = tuple[Definition, list[Any], Any, frozenset[str]]
SUMMED = "Σ"  # what the names of summed letters begin with while two sides are matched


def namer(definitions: Iterable[Definition]) -> Callable[[Any], Any]:
    """A function that writes what some definitions define by their names."""
    by_tensor: dict[str, list[Rule]] = {}
    for definition in definitions:
        core, rest = _pattern(definition)
        if _distinctive(core):
            mentioned = set().union(*(tensors_in(base) for base, _ in core))
            rule = definition, core, rest, frozenset(mentioned)
            by_tensor.setdefault(min(mentioned, default=""), []).append(rule)

    def named(expr: Any) -> Any:
        names = tensors_in(expr)
        near = [r for n in sorted({"", *names}) for r in by_tensor.get(n, ()) if r[3] <= names]
        return _named(expr, near) if near else expr

    return named


def matched(pattern: Any, expr: Any, holes: Iterable[Any], found: Found) -> Found | None:
    """Values of the letters `holes` that make `pattern` this expression; those found so far hold.

    The letters of a sum may differ.
    """
    left = [h for h in holes if h not in found]
    template = renamed(pattern, found)
    more = match(_with_numbered_letters(template), _with_numbered_letters(expr), left)
    if more is None or not all(isinstance(v, (Idx, Indexed, Integer)) for v in more.values()):
        return None
    if any(str(i).startswith(SUMMED) for v in more.values() for i in free_indices(v)):
        return None
    return {**found, **more}


@cache
def _with_numbered_letters(expr: Any, depth: int = 0) -> Any:
    """The expression with its summed letters named by their depth: then letters do not matter."""
    if isinstance(expr, (Idx, Indexed, Symbol)) or not expr.args:
        return expr
    if isinstance(expr, Sum):
        limits: Any = expr.limits
        new = {
            index: Idx(f"{SUMMED}{depth + k}", (index.lower, index.upper))
            for k, (index, *_) in enumerate(limits)
        }
        body = _with_numbered_letters(renamed(expr.function, new), depth + len(new))
        ranges = [(new[i], renamed(low, new), renamed(up, new)) for i, low, up in limits]
        return Sum(body, *ranges)
    return rebuilt(expr, (_with_numbered_letters(a, depth) for a in expr.args))


def _pattern(definition: Definition) -> tuple[list[Any], Any]:
    """The factors that must be found, and the rest, which can be made up for: what is never 0."""
    powers = powers_of(definition.rhs)
    core = [(b, e) for b, e in powers if not _made_up_for(b, e)]
    core.sort(key=_plainness)
    rest = product(*(Pow(b, e, evaluate=False) for b, e in powers if (b, e) not in core))
    return core, rest


def _made_up_for(base: Any, exponent: Any) -> bool:
    """Whether a factor may be missing: one can divide by numbers and sizes, not by scalars."""
    if free_indices(base) or isinstance(base, (Sum, Function)):
        return False
    return exponent < 0 or all(s.is_integer and s.is_positive for s in base.free_symbols)


def _distinctive(core: list[Any]) -> bool:
    """Not a mere product of entries, which nobody would recognise."""
    return any(isinstance(b, (Add, Function, Sum)) or e != 1 for b, e in core)


def _named(expr: Any, rules: list[Rule]) -> Any:
    if isinstance(expr, (Idx, Indexed, Symbol, KroneckerDelta, Bracket, D)) or not expr.args:
        return expr
    if isinstance(expr, Pow) and not expr.exp.is_Integer:
        for definition, core, rest, _ in rules:  # the root itself, before what stands under it
            if _is_root(core):
                expr = _in_product(expr, definition, core, rest)
    if isinstance(expr, Sum):
        inner: Any = Sum(_named(expr.function, rules), *expr.limits)
    elif isinstance(expr, Add):
        inner = total(*(_named(t, rules) for t in terms_of(expr)))
    else:
        inner = rebuilt(expr, (_named(a, rules) for a in expr.args))
    for definition, core, rest, _ in rules:
        inner = _in_product(inner, definition, core, rest)
    return inner


def _in_product(expr: Any, definition: Definition, core: list[Any], rest: Any) -> Any:
    """A product in which the factors of a definition, as often as they occur, have its name."""
    powers = powers_of(expr)
    while (hit := _find(powers, definition, core)) is not None:
        letters, times = hit
        name = renamed(definition.lhs, letters)
        wanted = [(renamed(b, letters), e * times) for b, e in core]
        places = [_place(powers, base, exponent) for base, exponent in wanted]
        first = min(places)
        for at, (_, exponent) in zip(places, wanted, strict=True):
            powers[at] = (powers[at][0], powers[at][1] - exponent)
        value = product(Pow(rest, -times, evaluate=False), Pow(name, times, evaluate=False))
        powers[first:first] = powers_of(value)
        powers = [(b, e) for b, e in powers if e != 0]
        expr = product(*(Pow(b, e, evaluate=False) for b, e in powers))
    return expr


def _find(powers: list[Any], definition: Definition, core: list[Any]) -> tuple[Found, Any] | None:
    """Letters with which all factors of a definition occur, and how often they do."""

    def search(left: list[Any], found: Found, times: Any) -> tuple[Found, Any] | None:
        if not left:
            complete = all(i in found for i in definition.indices)
            return (found, times) if complete else None
        (pattern, exponent), *others = left
        for base, power in powers:
            ratio = power / exponent
            if abs(ratio) < 1 or (ratio < 0 and not _is_root(core)):
                continue
            more = matched(pattern, base, definition.indices, found)
            if more is not None:
                hit = search(others, more, min(times, Integer(int(ratio))))
                if hit is not None:
                    return hit
        return None

    most = max(abs(int(e)) + 1 for _, e in powers) if powers else 1
    return search(core, {}, Integer(2 * most))


def _place(powers: list[Any], base: Any, exponent: Any) -> int:
    for at, (other, power) in enumerate(powers):
        if abs(power / exponent) >= 1 and (
            other == base or matched(base, other, (), {}) is not None
        ):
            return at
    raise AssertionError(f"{base} was found and is not there")


def _is_root(core: list[Any]) -> bool:
    """Whether a definition is a root alone: its name then also stands for 1 / √x, below a line."""
    return len(core) == 1 and core[0][1] > 0 and not core[0][1].is_Integer


def _plainness(factor: tuple[Any, Any]) -> int:
    """Factors that say most come first: they find the letters."""
    return -len(free_indices(factor[0]))
