"""A function and its derivative, found by their names."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.checks.adapters import names
from gradcheck.checks.adapters.companions import owner
from gradcheck.checks.adapters.request import Request

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


def find(request: Request) -> Scalar | None:
    """The two, if the object is one of them or holds both."""
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
