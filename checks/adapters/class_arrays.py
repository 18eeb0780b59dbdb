"""Classes whose constructor takes arrays, `Affine(W, b)`: which arrays may be handed to it."""

import dataclasses
import inspect
import itertools
from collections.abc import Iterator

import numpy as np

from gradcheck.checks.adapters.class_passes import required
from gradcheck.checks.adapters.draw import Shape, draw
from gradcheck.checks.adapters.guesses import candidates, guesses, role_of
from gradcheck.checks.adapters.names import plain
from gradcheck.checks.adapters.request import Request

PARAMETERS = {"weight", "recurrent", "bias", "scale"}
NUMBERS = {"filters", "filter", "kernels", "kernel"}  # and no arrays, for a constructor
TRIES = 24  # constructions, of which the usual layouts are the first


def given_arrays(request: Request) -> Iterator[tuple[Request, str]]:
    """The request with arrays for the constructor, in shapes that may fit, and a note on them.

    As it is, if the constructor needs none or is called with something.
    """
    names = _array_arguments(request)
    if not names:
        yield request, ""
        return
    shapes = {name: shape for name, shape in request.shapes.items() if name in names}
    rest = {name: shape for name, shape in request.shapes.items() if name not in names}
    for guess in itertools.islice(guesses(names, shapes), TRIES):
        arrays = {
            name: draw(what, np.random.default_rng(place)) if isinstance(what, Shape) else what
            for place, (name, what) in enumerate(zip(names, guess, strict=True))
        }
        keywords = {**request.keywords, **arrays}
        yield (
            dataclasses.replace(request, keywords=keywords, shapes=rest),
            _note(request.name, names, guess, shapes),
        )


def _array_arguments(request: Request) -> list[str]:
    """The arguments that the constructor needs, if they are parameters by their names."""
    thing = request.thing
    if not inspect.isclass(thing) or request.arguments or request.keywords:
        return []
    if any(type(value) is thing for value in vars(request.module or thing).values()):
        return []  # there is an instance
    needed = required(inspect.getattr_static(thing, "__init__"))
    roles = {role_of(name) for name in needed if plain(name) not in NUMBERS}
    known = all(role_of(n) in PARAMETERS or not _shapes(n) for n in needed)
    return needed if known and roles & PARAMETERS else []


def _shapes(name: str) -> bool:
    return any(isinstance(what, Shape) for what in candidates(name, {}))


def _note(name: str, names: list[str], guess: tuple[object, ...], given: object) -> str:
    said = ", ".join(
        f"{n} {tuple(what)}" if isinstance(what, Shape) else f"{n}={what!r}"
        for n, what in zip(names, guess, strict=True)
    )
    if given:
        return f"constructed with {said}"
    options = " ".join(
        f"--shape {n}={what}" for n, what in zip(names, guess, strict=True) if type(what) is Shape
    )
    return f"constructed with {said}; to choose yourself: {options}"
