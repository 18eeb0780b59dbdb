"""Which outputs depend on which inputs, found by trying.

An axis of an input and an axis of the output are a pair if slice i of the one influences nothing
but slice i of the other: the batch axis of a layer, every axis of an elementwise function, the
rows of a weight matrix and the features of the output. A Jacobian is zero away from the diagonal
of a pair, so one direction that moves all slices at once measures all of them.
"""

from collections.abc import Callable
from itertools import combinations, islice
from math import comb
from typing import Any

import numpy as np

from gradcheck.checks.gradient.noise import EPS

Array = np.ndarray[Any, np.dtype[Any]]
Forward = Callable[[dict[str, Array]], Array]
Pairs = tuple[tuple[int, int], ...]  # (axis of the input, axis of the output)

SAME = 64 * EPS  # of the largest output: changes of rounding, as by a common maximum taken off
FLOOR = 0.1  # of the median entry: smaller ones are moved as if they were so large


def scales(array: Array) -> Array:
    """How far each entry is moved when it is moved by "its own size".

    Entries that are tiny among larger ones count as somewhat larger, zeros as a usual entry of
    their array, and as 1 if all are zero.
    """
    sizes = np.abs(array).astype(float)
    usable = sizes[np.isfinite(sizes) & (sizes > 0)]
    usual = float(np.median(usable)) if usable.size else 1.0
    found: Array = np.where(sizes > 0, np.maximum(sizes, FLOOR * usual), usual)
    return np.where(np.isfinite(found), found, usual)


@np.errstate(all="ignore")
def paired_axes(forward: Forward, inputs: dict[str, Array], name: str, seed: int = 0) -> Pairs:
    """The pairs between one input and the output, every axis in one pair at most.

    Some of the slices of an axis are moved, which rules out nearly all; for an axis that is left,
    others, until each has been moved without every other one.
    `forward` must not change the arrays it is given.
    """
    rng = np.random.default_rng(seed)
    array = inputs[name]
    still = np.asarray(forward(inputs))
    moved = _elsewhere(array, rng)
    pairs: list[tuple[int, int]] = []
    for axis, size in enumerate(array.shape):
        taken = {b for _, b in pairs}
        free = [b for b, n in enumerate(still.shape) if n == size and b not in taken]
        if size < 2 or not free:
            continue
        shape = [-1 if other == axis else 1 for other in range(array.ndim)]
        for mask in _halves(size, rng):
            mixed = np.where(mask.reshape(shape), moved, array)
            changed = _changed(still, np.asarray(forward({**inputs, name: mixed})))
            free = [b for b in free if _only(changed, b, mask)]
            if not free:
                break
        if free:
            pairs.append((axis, free[0]))
    return tuple(pairs)


def unpaired(axes: int, pairs: Pairs) -> list[int]:
    """The axes of the input that are in no pair."""
    paired = {a for a, _ in pairs}
    return [a for a in range(axes) if a not in paired]


def _elsewhere(array: Array, rng: np.random.Generator) -> Array:
    """Another array, of the same signs and other relations of size, of the same dtype."""
    factors = rng.uniform(0.5, 1.5, array.shape)
    moved = np.where(array == 0, scales(array) * factors, array * factors)
    return moved.astype(array.dtype)


def _halves(size: int, rng: np.random.Generator) -> list[Array]:
    """As few masks as can be such that of any two slices each is in a mask without the other.

    Every slice is in half of the masks, and no two in the same ones (Sperner).
    """
    count = next(k for k in range(2, size + 2) if comb(k, k // 2) >= size)
    chosen = list(islice(combinations(range(count), count // 2), size))
    places = rng.permutation(size)
    masks = np.zeros((count, size), bool)
    for slice_, of_slice in zip(places, chosen, strict=True):
        masks[list(of_slice), slice_] = True
    return list(rng.permutation(masks))


def _changed(still: Array, now: Array) -> Array:
    """Which entries of the output are different, beyond rounding; all if the shape is."""
    if now.shape != still.shape:
        return np.ones(still.shape, bool)
    finite = np.abs(still[np.isfinite(still)])
    rounding = SAME * float(finite.max(initial=0.0))
    with np.errstate(all="ignore"):
        same = (np.abs(now - still) <= rounding) | (now == still)
    changed: Array = ~(same | (np.isnan(now) & np.isnan(still)))
    return changed


def _only(changed: Array, axis: int, mask: Array) -> bool:
    """Whether, along an axis of the output, only slices in the mask have changed."""
    others = tuple(b for b in range(changed.ndim) if b != axis)
    return not (changed.any(axis=others) & ~mask).any()
