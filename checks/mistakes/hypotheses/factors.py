"""A constant factor, and what it is called; a factor that is a whole array."""

from collections.abc import Iterator, Mapping
from itertools import permutations
from math import isclose, prod, sqrt

import numpy as np

from gradcheck.checks.mistakes.evidence import Array, Evidence
from gradcheck.checks.mistakes.hypotheses.guess import (
    EPSILONS,
    Guess,
    axes,
    broadcast,
    long_subsets,
    real,
    tensors,
)

NAMED = 1e-6  # how close a factor must be to what it is called, relative
CLOSE = 1e-3  # factors nearer to 1 are no factors but another formula
LETTERS = "NMKLPQRS"
GUESSED = 4  # kinds of names from this one on may as well be a coincidence
RATES = [k / 20 for k in range(1, 20)]  # usual rates of dropout


def factor(evidence: Evidence) -> Iterator[Guess]:
    """Everything times the same number."""
    found = fitted_factor(evidence)
    if found is None or not np.isfinite(found) or found in (0.0, 1.0):
        return
    said = _named(found, evidence)
    if said is None and np.count_nonzero(evidence.wrong) < 2:  # a number explains any one entry
        return
    said = said or f"{_digits(found)} times what it should be"
    yield Guess("factor", f"{evidence.it} is {said}", evidence.wrong / found, fitted=True)


def fitted_factor(evidence: Evidence) -> float | None:
    """How many times too large the gradient is, if it is that."""
    wrong, right = evidence.wrong, evidence.numerical
    if not evidence.same_shape or not wrong.any():
        return None
    if right is not None:
        below = float((np.abs(right) ** 2).sum())
        return float((wrong * right.conj()).sum().real) / below if below else None
    slopes, measured = evidence.slopes(wrong), evidence.measured
    below = float((slopes * measured).sum())
    return float((slopes * slopes).sum()) / below if below else None


def elementwise(evidence: Evidence) -> Iterator[Guess]:
    """A factor that is one of the tensors at hand."""
    if not real(evidence):
        return
    wrong, it = evidence.wrong, evidence.it
    for name, value in _factors(evidence):
        spread = broadcast(value, wrong.shape)
        if spread is None or not value.any():
            continue
        said = f"{it} lacks the factor {name}: {it} * {name} matches"
        yield Guess("missing-factor", said, wrong * spread)
        said = f"{it} has the factor {name} too many: {it} / {name} matches"
        yield Guess("extra-factor", said, wrong / spread)


def exchanged(evidence: Evidence) -> Iterator[Guess]:
    """One tensor stands as a factor where another should."""
    if not real(evidence):
        return
    fitting = [(n, v) for n, v in _factors(evidence) if v.shape == evidence.x.shape]
    for (name, value), (better, other) in permutations(fitting, 2):
        said = f"{evidence.it} has the factor {name} where {better} should stand"
        yield Guess("wrong-variable", said, evidence.wrong / value * other)


def deviation(evidence: Evidence) -> Iterator[Guess]:
    """The division by a standard deviation is missing, or done twice."""
    if not real(evidence):
        return
    wrong, it, x = evidence.wrong, evidence.it, evidence.x
    for chosen in long_subsets(x):
        variance = x.var(axis=chosen, keepdims=True)
        for epsilon in EPSILONS:
            std = np.sqrt(variance + epsilon)
            name = f"the standard deviation of {evidence.name} over {axes(chosen)}"
            said = f"{it} is not divided by {name}: divided by it, {it} matches"
            yield Guess("missing-factor", said, wrong / std)
            yield Guess("extra-factor", f"{it} times {name} matches", wrong * std)


def of_rows(evidence: Evidence) -> Iterator[Guess]:
    """Every row along an axis has a factor of its own."""
    right, wrong = evidence.numerical, evidence.wrong
    if right is None or not real(evidence) or wrong.ndim < 2:
        return
    for axis, length in enumerate(wrong.shape):
        rows, truth = (np.moveaxis(a, axis, 0).reshape(length, -1) for a in (wrong, right))
        below = (rows * rows).sum(axis=1)
        if length < 2 or (np.count_nonzero(rows, axis=1) < 3).any() or not below.all():
            continue
        ratio = (rows * truth).sum(axis=1) / below
        if np.abs(ratio - 1).max() < CLOSE:
            continue
        shape = [length if k == axis else 1 for k in range(wrong.ndim)]
        shown = ", ".join(f"{1 / r:.4g}" if r else "?" for r in ratio[:4])
        more = ", ..." if length > 4 else ""
        said = f"each row of {evidence.it} along axis {axis} has a factor of its own: {shown}{more}"
        yield Guess("factor", said, wrong * ratio.reshape(shape), fitted=True)


FAMILY = (factor,)
TENSORS = (elementwise, exchanged, deviation)
LATE = (of_rows,)


def _factors(evidence: Evidence) -> Iterator[tuple[str, Array]]:
    yield from tensors(evidence)
    yield "cotangent", evidence.cotangent
    if evidence.output.shape == evidence.x.shape and evidence.x.all():
        yield f"output / {evidence.name}", evidence.output / evidence.x


def _named(factor: float, evidence: Evidence) -> str | None:
    """The factor in words, if it has a name: those of the simplest kind that fit."""
    minus = "-" if factor < 0 else ""
    for kind, names in enumerate(_kinds(evidence)):
        fitting = {name: told for name, (value, told) in names.items() if _is(factor, value)}
        if fitting:
            said = " or ".join(f"{minus}{name}" for name in fitting)
            told = " and ".join(dict.fromkeys(t for t in fitting.values() if t))
            told = f", {told}" if told else ""
            if kind >= GUESSED:
                return f"{_digits(factor)} times what it should be, perhaps {said}{told}"
            return f"{said} times what it should be{told}"
    return None


def _is(factor: float, value: float) -> bool:
    return isclose(abs(factor), value, rel_tol=NAMED)


def _kinds(evidence: Evidence) -> Iterator[dict[str, tuple[float, str]]]:
    """Names of numbers, with what they stand for: the simplest kind first."""
    lengths = _lengths(evidence)
    yield {"2": (2.0, ""), "1/2": (0.5, "")} | _with_inverses(lengths)
    yield _with_inverses(_products(evidence))
    yield _with_inverses({f"sqrt({n})": (sqrt(v), told) for n, (v, told) in lengths.items()})
    yield dict(_scalars(evidence.inputs))
    rates = {f"{1 - p:g}": (1 - p, f"1 - p for a rate p = {p:g}") for p in RATES}
    above = {f"{1 / (1 - p):.6g}": (1 / (1 - p), f"1/(1 - p) for a rate p = {p:g}") for p in RATES}
    less = {f"({n} - 1)": (v - 1, told) for n, (v, told) in lengths.items() if v > 2}
    bessel = {f"{n}/({n} - 1)": (v / (v - 1), told) for n, (v, told) in lengths.items() if v > 2}
    yield _with_inverses(less) | _with_inverses(bessel) | rates | above
    yield _with_inverses({f"{n}/2": (v / 2, told) for n, (v, told) in lengths.items()})


def _with_inverses(names: Mapping[str, tuple[float, str]]) -> dict[str, tuple[float, str]]:
    inverse = {_inverse(n): (1 / v, told) for n, (v, told) in names.items() if v}
    return {**names, **inverse}


def _inverse(name: str) -> str:
    if name.startswith("("):
        return f"1/{name}"
    return "/".join(reversed(name.split("/"))) if "/" in name else f"1/{name}"


def _lengths(evidence: Evidence) -> dict[str, tuple[float, str]]:
    """Lengths of axes: under the names they have, or N, M ... with where they are found."""
    if evidence.sizes:
        return {n: (float(v), f"{n} = {v}") for n, v in evidence.sizes.items() if v > 1}
    places: dict[int, list[str]] = {}
    for name, array in (*evidence.inputs.items(), ("the output", evidence.output)):
        for axis, length in enumerate(np.shape(array)):
            if length > 1:
                places.setdefault(length, []).append(f"axis {axis} of {name}")
    found = {}
    for letter, (length, where) in zip(LETTERS, places.items(), strict=False):
        told = f"{letter} = {length} being the length of {' and of '.join(where[:3])}"
        found[letter] = (float(length), told)
    return found


def _products(evidence: Evidence) -> dict[str, tuple[float, str]]:
    """Numbers of entries: of whole arrays, and over two axes of one."""
    found: dict[str, tuple[float, str]] = {}
    for name, array in (*evidence.inputs.items(), ("the output", evidence.output)):
        shape = np.shape(array)
        for chosen in long_subsets(np.asarray(array)) if len(shape) > 1 else ():
            size = prod(shape[axis] for axis in chosen)
            if len(chosen) > 1 and size not in (v for v, _ in found.values()):
                told = f"{size} being the number of entries along {axes(chosen)} of {name}"
                found[str(size)] = (float(size), told)
    return found


def _scalars(inputs: Mapping[str, Array]) -> Iterator[tuple[str, tuple[float, str]]]:
    """Numbers among the inputs, such as a rate or a temperature, and what is made of them."""
    for name, array in inputs.items():
        if array.size == 1 and array.dtype.kind in "fiu" and float(array.ravel()[0]):
            value = float(array.ravel()[0])
            made = {name: value, f"{name}**2": value**2, f"(1 - {name})": 1 - value}
            for said, number in made.items():
                if number:
                    yield said, (abs(number), f"{name} being {value:g}")
                    yield f"1/{said}", (abs(1 / number), f"{name} being {value:g}")


def _digits(factor: float) -> str:
    """A factor, with as many digits as it takes to tell it from 1."""
    return f"{factor:.6g}" if abs(factor - 1) > 1e-4 else f"{factor:.10g}"
