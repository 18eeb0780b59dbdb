"""Sizes are read from the shapes of the arrays that are given: `N, M = W.shape`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Add, Symbol, expand

from gradcheck.derivations.calculus.terms import size_of
from gradcheck.derivations.forms.numpy_code import code as py
from gradcheck.derivations.forms.numpy_code.code import atom
from gradcheck.derivations.forms.numpy_code.writer import Writer


@dataclass(frozen=True)
class Axis:
    """One axis of a given tensor, and its length in sizes."""

    tensor: str
    place: int
    length: Any


def size_lines(
    wanted: Sequence[str], given: Sequence[str], told: Sequence[str], writer: Writer
) -> list[str]:
    """A line for each size, or for all sizes of a tensor together; none for those that are told.

    Raises NotImplementedError for a size that no shape tells.
    """
    names = writer.names
    axes = [
        Axis(name, k, size_of(index))
        for name in given
        for k, index in enumerate(writer.setting.indices.get(name, ()))
    ]
    source = _sources(axes, told)
    needed = _in_order([size for size in wanted if size not in told], source, told)
    lines: list[str] = []
    known: set[str] = set()
    for name in given:
        own = [str(axis.length) for axis in axes if axis.tensor == name]
        if len(own) > 1 and len({*own}) == len(own) and {*own} <= {*needed} - known:
            unpacked = ", ".join(names.sizes[s] for s in own)
            lines.append(f"{unpacked} = {names.tensors[name]}.shape")
            known |= {*own}
    return lines + [_line(s, source[s], writer) for s in needed if s not in known]


def _sources(axes: Sequence[Axis], told: Sequence[str]) -> dict[str, Axis]:
    """The axis that tells each size: one that is as long, or from which it can be reckoned."""
    source: dict[str, Axis] = {}
    for axis in axes:
        if axis.length.is_Symbol:
            source.setdefault(str(axis.length), axis)
    found = True
    while found:
        found = False
        for axis in axes:
            known = {*source, *told}
            unknown = [s for s in axis.length.free_symbols if str(s) not in known]
            if len(unknown) == 1 and expand(axis.length).coeff(unknown[0]).is_Integer:
                source[str(unknown[0])] = axis
                found = True
    return source


def _in_order(wanted: Sequence[str], source: dict[str, Axis], told: Sequence[str]) -> list[str]:
    """Each size after those that it is reckoned from."""
    order: dict[str, None] = {}
    for size in wanted:
        if size not in source:
            raise NotImplementedError(f"the size {size} is not told by the shape of any argument")
        others = [str(s) for s in source[size].length.free_symbols if str(s) not in {size, *told}]
        order |= dict.fromkeys([*sorted(others), size])
    return [*order]


def _line(size: str, axis: Axis, writer: Writer) -> str:
    """`T = X.shape[0] - K + 1`"""
    name = writer.names.tensors[axis.tensor]
    read = f"{name}.shape[{axis.place}]" if axis.place else f"len({name})"
    spelled = writer.names.sizes[size]
    if str(axis.length) == size:
        return f"{spelled} = {read}"
    (symbol,) = [s for s in axis.length.free_symbols if str(s) == size]
    factor = expand(axis.length).coeff(symbol)
    rest = expand(factor * symbol - axis.length)
    writer.names.sizes[read] = read
    terms = sorted(Add.make_args(rest), key=lambda term: bool(term.is_number))
    value = writer.array(Add(Symbol(read), *terms, evaluate=False)).code
    del writer.names.sizes[read]
    if factor == 1:
        return f"{spelled} = {value.text({})}"
    divided = py.call("({}) // {}", value, atom(str(factor)))
    return f"{spelled} = {divided.text({})}"
