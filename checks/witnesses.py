"""The three witnesses: symbolic, analytic, numerical, each a Jacobian with output axes first.

symbolic    the closed form that follows from the forward formula
analytic    the NumPy backward pass, one cotangent at a time
numerical   finite differences of the NumPy forward pass
"""

from copy import copy
from typing import Any

import numpy as np

from gradcheck.checks.arrays import array_of
from gradcheck.checks.gradient.function import Array, Function, PairSession
from gradcheck.checks.gradient.jacobian import jacobian
from gradcheck.checks.layers import Layer, LayerError
from gradcheck.checks.points import Point
from gradcheck.derivations.calculus.compare import UNREADABLE
from gradcheck.derivations.calculus.evaluate import OutOfRange
from gradcheck.derivations.calculus.terms import D


class NumericError(Exception):
    """The NumPy side cannot be called as it should; the message says what it did instead.

    code  the kind of mistake, if it has one
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def symbolic_forward(layer: Layer, point: Point) -> Array:
    """The output by the forward formula."""
    output = layer.symbolic.output
    return _evaluated(layer, point, output.lhs, output.indices)


def forward(layer: Layer, point: Point) -> Array:
    """The output by NumPy. Raises NumericError if the function raises."""
    return _call_forward(layer, point, point.arrays)


def symbolic(layer: Layer, point: Point, wrt: str) -> Array:
    """∂output/∂wrt by the closed form."""
    output, entry = layer.symbolic.output, layer.symbolic.derivation_by(wrt).wrt
    indices = (*output.indices, *getattr(entry, "indices", ()))
    return _evaluated(layer, point, D(output.lhs, entry), indices)


def analytic(layer: Layer, point: Point, wrt: str) -> Array:
    """∂output/∂wrt by one backward pass for every entry of the output.

    Raises NumericError as `returned` does, and if a gradient is not made of real numbers.
    """
    shape = point.cotangent.shape
    place = [t.name for t in layer.symbolic.differentiable].index(wrt)
    rows = [_real(f"d{wrt}", row[place]) for row in _pulled_back(layer, point)]
    if len({row.shape for row in rows}) > 1:
        raise NumericError(f"the shape of d{wrt} depends on the cotangent", "shape")
    return np.stack(rows).reshape((*shape, *rows[0].shape))


def numerical(layer: Layer, point: Point, wrt: str) -> tuple[Array, Array]:
    """∂output/∂wrt by differences of the NumPy forward pass, and how far it may be off."""

    def forward(arrays: dict[str, Array]) -> Array:
        return _call_forward(layer, point, arrays)

    return jacobian(forward, point.arrays, wrt).dense()


def function_of(layer: Layer, point: Point) -> Function:
    """The two NumPy passes of a layer, as any other code that is checked."""
    return Function(
        layer.name,
        lambda: PairSession(
            lambda **arrays: layer.forward(*arrays.values(), **point.options),
            lambda cotangent, **arrays: layer.backward(
                cotangent, *arrays.values(), **point.options
            ),
        ),
        point.arrays,
        tuple(t.name for t in layer.symbolic.differentiable),
    )


def returned(layer: Layer, point: Point, cotangent: Array) -> tuple[Any, ...]:
    """What the NumPy backward pass returns: a tuple with all gradients, in the order of inputs.

    Raises NumericError if it raises or returns anything else.
    """
    inputs = [point.arrays[t.name].copy() for t in layer.symbolic.inputs]
    wanted = [t.name for t in layer.symbolic.differentiable]
    try:
        gradients = layer.backward(cotangent.copy(), *inputs, **point.options)
    except Exception as error:
        raise NumericError(f"backward raised {type(error).__name__}: {error}", "raises") from error
    if not isinstance(gradients, tuple) or len(gradients) != len(wanted):
        names = ", ".join(f"d{name}" for name in wanted)
        kind = type(gradients).__name__
        got = (
            f"{len(gradients)} of them"
            if isinstance(gradients, tuple)
            else f"a value of type {kind}"
        )
        raise NumericError(f"backward should return a tuple with {names}, and returned {got}")
    return gradients


def _pulled_back(layer: Layer, point: Point) -> list[tuple[Any, ...]]:
    """All gradients for every unit cotangent, which the Jacobians by all inputs are made of."""
    if layer.backward not in point.pulled:
        point.pulled[layer.backward] = [
            tuple(map(copy, returned(layer, point, unit))) for unit in _units(point.cotangent.shape)
        ]
    return point.pulled[layer.backward]


def _real(name: str, value: Any) -> Array:
    """A new array of the numbers that NumPy code returned."""
    try:
        array = np.array(value)
        if array.dtype.kind not in "biuf":
            raise ValueError(f"of dtype {array.dtype}")
        return array.astype(float)
    except (TypeError, ValueError) as error:
        raise NumericError(f"{name} is no array of real numbers: {error}", "dtype") from error


def _call_forward(layer: Layer, point: Point, arrays: dict[str, Array]) -> Array:
    inputs = [arrays[t.name].copy() for t in layer.symbolic.inputs]
    try:
        output = layer.forward(*inputs, **point.options)
    except Exception as error:
        raise NumericError(f"forward raised {type(error).__name__}: {error}", "raises") from error
    return _real("the output", output)


def _evaluated(layer: Layer, point: Point, expr: Any, indices: tuple[Any, ...]) -> Array:
    try:
        values = array_of(point.evaluator, expr, indices)
    except (OutOfRange, *UNREADABLE) as error:
        raise LayerError(f"a formula of {layer.name} has no value: {error}") from error
    if values.dtype.kind == "c":
        raise LayerError(f"a formula of {layer.name} has a value that is not real")
    return values.astype(float)


def _units(shape: tuple[int, ...]) -> list[Array]:
    """One cotangent for each entry of the output: 1 there, 0 elsewhere."""
    return [unit.reshape(shape) for unit in np.eye(int(np.prod(shape)))]
