"""A pair of functions being called: what the latest forward was given and returned is kept."""

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradcheck.checks.adapters.gradients import named
from gradcheck.checks.adapters.wiring import Source, Wiring
from gradcheck.checks.gradient.function import Array

Values = dict[str, Any]


@dataclass(frozen=True)
class Passes:
    """Two functions and how they are called.

    order       the arguments of forward that are given, in order
    constants   those that are no inputs: hyperparameters
    inside      input -> the dictionary among the constants that it lies in
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    order: tuple[str, ...]
    constants: Mapping[str, Any]
    inside: Mapping[str, str]
    positional: bool = False

    def call(self, arrays: Mapping[str, Any]) -> tuple[Values, Any]:
        """The arguments of forward, by name, and its result."""
        values: Values = copy.deepcopy(dict(self.constants))  # forward may write into them
        for name, array in arrays.items():
            if name in self.inside:
                values[self.inside[name]][name] = array
            else:
                values[name] = array
        ordered = {name: values[name] for name in self.order}
        return ordered, self.forward(*ordered.values()) if self.positional else self.forward(
            **ordered
        )


@dataclass
class PairSession:
    """Remembers what the latest forward was given and returned."""

    passes: Passes
    wiring: Wiring
    labels: tuple[str, ...]
    inputs: Mapping[str, Array]
    wanted: tuple[str, ...]
    values: Values = field(default_factory=dict)
    result: Any = None

    def forward(self, inputs: dict[str, Array]) -> Any:
        self.values, self.result = self.passes.call(inputs)
        return output_of(self.result, self.wiring)

    def backward(self, cotangent: Any) -> Any:
        given = {
            name: self._value(source, cotangent) for name, source in self.wiring.arguments.items()
        }
        more = {name: value for name, value in self.values.items() if name not in given}
        if self.wiring.star:  # backward(dout, *inputs)
            returned = self.passes.backward(*given.values(), *more.values())
        else:  # backward(dout, **inputs) or with names
            returned = _call(self.passes.backward, given, more if self.wiring.keyword else {})
        return named(returned, self.labels, self.inputs, self.wanted)

    def _value(self, source: Source, cotangent: Any) -> Any:
        if source.what == "cotangent":
            several = self.wiring.outputs is not None and len(self.wiring.outputs) > 1
            return cotangent[source.key] if several else cotangent
        if source.what == "input":
            return self.values[source.key]
        if source.what == "inputs":
            return tuple(self.values.values())
        if source.what == "rest":
            return tuple(self.result[place] for place in source.key)
        return self.result if source.key is None else self.result[source.key]


def output_of(result: Any, wiring: Wiring) -> Any:
    """The part of what forward returned that a cotangent belongs to."""
    if wiring.outputs is None:
        return result
    parts = tuple(result[place] for place in wiring.outputs)
    return parts[0] if len(parts) == 1 else parts


def _call(function: Callable[..., Any], given: Values, more: Values) -> Any:
    only = [p.name for p in inspect.signature(function).parameters.values()
            if p.kind is p.POSITIONAL_ONLY]  # fmt: skip
    first = [given.pop(name) for name in only if name in given]
    return function(*first, **given, **more)
