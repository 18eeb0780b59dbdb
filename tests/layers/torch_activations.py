"""Activations, elementwise operations and reductions beside PyTorch's, also at kinks and ties.

A row has two callables, ours and theirs, which return the output and its gradients.
"""

from functools import partial
from itertools import product

import numpy as np
from layers.tables import row

from gradcheck.checks.layers import load

GRID = np.arange(-64, 65).reshape(3, 43) / 8  # has every kink
ABOVE_0 = np.arange(1, 65).reshape(4, 16) / 8


def ours(layer, options, *inputs):
    """Our output and gradients."""
    output = load(layer).forward(*inputs, **options)
    return output, *load(layer).backward(cotangent(output.shape), *inputs, **options)


def theirs(function, options, *inputs):
    """The same of a function of the module torch and some tensors."""
    import torch

    given = [torch.tensor(x, requires_grad=True) for x in inputs]
    output = function(torch, *given, *options.values())
    output.backward(torch.tensor(cotangent(tuple(output.shape))))
    return tuple(t.detach().numpy() for t in (output, *(x.grad for x in given)))


def cotangent(shape):
    return np.cos(np.arange(np.prod(shape, dtype=int))).reshape(shape)


def beside(layer, function, *inputs, **options):
    """A row; the options are given to ours by name and to theirs in this order."""
    sentence = " ".join([layer, *(f"{name}={value}" for name, value in options.items())])
    return row(
        sentence,
        partial(ours, layer, options, *inputs),
        partial(theirs, function, options, *inputs),
    )


def with_each(layer, function, *inputs, **values):
    """Rows with each combination of values of the options."""
    given = [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]
    return [beside(layer, function, *inputs, **options) for options in given]


ACTIVATIONS = [
    beside("activation.relu", lambda t, x: t.relu(x), GRID),
    beside("activation.sigmoid", lambda t, x: t.sigmoid(x), GRID),
    beside("activation.tanh", lambda t, x: t.tanh(x), GRID),
    beside("activation.exp", lambda t, x: t.exp(x), GRID),
    beside("activation.log", lambda t, x: t.log(x), ABOVE_0),
    beside("activation.sqrt", lambda t, x: t.sqrt(x), ABOVE_0),
    beside("activation.square", lambda t, x: t.square(x), GRID),
    beside("activation.reciprocal", lambda t, x: t.reciprocal(x), -ABOVE_0),
    beside("activation.sin", lambda t, x: t.sin(x), GRID),
    beside("activation.cos", lambda t, x: t.cos(x), GRID),
    beside("activation.softplus", lambda t, x: t.nn.Softplus()(x), GRID),
    *with_each("activation.softplus", lambda t, x, *o: t.nn.Softplus(*o)(x), GRID,
               beta=(0.5, 1.0, 2.0)),
    beside("activation.logsigmoid", lambda t, x: t.nn.LogSigmoid()(x), GRID),
    beside("activation.silu", lambda t, x: t.nn.SiLU()(x), GRID),
    beside("activation.mish", lambda t, x: t.nn.Mish()(x), GRID),
    beside("activation.tanhshrink", lambda t, x: t.nn.Tanhshrink()(x), GRID),
    beside("activation.gelu", lambda t, x: t.nn.GELU()(x), GRID),
    beside("activation.gelu_tanh", lambda t, x: t.nn.GELU(approximate="tanh")(x), GRID),
    beside("activation.leaky_relu", lambda t, x: t.nn.LeakyReLU()(x), GRID),
    *with_each("activation.leaky_relu", lambda t, x, *o: t.nn.LeakyReLU(*o)(x), GRID,
               negative_slope=(0.01, 0.3)),
    beside("activation.elu", lambda t, x: t.nn.ELU()(x), GRID),
    *with_each("activation.elu", lambda t, x, *o: t.nn.ELU(*o)(x), GRID, alpha=(1.0, 0.5, 2.0)),
    beside("activation.celu", lambda t, x: t.nn.CELU()(x), GRID),
    *with_each("activation.celu", lambda t, x, *o: t.nn.CELU(*o)(x), GRID, alpha=(1.0, 0.5, 2.0)),
    beside("activation.selu", lambda t, x: t.nn.SELU()(x), GRID),
    beside("activation.abs", lambda t, x: t.abs(x), GRID),
    beside("activation.softsign", lambda t, x: t.nn.Softsign()(x), GRID),
    beside("activation.hardtanh", lambda t, x: t.nn.Hardtanh()(x), GRID),
    *with_each("activation.hardtanh", lambda t, x, *o: t.nn.Hardtanh(*o)(x), GRID,
               min_val=(-1.0, -2.5), max_val=(1.0, 0.5)),
    beside("activation.relu6", lambda t, x: t.nn.ReLU6()(x), GRID),
    # the 1 / 6 in torch's own gradient of it has the digits of float32
    beside("activation.hardsigmoid", lambda t, x: t.nn.ReLU6()(x + 3) / 6, GRID),
    beside("activation.hardswish", lambda t, x: t.nn.Hardswish()(x), GRID),
    beside("activation.softshrink", lambda t, x: t.nn.Softshrink()(x), GRID),
    *with_each("activation.softshrink", lambda t, x, *o: t.nn.Softshrink(*o)(x), GRID,
               lambd=(0.5, 0.25)),
    beside("activation.hardshrink", lambda t, x: t.nn.Hardshrink()(x), GRID),
    *with_each("activation.hardshrink", lambda t, x, *o: t.nn.Hardshrink(*o)(x), GRID,
               lambd=(0.5, 0.25)),
    *with_each("activation.threshold", lambda t, x, *o: t.nn.Threshold(*o)(x), GRID,
               threshold=(1.0, -0.5), value=(20.0, 0.25)),
    beside("prelu", lambda t, x, w: t.nn.functional.prelu(x, w), GRID.T, np.array([0.25, 0.5, -1])),
]  # fmt: skip

A = np.arange(-10, 10).reshape(4, 5) / 4
ROW, COLUMN = np.array([-2.0, -0.25, 0.5, 1.25, 3.0]), np.array([[-1.5], [-0.5], [0.5], [2.0]])
TIED = A[::-1, ::-1] - 0.25  # some entries as in A
PAIRS = [
    beside("elementwise.add", lambda t, a, b: a + b, A, ROW),
    beside("elementwise.sub", lambda t, a, b: a - b, A, ROW),
    beside("elementwise.mul", lambda t, a, b: a * b, A, ROW),
    beside("elementwise.div", lambda t, a, b: a / b, A, ROW),
    beside("elementwise.maximum", lambda t, a, b: t.maximum(a, b), A, TIED),
    beside("elementwise.minimum", lambda t, a, b: t.minimum(a, b), A, TIED),
    beside("elementwise.pow", lambda t, a: a**3, A),
    beside("elementwise.mul_same", lambda t, a, b: a * b, A, TIED),
    beside("elementwise.mul_column", lambda t, a, b: a * b, A, COLUMN),
    beside("elementwise.mul_outer", lambda t, a, b: a * b, COLUMN, ROW),
]

WITH_0 = np.concatenate([A, np.zeros((1, 5))])  # a row whose norm is 0
REDUCTIONS = [
    beside("reduction.sum", lambda t, x: x.sum(1), A),
    beside("reduction.mean", lambda t, x: x.mean(1), A),
    beside("reduction.var_biased", lambda t, x: x.var(1, correction=0), A),
    beside("reduction.var_unbiased", lambda t, x: x.var(1), A),
    beside("reduction.max", lambda t, x: x.max(1)[0], np.rint(A)),
    beside("reduction.logsumexp", lambda t, x: x.logsumexp(1), 400 * A),
    beside("reduction.norm", lambda t, x: t.linalg.vector_norm(x, dim=1), WITH_0),
]

ROWS = [*ACTIVATIONS, *PAIRS, *REDUCTIONS]
