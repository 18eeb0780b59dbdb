"""Where a function has no derivative: slopes from the left and the right, and what they mean.

A value that lies between the two slopes is a subgradient, and a backward pass may choose it.
`sides` looks along one line, entry by entry of the output; `locate` finds the entries of an
input that sit on kinks.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from gradcheck.checks.gradient import ladder
from gradcheck.checks.gradient.careful import SAFETY
from gradcheck.checks.gradient.ladder import Array, Slope
from gradcheck.checks.gradient.noise import Line, Noise, measure, values

ALL = (1, 2, 3, 4, 5)  # one-sided differences are off by all powers of the step
REACH = 1e-3  # how far kinks beside the point are looked for
CELLS = 16  # on either side, in that reach
UNEVEN = 0.9731  # the cells end at no fraction that a kink is likely to be at
TINY = 2.0**-34  # a change over so little is a jump
JUMP = 10.0  # of the change over the next such step: a root has 2.4 there
ALONE = 8.0  # times the second differences around; beside a pole these are large as well
OUTLIER = 8.0  # of the median second difference; times the level, what noise can do
WIDE = 0.1  # over so much a function changes as much as it usually does
UNRESOLVED = 0.1  # slopes that may be off by this part of the largest one tell nothing


class Kind(Enum):
    """What a function looks like around t = 0."""

    SMOOTH = "smooth"
    KINK = "kink"  # at the point: the slopes from left and right differ
    NEARBY = "kink nearby"  # at a distance, inside the reach
    JUMP = "jump"  # the value jumps, at the point or inside the reach
    EDGE = "edge"  # finite on one side only
    NOISE = "noise"  # none of this can be told


@dataclass(frozen=True)
class Sides:
    """Entry by entry of the output: what it looks like, both slopes, and the t of kink or jump.

    `where` is 0 at the point itself and NaN where there is nothing.
    """

    kind: Array
    left: Slope
    right: Slope
    where: Array
    evaluations: int

    def any(self, *kinds: Kind) -> bool:
        """Whether some entry is of one of these kinds."""
        return any(kind in kinds for kind in self.kind.flat)


@np.errstate(all="ignore")
def sides(f: Line, noise: Noise | None = None, reach: float = REACH) -> Sides:
    """The slopes of f left and right of t = 0, and what kind of place that is."""
    known = noise if noise is not None else measure(f)
    left, right = (one_sided(f, known, sign) for sign in (-1, 1))
    middle, close = values(f, (0.0,))[0], values(f, (-2 * TINY, -TINY, TINY, 2 * TINY), known.level)
    jumps = _jumps(middle, close, known.level)
    nearby, steps, place = _inside(f, known.level, reach)
    error = left.error + right.error
    kink = np.abs(right.value - left.value) > SAFETY * error
    scale = np.fmax(np.abs(left.value), np.abs(right.value))
    change = np.abs(values(f, (-WIDE, WIDE), known.level) - middle)  # of a flat place
    scale = np.concatenate([scale[None], (change - 2 * SAFETY * known.level) / WIDE])
    largest = float(np.max(scale, initial=0.0, where=np.isfinite(scale)))
    noisy = ~(error <= UNRESOLVED * largest)
    edge = np.isnan(close[:2]).all(axis=0) != np.isnan(close[2:]).all(axis=0)
    kind = np.full(middle.shape, Kind.SMOOTH, dtype=object)
    for holds, name in (
        (noisy & (error > 0), Kind.NOISE),
        (nearby, Kind.NEARBY),
        (kink, Kind.KINK),
        (steps | jumps, Kind.JUMP),
        (edge, Kind.EDGE),
    ):
        kind[holds] = name
    beside = (nearby & ~kink) | steps
    where = np.where(jumps | kink & ~beside | edge, 0.0, np.where(beside, place, np.nan))
    count = left.evaluations + right.evaluations + len(close) + 2 * CELLS + 4
    return Sides(kind, left, right, where, count + (known.evaluations if noise is None else 0))


def one_sided(f: Line, noise: Noise, sign: int) -> Slope:
    """The slope on one side of t = 0; the value at 0 itself is not used, for it may be a jump."""
    seen: dict[float, Array] = {}

    def at(h: float) -> Array:
        if h not in seen:
            seen[h] = values(f, (sign * h,), noise.level)[0]
        return seen[h]

    def difference(h: float) -> tuple[Array, Array]:
        near, far = at(h), at(2 * h)
        change = (far - near) / (sign * h)
        size = np.maximum(np.abs(near), np.abs(far))
        return np.where(np.isfinite(change), change, np.nan), size

    return ladder.climb(difference, noise.level, 2.0, ALL, lambda: len(seen), eps=noise.eps)


@np.errstate(all="ignore")
def between(left: Slope, right: Slope, value: Array, error: Array) -> Array:
    """Whether a value lies between the slopes, as a subgradient does, entry by entry.

    `error` is what the value may be off by; those of the slopes are added.
    """
    room = error + SAFETY * np.maximum(left.error, right.error)
    low, high = np.minimum(left.value, right.value), np.maximum(left.value, right.value)
    inside: Array = (low - room <= value) & (value <= high + room)
    return inside


@dataclass(frozen=True)
class Located:
    """The entries at a kink that were found, whether these are all, and the evaluations used."""

    indices: tuple[tuple[int, ...], ...]
    complete: bool
    evaluations: int


class _BudgetSpent(Exception):
    """No evaluation is left."""


def locate(
    sees: Callable[[Array], bool],
    array: Array,
    others: Iterable[Array] = (),
    budget: int = 200,
) -> Located:
    """The entries of an input that sit at a kink.

    `sees(mask)` says whether moving the entries in a mask, and no others, meets a kink. Likely
    entries are asked about first: zeros, ties, values of other inputs, whole numbers.
    """
    found: list[tuple[int, ...]] = []
    open_ = np.ones(array.shape, bool)
    used = 0

    def asked(flat: Array) -> bool:
        nonlocal used
        if used >= budget:
            raise _BudgetSpent
        used += 1
        mask = np.zeros(array.size, bool)
        mask[flat] = True
        return sees(mask.reshape(array.shape))

    def search(flat: Array) -> None:
        if flat.size == 0 or not asked(flat):
            return
        if flat.size == 1:
            found.append(tuple(int(i) for i in np.unravel_index(int(flat[0]), array.shape)))
            return
        half = flat.size // 2
        search(flat[:half])
        search(flat[half:])

    try:
        for likely in _likely(array, tuple(others)):
            search(np.flatnonzero(open_ & likely))
            open_ &= ~likely
        complete = True
    except _BudgetSpent:
        complete = False
    return Located(tuple(sorted(found)), complete, used)


def _likely(array: Array, others: tuple[Array, ...]) -> Iterator[Array]:
    """Masks of entries that often sit at kinks, and at last all."""
    yield array == 0
    _, inverse, counts = np.unique(array, return_inverse=True, return_counts=True)
    yield (counts > 1)[inverse].reshape(array.shape)
    for other in others:
        yield np.isin(array, other)
    yield array == np.round(array)
    yield np.ones(array.shape, bool)


def _jumps(middle: Array, close: Array, level: Array) -> Array:
    """Whether the value changes at once, on either side of the point."""
    far_left, left, right, far_right = close
    floor = JUMP * np.maximum(level, 0)
    on_left = np.abs(left - middle) > JUMP * np.abs(far_left - left) + floor
    on_right = np.abs(right - middle) > JUMP * np.abs(far_right - right) + floor
    jumps: Array = on_left | on_right
    return jumps


def _inside(f: Line, level: Array, reach: float) -> tuple[Array, Array, Array]:
    """Kinks and jumps inside the reach, and where, by second differences that stand out.

    A kink between two points of the grid changes the second differences at both, the more the
    closer it is; a jump changes them by opposite amounts.
    """
    grid = np.arange(-CELLS, CELLS + 1) * (reach * UNEVEN / CELLS)
    table = values(f, tuple(grid), level)
    second = np.diff(table, 2, axis=0)
    usual = np.median(second, axis=0)
    second = np.nan_to_num(second - usual)
    size = np.abs(second)
    top = size.argmax(axis=0)[None]
    padded = np.concatenate([np.zeros_like(second[:1]), second, np.zeros_like(second[:1])])
    around = [np.take_along_axis(padded, top + k, axis=0)[0] for k in range(3)]
    before, here, after = around
    later = np.abs(after) > np.abs(before)
    other = np.where(later, after, before)
    pair = np.abs(here) + np.abs(other)
    stands = np.abs(here) > OUTLIER * (np.median(size, axis=0) + 4 * level)
    stands &= _alone(size, top[0]) < pair / ALONE
    opposite = (np.real(here * np.conj(other)) < 0) & (np.abs(other) > np.abs(here) / 2)
    share = np.abs(other) / np.where(pair > 0, pair, 1)
    cell = grid[1] - grid[0]
    place = grid[1:-1][top[0]] + np.where(later, cell, -cell) * np.where(opposite, 0.5, share)
    return stands & ~opposite, stands & opposite, place


def _alone(size: Array, top: Array) -> Array:
    """The larger of the second differences two cells beside the largest."""
    last = len(size) - 1
    beside = [np.where((top + k < 0) | (top + k > last), -1, top + k) for k in (-2, 2)]
    picked = [np.take_along_axis(size, np.clip(b, 0, last)[None], axis=0)[0] for b in beside]
    larger: Array = np.fmax(*(np.where(b < 0, 0, p) for b, p in zip(beside, picked, strict=True)))
    return larger
