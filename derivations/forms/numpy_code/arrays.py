"""Arrays whose axes have letters, and how they are brought into line with each other.

The letters exist only while code is written: they decide where an axis is exchanged (`.T`) and
where one of length 1 is put in (`[:, None]`), so that NumPy broadcasts what the formula means.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from gradcheck.derivations.forms.numpy_code.code import Code, call, method, view

Letters = tuple[Any, ...]


@dataclass(frozen=True)
class Array:
    """A piece of source and the letter of each axis of its value; a number has none.

    boolean  whether the entries are True and False: NumPy neither adds nor subtracts those
    mirror   the transposed array, where it can be written better than by `.T`
    kept     the same with axes of length 1 where something was summed, which have the letter None
    """

    code: Code
    axes: Letters = ()
    boolean: bool = False
    mirror: Code | None = None
    kept: tuple[Code, Letters] | None = None


def number(array: Array) -> Array:
    """The same with 1 and 0 for True and False."""
    if not array.boolean:
        return array
    code = method("{}.astype(float)", array.code) if array.axes else call("float({})", array.code)
    return Array(code, array.axes)


def transposed(array: Array, axes: Letters) -> Array:
    """The same with its axes in another order."""
    if array.axes == axes:
        return array
    if len(axes) == 2:
        code = view("{}.T", array.code) if array.mirror is None else array.mirror
        return Array(code, axes, array.boolean, mirror=array.code)
    places = ", ".join(str(array.axes.index(letter)) for letter in axes)
    return Array(view(f"{{}}.transpose({places})", array.code), axes, array.boolean)


def aligned(array: Array, axes: Letters) -> Code:
    """The array so that NumPy broadcasts it against one with these axes."""
    array = transposed(array, tuple(letter for letter in axes if letter in array.axes))
    slots = [letter if letter in array.axes else None for letter in axes]
    while slots and slots[0] is None:
        del slots[0]
    if None not in slots:
        return array.code
    if array.kept is not None and _fits(array.kept[1], axes[-len(array.kept[1]) :]):
        return array.kept[0]
    marks = ["None" if slot is None else ":" for slot in slots]
    while marks[-1] == ":":
        del marks[-1]
    return view(f"{{}}[{', '.join(marks)}]", array.code)


def summed(array: Array, letters: Iterable[Any]) -> Array:
    """The array summed over some of its axes."""
    places = [array.axes.index(letter) for letter in array.axes if letter in {*letters}]
    if not places:
        return array
    array = number(array)
    left = tuple(letter for k, letter in enumerate(array.axes) if k not in places)
    if not left:
        return Array(method("{}.sum()", array.code))
    axis = str(places[0]) if len(places) == 1 else f"({', '.join(map(str, places))})"
    kept = tuple(None if k in places else letter for k, letter in enumerate(array.axes))
    return Array(
        method(f"{{}}.sum(axis={axis})", array.code),
        left,
        kept=(method(f"{{}}.sum(axis={axis}, keepdims=True)", array.code), kept),
    )


def union(arrays: Iterable[Array], first: Letters = ()) -> Letters:
    """All letters, in the order of an array that has them all or else that of `first`."""
    arrays = [*arrays]
    letters = tuple(dict.fromkeys(letter for a in arrays for letter in a.axes))
    wanted = tuple(letter for letter in first if letter in letters)
    orders = [a.axes for a in arrays if len(a.axes) == len(letters)]
    if orders:
        return wanted if wanted in orders else orders[0]
    return (*wanted, *(letter for letter in letters if letter not in wanted))


def mapped(array: Array, operation: Callable[[Code], Code], boolean: bool = False) -> Array:
    """An operation on every entry."""
    kept = None if array.kept is None else (operation(array.kept[0]), array.kept[1])
    return Array(operation(array.code), array.axes, boolean, kept=kept)


def _fits(kept: Letters, axes: Letters) -> bool:
    """Whether axes of length 1 stand just where they are wanted."""
    return len(kept) == len(axes) and all(k in (None, a) for k, a in zip(kept, axes, strict=True))
