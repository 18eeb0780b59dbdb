"""Layers on a home-made Tensor that differentiates itself: y = layer(x); y.backward(g); x.grad.

The Tensor is any class of the layer's file with a backward method, made from an array that it then
holds. Inputs are wrapped in it, and gradients are read from wherever its backward leaves them.
"""

import contextlib
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.checks.adapters import names
from gradcheck.checks.adapters.class_feed import feed
from gradcheck.checks.adapters.class_find import cotangent_for
from gradcheck.checks.adapters.class_make import make
from gradcheck.checks.adapters.class_passes import arguments, place_of
from gradcheck.checks.adapters.class_values import point
from gradcheck.checks.adapters.inputs import quietly, usable
from gradcheck.checks.adapters.parameters import (
    Parameter,
    arrays,
    clone,
    get,
    leaves,
    names_of,
    same_array,
    set_parameter,
)
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.gradient.function import Array, Function
from gradcheck.checks.layers import UsageError

SAMPLE = np.array([[0.25, -1.5, 2.0]])  # to see what a class does with an array


@dataclass(frozen=True)
class Tensor:
    """Someone's class of tensors, and the attributes that hold the array and its gradient.

    wraps   whether a cotangent must be a tensor too
    """

    cls: type
    data: str
    grad: str = "grad"
    wraps: bool = False

    def of(self, array: Array) -> Any:
        """A tensor of an array; integers, which nobody differentiates by, stay an array."""
        if array.dtype.kind not in "fc":
            return array
        asks = "requires_grad" in inspect.signature(self.cls).parameters
        return self.cls(array, requires_grad=True) if asks else self.cls(array)

    def array(self, value: Any) -> Any:
        """The array in a tensor; anything else as it is."""
        if isinstance(value, tuple):
            return tuple(map(self.array, value))
        return getattr(value, self.data) if isinstance(value, self.cls) else value


@dataclass(frozen=True)
class TensorPlan:
    """How a layer on tensors is called; `parameters` lead to the arrays inside its tensors."""

    tensor: Tensor
    forward: str
    inputs: tuple[str, ...]
    constants: Mapping[str, Any]
    parameters: tuple[Parameter, ...] = ()


class TensorSession:
    """An instance of a layer on tensors."""

    def __init__(self, plan: TensorPlan, pristine: Any) -> None:
        self.plan = plan
        self.instance = clone(pristine)
        self._given: dict[str, Any] = {}
        self._output: Any = None

    def forward(self, inputs: dict[str, Array]) -> Any:
        """Set the parameters, wrap the inputs, and call the layer."""
        plan, tensor = self.plan, self.plan.tensor
        for parameter in plan.parameters:
            set_parameter(self.instance, parameter, inputs[parameter.name])
        self._given = {name: tensor.of(inputs[name]) for name in plan.inputs}
        for parameter in plan.parameters:
            self._given[parameter.name] = get(self.instance, parameter.paths[0][:-1])
        called = {name: self._given[name] for name in plan.inputs}
        self._output = getattr(self.instance, plan.forward)(**called, **plan.constants)
        return tensor.array(self._output)

    def backward(self, cotangent: Any) -> dict[str, Any]:
        """Let the output differentiate itself; gradients add up, so they are emptied before."""
        tensor = self.plan.tensor
        for value in self._given.values():
            if isinstance(value, tensor.cls):
                fresh = getattr(tensor.of(np.asarray(tensor.array(value))), tensor.grad, None)
                setattr(value, tensor.grad, fresh)
        given = tensor.of(np.asarray(cotangent)) if tensor.wraps else cotangent
        if _takes_cotangent(tensor):
            self._output.backward(given)
        else:  # only a scalar can differentiate itself: <output, cotangent> is one
            (self._output * tensor.of(np.asarray(cotangent))).sum().backward()
        found = {n: getattr(v, tensor.grad, None) for n, v in self._given.items()}
        return {n: tensor.array(g) for n, g in found.items() if g is not None}


def adapt(request: Request) -> Function | None:
    """The function that a layer on tensors stands for; None if there is no such Tensor."""
    cls = request.thing if inspect.isclass(request.thing) else type(request.thing)
    methods = [n for n in dir(cls) if inspect.isfunction(inspect.getattr_static(cls, n, None))]
    forward = names.first(names.FORWARD, methods)
    tensors = list(_tensors(request, cls)) if forward else []
    if forward is None or not tensors:
        return None
    made = make(request)
    for tensor in tensors[:-1]:  # a file may have several, of which the layer takes one
        with contextlib.suppress(UsageError):
            return _adapted(request, cls, forward, tensor, made)
    return _adapted(request, cls, forward, tensors[-1], made)


def _adapted(
    request: Request, cls: type, forward: str, tensor: Tensor, made: tuple[Any, tuple[str, ...]]
) -> Function:
    """The function that a layer on this tensor stands for."""
    instance, notes = made
    inputs, constants, _ = arguments(getattr(cls, forward), [*request.inputs, *request.shapes])
    plan = TensorPlan(tensor, forward, inputs, constants)

    def works(values: dict[str, Any]) -> bool:
        return usable(TensorSession(plan, instance).forward(values))

    values, guessed = feed(request, instance, inputs, works, works)
    plan = replace(plan, parameters=_parameters(plan, instance))
    complete, drawn = point(request, instance, plan.parameters, values)
    plan = _with_wrapping(plan, instance, complete, request)
    return Function(
        name=request.name,
        start=lambda: TensorSession(plan, instance),
        inputs=complete,
        convention=f"layer on a {tensor.cls.__name__} that differentiates itself",
        place=place_of(getattr(cls, forward)),
        notes=(*notes, *guessed, *drawn),
    )


def _tensors(request: Request, layer: type) -> Iterator[Tensor]:
    """The classes of the file that hold an array and have a backward method."""
    for cls in list(vars(request.module).values()) if request.module else []:
        has_backward = inspect.isclass(cls) and inspect.isfunction(getattr(cls, "backward", None))
        if not has_backward or cls is layer or names.first(names.FORWARD[:-1], dir(cls)):
            continue
        try:
            with quietly():
                made = cls(SAMPLE.copy())
        except Exception:  # of a class that is made from something else
            continue
        held = {str(p[0].at): v for p, v in arrays(leaves(made)).items() if len(p) == 1}
        data = [name for name, value in held.items() if np.array_equal(value, SAMPLE)]
        grads = [n for n in vars(made) if names.plain(n) in {"grad", "gradient", "g"}]
        if data:
            yield Tensor(cls, data[0], grads[0] if grads else "grad")


def _parameters(plan: TensorPlan, instance: Any) -> tuple[Parameter, ...]:
    """The arrays in the tensors that the instance holds."""
    tensor = plan.tensor
    held = arrays(leaves(instance))
    inside = {
        path: array
        for path, array in held.items()
        if path[-1].at == tensor.data
        and isinstance(get(instance, path[:-1]), tensor.cls)
        and getattr(get(instance, path[:-1]), "requires_grad", True)
    }
    groups = same_array(inside)
    said = names_of(groups, plan.inputs)
    return tuple(Parameter(name, group) for name, group in zip(said, groups, strict=True))


def _takes_cotangent(tensor: Tensor) -> bool:
    return len(inspect.signature(tensor.cls.backward).parameters) > 1  # type: ignore[attr-defined]


def _with_wrapping(
    plan: TensorPlan, instance: Any, values: Mapping[str, Array], request: Request
) -> TensorPlan:
    """The plan with tensors for cotangents, if arrays are not taken and tensors are."""
    if not _takes_cotangent(plan.tensor):
        return plan
    for wraps in (False, True):
        tried = replace(plan, tensor=replace(plan.tensor, wraps=wraps))
        session = TensorSession(tried, instance)
        try:
            with quietly():
                output = session.forward({n: v.copy() for n, v in values.items()})
                found = session.backward(cotangent_for(output, np.random.default_rng(0)))
        except Exception:  # of the user's code, called in a way it may not be meant for
            continue
        if all(
            isinstance(gradient, np.ndarray | np.generic | float) for gradient in found.values()
        ):
            return tried
    return plan
