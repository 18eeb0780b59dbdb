"""The arrays that a class is fed with: given, or of sizes that fit its parameters."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.checks.adapters.draw import Shape, draw
from gradcheck.checks.adapters.guesses import EITHER, candidates
from gradcheck.checks.adapters.inputs import complete, quietly
from gradcheck.checks.adapters.names import TARGETS, plain
from gradcheck.checks.adapters.parameters import arrays, leaves, trained
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.gradient.function import Array

BATCHES = (5, 6, 4, 7, 2)  # samples: the first of these that is no size of a parameter
HEIGHT, WIDTH, STEPS, IMAGES = 7, 6, 4, 2
TRIES = 150
MANY, FEW = 40, 10  # shapes tried for one input, if there are less or more than three
RUNS, FITS = 1, 2  # backward can be called; and the gradients of weights have their shapes
ALTERNATIVES = 4  # guesses that forward takes, of which one is chosen that backward takes too


def feed(
    request: Request,
    instance: Any,
    inputs: tuple[str, ...],
    works: Callable[[dict[str, Any]], bool],
    runs: Callable[[dict[str, Any]], int],
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A value for each input of forward, and notes on what was guessed.

    `works` calls forward and says whether its output is usable, `runs` whether backward, too, can
    be called, and whether the gradients of weights then fit: some layers take one sample at a
    time. Both may raise.
    """
    asked = replace(request, keywords={})  # these went to the constructor
    missing = [n for n in inputs if n not in request.inputs and n not in request.shapes]
    fitting = _sized(instance, missing)
    if missing and fitting:
        options = [_options(name, fitting, first=name == inputs[0]) for name in missing]
        seed = int(request.rng.integers(2**32))
        drawn = (
            _drawn(request, dict(zip(missing, guess, strict=True)), inputs, seed)
            for guess in _combined(options)
        )
        possible = (values for values in drawn if _succeeds(works, values))
        values = _first_that_runs(possible, runs)
        if values is not None:
            said = ", ".join(f"{n} {_said(values[n])}" for n in missing)
            return values, (f"shapes guessed from the parameters: {said}",)
    return complete(asked, inputs, works)


def _first_that_runs(
    possible: Iterable[dict[str, Array]], runs: Callable[[dict[str, Any]], int]
) -> dict[str, Array] | None:
    """Of the first few guesses the one that backward takes best, the earlier of equals."""
    best, usual = -1, None
    for values in itertools.islice(possible, ALTERNATIVES):
        rank = _succeeds(runs, values)
        if rank > best:
            best, usual = rank, values
        if best == FITS:
            break
    return usual


def _drawn(
    request: Request, guess: dict[str, Shape], inputs: Iterable[str], seed: int
) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    shapes = {**request.shapes, **guess}
    given = request.inputs
    fixed = {n: np.asarray(v) for n, v in shapes.items() if not isinstance(v, tuple)} | {**given}
    return {n: fixed[n] if n in fixed else draw(shapes[n], rng) for n in inputs}


def _sized(instance: Any, missing: Iterable[str]) -> list[Shape]:
    """Shapes of an input that would fit the parameters, the likeliest first."""
    found = [array.shape for path, array in arrays(leaves(instance)).items() if trained(path)]
    sizes = list(dict.fromkeys(n for shape in found for n in shape if n > 1))
    batch = next(n for n in BATCHES if n not in sizes or n == BATCHES[-1])
    flat = [(batch, n) for n in sizes] + [(n, batch) for n in sizes] + [(n,) for n in sizes]
    flat += [(1, n) for n in sizes]  # where a bias is stepped by the gradient of one sample
    flat += [(batch, STEPS, n) for n in sizes] + [(n, 1) for n in sizes]
    images = [(IMAGES, n, HEIGHT, WIDTH) for n in sizes] + [
        (IMAGES, HEIGHT, WIDTH, n) for n in sizes
    ]
    images += [(n, HEIGHT, WIDTH) for n in sizes] + [(HEIGHT, WIDTH, n) for n in sizes]
    images += [(IMAGES, 1, HEIGHT, WIDTH), (HEIGHT, WIDTH)]
    deep = any(len(shape) >= 3 for shape in found)
    if any(len(shape) == 3 for shape in found):  # a kernel of one axis
        images = (
            [(IMAGES, n, HEIGHT) for n in sizes] + [(IMAGES, HEIGHT, n) for n in sizes] + images
        )
    return [Shape.of(s) for s in (images + flat if deep else flat + images)] if sizes else []


def _options(name: str, fitting: list[Shape], first: bool) -> list[Shape]:
    """The shapes tried for one input; targets go with the samples of the others."""
    usual = [c for c in candidates(name, {}) if isinstance(c, Shape)]
    if not usual:  # of a hyperparameter
        return [*(fitting if name in EITHER else []), *candidates(name, {})]
    if plain(name) in TARGETS and not first:
        batch, classes = fitting[0][0], min(n for shape in fitting for n in shape if n > 1)
        return [Shape.of((batch,), f"int{classes}"), *fitting, *usual]
    return usual if any(c.kind for c in usual) else [*fitting, *usual]


def _combined(options: list[list[Shape]]) -> list[tuple[Shape, ...]]:
    """All combinations, those first that take early choices."""
    few = [each[: MANY if len(options) < 3 else FEW] for each in options]
    ranked = sorted(
        itertools.product(*(enumerate(each) for each in few)),
        key=lambda chosen: sum(
            {rank for rank, _ in chosen}
        ),  # alike, as q, k and v are, counts once
    )
    return [tuple(shape for _, shape in chosen) for chosen in ranked[:TRIES]]


def _succeeds(works: Any, values: dict[str, Array]) -> int:
    try:
        with quietly():
            return int(works({n: v.copy() for n, v in values.items()}))
    except Exception:  # of the user's code: this guess was wrong
        return 0


def _said(array: Array) -> str:
    kind = "" if array.dtype.kind in "fc" else " (integers)"
    return ",".join(map(str, array.shape)) + kind
