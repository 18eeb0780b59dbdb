"""A gradient at a point where forward has kinks: what lies between the one-sided slopes is right.

First the entries of the input that sit on a kink are looked for: without them the check is as
usual, and each of them must lie between its own slopes. If it is no few entries, the outputs with
a kink are taken out instead, by a cotangent that is zero there.
"""

from dataclasses import dataclass, replace

import numpy as np

from gradcheck.checks.gradient.calls import working
from gradcheck.checks.gradient.careful import SAFETY
from gradcheck.checks.gradient.finding import Finding, Outcome, entry_name
from gradcheck.checks.gradient.function import Array
from gradcheck.checks.gradient.kinks import Kind, Sides, locate, sides
from gradcheck.checks.gradient.line import scale, signed
from gradcheck.checks.gradient.noise import measure
from gradcheck.checks.gradient.subject import Subject

STEPS = (2.0**-15, 2.0**-27)  # of an entry's scale: a kink is one at any of them
BENT = 0.25  # of the second difference, which at a kink is all fourth difference
NOISE = 30.0  # times the noise of a value: what is certainly none
CLOSE = 1e-4  # of the entries' scale: points around a kink
TINY = 1e-7  # the step at those points, too short to meet the kink again
SAMPLES = 24
SHOWN = 3  # kinks described one by one
WIDE = 1e-2  # a box of slopes as wide as this, relative, acquits nobody
ROUNDING = 1e-9  # of the slopes, for what lies at the very end of a box


@dataclass(frozen=True)
class Box:
    """Between what the slope of <cotangent, output> may be: each output at its own kink."""

    low: float
    high: float
    error: float

    @property
    def blur(self) -> float:
        """The error, relative to the slopes."""
        size = max(abs(self.low), abs(self.high))
        return self.error / size if size else 0.0

    def holds(self, value: float) -> bool:
        room = self.error + ROUNDING * max(abs(self.low), abs(self.high))
        return self.low - room <= value <= self.high + room


@dataclass(frozen=True)
class Kinks:
    """Which entries of an input sit on kinks, and what to say about them.

    refuted  a sentence about a gradient that lies between no slopes; or empty
    """

    excluded: Array
    notes: tuple[str, ...]
    refuted: str = ""


def judge(subject: Subject, name: str, gradient: Array, direction: Array) -> Kinks | Finding | None:
    """What the kinks at this point mean for a gradient.

    None if there are none; Kinks if they sit at single entries of the input, and the rest is to be
    checked as usual; a finding if they are everywhere.
    """
    level = NOISE * (measure(subject.along(name, direction)).level + _rounding(subject.base))
    bent = _bent(subject, name, direction, level)
    if not bent.any():
        return None
    seen = _sides(subject, name, direction)
    if (bent & ((seen.kind == Kind.JUMP) | (seen.kind == Kind.EDGE))).any():
        return _no_slope(name, seen)
    bent &= seen.kind == Kind.KINK
    if not bent.any():
        return None
    others = [a for key, a in subject.inputs.items() if key != name]

    def sees(mask: Array) -> bool:
        return bool(_bent(subject, name, np.where(mask, direction, 0), level).any())

    found = locate(sees, subject.inputs[name], others)
    if found.complete and found.indices:
        return _at_entries(subject, name, gradient, found.indices)
    return _at_outputs(subject, name, direction, seen, bent)


def _no_slope(name: str, seen: Sides) -> Finding:
    jump = seen.any(Kind.JUMP)
    what = "jumps" if jump else "is finite on one side only"
    message = f"d{name} cannot be compared: forward {what} at this point; give another one"
    return Finding(name, Outcome.INCONCLUSIVE, "kink", message)


def _rounding(output: Array) -> float:
    """Of a typical output, which is more than that of one that happens to be nearly 0."""
    return float(np.finfo(float).eps * np.linalg.norm(output) / np.sqrt(max(1, output.size)))


def _bent(subject: Subject, name: str, direction: Array, level: Array) -> Array:
    """Which outputs seem to have a kink or a jump at the point: five points, at two scales.

    Where a function is smooth the second difference falls to a quarter when the step is halved,
    at a kink to a half; the first falls to a half, at a jump it stays. What is below the level is
    noise.
    """
    base, line = subject.base, subject.along(name, direction)
    bent = np.ones(base.shape, bool)
    for step in STEPS:
        far_below, below, above, far_above = (line(k * step) for k in (-2, -1, 1, 2))
        with np.errstate(all="ignore"):
            far = far_above + far_below - 2 * base
            fourth = np.abs(far - 4 * (above + below - 2 * base))
            change = np.abs(above - below)
            jumps = change > (1 - BENT) * np.abs(far_above - far_below)
            kinks = fourth > BENT * np.abs(far)
        bent &= (fourth > level) & kinks | (change > level) & jumps | ~np.isfinite(far)
    return bent


def _at_entries(
    subject: Subject, name: str, gradient: Array, indices: tuple[tuple[int, ...], ...]
) -> Kinks:
    excluded = np.zeros(gradient.shape, bool)
    excluded[tuple(np.transpose(indices))] = True
    notes = []
    for index in indices[:SHOWN]:
        only = np.zeros(gradient.shape, bool)
        only[index] = True
        box, said = _entry(subject, name, gradient, only, index)
        if not box:
            return Kinks(excluded, (), said)
        notes.append(said)
    if len(indices) > SHOWN:
        notes.append(f"and at {len(indices) - SHOWN} more entries of {name}, likewise")
    if not _together(subject, name, excluded):
        sentence = (
            f"d{name} is wrong at a kink: moving the {len(indices)} entries there together, "
            "it lies outside of the slopes on both sides"
        )
        return Kinks(excluded, (), sentence)
    return Kinks(excluded, tuple(notes))


def _together(subject: Subject, name: str, excluded: Array) -> bool:
    """Whether the gradient is right where entries at kinks move together.

    Each of two tied entries may take all of a maximum, but not both. The cotangent is positive:
    then what is too much for one output is not hidden by what is too little for another.
    """
    positive = replace(subject, cotangent=np.abs(subject.cotangent).astype(subject.base.dtype))
    gradient = positive.backward(positive.cotangent).get(name)
    if not subject.bench.function.takes_cotangent or np.asarray(gradient).shape != excluded.shape:
        positive, gradient = subject, subject.gradients[name]
    alike = scale(subject.inputs[name]) * excluded
    for along in (alike, alike * signed(alike, subject.rng)):
        stated = float((working(np.asarray(gradient)).conj() * along).real.sum())
        box = _box(_sides(positive, name, along), positive.cotangent)
        if not box.holds(stated) and not _around(positive, name, along).holds(stated):
            return False
    return True


def _entry(
    subject: Subject, name: str, gradient: Array, only: Array, index: tuple[int, ...]
) -> tuple[bool, str]:
    """Whether one entry of the gradient lies between its slopes, in words too."""
    move = float(scale(subject.inputs[name])[index])
    seen = _sides(subject, name, move * only)
    box = _box(seen, subject.cotangent)
    stated = float(np.real(gradient[index]))
    left, right = (
        _weighed(subject.cotangent, side.value) / move for side in (seen.left, seen.right)
    )
    value = float(np.real(subject.inputs[name][index]))
    where = f"not differentiable at {entry_name(name, index)} = {value:.6g}:"
    accepted = box.holds(stated * move)
    if not accepted and _around(subject, name, move * only).holds(stated * move):
        return True, f"{where} your {_short(stated)} is among the slopes close by: accepted"
    unit = _single(subject.cotangent, seen)
    said = (
        f"{where} left {_short(left / unit)}, right {_short(right / unit)}; "
        f"your {_short(stated / unit)} "
    )
    if accepted:
        return True, said + "lies between: accepted"
    return False, f"d{name} is wrong at a kink: {said}does not lie between"


def _short(value: float) -> str:
    return f"{value + 0.0:.4g}"  # no -0


def _single(cotangent: Array, seen: Sides) -> float:
    """The cotangent of the only output that moves, so that slopes read like those of forward."""
    moving = (seen.left.value != 0) | (seen.right.value != 0)
    return float(np.real(cotangent[moving][0])) if moving.sum() == 1 else 1.0


def _sides(subject: Subject, name: str, direction: Array) -> Sides:
    line = subject.along(name, direction)
    return sides(line, measure(line))


def _weighed(cotangent: Array, slopes: Array) -> float:
    return float(np.vdot(cotangent, np.nan_to_num(slopes)).real)


def _box(seen: Sides, cotangent: Array) -> Box:
    """Where the slope along a line may be, each output anywhere between its own two."""
    left, right = ((cotangent.conj() * side.value).real for side in (seen.left, seen.right))
    error = np.abs(cotangent) * SAFETY * np.maximum(seen.left.error, seen.right.error)
    return Box(
        float(np.minimum(left, right).sum()),
        float(np.maximum(left, right).sum()),
        float(np.linalg.norm(error)),
    )


def _around(subject: Subject, name: str, direction: Array) -> Box:
    """Where slopes along a direction lie at points close by, each output by itself.

    Every limit of right gradients is accepted, which one-sided slopes do not always enclose, and 0
    too: with several kinks on one path, that is what "the slope at 0 is 0" leads to.
    """
    at, slopes = subject.inputs[name], [np.zeros(subject.base.shape)]
    close = replace(subject, inputs=dict(subject.inputs))
    for _ in range(SAMPLES):
        close.inputs = dict(subject.inputs) | {
            name: at + CLOSE * scale(at) * signed(at, subject.rng)
        }
        line = close.along(name, direction)
        slopes.append((line(TINY) - line(-TINY)) / (2 * TINY))
    weighed = [(subject.cotangent.conj() * slope).real for slope in slopes]
    error = np.abs(subject.cotangent) * np.abs(subject.base) * np.finfo(float).eps / TINY
    room = float(np.linalg.norm(error)) + CLOSE * float(np.linalg.norm(weighed[-1]))
    return Box(float(np.min(weighed, 0).sum()), float(np.max(weighed, 0).sum()), room)


def _at_outputs(subject: Subject, name: str, direction: Array, seen: Sides, bent: Array) -> Finding:
    """Take out the outputs with a kink by a cotangent that is zero there; then look at them."""
    for chosen in (~bent, bent):
        cotangent = np.where(chosen, subject.cotangent, 0)
        gradient = subject.backward(cotangent).get(name)
        if gradient is None or np.asarray(gradient).shape != direction.shape:
            message = f"d{name} has another shape when some of the cotangent is zero"
            return Finding(name, Outcome.DISAGREES, "nonlinear", message)
        stated = float((working(np.asarray(gradient)).conj() * direction).real.sum())
        box = _box(seen, cotangent)
        if not box.holds(stated) and not (
            chosen is bent and _around(subject, name, direction).holds(stated)
        ):
            where = "where forward is smooth" if chosen is not bent else "at a kink of forward"
            message = (
                f"d{name} is wrong {where}: along a random direction it says {stated:.6g}, "
                f"and the slopes are {box.low:.6g} and {box.high:.6g}"
            )
            return Finding(name, Outcome.DISAGREES, "kink", message, error=box.blur)
    width = box.high - box.low
    note = (
        f"not differentiable by {name} here in {int(bent.sum())} of {bent.size} outputs; "
        f"what you give lies between the slopes on both sides: accepted"
    )
    if bent.all() and width > WIDE * max(abs(box.low), abs(box.high)):
        message = f"d{name} cannot be compared: forward has kinks everywhere at this point"
        return Finding(name, Outcome.INCONCLUSIVE, "kink", message)
    return Finding(name, Outcome.AGREES, notes=(note,), error=box.blur)
