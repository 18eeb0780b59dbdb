"""Arrays of a shape: random, and awkward for wrong code rather than for right code."""

import re
from collections.abc import Callable

import numpy as np

from gradcheck.checks.gradient.function import Array
from gradcheck.checks.layers import UsageError

CLEAR = 0.05  # how far entries stay away from 0 and other small integers, where kinks are

KIND_HELP = "int3 (0, 1 or 2), positive, unit (between 0 and 1), rows (sum to 1), onehot, signs"

# A second point has entries up to a quarter larger than the first, and probabilities stay below 1.
WITHIN, LEAST = 0.78, 0.4


class Shape(tuple[int, ...]):
    """The sizes of an array, and what its entries are; empty: real numbers of both signs."""

    kind: str = ""

    @classmethod
    def of(cls, sizes: tuple[int, ...], kind: str = "") -> "Shape":
        shape = cls(sizes)
        shape.kind = kind
        return shape

    def __str__(self) -> str:
        return ",".join(map(str, self)) + (f":{self.kind}" if self.kind else "")


def shape_of(text: str, whole: str) -> Shape:
    """The shape that `4,3`, `5:int3` or, for a scalar, nothing stands for."""
    sizes, _, kind = text.partition(":")
    kind = kind.strip().replace("<", "")  # int<3 is read as well
    try:
        numbers = tuple(int(size) for size in re.split(r"[,x]", sizes.strip("() ")) if size.strip())
    except ValueError:
        raise UsageError(f"--shape {whole}: sizes are whole numbers, such as X=4,3") from None
    if any(size < 0 for size in numbers):
        raise UsageError(f"--shape {whole}: a size cannot be negative")
    if kind and kind not in DRAW and not re.fullmatch(r"int[1-9]\d*", kind):
        raise UsageError(f"--shape {whole}: after the colon may stand {KIND_HELP}")
    return Shape.of(numbers, kind)


def draw(shape: tuple[int, ...], rng: np.random.Generator, kind: str = "real") -> Array:
    """A random array; a kind that belongs to the shape itself goes first."""
    kind = getattr(shape, "kind", "") or kind
    if kind.startswith("int"):
        return _integers(shape, rng, int(kind[3:] or 3))
    return DRAW[kind](tuple(shape), rng)


def real(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Between -2 and 2, both signs, no two alike, none near an integer."""
    return _between_integers(shape, rng, -2, 2)


def positive(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Between 0 and 2, no two alike, none near an integer."""
    return _between_integers(shape, rng, 0, 2)


def unit(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Between 0 and 1, no two alike, and still so when the check goes to a point nearby."""
    return CLEAR + (WITHIN - CLEAR) * _between_integers(shape, rng, 0, 1)


def rows(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Positive, with a sum of 1 along the last axis."""
    values = LEAST + unit(shape, rng)  # no entry so near to 1 that a point nearby is beyond it
    return values / values.sum(axis=-1, keepdims=True) if shape else values


def onehot(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """A single 1 along the last axis, otherwise 0."""
    *leading, last = shape or (1,)
    return np.eye(last)[_integers(tuple(leading), rng, last)].reshape(shape)


def signs(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """-1 and 1."""
    return 2.0 * _integers(shape, rng, 2) - 1.0


DRAW: dict[str, Callable[[tuple[int, ...], np.random.Generator], Array]] = {
    "real": real,
    "positive": positive,
    "unit": unit,
    "rows": rows,
    "onehot": onehot,
    "signs": signs,
}


def _between_integers(
    shape: tuple[int, ...], rng: np.random.Generator, low: int, high: int
) -> Array:
    """One entry in each of as many strips as there are entries, in random order."""
    size = int(np.prod(shape))
    strips = (rng.permutation(size) + rng.uniform(0.25, 0.75, size)) / max(size, 1)
    whole, part = np.divmod(strips * (high - low), 1)
    return np.asarray(low + whole + CLEAR + (1 - 2 * CLEAR) * part).reshape(shape)


def _integers(shape: tuple[int, ...], rng: np.random.Generator, below: int) -> Array:
    """From 0 to below: the last one occurs, and where there is room so does one of them twice."""
    values = np.array(rng.integers(0, below, shape))
    flat = values.reshape(-1)
    flat[:1] = below - 1
    if flat.size > 2:
        flat[-1] = flat[0]  # a repeated index is where `=` for `+=` shows
        flat[1] = (below - 1) // 2
    return flat.reshape(shape)
