"""Elementwise functions beyond SymPy's own: their derivatives, values and kinks.

`exp`, `log`, `tanh`, `sin`, `cos`, `erf` are SymPy's. Added here: `sigmoid`, `softplus`, `relu`
and its derivative `step`, `absolute` and its derivative `sign`, and undefined differentiable
functions, whose derivative stays `f′`.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Function, Integer, cos, erf, exp, log, sin, tanh


class sigmoid(Function):
    """1 / (1 + exp(-x)); its derivative is sigmoid(x) (1 - sigmoid(x))."""

    def fdiff(self, argindex: int = 1) -> Any:
        return self * (1 - self)


class step(Function):
    """1 for x > 0 and 0 elsewhere: the derivative of relu, by PyTorch's convention 0 at 0."""

    def fdiff(self, argindex: int = 1) -> Any:
        return Integer(0)


class relu(Function):
    """max(x, 0). Not differentiable at 0, where its derivative is taken to be 0."""

    def fdiff(self, argindex: int = 1) -> Any:
        return step(self.args[0])


class softplus(Function):
    """log(1 + exp(x)); its derivative is sigmoid(x)."""

    def fdiff(self, argindex: int = 1) -> Any:
        return sigmoid(self.args[0])


class sign(Function):
    """1 for x > 0, -1 for x < 0 and 0 at 0: the derivative of the absolute value."""

    def fdiff(self, argindex: int = 1) -> Any:
        return Integer(0)


class absolute(Function):
    """|x|. Not differentiable at 0, where its derivative is taken to be 0."""

    def fdiff(self, argindex: int = 1) -> Any:
        return sign(self.args[0])


class Undefined(Function):
    """Base of the functions of which only differentiability is known."""

    prime: "type[Undefined]"

    def fdiff(self, argindex: int = 1) -> Any:
        if not hasattr(type(self), "prime"):
            raise NotImplementedError(f"the derivative of {type(self).__name__}")
        return type(self).prime(self.args[0])


@cache
def undefined(name: str) -> type[Undefined]:
    """A differentiable function of which nothing else is known; `undefined("f").prime` is f′."""
    prime = type(name + "′", (Undefined,), {})
    return type(name, (Undefined,), {"prime": prime})


# where a function is not differentiable, and the derivative that is used there by convention
KINKS: dict[type[Function], tuple[float, str]] = {
    relu: (0.0, "relu′(0) = 0, as in PyTorch (any value in [0, 1] is a subgradient)"),
    absolute: (0.0, "the derivative of |x| at 0 is 0, as in PyTorch (any in [-1, 1] would do)"),
}

# what is done where a greatest value is chosen and several are equal
FIRST_WINS = "of equal values the first one has the whole gradient, as in PyTorch"

VALUES: dict[type[Function], Callable[[float], float]] = {
    exp: math.exp,
    log: math.log,
    tanh: math.tanh,
    sin: math.sin,
    cos: math.cos,
    erf: math.erf,
    sigmoid: lambda x: (1 + math.tanh(x / 2)) / 2,
    softplus: lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
    absolute: abs,
    sign: lambda x: float((x > 0) - (x < 0)),
    relu: lambda x: x if x > 0 else 0.0,
    step: lambda x: 1.0 if x > 0 else 0.0,
}
