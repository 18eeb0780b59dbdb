"""The plainest mistakes: nothing at all, the sign, no dependence on the cotangent, an integer."""

from collections.abc import Iterator

import numpy as np

from gradcheck.checks.mistakes.evidence import Evidence
from gradcheck.checks.mistakes.hypotheses.guess import Guess


def zero(evidence: Evidence) -> Iterator[Guess]:
    """No gradient at all."""
    if evidence.same_shape and evidence.wrong.size and not evidence.wrong.any():
        yield Guess("zero", f"{evidence.it} is zero everywhere")


def integer(evidence: Evidence) -> Iterator[Guess]:
    """Digits after the point are lost."""
    if evidence.wrong.dtype.kind in "iu" and evidence.x.dtype.kind in "fc" and evidence.same_shape:
        dtype = evidence.wrong.dtype
        said = f"{evidence.it} has the integer dtype {dtype}: what follows the point is lost"
        yield Guess("integer-gradient", said)


def sign(evidence: Evidence) -> Iterator[Guess]:
    """Everything times -1."""
    if evidence.wrong.dtype.kind in "fci":
        said = f"{evidence.it} with the opposite sign matches"
        yield Guess("sign", said, -evidence.wrong)


def conjugate(evidence: Evidence) -> Iterator[Guess]:
    """The other convention for complex inputs."""
    if evidence.wrong.dtype.kind == "c":
        said = f"the complex conjugate of {evidence.it} matches"
        yield Guess("conjugate", said, evidence.wrong.conj())
        turned = evidence.other(evidence.cotangent.conj())
        if turned is not None:
            said = f"the derivative in {evidence.it} has to be conjugated"
            yield Guess("conjugate", said, turned.conj())


def ignores(evidence: Evidence) -> Iterator[Guess]:
    """The same gradient, whatever comes in from above."""
    if not evidence.wrong.any():
        return
    other = evidence.other(np.multiply(-2.0, evidence.cotangent))
    if other is not None and np.array_equal(other, evidence.wrong):
        said = f"{evidence.it} is the same for another cotangent: it is not multiplied by it"
        yield Guess("ignores-cotangent", said)


FAMILY = (integer, zero, sign, conjugate, ignores)
