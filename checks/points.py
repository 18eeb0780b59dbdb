"""Where to try a layer: cases (sizes) and points (the arrays drawn for them).

Sizes in a case are pairwise different, because equal sizes hide exchanged axes; one case has an
axis of length 1, which hides nothing but breaks what forgets to keep or drop an axis. Options take
other values in every case, and their defaults in one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from math import prod
from typing import Any

import numpy as np
from sympy import Dummy

from gradcheck.checks import kinks
from gradcheck.checks.gradient.function import Array
from gradcheck.checks.layers import Layer, LayerError
from gradcheck.derivations.calculus.compare import UNREADABLE
from gradcheck.derivations.calculus.evaluate import Evaluator, OutOfRange
from gradcheck.derivations.calculus.terms import Definition, Setting, name_of, size_of

Sizes = Mapping[str, int]

SMALLEST = 2  # of an axis in the ordinary cases
TRIES = 200  # at keeping that distance
DRAWS = 300  # at sizes of which others follow
MOST_SPARE = 12  # how much larger than the smallest possible an axis may have to be


@dataclass(frozen=True)
class Case:
    """Sizes of all axes, the seed of the values, and whether to sit on the layer's kinks.

    sizes    of axes, and options that are whole numbers
    ties     whether, at a kink, values are equal of which the greatest is chosen
    options  those that are real numbers
    """

    sizes: Sizes
    seed: int
    at_kink: bool = False
    ties: bool = False
    options: Mapping[str, float] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where the layer has no derivative but by convention; empty for an ordinary case."""
        return " with equal values" if self.ties else " at the kink" if self.at_kink else ""

    def __str__(self) -> str:
        named = {**self.sizes, **self.options}
        return " ".join(f"{name}={value:.3g}" for name, value in named.items()) + self.place


@dataclass(frozen=True)
class Point:
    """The arrays of one case: every input, and a random cotangent of the output.

    options  what the NumPy side takes by name
    pulled   what a backward pass returned for one cotangent after the other, by that function
    """

    case: Case
    arrays: dict[str, Array]
    cotangent: Array
    evaluator: Evaluator = field(repr=False)
    options: Mapping[str, float] = field(default_factory=dict)
    pulled: dict[Any, list[tuple[Any, ...]]] = field(default_factory=dict, repr=False)


def cases(layer: Layer, seed: int, fixed: Sizes) -> list[Case]:
    """The cases of a layer; `fixed` sizes hold in all of them, and then one is enough."""
    setting, rng = layer.symbolic.setting, np.random.default_rng(seed)
    options = _options(layer, seed)
    mine = {name: size for name, size in fixed.items() if name in setting.sizes}
    found = [_case(setting, mine, seed, next(options), rng)]
    if not mine:
        found.append(_case(setting, {}, seed + 1, next(options), rng))
        found += _with_an_axis_of_length_1(setting, seed + 2, next(options), rng)
        for extra in layer.symbolic.cases:
            found.append(_case(setting, extra, seed + len(found), next(options), rng))
    if kinks.places(layer):
        simple = kinks.rounded(found[0].options, setting.ranges)
        found.append(replace(found[0], at_kink=True, options=simple))
    if layer.symbolic.ties:
        found.append(replace(found[0], at_kink=True, ties=True))
    return found


def draw(layer: Layer, case: Case) -> Point:
    """The arrays of a case, every kink further away than kinks.MARGIN unless the case asks for it.

    Raises LayerError if that does not succeed in TRIES draws.
    """
    rng = np.random.default_rng([case.seed, *case.sizes.values()])
    setting = layer.symbolic.setting
    shapes = Evaluator(setting, case.sizes, {})
    real = [t.name for t in layer.symbolic.differentiable]
    evaluator_at = partial(_evaluator_at, setting, shapes, case.options)
    for _ in range(TRIES):
        arrays = {t.name: _values(setting, t.name, shapes, rng) for t in layer.symbolic.inputs}
        output = layer.symbolic.output
        cotangent = np.asarray(rng.uniform(-1, 1, shape_of(shapes, output.indices)))
        if case.ties:
            arrays |= {name: _few_values(setting, name, arrays[name], rng) for name in real}
        elif case.at_kink:
            arrays = kinks.put_onto(layer, arrays, evaluator_at, rng)
        options = {o.name: {**case.sizes, **case.options}[o.name] for o in layer.symbolic.options}
        evaluator = evaluator_at(arrays)
        far = kinks.far_from_kinks(layer, evaluator) and kinks.far_from_ties(layer, evaluator)
        if (far or case.at_kink) and _divides(layer, evaluator):
            return Point(case, arrays, cotangent, evaluator, options)
    raise LayerError(f"no point of {layer.name} found away from its kinks at {case}")


def _evaluator_at(
    setting: Setting, shapes: Evaluator, options: Mapping[str, float], arrays: Mapping[str, Array]
) -> Evaluator:
    """An evaluator of the layer's formulas at some arrays, of the sizes that `shapes` has."""
    entries: dict[str, dict[tuple[int, ...], Any]] = {
        name: dict(zip(shapes.places(setting.indices[name]), array.ravel().tolist(), strict=True))
        for name, array in arrays.items()
    }
    for name, target in ((n, setting.integer[n]) for n in entries if n in setting.integer):
        # NumPy counts classes from 0, a formula from the start of its axis
        entries[name] = {place: v + int(target.lower) for place, v in entries[name].items()}
    entries |= {name: {(): value} for name, value in options.items()}
    return Evaluator(setting, shapes.sizes, entries, _meanings(setting))


def shape_of(evaluator: Evaluator, indices: tuple[Any, ...]) -> tuple[int, ...]:
    """The NumPy shape of a tensor with these indices."""
    return tuple(evaluator.length(i) for i in indices)


def _options(layer: Layer, seed: int) -> Iterator[dict[str, float]]:
    """Values of the options, case by case: whole ones in turn, real ones drawn.

    The second case has the defaults of the real ones, and the first has not: what an option is
    good for shows where it is not the default.
    """
    rng = np.random.default_rng([seed, 1])  # other layers keep their points
    whole = [o for o in layer.symbolic.options if o.whole]
    turns = {o.name: rng.permutation(np.arange(o.between[0], o.between[1] + 1)) for o in whole}
    for k in count():
        values: dict[str, float] = {n: int(turn[k % len(turn)]) for n, turn in turns.items()}
        for o in layer.symbolic.options:
            if not o.whole:
                values[o.name] = o.default if k == 1 else rng.uniform(*o.between)
        yield values


def _case(
    setting: Setting,
    given: Sizes,
    seed: int,
    options: Mapping[str, float],
    rng: np.random.Generator,
) -> Case:
    """Given sizes and options, the other sizes as they come."""
    whole = {name: int(value) for name, value in options.items() if name in setting.sizes}
    real = {name: value for name, value in options.items() if name not in whole}
    return Case(_different(setting, {**whole, **given}, rng), seed, options=real)


def _with_an_axis_of_length_1(
    setting: Setting, seed: int, options: Mapping[str, float], rng: np.random.Generator
) -> list[Case]:
    """A case with one, unless that leaves nothing of another axis whichever it is."""
    axes = setting.free_sizes
    first = str(rng.choice(axes)) if axes else ""
    for name in sorted(axes, key=lambda axis: axis != first):
        try:
            return [_case(setting, {name: 1}, seed, options, rng)]
        except LayerError:
            continue
    return []


def _different(setting: Setting, given: Sizes, rng: np.random.Generator) -> dict[str, int]:
    """Given sizes, and for the other axes small ones that differ from them and each other.

    They grow until all sizes that follow from them are at least 1, and better also different from
    those that they are seen with; of several draws the one with the smallest arrays is taken.
    Raises LayerError if the given ones leave no room for that.
    """
    possible: list[dict[str, int]] = []
    fixed = {name: size for name, size in given.items() if name not in setting.lengths}
    free = [n for n in setting.free_sizes if n not in fixed]
    taken = {size for name, size in fixed.items() if name not in setting.ranges}
    arrays = _names_of_sizes(setting)
    together = [{*names} - {*setting.ranges} for names in [*arrays, *_followed(setting)]]
    for spare in range(1, MOST_SPARE):
        unused = [s for s in range(SMALLEST, SMALLEST + len(free) + MOST_SPARE) if s not in taken]
        good = []
        for _ in range(DRAWS if setting.lengths else 1):
            drawn = rng.permutation(unused[: len(free) + spare]).tolist()
            sizes = setting.complete({**fixed, **dict(zip(free, drawn, strict=False))})
            following = min((sizes[name] for name in setting.lengths), default=SMALLEST)
            if following >= 1:
                possible.append(sizes)
            if following >= SMALLEST and all(_all_differ(sizes, names) for names in together):
                good.append(sizes)
        if good:
            break
    if not possible:
        wanted = " ".join(f"{name}={size}" for name, size in fixed.items())
        raise LayerError(f"no sizes found with {wanted} for which all axes have an entry")
    return min(good or possible, key=lambda sizes: max(_entries(sizes, a) for a in arrays))


def _names_of_sizes(setting: Setting) -> list[list[str]]:
    """For each array, the names of the sizes that its shape is made of."""
    return [
        [str(size) for index in indices for size in size_of(index).free_symbols]
        for indices in setting.indices.values()
    ]


def _followed(setting: Setting) -> list[list[str]]:
    """For each size that follows from others, all their names."""
    lengths = setting.lengths.items()
    return [[name, *(str(s) for s in length.free_symbols)] for name, length in lengths]


def _all_differ(sizes: Sizes, names: set[str]) -> bool:
    return len({sizes[name] for name in names}) == len(names)


def _entries(sizes: Sizes, names: list[str]) -> int:
    """About how many entries an array has."""
    return prod(sizes[name] for name in names)


def _values(setting: Setting, name: str, shapes: Evaluator, rng: np.random.Generator) -> Array:
    shape = shape_of(shapes, setting.indices[name])
    if name in setting.integer:
        return rng.integers(0, shapes.length(setting.integer[name]), shape)
    for choice in setting.choices.values():
        if name_of(choice.rhs.of) == name:
            return _spread(choice, shape, rng)
    free = (0.1, 1.0) if name in setting.positive else (-2.0, 2.0)
    low, high = setting.ranges.get(name, free)
    return rng.uniform(low, high, shape)


def _spread(choice: Definition, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Random values of a tensor of which no two that a choice may meet are near each other."""
    apart = [axis for axis, i in enumerate(choice.rhs.of.indices) if i in choice.indices]
    together = [axis for axis in range(len(shape)) if axis not in apart]
    lengths = [shape[axis] for axis in (*apart, *together)]
    count = prod(lengths[len(apart) :])
    ranks = rng.permuted(np.tile(np.arange(count), (prod(lengths[: len(apart)]), 1)), axis=1)
    values = ranks - (count - 1) / 2 + rng.uniform(-0.2, 0.2, ranks.shape)
    values *= max(4 / count, 2 * kinks.MARGIN)
    return values.reshape(lengths).transpose(np.argsort([*apart, *together]))


def _few_values(setting: Setting, name: str, array: Array, rng: np.random.Generator) -> Array:
    """Small whole numbers, of which many are equal and sums and products exact."""
    if name in setting.ranges:
        return array
    low = 1 if name in setting.positive else -1
    few: Array = rng.integers(low, low + 3, array.shape).astype(float)
    return few


def _meanings(setting: Setting) -> dict[Any, Any]:
    """Values of the functions that a layer leaves undefined, and of their derivatives."""
    x = Dummy("x")
    plain = Evaluator(Setting({}), {}, {})
    meanings = {}
    for function, instance in setting.functions.items():
        meanings[function] = plain.function(instance(x), x)
        meanings[function.prime] = plain.function(instance(x).fdiff(1), x)
    return meanings


def _divides(layer: Layer, evaluator: Evaluator) -> bool:
    """Whether the integers that were drawn leave something to divide by: classes may be ignored."""
    output = layer.symbolic.output
    try:
        if layer.symbolic.setting.integer:
            evaluator.flat(output.lhs, output.indices)
    except ZeroDivisionError:
        return False
    except (OutOfRange, *UNREADABLE):
        pass  # the check of the formula will tell
    return True
