"""Checking people's own code: from what they name or hand over to what was found.

What cannot be loaded or fed is a UsageError; whatever goes wrong from then on is a finding.
"""

import contextlib
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.checks.adapters.recognise import adapt, survey
from gradcheck.checks.adapters.source import place_of, shown
from gradcheck.checks.adapters.timing import time_limit as limited
from gradcheck.checks.gradient.calls import Price
from gradcheck.checks.gradient.check import Checked, Tolerance, check_function
from gradcheck.checks.gradient.finding import Finding, Outcome
from gradcheck.checks.gradient.function import Function, Place, pair
from gradcheck.checks.layers import UsageError

PATIENCE = 1.25  # times the limit: until then a check that looks at the clock has ended itself
PAIR = "functions forward(**inputs) and backward(cotangent, **inputs)"

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Asked:
    """What is asked of the code, beside the code itself.

    wrt         only the gradients by these inputs; of functions that have none of them, nothing
    like        the layer of ours whose forward pass the code should agree with
    name        what to call it
    rtol, atol  what is allowed; None for what the differences can resolve
    time_limit  in seconds, for each function; 0 for none
    """

    seed: int = 0
    wrt: tuple[str, ...] = ()
    name: str = ""
    like: str = ""
    rtol: float | None = None
    atol: float | None = None
    time_limit: float = 0.0
    full: bool = False

    @property
    def tolerance(self) -> Tolerance | None:
        if self.rtol is None and self.atol is None:
            return None
        return Tolerance(self.rtol or 0.0, self.atol or 0.0)

    def options(self) -> list[str]:
        """What of it a command line has to repeat; the seed is added by the report."""
        words = [f"--wrt {','.join(self.wrt)}"] if self.wrt else []
        words += [f"--as {self.like}"] if self.like else []
        words += [f"--rtol {self.rtol:g}"] if self.rtol is not None else []
        words += [f"--atol {self.atol:g}"] if self.atol is not None else []
        return words + ["--full"] * self.full


def check_targets(
    words: Iterable[str], shapes: Shapes, asked: Asked
) -> tuple[tuple[Checked, ...], dict[str, str]]:
    """What words of a command line name, and what of it cannot be checked. Running a file is meant.

    Returns what was found, and name -> reason of what was recognised but left out.
    """
    _validate_seed(asked.seed)
    with limited(asked.time_limit, "loading and trying the code"), seeded(asked.seed):
        surveys = [survey(word, shapes, asked.seed) for word in words]
    functions = [
        replace(
            function,
            notes=(*function.notes, *found.notes),
            again=" ".join([function.again, *_shape_words(function, shapes), *asked.options()]),
        )
        for found in surveys
        for function in found.functions
    ]
    known = dict.fromkeys(name for function in functions for name in function.inputs)
    for name in shapes:
        if name not in known:
            raise UsageError(f"--shape {name}: no such input; there are {', '.join(known)}")
    left_out = {name: reason for found in surveys for name, reason in found.left_out.items()}
    return _checked(functions, asked), left_out


def check_object(
    thing: Any,
    backward: Any,
    inputs: Mapping[str, Any] | None,
    shapes: Shapes,
    asked: Asked,
) -> tuple[Checked, ...]:
    """Two functions, or a single object in one of the usual conventions."""
    _validate_seed(asked.seed)
    if inputs is not None and not isinstance(inputs, Mapping):
        raise UsageError(
            "inputs should be a dictionary of arrays by argument name, such as {'x': x, 'w': w}"
        )
    if backward is not None and not callable(backward):
        raise UsageError(
            f"the second argument should be the backward pass, and is of type "
            f"{type(backward).__name__}; write check(forward, backward, inputs), "
            f"or check(layer, inputs=...)"
        )
    if backward is not None and inputs:
        function = pair(thing, backward, inputs, asked.name)
        function = replace(function, convention=PAIR, place=place_of(backward))
    else:
        given = {key: _as_array(value) for key, value in (inputs or {}).items()}
        code = thing if backward is None else (thing, backward)
        with limited(asked.time_limit, "trying the code"), seeded(asked.seed):
            function = adapt(code, asked.name, given, shapes=shapes, seed=asked.seed)
    return _checked([function], asked)


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """The generators that people's code draws weights and masks from, the same in every run."""
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    np.random.seed(seed % 2**32)  # noqa: NPY002
    random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)


def _validate_seed(seed: int) -> None:
    if seed < 0:
        raise UsageError(f"--seed {seed}: a seed is 0 or greater")


def _shape_words(function: Function, shapes: Shapes) -> list[str]:
    mine = {name: shape for name, shape in shapes.items() if name in function.inputs}
    return [f"--shape {name}={_sizes(shape)}" for name, shape in mine.items()]


def _sizes(shape: tuple[int, ...]) -> str:
    kind = getattr(shape, "kind", "")
    return ",".join(map(str, shape)) + (f":{kind}" if kind else "")


def _as_array(value: Any) -> Any:
    """Lists of numbers are arrays; other values are passed on as they are."""
    return np.asarray(value) if isinstance(value, list) else value


def _checked(functions: list[Function], asked: Asked) -> tuple[Checked, ...]:
    if asked.like and len(functions) > 1:
        names = ", ".join(function.name for function in functions)
        raise UsageError(f"--as {asked.like} is for one function, and there are {names}: name one")
    known = dict.fromkeys(name for f in functions for name in f.differentiable)
    for name in asked.wrt:
        if name not in known:
            raise UsageError(f"--wrt {name}: no such input; there are {', '.join(known)}")
    chosen = [f for f in functions if not asked.wrt or {*asked.wrt} & {*f.differentiable}]
    return tuple(_check_one(_near(function), asked) for function in chosen)


def _near(function: Function) -> Function:
    """The same function, its place as seen from the working folder."""
    place = function.place
    return replace(function, place=Place(shown(place.file), place.line)) if place else function


def _check_one(function: Function, asked: Asked) -> Checked:
    """The check of a function; code that does not come back, or exits, is a finding as well."""
    limit, started = asked.time_limit, time.monotonic()
    try:
        with limited(PATIENCE * limit), seeded(asked.seed):
            checked = check_function(
                function,
                seed=asked.seed,
                wrt=asked.wrt,
                tolerance=asked.tolerance,
                full=asked.full,
                time_limit=limit or None,
            )
            return _compared(checked, asked.like) if asked.like else checked
    except UsageError:
        if not limit or time.monotonic() - started < PATIENCE * limit:
            raise
        message = f"not decided within {limit:g} s; give more time, or smaller arrays"
        finding = Finding("", Outcome.INCONCLUSIVE, "", message)
    except SystemExit:
        finding = Finding("", Outcome.DISAGREES, "raises", "the code calls sys.exit()")
    return Checked(function, (finding,), Price(seconds=time.monotonic() - started), asked.seed)


def _compared(checked: Checked, like: str) -> Checked:
    """With the forward pass compared too, unless it raised."""
    from gradcheck.checks.reference import compare_forward  # needs SymPy, for the layer's shapes

    if any(finding.code == "raises" for finding in checked.findings):
        return checked
    findings, notes = compare_forward(checked.function, like)
    return replace(checked, findings=(*checked.findings, *findings), notes=(*checked.notes, *notes))
