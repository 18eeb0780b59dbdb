"""Central differences with an estimate of their own error.

Three steps h, h/2, h/4 give two Richardson extrapolations, each exact up to h⁴. The finer one is
the value; how far the two lie apart, and the rounding of the function values, bound its error.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

STEP = 4e-3  # fifth root of 1e-12: balances h**4 truncation against rounding of some 1e-15 / h
SMALL = 0.25  # entries below this share one step: a tiny step drowns in rounding
ROUNDING = 8 * np.finfo(float).eps  # of one function value, relative; a few operations' worth


@dataclass(frozen=True)
class Estimate:
    """A numerical Jacobian and, entry by entry, how far it may be off."""

    value: Array
    error: Array


def jacobian(function: Callable[[Array], Array], at: Array) -> Estimate:
    """∂function/∂at by central differences, output axes first.

    The step is STEP times the size of the entry, or of SMALL. `function` is called six times
    for every entry of `at`, each time with a fresh array.
    """
    columns = [_column(function, at, place) for place in np.ndindex(at.shape)]
    values, errors = zip(*columns, strict=True)
    shape = (*values[0].shape, *at.shape)
    return Estimate(
        np.stack(values, axis=-1).reshape(shape), np.stack(errors, axis=-1).reshape(shape)
    )


def _column(
    function: Callable[[Array], Array], at: Array, place: tuple[int, ...]
) -> tuple[Array, Array]:
    """The derivative by one entry, and its error."""
    step = STEP * max(SMALL, abs(float(at[place])))
    slopes, largest = [], 0.0
    for h in (step, step / 2, step / 4):
        above, below = (np.asarray(function(_moved(at, place, d)), float) for d in (h, -h))
        slopes.append((above - below) / (2 * h))
        largest = max(largest, float(np.abs(above).max()), float(np.abs(below).max()))
    coarse, fine = ((4 * b - a) / 3 for a, b in pairwise(slopes))
    rounding = ROUNDING * largest / (step / 4)
    return fine, np.abs(fine - coarse) + rounding


def _moved(at: Array, place: tuple[int, ...], by: float) -> Array:
    moved = at.copy()
    moved[place] += by
    return moved
