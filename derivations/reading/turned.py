"""Claims with two subscripts of one entry exchanged: what an author may have meant."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import combinations
from typing import Any

from sympy import IndexedBase, Symbol

from gradcheck.derivations.reading import tree

Sides = tuple[tree.Node, ...]


def turned(sides: Sides) -> Iterator[tuple[Any, Any, Sides]]:
    """Every entry on a right side as it is and turned, and the sides with it turned."""
    left, *right = sides
    for entry in dict.fromkeys(e for side in right for e in _entries(side)):
        for a, b in combinations(range(len(entry.subscripts)), 2):
            subscripts = [*entry.subscripts]
            subscripts[a], subscripts[b] = subscripts[b], subscripts[a]
            other = replace(entry, subscripts=tuple(subscripts))
            new = (left, *(_put(side, entry, other) for side in right))
            yield _printed(entry), _printed(other), new


def _entries(node: Any) -> Iterator[tree.Entry]:
    """The entries in a tree whose subscripts are plain names."""
    if isinstance(node, tree.Entry) and all(isinstance(s, tree.Name) for s in node.subscripts):
        yield node
    for part in _parts(node):
        yield from _entries(part)


def _parts(node: Any) -> Iterator[Any]:
    for each in fields(node):
        value = getattr(node, each.name)
        yield from (v for v in (value if isinstance(value, tuple) else (value,)) if _is_node(v))


def _is_node(value: Any) -> bool:
    return is_dataclass(value) and isinstance(value, tree.Node)


def _put(node: Any, old: tree.Node, new: tree.Node) -> Any:
    """The tree with one of its nodes, known by its place, replaced."""
    if node == old:
        return new
    if isinstance(node, tuple):
        return tuple(_put(part, old, new) for part in node)
    if not _is_node(node):
        return node
    changed = {f.name: _put(getattr(node, f.name), old, new) for f in fields(node)}
    return replace(node, **changed)


def _printed(entry: tree.Entry) -> Any:
    letters = [Symbol(s.name, integer=True) for s in entry.subscripts if isinstance(s, tree.Name)]
    return IndexedBase(entry.name)[tuple(letters)]
