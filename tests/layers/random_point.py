"""Random values of a layer's inputs at small sizes, for closed forms and for their oracle."""

import contextlib
import itertools
import random

import sympy
from layers.duals import Duals

from gradcheck.derivations.calculus.evaluate import Evaluator
from gradcheck.derivations.calculus.functions import Undefined

LARGE = 3000  # entries of a Jacobian: more of them, compared one by one, take seconds
TRIES = 200  # at keeping it smaller, and at values that do not divide by zero


class RandomPoint:
    """Random values at explicit sizes, for the index calculus and for dual numbers; f is the sine.

    Axes take these lengths in turn: dual numbers need no different ones, and small ones are quick.
    """

    def __init__(self, setting, output, lengths):
        rng = random.Random(repr(lengths))  # other sizes for other lengths
        sizes = possible_sizes(setting, output, lengths, rng)
        functions = dict.fromkeys(generic(setting), sympy.sin) | {
            f.prime: sympy.cos for f in generic(setting)
        }
        for _ in range(TRIES):
            tensors = random_entries(setting, Duals(setting, sizes, {}), rng)
            self.duals = Duals(setting, sizes, tensors)
            self.evaluator = Evaluator(setting, sizes, tensors, functions)
            with contextlib.suppress(ZeroDivisionError):  # a mean over samples all ignored
                for place in self.duals.places(output):
                    self.duals.entry(output, place)
                return
        raise ValueError(f"every output divides by zero at {sizes}")


def random_entries(setting, shapes, rng):
    """Entries of what has no definition, in its range or else positive, by name and place."""
    tensors = {}
    for name in setting.given:
        low, high = setting.ranges.get(name, (0.2, 1.5))
        tensors[name] = {place: rng.uniform(low, high) for place in shapes.places(name)}
        if name in setting.integer:
            classes = shapes.values_of(setting.integer[name])
            tensors[name] = {place: rng.choice(classes) for place in tensors[name]}
    return tensors


def possible_sizes(setting, output, lengths, rng):
    """These lengths in turn, and options in their ranges.

    Where nothing is left of an axis, or the Jacobian is large, other small ones are drawn.
    """
    drawn = ((rng.randint(1, max(lengths)) for _ in itertools.count()) for _ in range(TRIES))
    possible = []
    for some in [itertools.cycle(lengths), *drawn]:
        sizes = {name: next(some) for name in setting.free_sizes}
        options = (name for name in setting.sizes if name in setting.ranges)
        sizes |= {name: rng.randint(*map(int, setting.ranges[name])) for name in options}
        sizes = setting.complete(sizes)
        if all(sizes[name] >= 1 for name in setting.lengths):
            duals = Duals(setting, sizes, {})
            entries = [len(duals.places(name)) for name in setting.given if name != f"d{output}"]
            possible.append((len(duals.places(output)) * sum(entries), sizes))
            if possible[-1][0] <= LARGE:
                return sizes
    return min(possible, key=lambda pair: pair[0])[1]


def generic(setting):
    """The functions in some formulas of which only differentiability is known."""
    return {type(call) for d in setting.definitions.values() for call in d.rhs.atoms(Undefined)}
