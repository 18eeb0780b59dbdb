"""The closer look at one input: is its gradient right, and if not, where and how is it wrong?

Everything is done in new sessions and with this input alone being moved. Two random directions
decide; where they meet a kink the one-sided slopes do; and what is wrong is measured entry by
entry as far as the budget goes.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from gradcheck.checks.gradient import jacobian, kinked
from gradcheck.checks.gradient.bench import Bench
from gradcheck.checks.gradient.calls import WORKING, copies, working
from gradcheck.checks.gradient.careful import SAFETY, slope
from gradcheck.checks.gradient.contract import gradient_fault
from gradcheck.checks.gradient.finding import Finding, Outcome
from gradcheck.checks.gradient.function import Array, Arrays
from gradcheck.checks.gradient.line import STEP, projected, scale, signed
from gradcheck.checks.gradient.line import measure as five_points
from gradcheck.checks.gradient.localise import Located, bisect, compare_entries
from gradcheck.checks.gradient.noise import measure
from gradcheck.checks.gradient.screen import NEGLIGIBLE, Tried, alike, gradient_rounding, quiet
from gradcheck.checks.gradient.screen import SAFETY as SCREENED
from gradcheck.checks.gradient.structure import Pairs, paired_axes
from gradcheck.checks.mistakes.diagnose import Diagnosis, diagnose
from gradcheck.checks.mistakes.evidence import Evidence, Probe

DIRECTIONS = 2
SHARP = 1e-4  # what is resolved less sharply than this, relative to the gradient, is said
TINY = 1e-6  # of the natural slope: what is known as sharply as this is known to be zero
FAR = 30  # times what is allowed: no better measurement would bring together
BLUNT = 1e-2  # and beyond this nobody is acquitted
SMALL = 20_000  # entries of a Jacobian that a diagnosis may ask for
APPROXIMATE = 1e-3  # of the gradient's largest entry: a wrong formula that is nearly right


@dataclass
class Subject:
    """One point to look at.

    inputs     in double precision; `given` are the same in the dtypes that the code is called with
    gradients  what a new session returns there
    tried      the directions that have raised doubts
    until      when measuring entry by entry has to be done, on time.perf_counter's clock
    """

    bench: Bench
    inputs: Arrays
    given: Arrays
    cotangent: Array
    gradients: Mapping[str, Any]
    rng: np.random.Generator
    tried: Tried
    sizes: Mapping[str, int] = field(default_factory=dict)
    until: float = np.inf

    def along(self, name: str, direction: Array) -> Callable[[float], Array]:
        """The output as a function of how far this input is moved."""

        def value(t: float) -> Array:
            inputs = {key: array.copy() for key, array in self.inputs.items() if key != name}
            inputs[name] = self.inputs[name] + t * direction
            moved = {key: inputs[key] for key in self.inputs}
            return self.bench.forward_or_nan(moved, self.base)

        return value

    def output(self, inputs: dict[str, Array]) -> Array:
        """The forward pass."""
        return self.bench.forward(copies(inputs))

    @property
    def sought(self) -> float:
        """What one of the gradients at least is off by, along its direction; 0 if none has to be."""
        return self.tried.apart / (2 * len(self.tried.directions)) if self.tried.apart else 0.0

    @cached_property
    def base(self) -> Array:
        """The output at the point."""
        return self.output(dict(self.inputs))

    @property
    def again(self) -> Callable[[Array], Mapping[str, Array]] | None:
        """The gradients for another cotangent as arrays; None if no cotangent is taken."""
        if not self.bench.function.takes_cotangent:
            return None
        return lambda cotangent: {
            name: np.asarray(g) for name, g in self.backward(cotangent).items()
        }

    def backward(self, cotangent: Array) -> dict[str, Any]:
        """The gradients for another cotangent, in a new session."""
        return self.bench.gradients(self.given, cotangent)


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
    def resolution(self) -> float:
        """How sharply the slope was measured, relative to the gradient as a whole."""
        size = max(self.weight, abs(self.measured), TINY * self.natural)
        return self.error / size if self.error else 0.0


def look(subject: Subject, name: str) -> Finding:
    """The finding about one input. Its gradient may have a wrong shape."""
    gradient = np.asarray(subject.gradients[name])
    if gradient.shape != subject.inputs[name].shape:
        return _mistake(subject, name, gradient, [_compared(subject, name, None, quickly)])
    gradient = working(gradient)
    doubted = subject.tried.directions.get(name)
    quick = _compared(subject, name, gradient, quickly, doubted)
    if _settled(quick, subject.sought):
        return _agreement(name, [quick])
    kinks = kinked.judge(subject, name, gradient, quick.direction)
    if isinstance(kinks, Finding):
        return kinks
    if kinks is not None:
        return _beside(subject, name, gradient, kinks)
    if quick.refuted:
        sober = _compared(subject, name, gradient, soberly)
        if sober.refuted:
            return _mistake(subject, name, gradient, [quick, sober])
    found = [_compared(subject, name, gradient, carefully, along) for along in (doubted, None)]
    return _decided(subject, name, gradient, found)


def _beside(subject: Subject, name: str, gradient: Array, kinks: kinked.Kinks) -> Finding:
    """The finding where some entries sit on kinks and the others do not."""
    if kinks.refuted:
        return Finding(name, Outcome.DISAGREES, "kink", kinks.refuted)
    found = [
        _compared(subject, name, gradient, carefully, excluded=kinks.excluded)
        for _ in range(DIRECTIONS)
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
    return _agreement(name, found) if agree else _mistake(subject, name, gradient, found, excluded)


@dataclass(frozen=True)
class Measured:
    """The slope of <cotangent, output> along a line, its error, and what forward computes in."""

    slope: float
    error: float
    precision: str


Measurement = Callable[[Callable[[float], Array], Array], Measured]


def quickly(line: Callable[[float], Array], cotangent: Array) -> Measured:
    """From five points."""
    return _five(line, cotangent, 0.0, "float64")


def _five(
    line: Callable[[float], Array], cotangent: Array, noise: Array | float, precision: str
) -> Measured:
    found = quiet(five_points, lambda times: line(times * STEP), line(0.0))
    value, error = projected(replace(found, error=found.error + noise), cotangent)
    return Measured(value / STEP, SCREENED * error / STEP, precision)


def soberly(line: Callable[[float], Array], cotangent: Array) -> Measured:
    """From five points, and as many more as it takes to know the noise."""
    noise = measure(line)
    return _five(line, cotangent, noise.level, noise.precision)


def carefully(line: Callable[[float], Array], cotangent: Array) -> Measured:
    """From as many points as it takes, some 50."""
    noise = measure(line)
    value, error = projected(slope(line, noise), cotangent)
    return Measured(value, SAFETY * error, noise.precision)


def _compared(
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
    found = measurement(subject.along(name, direction), subject.cotangent)
    if gradient is None:
        return Compared(direction, 0.0, found.slope, found.error, found.error, 0.0, 0.0)
    product = (gradient.conj() * direction).real
    weight = float(np.linalg.norm(product))
    rounding = rounding_of(subject, name, found.precision)
    allowed = found.error + (rounding + NEGLIGIBLE) * weight
    far = np.nan_to_num(subject.along(name, direction)(1.0) - subject.base)
    sizes = (np.linalg.norm(subject.cotangent * output) for output in (subject.base, far))
    natural = float(max(sizes))
    allowed += rounding * natural
    stated = float(product.sum())
    return Compared(direction, stated, found.slope, found.error, allowed, weight, natural)


def rounding_of(subject: Subject, name: str, precision: str) -> float:
    """What rounding may do to a gradient, relative: by the coarsest dtype that takes part."""
    dtypes = [subject.given[name].dtype, np.asarray(subject.gradients[name]).dtype, precision]
    return max(gradient_rounding(np.dtype(dtype)) for dtype in dtypes)


def _settled(compared: Compared, sought: float) -> bool:
    """Whether they agree, and as sharply as it takes to acquit of what was seen before."""
    sharp = compared.resolution <= SHARP and (not sought or compared.allowed <= sought)
    return compared.agrees and sharp


def _agreement(name: str, found: list[Compared]) -> Finding:
    error = max(c.error for c in found)
    difference = max(abs(c.stated - c.measured) for c in found)
    resolution = max(c.resolution for c in found)
    notes = ()
    if resolution > SHARP:
        notes = (f"d{name} could be compared to within {resolution:.0e} of its size only",)
    return Finding(name, Outcome.AGREES, notes=notes, difference=difference, error=error)


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
    return Finding(name, Outcome.INCONCLUSIVE, "noise", message, error=max(errors))


def _mistake(
    subject: Subject,
    name: str,
    gradient: Array,
    found: list[Compared],
    excluded: Array | None = None,
) -> Finding:
    """Where the gradient is wrong, and what kind of mistake that looks like."""
    fits = gradient.shape == subject.inputs[name].shape
    while len(found) < DIRECTIONS:
        found.append(_compared(subject, name, working(gradient) if fits else None, quickly))
    pairs = paired_axes(subject.output, dict(subject.inputs), name)
    budget = max(0.0, subject.until - time.perf_counter())
    measured = jacobian.gradient(
        subject.output, dict(subject.inputs), name, subject.cotangent, pairs, budget
    )
    if measured is not None and excluded is not None:  # where there is no slope, it is not blamed
        measured.value[excluded] = gradient[excluded]
    located = None
    rounding = rounding_of(subject, name, "float64")
    if fits and measured is not None:
        located = compare_entries(working(gradient), measured.value, measured.error, rounding)
    elif fits:
        located = bisect(working(gradient), found[0].direction, _slopes(subject, name))
    evidence = Evidence(
        name=name,
        inputs=subject.inputs,
        output=subject.base,
        cotangent=subject.cotangent,
        gradients={key: np.asarray(g) for key, g in subject.gradients.items()},
        probes=tuple(Probe(c.direction, c.measured, c.error) for c in found),
        numerical=measured.value if measured is not None else None,
        error=measured.error if measured is not None else 0.0,
        sizes=subject.sizes,
        again=subject.again,
        jacobian=lambda: _jacobian(subject, name, pairs),
    )
    diagnosis = _of_the_cotangent(subject, name, gradient) or diagnose(evidence)
    if diagnosis is None and located is not None and located.single:
        diagnosis = _one_entry(evidence, located)
    return _told(name, subject, found, located, diagnosis)


def _one_entry(evidence: Evidence, located: Located) -> Diagnosis | None:
    """Whether the entry that bisection came to is the only wrong one."""
    assert located.worst is not None
    index, values = located.worst.index, located.worst.values
    candidate = working(evidence.wrong).copy()
    candidate[index] = values["differences"]
    if not evidence.fits(candidate, fitted=True):
        return None
    at = f"d{evidence.name}[{','.join(map(str, index))}]"
    return Diagnosis(
        "one-entry",
        f"{at} alone is wrong: it is {values['yours']:.6g} and should be "
        f"{values['differences']:.6g}",
    )


def _slopes(subject: Subject, name: str) -> Callable[[Array], tuple[float, float]]:
    """Slopes along directions, from five points: bisection needs no more."""

    def along(direction: Array) -> tuple[float, float]:
        found = quickly(subject.along(name, direction), subject.cotangent)
        return found.slope, found.error

    return along


def _of_the_cotangent(subject: Subject, name: str, gradient: Array) -> Diagnosis | None:
    """Whether backward treats the cotangent as it should: -2 of it, -2 of the gradient."""
    if not subject.bench.function.takes_cotangent or gradient.dtype.kind not in "fc":
        return None
    other = subject.backward(-2 * subject.cotangent).get(name)
    if other is None or np.shape(other) != gradient.shape or not gradient.any():
        return None
    if alike(np.asarray(other), gradient):
        return Diagnosis(
            "ignores-cotangent", f"d{name} is the same whatever cotangent backward is given"
        )
    rest = np.abs(other + 2 * gradient).max(initial=0.0)
    if rest > gradient_rounding(gradient.dtype) * np.abs(gradient).max(initial=0.0):
        return Diagnosis(
            "nonlinear",
            f"-2 times the cotangent does not give -2 times d{name}: a backward pass is linear",
        )
    return None


def _told(
    name: str,
    subject: Subject,
    found: list[Compared],
    located: Located | None,
    diagnosis: Diagnosis | None,
) -> Finding:
    """The finding: how wrong, where, and what it looks like."""
    code = diagnosis.code if diagnosis else ""
    sentence = f"; {diagnosis.sentence}" if diagnosis else ""
    fault = gradient_fault(name, subject.gradients[name], subject.given[name], WORKING[0])
    if fault is not None and fault.got_shape:
        return replace(
            fault, code=code or fault.code, message=fault.message + sentence, hint=sentence[2:]
        )
    size = max(abs(c.stated - c.measured) / max(c.weight, abs(c.measured)) for c in found)
    difference, error = abs(found[0].stated - found[0].measured), found[0].error
    if located is not None and located.worst is not None:
        size, difference, error = located.size, located.difference, located.error
    nearly = size <= APPROXIMATE
    message = f"d{name} is off by {size:.0e} of its size" if nearly else f"d{name} is wrong"
    if located is not None and located.differing:
        message += f" in {located.differing} of {located.entries} entries"
    elif located is not None and located.worst is not None and not code:
        message += f", for one at {name}[{','.join(map(str, located.worst.index))}]"
    return Finding(
        name,
        Outcome.APPROXIMATE if nearly else Outcome.DISAGREES,
        code or ("approximate" if nearly else ""),
        message + sentence,
        differing=located.differing if located else 0,
        entries=located.entries if located else 0,
        difference=difference,
        size=size,
        error=error,
        worst=located.worst if located else None,
        hint=sentence[2:],
    )


def _jacobian(subject: Subject, name: str, pairs: Pairs) -> Array | None:
    """The whole numerical Jacobian, if it is small."""
    inputs = dict(subject.inputs)
    if subject.base.size * subject.inputs[name].size > SMALL:
        return None
    value: Array = jacobian.jacobian(subject.output, inputs, name, pairs).dense()[0]
    return value
