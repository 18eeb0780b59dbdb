"""A sum over the wrong axis, over one too many, or over one sample only."""

from collections.abc import Iterator
from itertools import combinations
from math import prod

import numpy as np

from gradcheck.checks.mistakes.evidence import Array, Evidence
from gradcheck.checks.mistakes.hypotheses.guess import EPSILONS, Guess, axes, long_subsets

SAMPLES = 2  # leading axes of the output that may count samples


def of_the_cotangent(evidence: Evidence) -> Iterator[Guess]:
    """The gradient of a bias is a sum of the cotangent, that of a gain of its product with x̂."""
    shape = evidence.x.shape
    if evidence.x.size >= evidence.output.size or evidence.cotangent.dtype.kind != "f":
        return
    candidates = [
        (name, summed, found)
        for name, value in _weighted(evidence)
        for summed, found in _sums(value, shape)
    ]
    instead = [c for c in candidates if evidence.same(evidence.wrong, c[2])]
    for other, over, _ in instead[:1]:
        for name, summed, right in candidates:
            code = "missing-factor" if other == "dy" else "wrong-variable"
            code = "wrong-axis" if other == name else code
            said = f"{evidence.it} matches as the sum of {name} over {axes(summed)}"
            yield Guess(code, f"{said}; it is the sum of {other} over {axes(over)}", right)


def averaged(evidence: Evidence) -> Iterator[Guess]:
    """The gradient is summed, or averaged, over an axis of the input that should stay."""
    right, wrong, it = evidence.numerical, evidence.wrong, evidence.it
    if right is None:
        return
    for chosen in long_subsets(right):
        total = right.sum(axis=chosen, keepdims=True)
        terms = prod(right.shape[axis] for axis in chosen)
        for word, value in (("sum", total), ("mean", total / terms)):
            flat = value.squeeze(axis=chosen)
            spread = np.broadcast_to(value, right.shape)
            if any(evidence.same(wrong, guess, terms) for guess in (spread, value, flat)):
                said = f"{it} is the {word} over {axes(chosen)} of what it should be"
                yield Guess("extra-sum", said)


def one_sample(evidence: Evidence) -> Iterator[Guess]:
    """Only one sample counts: without the others the gradient is the same."""
    up, wrong, it = evidence.cotangent, evidence.wrong, evidence.it
    if not wrong.any():
        return
    for axis in range(min(SAMPLES, up.ndim)):
        for code, place, word in (("last-sample", -1, "last"), ("first-sample", 0, "first")):
            if up.shape[axis] < 2:
                continue
            mask = np.zeros(up.shape[axis])
            mask[place] = 1
            only = up * mask.reshape([-1 if k == axis else 1 for k in range(up.ndim)])
            found = evidence.other(only)
            if found is not None and evidence.same(found, wrong):
                where = f"the {word} entry along axis {axis} of the output"
                said = f"{it} counts {where} only: it is the same without the others"
                yield Guess(code, said)


FAMILY = (of_the_cotangent,)
MEASURED = (averaged,)
LATE = (one_sample,)


def _weighted(evidence: Evidence) -> Iterator[tuple[str, Array]]:
    """The cotangent, and its products with what has the shape of the output."""
    up, y = evidence.cotangent, evidence.output
    yield "dy", up
    for name, value in (*evidence.inputs.items(), ("output", y)):
        if value.shape == y.shape and value.dtype.kind == "f":
            yield f"dy * {name}", up * value
            for chosen in long_subsets(value) if name != "output" else ():
                centred = value - value.mean(axis=chosen, keepdims=True)
                spread = (centred * centred).mean(axis=chosen, keepdims=True)
                for epsilon in EPSILONS:
                    hat = centred / np.sqrt(spread + epsilon)
                    yield f"dy * {name} normalised over {axes(chosen)}", up * hat


def _sums(value: Array, shape: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Array]]:
    """The sums over some axes that lead to the shape, but for axes of length 1."""
    long = tuple(length for length in shape if length > 1)
    for kept in combinations(range(value.ndim), len(long)):
        if tuple(value.shape[axis] for axis in kept) == long and len(kept) < value.ndim:
            summed = tuple(axis for axis in range(value.ndim) if axis not in kept)
            yield summed, value.sum(axis=summed).reshape(shape)
