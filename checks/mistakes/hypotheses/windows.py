"""Entries that count several times: repeated indices, overlapping windows."""

from collections.abc import Iterator

import numpy as np

from gradcheck.checks.mistakes.evidence import Array, Evidence
from gradcheck.checks.mistakes.hypotheses.guess import Guess, axes, subsets


def repeated_rows(evidence: Evidence) -> Iterator[Guess]:
    """Rows of a table, fetched several times, whose gradients were not added up."""
    x, up = evidence.x, evidence.cotangent
    for name, index in evidence.inputs.items():
        if index.dtype.kind not in "iu" or not index.size or not x.ndim:
            continue
        if index.shape + x.shape[1:] != up.shape or not 0 <= index.min() <= index.max() < len(x):
            continue
        right = np.zeros(x.shape, np.result_type(up, float))
        np.add.at(right, index, up)
        assigned = np.zeros_like(right)
        assigned[index] = up
        if evidence.same(evidence.wrong, assigned):
            said = f"{evidence.it} keeps the last of the rows that {name} fetches several times"
            yield Guess("overwritten", f"{said}: they must be added up, as np.add.at does", right)


def pointed_twice(evidence: Evidence) -> Iterator[Guess]:
    """Wrong in just those rows that an integer input points to more than once."""
    right_at = evidence.right_at
    if right_at is None:
        return
    for name, index in evidence.inputs.items():
        for axis, length in enumerate(right_at.shape):
            if index.dtype.kind not in "iu" or not index.size or index.size < 2:
                continue
            if index.min() < 0 or index.max() >= length:
                continue
            repeated = np.bincount(index.ravel(), minlength=length) > 1
            rows = np.moveaxis(right_at, axis, 0).reshape(length, -1)
            if not repeated.any() or repeated.all() or rows[repeated].mean() > 0.5:
                continue
            if (rows.all(axis=1) == ~repeated).all():
                said = f"{evidence.it} is wrong just where {name} points more than once, "
                said = f"{said}along axis {axis}: what comes back must be added up"
                yield Guess("overwritten", said)


def overlapping(evidence: Evidence, jacobian: Array) -> Iterator[Guess]:
    """What the last window gives to an entry stands there, not the sum over all windows."""
    up = evidence.cotangent
    if not evidence.same_shape or not up.ndim:
        return
    weighted = jacobian * up.reshape(up.shape + (1,) * evidence.x.ndim)
    reaches = np.abs(jacobian) > 1e-9 * float(np.abs(jacobian).max(initial=0.0))
    for chosen in subsets(up.ndim):
        rest = tuple(axis for axis in range(up.ndim) if axis not in chosen)
        each = weighted.sum(axis=rest).reshape(-1, *evidence.x.shape)
        reached = reaches.any(axis=rest).reshape(each.shape)
        if len(each) < 2 or (reached.sum(axis=0) < 2).all():
            continue
        for word, order in (("last", slice(None, None, -1)), ("first", slice(None))):
            which = reached[order].argmax(axis=0)
            kept = np.take_along_axis(each[order], which[None], axis=0)[0]
            if evidence.same(evidence.wrong, kept, up.size):
                over = f"{axes(chosen)} of the output"
                said = f"{evidence.it} keeps what the {word} window gives, over {over}"
                yield Guess("overwritten", f"{said}: where windows overlap they must be added up")


def scattered(evidence: Evidence) -> Iterator[Guess]:
    """np.take_along_axis backwards: added up, not assigned."""
    x, up = evidence.x, evidence.cotangent
    for name, index in evidence.inputs.items():
        if index.dtype.kind not in "iu" or index.shape != up.shape or index.ndim != x.ndim:
            continue
        for axis in range(x.ndim):
            places = _places(index, axis)
            if places is None or any(
                p.max(initial=0) >= n for p, n in zip(places, x.shape, strict=True)
            ):
                continue
            right = np.zeros(x.shape)
            np.add.at(right, places, up)
            said = f"{evidence.it} matches if what {name} takes several times along axis {axis}"
            yield Guess("overwritten", f"{said} is added up", right)


FAMILY = (repeated_rows, scattered)
MEASURED = (pointed_twice,)
JACOBIAN = (overlapping,)


def _places(index: Array, axis: int) -> tuple[Array, ...] | None:
    if not index.size or index.min() < 0:
        return None
    grid: list[Array] = list(np.indices(index.shape))
    grid[axis] = index
    return tuple(grid)
