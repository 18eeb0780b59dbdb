"""A `jax.custom_vjp` function, its rule called directly; other functions through `jax.vjp`.

jax itself checks shapes and dtypes of a rule's results, but with an error instead of a diagnosis.
Everything runs with 64 bits, and the setting is put back after each call.

jax is used only if the user's code has imported it already.
"""

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import numpy as np

from gradcheck.checks.adapters.ctx import arguments, by_name, scalar_or_array
from gradcheck.checks.adapters.inputs import split, usable
from gradcheck.checks.adapters.operands import values_of
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.adapters.source import place_of
from gradcheck.checks.gradient.function import Array, Function, Session

BY_HAND = re.compile(r"backward|bwd|fwd|forward|grad|prime|deriv|vjp")
SAME = 1e-9  # relative: f and the forward of its rule compute the same up to rounding


def adapt(request: Request) -> Function | None:
    """The function of a jax function: with a rule of its own, jitted, or plain."""
    jax = sys.modules.get("jax")
    if jax is None or isinstance(request.thing, type) or not callable(request.thing):
        return None
    thing = _whole(request)
    rule = isinstance(thing, jax.custom_vjp)
    if not (rule or _is_jax(request)):
        return None
    names, defaults = arguments(inspect.unwrap(thing), 0)
    make: Callable[..., Session] = RuleSession if rule else EngineSession

    def works(values: dict[str, Any]) -> bool:
        arrays, rest = split(values)
        return usable(make(thing, tuple(values), rest).forward(arrays))

    values, notes = values_of(request, names, works, defaults)
    inputs, constants = split(array(values))
    return Function(
        request.name if thing is request.thing else str(thing.__name__),
        lambda: make(thing, tuple(values), constants),
        inputs,
        convention="jax.custom_vjp, its rule called directly" if rule else "jax function, jax.vjp",
        place=place_of(thing.bwd if rule and thing.bwd else inspect.unwrap(thing)),
        notes=notes,
    )


@dataclass
class RuleSession:
    """A function with a rule: the function itself forward, both halves of the rule backward."""

    function: Any
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    values: tuple[Any, ...] = ()
    output: Any = None

    def forward(self, inputs: Mapping[str, Array]) -> Any:
        with x64():
            self.values = _values(self.names, self.constants, inputs)
            self.output = self.function.fun(*self.values)
            return array(self.output)

    def backward(self, cotangent: Any) -> Any:
        if self.function.fwd is None:
            raise TypeError("it has no rule yet: call its defvjp(fwd, bwd) before it is checked")
        fixed = {_position(i, len(self.values)) for i in self.function.nondiff_argnums}
        first = [value for i, value in enumerate(self.values) if i in fixed]
        with x64():
            output, residuals = self.function.fwd(*self.values)
            _compare(array(output), array(self.output))
            returned = self.function.bwd(*first, residuals, _like(cotangent, self.output))
        names = [name for i, name in enumerate(self.names) if i not in fixed]
        gradients = array(returned if isinstance(returned, tuple | list) else (returned,))
        whole = tuple(None if _is_integer_tangent(g) else g for g in gradients)
        return by_name(whole, names, self.constants)


@dataclass
class EngineSession:
    """Any other function: what jax makes of it."""

    function: Any
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    wanted: tuple[str, ...] = ()
    output: Any = None
    pull: Callable[..., Any] = field(default=tuple)

    def forward(self, inputs: Mapping[str, Array]) -> Any:
        jax: Any = sys.modules["jax"]
        self.wanted = tuple(k for k in self.names if k in inputs and inputs[k].dtype.kind in "fc")
        with x64():
            fixed = dict(zip(self.names, _values(self.names, self.constants, inputs), strict=True))

            def of_wanted(*wanted: Any) -> Any:
                values = {**fixed, **dict(zip(self.wanted, wanted, strict=True))}
                return self.function(*(values[name] for name in self.names))

            self.output, self.pull = jax.vjp(of_wanted, *(fixed[name] for name in self.wanted))
            return array(self.output)

    def backward(self, cotangent: Any) -> Any:
        with x64():
            gradients = self.pull(_like(cotangent, self.output))
        return dict(zip(self.wanted, map(array, gradients), strict=True))


@contextmanager
def x64() -> Iterator[None]:
    """64 bits in jax, as long as it lasts."""
    jax: Any = sys.modules["jax"]
    switch = getattr(jax, "enable_x64", None)
    if not callable(switch):  # older than 0.8
        switch = importlib.import_module("jax.experimental").enable_x64
    with switch(True):
        yield


def array(value: Any) -> Any:
    """jax's arrays as NumPy's, in tuples, lists and dictionaries too.

    Copies: one array for two gradients is harmless where no array can be changed.
    """
    if isinstance(value, tuple | list):
        return tuple(array(item) for item in value)
    if isinstance(value, Mapping):
        return {key: array(item) for key, item in value.items()}
    return np.array(value) if _is_jax_array(value) else value


def _values(
    names: Sequence[str], constants: Mapping[str, Any], inputs: Mapping[str, Array]
) -> tuple[Any, ...]:
    jnp = sys.modules["jax"].numpy
    values = {**constants, **{k: scalar_or_array(v) for k, v in inputs.items()}}
    return tuple(
        jnp.array(values[name]) if isinstance(values[name], np.ndarray) else values[name]
        for name in names
    )


def _like(cotangent: Any, output: Any) -> Any:
    """A cotangent in the structure and the dtypes of the output."""
    jax: Any = sys.modules["jax"]
    leaves = cotangent if isinstance(cotangent, tuple) else (cotangent,)
    if isinstance(cotangent, Mapping):
        leaves = tuple(cotangent[key] for key in sorted(cotangent))  # as jax orders them
    parts, structure = jax.tree_util.tree_flatten(output)
    made = [jax.numpy.array(leaf, part.dtype) for leaf, part in zip(leaves, parts, strict=True)]
    return jax.tree_util.tree_unflatten(structure, made)


def _compare(rule: Any, function: Any) -> None:
    """A rule whose forward pass returns something else than the function is wrong as it stands."""
    for one, other in zip(_flat(rule), _flat(function), strict=True):
        scale = np.abs(other).max(initial=0.0)
        if one.shape != other.shape or np.abs(one - other).max(initial=0.0) > SAME * scale:
            raise ValueError(
                "the forward pass of the rule (the first argument of defvjp) returns another "
                "output than the function itself"
            )


def _flat(value: Any) -> list[Array]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    return [np.asarray(part) for part in (value if isinstance(value, tuple) else (value,))]


def _position(index: int, count: int) -> int:
    return index + count if index < 0 else index


def _is_integer_tangent(value: Any) -> bool:
    """Whether this is float0, jax's gradient of a whole number."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "V"


def _is_jax_array(value: Any) -> bool:
    jax = sys.modules["jax"]
    return isinstance(value, jax.Array)


def _whole(request: Request) -> Any:
    """The function with a rule that this is one half of, or else the thing itself."""
    custom = sys.modules["jax"].custom_vjp
    for value in getattr(request.thing, "__globals__", {}).values():
        if isinstance(value, custom) and request.thing in (value.fwd, value.bwd):
            return value
    return request.thing


def _is_jax(request: Request) -> bool:
    """Whether this is a jitted function, or a plain one that speaks of jax by name.

    A plain one is jax's to differentiate, so only where nothing else in the module is written by
    hand: no rule, and no other function that is called after this one.
    """
    jax, thing = sys.modules["jax"], request.thing
    if isinstance(thing, jax.custom_jvp) or hasattr(thing, "lower"):
        return True
    if not isinstance(thing, FunctionType):
        return False
    scope = thing.__globals__
    if any(isinstance(value, jax.custom_vjp) for value in scope.values()):
        return False
    name = thing.__name__
    if any(name in other and name != other for other in scope) or BY_HAND.search(name):
        return False
    spoken = (scope.get(name) for name in thing.__code__.co_names)
    return any(getattr(value, "__name__", "").split(".")[0] == "jax" for value in spoken)
