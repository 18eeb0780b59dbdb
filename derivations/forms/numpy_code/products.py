"""Products under sums: `dY.T @ X`, `(dP * P).sum(axis=1)`, `np.einsum("h,hij,j->i", dz, W, x2)`.

Factors that share no summed letter are computed apart. What is left is multiplied entry by entry
where the axes allow, two at a time by `@` where that is a matrix product, else by one einsum.
"""

import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import permutations
from typing import Any

from gradcheck.derivations.forms.numpy_code import code as py
from gradcheck.derivations.forms.numpy_code.arrays import (
    Array,
    Letters,
    aligned,
    number,
    summed,
    transposed,
    union,
)
from gradcheck.derivations.forms.numpy_code.code import Code, atom


@dataclass(frozen=True)
class Factor:
    """An array in a product; `divides` if the product is divided by it."""

    array: Array
    divides: bool = False

    @property
    def axes(self) -> Letters:
        return self.array.axes


def product(factors: Sequence[Factor], letters: Letters, target: Letters) -> Array:
    """The product of some factors, summed over letters that each occur in at least one."""
    parts: list[Factor] = []
    left = list(factors)
    while left:
        first = left.pop(0)
        group, inside = [first], [i for i in letters if i in first.axes]
        while more := [f for f in left if any(i in f.axes for i in inside)]:
            group += more
            left = [f for f in left if f not in more]
            inside = [i for i in letters if any(i in f.axes for f in group)]
        parts.append(Factor(_contracted(group, tuple(inside), target)) if inside else first)
    return _outer(parts, target) or _broadcast(parts, union([p.array for p in parts], target))


def _contracted(factors: list[Factor], letters: Letters, target: Letters) -> Array:
    """Factors that are connected by the letters summed over."""
    columns = [f.array for f in factors if len(f.axes) == 1 and not f.divides]
    if len(factors) == len(columns) == 2 and columns[0].axes == columns[1].axes:
        return _matrix_product(columns[0], columns[1], columns[0].axes[0], target)
    arrays = _merged(factors, _same_axes)
    while len(arrays) > 1:
        arrays = [summed(a, _own(a, arrays, letters)) for a in arrays]
        pair = next(_matrix_products(arrays, letters, target), None)
        if pair is not None:
            a, b, letter = pair
            place = min(arrays.index(a), arrays.index(b))
            rest = [x for x in arrays if x is not a and x is not b]
            rest.insert(place, _matrix_product(a, b, letter, target))
            arrays = _merged([Factor(x) for x in rest], _same_axes)
            continue
        fewer = _merged([Factor(x) for x in arrays], _column_of_matrix)
        if len(fewer) == len(arrays):
            return _einsum(arrays, letters, target)
        arrays = fewer
    return summed(arrays[0], letters)


def _merged(factors: Sequence[Factor], joins: Callable[[Factor, Factor], bool]) -> list[Array]:
    """Factors multiplied entry by entry into the first that they may join."""
    groups: list[list[Factor]] = []
    for factor in sorted(factors, key=lambda f: -len(f.axes)):
        home = next((g for g in groups if joins(factor, g[0])), None)
        if home is None:
            groups.append([factor])
        else:
            home.append(factor)
    in_order = [sorted(group, key=factors.index) for group in groups]
    in_order.sort(key=lambda group: factors.index(group[0]))
    return [_broadcast(g, union([f.array for f in g])) for g in in_order]


def _same_axes(factor: Factor, other: Factor) -> bool:
    return {*factor.axes} == {*other.axes}


def _column_of_matrix(factor: Factor, other: Factor) -> bool:
    """Whether rows or columns of a matrix are scaled: that leaves a matrix product."""
    return len(other.axes) <= 2 and {*factor.axes} <= {*other.axes}


def _broadcast(factors: Sequence[Factor], axes: Letters) -> Array:
    """Multiplied and divided entry by entry."""
    if len(factors) == 1 and not factors[0].divides:
        return factors[0].array
    below = [f.array for f in factors if f.divides]
    # numbers first: -mask * x negates the mask, which NumPy refuses
    above = sorted((f.array for f in factors if not f.divides), key=lambda a: a.boolean)
    if below and above and above[0].boolean:
        above[0] = number(above[0])
    boolean = bool(above) and not below and all(a.boolean for a in above)

    def composed(code_of: Callable[[Array], Code]) -> Code:
        total = reduce(py.times, map(code_of, above)) if above else atom("1")
        return py.over(total, reduce(py.times, map(code_of, below))) if below else total

    long = [a for a in (*above, *below) if a.axes]
    kept = long[0].kept if len(long) == 1 else None
    if kept is not None:  # a multiple of a sum
        kept = composed(lambda a: a.code if a.kept is None else a.kept[0]), kept[1]
    return Array(composed(lambda a: aligned(a, axes)), axes, boolean, kept=kept)


def _outer(factors: Sequence[Factor], target: Letters) -> Array | None:
    """np.outer of two columns, perhaps with a scalar factor; None for anything else."""
    scalars = [f for f in factors if not f.axes]
    columns = _merged([f for f in factors if f.axes], _same_axes)
    if [len(c.axes) for c in columns] != [1, 1] or any(c.boolean for c in columns):
        return None
    axes = union(columns, target)
    left, right = sorted(columns, key=lambda c: axes.index(c.axes[0]))
    outer = Array(
        py.call("np.outer({}, {})", left.code, right.code),
        axes,
        mirror=py.call("np.outer({}, {})", right.code, left.code),
    )
    return _broadcast([*scalars, Factor(outer)], axes) if scalars else outer


def _own(array: Array, arrays: list[Array], letters: Letters) -> Letters:
    """The summed letters that this array alone has."""
    others = {i for a in arrays if a is not array for i in a.axes}
    return tuple(i for i in array.axes if i in letters and i not in others)


def _matrix_products(
    arrays: list[Array], letters: Letters, target: Letters
) -> Iterator[tuple[Array, Array, Any]]:
    """Pairs that `@` contracts: one common letter, which is summed and in no other array."""
    for a, b in permutations(arrays, 2):
        common = [i for i in a.axes if i in b.axes]
        others = [x for x in arrays if x is not a and x is not b]
        alone = not any(i in x.axes for i in common for x in others)
        if len(common) != 1 or common[0] not in letters or not alone or len(b.axes) > 2:
            continue
        stacked = a.axes[-1] == common[0] and len(a.axes) > 2  # a stack of matrices
        result = [*a.axes[:-1], *(i for i in b.axes if i != common[0])]
        in_order = [i for i in result if i in target] == [i for i in target if i in result]
        if len(a.axes) <= 2 or (stacked and in_order):
            yield a, b, common[0]


def _matrix_product(a: Array, b: Array, letter: Any, target: Letters) -> Array:
    """`a @ b` or `b @ a`, whichever has its axes in the order wanted."""
    if a.boolean and b.boolean:
        a = number(a)
    (rows, columns) = (tuple(i for i in x.axes if i != letter) for x in (a, b))
    if len(rows) > 1:
        return Array(py.matmul(a.code, transposed(b, (letter, *columns)).code), (*rows, *columns))
    wanted = [i for i in target if i in (*rows, *columns)]
    if wanted == [*columns, *rows] and rows and columns:
        a, b, rows, columns = b, a, columns, rows
    if columns and not rows:  # a column is written on the right
        a, b, rows, columns = b, a, columns, rows
    left, right = transposed(a, (*rows, letter)), transposed(b, (letter, *columns))
    mirror = None
    if rows and columns:
        turned = transposed(b, (*columns, letter)), transposed(a, (letter, *rows))
        mirror = py.matmul(turned[0].code, turned[1].code)
    return Array(py.matmul(left.code, right.code), (*rows, *columns), mirror=mirror)


def _einsum(arrays: list[Array], letters: Letters, target: Letters) -> Array:
    if all(a.boolean for a in arrays):
        arrays = [number(arrays[0]), *arrays[1:]]
    axes = union(arrays, target)
    wanted = tuple(i for i in target if i in axes and i not in letters)
    left = (*wanted, *(i for i in axes if i not in letters and i not in wanted))
    spelled = _letters(axes)
    subscripts = ",".join("".join(spelled[i] for i in a.axes) for a in arrays)
    result = "".join(spelled[i] for i in left)
    holes = ", ".join("{}" for _ in arrays)
    template = f'np.einsum("{subscripts}->{result}", {holes})'
    return Array(py.call(template, *(a.code for a in arrays)), left)


def _letters(axes: Letters) -> dict[Any, str]:
    """One ASCII letter for each axis, its own where it has one."""
    spelled: dict[Any, str] = {}
    for index in sorted(axes, key=lambda i: str(i) not in string.ascii_letters):
        own = str(index)
        rivals = [own] if len(own) == 1 and own in string.ascii_letters else []
        rivals += [*string.ascii_lowercase, *string.ascii_uppercase]
        spelled[index] = next(c for c in rivals if c not in spelled.values())
    return spelled
