"""Calling someone's code: counted, on arrays of our own, with its results made comparable.

Several outputs (a tuple or a dict of arrays) are joined to one long vector and cotangents are cut
up again, so that everything beyond this file sees one output.
"""

import math
import re
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck.checks.gradient.function import Array, Arrays, Function, Place

WORKING = np.dtype(float), np.dtype(complex)  # what differences are computed in


class CodeError(Exception):
    """The code that is checked raised something, or returned what it should not.

    code  the kind of mistake
    """

    def __init__(self, message: str, code: str = "raises", place: Place | None = None) -> None:
        super().__init__(message)
        self.code, self.place = code, place


class Stopped(Exception):
    """A limit of time was reached."""


@dataclass
class Price:
    """What a check cost, and until when it may go on."""

    forwards: int = 0
    backwards: int = 0
    seconds: float = 0.0
    deadline: float = math.inf

    def stop_late(self) -> None:
        """Raise Stopped if the time is over."""
        if time.perf_counter() > self.deadline:
            raise Stopped


@dataclass
class Caller:
    """One session with a function, its calls counted.

    dtype    of the latest output, as the code returned it
    before   is called before every forward pass, e.g. to seed a global generator
    """

    function: Function
    price: Price = field(default_factory=Price)
    before: Callable[[], None] | None = None
    dtype: np.dtype[Any] = WORKING[0]

    def __post_init__(self) -> None:
        self._session = self.function.start()
        self._parts: list[tuple[Any, tuple[int, ...]]] | None = None

    def forward(self, inputs: dict[str, Array]) -> Array:
        """The output in double precision. The arrays are handed over and may be changed."""
        self.price.forwards += 1
        self.price.stop_late()
        if self.before is not None:
            self.before()
        try:
            output = self._session.forward(inputs)
        except Exception as error:
            raise _raised("forward", error) from error
        return self._joined(output)

    def forward_or_nan(self, inputs: dict[str, Array], like: Array) -> Array:
        """The output, or not a number if the code raises: it may refuse to be moved so far."""
        try:
            with np.errstate(all="ignore"):  # nobody has asked for this point
                return self.forward(inputs)
        except CodeError:
            return np.full(like.shape, np.nan)

    def backward(self, cotangent: Array) -> dict[str, Any]:
        """The gradients by input, as they were returned; those that are absent are left out.

        A cotangent is handed over in the dtype of the output, and may be changed.
        """
        self.price.backwards += 1
        self.price.stop_late()
        try:
            returned = self._session.backward(self._cut(cotangent))
        except Exception as error:
            raise _raised("backward", error) from error
        return named(returned, self.function)

    def _joined(self, output: Any) -> Array:
        if isinstance(output, Mapping):
            keys, parts = list(output), list(output.values())
        elif isinstance(output, tuple):
            keys, parts = [*range(len(output))], list(output)
        else:
            self._parts = None
            array = _numbers("the output", output)
            self.dtype = array.dtype
            return working(array).copy()  # the code may keep the array, and write into it again
        arrays = [_numbers(f"output {key}", part) for key, part in zip(keys, parts, strict=True)]
        self._parts = [(key, a.shape) for key, a in zip(keys, arrays, strict=True)]
        self.dtype = np.result_type(*arrays)
        return working(np.concatenate([a.ravel() for a in arrays]))

    def _cut(self, cotangent: Array) -> Any:
        if self.dtype.kind in "fc" and self.dtype != cotangent.dtype:
            cotangent = cotangent.astype(self.dtype)
        if self._parts is None:
            return cotangent[()] if cotangent.ndim == 0 else cotangent
        ends = np.cumsum([int(np.prod(shape)) for _, shape in self._parts])[:-1]
        cut = [
            piece.reshape(shape).copy()
            for piece, (_, shape) in zip(np.split(cotangent, ends), self._parts, strict=True)
        ]
        keys = [key for key, _ in self._parts]
        return tuple(cut) if keys == [*range(len(keys))] else dict(zip(keys, cut, strict=True))


def working(array: Array) -> Array:
    """In double precision, real or complex."""
    return array.astype(WORKING[array.dtype.kind == "c"], copy=False)


def precise(inputs: Arrays) -> dict[str, Array]:
    """A point in double precision; integers stay integers."""
    return {name: working(a) if a.dtype.kind in "fc" else a for name, a in inputs.items()}


def copies(arrays: Arrays) -> dict[str, Array]:
    """Arrays that may be given away; a read-only or overlapping one becomes an ordinary one."""
    return {name: array.copy() for name, array in arrays.items()}


def inner(a: Array, b: Array) -> float:
    """Re Σ conj(a) b: what a real number changes by, its gradient being a, along b."""
    return float(np.vdot(a, b).real)


def named(returned: Any, function: Function) -> dict[str, Any]:
    """Gradients by input: from a mapping, a sequence in the order of the inputs, or one array.

    A mapping may use the names of the inputs, or those with a d, d_, grad_ or g in front.
    Raises CodeError if it cannot be told which gradient is whose.
    """
    wanted = function.differentiable
    if isinstance(returned, Mapping):
        found = {}
        for key, value in returned.items():
            name = _input_meant(str(key), function)
            if name is None:
                raise CodeError(
                    f"backward returned a gradient named {key}, and there is no such input: "
                    f"name it after one of {', '.join(function.inputs)}",
                    "extra-gradient",
                )
            found[name] = value
        return {name: value for name, value in found.items() if value is not None}
    values = list(returned) if isinstance(returned, tuple | list) else [returned]
    for names in (wanted, tuple(function.inputs)):
        if len(values) == len(names):
            pairs = zip(names, values, strict=True)
            return {name: value for name, value in pairs if value is not None}
    if len(values) == 1:  # a lone gradient is the first one
        return {wanted[0]: values[0]} if values[0] is not None else {}
    raise CodeError(
        f"backward returned {len(values)} gradients for {len(wanted)} inputs "
        f"({', '.join(wanted)}): return one for each, in this order, or a dict by name",
        "extra-gradient" if len(values) > len(wanted) else "missing-gradient",
    )


def _input_meant(key: str, function: Function) -> str | None:
    for candidate in (key, *(re.sub(prefix, "", key) for prefix in ("^d_?", "^grad_?", "^g_?"))):
        if candidate in function.inputs:
            return candidate
    return None


def _numbers(what: str, value: Any) -> Array:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise CodeError(f"{what} is no array of numbers: {error}") from error
    if array.dtype.kind not in "biufc":
        kind = type(value).__name__ if array.dtype == object else f"of dtype {array.dtype}"
        raise CodeError(f"{what} is no array of numbers but {kind}")
    return array


def _raised(what: str, error: Exception) -> CodeError:
    """What the code raised, and where: the innermost frame outside installed packages."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "site-packages" not in f.filename and f.filename != __file__]
    where = own[-1] if own else frames[-1]
    message = f"{what} raised {type(error).__name__}: {error}"
    return CodeError(message, "raises", Place(where.filename, where.lineno or 0))
