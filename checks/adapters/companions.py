"""Functions that belong together by their names: `affine_forward` and `affine_backward`."""

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from gradcheck.checks.adapters import names
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.layers import UsageError

# What the word for one pass becomes in the name of the other; the longest words first.
WORDS = (
    ("feedforward", ("backprop", "backpropagation", "feedbackward")),
    ("feed_forward", ("back_prop", "backprop", "back_propagation")),
    ("forward", ("backward", "back", "backprop", "bprop", "grad", "vjp")),
    ("fprop", ("bprop",)),
    ("fwd", ("bwd",)),
)
# What is put to the name of a forward pass that does not say that it is one.
BACKWARD = ("backward", "bwd", "back", "bprop", "backprop", "vjp", "pullback", "grad", "gradient")

# Begin with d and are no gradients.
NO_GRADIENTS = {
    "data",
    "dim",
    "dims",
    "dimension",
    "decay",
    "depth",
    "dtype",
    "dilation",
    "d",
    "df",
}
GRADIENT_OF = re.compile(r"(d|dL_?d|d_|grad_|g_|delta_?)[A-Za-z_]\w*|\w+_(grad|bar)")


@dataclass(frozen=True)
class Pair:
    """A forward and a backward pass found together."""

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]


def find(request: Request) -> Pair | None:
    """The pair that the object is, or is one half of."""
    thing = request.thing
    if isinstance(thing, tuple | list):
        if len(thing) != 2 or not all(map(callable, thing)):
            return None
        return Pair(request.name or _name(thing[0]), thing[0], thing[1])
    if inspect.isclass(thing) or inspect.ismodule(thing):
        return _in_namespace(thing, request.name)
    if inspect.isfunction(thing) or inspect.ismethod(thing):
        return _by_name(thing, request)
    return None


def is_cotangent(name: str) -> bool:
    """Whether an argument of this name is usually the gradient that comes in."""
    if names.plain(name) in names.COTANGENT - {"d", "data"}:
        return True
    return name.lower() not in NO_GRADIENTS and bool(GRADIENT_OF.fullmatch(name))


def owner(function: Any, request: Request) -> Any:
    """The class or module that a function is written in; a method's `self` is an instance."""
    scope: Any = request.module
    parts = str(getattr(function, "__qualname__", "")).split(".")[:-1]
    for part in parts:
        scope = getattr(scope, part, None)
    return scope


def bound(function: Callable[..., Any], scope: Any) -> Callable[..., Any]:
    """A function of a class as it is called: on an instance if it takes `self`."""
    if not inspect.isclass(scope) or not takes_self(function):
        return function
    try:
        instance = scope()
    except TypeError as error:
        raise UsageError(
            f"{scope.__name__}.{_name(function)} needs an instance, and {scope.__name__}() raised "
            f"TypeError: {error}; write an instance at module level and name its method"
        ) from None
    method: Callable[..., Any] = getattr(instance, _name(function))
    return method


def takes_self(function: Any) -> bool:
    """Whether the first argument is `self`."""
    if inspect.ismethod(function):
        return False
    return next(iter(inspect.signature(function).parameters), "") == "self"


def candidates(name: str) -> Iterable[str]:
    """What the backward pass of a forward pass may be called."""
    for word, others in WORDS:
        for written in (word, word.capitalize(), word.upper()):
            if written in name:
                for other in others:
                    yield name.replace(
                        written, other.capitalize() if written[0].isupper() else other
                    )
                return
    capital = name[:1].upper() + name[1:]
    for word in BACKWARD:
        yield from (f"{name}_{word}", f"{word}_{name}", f"{name}{word.capitalize()}")
        yield from (f"{word}{capital}", f"d{name}", f"d_{name}")


def forward_of(name: str, there: Iterable[str]) -> str:
    """The forward pass that belongs to a name, which may be that of the forward pass itself."""
    return next((other for other in there if other != name and name in candidates(other)), name)


def _by_name(function: Callable[..., Any], request: Request) -> Pair | None:
    name = _name(function)
    scope = getattr(function, "__self__", None) or owner(function, request)
    if scope is None:
        return None
    there = [each for each in dir(scope) if callable(getattr(scope, each, None))]
    for other in candidates(name):
        if other in there and other != name:
            return _pair(scope, name, other)
    other = forward_of(name, there)
    return _pair(scope, other, name) if other != name else None


def _pair(scope: Any, forward: str, backward: str) -> Pair | None:
    pair = Pair(_stem(forward), *(bound(getattr(scope, n), scope) for n in (forward, backward)))
    says_so = any(word in forward.lower() for word, _ in WORDS)
    looks = _looks_backward(pair.backward) or _takes_one_more(pair)
    if not says_so and not looks and not _of_several(pair):
        return None  # a plain derivative
    return pair


def _takes_one_more(pair: Pair) -> bool:
    """Whether backward takes what forward does, and something before it: whatever it is called."""
    forward, backward = ([*inspect.signature(f).parameters] for f in (pair.forward, pair.backward))
    return len(forward) > 0 and backward[1:] == forward


def _in_namespace(scope: Any, name: str) -> Pair | None:
    """The pair `forward`, `backward` of a module, or of a class that only holds functions."""
    forward = names.first(names.FORWARD[:-2], dir(scope))
    backward = names.first(names.BACKWARD, dir(scope))
    if forward is None or backward is None:
        return None
    pair = Pair(name, getattr(scope, forward), getattr(scope, backward))
    both = (pair.forward, pair.backward)
    if not all(inspect.isfunction(each) or inspect.ismethod(each) for each in both):
        return None
    heads = [next(iter(inspect.signature(each).parameters), "") for each in both]
    return None if {"self", "ctx"} & {*heads} else pair


def _looks_backward(function: Callable[..., Any]) -> bool:
    parameters = inspect.signature(function).parameters
    return len(parameters) > 1 and any(is_cotangent(name) for name in parameters)


def _of_several(pair: Pair) -> bool:
    """Whether backward is given what forward is given, and that is more than a loss usually is."""
    given = [list(inspect.signature(each).parameters) for each in (pair.forward, pair.backward)]
    return given[0] == given[1] and len(given[0]) > 2


def _stem(name: str) -> str:
    """`affine` of `affine_forward`."""
    for word, _ in WORDS:
        if re.search(word, name, re.IGNORECASE):
            stem = re.sub(rf"_?{word}_?", "_", name, flags=re.IGNORECASE).strip("_")
            return stem or name
    return name


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))
