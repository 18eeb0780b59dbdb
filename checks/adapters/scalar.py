"""Element-wise functions beside their derivative: `sigmoid` and `sigmoid_prime`.

Two functions; one function with a flag, `sigmoid(x, deriv=True)`; or a class, `fn` and `grad`.
The derivative may be written for the input or, as `s * (1 - s)` is, for the output: both readings
are compared with a difference quotient, and the report says which one was taken.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.checks.adapters import inputs, names
from gradcheck.checks.adapters.draw import draw
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.adapters.scalar_find import Scalar, find
from gradcheck.checks.adapters.source import place_of, returned_names
from gradcheck.checks.gradient.function import Array, Function
from gradcheck.checks.layers import UsageError

OUTPUTS = {"a", "s", "y", "out", "output", "outputs", "activated", "activation", "fx", "sx", "yhat"}

POINTS = 6  # of a function of one number; of both signs
STEP = 1e-6  # of the quick look, which only tells two readings apart
NEAR = 1e-4  # far above the error of that look, far below the distance of two readings


@dataclass
class ScalarSession:
    """Multiplies the derivative with the cotangent, which is all that a backward pass does here."""

    scalar: Scalar
    argument: str
    of_output: bool
    inputs: dict[str, Any]
    point: Any = None
    output: Any = None
    rest: dict[str, Any] | None = None

    def forward(self, inputs: dict[str, Array]) -> Any:
        values = {**self.inputs, **inputs}
        self.point = values.pop(self.argument)
        self.rest = values
        self.output = self.scalar.function(self.point, **values)
        return self.output

    def backward(self, cotangent: Any) -> Any:
        at = self.output if self.of_output else self.point
        derivative = np.asarray(self.scalar.derivative(at, **_known(self.scalar, self.rest or {})))
        return {self.argument: _applied(cotangent, derivative, np.shape(self.point))}


def adapt(request: Request) -> Function | None:
    """The function and its derivative, if the object is one of the two or holds them."""
    scalar = find(request)
    if scalar is None:
        return None
    arguments = _arguments(scalar.function)
    if not arguments or not _arguments(scalar.derivative):
        return None
    given = {*request.inputs, *request.shapes, *request.keywords}
    order = [arguments[0], *(n for n in arguments[1:] if n in given or _is_needed(scalar, n))]
    values, notes = _values(scalar, order, request)
    point = np.asarray(values.pop(arguments[0]), float)
    if point.shape == () and arguments[0] not in given:
        # code for one number, such as `x if x > 0 else 0`, is checked at several
        scalar = scalar.entry_by_entry()
        point = draw((POINTS,), request.rng)
        notes = ("called with one number at a time",)
    with inputs.quietly():
        shape = np.shape(scalar.function(point, **values))
    if shape not in (point.shape, ()):
        return None  # neither element-wise nor a single number
    of_output = _reading(scalar, arguments[0], point, values)
    if of_output:
        notes = (*notes, "the derivative is written for the output of the function, and given that")
    return Function(
        scalar.name,
        lambda: ScalarSession(scalar, arguments[0], of_output, values),
        {arguments[0]: point},
        (arguments[0],),
        convention="function and derivative",
        place=place_of(_unwrapped(scalar.derivative)),
        notes=notes,
    )


def _values(
    scalar: Scalar, order: list[str], request: Request
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Values that both can be called with; if there are none, that the function can."""

    def function_works(values: dict[str, Any]) -> bool:
        first, *rest = values.values()
        return inputs.usable(scalar.function(first, **dict(zip(order[1:], rest, strict=True))))

    def both_work(values: dict[str, Any]) -> bool:
        session = ScalarSession(scalar, order[0], False, values)
        output = session.forward({})
        gradient = session.backward(np.ones(np.shape(output)))[order[0]]
        shape = np.shape(values[order[0]])
        fits = np.shape(gradient) == shape and np.shape(output) in (shape, ())
        return fits and inputs.usable(output)

    try:
        return inputs.complete(request, order, both_work)
    except UsageError:
        return inputs.complete(request, order, function_works)


def _arguments(function: Callable[..., Any]) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _is_needed(scalar: Scalar, name: str) -> bool:
    parameter = inspect.signature(scalar.function).parameters[name]
    return parameter.default is parameter.empty


def _known(scalar: Scalar, values: dict[str, Any]) -> dict[str, Any]:
    there = _arguments(scalar.derivative)
    return {name: value for name, value in values.items() if name in there}


def _applied(cotangent: Any, derivative: Array, shape: tuple[int, ...]) -> Any:
    """The cotangent times the derivative; a Jacobian of each vector is contracted with it."""
    if derivative.ndim == len(shape) + 1 and derivative.shape[-1] == (shape or (0,))[-1]:
        return np.einsum("...i,...ij->...j", cotangent, derivative)
    size = int(np.prod(shape))
    if (
        derivative.shape == (size, size)
        and np.shape(cotangent) == shape
        and derivative.ndim > len([n for n in shape if n > 1])
    ):
        return (np.reshape(cotangent, -1) @ derivative).reshape(shape)
    return cotangent * derivative


def _reading(scalar: Scalar, argument: str, point: Array, values: dict[str, Any]) -> bool:
    """Whether the derivative is one of the output: the input is tried first."""
    gradients = []
    with inputs.quietly():
        try:
            # a cotangent of ones would not see a derivative of softmax at all
            cotangent = draw(np.shape(scalar.function(point, **values)), np.random.default_rng(0))
            slope = _difference(scalar, point, values, cotangent)
            for of_output in (False, True):
                session = ScalarSession(scalar, argument, of_output, values)
                session.forward({argument: point})
                gradients.append(session.backward(cotangent)[argument])
        except Exception:
            return False
    near = [
        np.shape(gradient) == slope.shape and np.allclose(gradient, slope, NEAR, NEAR)
        for gradient in gradients
    ]
    if any(near):
        return not near[0]
    return _says_output(scalar)


def _difference(scalar: Scalar, point: Array, values: dict[str, Any], cotangent: Array) -> Array:
    """The output times the cotangent, differentiated by each entry of the point."""
    slope = np.zeros(point.shape)
    for index in np.ndindex(point.shape):
        ends = [point.copy(), point.copy()]
        ends[0][index] -= STEP
        ends[1][index] += STEP
        low, high = (np.sum(cotangent * scalar.function(end, **values)) for end in ends)
        slope[index] = (high - low) / (2 * STEP)
    return slope


def _says_output(scalar: Scalar) -> bool:
    """Whether the derivative calls its argument by what the function calls its result."""
    first = _arguments(scalar.derivative)[0]
    own = _arguments(scalar.function)[0]
    return first != own and (
        first in returned_names(scalar.function) or names.plain(first) in OUTPUTS
    )


def _unwrapped(function: Any) -> Any:
    if isinstance(function, np.vectorize):
        return _unwrapped(function.pyfunc)
    return function.func if isinstance(function, functools.partial) else function
