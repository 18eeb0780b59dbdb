"""The slope of a noisy function along a line: a polynomial through many points, by least squares.

Where noise is all that limits the differences, as in float16, many points at wide steps average
it out. The half differences (f(t) - f(-t)) / 2 are odd, so odd polynomials are fitted, of several
degrees and in several windows; an estimate counts by its error, which is what the scatter around
the polynomial does to its slope, and how far it is from estimates of a higher degree and in a
narrower window. The even part has no term in |t| unless there is a kink, which noise may hide.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradcheck.checks.gradient.careful import slope
from gradcheck.checks.gradient.ladder import Array, Slope
from gradcheck.checks.gradient.noise import Line, Noise, values

WINDOWS = (0.83, 0.41, 0.2)  # in sizes of the entries
PAIRS = 96  # points on either side in every window; plateaus are met at random places
DEGREES = (1, 3, 5, 7)
EVEN = (1, 0, 2, 4, 6)  # powers of |t| in the even part; f(0) is off by noise too
NOISE = 0.6  # standard deviations of the slope, which careful.SAFETY makes six
REGULAR = 0.2  # of the level: rounding is not random where values hardly move
CERTAIN = 4.0  # standard deviations: such a term in |t| is no noise
NEAR = 0.02  # differences at steps wider than this may have averaged over a kink
HIDDEN = 1e-4  # the distance at which a kink shows in the differences, if there is less noise
SHARE = 0.3  # of the level that bounds one value: the least scatter that is believed


@np.errstate(all="ignore")
def resolved(f: Line, noise: Noise, sharp: float) -> Slope:
    """The derivative of f at t = 0: by differences, and if that is not sharp enough, fitted.

    sharp  relative to the slopes of all entries together, the error that is good enough
    """
    found = slope(f, noise)
    if np.linalg.norm(found.error) <= sharp * np.linalg.norm(found.value):
        return found
    fit, kink = fitted(f, noise)
    hidden = (kink > 0) & (HIDDEN * kink < noise.level)
    better = (fit.error < found.error) | (found.step > NEAR) & hidden
    return Slope(
        np.where(better, fit.value, found.value),
        np.where(better, fit.error, found.error),
        np.where(better, fit.step, found.step),
        found.evaluations + fit.evaluations,
        (*found.steps, *fit.steps),
    )


@dataclass(frozen=True)
class Fit:
    """The slope of one polynomial, what noise can do to it, and half the kink there seems to be."""

    value: Array
    noise: Array
    kink: Array


@np.errstate(all="ignore")
def fitted(f: Line, noise: Noise) -> tuple[Slope, Array]:
    """The derivative of f at t = 0, with its error, and half the kink that seems to be nearby.

    Where values are not finite the error is infinite.
    """
    shape = noise.level.shape
    value, error, step = np.full(shape, np.nan), np.full(shape, np.inf), np.full(shape, np.inf)
    rng = np.random.default_rng(0)  # of places in the window, one in each of equal cells
    below: list[Fit] = []
    kink = np.full(shape, np.inf)
    for window in reversed(WINDOWS):
        points = (np.arange(PAIRS) + rng.random(PAIRS)) * (window / PAIRS)
        fits = list(_fits(f, points, noise))
        for k, fit in enumerate(fits[:-1]):
            apart = np.abs(fit.value - fits[k + 1].value)  # the next degree would see what is left
            others = [np.abs(fit.value - other.value) - 2 * other.noise for other in below]
            found = fit.noise + fit.kink + np.max([apart, *others], axis=0)
            better = found < error
            for kept, new in ((value, fit.value), (error, found), (step, window)):
                np.copyto(kept, new, where=better)
        below += fits[1:]
        kink = np.minimum(kink, fits[0].kink)  # a kink so close is one in every window
    return Slope(value, error, step, (2 * PAIRS + 1) * len(WINDOWS), WINDOWS), kink


def _fits(f: Line, points: Array, noise: Noise) -> Iterator[Fit]:
    """Odd polynomials of all degrees through the values at these points, on both sides."""
    above, below = (values(f, tuple(sign * points), noise.level) for sign in (1, -1))
    middle = values(f, (0.0,), noise.level)[0]
    window, shape = float(points[-1]), noise.level.shape
    least = (SHARE * noise.level / 2**0.5).ravel()
    odd = ((above - below) / 2).reshape(len(points), -1)
    even = ((above + below) / 2 - middle).reshape(len(points), -1)
    bend, of_noise = _first(even, points / window, EVEN, least)
    kink = np.where(np.abs(bend) > CERTAIN * of_noise, np.abs(bend), 0.0)
    plateaus = np.ptp(above, axis=0) / np.where(noise.level > 0, noise.level, 1.0)
    regular = REGULAR * noise.level / (1 + plateaus)
    for degree in DEGREES:
        first, spread = _first(odd, points / window, tuple(range(1, degree + 1, 2)), least)
        spread = NOISE * spread.reshape(shape) + regular
        yield Fit(*(part.reshape(shape) / window for part in (first, spread, kink)))


def _first(
    table: Array, points: Array, powers: tuple[int, ...], least: Array
) -> tuple[Array, Array]:
    """The coefficient of the first power in a fit, and its standard deviation."""
    basis = points[:, None] ** np.array(powers)
    inverse = np.linalg.pinv(basis)
    coefficients = inverse @ table
    left = table - basis @ coefficients
    scatter = np.sqrt((np.abs(left) ** 2).sum(axis=0) / (len(points) - len(powers)))
    return coefficients[0], np.linalg.norm(inverse[0]) * np.maximum(scatter, least)
