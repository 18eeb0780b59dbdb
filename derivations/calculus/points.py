"""Random points to compare expressions at: sizes, and values that obey what is declared."""

import math
import random
from collections.abc import Iterator, Mapping
from typing import Any

from gradcheck.derivations.calculus.evaluate import Entries, Evaluator
from gradcheck.derivations.calculus.functions import Undefined
from gradcheck.derivations.calculus.terms import Fact, Setting

SMALLEST_SIZE = 2
MOST_DIFFERENT = 6  # sizes; sums over more axes of as many lengths take minutes


def random_point(
    setting: Setting,
    rng: random.Random,
    spare: int = 0,
    sizes: Mapping[str, int] | None = None,
    positive: bool = False,
) -> Evaluator:
    """Random pairwise different sizes, and random values of everything that has no definition.

    The sizes are the smallest possible, or with `spare` some of that many larger ones too. Where
    there are so many that sums over all of them take long, some are equal. With `positive` all
    values are greater than 0.
    """
    if sizes is None:
        sizes = _random_sizes(setting, rng, spare)
    shape = Evaluator(setting, sizes, {})
    signs = frozenset(setting.given) if positive else setting.positive
    tensors = {name: _random_entries(setting, name, shape, rng, signs) for name in setting.given}
    functions = dict(
        pair for f in _undefined_functions(setting) for pair in _random_function(f, rng)
    )
    return Evaluator(setting, sizes, tensors, functions)


def _random_sizes(setting: Setting, rng: random.Random, spare: int) -> Mapping[str, int]:
    """Sizes for which those that follow from them are at least 1: axes grow until they are."""
    free = setting.free_sizes
    different = range(SMALLEST_SIZE, SMALLEST_SIZE + len(free) + spare)
    while True:
        if len(free) <= MOST_DIFFERENT:
            drawn = rng.sample(different, len(free))
        else:
            drawn = [rng.choice(different[:2]) for _ in free]
        sizes = dict(zip(free, drawn, strict=True))
        for name in setting.sizes:
            if name in setting.ranges:
                low, high = setting.ranges[name]
                sizes[name] = rng.randint(int(low), int(high))
        sizes = setting.complete(sizes)
        if all(sizes[name] >= 1 for name in setting.lengths):
            return sizes
        different = range(different.start, different.stop + 1)


def _random_entries(
    setting: Setting, name: str, shape: Evaluator, rng: random.Random, positive: frozenset[str]
) -> Entries:
    places = shape.places(setting.indices[name])
    if name in setting.integer:
        values = [value for (value,) in shape.places((setting.integer[name],))]
        return {place: rng.choice(values) for place in places}
    free = (0.2, 2.0) if name in positive else (-2.0, 2.0)
    low, high = setting.ranges.get(name, free)
    entries: Entries = {place: rng.uniform(low, high) for place in places}
    for fact in setting.facts:
        if fact.tensor == name:
            entries = _obeying(fact, entries, rng)
    return entries


def _obeying(fact: Fact, entries: Entries, rng: random.Random) -> Entries:
    """Entries like these for which a fact is true."""
    if fact.kind == "symmetric":
        return {place: entries[min(place, _swapped(place, *fact.axes))] for place in entries}
    (axis,) = fact.axes
    lines: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for place in entries:
        lines.setdefault((*place[:axis], *place[axis + 1 :]), []).append(place)
    if fact.kind == "one-hot":
        ones = {rng.choice(line) for line in lines.values()}
        return {place: float(place in ones) for place in entries}
    if fact.kind == "sums to one":
        rest = {line[-1]: 1 - sum(entries[p] for p in line[:-1]) for line in lines.values()}
        return {**entries, **rest}
    raise NotImplementedError(f"no entries are known that obey {fact.kind}")


def _swapped(place: tuple[int, ...], a: int, b: int) -> tuple[int, ...]:
    swapped = list(place)
    swapped[a], swapped[b] = place[b], place[a]
    return tuple(swapped)


def _undefined_functions(setting: Setting) -> set[type[Undefined]]:
    applied = (d.rhs.atoms(Undefined) for d in setting.definitions.values())
    return {type(call) for calls in applied for call in calls}


def _random_function(f: type[Undefined], rng: random.Random) -> Iterator[tuple[Any, Any]]:
    """Some smooth function that has no identities, and its derivative."""
    a, b, c = (rng.uniform(0.5, 1.5) for _ in range(3))
    yield f, lambda x: a * math.sin(b * x + c) + c * x * x
    yield f.prime, lambda x: a * b * math.cos(b * x + c) + 2 * c * x


def reversed_sizes(setting: Setting, sizes: Mapping[str, int]) -> Mapping[str, int]:
    """The same sizes the other way round: of any two axes, now the other is the longer.

    Where that leaves nothing of an axis whose length follows from others, the sizes stay.
    """
    free = {name: sizes[name] for name in setting.free_sizes}
    ends = min(free.values(), default=0) + max(free.values(), default=0)
    other = setting.complete({**sizes, **{name: ends - size for name, size in free.items()}})
    return other if all(other[name] >= 1 for name in setting.lengths) else sizes
