"""The slope by a step into the complex plane: exact to rounding, if the forward pass is analytic.

Im f(i h) / h has no difference of nearly equal numbers in it, so h may be as small as one likes.
But code that takes absolute values, norms or conjugates, or casts to real numbers, gives something
else there, without a word. So nothing is taken on trust: the value counts only where it is what
real differences say, for every entry.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.checks.gradient.careful import slope
from gradcheck.checks.gradient.ladder import Array, Slope
from gradcheck.checks.gradient.noise import BOUND, EPS, Noise, measure

STEPS = (1e-20, 1e-30)  # its square vanishes beside 1; two, for what is not linear in the step
OFFSETS = tuple(2.0**-40 * 0.8137 * k for k in (-3, -2, -1, 1, 2, 3))  # to see rounding inside
AGREE = 3.0  # of the errors that real differences give
PROVES = 1e-4  # real differences worse than this, relative, prove nothing
SAME = 8 * EPS  # of the real part, which must stay what it was

ComplexLine = Callable[[complex], Any]


@np.errstate(all="ignore")
def analytic(
    f: ComplexLine, reference: Slope | None = None, noise: Noise | None = None
) -> Slope | None:
    """The derivative of f at 0 by a complex step; None unless f proves to be analytic there.

    `reference` is the slope by real differences, and measured if not given. An exception, a
    warning that imaginary parts are lost, an output that is real, a changed real part, or one
    entry that the real differences contradict: each means None.
    """
    known = noise if noise is not None else measure(f)
    real = reference if reference is not None else slope(f, known)
    if np.iscomplexobj(real.value) or not np.isfinite(real.error).all():
        return None
    largest = float(np.abs(real.value).max(initial=0.0))
    if (real.error > PROVES * np.maximum(np.abs(real.value), PROVES * largest)).any():
        return None
    try:
        still = np.asarray(f(0.0))
        first, second = (_imaginary(f, 0.0, h, still) for h in STEPS)
        around = np.stack([_imaginary(f, t, STEPS[0], None) for t in OFFSETS])
    except _NotAnalytic:
        return None
    error = _rounding(first, around)
    close = np.abs(first - real.value) <= AGREE * real.error + error
    steady = np.abs(first - second) <= error
    if not (close & steady).all():
        return None
    calls = real.evaluations + 1 + len(STEPS) + len(OFFSETS)
    return Slope(first, error, np.full(first.shape, STEPS[0]), calls, (*real.steps, *STEPS))


class _NotAnalytic(Exception):
    """The forward pass does not carry imaginary parts through."""


def _imaginary(f: ComplexLine, t: float, h: float, still: Array | None) -> Array:
    """Im f(t + i h) / h; the real part must be `still`."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            value = np.asarray(f(complex(t, h)))
    except Exception as error:  # whatever someone's code raises at a complex number
        raise _NotAnalytic from error
    if value.dtype.kind != "c" or not np.isfinite(value).all():
        raise _NotAnalytic
    if still is not None and (np.abs(value.real - still) > SAME * np.abs(still)).any():
        raise _NotAnalytic
    slope_: Array = value.imag / h
    return slope_


def _rounding(value: Array, around: Array) -> Array:
    """What rounding inside the forward pass does to the value: its scatter at points nearby.

    A straight line through the points is taken off, for the slope itself changes between them.
    """
    left, right = around[:3], around[3:]
    middle = (left[::-1] + right) / 2
    scatter = np.abs(middle - value).max(axis=0)
    error: Array = BOUND * scatter + 4 * EPS * np.abs(value)
    return error
