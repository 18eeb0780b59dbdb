"""How far one value of a function is off: its noise, measured, for every entry of the output.

After Moré and Wild: values at points so close together that every smooth function is a polynomial
of low degree there. High differences of such values contain nothing but noise.
A function that computes in float32 or float16, or loses digits beside a large number, does not
move at all between such points; it is looked at again at wider spacings. What stays and jumps by
turns is rounded, and the jumps are its noise: also for those entries beside it that have not moved.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Line = Callable[[float], Any]  # t -> output at x + t u

EPS = float(np.finfo(float).eps)

POINTS = 6  # values in one table of differences; one on each side, for a kink may lie between
ORDERS = (3, 4, 5)  # of the differences used: below, curvature shows; above, none is left
SPACINGS = (2.0**-40, 2.0**-23, 2.0**-10)  # some hundred roundings apart in float64, 32, 16
WIDER = (2.0**-8.5, 2.0**-7, 2.0**-5.5, 2.0**-4)  # where plateaus are that long
UNEVEN = 0.8137  # no spacing is a power of 2: rounding would vanish there, and look like none
BOUND = 3.0  # standard deviations: the level bounds one value, nearly always
UNLIKE = 30.0  # times: two estimates of the same noise hardly differ by so much
CONSTANT = 0.06  # what has not changed so far out does not depend on t
JUMPS = 2  # in one table: a function that is rounded; one jump alone may be meant
SAMPLE = 20  # of the entries: these already rule out most formats
FORMATS: tuple[tuple[str, Any], ...] = (("float16", np.float16), ("float32", np.float32))


@dataclass(frozen=True)
class Noise:
    """What single values may be off by.

    level        a bound for one value, in the unit of the output, entry by entry
    precision    "float64", or "float32" or "float16" if the values that change are all of these
    quantised    entries whose values repeat exactly as t moves
    evaluations  calls of the function
    """

    level: Array
    precision: str
    quantised: Array
    evaluations: int

    @property
    def eps(self) -> float:
        """The relative rounding of the values."""
        return float(np.finfo(self.precision).eps)


@np.errstate(all="ignore")
def measure(f: Line) -> Noise:
    """The noise of the function close to t = 0."""
    middle = values(f, (0.0,))[0]
    level = EPS * np.abs(middle)  # the value itself is rounded, even if it never changes
    quantised = np.zeros(middle.shape, bool)
    hints = np.zeros(middle.shape, bool)  # of being rounded
    open_ = np.ones(middle.shape, bool)  # entries whose noise is not known yet
    far, quantum = np.zeros(middle.shape, bool), np.zeros(middle.shape)
    seen = [middle[None]]
    for spacing in SPACINGS + WIDER:
        offsets = (np.arange(POINTS) + 0.5) * (spacing * UNEVEN)
        left, right = (values(f, tuple(sign * offsets), middle) for sign in (-1, 1))
        seen += [left, right]
        table = np.concatenate([left[::-1], middle[None], right])
        still, repeats = _repeats(table)
        jumps, height = _plateaus(table)
        quantum = np.where(open_ & (jumps >= JUMPS), np.fmax(quantum, height), quantum)
        found = np.fmax(_both(_one_side(left), _one_side(right)), quantum)
        level = np.where(open_ & ~still, np.fmax(level, found), level)
        quantised |= open_ & (repeats | still)
        hints |= open_ & (jumps > 0)
        open_ &= still | repeats | (jumps > 0)
        if spacing == SPACINGS[0] and open_.any():
            far = open_ & _moves_far_out(f, middle, seen)
            open_ &= far.any()  # otherwise there is no more to find
        if not open_.any():
            break
        if spacing == SPACINGS[-1] and not (hints | far & still).any():
            break
    if quantum.any():
        usual = np.median(quantum[quantum > 0])
        level = np.where(quantised, np.fmax(level, usual), level)
    every = np.concatenate(seen)
    changing = (every != middle).any(axis=0)
    quantised &= changing
    precision = _format(every, changing)
    for name, format_ in FORMATS:
        if precision == name:
            level = np.fmax(level, float(np.finfo(format_).eps) * np.abs(middle))
    return Noise(level, precision, quantised, sum(len(table) for table in seen))


@np.errstate(all="ignore")
def values(f: Line, points: tuple[float, ...], like: Array | None = None) -> Array:
    """The function at some points, stacked, in double precision; where it raises, NaN.

    Only what arithmetic raises is meant, and without `like`, an output of the right shape, that is
    an error too.
    """
    found = []
    for t in points:
        try:
            value = np.asarray(f(float(t)))
            found.append(value.astype(complex if value.dtype.kind == "c" else float, copy=False))
        except (ArithmeticError, ValueError):
            if like is None:
                raise
            found.append(np.full(like.shape, np.nan))
    return np.stack(found)


def _scatter(table: Array) -> Array:
    """The standard deviation of the noise by high differences, the largest of three estimates."""
    estimates, done = [], 0
    for order in ORDERS:
        table = np.diff(table, order - done, axis=0)
        done = order
        squares = np.abs(table) ** 2
        estimates.append(np.sqrt(squares.mean(axis=0) / comb(2 * order, order)))
    scatter: Array = np.nan_to_num(np.max(estimates, axis=0), nan=0.0, posinf=0.0)
    return scatter


def _both(left: Array, right: Array) -> Array:
    """The larger of both sides; the smaller if they are so different that one holds a kink."""
    small, large = np.fmin(left, right), np.fmax(left, right)
    both: Array = np.where(large <= UNLIKE * small, large, small)
    return both


def _one_side(table: Array) -> Array:
    """The noise in a table, at least the quantum if the values are multiples of one."""
    scatter = BOUND * _scatter(table)
    steps = np.diff(table, axis=0)
    jumps = np.abs(steps)
    some = (jumps == 0).any(axis=0) & (jumps > 0).any(axis=0)
    least = np.where(jumps > 0, jumps, np.inf).min(axis=0)
    parts = (steps.real, steps.imag) if steps.dtype.kind == "c" else (steps,)
    unit = np.max([_lowest_bit(part).min(axis=0) for part in parts], axis=0)
    unit = np.where(np.isfinite(unit), unit, 0.0)
    level: Array = np.fmax(np.where(some, np.maximum(scatter, least), scatter), unit)
    return level


def _lowest_bit(numbers: Array) -> Array:
    """The largest power of 2 that each number is a multiple of; infinity for 0."""
    usable = np.isfinite(numbers) & (numbers != 0)
    fraction, exponent = np.frexp(np.where(usable, numbers, 1.0))
    digits = (np.abs(fraction) * 2.0**53).astype(np.int64)
    lowest: Array = np.where(
        usable, np.ldexp((digits & -digits).astype(float), exponent - 53), np.inf
    )
    return lowest


def _repeats(table: Array) -> tuple[Array, Array]:
    """Entries that never change, and entries that change and have equal neighbours.

    Equal neighbours on one side only are a flat piece beside a kink.
    """
    same = np.diff(table, axis=0) == 0
    still = same.all(axis=0)
    repeats = same[:POINTS].any(axis=0) & same[POINTS:].any(axis=0) & ~still
    return still, repeats


def _plateaus(table: Array) -> tuple[Array, Array]:
    """How often a value jumps from one plateau to another, and how far at most."""
    steps = np.abs(np.diff(table, axis=0))
    same = steps == 0
    jumps = ~same[1:-1] & same[:-2] & same[2:] & np.isfinite(steps[1:-1])
    return jumps.sum(axis=0), np.where(jumps, steps[1:-1], 0.0).max(axis=0)


def _moves_far_out(f: Line, middle: Array, seen: list[Array]) -> Array:
    """Which entries have changed far out."""
    far = values(f, (CONSTANT * UNEVEN, -CONSTANT), middle)
    seen.append(far)
    moves: Array = (far != middle).any(axis=0)
    return moves


def _format(every: Array, changing: Array) -> str:
    """The smallest format that holds all the numbers exactly, of the entries that change."""
    places = np.flatnonzero(changing)
    if places.size == 0:
        return "float64"
    flat = every.reshape(len(every), -1)
    for name, format_ in FORMATS:
        if _holds(format_, flat[:, places[:SAMPLE]]) and _holds(format_, flat[:, places]):
            return name
    return "float64"


def _holds(format_: Any, numbers: Array) -> bool:
    parts = (numbers.real, numbers.imag) if numbers.dtype.kind == "c" else (numbers,)
    return all(bool(((p.astype(format_) == p) | ~np.isfinite(p)).all()) for p in parts)
