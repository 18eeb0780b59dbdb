"""Tensors: declared by one index for each axis, subscripted in formulas, multiplied as matrices."""

from dataclasses import dataclass
from typing import Any

import sympy

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.ranges import surely_at_most
from gradcheck.derivations.notation.formula import Formula, NotationError, runs_over, unwrap
from gradcheck.derivations.notation.matrix import Matrix, Operators


@dataclass(frozen=True)
class Tensor(Operators):
    """A named array; `X[s, m]` is an entry of it. Made by `tensor`.

    indices   one index for each axis
    positive  whether all entries are greater than 0
    between   least and greatest value of an entry, if any other would make no sense
    integer   for integer entries: an index over the axis that they point into
    padded    whether it is read as 0 outside its axes: zero padding; or what it is there, −∞
    """

    name: str
    indices: tuple[Any, ...]
    positive: bool = False
    integer: Any = None
    padded: Any = False
    between: tuple[float, float] | None = None

    def __getitem__(self, subscripts: Any) -> Any:
        """An entry as a formula; with the last one or two indices left out, a slice."""
        subscripts = subscripts if isinstance(subscripts, tuple) else (subscripts,)
        missing = len(self.indices) - len(subscripts)
        if subscripts and missing in (1, 2):
            return self._slice(subscripts, self.indices[-missing:])
        if len(subscripts) != len(self.indices):
            raise NotationError(
                f"{self.name} has shape {terms.spanned(self.indices)} "
                f"but {len(subscripts)} indices were given: {_letters(subscripts)}"
            )
        for subscript, own in zip(subscripts, self.indices, strict=True):
            _check_axis(self.name, subscript, own, bool(self.padded))
        entry = sympy.IndexedBase(self.name)[tuple(map(unwrap, subscripts))]
        return Formula(entry, values=self.integer)

    def at(self, *indices: Any) -> Formula:
        """The entry with these indices, each put on the axis that it runs over.

        For formulas that are the same in several layouts. Raises NotationError if two axes have
        one size, or an index fits none.
        """
        given = {terms.size_of(i): i for i in indices}
        order = [terms.size_of(own) for own in self.indices]
        if len(indices) != len(order) or {*given} != {*order}:
            raise NotationError(
                f"{self.name} has axes {terms.spanned(self.indices)} "
                f"and cannot take {_letters(indices)}"
            )
        entry: Formula = self[tuple(given[size] for size in order)]
        return entry

    def matrix(self) -> Matrix:
        if not 1 <= len(self.indices) <= 2:
            raise NotationError(f"{self.name} has {len(self.indices)} axes and is no matrix")
        return self._slice((), self.indices)

    def _slice(self, fixed: tuple[Any, ...], left: tuple[Any, ...]) -> Matrix:
        def entry_at(row: Any, column: Any) -> Formula:
            entry: Formula = self[(*fixed, *(i for i in (row, column) if i is not None))]
            return entry

        shape = (left[0], left[1] if len(left) == 2 else None)
        return Matrix("tensor", (self, fixed), shape, entry_at)


class Scalar(Formula):
    """A named number, such as a loss: a tensor without axes."""

    indices: tuple[Any, ...] = ()
    integer: Any = None
    padded = False

    def __init__(
        self, name: str, positive: bool = False, between: tuple[float, float] | None = None
    ) -> None:
        super().__init__(sympy.Symbol(name))
        self.name = name
        self.positive = positive
        self.between = between


class Option(Formula):
    """A number with a default that has no gradient, such as eps or a stride. Made by `option`.

    whole    whether it is a whole number, which may stand in subscripts
    between  the least and the greatest value that checks try
    """

    def __init__(
        self, name: str, default: float, between: tuple[float, float], whole: bool
    ) -> None:
        signs = {"positive": True} if between[0] > 0 else {"nonnegative": True}
        super().__init__(sympy.Symbol(name, integer=True, **signs) if whole else sympy.Symbol(name))
        self.name = name
        self.default = default
        self.between = between
        self.whole = whole


def tensor(
    name: str,
    *indices: Any,
    positive: bool = False,
    integer: Any = None,
    padded: Any = False,
    between: tuple[float, float] | None = None,
) -> Any:
    """Declare a tensor by one index for each of its axes; without indices it is a scalar.

    `integer=c` declares integer entries that are values of the index c, such as class targets.
    `padded=True` reads entries outside the axes as 0, `padded=-oo` as less than any other.
    `between=(0, 1)` declares that all entries lie there, such as probabilities.
    """
    positive = positive or (between is not None and between[0] >= 0)
    if not indices:
        return Scalar(name, positive, between)
    return Tensor(name, indices, positive, integer, padded, between)


def option(
    name: str,
    default: float,
    *,
    between: tuple[float, float] | None = None,
    whole: tuple[int, int] | None = None,
) -> Option:
    """Declare a number that has a default and no gradient, and the values that checks try.

    `option("eps", 1e-5, between=(1e-5, 0.5))` is a real number. `option("stride", 1, whole=(1, 3))`
    is a whole one, which may stand in subscripts and in lengths of axes; proofs hold for all from
    0 or from 1 on.

    Raises NotationError if neither or both ranges are given, or a whole number may be negative.
    """
    if (between is None) == (whole is None):
        raise NotationError(f"option {name}: give between= or whole=, the values to try")
    if whole is not None and whole[0] < 0:
        raise NotationError(f"option {name}: the least whole number is 0 or more, not {whole[0]}")
    chosen = between if whole is None else whole
    assert chosen is not None
    return Option(name, default, chosen, whole is not None)


def grad(of: Any) -> Any:
    """The gradient of the loss by a tensor, which has the tensor's shape: `dY = grad(Y)`."""
    return tensor(f"d{of.name}", *of.indices)


def _check_axis(name: str, subscript: Any, own: Any, padded: bool) -> None:
    """A subscript must lie on the axis; with an offset, t - 1, the letter in it must.

    The letter may be one of a shorter axis, if all its values lead inside. Where a window moves
    over an axis, t + k, neither letter runs over the whole of it.
    """
    plain = terms.plain(unwrap(subscript))
    if plain.is_Add and (padded or plain.has(sympy.Indexed)):
        return
    candidates = [*terms.free_indices(plain)] if plain.is_Add else [runs_over(subscript)]
    index = candidates[0] if len(candidates) == 1 else None
    if index is None or (index.lower, index.upper) == (own.lower, own.upper):
        return
    ends = [plain.subs(index, end) if plain.is_Add else end for end in (index.lower, index.upper)]
    if all(surely_at_most(own.lower, e) and surely_at_most(e, own.upper) for e in ends):
        return
    least, greatest = ends if not plain.diff(index).is_negative else ends[::-1]
    values = f"from {least} to {greatest}" if plain.is_Add else f"over {terms.size_of(index)}"
    raise NotationError(f"{name} has axis {terms.size_of(own)} where {plain} runs {values}")


def _letters(indices: tuple[Any, ...]) -> str:
    return ", ".join(map(str, indices))
