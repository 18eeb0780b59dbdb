"""A running instance: parameters are set, the methods are called, gradients are collected."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck.checks.adapters.class_passes import Passes, Role
from gradcheck.checks.adapters.class_steps import PlainDescent
from gradcheck.checks.adapters.names import LABELS, OUTPUT, key, plain
from gradcheck.checks.adapters.parameters import (
    GENERATORS,
    Parameter,
    Path,
    clone,
    generators,
    get,
    leaves,
    put,
    set_parameter,
)
from gradcheck.checks.gradient.function import Array

REDUCE: Mapping[str, Callable[[Any], Any]] = {"sum": np.sum, "mean": np.mean}


@dataclass(frozen=True)
class Plan:
    """All that is known about calling a class.

    parameters       what is set before forward, and where its gradient is found afterwards
    entries          which gradient each value is that backward returns; None for none of them
    at               where the gradients of inputs are, if backward does not return them
    stepped          the parameters that backward changes itself, by a learning rate of 1
    output           the attribute that holds the output, if forward returns None
    cached           whether the last thing that forward returns is for backward
    reduce           how a loss of each sample is reduced, if its gradient belongs to that
    cotangent        the attribute that the cotangent is put in, if it is no argument
    zero             the method that sets gradients to zero, for classes that add to them
    cleared          lists that grow, put back before every forward pass
    emptied          gradients that add up, put back before every backward pass
    moves            whether backward is meant to change parameters
    """

    passes: Passes
    parameters: tuple[Parameter, ...] = ()
    entries: tuple[str | None, ...] = ()
    at: Mapping[str, Path] = field(default_factory=dict)
    stepped: tuple[str, ...] = ()
    output: str = ""
    cached: bool = False
    reduce: str = ""
    cotangent: str = ""
    zero: str = ""
    cleared: tuple[Path, ...] = ()
    emptied: tuple[Path, ...] = ()
    moves: bool = False
    rate: float = 1.0


class ClassSession:
    """An instance of someone's class, called as the plan says."""

    def __init__(self, plan: Plan, pristine: Any, module: Any = None) -> None:
        self.plan = plan
        self.instance = clone(pristine)
        self.result: Any = None
        self._pristine = pristine
        self._inputs: dict[str, Array] = {}
        self._output: Any = None
        self._cache: Any = None
        kept = [v for v in leaves(self.instance).values() if isinstance(v, PlainDescent)]
        self._descents = [PlainDescent(), *kept]
        self._generators = generators(self.instance, module)
        self._states = [_state(g) for g in self._generators]

    def forward(self, inputs: dict[str, Array]) -> Any:
        """Set the parameters, call forward, and find the output."""
        plan = self.plan
        self._inputs = inputs
        self._set_parameters()
        self._put_back(plan.cleared)
        for generator, state in zip(self._generators, self._states, strict=True):
            _restore(generator, state)
        output = call_forward(self.instance, plan.passes, inputs)
        if output is None and plan.output:
            output = getattr(self.instance, plan.output)
        if plan.cached:
            *parts, self._cache = output
            output = parts[0] if len(parts) == 1 else tuple(parts)
        self._output = output
        return REDUCE[plan.reduce](output) if plan.reduce else output

    def backward(self, cotangent: Any) -> dict[str, Any]:
        """Call backward, and collect the gradients from wherever it leaves them."""
        plan = self.plan
        if plan.zero:
            getattr(self.instance, plan.zero)()
        self._put_back(plan.emptied)
        if plan.cotangent:
            setattr(self.instance, plan.cotangent, cotangent)
        for descent in self._descents:
            descent.steps = []
            descent.parameters = [get(self.instance, p.paths[0]) for p in plan.parameters]
        positional, named = self._arguments(cotangent)
        if plan.passes.backward:
            method = getattr(self.instance, plan.passes.backward)
            self.result = method(*positional, **named)
        else:  # forward returned the gradients
            self.result = self._cache
        return self._gradients()

    def given(self, parameter: Any) -> Array | None:
        """The gradient that an optimizer was given for this array in the latest backward pass."""
        gradients = (descent.gradient(parameter) for descent in self._descents)
        return next((gradient for gradient in gradients if gradient is not None), None)

    def _put_back(self, paths: Iterable[Path]) -> None:
        for path in paths:
            put(self.instance, path, clone(get(self._pristine, path)))

    def _set_parameters(self) -> None:
        for parameter in self.plan.parameters:
            value = self._inputs[parameter.name]
            own = value.copy() if self.plan.moves else value
            set_parameter(self.instance, parameter, own)

    def _arguments(self, cotangent: Any) -> tuple[list[Any], dict[str, Any]]:
        plan = self.plan
        wanted = [name for name, role in plan.passes.roles if role is Role.COTANGENT]
        parts = iter(cotangent) if len(wanted) > 1 and isinstance(cotangent, tuple) else None
        several_inputs = iter(plan.passes.inputs)
        values: dict[str, Any] = {}
        starred: list[Any] = []
        for name, role in plan.passes.roles:
            if role is Role.COTANGENT:
                values[name] = cotangent if parts is None else next(parts)
            elif role is Role.INPUT:
                values[name] = self._inputs[_input_meant(name, plan.passes.inputs, several_inputs)]
            else:
                values[name] = {
                    Role.OUTPUT: self._output,
                    Role.CACHE: self._cache,
                    Role.RATE: plan.rate,
                    Role.ONCE: 1,
                    Role.OPTIMIZER: self._descents[0],
                }[role]
            if name.startswith("*"):
                value = values.pop(name)
                starred = list(value) if isinstance(value, tuple) else [value]
        return starred, values

    def _gradients(self) -> dict[str, Any]:
        plan = self.plan
        found: dict[str, Any] = {}
        for name, (_, value) in zip(plan.entries, flatten(self.result), strict=False):
            if name is not None:
                found[name] = value
        for name, path in plan.at.items():
            found[name] = get(self.instance, path)
        for parameter in plan.parameters:
            if parameter.name in plan.stepped:
                found[parameter.name] = self._step(parameter)
            elif parameter.gradient is not None:
                found[parameter.name] = get(self.instance, parameter.gradient)
        if plan.moves:  # another backward pass is to see the same parameters
            self._set_parameters()
        return {name: _plain(value) for name, value in found.items() if value is not None}

    def _step(self, parameter: Parameter) -> Any:
        now = get(self.instance, parameter.paths[0])
        given = self.given(now)
        step = self._inputs[parameter.name] - np.asarray(now)
        return given if given is not None and not step.any() else step / self.plan.rate


def call_forward(instance: Any, passes: Passes, inputs: Mapping[str, Any]) -> Any:
    """Call forward with those of the inputs that it takes."""
    method = getattr(instance, passes.forward)
    values = {name: inputs[name] for name in passes.inputs}
    if passes.by_name:
        return method(**values, **passes.constants)
    return method(*values.values(), **passes.constants)


def flatten(
    result: Any, names: Sequence[str | None] = (), label: str | None = None
) -> Iterator[tuple[str | None, Any]]:
    """What backward returned, one gradient at a time, each with its key or its name if known.

    `names` are those of the return statement.
    """
    if isinstance(result, Mapping):
        for key, value in result.items():
            yield from flatten(value, (), str(key))
    elif isinstance(result, tuple) or (isinstance(result, Sequence) and _of_arrays(result)):
        told = len(names) == len(result)
        for i, value in enumerate(result):
            place = f"{label}[{i}]" if label else None
            yield from flatten(value, (), names[i] if told else place)
    else:
        yield label or (names[0] if len(names) == 1 else None), result


def output_attribute(before: Mapping[Path, Any], after: Mapping[Path, Any]) -> str:
    """The attribute that forward left its output in."""
    new = [p[0].at for p, v in after.items() if len(p) == 1 and v is not before.get(p)]
    by_use = ("output", "outputs", "out", "y", "a", "z", *sorted(OUTPUT))
    return next((name for name in by_use if name in new), "")


def _input_meant(name: str, inputs: tuple[str, ...], others: Iterator[str]) -> str:
    labels = [i for i in inputs if plain(i) in LABELS | {"y"}]
    for matches in (
        [i for i in inputs if i == name],
        [i for i in inputs if key(i) == key(name)],
        labels if plain(name) in LABELS else [],
    ):
        if matches:
            return matches[0]
    return next(others)


def _of_arrays(values: Sequence[Any]) -> bool:
    """Whether a list holds arrays, and is not itself an array written as a list."""
    return any(isinstance(value, np.ndarray | Mapping | tuple) for value in values)


def _plain(value: Any) -> Any:
    """The array in a gradient that is an object with the array inside."""
    if isinstance(value, np.ndarray | np.generic | float):
        return value
    for name in ("data", "value", "array"):
        inside = getattr(value, name, None)
        if isinstance(inside, np.ndarray):
            return inside
    return value


def _state(generator: Any) -> Any:
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    return getattr(generator, "get_state" if isinstance(generator, GENERATORS[1]) else "getstate")()


def _restore(generator: Any, state: Any) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    else:
        setter = "set_state" if isinstance(generator, GENERATORS[1]) else "setstate"
        getattr(generator, setter)(state)
