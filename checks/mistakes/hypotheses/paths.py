"""A path from the input to the output is left out: a mean, a variance, a sum, a second use."""

from collections.abc import Iterator

import numpy as np

from gradcheck.checks.mistakes.evidence import Array, Evidence
from gradcheck.checks.mistakes.hypotheses.guess import (
    EPSILONS,
    Guess,
    axes,
    long_subsets,
    real,
)

SPANNED = 5  # entries in a group, at least, before a mean and a slope explain them


def statistics(evidence: Evidence) -> Iterator[Guess]:
    """The statistics of the batch, or of a row, are taken for constants."""
    if not real(evidence):
        return
    wrong, x, it = evidence.wrong, evidence.x, evidence.it
    for chosen in long_subsets(x):
        over = f"over {axes(chosen)} of {evidence.name}"
        mean = wrong.mean(axis=chosen, keepdims=True)
        yield Guess("missing-path", f"{it} lacks the path through the mean {over}", wrong - mean)
        centred = x - x.mean(axis=chosen, keepdims=True)
        for kind, at in (("variance", centred), ("mean square", x)):
            slope = (wrong * at).mean(axis=chosen, keepdims=True)
            spread = (at * at).mean(axis=chosen, keepdims=True)
            for epsilon in EPSILONS:
                path = at * (slope / (spread + epsilon))
                said = f"{it} lacks the path through the {kind} {over}"
                yield Guess("missing-path", said, wrong - path)
                if kind == "variance":
                    said = f"{it} lacks the paths through the mean and the variance {over}"
                    yield Guess("missing-path", said, wrong - path - mean)


def normaliser(evidence: Evidence) -> Iterator[Guess]:
    """The sum that a softmax divides by is taken for a constant, or only its diagonal is used."""
    y, up, wrong, it = evidence.output, evidence.cotangent, evidence.wrong, evidence.it
    if not real(evidence) or y.shape != evidence.x.shape:
        return
    for axis in range(y.ndim):
        for name, p in (("softmax", y), ("log-softmax", np.exp(np.minimum(y, 0)))):
            if y.shape[axis] < 2 or (p < 0).any() or not np.allclose(p.sum(axis=axis), 1, 1e-5):
                continue
            log = name != "softmax"
            total = (up if log else up * p).sum(axis=axis, keepdims=True)
            right = up - p * total if log else p * (up - total)
            said = f"along axis {axis}: y * (dy - sum(y * dy)) matches"
            said = f"along axis {axis}: dy - exp(y) * sum(dy) matches" if log else said
            if evidence.same(wrong, up * p * (1 - p) if not log else up * (1 - p)):
                said = f"{it} uses only the diagonal of the Jacobian of {name} {said}"
                yield Guess("diagonal", said, right)
            elif evidence.same(wrong, up if log else up * p):
                said = f"{it} lacks the path through the sum {said}"
                yield Guess("missing-path", said, right)
            elif evidence.same(wrong, _pulled(evidence.x, up, axis)):
                said = f"{it} puts the input into the formula for the output of {name} {said}"
                yield Guess("wrong-variable", said, right)
            elif evidence.same(wrong, up):
                said = f"{it} is the cotangent as it came in: {name} {said}"
                yield Guess("missing-activation", said, right)


def term(evidence: Evidence) -> Iterator[Guess]:
    """A term is missing or too many that is a multiple of a tensor at hand."""
    if not real(evidence) or evidence.x.size < 4:
        return
    for name, value in _terms(evidence):
        weight = _weight(evidence, value)
        if weight is None or not np.isfinite(weight) or weight == 0:
            continue
        mended = evidence.wrong + weight * value
        size = "" if abs(abs(weight) - 1) < 1e-6 else f"{abs(weight):.6g} * "
        said = f"{evidence.it} {'-' if weight < 0 else '+'} {size}{name} matches"
        code = "missing-path"
        if name.startswith("one_hot"):
            said = f"{evidence.it} lacks the term of the target class: {said}"
            code = "missing-target"
        elif name == "cotangent" and weight > 0:
            said = f"{evidence.it} lacks the direct path: {said}"
        else:
            said = f"{evidence.it} lacks a term: {said}"
        yield Guess(code, said, mended, fitted=True)


def symmetric(evidence: Evidence) -> Iterator[Guess]:
    """The input is used twice, as in X Xᵀ, and one use is forgotten."""
    up = evidence.cotangent
    if up.ndim < 2 or up.shape[-1] != up.shape[-2]:
        return
    for mended in (evidence.other(up + np.swapaxes(up, -1, -2)),):
        if mended is not None:
            said = f"{evidence.it} matches with dy + dyᵀ in place of dy: one of two uses is missing"
            yield Guess("missing-path", said, mended)
    mended = evidence.other(np.swapaxes(up, -1, -2))
    if mended is not None:
        said = f"{evidence.it} matches with the transpose of the cotangent"
        yield Guess("transposed", said, mended)


def residual(evidence: Evidence) -> Iterator[Guess]:
    """What is missing is the same along an axis, or in the span of 1 and x along it."""
    right = evidence.numerical
    if right is None or not real(evidence):
        return
    missing = right - evidence.wrong
    for chosen in long_subsets(missing):
        over = f"{axes(chosen)} of {evidence.name}"
        entries = int(np.prod([missing.shape[axis] for axis in chosen]))
        same = np.broadcast_to(missing.mean(axis=chosen, keepdims=True), missing.shape)
        if entries > 2:
            said = f"what {evidence.it} lacks is the same along {over}"
            said = f"{said}: a path through a mean or a sum over it"
            yield Guess("missing-path", said, evidence.wrong + same, fitted=True)
        if entries >= SPANNED:
            x = evidence.x - evidence.x.mean(axis=chosen, keepdims=True)
            below = (x * x).sum(axis=chosen, keepdims=True)
            slope = (missing * x).sum(axis=chosen, keepdims=True) / below
            said = f"what {evidence.it} lacks lies along 1 and {evidence.name} over {over}"
            said = f"{said}: paths through the mean and the variance"
            yield Guess("missing-path", said, evidence.wrong + same + slope * x, fitted=True)


FAMILY = (normaliser, statistics, term)
LATE = (residual, symmetric)


def bare(evidence: Evidence) -> Iterator[Guess]:
    """Of two paths or more, only the one that changes nothing is there."""
    if real(evidence) and evidence.same(evidence.wrong, evidence.cotangent):
        said = f"{evidence.it} is the cotangent as it came in"
        yield Guess("missing-path", f"{said}: what the layer does to {evidence.name} is missing")


LAST = (bare,)


def _pulled(y: Array, up: Array, axis: int) -> Array:
    """The backward pass of softmax, by its output."""
    return np.asarray(y * (up - (up * y).sum(axis=axis, keepdims=True)))


def _terms(evidence: Evidence) -> Iterator[tuple[str, Array]]:
    """Arrays of the shape of the input, with the names they have in a sentence."""
    shape = evidence.x.shape
    yield "cotangent", evidence.cotangent
    for name, value in evidence.inputs.items():
        if value.dtype.kind == "f":
            yield name, value
    yield "output", evidence.output
    for name, value in evidence.inputs.items():
        if value.dtype.kind in "iu" and len(shape) == value.ndim + 1:
            for axis in (len(shape) - 1, 1) if len(shape) > 2 else (len(shape) - 1,):
                hot = one_hot(value, shape, axis)
                if hot is not None:
                    yield f"one_hot({name})", hot


def one_hot(index: Array, shape: tuple[int, ...], axis: int) -> Array | None:
    """1 where the integer array points to along an axis, 0 elsewhere; None if it does not fit."""
    rest = (*shape[:axis], *shape[axis + 1 :])
    if index.shape != rest or not index.size or index.min() < 0 or index.max() >= shape[axis]:
        return None
    hot = np.zeros(shape)
    np.put_along_axis(hot, np.expand_dims(index, axis), 1.0, axis)
    return hot


def _weight(evidence: Evidence, value: Array) -> float | None:
    """How much of the array is missing, if that is all."""
    if value.shape != evidence.x.shape or np.count_nonzero(value) < 2:
        return None
    if evidence.numerical is not None:
        missing = evidence.numerical - evidence.wrong
        return float((missing * value).sum() / (value * value).sum())
    missing, slopes = evidence.measured - evidence.slopes(evidence.wrong), evidence.slopes(value)
    below = float((slopes * slopes).sum())
    return float((missing * slopes).sum()) / below if below else None
