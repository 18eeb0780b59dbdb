"""The slope of a forward pass along a line, with an estimate of its own error.

Five points on a line, two of them on either side, give a central difference at two steps, their
extrapolation, and two tests of it: how much the two steps differ (the cubic term, and noise) and
the fourth difference, which is noise where the function is smooth and shows a kink where it is
not. This is the measurement of a passing check; careful.py has one that finds its own step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck.checks.gradient.calls import inner
from gradcheck.checks.gradient.function import Array, Arrays

# Of the entries' scale. The cubic term and rounding both stay near 1e-10 of the slope, and few
# kinks lie within so short a step; a power of 2 keeps the moves exact.
STEP = 2.0**-16
STEPS = {2: 2.0**-4, 4: 2.0**-8}  # for outputs of 2 or 4 bytes: the cube root of their rounding
FLOOR = 0.1  # entries smaller than this share of their array's size are moved as if this large
ROUNDING = 4 * np.finfo(float).eps  # of one function value, relative, even if none can be seen


@dataclass(frozen=True)
class Slope:
    """The derivative along a direction, output entry by output entry, and how far it may be off."""

    value: Array
    error: Array


def scale(array: Array) -> Array:
    """How far each entry may be moved to be moved as far as it is large.

    The entry's own size, but for small ones a share of the array's; exact zeros have no size of
    their own and take the array's, and an array of zeros takes 1.
    """
    size = np.asarray(np.abs(array))
    typical = float(np.sqrt(np.vdot(size, size) / size.size)) if size.size else 1.0
    if not typical or not np.isfinite(typical):
        return np.ones(array.shape)
    zero = size == 0
    np.maximum(size, FLOOR * typical, out=size)
    size[zero] = typical
    return size


def signed(array: Array, rng: np.random.Generator) -> Array:
    """Random, of either sign, between 1/2 and 1 in size; both parts if the array is complex.

    Never small, so that what is wrong in one entry alone always shows; and continuous, so that
    what is wrong in several cancels with probability 0.
    """
    if array.dtype.kind == "c":
        return _signed(array.shape, rng) + 1j * _signed(array.shape, rng)
    return _signed(array.shape, rng)


def _signed(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    drawn = np.asarray(rng.random(shape))
    drawn -= 0.5
    drawn += np.copysign(0.5, drawn)
    return drawn


def random_steps(at: Arrays, step: float, rng: np.random.Generator) -> dict[str, Array]:
    """A step in a random direction, every entry by 1/2 to 1 times step·scale, up or down.

    If a gradient is wrong by e in one entry, what it says along such a step is off by at least
    half of e · step · scale; if it is wrong in several, by less than r with probability at most
    2 r / (e · step · scale), e being the largest error, however wrong the others are.
    Each move is what the machine really adds to the entry, so it has no rounding error.
    """
    return {name: _random_step(array, step, rng) for name, array in at.items()}


def _random_step(array: Array, step: float, rng: np.random.Generator) -> Array:
    by = signed(array, rng)
    by *= scale(array)
    by *= step
    by += array
    by -= array
    return by


def moved(at: Arrays, by: Mapping[str, Array], times: int) -> dict[str, Array]:
    """The point some steps along; what is not moved is copied."""
    return {
        name: array + times * by[name] if name in by else array.copy() for name, array in at.items()
    }


def measure(f: Callable[[int], Array], base: Array) -> Slope:
    """The slope per step, from f(-2), f(-1), f(1), f(2) and base = f(0)."""
    far_below, below, above, far_above = (f(k) for k in (-2, -1, 1, 2))
    near = (above - below) / 2
    change = (far_above - far_below) / 4 - near
    fourth = (far_above + far_below) - 4 * (above + below) + 6 * base
    error = np.abs(change) + np.abs(fourth) + ROUNDING * np.abs(base)
    return Slope(near - change / 3, error)


def measure_again(f: Callable[[int], Array], base: Array, like: Slope) -> Slope:
    """The slope at a second point from f(-1) and f(1): as exact, relatively, as a full one was."""
    below, above = f(-1), f(1)
    value = (above - below) / 2
    size, error = np.linalg.norm(like.value), np.linalg.norm(like.error)
    share = float(error / size) if size else 0.0
    return Slope(value, share * np.abs(value) + ROUNDING * (np.abs(base) + np.abs(value)))


def projected(value: Array, error: Array, cotangent: Array) -> tuple[float, float]:
    """The slope of <cotangent, output> and its error: errors of many outputs add up like noise."""
    return inner(cotangent, value), float(np.linalg.norm(np.abs(cotangent) * error))
