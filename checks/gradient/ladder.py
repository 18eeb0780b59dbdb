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
HIGHEST = 2.0  # further out, a bounded function seems to have no slope
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


@dataclass(frozen=True)
class Estimates:
    """What one rung says: the best of its orders by itself, and all of them."""

    value: Array
    error: Array
    noise: Array
    orders: tuple[Array, ...]


@np.errstate(all="ignore")
def climb(
    difference: Difference,
    level: Array,
    noise_of: float,
    powers: tuple[int, ...],
    calls: Callable[[], int],
    top: float = TOP,
    eps: float = EPS,
) -> Slope:
    """The limit of the difference for small steps.

    `level` bounds the noise of one value of the function and `noise_of * level / h` that of D(h);
    `powers` are the powers of h in which D(h) differs from its limit; `calls` counts evaluations;
    values are rounded to `eps` relatively, which may be more far out than beside the point.
    """
    shape, level = level.shape, np.atleast_1d(level)  # a number is filled like an array

    def rung(h: float) -> Rung:
        value, size = difference(h)
        return np.atleast_1d(value), np.atleast_1d(size) * (eps / EPS)

    rungs = {h: rung(h) for h in (top / 2**k for k in range(FIRST))}
    known: dict[float, Estimates] = {}
    below: dict[float, Rung] = {}
    tried = set(rungs)
    while True:
        _estimate(known, rungs, level, noise_of, powers)
        best = _best(known, below, level, noise_of)
        lowest, highest = min(rungs), max(rungs)
        if lowest > LOWEST and _may_fall(best, lowest, level, noise_of):
            rungs |= {h: rung(h) for h in (lowest / 2**k for k in range(1, MORE + 1))}
            below = {h: value for h, value in below.items() if h < min(rungs)}
        elif highest < min(HIGHEST, HIGHEST * top) and _may_rise(best, highest):
            rungs |= {h: rung(h) for h in (highest * 2**k for k in range(1, MORE + 1))}
            known = {}  # every rung rests on those above
        elif not below and SENTINELS[-1] * lowest > LOWEST:
            far = [part * lowest for part in SENTINELS]
            below = {h: _extrapolated(rung, h, powers[0]) for h in far}
            shaken = _shaken(best, below, level, noise_of)
            known = known if (shaken == level).all() else {}
            level = shaken
        else:
            break
        tried |= rungs.keys() | below.keys()
    value, error, step = (part.reshape(shape) for part in (best.value, best.error, best.step))
    return Slope(value, error, step, calls(), tuple(sorted(tried, reverse=True)))


def _extrapolated(difference: Difference, h: float, power: int) -> Rung:
    """One extrapolation from two steps: far down, what is left of the truncation is negligible."""
    (fine, size), (coarse, _) = difference(h), difference(2 * h)
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
    known: dict[float, Estimates], below: dict[float, Rung], level: Array, noise_of: float
) -> Best:
    """The estimate of the smallest error among all rungs, from the finest up.

    On the way the bounds that finer rungs set are kept, for real and imaginary parts.
    """
    first = next(iter(known.values())).value
    parts = _parts(first)
    low, high = np.full(parts.shape, -np.inf), np.full(parts.shape, np.inf)

    def tighten(value: Array, error: Array) -> None:
        np.fmax(low, _parts(value) - error, out=low)
        np.fmin(high, _parts(value) + error, out=high)

    for h, rung in below.items():
        tighten(rung[0], WIDER * _noise(rung, h, level, noise_of))
    best = Best(np.full_like(first, np.nan), *np.full((3, *first.shape), np.inf))
    for h in sorted(known):
        found, parts = known[h], _parts(known[h].value)
        outside = np.fmax(parts - high, low - parts).max(axis=0)
        error = np.fmax(found.error, outside)
        better = error < best.error
        np.copyto(best.value, found.value, where=better)
        np.copyto(best.error, error, where=better)
        np.copyto(best.noise, found.noise, where=better)
        np.copyto(best.step, h, where=better)
        tighten(found.value, found.error)
    return best


def _parts(numbers: Array) -> Array:
    """Real and imaginary parts along a new first axis; of real numbers, these alone."""
    return np.stack([numbers.real, numbers.imag] if numbers.dtype.kind == "c" else [numbers])


def _estimate(
    known: dict[float, Estimates],
    rungs: dict[float, Rung],
    level: Array,
    noise_of: float,
    powers: tuple[int, ...],
) -> None:
    """Add the rungs that are not known yet, from the top down: each rests on the one above."""
    above: tuple[Array, ...] = ()
    for h in sorted(rungs, reverse=True):
        if h not in known:
            known[h] = _orders(rungs[h], above, _noise(rungs[h], h, level, noise_of), powers)
        above = known[h].orders


def _orders(
    rung: Rung, above: tuple[Array, ...], noise: Array, powers: tuple[int, ...]
) -> Estimates:
    """The extrapolations of one rung, and for every entry the best of them."""
    orders, factor = [rung[0]], 1.0
    best = Estimates(rung[0].copy(), np.full(noise.shape, np.inf), noise.copy(), ())
    for m, coarse in enumerate(above[:ORDERS]):
        value = orders[m]
        error = np.abs(value - coarse)  # the same order, one rung above
        if m:
            np.maximum(error, np.abs(value - orders[m - 1]), out=error)
        error += factor * noise
        better = error < best.error
        np.copyto(best.value, value, where=better)
        np.copyto(best.error, error, where=better)
        np.copyto(best.noise, factor * noise, where=better)
        weight = 2.0 ** powers[m]
        orders.append((weight * value - coarse) / (weight - 1))
        factor *= (weight + 1) / (weight - 1)  # the noise above is not larger
    return Estimates(best.value, best.error, best.noise, tuple(orders))
