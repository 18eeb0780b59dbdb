"""Where the gradient is wrong and where it is right: a few rows, the border, one side of 0.

A pattern is reported only if the wrong entries are unlikely to lie like that by chance.
"""

from collections.abc import Iterator
from math import lgamma, log, prod

import numpy as np

from gradcheck.checks.mistakes.evidence import Array, Evidence
from gradcheck.checks.mistakes.hypotheses.guess import Guess

LIKELY = log(100)  # one in so many: wrong entries thrown at random onto a pattern that is common
CHANCE = log(1e5)  # the same for a pattern with a number in it that was fitted
NARROW = 2  # a border, on both sides, is no more than this part of an axis
MOSTLY = 0.1  # of the entries where all should be wrong, these may be right
CLOSE = 1e-3  # of the largest entry: a formula that approximates the right one


def one_entry(evidence: Evidence) -> Iterator[Guess]:
    """A single entry is wrong."""
    right_at = evidence.right_at
    if right_at is None or right_at.size < 4 or (~right_at).sum() != 1:
        return
    place = tuple(int(k) for k in np.argwhere(~right_at)[0])
    assert evidence.numerical is not None
    if np.count_nonzero(evidence.numerical) < 3:
        return
    got, want = evidence.wrong[place], evidence.numerical[place]
    at = ", ".join(map(str, place))
    said = f"{evidence.it}[{at}] alone is wrong: it is {got:.6g} and should be {want:.6g}"
    yield Guess("one-entry", said)


def target(evidence: Evidence) -> Iterator[Guess]:
    """Wrong at the entries that a label points to, and nowhere else."""
    right_at = evidence.right_at
    if right_at is None or right_at.ndim < 2:
        return
    for name, index in evidence.inputs.items():
        if index.dtype.kind not in "iu" or index.shape != right_at.shape[:-1] or not index.size:
            continue
        if index.min() < 0 or index.max() >= right_at.shape[-1]:
            continue
        hot = np.zeros(right_at.shape, bool)
        np.put_along_axis(hot, index[..., None], True, -1)
        if (hot == ~right_at).all() and _unlikely(right_at, hot):
            said = f"{evidence.it} is wrong just at the entries that {name} points to"
            yield Guess("missing-target", f"{said}: the term of the target class")


def one_side(evidence: Evidence) -> Iterator[Guess]:
    """Right on one side of a threshold only: of the input, or of an output of its shape."""
    right_at = evidence.right_at
    if right_at is None or right_at.all() or not right_at.any():
        return
    known = {evidence.name: evidence.x}
    if evidence.output.shape == evidence.x.shape:
        known["the output"] = evidence.output
    for name, value in known.items():
        if value.dtype.kind == "f":
            for shown, at in ((name, value), (f"|{name}|", np.abs(value))):
                said = _threshold(shown, at, right_at)
                chance = LIKELY if "not" in said else CHANCE
                if said and _unlikely(right_at, ~right_at, chance):
                    yield Guess("one-sided", f"{evidence.it} is right only where {said}")


def rows(evidence: Evidence) -> Iterator[Guess]:
    """Only the first or the last row along an axis is right, or is wrong."""
    right_at, it, wrong = evidence.right_at, evidence.it, evidence.wrong
    if right_at is None or right_at.all() or not right_at.any():
        return
    for axis, length in enumerate(right_at.shape):
        if length < 2:
            continue
        fully = np.moveaxis(right_at, axis, 0).reshape(length, -1).all(axis=1)
        others = np.moveaxis(wrong, axis, 0)
        for place, word, code in ((0, "first", "first-sample"), (-1, "last", "last-sample")):
            only = np.arange(length) == place % length
            region = _spread(only, axis, right_at.shape)
            if (fully == only).all() and _mostly_wrong(evidence, ~region):
                if not _telling(evidence, region) or not _unlikely(right_at, region):
                    continue
                said = f"{it} is right only in the {word} row along axis {axis}"
                if place == -1 and others[:-1].any():
                    said = f"{said}: what comes back through later ones is missing"
                    yield Guess("recurrent-path", said)
                else:
                    yield Guess(code, said)
            if (fully == ~only).all() and length > 2 and _placed(right_at, int(region.sum())):
                said = f"{it} is wrong only in the {word} row along axis {axis}"
                yield Guess("edges", said)


def border(evidence: Evidence) -> Iterator[Guess]:
    """Wrong only near the border along some axes."""
    right_at, it = evidence.right_at, evidence.it
    if right_at is None or right_at.all() or not right_at.any():
        return
    wrong = np.argwhere(~right_at)
    from_end = np.minimum(wrong, np.array(right_at.shape) - 1 - wrong)
    for chosen in _spatial(right_at):
        width = int(from_end[:, chosen].min(axis=1).max()) + 1
        lengths = [right_at.shape[axis] for axis in chosen]
        inside = prod(max(length - 2 * width, 0) for length in lengths) / prod(lengths)
        region = right_at.size - round(right_at.size * inside)
        if 2 * width * NARROW <= min(lengths) + NARROW and inside and _placed(right_at, region):
            which = " and ".join(str(a) for a in chosen)
            said = f"{it} is wrong only within {width} of the border along axis {which}"
            yield Guess("edges", f"{said}; inside it is right")
            return


def block(evidence: Evidence) -> Iterator[Guess]:
    """Wrong in one of a few equal blocks of columns, as of gates that share a matrix."""
    right_at = evidence.right_at
    if right_at is None or right_at.all() or not right_at.any():
        return
    axis, length = right_at.ndim - 1, right_at.shape[-1]
    fully = right_at.reshape(-1, length).all(axis=0)
    for count in (4, 3):
        if length % count or length // count < 2:
            continue
        blocks = fully.reshape(count, -1)
        wrong = ~blocks.any(axis=1)
        if wrong.sum() != 1 or not blocks[~wrong].all():
            continue
        region = _spread(np.repeat(wrong, length // count), axis, right_at.shape)
        if _mostly_wrong(evidence, region) and _unlikely(right_at, region):
            first = int(wrong.argmax()) * (length // count)
            last = first + length // count - 1
            said = f"{evidence.it} is wrong only in the columns {first} to {last} along axis {axis}"
            yield Guess("missing-path", f"{said}, one of {count} equal blocks, as of a gate")


def every_other(evidence: Evidence) -> Iterator[Guess]:
    """Right only at every k-th entry of an axis, as with a stride that was forgotten."""
    right_at = evidence.right_at
    if right_at is None or right_at.all() or not right_at.any():
        return
    for axis, length in enumerate(right_at.shape):
        each = np.moveaxis(right_at, axis, 0).reshape(length, -1)
        fully, share = each.all(axis=1), each.mean(axis=1)
        for stride in range(2, length // 2 + 1):
            met = np.arange(length) % stride == 0
            if not (fully == met).all() or share[~met].mean() > 0.5:
                continue
            if _telling(evidence, _spread(met, axis, right_at.shape)):
                said = f"{evidence.it} is right only at every entry {stride} steps apart"
                yield Guess("edges", f"{said} along axis {axis}, as with a stride of {stride}")


def clipped(evidence: Evidence) -> Iterator[Guess]:
    """Large entries are cut off."""
    right, wrong = evidence.numerical, evidence.wrong
    if right is None or not evidence.same_shape or wrong.dtype.kind != "f" or not wrong.size:
        return
    bound = float(np.abs(wrong).max())
    cut = np.abs(right) > bound * (1 + 1e-6)
    if cut.sum() > 1 and not cut.all() and evidence.same(wrong, np.clip(right, -bound, bound)):
        yield Guess("clipped", f"{evidence.it} is cut off at {bound:.6g}")


def approximate(evidence: Evidence) -> Iterator[Guess]:
    """Close everywhere, and exact nowhere."""
    right, right_at = evidence.numerical, evidence.right_at
    if right is None or right_at is None or not right.any() or right_at.size < 4:
        return
    off = np.abs(evidence.wrong - right)
    size = float(off.max() / np.abs(right).max())
    if (
        size <= CLOSE
        and right_at.mean() < 0.5
        and (off <= 0.05 * np.abs(right) + 1e-30).mean() > 0.9
    ):
        said = f"{evidence.it} is close everywhere and exact nowhere, off by {size:.2g} of its "
        said = f"{said}largest entry: the formula of an approximation, or a constant such as eps"
        yield Guess("approximate", said)


MEASURED = (clipped, one_entry, target)
REGIONS = (rows, one_side, border, block, every_other)
LAST = (approximate,)


def _others(axis: int, ndim: int) -> tuple[int, ...]:
    return tuple(k for k in range(ndim) if k != axis)


def _spread(along: Array, axis: int, shape: tuple[int, ...]) -> Array:
    """A vector along one axis, at the whole shape."""
    return np.broadcast_to(np.expand_dims(along, _others(axis, len(shape))), shape)


def _telling(evidence: Evidence, region: Array) -> bool:
    """Whether the right entries there are more than zeros, which are right by accident."""
    return evidence.numerical is not None and bool(np.count_nonzero(evidence.numerical[region]) > 1)


def _mostly_wrong(evidence: Evidence, region: Array) -> bool:
    """Whether hardly any entry there is right, but for zeros, which are right by accident."""
    assert evidence.numerical is not None
    assert evidence.right_at is not None
    there = region & ((evidence.numerical != 0) | (evidence.wrong != 0))
    return bool(there.any()) and float(evidence.right_at[there].mean()) < MOSTLY


def _unlikely(right_at: Array, marked: Array, chance: float = LIKELY) -> bool:
    """Whether as many entries would hardly lie at the marked places by chance."""
    total, count = right_at.size, int(marked.sum())
    return 0 < count < total and _ways(total, count) > chance


def _placed(right_at: Array, region: int) -> bool:
    """Whether all wrong entries hardly lie in a region of so many entries by chance."""
    total, count = right_at.size, int((~right_at).sum())
    return _ways(total, count) - _ways(region, count) > LIKELY


def _ways(total: int, count: int) -> float:
    """In how many ways so many entries are chosen; its logarithm, and 0 for none."""
    if not 0 <= count <= total:
        return 0.0
    return lgamma(total + 1) - lgamma(count + 1) - lgamma(total - count + 1)


def _spatial(right_at: Array) -> Iterator[tuple[int, ...]]:
    """Axes that can have a border: single ones, and the last two together."""
    long = [axis for axis, length in enumerate(right_at.shape) if length > 2]
    yield from ((axis,) for axis in long)
    if len(long) > 1:
        yield tuple(long[-2:])


def _threshold(name: str, at: Array, right_at: Array) -> str:
    """The condition in words, if one number separates the right entries from the wrong ones."""
    right, wrong = at[right_at], at[~right_at]
    if right.max() < wrong.min():
        low, high, word, strict = right.max(), wrong.min(), "below", "not positive"
    elif right.min() > wrong.max():
        low, high, word, strict = wrong.max(), right.min(), "above", "not negative"
    else:
        return ""
    if low <= 0 <= high:
        return f"{name} is {strict}" if not name.startswith("|") else ""
    return f"{name} is {word} {_between(float(low), float(high))}"


def _between(low: float, high: float) -> str:
    """The roundest number between two."""
    for digits in range(8):
        rounded = round((low + high) / 2, digits)
        if low <= rounded <= high:
            return f"{rounded:g}"
    return f"{(low + high) / 2:.6g}"
