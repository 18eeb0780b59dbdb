"""Where to try a layer: cases (sizes) and points (the arrays drawn for them).

Sizes in a case are pairwise different, because equal sizes hide exchanged axes; one case has an
axis of length 1, which hides nothing but breaks what forgets to keep or drop an axis.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sympy import Dummy, Indexed

from gradcheck.checks.gradient.function import Array
from gradcheck.checks.layers import Layer, LayerError
from gradcheck.derivations.calculus.evaluate import Evaluator
from gradcheck.derivations.calculus.terms import Setting, free_indices, name_of

Sizes = Mapping[str, int]

SMALLEST = 2  # of an axis in the ordinary cases
KINK_MARGIN = 0.05  # many steps of the differences away from a kink
TRIES = 200  # at keeping that distance


@dataclass(frozen=True)
class Case:
    """Sizes of all axes, the seed of the values, and whether to sit on the layer's kinks."""

    sizes: Sizes
    seed: int
    at_kink: bool = False

    def __str__(self) -> str:
        text = " ".join(f"{name}={size}" for name, size in self.sizes.items())
        return f"{text} at the kink" if self.at_kink else text


@dataclass(frozen=True)
class Point:
    """The arrays of one case: every input, and a random cotangent of the output."""

    case: Case
    arrays: dict[str, Array]
    cotangent: Array
    evaluator: Evaluator = field(repr=False)


def cases(layer: Layer, seed: int, fixed: Sizes) -> list[Case]:
    """The cases of a layer; `fixed` sizes hold in all of them, and then one is enough."""
    names = layer.symbolic.setting.sizes
    rng = np.random.default_rng(seed)
    mine = {name: size for name, size in fixed.items() if name in names}
    drawn = [_different(names, mine, rng)]
    if not mine:
        drawn.append(_different(names, {}, rng))
        if names:
            drawn.append(_different(names, {str(rng.choice(names)): 1}, rng))
        drawn += [_different(names, extra, rng) for extra in layer.symbolic.cases]
    found = [Case(sizes, seed + k) for k, sizes in enumerate(drawn)]
    if _kink_inputs(layer):
        found.append(Case(drawn[0], seed, at_kink=True))
    return found


def draw(layer: Layer, case: Case) -> Point:
    """The arrays of a case, every kink further away than KINK_MARGIN unless the case asks for it.

    Raises LayerError if that does not succeed in TRIES draws.
    """
    rng = np.random.default_rng([case.seed, *case.sizes.values()])
    setting = layer.symbolic.setting
    shapes = Evaluator(setting, case.sizes, {})
    for _ in range(TRIES):
        arrays = {t.name: _values(setting, t.name, shapes, rng) for t in layer.symbolic.inputs}
        output = layer.symbolic.output
        cotangent = np.asarray(rng.uniform(-1, 1, shape_of(shapes, output.indices)))
        if case.at_kink:
            for name, kink in _kink_inputs(layer).items():
                chosen = np.asarray(rng.random(arrays[name].shape) < 0.5)
                chosen.ravel()[0] = True
                arrays[name][chosen] = kink
        point = Point(case, arrays, cotangent, _evaluator_at(setting, shapes, arrays))
        if case.at_kink or _far_from_kinks(layer, point):
            return point
    raise LayerError(f"no point of {layer.name} found away from its kinks at {case}")


def _evaluator_at(setting: Setting, shapes: Evaluator, arrays: Mapping[str, Array]) -> Evaluator:
    """An evaluator of the layer's formulas at some arrays, of the sizes that `shapes` has."""
    entries = {
        name: dict(zip(shapes.places(setting.indices[name]), array.ravel().tolist(), strict=True))
        for name, array in arrays.items()
    }
    for name, target in setting.integer.items():
        # NumPy counts classes from 0, a formula from the start of its axis
        entries[name] = {place: v + int(target.lower) for place, v in entries[name].items()}
    return Evaluator(setting, shapes.sizes, entries, _meanings(setting))


def shape_of(evaluator: Evaluator, indices: tuple[Any, ...]) -> tuple[int, ...]:
    """The NumPy shape of a tensor with these indices."""
    return tuple(evaluator.length(i) for i in indices)


def _different(names: tuple[str, ...], given: Sizes, rng: np.random.Generator) -> dict[str, int]:
    """Given sizes, and for the other axes small ones that differ from them and each other."""
    free = [n for n in names if n not in given]
    unused = [s for s in range(SMALLEST, SMALLEST + len(names) + 1) if s not in given.values()]
    drawn = dict(zip(free, rng.permutation(unused[: len(free) + 1]).tolist(), strict=False))
    return {name: given.get(name) or drawn[name] for name in names}


def _values(setting: Setting, name: str, shapes: Evaluator, rng: np.random.Generator) -> Array:
    shape = shape_of(shapes, setting.indices[name])
    if name in setting.integer:
        return rng.integers(0, shapes.length(setting.integer[name]), shape)
    low, high = (0.1, 1.0) if name in setting.positive else (-2.0, 2.0)
    return rng.uniform(low, high, shape)


def _meanings(setting: Setting) -> dict[Any, Any]:
    """Values of the functions that a layer leaves undefined, and of their derivatives."""
    x = Dummy("x")
    plain = Evaluator(Setting({}), {}, {})
    meanings = {}
    for function, instance in setting.functions.items():
        meanings[function] = plain.function(instance(x), x)
        meanings[function.prime] = plain.function(instance(x).fdiff(1), x)
    return meanings


def _kink_inputs(layer: Layer) -> dict[str, float]:
    """Inputs whose own entries can sit on a kink, and where it is."""
    inputs = {t.name for t in layer.symbolic.inputs}
    return {
        name_of(argument): kink
        for argument, kink, _ in layer.symbolic.kinks
        if isinstance(argument, Indexed) and name_of(argument) in inputs
    }


def _far_from_kinks(layer: Layer, point: Point) -> bool:
    return all(
        abs(value - kink) > KINK_MARGIN
        for argument, kink, _ in layer.symbolic.kinks
        for value in point.evaluator.flat(argument, tuple(free_indices(argument)))
    )
