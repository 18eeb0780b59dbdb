"""What an instance holds, found by path: parameters, gradients, generators, lists that grow.

A path says how to get from the instance to a value: attributes, keys and positions. Layers
replace their arrays, create them late or keep one array under two names, so a parameter is
addressed by its paths and never by the identity of an array.
"""

import copy
import random
import re
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.checks.adapters.class_steps import PlainDescent
from gradcheck.checks.adapters.names import (
    CONTAINERS,
    GRADIENTS,
    is_kept,
    is_parameter,
    key,
    means,
    plain,
)
from gradcheck.checks.gradient.function import Array

PRIVATE = re.compile(r"^_[A-Za-z]\w*?(?=__\w)")  # what Python puts before a private name
DEPTH = 6  # of objects in objects; deeper is no layer but a whole program
GENERATORS = np.random.Generator, np.random.RandomState, random.Random
_NOT_FROZEN = types.SimpleNamespace(frozen=False)
OPAQUE = (
    types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type,
    str, bytes, np.ndarray, np.generic, np.dtype, np.ufunc, PlainDescent,
    *GENERATORS,
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step of a path: an attribute, or an item of a dict or a list."""

    at: Any
    attribute: bool = False


Path = tuple[Step, ...]


@dataclass(frozen=True)
class Parameter:
    """A trained array: its name in reports, every path to it, and the path to its gradient.

    in_place   whether another array is a view of it, so that it must not be replaced
    """

    name: str
    paths: tuple[Path, ...]
    gradient: Path | None = None
    in_place: bool = False


def clone(thing: Any) -> Any:
    """A copy that shares nothing, as far as the parts can be copied at all."""
    try:
        copied = copy.deepcopy(thing)
    except Exception:  # a lock, a module, an open file: what a part raises is not foreseeable
        copied = copy.copy(thing)
        for name, value in vars(copied).items():
            try:
                object.__setattr__(copied, name, copy.deepcopy(value))
            except Exception:
                continue  # this part is shared
    _restore_views(thing, copied)
    return copied


def own_class_state(instance: Any) -> None:
    """Give an instance its own copies of arrays, dicts and lists that its class holds."""
    for cls in type(instance).__mro__[:-1]:
        for name, value in vars(cls).items():
            mutable = isinstance(value, np.ndarray | dict | list) and not name.startswith("__")
            if mutable and hasattr(instance, "__dict__") and name not in vars(instance):
                setattr(instance, name, copy.deepcopy(value))


def leaves(thing: Any) -> dict[Path, Any]:
    """Everything that is held and is no container, by path."""
    return dict(_walk(thing, (), set()))


def arrays(found: dict[Path, Any]) -> dict[Path, Array]:
    """The arrays of real or complex numbers among the leaves."""
    return {p: v for p, v in found.items() if isinstance(v, np.ndarray) and v.dtype.kind in "fc"}


def get(thing: Any, path: Path) -> Any:
    """The value at a path, or None if the path has gone."""
    try:
        for step in path:
            thing = getattr(thing, step.at) if step.attribute else thing[step.at]
    except (AttributeError, KeyError, IndexError, TypeError):
        return None
    return thing


def put(thing: Any, path: Path, value: Any) -> None:
    """Replace the value at a path; a tuple on the way is made anew."""
    *way, last = path
    holder = get(thing, tuple(way))
    if last.attribute and getattr(type(holder), "__dataclass_params__", _NOT_FROZEN).frozen:
        object.__setattr__(holder, last.at, value)
    elif last.attribute:
        setattr(holder, last.at, value)
    elif isinstance(holder, tuple):
        put(thing, tuple(way), (*holder[: last.at], value, *holder[last.at + 1 :]))
    else:
        holder[last.at] = value


def set_parameter(thing: Any, parameter: Parameter, value: Array) -> None:
    """Set a parameter at all of its paths."""
    for path in parameter.paths:
        there = get(thing, path)
        if parameter.in_place and isinstance(there, np.ndarray) and there.flags.writeable:
            there[...] = value
        else:
            scalar = value.ndim == 0 and isinstance(there, float)
            put(thing, path, float(value) if scalar else value)


def words(path: Path) -> tuple[str, ...]:
    """A path without the words for containers: `params['W']`, `W.data` and `W` are all W."""
    steps = [PRIVATE.sub("", str(step.at)) for step in path]
    return tuple(w for w in steps if plain(w) not in CONTAINERS) or tuple(steps[-1:])


def fit(gradient: Path, parameter: Path) -> int:
    """How well a gradient's path fits a parameter's: 2 as written, 1 by meaning, 0 not at all.

    One word on the way is the name of a gradient, `fc.dW` or `dweights[0]`, or there is a container
    of gradients on the way, `grads['W']`.
    """
    wanted, there = words(parameter), words(gradient)
    bare = tuple(word for word in there if plain(word) not in GRADIENTS)
    if len(bare) != len(wanted) or gradient == parameter:
        return 0
    differing = [(a, b) for a, b in zip(bare, wanted, strict=True) if a != b]
    if not differing:
        return 2 if bare != there else 0
    if len(differing) > 1:
        return 0
    (a, b), inside = differing[0], bare != there
    return max(means(a, b), int(inside and key(a) == key(b)))


def trained(path: Path) -> bool:
    """Whether a path by its words leads to something that is usually trained."""
    return any(map(is_parameter, words(path))) and not statistic(path)


def gradient_at(paths: Iterable[Path], parameter: Iterable[Path]) -> Path | None:
    """The path that by its words holds the gradient of a parameter."""
    own = tuple(parameter)
    best = max(paths, key=lambda g: max(fit(g, p) for p in own), default=None)
    return best if best is not None and any(fit(best, p) for p in own) else None


def same_array(found: dict[Path, Array]) -> list[tuple[Path, ...]]:
    """The paths in groups: those of a group lead to one and the same array."""
    groups: dict[int, list[Path]] = {}
    for path, array in found.items():
        groups.setdefault(id(array), []).append(path)
    return [tuple(group) for group in groups.values()]


def names_of(groups: list[tuple[Path, ...]], taken: Iterable[str]) -> list[str]:
    """A name for each group: the word its user would say, or the whole way if others have it."""
    short = [min((words(p) for p in group), key=_telling) for group in groups]
    said = [_written(way) for way in short]
    used = list(taken)
    return [
        name
        if said.count(name) == 1 and name not in used and not way[0].isdigit()
        else _written([str(step.at) for step in group[0]])
        for name, way, group in zip(said, short, groups, strict=True)
    ]


def statistic(path: Path) -> bool:
    """Whether a path by its words leads to a statistic, a cache or a copy of an input."""
    return any(is_kept(str(step.at)) for step in path)


def changed(before: dict[Path, Any], after: dict[Path, Any]) -> set[Path]:
    """The paths whose value is new or differs."""
    return {p for p, v in after.items() if p not in before or not _equal(before[p], v)}


def snapshot(thing: Any) -> dict[Path, Any]:
    """The leaves, with copies of the arrays."""
    return {p: v.copy() if isinstance(v, np.ndarray) else v for p, v in leaves(thing).items()}


def lists(thing: Any) -> dict[Path, int]:
    """The lengths of the lists and dicts on the first levels, by path."""
    found: dict[Path, int] = {}
    for name, value in getattr(thing, "__dict__", {}).items():
        if isinstance(value, list | dict):
            found[(Step(name, True),)] = len(value)
    return found


def generators(*holders: Any) -> list[Any]:
    """The random generators that the holders have as attributes."""
    held = [value for holder in holders for value in getattr(holder, "__dict__", {}).values()]
    return [value for value in held if isinstance(value, GENERATORS)]


def _restore_views(original: Any, copied: Any) -> None:
    """Let arrays that were views of another one be views again: copying makes them independent."""
    held = arrays(leaves(original))
    owners = {id(array): path for path, array in held.items() if array.flags.c_contiguous}
    for path, view in held.items():
        owner = owners.get(id(view.base))
        if owner is not None and isinstance(view.base, np.ndarray):
            start = view.__array_interface__["data"][0] - view.base.__array_interface__["data"][0]
            buffer = get(copied, owner)
            if not isinstance(buffer, np.ndarray) or buffer.nbytes != view.base.nbytes:
                continue  # the copy is of another kind: its author says how to copy it
            put(copied, path, np.ndarray(view.shape, view.dtype, buffer, start, view.strides))


def _walk(thing: Any, path: Path, seen: set[int]) -> Iterator[tuple[Path, Any]]:
    inside = _inside(thing) if len(path) < DEPTH else None
    if inside is None:
        if path:
            yield path, thing
        return
    if id(thing) in seen:
        return
    seen.add(id(thing))
    for step, value in inside:
        yield from _walk(value, (*path, step), seen)


def _inside(thing: Any) -> list[tuple[Step, Any]] | None:
    """What a container holds; None for what is no container."""
    if isinstance(thing, dict):
        return [(Step(k), v) for k, v in thing.items() if isinstance(k, str | int)]
    if isinstance(thing, list | tuple):
        return [(Step(i), v) for i, v in enumerate(thing)]
    if thing is None or isinstance(thing, OPAQUE):
        return None
    held = dict(getattr(thing, "__dict__", {}))
    for cls in type(thing).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            if hasattr(thing, slot):
                held[slot] = getattr(thing, slot)
    return [(Step(name, True), value) for name, value in held.items()] if held else None


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, int | float | str | None) and isinstance(b, int | float | str | None):
        return a == b
    return a is b


def _telling(way: tuple[str, ...]) -> tuple[bool, int]:
    return way[-1].isdigit(), len(way)


def _written(way: Iterable[str]) -> str:
    """A way as in code: fc.W, params[0]."""
    parts = [f"[{word}]" if word.isdigit() else f".{word}" for word in way]
    return "".join(parts).removeprefix(".")
