"""One point to look at more closely: what the code is given there, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from gradcheck.checks.gradient.bench import Bench
from gradcheck.checks.gradient.budget import Budget
from gradcheck.checks.gradient.calls import copies
from gradcheck.checks.gradient.function import Array, Arrays
from gradcheck.checks.gradient.screen import Tried


@dataclass
class Subject:
    """One point to look at.

    inputs     in double precision; `given` are the same in the dtypes that the code is called with
    gradients  what a new session returns there
    tried      the directions that have raised doubts
    budget     what is left for measuring entry by entry, shared by all points of one check
    """

    bench: Bench
    inputs: Arrays
    given: Arrays
    cotangent: Array
    gradients: Mapping[str, Any]
    rng: np.random.Generator
    tried: Tried
    sizes: Mapping[str, int] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)

    def along(self, name: str, direction: Array) -> Callable[[complex], Array]:
        """The output as a function of how far this input is moved."""

        def value(t: complex) -> Array:
            inputs = {key: array.copy() for key, array in self.inputs.items() if key != name}
            inputs[name] = self.inputs[name] + t * direction
            moved = {key: inputs[key] for key in self.inputs}
            return self.bench.forward_or_nan(moved, self.base)

        return value

    def output(self, inputs: dict[str, Array]) -> Array:
        """The forward pass."""
        return self.bench.forward(copies(inputs))

    @cached_property
    def base(self) -> Array:
        """The output at the point."""
        return self.output(dict(self.inputs))

    @property
    def again(self) -> Callable[[Array], Mapping[str, Array]] | None:
        """The gradients for another cotangent as arrays; None if no cotangent is taken."""
        if not self.bench.function.takes_cotangent:
            return None
        return lambda cotangent: {
            name: np.asarray(g) for name, g in self.backward(cotangent).items()
        }

    def backward(self, cotangent: Array) -> dict[str, Any]:
        """The gradients for another cotangent, in a new session."""
        return self.bench.gradients(self.given, cotangent)
