"""Every one-edit change of an index expression: the slips of the pen of an author.

Nothing is asked of the result: it may be ill-typed, dangling, or by chance still right.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from calculus.normal_rewriting import Path, built, replaced
from sympy import (
    Add,
    Expr,
    Function,
    Idx,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Sum,
    Symbol,
    cos,
    exp,
    log,
    sin,
    tanh,
)

from gradcheck.derivations.calculus.functions import (
    Undefined,
    absolute,
    relu,
    sigmoid,
    sign,
    softplus,
    step,
)
from gradcheck.derivations.calculus.terms import (
    Bracket,
    D,
    Setting,
    free_indices,
    indices_of,
    name_of,
    outermost,
    size_of,
)

FUNCTIONS = {
    exp: (log, tanh),
    log: (exp,),
    tanh: (sigmoid, exp),
    sigmoid: (tanh, softplus),
    softplus: (relu, sigmoid),
    relu: (step, absolute),
    step: (relu, sign),
    absolute: (relu, sign),
    sign: (absolute, step),
    sin: (cos,),
    cos: (sin,),
}


@dataclass(frozen=True)
class Edit:
    """A changed expression, and what was done to it."""

    kind: str
    expr: Any


def edits(expr: Any, setting: Setting) -> list[Edit]:
    """All one-edit changes, each result once."""
    letters = [*_letters(expr)]
    found: dict[Any, Edit] = {}
    for path, node in _places(expr):
        for kind, new in _changes(node, letters, setting):
            changed = replaced(expr, path, new)
            if changed != expr:
                found.setdefault(changed, Edit(kind, changed))
    for kind, changed in _exchanged(expr, letters):
        if changed != expr:
            found.setdefault(changed, Edit(kind, changed))
    return [*found.values()]


def _letters(expr: Any) -> dict[Any, None]:
    """All indices that occur, free or summed."""
    if isinstance(expr, Idx):
        return {expr: None}
    return {i: None for a in getattr(expr, "args", ()) for i in _letters(a)}


def _places(expr: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, expr
    if isinstance(expr, Idx | Indexed | KroneckerDelta | Bracket) or not expr.args:
        return
    for k, argument in enumerate(expr.args[:1] if isinstance(expr, Sum | D) else expr.args):
        if isinstance(argument, Expr):
            yield from _places(argument, (*path, k))


def _changes(node: Any, letters: list[Any], setting: Setting) -> Iterator[tuple[str, Any]]:
    match node:
        case Indexed():
            yield from _of_entry(node, letters, setting)
        case KroneckerDelta() | Bracket():
            yield from _of_condition(node, letters)
        case Sum():
            yield from _of_sum(node, letters)
        case Mul() | Add():
            yield from _of_terms(node)
        case Pow():
            yield from _of_power(node)
        case D():
            yield "derivative not taken", node.of
            yield "derivative by its own", built(D, node.by, *node.args[1:])
            for kind, by in _of_entry(node.by, letters, setting) if indices_of(node.by) else ():
                if isinstance(by, Indexed):
                    yield kind, built(D, node.of, by, *node.args[2:])
        case Integer() if node != -1:
            yield "number", node + 1
            yield "number", node - 1
        case Symbol() if not isinstance(node, Idx) and str(node) in setting.sizes:
            others = {str(size_of(i)): size_of(i) for i in letters}
            yield from (("another size", s) for n, s in others.items() if n != str(node))
            yield "size dropped", Integer(1)
        case Function():
            yield from _of_function(node)
    if not isinstance(node, Integer | D | Sum):
        yield "sign", built(Mul, -1, node)
        yield "factor 2", built(Mul, 2, node)


def _of_entry(node: Any, letters: list[Any], setting: Setting) -> Iterator[tuple[str, Any]]:
    own = node.indices
    for place, subscript in enumerate(own):
        for letter in letters:
            if letter != subscript:
                yield "index", node.base[(*own[:place], letter, *own[place + 1 :])]
        for by in (1, -1):
            yield "offset", node.base[(*own[:place], subscript + by, *own[place + 1 :])]
    if len(own) > 1:
        yield "indices exchanged", node.base[(own[1], own[0], *own[2:])]
    axes = [_axis(i) for i in setting.indices[name_of(node)]]
    for name, indices in setting.indices.items():
        if name != name_of(node) and [_axis(i) for i in indices] == axes:
            yield "another tensor", IndexedBase(name)[own]
    yield "square", built(Pow, node, Integer(2))


def _of_condition(node: Any, letters: list[Any]) -> Iterator[tuple[str, Any]]:
    left, right = node.args
    for letter in letters:
        for pair in ((letter, right), (left, letter)):
            if pair != (left, right) and pair[0] != pair[1]:
                yield "index of a delta", _condition(node, *pair)
    yield "delta dropped", Integer(1)
    yield "delta with an offset", _condition(node, left, right + 1)


def _condition(node: Any, left: Any, right: Any) -> Any:
    if isinstance(node, Bracket):
        return Bracket(left, right)
    return KroneckerDelta(left, right, evaluate=False)


def _of_sum(node: Any, letters: list[Any]) -> Iterator[tuple[str, Any]]:
    body, (index, low, high) = outermost(node)
    yield "sum dropped", body
    yield "bound", Sum(body, (index, low + 1, high))
    yield "bound", Sum(body, (index, low, high - 1))
    yield "size of the axis", built(Mul, Pow(size_of(index), -1, evaluate=False), node)
    for letter in letters:
        if letter != index:
            yield "sum over another index", Sum(body, (letter, letter.lower, letter.upper))
            if _axis(letter) != _axis(index):
                yield "bound of another axis", Sum(body, (index, low, letter.upper))
    for letter in free_indices(body):
        if letter != index:
            yield "sum too many", Sum(node, (letter, letter.lower, letter.upper))


def _of_terms(node: Any) -> Iterator[tuple[str, Any]]:
    name = "factor" if isinstance(node, Mul) else "term"
    for k, argument in enumerate(node.args):
        others = (*node.args[:k], *node.args[k + 1 :])
        if others:
            yield f"{name} dropped", built(node.func, *others)
        if argument.is_number is not True:
            yield f"{name} twice", built(node.func, *node.args, argument)


def _of_power(node: Any) -> Iterator[tuple[str, Any]]:
    base, exponent = node.args
    yield "power", base
    yield "power", built(Pow, base, -exponent)
    yield "power", built(Pow, base, exponent + 1)
    yield "power", built(Pow, base, exponent - 1)


def _of_function(node: Any) -> Iterator[tuple[str, Any]]:
    yield "function dropped", node.args[0]
    for other in FUNCTIONS.get(node.func, ()):
        yield "another function", built(other, *node.args)
    if isinstance(node, Undefined) and hasattr(type(node), "prime"):
        yield "derivative of a function", type(node).prime(*node.args, evaluate=False)


def _exchanged(expr: Any, letters: list[Any]) -> Iterator[tuple[str, Any]]:
    """Two letters exchanged wherever they stand, summed ones included."""
    for k, one in enumerate(letters):
        for other in letters[k + 1 :]:
            with suppress(ValueError):  # SymPy refuses bounds that are surely outside an axis
                yield "letters exchanged", _swapped(expr, {one: other, other: one})


def _swapped(expr: Any, new: dict[Any, Any]) -> Any:
    if expr in new:
        return new[expr]
    if isinstance(expr, Idx | Symbol) or not expr.args:
        return expr
    if isinstance(expr, Indexed):
        return expr.base[tuple(_swapped(i, new) for i in expr.indices)]
    if isinstance(expr, Sum):
        body, (index, *bounds) = outermost(expr)
        index = new.get(index, index)
        whole = [(index.lower, index.upper), tuple(_swapped(b, new) for b in bounds)]
        return Sum(_swapped(body, new), (index, *whole[bounds != [index.lower, index.upper]]))
    if isinstance(expr, KroneckerDelta):
        return KroneckerDelta(*(_swapped(a, new) for a in expr.args), evaluate=False)
    return built(expr.func, *(_swapped(a, new) for a in expr.args))


def _axis(index: Any) -> Any:
    return index.args[1]
