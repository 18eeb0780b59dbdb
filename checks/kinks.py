"""Where a layer is not smooth: which inputs can sit on a kink, and whether a point is far from all.

An argument that is a x + b, with an entry x of an input, is put onto its kink by the x that solves
for it. Values are rounded first, and tensors that are a factor of a made 1 or −1, so that this is
exact.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np
from sympy import Dummy, Indexed, Sum, expand

from gradcheck.checks.gradient.function import Array
from gradcheck.checks.layers import Layer
from gradcheck.derivations.calculus.evaluate import Evaluator
from gradcheck.derivations.calculus.functions import KINKS
from gradcheck.derivations.calculus.terms import free_indices, name_of, plain, tensors_in

MARGIN = 0.05  # many steps of the differences away from a kink or a tie
PARTS = 8  # of 1: multiples of this part of 1 are added, subtracted and halved exactly


def places(layer: Layer) -> list[tuple[Any, Any, set[str]]]:
    """Entries of inputs that can sit on kinks, their values there, and tensors to make 1 or −1."""
    inputs = [t.name for t in layer.symbolic.differentiable]
    found = []
    for argument, kink, _ in layer.symbolic.kinks:
        smooth = plain(argument.replace(lambda e: e.func in KINKS, lambda e: e.args[0]))
        entries = {name_of(e): e for e in smooth.atoms(Indexed)}
        solved = (_solved(smooth - kink, entries[name]) for name in inputs if name in entries)
        found += [place for place in solved if place is not None][:1]
    return found


def rounded(options: Mapping[str, float], ranges: Mapping[str, Any]) -> dict[str, float]:
    """Options with few digits, where those are in their ranges."""
    few = {name: round(value * PARTS) / PARTS for name, value in options.items()}
    return {
        name: few[name] if ranges[name][0] <= few[name] <= ranges[name][1] else value
        for name, value in options.items()
    }


def put_onto(
    layer: Layer,
    arrays: Mapping[str, Array],
    evaluator_at: Callable[[Mapping[str, Array]], Evaluator],
    rng: np.random.Generator,
) -> dict[str, Array]:
    """The inputs with about half of the entries on kinks, and one on each of them."""
    positive, found = layer.symbolic.setting.positive, dict(arrays)
    for _, value, units in places(layer):
        for name in tensors_in(value) & {*arrays}:
            found[name] = (np.ceil if name in positive else np.round)(found[name] * PARTS) / PARTS
        found |= {name: np.where(found[name] < 0, -1.0, 1.0) for name in units}
    for k, (entry, value, _) in enumerate(places(layer)):
        kinks = evaluator_at(found).flat(value, entry.indices)
        old = found[name_of(entry)]
        chosen = np.asarray(rng.random(old.shape) < 0.5)
        chosen.ravel()[k % chosen.size] = True
        found[name_of(entry)] = np.where(chosen, np.reshape(kinks, old.shape), old).astype(float)
    return found


def far_from_kinks(layer: Layer, evaluator: Evaluator) -> bool:
    """Whether no argument of a function is near its kink."""
    return all(
        abs(value - kink) > MARGIN
        for argument, kink, _ in layer.symbolic.kinks
        for value in evaluator.flat(argument, tuple(free_indices(argument)))
    )


def far_from_ties(layer: Layer, evaluator: Evaluator) -> bool:
    """Whether every greatest value stands out, so that no step of the differences changes it."""
    for definition, _ in layer.symbolic.ties:
        letters = definition.rhs.letters
        values = evaluator.flat(definition.rhs.of, (*definition.indices, *letters))
        rivals = np.sort(np.reshape(values, (-1, prod(map(evaluator.length, letters)))))
        if rivals.shape[1] > 1 and (rivals[:, -1] - rivals[:, -2]).min() <= MARGIN:
            return False
    return True


def _solved(gap: Any, entry: Any) -> tuple[Any, Any, set[str]] | None:
    """One of `places`: the entry is what makes the gap 0; None if that cannot be said of each."""
    letters, x = entry.indices, Dummy("x")
    if gap.has(Sum) or {*letters} != {*free_indices(gap)} or len({*letters}) != len(letters):
        return None
    line = expand(gap.xreplace({entry: x}))
    slope = line.diff(x)
    simple = all(f.is_Number or isinstance(f, Indexed) for f in slope.as_ordered_factors())
    if slope == 0 or not simple or name_of(entry) in tensors_in(line):
        return None
    return entry, expand(-line.subs(x, 0) / slope), tensors_in(slope)
