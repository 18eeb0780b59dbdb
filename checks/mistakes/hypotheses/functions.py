"""Elementwise functions and their derivatives, as formulas of the input and of the output."""

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, pi, sqrt

import numpy as np

from gradcheck.checks.mistakes.evidence import Array

Map = Callable[[Array], Array]


@dataclass(frozen=True)
class Activation:
    """An elementwise function.

    by_input   its derivative, by the input
    by_output  the same by the output, if there is a formula for that
    inverse    the input by the output
    said       the derivative as one writes it
    """

    name: str
    value: Map
    by_input: Map
    said: str
    by_output: Map | None = None
    inverse: Map | None = None


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _erf(x: Array) -> Array:
    return np.array([erf(v) for v in (x / sqrt(2)).ravel().tolist()]).reshape(x.shape)


def _inner(x: Array) -> Array:
    return np.asarray(np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))


def _gelu_tanh(x: Array) -> Array:
    slope = sqrt(2 / pi) * (1 + 3 * 0.044715 * x**2)
    return np.asarray(0.5 * (1 + _inner(x)) + 0.5 * x * (1 - _inner(x) ** 2) * slope)


def _gelu(x: Array) -> Array:
    return np.asarray(0.5 * (1 + _erf(x)) + x * np.exp(-(x**2) / 2) / sqrt(2 * pi))


ACTIVATIONS = (
    Activation("tanh", np.tanh, lambda x: 1 - np.tanh(x) ** 2, "1 - output**2",
               lambda y: 1 - y**2, np.arctanh),
    Activation("sigmoid", sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x)),
               "output * (1 - output)", lambda y: y * (1 - y), lambda y: np.log(y / (1 - y))),
    Activation("relu", lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0, "(x > 0)",
               lambda y: (y > 0) * 1.0),
    Activation("leaky relu", lambda x: np.where(x > 0, x, 0.01 * x),
               lambda x: np.where(x > 0, 1, 0.01), "where(x > 0, 1, 0.01)",
               lambda y: np.where(y > 0, 1, 0.01)),
    Activation("elu", lambda x: np.where(x > 0, x, np.expm1(x)),
               lambda x: np.where(x > 0, 1, np.exp(x)), "where(x > 0, 1, output + 1)",
               lambda y: np.where(y > 0, 1, y + 1)),
    Activation("exp", np.exp, np.exp, "output", lambda y: y, np.log),
    Activation("log", np.log, lambda x: 1 / x, "1 / x", lambda y: np.exp(-y), np.exp),
    Activation("softplus", lambda x: np.logaddexp(x, 0), sigmoid, "sigmoid(x)",
               lambda y: 1 - np.exp(-y)),
    Activation("silu", lambda x: x * sigmoid(x),
               lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
               "sigmoid(x) * (1 + x * (1 - sigmoid(x)))"),
    Activation("gelu", lambda x: x * 0.5 * (1 + _erf(x)), _gelu, "Phi(x) + x phi(x)"),
    Activation("the tanh approximation of gelu", lambda x: 0.5 * x * (1 + _inner(x)), _gelu_tanh,
               "that of 0.5 x (1 + tanh(...)) by the product rule"),
    Activation("square", np.square, lambda x: 2 * x, "2 x"),
    Activation("sqrt", np.sqrt, lambda x: 0.5 / np.sqrt(x), "1 / (2 output)",
               lambda y: 0.5 / y, np.square),
    Activation("1/x", lambda x: 1 / x, lambda x: -1 / x**2, "-output**2",
               lambda y: -(y**2), lambda y: 1 / y),
    Activation("abs", np.abs, np.sign, "sign(x)"),
    Activation("sin", np.sin, np.cos, "cos(x)"),
    Activation("cos", np.cos, lambda x: -np.sin(x), "-sin(x)"),
    Activation("softsign", lambda x: x / (1 + np.abs(x)), lambda x: 1 / (1 + np.abs(x)) ** 2,
               "1 / (1 + |x|)**2"),
    Activation("cube", lambda x: x**3, lambda x: 3 * x**2, "3 x**2"),
)  # fmt: skip
