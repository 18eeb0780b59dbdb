"""The columns of a Jacobian, one direction each, every entry moved by its own size.

A forward pass that is affine in the input, as it is in weights, shows that along two random
directions; then one value far out gives a column, and the columns together must give again what
was seen along those directions. Any other takes central differences at two steps, or three where
there is noise, and a column that stays rough the careful measurement.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from gradcheck.checks.gradient.budget import Budget
from gradcheck.checks.gradient.careful import slope
from gradcheck.checks.gradient.noise import BOUND, EPS, Line, measure, values
from gradcheck.checks.gradient.structure import Array, Forward, Pairs, scales, unpaired

WIDEST = 0.25  # the step, in sizes of the entry, where there is much noise
QUIET = 1e-12  # noise, relative: up to it two steps are enough, at h**2 = noise / h
BALANCE = {2: 1 / 3, 3: 1 / 6}  # the step is the noise to this power, by the number of steps
FACTOR = {2: 16.0, 3: 1.6}  # times this: bending falls faster than it is estimated
FAR = 0.7  # the step of a function that is affine: any is right, and a wide one has least noise
POINTS = (-FAR, -0.4, 0.31, FAR)  # where that is tried; not symmetric: an odd function bends there
ROUNDING = 256  # in EPS: an affine function is hardly ever further from a straight line
STRAIGHT = 16.0  # times the noise: how far an affine function may seem to bend
ROUGH = 1e-6  # relative: a column known no better is measured with care
CAREFUL = 70  # calls that the careful measurement may take, and hardly ever more


class Gauge:
    """Measures slopes of the forward pass along directions, each entry moved by its own size.

    What is the same for all directions is measured once, along two random ones: the noise, and
    whether the function is affine, which needs no small step. A `sharp` one takes three steps even
    where there is no noise.
    """

    def __init__(
        self,
        forward: Forward,
        inputs: dict[str, Array],
        name: str,
        seen: Callable[[Array], Array],
        sharp: bool = False,
    ) -> None:
        self.sharp = sharp
        self.forward, self.inputs, self.name, self.seen = forward, inputs, name, seen
        self.calls = 0
        self.budget: Budget | None = None  # for columns measured with care
        self.sizes = scales(inputs[name])
        rng = np.random.default_rng(0)
        self.signs = [rng.choice([-1.0, 1.0], self.sizes.shape) for _ in range(2)]
        self.lines = [self.line(signs * self.sizes) for signs in self.signs]
        self.still = values(self.lines[0], (0.0,))[0]
        self.dtype = np.result_type(self.still.dtype, float)
        self.tables = [values(line, POINTS, self.still) for line in self.lines]
        bends = np.max([_bends(table, self.still) for table in self.tables], axis=0)
        extent = np.max(np.abs(np.concatenate(self.tables)), axis=0)
        usual = np.sqrt(np.mean(extent**2)) if extent.size else 0.0
        self.affine = bool((bends <= ROUNDING * EPS * np.maximum(extent, usual)).all())
        if self.affine:  # what is left is all the noise there is
            typical = float(np.median(bends)) if bends.size else 0.0
            self.level = np.maximum(BOUND * np.maximum(bends, typical), 2 * EPS * extent)
        else:
            self.small_steps()
            level = np.maximum(self.level, 2 * EPS * extent)
            if (bends <= STRAIGHT * level).all():
                self.affine, self.level = True, level

    def small_steps(self) -> None:
        """Prepare for a function that is not affine: values far out say nothing about its noise."""
        self.affine = False
        self.noise = measure(self.lines[0])
        self.level = self.noise.level
        with np.errstate(all="ignore"):
            relative = np.nan_to_num(self.level / np.abs(self.still), posinf=0.0)
        usual = float(np.median(relative)) if relative.size else 0.0
        self.steps = 2 if usual <= QUIET and not self.sharp else 3
        step = FACTOR[self.steps] * max(usual, EPS) ** BALANCE[self.steps]
        self.step = min(step, WIDEST)

    @property
    def calls_each(self) -> int:
        """Calls for one direction."""
        return 1 if self.affine else 2 * self.steps

    @property
    def size(self) -> int:
        """The numbers that one call has to do with."""
        return self.seen_size + sum(array.size for array in self.inputs.values())

    def at(self, moved: Array) -> Array:
        """The output, or what is seen of it."""
        self.calls += 1
        output = np.asarray(self.forward({**self.inputs, self.name: moved}))
        self.seen_size = output.size
        return self.seen(output)

    def line(self, direction: Array) -> Line:
        """The output along a direction."""
        array = self.inputs[self.name]
        return lambda t: self.at((array + t * direction).astype(array.dtype, copy=False))

    def curved(self, direction: Array) -> tuple[Array, Array]:
        """The slope along a direction, and its error."""
        line = self.line(direction)
        value, error = self._extrapolated(line)
        scale = float(np.abs(value).max(initial=0.0)) if np.isfinite(value).all() else 0.0
        fine = (error <= ROUGH * scale + self.level / self.step).all()
        if fine or (self.budget is not None and not self.budget.allows(CAREFUL, self.size)):
            return value, error
        before = self.calls
        careful = slope(line, self.noise)
        if self.budget is not None:
            self.budget.spend(self.calls - before, self.size)
        return careful.value, careful.error

    def _extrapolated(self, line: Line) -> tuple[Array, Array]:
        """Central differences at two or three steps, extrapolated as often as these allow."""
        steps = [self.step / 2**k for k in range(self.steps)]
        with np.errstate(all="ignore"):
            orders = [
                (above - below) / (2 * h)
                for h in steps
                for above, below in [values(line, (h, -h), self.still)]
            ]
            below, weight = orders[-1], 1
            while len(orders) > 1:
                below, weight = orders[-1], 4 * weight
                orders = [
                    (weight * fine - coarse) / (weight - 1) for coarse, fine in pairwise(orders)
                ]
            value = orders[0]
            error = np.abs(value - below)
            error = error + 2 * (self.level + EPS * np.abs(value)) / steps[-1]
        return value, np.where(np.isfinite(error), error, np.inf)


def measured(gauge: Gauge, array: Array, pairs: Pairs) -> tuple[Array, Array]:
    """Value and error of the compressed Jacobian.

    If the function seems to be affine, all columns together must give what was seen along the
    random directions; otherwise it is not, and is measured again with small steps.
    """
    value, error = _far(gauge, array, pairs) if gauge.affine else _filled(gauge, array, pairs)
    if gauge.affine and not _adds_up(gauge, value, pairs):
        gauge.small_steps()
        value, error = _filled(gauge, array, pairs)
    sizes = _beside(gauge.sizes, pairs, gauge.still.ndim)
    value /= sizes
    error /= sizes
    axes = array.ndim - len(pairs)
    return _last(value, axes), _last(error, axes)


def _far(gauge: Gauge, array: Array, pairs: Pairs) -> tuple[Array, Array]:
    """Slopes and errors of an affine function, from one value each; the axes as in `_filled`."""
    rest = tuple(array.shape[a] for a in unpaired(array.ndim, pairs))
    value = np.empty((*rest, *gauge.still.shape), gauge.dtype)
    away, moved = array + FAR * gauge.sizes, array.copy()
    for free in np.ndindex(rest):
        index = _slices(array.ndim, pairs, free)
        moved[index] = away[index]
        value[free] = gauge.at(moved)
        moved[index] = array[index]
    value -= gauge.still
    value /= FAR
    error = np.empty(value.shape)
    error[...] = 2 * gauge.level / FAR
    return value, error


def _filled(gauge: Gauge, array: Array, pairs: Pairs) -> tuple[Array, Array]:
    """Slopes and errors, the axes of the input in no pair first."""
    rest = tuple(array.shape[a] for a in unpaired(array.ndim, pairs))
    value = np.empty((*rest, *gauge.still.shape), gauge.dtype)
    error = np.empty(value.shape)
    for free in np.ndindex(rest):
        index = _slices(array.ndim, pairs, free)
        direction = np.zeros(array.shape)
        direction[index] = gauge.sizes[index]
        value[free], error[free] = gauge.curved(direction)
    return value, error


def _adds_up(gauge: Gauge, value: Array, pairs: Pairs) -> bool:
    """Whether the columns together give the slopes along the random directions."""
    letters = list(range(value.ndim))
    output = letters[value.ndim - gauge.still.ndim :]
    count = value.size // max(1, gauge.still.size)
    room = STRAIGHT * (1 + count**0.5) * gauge.level / FAR
    for signs, table in zip(gauge.signs, gauge.tables, strict=True):
        beside = _beside(signs, pairs, gauge.still.ndim)
        total = np.einsum(value, letters, beside, letters, output)
        seen = (table[-1] - table[0]) / (POINTS[-1] - POINTS[0])
        if not (np.abs(total - seen) <= room).all():
            return False
    return True


def _last(array: Array, axes: int) -> Array:
    """The same array with its first axes last."""
    return np.moveaxis(array, range(axes), range(-axes, 0))


def _slices(axes: int, pairs: Pairs, free: tuple[int, ...]) -> tuple[int | slice, ...]:
    """The index of all slices along the pairs, at one place along the other axes."""
    paired, places = {a for a, _ in pairs}, iter(free)
    return tuple(slice(None) if a in paired else next(places) for a in range(axes))


def _beside(numbers: Array, pairs: Pairs, axes: int) -> Array:
    """Numbers of the shape of the input, the axes in no pair first, then those of the output."""
    free = unpaired(numbers.ndim, pairs)
    order = sorted(pairs, key=lambda pair: pair[1])
    lengths = {b: numbers.shape[a] for a, b in order}
    turned = np.transpose(numbers, [*free, *(a for a, _ in order)])
    return turned.reshape(
        [numbers.shape[a] for a in free] + [lengths.get(b, 1) for b in range(axes)]
    )


def _bends(table: Array, still: Array) -> Array:
    """How far the values at POINTS are from a straight line through both ends and the middle."""
    slope_ = (table[-1] - table[0]) / (POINTS[-1] - POINTS[0])
    lines = [np.abs(value - still - t * slope_) for t, value in zip(POINTS, table, strict=True)]
    furthest: Array = np.max(lines, axis=0)
    return furthest
