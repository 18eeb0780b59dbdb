"""The closer look at one input: is its gradient right?

Everything is done in new sessions and with this input alone being moved: first along the direction
that has raised doubts, and where that meets a kink by the slopes on both sides.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from gradcheck.checks.gradient import kinked
from gradcheck.checks.gradient.blame import mistake
from gradcheck.checks.gradient.calls import working
from gradcheck.checks.gradient.compared import (
    SHARP,
    Compared,
    carefully,
    compared,
    quickly,
    soberly,
)
from gradcheck.checks.gradient.finding import Finding, Outcome
from gradcheck.checks.gradient.function import Array
from gradcheck.checks.gradient.subject import Subject

EXPLAINED = 0.1  # of what was seen along all directions together: no more is left over
BLUNT = 2e-2  # a slope known less sharply than this, relative to the gradient, acquits nobody


def look(subject: Subject, names: Iterable[str]) -> dict[str, Finding]:
    """The findings about some inputs. Their gradients may have a wrong shape."""
    quick = {name: _quick(subject, name) for name in names}
    sought = _left_over(subject, [c for c in quick.values() if c.refuted])
    return {name: _look(subject, name, compared, sought) for name, compared in quick.items()}


def _quick(subject: Subject, name: str) -> Compared:
    """The first comparison, along the direction that has raised doubts."""
    gradient = np.asarray(subject.gradients[name])
    if gradient.shape != subject.inputs[name].shape:
        return compared(subject, name, None, quickly)
    along = subject.tried.directions.get(name)
    return compared(subject, name, working(gradient), quickly, along)


def _left_over(subject: Subject, refuted: list[Compared]) -> float:
    """What one of the other gradients at least is off by; 0 if the refuted ones explain it all.

    Nobody else is acquitted by a measurement that could not see that much.
    """
    apart, count = subject.tried.apart, len(subject.tried.directions)
    if not apart:
        return 0.0
    left = abs(apart - sum(c.stated - c.measured for c in refuted))
    return left / (2 * count) if left > EXPLAINED * abs(apart) else 0.0


def _look(subject: Subject, name: str, quick: Compared, sought: float) -> Finding:
    gradient = np.asarray(subject.gradients[name])
    if gradient.shape != subject.inputs[name].shape:
        return mistake(subject, name, gradient, [quick])
    gradient = working(gradient)
    if _settled(quick, sought):
        if not subject.tried.apart:
            return _agreement(name, [quick])
        other = compared(subject, name, gradient, quickly)  # others are wrong: look twice
        if _settled(other, sought):
            return _agreement(name, [quick, other])
        quick = other
    kinks = kinked.judge(subject, name, gradient, quick.direction)
    if isinstance(kinks, Finding):
        return kinks
    if kinks is not None:
        return _beside(subject, name, gradient, kinks)
    if quick.refuted:
        sober = compared(subject, name, gradient, soberly)
        if sober.refuted:
            return mistake(subject, name, gradient, [quick, sober])
    found = [compared(subject, name, gradient, carefully, d) for d in (quick.direction, None)]
    return _decided(subject, name, gradient, found)


def _beside(subject: Subject, name: str, gradient: Array, kinks: kinked.Kinks) -> Finding:
    """The finding where some entries sit on kinks and the others do not."""
    if kinks.refuted:
        return Finding(name, Outcome.DISAGREES, "kink", kinks.refuted)
    found = [
        compared(subject, name, gradient, carefully, excluded=kinks.excluded) for _ in range(2)
    ]
    finding = _decided(subject, name, gradient, found, kinks.excluded)
    return replace(finding, notes=(*finding.notes, *kinks.notes)) if finding.ok else finding


def _decided(
    subject: Subject,
    name: str,
    gradient: Array,
    found: list[Compared],
    excluded: Array | None = None,
) -> Finding:
    agree = all(c.agrees for c in found)
    if not all(c.resolution <= BLUNT for c in found):
        return _inconclusive(name, found)
    return _agreement(name, found) if agree else mistake(subject, name, gradient, found, excluded)


def _settled(compared: Compared, sought: float) -> bool:
    """Whether they agree, and as sharply as it takes to acquit of what was seen before."""
    sharp = compared.blur <= SHARP and (not sought or compared.allowed <= sought)
    return compared.agrees and sharp


def _agreement(name: str, found: list[Compared]) -> Finding:
    difference = max(abs(c.stated - c.measured) for c in found)
    resolution = max(c.resolution for c in found)
    size = max(c.size for c in found)
    notes: tuple[str, ...] = ()
    if resolution > SHARP:
        notes = (f"d{name} could be compared to within {resolution:.0e} of its size only",)
    return Finding(
        name, Outcome.AGREES, notes=notes, difference=difference, size=size, error=resolution
    )


def _inconclusive(name: str, found: list[Compared]) -> Finding:
    """The differences cannot tell: say what they resolve."""
    errors = [c.error for c in found]
    if not np.isfinite(errors).all():
        message = f"d{name} cannot be compared: forward is not finite anywhere near this point"
        return Finding(name, Outcome.INCONCLUSIVE, "not-finite", message)
    size = max(max(c.weight, abs(c.measured)) for c in found)
    message = (
        f"d{name} cannot be compared: forward is so noisy that its slope, about {size:.1g}, "
        f"may be off by {max(errors):.1g}"
    )
    return Finding(
        name, Outcome.INCONCLUSIVE, "noise", message, error=max(c.resolution for c in found)
    )
