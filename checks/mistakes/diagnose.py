"""The search: hypotheses in order, and the first whose change really mends the gradient."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from gradcheck.checks.mistakes.evidence import Array, Evidence
from gradcheck.checks.mistakes.hypotheses import (
    activations,
    factors,
    layout,
    others,
    paths,
    patterns,
    plain,
    sums,
    time,
    windows,
)
from gradcheck.checks.mistakes.hypotheses.guess import Guess

# The cheap and the likely first, and first what explains before what only says where it is wrong.
# After these come those that cost backward passes, and then those that need the whole Jacobian.
CHEAP: tuple[Callable[[Evidence], Iterator[Guess]], ...] = (
    *plain.FAMILY,
    *layout.FAMILY,
    *activations.FAMILY,
    *factors.FAMILY,
    *others.FAMILY,
    *factors.TENSORS,
    *windows.FAMILY,
    *paths.FAMILY,
    *sums.FAMILY,
    *time.FAMILY,
    *sums.MEASURED,
    *windows.MEASURED,
    *patterns.MEASURED,
)
BACKWARD: tuple[Callable[[Evidence], Iterator[Guess]], ...] = (
    *sums.LATE,
    *activations.LATE,
    *paths.LATE,
    *time.LATE,
)
JACOBIAN: tuple[Callable[[Evidence, Array], Iterator[Guess]], ...] = (
    *time.JACOBIAN,
    *windows.JACOBIAN,
)
REGIONS: tuple[Callable[[Evidence], Iterator[Guess]], ...] = (
    *patterns.REGIONS,
    *factors.LATE,
    *patterns.LAST,
    *activations.LAST,
    *paths.LAST,
)


@dataclass(frozen=True)
class Diagnosis:
    """A stable code for a kind of mistake, and a sentence that says what mends this one."""

    code: str
    sentence: str


def diagnose(evidence: Evidence) -> Diagnosis | None:
    """The kind of mistake in a wrong gradient, or None."""
    if not evidence.usable:
        return None
    if evidence.wrong.dtype.kind == "c" or evidence.x.dtype.kind == "c":
        # two conventions for a Jacobian of complex numbers, but only one for a slope
        evidence = replace(evidence, numerical=None, jacobian=None)
    with np.errstate(all="ignore"):  # what is not a number fits nothing
        for guess in _guesses(evidence):
            if guess.mended is None or evidence.fits(guess.mended, guess.fitted):
                return Diagnosis(guess.code, guess.sentence)
    return None


def _guesses(evidence: Evidence) -> Iterator[Guess]:
    for hypothesis in (*CHEAP, *BACKWARD):
        yield from hypothesis(evidence)
    jacobian = evidence.jacobian() if evidence.jacobian else None
    if jacobian is not None and np.isfinite(jacobian).all():
        for further in JACOBIAN:
            yield from further(evidence, jacobian)
    for hypothesis in REGIONS:
        yield from hypothesis(evidence)
