"""What is wrong with a gradient: how much, in which entries, and what kind of mistake it is."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from gradcheck.checks.gradient import jacobian
from gradcheck.checks.gradient.calls import WORKING, working
from gradcheck.checks.gradient.compared import Compared, compared, quickly, rounding_of
from gradcheck.checks.gradient.complex_step import analytic
from gradcheck.checks.gradient.contract import gradient_fault
from gradcheck.checks.gradient.finding import Finding, Outcome, entry_name
from gradcheck.checks.gradient.function import Array
from gradcheck.checks.gradient.line import projected
from gradcheck.checks.gradient.localise import Located, bisect, compare_entries
from gradcheck.checks.gradient.screen import alike, gradient_rounding
from gradcheck.checks.gradient.structure import Pairs, paired_axes
from gradcheck.checks.gradient.subject import Subject
from gradcheck.checks.mistakes.diagnose import Diagnosis, diagnose
from gradcheck.checks.mistakes.evidence import Evidence, Probe

PROBES = 2  # random directions that a diagnosis rests on
SMALL = 20_000  # entries of a Jacobian that a diagnosis may ask for
APPROXIMATE = 1e-3  # of the gradient's largest entry: a wrong formula that is nearly right


def mistake(
    subject: Subject,
    name: str,
    gradient: Array,
    found: list[Compared],
    excluded: Array | None = None,
) -> Finding:
    """Where the gradient is wrong, and what kind of mistake that looks like."""
    fits = gradient.shape == subject.inputs[name].shape
    while len(found) < PROBES:
        found.append(compared(subject, name, working(gradient) if fits else None, quickly))
    real = subject.inputs[name].dtype.kind != "c"  # an entry of a complex input has two slopes
    pairs = paired_axes(subject.output, dict(subject.inputs), name)
    measured = _measured(subject, name, pairs) if real else None
    if measured is not None and excluded is not None:  # where there is no slope, it is not blamed
        measured.value[excluded] = gradient[excluded]
    located = None
    rounding = rounding_of(subject, name, "float64")
    if fits and measured is not None:
        located = compare_entries(working(gradient), measured.value, measured.error, rounding)
    elif fits and real:
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
        jacobian=(lambda: _jacobian(subject, name, pairs)) if real else None,
    )
    diagnosis = _of_the_cotangent(subject, name, gradient) or diagnose(evidence)
    if diagnosis is None and located is not None and located.single:
        diagnosis = _one_entry(evidence, located)
    finding = _told(name, subject, found, located, diagnosis)
    return replace(finding, notes=(*finding.notes, *_second_opinion(subject, name, found[0])))


def _second_opinion(subject: Subject, name: str, against: Compared) -> Iterator[str]:
    """Whether a complex step, which has no step size to doubt, gives the slope of the differences.

    Nothing is said where forward does not prove to be analytic.
    """
    if subject.inputs[name].dtype.kind == "c":
        return
    found = analytic(subject.along(name, against.direction))
    if found is None:
        return
    value, _ = projected(found.value, found.error, subject.cotangent)
    apart = abs(value - against.measured)
    if apart <= against.error:
        yield f"a complex step gives the same slope as the differences, to {_share(apart, value)}"


def _share(part: float, whole: float) -> str:
    return f"{max(part / abs(whole), 1e-16) if whole else 0:.0e}"


def _measured(subject: Subject, name: str, pairs: Pairs) -> jacobian.Gradient | None:
    """The whole right gradient, if the budget allows it."""
    inputs = dict(subject.inputs)
    return jacobian.gradient(subject.output, inputs, name, subject.cotangent, pairs, subject.budget)


def _one_entry(evidence: Evidence, located: Located) -> Diagnosis | None:
    """Whether the entry that bisection came to is the only wrong one."""
    assert located.worst is not None
    index, values = located.worst.index, located.worst.values
    candidate = working(evidence.wrong).copy()
    candidate[index] = values["differences"]
    if not evidence.fits(candidate, fitted=True):
        return None
    at = entry_name(f"d{evidence.name}", index)
    return Diagnosis(
        "one-entry",
        f"{at} alone is wrong: it is {values['yours']:.6g} and should be "
        f"{values['differences']:.6g}",
    )


def _slopes(subject: Subject, name: str) -> Callable[[Array], tuple[float, float]]:
    """Slopes along directions, from five points: bisection needs no more."""

    def along(direction: Array) -> tuple[float, float]:
        found = quickly(subject.along(name, direction), subject.base, subject.cotangent)
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
    size = max(c.size for c in found)
    difference, error = abs(found[0].stated - found[0].measured), found[0].resolution
    if located is not None and located.worst is not None:
        size, difference, error = located.size, located.difference, located.error
    nearly = size <= APPROXIMATE
    message = f"d{name} is off by {size:.0e} of its size" if nearly else f"d{name} is wrong"
    if located is not None and located.differing:
        message += f" in {located.differing} of {located.entries} entries"
    elif located is not None and located.worst is not None and not code:
        message += f", for one at {entry_name(name, located.worst.index)}"
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
