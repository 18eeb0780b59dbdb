"""What is checked: named inputs, and a forward and a backward pass as someone wrote them.

A pass may keep state between calls, as classes do, so both belong to a session: `start` makes a
new one, and in a session `backward` speaks of the latest `forward`. For a pair of plain functions
a session only remembers the inputs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Arrays = Mapping[str, Array]


class Session(Protocol):
    """A running instance of someone's code."""

    def forward(self, inputs: dict[str, Array]) -> Any:
        """The output; of several outputs, a tuple."""

    def backward(self, cotangent: Any) -> Any:
        """The gradients for the latest forward, by input name or in the order of the inputs."""


@dataclass(frozen=True)
class Place:
    """Where something is written, to be named in a report."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Function:
    """A forward and a backward pass at a point.

    inputs            the arrays of the point by name, in the order of the arguments
    differentiable    the inputs that a gradient is expected for; by default those of a floating
                      or complex dtype
    takes_cotangent   False for a loss that returns its own gradient: the cotangent is then 1
    convention        how the code is called, in words, for the report
    place             where the backward pass is written
    again             the words of a command line that repeat the check, without options
    """

    name: str
    start: Callable[[], Session]
    inputs: Arrays
    differentiable: tuple[str, ...] = ()
    takes_cotangent: bool = True
    convention: str = ""
    place: Place | None = None
    again: str = ""
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        arrays = {name: np.asarray(value) for name, value in self.inputs.items()}
        object.__setattr__(self, "inputs", arrays)
        if not self.differentiable:
            real = tuple(name for name, array in arrays.items() if array.dtype.kind in "fc")
            object.__setattr__(self, "differentiable", real)


@dataclass
class PairSession:
    """A session of two plain functions: backward is given the inputs once more."""

    forward_pass: Callable[..., Any]
    backward_pass: Callable[..., Any]
    inputs: dict[str, Array] = field(default_factory=dict)

    def forward(self, inputs: dict[str, Array]) -> Any:
        self.inputs = inputs
        if isinstance(self.forward_pass, np.ufunc):  # which takes no names
            return self.forward_pass(*inputs.values())
        return self.forward_pass(**inputs)

    def backward(self, cotangent: Any) -> Any:
        return self.backward_pass(cotangent, **self.inputs)


def pair(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Mapping[str, Any],
    name: str = "",
    differentiable: tuple[str, ...] = (),
) -> Function:
    """The function that `forward(**inputs)` and `backward(cotangent, **inputs)` make together."""
    return Function(
        name or getattr(forward, "__name__", "forward"),
        lambda: PairSession(forward, backward),
        {key: np.asarray(value) for key, value in inputs.items()},
        differentiable,
    )
