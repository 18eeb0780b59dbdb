"""Elementwise activation: Y = h(X)."""

import math
from inspect import Parameter, Signature

import numpy as np


def entrywise(h, slope, **options):
    """The passes of Y = h(X, options), by the derivative of h; the options have these defaults."""

    def forward(X, **given):
        """Y (S, M) of X (S, M)."""
        return h(X, **{**options, **given})

    def backward(dY, X, **given):
        """Pull dY (S, M) back to dX (S, M)."""
        return (dY * slope(X, **{**options, **given}),)

    for function, arrays in ((forward, ("X",)), (backward, ("dY", "X"))):
        taken = dict.fromkeys(arrays, Parameter.empty) | options
        function.__signature__ = Signature(
            [Parameter(n, Parameter.POSITIONAL_OR_KEYWORD, default=d) for n, d in taken.items()]
        )
    return forward, backward


def sigmoid(x):
    """Without overflow for large negative x."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def softplus(x):
    """log(1 + exp(x)), without overflow for large x."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def sigmoid_slope(x):
    y = sigmoid(x)
    return y * (1 - y)


def silu_slope(x):
    y = sigmoid(x)
    return y * (1 + x * (1 - y))


def mish_slope(x):
    y = np.tanh(softplus(x))
    return y + x * (1 - y**2) * sigmoid(x)


def normal(x):
    """The normal distribution up to x, by erfc: no digits are lost for large negative x."""
    scaled = (-x / np.sqrt(2)).ravel()
    return 0.5 * np.fromiter(map(math.erfc, scaled.tolist()), float).reshape(x.shape)


def gelu_slope(x):
    return normal(x) + x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def gelu_inner(x):
    """What gelu_tanh approximates the normal distribution by the tanh of."""
    return np.sqrt(2 / np.pi) * x * (1 + 0.044715 * x**2)  # x**3 takes ten times as long


def gelu_tanh_slope(x):
    y = np.tanh(gelu_inner(x))
    return 0.5 * (1 + y + x * (1 - y**2) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2))


def elu(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def elu_slope(x, alpha):
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543773

layers = {
    "elementwise": entrywise(np.tanh, lambda x: 1 - np.tanh(x) ** 2),  # an instance of a generic h
    "relu": entrywise(lambda x: np.maximum(x, 0), lambda x: x > 0),
    "sigmoid": entrywise(sigmoid, sigmoid_slope),
    "tanh": entrywise(np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    # smooth
    "exp": entrywise(np.exp, np.exp),
    "log": entrywise(np.log, lambda x: 1 / x),
    "sqrt": entrywise(np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "square": entrywise(np.square, lambda x: 2 * x),
    "reciprocal": entrywise(lambda x: 1 / x, lambda x: -1 / x**2),
    "sin": entrywise(np.sin, np.cos),
    "cos": entrywise(np.cos, lambda x: -np.sin(x)),
    "softplus": entrywise(
        lambda x, beta: softplus(beta * x) / beta, lambda x, beta: sigmoid(beta * x), beta=1.0
    ),
    "logsigmoid": entrywise(lambda x: -softplus(-x), lambda x: sigmoid(-x)),
    "silu": entrywise(lambda x: x * sigmoid(x), silu_slope),
    "mish": entrywise(lambda x: x * np.tanh(softplus(x)), mish_slope),
    "tanhshrink": entrywise(lambda x: x - np.tanh(x), lambda x: np.tanh(x) ** 2),
    "gelu": entrywise(lambda x: x * normal(x), gelu_slope),
    "gelu_tanh": entrywise(lambda x: 0.5 * x * (1 + np.tanh(gelu_inner(x))), gelu_tanh_slope),
    # with a kink at 0: 0 is taken to be negative
    "leaky_relu": entrywise(
        lambda x, negative_slope: np.where(x > 0, x, negative_slope * x),
        lambda x, negative_slope: np.where(x > 0, 1, negative_slope),
        negative_slope=0.01,
    ),
    "elu": entrywise(elu, elu_slope, alpha=1.0),
    "celu": entrywise(
        lambda x, alpha: alpha * elu(x / alpha, 1),
        lambda x, alpha: elu_slope(x / alpha, 1),
        alpha=1.0,
    ),
    "selu": entrywise(
        lambda x: SELU_SCALE * elu(x, SELU_ALPHA),
        lambda x: SELU_SCALE * elu_slope(x, SELU_ALPHA),
    ),
    "abs": entrywise(np.abs, np.sign),
    "softsign": entrywise(lambda x: x / (1 + np.abs(x)), lambda x: 1 / (1 + np.abs(x)) ** 2),
    # made of straight pieces
    "hardtanh": entrywise(
        lambda x, min_val, max_val: np.clip(x, min_val, max_val),
        lambda x, min_val, max_val: (x > min_val) * (x < max_val),
        min_val=-1.0,
        max_val=1.0,
    ),
    "relu6": entrywise(lambda x: np.clip(x, 0, 6), lambda x: np.abs(x - 3) < 3),
    "hardsigmoid": entrywise(
        lambda x: np.clip(x + 3, 0, 6) / 6, lambda x: np.where(np.abs(x) < 3, 1 / 6, 0)
    ),
    "hardswish": entrywise(
        lambda x: x * np.clip(x + 3, 0, 6) / 6,
        lambda x: np.where(np.abs(x) < 3, x / 3 + 0.5, x >= 3),
    ),
    "softshrink": entrywise(
        lambda x, lambd: x - np.clip(x, -lambd, lambd),
        lambda x, lambd: np.abs(x) > lambd,
        lambd=0.5,
    ),
    "hardshrink": entrywise(
        lambda x, lambd: np.where(np.abs(x) > lambd, x, 0),
        lambda x, lambd: np.abs(x) > lambd,
        lambd=0.5,
    ),
    "threshold": entrywise(
        lambda x, threshold, value: np.where(x > threshold, x, value),
        lambda x, threshold, value: x > threshold,
        threshold=0.1,
        value=20.0,
    ),
}
