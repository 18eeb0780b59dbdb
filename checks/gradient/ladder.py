"""Extrapolation on a ladder of steps, each half of the one before, with an honest error.

A difference D(h) tends to the slope as h goes to 0, by known powers of h, and its noise grows as
1/h. Every rung gives estimates of several orders; an estimate counts by its error, which is

    how far it is from the next lower order, and from the same order one rung above
  + what noise can do to it
  + how far it is outside of what the finer rungs allow.

The last part is what protects from an agreement by accident at large steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.checks.gradient.noise import EPS

Array = np.ndarray[Any, np.dtype[Any]]
Rung = tuple[Array, Array]  # D(h), NaN where it is not finite, and the size of the values in it
Difference = Callable[[float], Rung]

TOP = 0.2371  # the first step, in sizes of the entries; no power of 2, nor near a simple fraction
FIRST = 7  # rungs to start with
MORE = 3  # rungs that are added at a time
LOWEST = 2.0**-44  # below, entries of the size of 1 hardly move
HIGHEST = 100.0
SENTINELS = (1.31 * 2.0**-7, 1.17 * 2.0**-17)  # looked at too, in sizes of the lowest rung
WIDER = 3.0  # an extrapolation from h and 2 h has up to 3 times the noise of D(h)
ORDERS = 5  # extrapolations on one rung: D itself and four more
SHAKEN = 30.0  # noise up to so many times the measured one is believed to be noise


@dataclass(frozen=True)
class Slope:
    """A derivative, entry by entry.

    value        the estimate; NaN where no step was usable
    error        what it may be off by, up to careful.SAFETY; infinite where no step was usable
    step         the smallest of the steps that the estimate rests on
    evaluations  calls of the function
    steps        all steps tried
    """

    value: Array
    error: Array
    step: Array
    evaluations: int
    steps: tuple[float, ...]


@dataclass(frozen=True)
class Best:
    """The best estimate of every entry: value, error, the noise in it, and its rung."""

    value: Array
    error: Array
    noise: Array
    step: Array


def climb(
    difference: Difference,
    level: Array,
    noise_of: float,
    powers: tuple[int, ...],
    calls: Callable[[], int],
    top: float = TOP,
) -> Slope:
    """The limit of the difference for small steps.

    `level` bounds the noise of one value of the function and `noise_of * level / h` that of D(h);
    `powers` are the powers of h in which D(h) differs from its limit; `calls` counts evaluations.
    """
    rungs = {h: difference(h) for h in (top / 2**k for k in range(FIRST))}
    below: dict[float, Rung] = {}
    tried = set(rungs)
    while True:
        best = _best(rungs, below, level, noise_of, powers)
        lowest, highest = min(rungs), max(rungs)
        if lowest > LOWEST and _may_fall(best, lowest, level, noise_of):
            rungs |= {h: difference(h) for h in (lowest / 2**k for k in range(1, MORE + 1))}
            below = {h: value for h, value in below.items() if h < min(rungs)}
        elif highest < min(HIGHEST, HIGHEST * top) and _may_rise(best, highest):
            rungs |= {h: difference(h) for h in (highest * 2**k for k in range(1, MORE + 1))}
        elif not below and SENTINELS[-1] * lowest > LOWEST:
            far = [part * lowest for part in SENTINELS]
            below = {h: _extrapolated(difference, h, powers[0]) for h in far}
            level = _shaken(best, below, level, noise_of)
        else:
            break
        tried |= rungs.keys() | below.keys()
    return Slope(best.value, best.error, best.step, calls(), tuple(sorted(tried, reverse=True)))


def _extrapolated(difference: Difference, h: float, power: int) -> Rung:
    """One extrapolation from two steps: far down, what is left of the truncation is negligible."""
    (fine, size), (coarse, _) = difference(h), difference(2 * h)
    with np.errstate(all="ignore"):
        return (2.0**power * fine - coarse) / (2.0**power - 1), size


def _may_fall(best: Best, lowest: float, level: Array, noise_of: float) -> bool:
    """Whether a smaller step could have less error than the best so far, for some entry."""
    noise = noise_of * np.maximum(level, EPS * np.abs(best.value)) / (lowest / 2)
    return bool((~(noise >= best.error) & ~(best.error <= 4 * EPS * np.abs(best.value))).any())


def _may_rise(best: Best, highest: float) -> bool:
    """Whether noise is what limits an entry even near the top."""
    limited = (best.noise > best.error / 2) & (best.step * 2 ** (ORDERS + 1) > highest)
    return bool((limited & (best.error > 8 * EPS * np.abs(best.value))).any())


def _noise(rung: Rung, h: float, level: Array, noise_of: float) -> Array:
    """What noise can do to D(h): at least that values, and the point itself, are rounded."""
    value, size = rung
    rounding = np.nan_to_num(EPS * np.maximum(np.abs(value), 2 * size))
    noise: Array = noise_of * np.maximum(level, rounding) / h
    return noise


def _shaken(best: Best, below: dict[float, Rung], level: Array, noise_of: float) -> Array:
    """The level, raised where the finest steps show somewhat more noise than was measured."""
    for h, (value, _) in below.items():
        seen = np.nan_to_num(np.abs(value - best.value) - best.error) * h / (WIDER * noise_of)
        floor = np.maximum(level, np.nan_to_num(EPS * np.abs(best.value)))
        level = np.where((seen > level) & (seen <= SHAKEN * floor), seen, level)
    return level


def _best(
    rungs: dict[float, Rung],
    below: dict[float, Rung],
    level: Array,
    noise_of: float,
    powers: tuple[int, ...],
) -> Best:
    """The estimate of the smallest error among all rungs and orders."""
    steps = sorted(rungs, reverse=True)
    per_rung = _estimates(steps, rungs, level, noise_of, powers)
    allowed = [(value, error) for value, error, _ in per_rung]
    for h, rung in below.items():
        noise = WIDER * _noise(rung, h, level, noise_of)
        allowed.append((rung[0], np.where(np.isfinite(rung[0]), noise, np.inf)))
    shape = allowed[0][0].shape
    best = Best(np.full(shape, np.nan, allowed[0][0].dtype), *np.full((3, *shape), np.inf))
    for k, (value, error, noise) in enumerate(per_rung):
        for finer, bound in allowed[k + 1 :]:
            with np.errstate(all="ignore"):
                outside = np.abs(value - finer) - bound
            error = np.fmax(error, outside)
        better = error < best.error
        best = Best(
            np.where(better, value, best.value),
            np.where(better, error, best.error),
            np.where(better, noise, best.noise),
            np.where(better, steps[k], best.step),
        )
    return best


def _estimates(
    steps: list[float],
    rungs: dict[float, Rung],
    level: Array,
    noise_of: float,
    powers: tuple[int, ...],
) -> list[tuple[Array, Array, Array]]:
    """For every rung the best of its orders: value, error, noise."""
    found = []
    above: list[tuple[Array, Array]] = []  # the orders of the rung above: value, noise
    for h in steps:
        value, noise = rungs[h][0], _noise(rungs[h], h, level, noise_of)
        orders = [(value, noise)]
        best = (value, np.full(value.shape, np.inf), noise)
        for m in range(min(len(above), ORDERS)):
            with np.errstate(all="ignore"):
                error = np.abs(orders[m][0] - above[m][0])  # the same order, one rung above
                if m:
                    error = np.maximum(error, np.abs(orders[m][0] - orders[m - 1][0]))
                error = error + orders[m][1]
                better = error < best[1]
                best = (
                    np.where(better, orders[m][0], best[0]),
                    np.where(better, error, best[1]),
                    np.where(better, orders[m][1], best[2]),
                )
                weight = 2.0 ** powers[m]
                next_ = (weight * orders[m][0] - above[m][0]) / (weight - 1)
                noise = (weight * orders[m][1] + above[m][1]) / (weight - 1)
            orders.append((next_, noise))
        found.append(best)
        above = orders
    return found
