"""A `torch.autograd.Function`, its backward called directly.

Behind torch's engine a gradient is cast to the dtype of its input and summed to its shape, so that
errors of both kinds go unseen. The node that `apply` leaves in the graph has the user's backward
and torch's own context: called by hand it returns what was written.

torch is used only if the user's code has imported it already.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.checks.adapters.ctx import arguments, by_name, scalar_or_array
from gradcheck.checks.adapters.inputs import split, usable
from gradcheck.checks.adapters.operands import values_of
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.adapters.source import place_of
from gradcheck.checks.gradient.function import Array, Function

SEED = 0  # of torch's generator in every forward pass, so that random masks stay the same


def adapt(request: Request) -> Function | None:
    """The function of a subclass of `torch.autograd.Function`."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(request.thing, type):
        return None
    if not issubclass(request.thing, torch.autograd.Function):
        return None
    cls: Any = request.thing
    # without a context of its own, forward leaves that to `setup_context`
    skipped = int(cls.setup_context is torch.autograd.Function.setup_context)
    names, defaults = arguments(cls.forward, skipped)

    def works(values: dict[str, Any]) -> bool:
        arrays, rest = split(values)
        return usable(TorchSession(cls, tuple(values), rest).forward(arrays))

    values, notes = values_of(request, names, works, defaults)
    inputs, constants = split(as_arrays(values))
    return Function(
        request.name or cls.__name__,
        lambda: TorchSession(cls, tuple(values), constants),
        inputs,
        convention="torch.autograd.Function, its backward called directly",
        place=place_of(cls.backward),
        notes=notes,
    )


@dataclass
class TorchSession:
    """Runs `apply` and keeps the node that it leaves behind."""

    cls: Any
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    node: Any = None
    outputs: tuple[Any, ...] = ()

    def forward(self, inputs: Mapping[str, Array]) -> Any:
        values = {**self.constants, **{k: tensor(v) for k, v in inputs.items()}}
        with same_random_numbers():
            returned = self.cls.apply(*(values[name] for name in self.names))
        self.outputs = returned if isinstance(returned, tuple) else (returned,)
        self.node = next((o.grad_fn for o in self.outputs if o.grad_fn is not None), None)
        return array(returned)

    def backward(self, cotangent: Any) -> Any:
        if self.node is None:
            raise RuntimeError(
                f"{self.cls.__name__}.apply returned nothing that can be differentiated: is every "
                "output marked as not differentiable?"
            )
        cotangents = cotangent if isinstance(cotangent, tuple) else (cotangent,)
        returned = self.node.apply(*map(cotangent_like, cotangents, self.outputs))
        return by_name(array(returned), self.names, self.constants)


def tensor(value: Array) -> Any:
    """A tensor in the memory of the array, so that a pass which changes it is found out."""
    torch: Any = sys.modules["torch"]
    value = scalar_or_array(value)
    if not isinstance(value, np.ndarray | np.generic):
        return value
    made = torch.as_tensor(np.require(value, requirements=["C", "W"]))
    return made.requires_grad_(made.is_floating_point() or made.is_complex())


def cotangent_like(cotangent: Any, output: Any) -> Any:
    """The cotangent of an output, as a tensor of its dtype. It shares memory with the array.

    So that a backward pass which changes it is found out.
    """
    torch: Any = sys.modules["torch"]
    return torch.as_tensor(np.asarray(cotangent)).to(output.dtype)


def array(value: Any) -> Any:
    """Tensors as arrays, also in tuples and dictionaries.

    Copies: to return the cotangent itself, or one gradient for two inputs, is usual in torch, whose
    engine never adds in place to what somebody else can see.
    """
    if isinstance(value, tuple | list):
        return tuple(array(item) for item in value)
    if isinstance(value, Mapping):
        return {key: array(item) for key, item in value.items()}
    if not hasattr(value, "detach"):
        return value
    return value.detach().resolve_conj().resolve_neg().cpu().numpy().copy()


def as_arrays(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a user gave as tensors, as arrays."""
    return {name: array(value) for name, value in values.items()}


@contextmanager
def same_random_numbers() -> Iterator[None]:
    """The same random numbers from torch every time; its generator is put back afterwards."""
    torch: Any = sys.modules["torch"]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        yield
