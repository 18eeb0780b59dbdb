"""What is known of one wrong gradient, and whether another one would fit.

Slopes measured along random directions decide about a candidate by two scalar products, so that a
search costs no further forward passes. Where the whole right gradient was measured, it decides too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import log10
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

ERRORS = 4.0  # estimates of errors are trusted up to this factor
RELATIVE = {8: 1e-8, 4: 1e-4, 2: 1e-2}  # rounding of a gradient, by the bytes of its numbers
DIGITS = 7  # that must agree, over all numbers compared: chance has no more than a few
MENDED = 0.03  # a change that mends leaves no more than this of the difference
FITTED = 1e-3  # of a number that was fitted to the slopes themselves, more is asked


@dataclass(frozen=True)
class Probe:
    """One measured slope of <cotangent, forward>: along `direction`, off by `error` at most.

    For complex inputs the slope is the real part of <conj(gradient), direction>.
    """

    direction: Array
    slope: float
    error: float


@dataclass(frozen=True)
class Evidence:
    """What is known of one wrong gradient.

    name       the input whose gradient is wrong
    inputs     the point; integer inputs too
    gradients  all analytic gradients as returned; this one may have a wrong shape
    probes     at least two, random and signed, over all entries of the input
    numerical  the whole right gradient, where it was affordable, and the `error` of its entries
    sizes      names of sizes, if there are any, such as {"N": 4}
    again      the analytic gradients for another cotangent: a backward pass; None for a loss that
               takes no cotangent
    jacobian   the whole numerical Jacobian, output axes first, or None if that is too large
    """

    name: str
    inputs: Mapping[str, Array]
    output: Array
    cotangent: Array
    gradients: Mapping[str, Array]
    probes: tuple[Probe, ...]
    numerical: Array | None = None
    error: Array | float = 0.0
    sizes: Mapping[str, int] = field(default_factory=dict)
    again: Callable[[Array], Mapping[str, Array]] | None = None
    jacobian: Callable[[], Array | None] | None = None

    @cached_property
    def it(self) -> str:
        """What the gradient is called in a sentence."""
        return f"d{self.name}" if self.name.isidentifier() else f"the gradient of {self.name}"

    @cached_property
    def x(self) -> Array:
        """The input whose gradient is wrong."""
        return np.asarray(self.inputs[self.name])

    @cached_property
    def wrong(self) -> Array:
        """Its gradient, as returned."""
        return np.asarray(self.gradients[self.name])

    @cached_property
    def same_shape(self) -> bool:
        return bool(self.wrong.shape == self.x.shape)

    @cached_property
    def usable(self) -> bool:
        """Whether there is something to explain, and all of it is made of finite numbers."""
        if not self.x.size or not self.wrong.size or not self.output.size:
            return False
        known = [self.wrong] if self.numerical is None else [self.wrong, self.numerical]
        slopes = all(np.isfinite((probe.slope, probe.error)).all() for probe in self.probes)
        return slopes and all(a.dtype.kind in "fciub" and np.isfinite(a).all() for a in known)

    @cached_property
    def relative(self) -> float:
        """What rounding may do to the gradient, relative to its scale."""
        used = [a.dtype for a in (self.wrong, self.x) if a.dtype.kind in "fc"]
        sizes = [d.itemsize // (2 if d.kind == "c" else 1) for d in used]
        return max((RELATIVE.get(size, 1e-8) for size in sizes), default=1e-8)

    @cached_property
    def allowed(self) -> Array:
        """By how much each entry may differ from the numerical gradient."""
        assert self.numerical is not None
        scale = float(np.abs(self.numerical).max(initial=0.0))
        return np.asarray(ERRORS * np.asarray(self.error) + self.relative * scale)

    @cached_property
    def right_at(self) -> Array | None:
        """Where the gradient is right; None if the numerical one, or the shape, is not there."""
        if self.numerical is None or not self.same_shape:
            return None
        return np.asarray(np.abs(self.wrong - self.numerical) <= self.allowed)

    def fits(self, candidate: Array, fitted: bool = False) -> bool:
        """Whether the candidate is right, and not just as close as what was returned.

        fitted  a number in it was fitted to the same evidence, which then weighs less
        """
        if candidate.shape != self.x.shape:
            return False
        left = FITTED if fitted else MENDED
        known = (
            len(self.probes) if self.numerical is None else int(np.count_nonzero(self.numerical))
        )
        if not _telling(known, self.relative, 1.0):
            return False
        return self._fits_numerical(candidate, left) and self._fits_probes(candidate, left)

    def same(self, one: Array, other: Array, terms: int = 1) -> bool:
        """Whether two arrays are equal up to errors, those of `terms` measured entries each."""
        if one.shape != other.shape:
            return False
        error = 0.0 if self.numerical is None else float(self.allowed.max(initial=0.0))
        scale = float(np.abs(other).max(initial=0.0))
        allowed = self.relative * scale + terms * error
        if not _telling(int(np.count_nonzero(np.abs(other) > allowed)), allowed, scale):
            return False
        return bool((np.abs(one - other) <= allowed).all())

    def other(self, cotangent: Array) -> Array | None:
        """The analytic gradient for another cotangent; None if there is none to be had."""
        if self.again is None or not np.isfinite(cotangent).all():
            return None
        try:
            found = np.asarray(self.again(cotangent.astype(self.cotangent.dtype))[self.name])
        except Exception:  # someone else's code, called at a place that it was not made for
            return None
        return found if found.shape == self.wrong.shape else None

    def slopes(self, gradient: Array) -> Array:
        """The slopes that a gradient predicts, one for each probe."""
        flat = gradient.ravel().conj()
        return np.array([float(np.dot(flat, u).real) for u in self._directions])

    @cached_property
    def measured(self) -> Array:
        """The slopes that were measured."""
        return np.array([probe.slope for probe in self.probes])

    @cached_property
    def _directions(self) -> list[Array]:
        return [np.asarray(probe.direction).ravel() for probe in self.probes]

    @cached_property
    def _rounding(self) -> Array:
        """What rounding does to a slope, for a gradient of norm 1."""
        rms = [np.sqrt(np.mean(np.abs(u) ** 2)) if u.size else 0.0 for u in self._directions]
        return self.relative * np.array(rms)

    @cached_property
    def _before(self) -> Array | None:
        """How far the slopes of what was returned are off."""
        return np.abs(self.slopes(self.wrong) - self.measured) if self.same_shape else None

    def _fits_numerical(self, candidate: Array, left: float) -> bool:
        if self.numerical is None:
            return True
        off = np.abs(candidate - self.numerical)
        if not (off <= self.allowed).all():  # not-a-number fits nothing
            return False
        if not self.same_shape:
            return True
        before = float(np.abs(self.wrong - self.numerical).max(initial=0.0))
        return float(off.max(initial=0.0)) <= left * before and before > 0

    def _fits_probes(self, candidate: Array, left: float) -> bool:
        if not self.probes:
            return self.numerical is not None
        flat = candidate.ravel().conj()
        norm = float(np.sqrt(np.vdot(flat, flat).real))
        off = np.zeros(len(self.probes))
        for k, (probe, u) in enumerate(zip(self.probes, self._directions, strict=True)):
            off[k] = abs(float(np.dot(flat, u).real) - probe.slope)
            if not off[k] <= ERRORS * probe.error + self._rounding[k] * norm:
                return False  # most candidates end here, at the first
        before = self._before
        if before is None or self.numerical is not None:
            return True
        worst = float(np.linalg.norm(before))
        return worst > 0 and float(np.linalg.norm(off)) <= left * worst


def _telling(measured: int, allowed: float, scale: float) -> bool:
    """Whether so many numbers, known as well as that, can hardly be met by chance."""
    if not 0 < allowed < scale:
        return allowed == 0 < measured
    return measured * -log10(allowed / scale) >= DIGITS
