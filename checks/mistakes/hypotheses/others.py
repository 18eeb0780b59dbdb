"""The gradient of another input was returned."""

from collections.abc import Iterator

import numpy as np

from gradcheck.checks.mistakes.evidence import Evidence
from gradcheck.checks.mistakes.hypotheses.guess import Guess


def swapped(evidence: Evidence) -> Iterator[Guess]:
    """Two gradients are exchanged."""
    for name, gradient in evidence.gradients.items():
        if name != evidence.name and np.shape(gradient) == evidence.x.shape:
            said = f"what is returned as the gradient of {name} is that of {evidence.name}"
            yield Guess("swapped", said, np.asarray(gradient))


FAMILY = (swapped,)
