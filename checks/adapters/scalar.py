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
from gradcheck.checks.adapters.companions import owner
from gradcheck.checks.adapters.draw import draw
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.adapters.source import place_of, returned_names
from gradcheck.checks.gradient.function import Array, Function
from gradcheck.checks.layers import UsageError

FLAGS = (
    "deriv", "derivative", "prime", "der", "derive", "derivate", "diff", "grad", "gradient",
    "is_derivative", "return_derivative", "d", "backward", "derv", "get_derivative",
)  # fmt: skip
WORDS = ("derivative", "prime", "deriv", "der", "grad", "gradient", "derivate", "diff", "d", "dx")
# Names of a function inside a class, and of the derivative beside it.
INSIDE = (
    "fn", "function", "func", "f", "activation", "activate", "__call__", "call", "forward",
    "apply", "evaluate", "compute", "value", "act", "output", "fun",
)  # fmt: skip
DERIVATIVES = (
    *WORDS, "df", "f_prime", "fprime", "d_fn", "dfn", "backward", "activation_derivative",
    "activation_prime", "calculate_gradient", "derivation", "dactivation", "jacobian",
)  # fmt: skip
OUTPUTS = {"a", "s", "y", "out", "output", "outputs", "activated", "activation", "fx", "sx", "yhat"}

POINTS = 6  # of a function of one number; of both signs
STEP = 1e-6  # of the quick look, which only tells two readings apart
NEAR = 1e-4  # far above the error of that look, far below the distance of two readings


@dataclass(frozen=True)
class Scalar:
    """A function and its derivative."""

    name: str
    function: Callable[..., Any]
    derivative: Callable[..., Any]

    def entry_by_entry(self) -> "Scalar":
        """The same for arrays, if it is written for single numbers."""
        function = np.vectorize(self.function, otypes=[float])
        return Scalar(self.name, function, np.vectorize(self.derivative, otypes=[float]))


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
    scalar = _find(request)
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
        return inputs.usable(output) and np.shape(gradient) == np.shape(values[order[0]])

    try:
        return inputs.complete(request, order, both_work)
    except UsageError:
        return inputs.complete(request, order, function_works)


def _find(request: Request) -> Scalar | None:
    thing = request.thing
    if inspect.isfunction(thing) or inspect.ismethod(thing):
        return _with_flag(thing, request) or _beside(thing, request)
    if isinstance(thing, tuple | list) or (inspect.ismodule(thing)):
        return None
    return _inside(thing, request)


def _with_flag(function: Callable[..., Any], request: Request) -> Scalar | None:
    """`sigmoid(x, deriv=False)`."""
    for name, parameter in inspect.signature(function).parameters.items():
        if names.plain(name) in map(names.plain, FLAGS) and parameter.default in (False, None, 0):
            return Scalar(request.name, function, functools.partial(function, **{name: True}))
    return None


def _beside(function: Callable[..., Any], request: Request) -> Scalar | None:
    """`sigmoid` and `sigmoid_prime`, whichever of the two was named."""
    scope = getattr(function, "__self__", None) or owner(function, request)
    name = function.__name__
    if scope is None:
        return None
    there = {n: getattr(scope, n) for n in dir(scope) if callable(getattr(scope, n, None))}
    for other in _derivatives_of(name):
        if other in there and other != name:
            return _both(scope, name, other)
    for other in there:
        if other != name and name in _derivatives_of(other):
            return _both(scope, other, name)
    return None


def _both(scope: Any, function: str, derivative: str) -> Scalar | None:
    both = [_usable_method(scope, each) for each in (function, derivative)]
    return None if None in both else Scalar(function, both[0], both[1])  # type: ignore[arg-type]


def _derivatives_of(name: str) -> list[str]:
    capital = name[:1].upper() + name[1:]
    found = []
    for word in WORDS:
        found += [f"{name}_{word}", f"{word}_{name}", f"{name}{word.capitalize()}"]
        found += [f"{word}{capital}", f"{word}_of_{name}", f"{word}{name}"]
    return [each for each in found if each != name]


def _inside(thing: Any, request: Request) -> Scalar | None:
    """A class or an instance with `fn` and `grad`."""
    methods = {n for n in dir(thing) if inspect.isroutine(getattr(thing, n, None))}
    if inspect.isclass(thing) and "__call__" not in vars(thing):
        methods -= {"__call__"}
    function, derivative = names.first(INSIDE, methods), names.first(DERIVATIVES, methods)
    if function is None or derivative is None:
        return None
    scope = thing
    if inspect.isclass(thing) and _takes_self(getattr(thing, function)):
        try:
            scope = thing(*request.arguments, **request.keywords)
        except TypeError:
            return None
    both = _both(scope, function, derivative)
    return both and Scalar(request.name, both.function, both.derivative)


def _usable_method(scope: Any, name: str) -> Callable[..., Any] | None:
    method: Callable[..., Any] = getattr(scope, name)
    if inspect.isclass(scope) and _takes_self(method):
        try:
            bound: Callable[..., Any] = getattr(scope(), name)
        except TypeError:
            return None
        return bound
    return method


def _takes_self(function: Any) -> bool:
    return inspect.isfunction(function) and "self" in inspect.signature(function).parameters


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
