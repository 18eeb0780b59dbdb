"""A gradient against the slope along one direction, measured quickly, soberly or carefully."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradcheck.checks.gradient.careful import SAFETY
from gradcheck.checks.gradient.fitted import resolved
from gradcheck.checks.gradient.function import Array
from gradcheck.checks.gradient.line import STEP, projected, scale, signed
from gradcheck.checks.gradient.line import measure as five_points
from gradcheck.checks.gradient.noise import measure
from gradcheck.checks.gradient.screen import NEGLIGIBLE, gradient_rounding, quiet
from gradcheck.checks.gradient.screen import SAFETY as SCREENED
from gradcheck.checks.gradient.subject import Subject

SHARP = 1e-4  # what is resolved less sharply than this, relative to the gradient, is said
TINY = 1e-6  # of the natural slope: what is known as sharply as this is known to be zero
FAR = 30  # times what is allowed: no better measurement would bring together


@dataclass(frozen=True)
class Compared:
    """A gradient against the slope along one direction.

    weight   the size of what the entries of the gradient contribute
    natural  the output's size, or how much it changes when the input changes by its own size: a
             gradient far smaller than that is zero
    """

    direction: Array
    stated: float
    measured: float
    error: float
    allowed: float
    weight: float
    natural: float

    @property
    def agrees(self) -> bool:
        return abs(self.stated - self.measured) <= self.allowed

    @property
    def refuted(self) -> bool:
        """Whether they differ by so much that no better measurement is needed."""
        apart = abs(self.stated - self.measured)
        return apart > FAR * self.allowed and self.resolution <= SHARP

    @property
    def size(self) -> float:
        """How far apart they are, relative to the gradient as a whole."""
        size = max(self.weight, abs(self.measured))
        return abs(self.stated - self.measured) / size if size else 0.0

    @property
    def resolution(self) -> float:
        """How sharply the slope was measured, relative to the gradient as a whole."""
        return self._relative(self.error)

    @property
    def blur(self) -> float:
        """What would go unnoticed, rounding of the gradient included, relative."""
        return self._relative(self.allowed)

    def _relative(self, error: float) -> float:
        size = max(self.weight, abs(self.measured), TINY * self.natural)
        return error / size if error else 0.0


@dataclass(frozen=True)
class Measured:
    """The slope of <cotangent, output> along a line, its error, and what forward computes in."""

    slope: float
    error: float
    precision: str


Line = Callable[[float], Array]
Measurement = Callable[[Line, Array, Array], Measured]  # a line, the output at 0, a cotangent


def quickly(line: Line, base: Array, cotangent: Array) -> Measured:
    """From five points."""
    return _five(line, base, cotangent, 0.0, "float64")


def _five(
    line: Line, base: Array, cotangent: Array, noise: Array | float, precision: str
) -> Measured:
    found = quiet(five_points, lambda times: line(times * STEP), base)
    value, error = projected(found.value, found.error + noise, cotangent)
    return Measured(value / STEP, SCREENED * error / STEP, precision)


def soberly(line: Line, base: Array, cotangent: Array) -> Measured:
    """From five points, and as many more as it takes to know the noise."""
    noise = measure(line)
    return _five(line, base, cotangent, noise.level, noise.precision)


def carefully(line: Line, base: Array, cotangent: Array) -> Measured:
    """From as many points as it takes: some 50, and 200 more where noise is all that limits it."""
    noise = measure(line)
    found = resolved(line, noise, SHARP / SAFETY)
    value, error = projected(found.value, found.error, cotangent)
    return Measured(value, SAFETY * error, noise.precision)


def compared(
    subject: Subject,
    name: str,
    gradient: Array | None,
    measurement: Measurement,
    along: Array | None = None,
    excluded: Array | None = None,
) -> Compared:
    """A direction, a random one if none is given; entries that are excluded do not move."""
    at = subject.inputs[name]
    direction = scale(at) * signed(at, subject.rng) if along is None else along.copy()
    if excluded is not None:
        direction[excluded] = 0
    line = subject.along(name, direction)
    found = measurement(line, subject.base, subject.cotangent)
    if gradient is None:
        return Compared(direction, 0.0, found.slope, found.error, found.error, 0.0, 0.0)
    product = (gradient.conj() * direction).real
    weight = float(np.linalg.norm(product))
    rounding = rounding_of(subject, name, found.precision)
    allowed = found.error + (rounding + NEGLIGIBLE) * weight
    far = np.nan_to_num(line(1.0) - subject.base)
    sizes = (np.linalg.norm(subject.cotangent * output) for output in (subject.base, far))
    natural = float(max(sizes))
    allowed += rounding * natural
    stated = float(product.sum())
    return Compared(direction, stated, found.slope, found.error, allowed, weight, natural)


def rounding_of(subject: Subject, name: str, precision: str) -> float:
    """What rounding may do to a gradient, relative: by the coarsest dtype that takes part."""
    given, gradient = subject.given[name].dtype, np.asarray(subject.gradients[name]).dtype
    return max(map(gradient_rounding, (given, gradient, np.dtype(precision))))
