"""What a hypothesis yields, and small things that several families need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gradcheck.checks.mistakes.evidence import Array, Evidence

EPSILONS = (0.0, 1e-5, 1e-8, 1e-6, 1e-3, 1e-12)  # usual constants under a square root


@dataclass(frozen=True)
class Guess:
    """A kind of mistake, in a sentence.

    mended  the gradient that would be right if the guess is; None for a guess that was tested
            already, against the numerical gradient or by another backward pass
    fitted  a number in it was fitted to the measured slopes
    """

    code: str
    sentence: str
    mended: Array | None = None
    fitted: bool = False


def subsets(ndim: int, longest: int = 4) -> Iterator[tuple[int, ...]]:
    """Non-empty sets of axes: single ones first, and the last ones first among these."""
    for length in range(1, min(ndim, longest) + 1):
        yield from reversed(list(combinations(range(ndim), length)))


def long_subsets(array: Array) -> Iterator[tuple[int, ...]]:
    """The same, of the axes that have more than one entry."""
    long = [axis for axis, length in enumerate(array.shape) if length > 1]
    for places in subsets(len(long)):
        yield tuple(long[place] for place in places)


def axes(numbers: Sequence[int]) -> str:
    """Axes in words: axis 0; axes 0 and 2."""
    if len(numbers) == 1:
        return f"axis {numbers[0]}"
    return f"axes {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def tensors(evidence: Evidence) -> Iterator[tuple[str, Array]]:
    """What a formula for the gradient can be made of: name and array."""
    for name, value in evidence.inputs.items():
        if value.dtype.kind == "f" and value.size > 1:
            yield name, value
    yield "output", evidence.output


def real(evidence: Evidence) -> bool:
    """Whether the formulas of this family apply: real numbers of the right shape."""
    used = (evidence.wrong, evidence.x, evidence.output, evidence.cotangent)
    return evidence.same_shape and all(a.dtype.kind == "f" for a in used)


def broadcast(array: Array, shape: tuple[int, ...]) -> Array | None:
    """The array at a shape, if it broadcasts to that."""
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        return None
