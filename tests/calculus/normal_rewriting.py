"""Rewriting one node of an index expression at a time; nothing around it is simplified."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sympy import Expr, Idx, Indexed, KroneckerDelta, Pow, Sum

from gradcheck.derivations.calculus.terms import Bracket, D, Setting

Path = tuple[int, ...]
Rewrite = Callable[[Any, random.Random, Setting], Any]


def rewritten(
    expr: Any, rng: random.Random, setting: Setting, times: int, kinds: Sequence[Rewrite]
) -> tuple[Any, tuple[str, ...]]:
    """The expression after some rewrites at random places, and their names in order."""
    done: list[str] = []
    for _ in range(times):
        places = [*nodes(expr)]
        rng.shuffle(places)
        rewrites = [*kinds]
        rng.shuffle(rewrites)
        for rewrite in rewrites:
            found = _first(rewrite, places, rng, setting)
            if found is not None:
                path, new = found
                expr = replaced(expr, path, new)
                done.append(rewrite.__name__)
                break
    return expr, tuple(done)


def nodes(expr: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """All places of an expression that have a value, with the numbers that lead there.

    Not among them: subscripts, bounds, and what is differentiated by.
    """
    yield path, expr
    if isinstance(expr, Idx | Indexed | KroneckerDelta) or not expr.args:
        return
    inner = expr.args[:1] if isinstance(expr, Sum | Pow | D) else expr.args
    if isinstance(expr, Bracket):
        return
    for k, argument in enumerate(inner):
        if isinstance(argument, Expr):
            yield from nodes(argument, (*path, k))


def replaced(expr: Any, path: Path, new: Any) -> Any:
    """The expression with another node at a place; nothing is simplified."""
    if not path:
        return new
    first, *others = path
    args = [*expr.args]
    args[first] = replaced(args[first], tuple(others), new)
    return built(expr.func, *args)


def built(kind: Any, *args: Any) -> Any:
    """A node of some kind, left as it is."""
    if kind in (Sum, D, Bracket):
        return kind(*args)
    return kind(*args, evaluate=False)


def _first(
    rewrite: Rewrite, places: list[tuple[Path, Any]], rng: random.Random, setting: Setting
) -> tuple[Path, Any] | None:
    for path, node in places:
        new = rewrite(node, rng, setting)
        if new is not None:
            return path, new
    return None
