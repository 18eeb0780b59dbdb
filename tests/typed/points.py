"""Points at which typed formulas are evaluated, entry by entry and without NumPy code of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.derivations.calculus.evaluate import Evaluator
from gradcheck.derivations.calculus.functions import Undefined

STEP = 1e-5
LENGTHS = (3, 2, 4, 1)  # of axes in their order: awkward ones, and one of length 1
PARAMETER = 2  # the value of a stride or an offset


@dataclass(frozen=True)
class Point:
    """Values of everything that a backward pass is given.

    sizes      the lengths of the axes, and the parameters
    arrays     the inputs by name
    cotangent  of the output
    parameters, functions  what else a backward pass takes, in its order
    """

    sizes: Mapping[str, int]
    arrays: Mapping[str, Any]
    cotangent: Any
    parameters: tuple[int, ...]
    functions: tuple[Any, ...]

    @property
    def arguments(self) -> tuple[Any, ...]:
        return (*self.arrays.values(), *self.parameters)


def point(problem: Any, seed: int) -> Point:
    """Random values; with another seed the axes have other lengths too."""
    rng = np.random.default_rng(seed)
    setting = problem.layer.setting
    names = [name for name in setting.sizes if name not in problem.parameters]
    sizes = {name: LENGTHS[(k + seed) % len(LENGTHS)] for k, name in enumerate(names)}
    sizes |= dict.fromkeys(problem.parameters, PARAMETER)
    shapes = Evaluator(setting, sizes, {})

    def shape(indices: Any) -> tuple[int, ...]:
        return tuple(map(shapes.length, indices))

    def drawn(tensor: Any) -> Any:
        if tensor.integer is not None:
            return rng.integers(shapes.length(tensor.integer), size=shape(tensor.indices))
        values = rng.normal(size=shape(tensor.indices))
        return np.exp(-abs(values)) if tensor.positive else values

    arrays = {t.name: drawn(t) for t in problem.inputs}
    cotangent = rng.normal(size=shape(problem.output.indices))
    functions = (np.cos,) if unknown(problem) else ()
    parameters = tuple(sizes[name] for name in problem.parameters)
    return Point(sizes, arrays, cotangent, parameters, functions)


def differences(problem: Any, at: Point, name: str) -> tuple[float, Any]:
    """The slope of Σ cotangent · output along a random direction of one input, and that."""
    direction = np.random.default_rng(99).normal(size=np.shape(at.arrays[name]))
    up, down = (_loss(problem, at, {name: at.arrays[name] + h * direction}) for h in (STEP, -STEP))
    return (up - down) / (2 * STEP), direction


def unknown(problem: Any) -> set[Any]:
    """Functions of which the formulas say only a name; here they are all the sine."""
    found = set().union(*(d.rhs.atoms(Undefined) for d in problem.forward))
    return {each.func for each in found}


def _loss(problem: Any, at: Point, moved: Mapping[str, Any]) -> float:
    arrays = {name: np.asarray(a) for name, a in {**at.arrays, **moved}.items()}
    entries = {name: {k: v.item() for k, v in np.ndenumerate(a)} for name, a in arrays.items()}
    setting = problem.layer.setting
    functions = dict.fromkeys(unknown(problem), np.sin)
    output = Evaluator(setting, at.sizes, entries, functions).flat(
        problem.output.lhs, problem.output.indices
    )
    return float(np.dot(np.ravel(at.cotangent), output))
