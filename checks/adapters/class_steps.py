"""Plain gradient descent with a learning rate of 1, in place of whatever optimizer a class takes.

A step then changes a parameter by minus its gradient, which can be read off: before minus after.
"""

from typing import Any

import numpy as np

from gradcheck.checks.adapters.names import RATE, plain
from gradcheck.checks.gradient.function import Array


class PlainDescent:
    """An optimizer under every usual method name: `update(W, dW)` is W - dW, and is remembered.

    `parameters` are the arrays of the layer, to tell which of two arguments is the parameter.
    """

    def __init__(self) -> None:
        self.parameters: list[Array] = []
        self.steps: list[tuple[Array, Array]] = []

    def __call__(self, *values: Any, **more: Any) -> Any:
        arrays = [v for v in (*values, *more.values()) if isinstance(v, np.ndarray)]
        if len(arrays) < 2:
            return None
        first, second = arrays[:2]
        if any(second is p for p in self.parameters) and all(
            first is not p for p in self.parameters
        ):
            first, second = second, first
        self.steps.append((first, second))
        return first - second

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # copying asks for hooks that are not there
            raise AttributeError(name)
        return 1.0 if plain(name) in RATE else self

    def gradient(self, parameter: Any) -> Array | None:
        """The gradient that the optimizer was given for this array, if it was."""
        return next((g for p, g in reversed(self.steps) if p is parameter), None)
