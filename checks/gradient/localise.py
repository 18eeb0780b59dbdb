"""Where a wrong gradient is wrong: all entries if they can be afforded, else one by bisection."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradcheck.checks.gradient.finding import Worst
from gradcheck.checks.gradient.function import Array

SAFETY = 10  # times the error that the differences estimate for themselves
RELATIVE = 1e-8  # of the largest entry: rounding of a long sum; below, nobody's formula differs
TIE = 1e-6  # entries that lie so close are equally bad: which is larger, rounding decides


@dataclass(frozen=True)
class Located:
    """Which entries differ.

    differing, entries  how many of how many were compared; 0 entries if only one was found
    size, error         the largest difference, and what the differences may be off by, relative to
                        the largest entry of the gradient
    """

    differing: int
    entries: int
    difference: float
    size: float
    error: float
    worst: Worst | None

    @property
    def single(self) -> bool:
        """Whether one entry was searched for, and the others not compared."""
        return not self.entries and self.worst is not None


def compare_entries(analytic: Array, numerical: Array, error: Array, rounding: float) -> Located:
    """Every entry of a gradient against the differences; `rounding` is relative to the largest."""
    scale = float(np.maximum(np.abs(analytic), np.abs(numerical)).max(initial=0.0))
    allowed = SAFETY * error + max(RELATIVE, rounding) * scale
    off = np.abs(analytic - numerical)
    wrong = ~(off <= allowed)
    index = first_largest(np.where(wrong, off, -1))
    values = {"yours": _number(analytic[index]), "differences": _number(numerical[index])}
    return Located(
        differing=int(wrong.sum()),
        entries=analytic.size,
        difference=float(off.max(initial=0.0)),
        size=float(off.max(initial=0.0)) / scale if scale else 0.0,
        error=float(np.max(error, initial=0.0)) / scale if scale else 0.0,
        worst=Worst(index, values, float(allowed[index])) if wrong.any() else None,
    )


def first_largest(off: Array) -> tuple[int, ...]:
    """Index of the first of the largest entries, the same whatever the machine rounds."""
    largest = off.max()
    candidates = off >= largest - TIE * abs(largest) if np.isfinite(largest) else off
    return tuple(map(int, np.unravel_index(int(candidates.argmax()), off.shape)))


def bisect(
    analytic: Array, direction: Array, slope_along: Callable[[Array], tuple[float, float]]
) -> Located:
    """One wrong entry, by halving the set of entries that are moved: always the worse half.

    slope_along  the slope along a direction, and its error
    """
    chosen = np.ones(analytic.shape, bool)
    scale = float(np.abs(analytic).max(initial=0.0))
    while chosen.sum() > 1:
        halves = _halves(chosen)
        off = []
        for half in halves:
            part = np.where(half, direction, 0)
            slope, error = slope_along(part)
            stated = float(np.vdot(analytic, part).real)
            size = float(np.linalg.norm(part))
            off.append((abs(stated - slope) - error) / size if size else 0.0)
        chosen = halves[int(np.argmax(off))]
    index = tuple(int(i) for i in np.argwhere(chosen)[0])
    part = np.where(chosen, direction, 0)
    slope, error = slope_along(part)
    length = abs(direction[index])
    right = slope / float(np.real(direction[index])) if length else 0.0
    difference = abs(_number(analytic[index]) - right)
    values = {"yours": _number(analytic[index]), "differences": right}
    allowed = error / length if length else 0.0
    scale = max(scale, abs(right))
    size, blur = (difference / scale, allowed / scale) if scale else (0.0, 0.0)
    return Located(0, 0, difference, size, blur, Worst(index, values, allowed))


def _halves(chosen: Array) -> tuple[Array, Array]:
    """Two halves of a set of entries, cut across the axis along which it is longest."""
    where = np.argwhere(chosen)
    axis = int(np.argmax(np.ptp(where, axis=0)))
    middle = np.median(where[:, axis])
    places = np.arange(chosen.shape[axis]).reshape(
        [-1 if a == axis else 1 for a in range(chosen.ndim)]
    )
    lower = chosen & (places <= middle if middle < where[:, axis].max() else places < middle)
    return lower, chosen & ~lower


def _number(value: complex) -> float:
    return float(np.real(value))
