"""What kind of mistake a wrong Jacobian looks like: the change that makes it right.

Each test is a cheap comparison, and a diagnosis is given only if the change really mends the
whole Jacobian.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from gradcheck.checks.differences import Array

CLOSE = 1e-6  # relative; numerical Jacobians are compared too


@dataclass(frozen=True)
class Diagnosis:
    """A stable code for a kind of mistake, and a sentence that says what mends this one."""

    code: str
    sentence: str


def diagnose(
    odd: str, wrong: Array, right: Array, outer: int, sizes: Mapping[str, int]
) -> Diagnosis | None:
    """The change that turns the Jacobian `wrong` into `right`, or None.

    odd    the witness that `wrong` comes from
    outer  how many leading axes belong to the output; only the others are rearranged
    sizes  named sizes, so that a factor can be called N instead of 4
    """
    wrong, right = wrong.astype(float), right.astype(float)
    for code, sentence, mended in _mended(f"the {odd} gradient", wrong, right, outer, sizes):
        if _mends(mended, wrong, right):
            return Diagnosis(code, sentence)
    return None


def _mends(mended: Array, wrong: Array, right: Array) -> bool:
    """Whether a change leads to the right values, and is not just as close as no change."""
    if mended.shape != right.shape or not np.allclose(mended, right, CLOSE, CLOSE):
        return False
    left = float(np.abs(mended - right).max(initial=0))
    return wrong.shape != right.shape or left < 0.1 * float(np.abs(wrong - right).max(initial=0))


def _mended(
    it: str, wrong: Array, right: Array, outer: int, sizes: Mapping[str, int]
) -> Iterator[tuple[str, str, Array]]:
    """Candidates: a code, the sentence to say, and the Jacobian after the change."""
    if right.any() and not wrong.any():
        yield "zero", f"{it} is zero everywhere", right
        return
    yield "sign", f"{it} with the opposite sign matches", -wrong
    inner = range(outer, wrong.ndim)
    for order in list(permutations(inner))[1:]:
        said = ", ".join(str(axis - outer) for axis in order)
        change = "the transpose of " if len(order) == 2 else f"transpose({said}) of "
        yield "transposed", f"{change}{it} matches", wrong.transpose(*range(outer), *order)
    if wrong.shape == right.shape:
        factor = _factor(wrong, right)
        if factor:
            said = _named(factor, sizes)
            yield "factor", f"{it} is {said} times what it should be", wrong / factor
    for axis in inner:
        place = axis - outer
        kept = "kept-axis", f"{it} matches without its axis {place} of length 1"
        summed = "missing-sum", f"{it} matches after a sum over its axis {place}"
        yield *(kept if wrong.shape[axis] == 1 else summed), wrong.sum(axis=axis)


def _factor(wrong: Array, right: Array) -> float | None:
    """The number by which `wrong` is too large, if there are entries enough to tell."""
    if np.count_nonzero(right) < 2 or not np.isfinite(wrong).all():
        return None
    return float((wrong * right).sum() / (right * right).sum())


def _named(factor: float, sizes: Mapping[str, int]) -> str:
    """A factor in words: N, 1/N, 2, 1/2 or the number itself."""
    names = {"2": 2.0} | {name: float(size) for name, size in sizes.items() if size > 1}
    spellings = names | {f"1/{n}": 1 / s for n, s in names.items()}
    fitting = [said for said, value in spellings.items() if np.isclose(factor, value, CLOSE)]
    return " or ".join(fitting) or f"{factor:.9g}"
