"""The right numbers in the wrong places: axes kept, exchanged or read in another order."""

from collections.abc import Iterator
from itertools import permutations
from math import prod

import numpy as np

from gradcheck.checks.mistakes.evidence import Array, Evidence
from gradcheck.checks.mistakes.hypotheses.guess import Guess, axes, subsets

RANK = 5  # of tensors whose axes are permuted: 120 orders


def kept(evidence: Evidence) -> Iterator[Guess]:
    """An axis of length 1 that the input does not have, or lacks."""
    wrong, shape = evidence.wrong, evidence.x.shape
    if wrong.shape == shape or _long(wrong.shape) != _long(shape):
        return
    code = "kept-axis" if wrong.ndim > len(shape) else "shape"
    said = f"{evidence.it} has the shape {wrong.shape}; reshaped to {shape} it matches"
    if code == "kept-axis":
        ones = [axis for axis, length in enumerate(wrong.shape) if length == 1]
        extra = ones[: wrong.ndim - len(shape)]
        said = f"{evidence.it} matches without its {axes(extra)} of length 1"
    yield Guess(code, said, wrong.reshape(shape))


def not_summed(evidence: Evidence) -> Iterator[Guess]:
    """An axis that the forward pass broadcasts over and the backward pass does not sum."""
    wrong, shape = evidence.wrong, evidence.x.shape
    if wrong.shape == shape:
        return
    for chosen in subsets(wrong.ndim):
        for keep in (False, True):
            summed = wrong.sum(axis=chosen, keepdims=keep)
            if summed.shape == shape:
                said = f"{evidence.it} matches after a sum over its {axes(chosen)}"
                yield Guess("missing-sum", said, summed)
                said = f"{evidence.it} matches after the mean over its {axes(chosen)}"
                mean = summed / prod(wrong.shape[axis] for axis in chosen)
                yield Guess("missing-sum", said, mean)


def transposed(evidence: Evidence) -> Iterator[Guess]:
    """Axes exchanged."""
    wrong = evidence.wrong
    for order in _orders(wrong.ndim):
        if tuple(wrong.shape[axis] for axis in order) == evidence.x.shape:
            said = f"{evidence.it}.transpose{order} matches"
            if wrong.ndim == 2:
                said = f"the transpose of {evidence.it} matches"
            yield Guess("transposed", said, wrong.transpose(order))


def reordered(evidence: Evidence) -> Iterator[Guess]:
    """A reshape where a transpose was meant."""
    wrong, shape = evidence.wrong, evidence.x.shape
    if wrong.size != evidence.x.size:
        return
    if _long(wrong.shape) != _long(shape):
        said = f"{evidence.it} has the shape {wrong.shape}; reshaped to {shape} it matches"
        yield Guess("shape", said, wrong.reshape(shape))
    for order in _orders(len(shape)):
        between = tuple(shape[axis] for axis in order)
        back = tuple(int(axis) for axis in np.argsort(order))
        change = f"reshape{between}.transpose{back}"
        said = f"the entries of {evidence.it} are in another order: {evidence.it}.{change} matches"
        yield Guess("transposed", said, wrong.reshape(between).transpose(back))


def operands(evidence: Evidence) -> Iterator[Guess]:
    """A square factor of a matrix product that is transposed, or should be."""
    if evidence.x.ndim < 2 or evidence.cotangent.ndim < 2 or not evidence.same_shape:
        return
    up = evidence.cotangent.reshape(-1, evidence.cotangent.shape[-1])
    for name, value in evidence.inputs.items():
        if name == evidence.name or value.ndim < 2 or value.dtype.kind not in "fc":
            continue
        products = dict(_products(name, value.reshape(-1, value.shape[-1]), up, evidence.x))
        is_now = [said for said, value in products.items() if evidence.same(evidence.wrong, value)]
        for said, value in products.items():
            if is_now and said not in is_now:
                said = f"{said} matches; {evidence.it} is {is_now[0]}"
                yield Guess("transposed", said, value)


FAMILY = (kept, not_summed, transposed, reordered, operands)


def _long(shape: tuple[int, ...]) -> list[int]:
    return [length for length in shape if length != 1]


def _orders(ndim: int) -> list[tuple[int, ...]]:
    return list(permutations(range(ndim)))[1:] if ndim <= RANK else []


def _products(name: str, matrix: Array, up: Array, like: Array) -> Iterator[tuple[str, Array]]:
    """The matrix products of the cotangent and another input that have as many entries."""
    flat = (prod(like.shape[:-1]), like.shape[-1])
    for one_said, one in (("cotangent", up), ("cotangent.T", up.T)):
        for other_said, other in ((name, matrix), (f"{name}.T", matrix.T)):
            for pair in ((one_said, one, other_said, other), (other_said, other, one_said, one)):
                left_said, left, right_said, right = pair
                if left.shape[1] == right.shape[0] and (left.shape[0], right.shape[1]) == flat:
                    yield f"{left_said} @ {right_said}", (left @ right).reshape(like.shape)
