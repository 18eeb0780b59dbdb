"""A home-made `Function`: `forward(ctx, a, b)` and `backward(ctx, grad_output)`.

The context is the module's own class if it has one, otherwise ours. Some write `self` where others
write `ctx`: an instance that can `save_for_backward` is its own context. Arrays go in as arrays,
or inside a small Tensor class of the module if forward works with nothing else.
"""

import contextlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck.checks.adapters.inputs import quietly, split, usable
from gradcheck.checks.adapters.names import FORWARD, first
from gradcheck.checks.adapters.operands import values_of
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.adapters.source import place_of
from gradcheck.checks.gradient.function import Array, Function

CONTEXTS = ("ctx", "context", "cx", "_ctx")
SAVED = ("saved_tensors", "saved_values", "saved_arrays", "saved_variables", "saved")
TENSORS = ("Tensor", "Variable", "Value", "Node", "Array")

Wrap = Callable[[Array], Any]


def adapt(request: Request) -> Function | None:
    """The function of a class whose passes are given a context."""
    cls = request.thing
    if not isinstance(cls, type) or _is_foreign(cls):
        return None
    style = style_of(cls)
    if style is None:
        return None
    names, defaults = arguments(style.forward, style.skipped)
    wrap, values, notes = _fed(request, style, names, defaults)
    inputs, constants = split(values)
    return Function(
        request.name or cls.__name__,
        lambda: ContextSession(style, tuple(values), constants, wrap),
        inputs,
        convention="Function with forward(ctx, ...) and backward(ctx, grad_output)"
        + (f" on {wrap.__name__} objects" if isinstance(wrap, type) else ""),
        place=place_of(style.backward),
        notes=notes,
    )


class Context:
    """What forward keeps for backward: any attributes, and what torch's context can do."""

    def __init__(self) -> None:
        self.needs_input_grad: tuple[bool, ...] = ()
        self.save_for_backward()

    def save_for_backward(self, *tensors: Any) -> None:
        for name in SAVED:
            setattr(self, name, tensors)

    def mark_dirty(self, *tensors: Any) -> None:
        """Nothing here depends on it."""

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Nothing here depends on it."""

    def set_materialize_grads(self, value: bool) -> None:
        """Cotangents are never absent here."""


@dataclass(frozen=True)
class Style:
    """How the passes of a class are called: `forward(*leading(), a, b)`.

    begin     makes what stands before the inputs; the last of it is the context
    skipped   how many parameters of `forward` these are
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    begin: Callable[[], tuple[Any, ...]]
    skipped: int


def style_of(cls: type) -> Style | None:
    """How the passes of a class are given their context; None if they are given none."""
    there = first(FORWARD, dir(cls))
    if there is None or not hasattr(cls, "backward"):
        return None
    forward, backward = getattr(cls, there), cls.backward
    parameters = _parameters(forward)
    make = _maker(forward)
    if parameters[:1] and (parameters[0] in CONTEXTS or _is_static_function(cls, there)):
        return Style(forward, backward, lambda: (make(),), 1)
    if parameters[1:2] and parameters[1] in CONTEXTS:
        return Style(forward, backward, lambda: (_blank(cls), make()), 2)
    if parameters[:1] == ("self",) and hasattr(cls, "save_for_backward"):
        return Style(forward, backward, lambda: (_own_context(cls),), 1)
    return None


@dataclass
class ContextSession:
    """A new context for every forward pass; backward gets the latest one."""

    style: Style
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    wrap: Wrap | None
    leading: tuple[Any, ...] = ()
    several: bool = field(default=False)

    def forward(self, inputs: Mapping[str, Any]) -> Any:
        wrap = self.wrap or _as_it_is
        values = [
            wrap(inputs[name]) if name in inputs else self.constants[name] for name in self.names
        ]
        self.leading = self.style.begin()
        wanted = tuple(name in inputs and inputs[name].dtype.kind in "fc" for name in self.names)
        set_default(self.leading[-1], "needs_input_grad", wanted)
        output = self.style.forward(*self.leading, *map(scalar_or_array, values))
        self.several = isinstance(output, tuple)
        return unwrapped(output)

    def backward(self, cotangent: Any) -> Any:
        wrap = self.wrap or _as_it_is
        cotangents = cotangent if self.several else (cotangent,)
        returned = self.style.backward(*self.leading, *(wrap(np.asarray(c)) for c in cotangents))
        return by_name(unwrapped(returned), self.names, self.constants)


def arguments(forward: Callable[..., Any], skipped: int) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The names of the inputs, and the defaults of those that have one."""
    parameters = list(inspect.signature(forward).parameters.values())[skipped:]
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    usual = [parameter for parameter in parameters if parameter.kind in kinds]
    defaults = {p.name: p.default for p in usual if p.default is not inspect.Parameter.empty}
    return tuple(parameter.name for parameter in usual), defaults


def by_name(returned: Any, names: Sequence[str], constants: Iterable[str]) -> Any:
    """Gradients in the order of all arguments, by name; anything else as it was returned.

    None for a constant is what is expected, and so is None beyond the last argument.
    """
    gradients = list(returned) if isinstance(returned, tuple | list) else [returned]
    while len(gradients) > len(names) and gradients[-1] is None:
        gradients.pop()
    if len(gradients) != len(names):
        return returned
    pairs = dict(zip(names, gradients, strict=True))
    return {k: v for k, v in pairs.items() if not (v is None and k in constants)}


def scalar_or_array(value: Any) -> Any:
    """A whole number of no axes is an axis, a stride or a count: as Python has it."""
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iub":
        return value.item()
    return value


def set_default(thing: Any, name: str, value: Any) -> None:
    """Give an object an attribute that it does not have, or that is empty, if it takes any."""
    if getattr(thing, name, None) in (None, ()):
        try:
            setattr(thing, name, value)
        except AttributeError:  # slots or a property: then the code does not read it either
            return


def unwrapped(value: Any) -> Any:
    """The arrays inside of Tensor objects. The `data` of an array is no array, but memory."""
    if isinstance(value, tuple | list):
        return tuple(unwrapped(item) for item in value)
    inner = None if isinstance(value, np.ndarray | np.generic) else getattr(value, "data", None)
    return value if inner is None else unwrapped(inner)


def _fed(
    request: Request, style: Style, names: tuple[str, ...], defaults: Mapping[str, Any]
) -> tuple[Wrap | None, dict[str, Any], tuple[str, ...]]:
    """Values for the arguments, as arrays if forward takes these, otherwise in Tensor objects."""
    wrappers: list[Wrap | None] = [None, *_tensor_classes(style.forward)]
    taken: list[Wrap | None] = []

    def works(values: dict[str, Any]) -> bool:
        arrays, rest = split(values)
        failure: Exception | None = None
        for wrap in wrappers:
            try:
                output = ContextSession(style, names, rest, wrap).forward(arrays)
            except Exception as error:  # the next one may fit
                failure = failure or error
                continue
            if usable(output):
                taken.append(wrap)
                return True
        if failure is not None:
            raise failure
        return False

    values, notes = values_of(request, names, works, defaults)
    if not taken:  # nothing was open, so nothing was tried; what goes wrong is for the check to say
        with contextlib.suppress(Exception), quietly():
            works(values)
    return (taken[-1] if taken else None), values, notes


def _tensor_classes(forward: Callable[..., Any]) -> list[Wrap]:
    """Classes of the module that hold an array in `data`."""
    scope = getattr(getattr(forward, "__func__", forward), "__globals__", {})
    found: list[Wrap] = []
    for cls in (scope.get(name) for name in TENSORS):
        if not isinstance(cls, type):
            continue
        with contextlib.suppress(Exception):  # a class of that name for something else
            if isinstance(cls(np.ones(2)).data, np.ndarray):
                found.append(cls)
    return found


def _maker(forward: Callable[..., Any]) -> Callable[[], Any]:
    """The module's own context class if it makes one without arguments, otherwise ours."""
    scope = getattr(getattr(forward, "__func__", forward), "__globals__", {})
    for name in ("Context", "Ctx", "FunctionCtx", "FunctionContext"):
        cls = scope.get(name)
        if isinstance(cls, type) and hasattr(cls, "save_for_backward"):
            try:
                cls()
            except TypeError:
                continue
            return cls
    return Context


def _own_context(cls: type) -> Any:
    instance = _blank(cls)
    for name in SAVED:
        set_default(instance, name, ())
    return instance


def _blank(cls: type) -> Any:
    """An instance; where the constructor wants the inputs, one that was never constructed."""
    try:
        return cls()
    except TypeError:
        return object.__new__(cls)


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()


def _is_static_function(cls: type, name: str) -> bool:
    """Whether forward is static in a subclass of a `Function`: what comes first is the context."""
    bases = {base.__name__ for base in cls.__mro__[1:]}
    return "Function" in bases and isinstance(inspect.getattr_static(cls, name), staticmethod)


def _is_foreign(cls: type) -> bool:
    """Whether the class belongs to a framework that has an adapter of its own."""
    return any(base.__module__.split(".")[0] in ("torch", "jax") for base in cls.__mro__)


def _as_it_is(value: Array) -> Any:
    return value
