"""A `torch.nn.Module`: the gradients that torch's engine gives for the input and the parameters.

Only a backward pass inside of it that someone wrote can be wrong. The engine hides errors of
shape and dtype in such a pass, so a `Function` is better checked by its own name.
"""

import contextlib
import copy
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradcheck.checks.adapters.ctx import arguments
from gradcheck.checks.adapters.draw import draw
from gradcheck.checks.adapters.inputs import complete, quietly, split, usable
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.adapters.source import place_of
from gradcheck.checks.adapters.torch_functions import (
    array,
    as_arrays,
    cotangent_like,
    same_random_numbers,
    tensor,
)
from gradcheck.checks.gradient.function import Array, Function, Place
from gradcheck.checks.layers import UsageError

HIDDEN = "torch's engine hides what a backward pass gets wrong in shape or dtype"


def adapt(request: Request) -> Function | None:
    """The function of a module or of a class of modules, by its input and its parameters."""
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    thing = request.thing
    if isinstance(thing, type) and issubclass(thing, torch.nn.Module):
        thing = _constructed(request)
    if not isinstance(thing, torch.nn.Module):
        return None
    module = copy.deepcopy(thing).double()
    names, defaults = arguments(module.forward, 0)

    def works(values: dict[str, Any]) -> bool:
        arrays, rest = split(values)
        return usable(ModuleSession(module, tuple(values), rest).forward(arrays))

    fitting = _fitting_input(request, module, names, works)
    known = {name: value for name, (value, _) in fitting.items()}
    values, notes = complete(request, names, works, {**defaults, **known})
    inputs, constants = split(as_arrays(values))
    return Function(
        request.name or type(module).__name__,
        lambda: ModuleSession(copy.deepcopy(module), tuple(values), constants),
        {**inputs, **_parameters(module)},
        convention="torch.nn.Module, differentiated by torch",
        place=_place(type(module)),
        notes=(*(note for _, note in fitting.values()), *notes, HIDDEN),
    )


@dataclass
class ModuleSession:
    """Calls a module with other parameters; its own are never changed."""

    module: Any
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    leaves: dict[str, Any] = field(default_factory=dict)
    outputs: tuple[Any, ...] = ()

    def forward(self, inputs: Mapping[str, Array]) -> Any:
        torch: Any = sys.modules["torch"]
        self.leaves = {name: tensor(value) for name, value in inputs.items()}
        values = {**self.constants, **self.leaves}
        parameters = {k: v for k, v in self.leaves.items() if k not in self.names}
        with same_random_numbers():
            returned = torch.func.functional_call(
                self.module, parameters, tuple(values[name] for name in self.names)
            )
        self.outputs = tuple(_leaves(returned))
        return array(self.outputs if len(self.outputs) > 1 else self.outputs[0])

    def backward(self, cotangent: Any) -> Any:
        torch: Any = sys.modules["torch"]
        cotangents = cotangent if len(self.outputs) > 1 else (cotangent,)
        wanted = {name: leaf for name, leaf in self.leaves.items() if leaf.requires_grad}
        found = torch.autograd.grad(
            self.outputs,
            list(wanted.values()),
            [cotangent_like(c, o) for c, o in zip(cotangents, self.outputs, strict=True)],
            retain_graph=True,  # a second call must not fail
            allow_unused=True,
        )
        return {name: array(g) for name, g in zip(wanted, found, strict=True) if g is not None}


def _leaves(output: Any) -> Iterator[Any]:
    """The tensors of an output: an LSTM returns `output, (h, c)`."""
    for part in output if isinstance(output, tuple | list) else (output,):
        yield from _leaves(part) if isinstance(part, tuple | list) else (part,)


def _parameters(module: Any) -> dict[str, Array]:
    """By name. They exist only now if they are made by the first forward pass."""
    return {name: array(value) for name, value in module.named_parameters() if value.requires_grad}


def _constructed(request: Request) -> Any:
    try:
        return request.thing(*request.arguments, **request.keywords)
    except TypeError as error:
        raise UsageError(
            f"{request.name} needs arguments to be constructed ({error}): write them after its "
            f"name, such as {request.name}(3,4), or name an instance"
        ) from None


def _fitting_input(
    request: Request, module: Any, names: tuple[str, ...], works: Callable[[dict[str, Any]], bool]
) -> dict[str, tuple[Array, str]]:
    """An input as wide as the first weight wants it, and a note; empty if that is unclear."""
    open_names = [n for n in names if n not in request.inputs and n not in request.shapes]
    weights = [p for p in module.parameters() if p.ndim > 1]
    if len(names) != 1 or not open_names or not weights:
        return {}
    wide = int(weights[0].shape[1])
    for shape in ((4, wide), (6, 4, wide), (2, wide, 7), (2, wide, 7, 6), (2, wide, 7, 6, 5)):
        value = draw(shape, request.rng)
        with contextlib.suppress(Exception), quietly():
            if works({names[0]: value}):
                size = ",".join(map(str, shape))
                note = f"guessed: {names[0]} of shape {shape}; choose another with --shape"
                return {names[0]: (value, f"{note} {names[0]}={size}")}
    return {}


def _place(cls: type) -> Place | None:
    """Where forward is written, if it is no module of torch itself."""
    return None if cls.__module__.startswith("torch.") else place_of(cls.forward)  # type: ignore[attr-defined]
