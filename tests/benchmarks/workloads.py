"""Six layers that every gradient checker is given, and wrong versions of them.

A layer is written once, for any of the namespaces NumPy, PyTorch and jax.numpy, so that all
checkers check the same arithmetic. Every forward pass takes further leading axes on all its inputs,
which is what lets two points be evaluated in one call.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Passes = Callable[..., Any]


@dataclass(frozen=True)
class Layer:
    """forward(xp, *inputs) gives the output, backward(xp, cotangent, *inputs) the gradients."""

    name: str
    forward: Passes
    backward: Passes
    inputs: dict[str, np.ndarray[Any, Any]]

    @property
    def entries(self) -> int:
        """How many entries all inputs have together."""
        return sum(a.size for a in self.inputs.values())

    @property
    def outputs(self) -> int:
        """How many entries the output has."""
        return int(self.forward(np, *self.inputs.values()).size)

    @property
    def jacobian_bytes(self) -> int:
        """What all Jacobians take in float64."""
        return 8 * self.entries * self.outputs


def linear(samples: int, features: int, outputs: int, seed: int = 0) -> Layer:
    """y = x Wᵀ + b, samples in rows."""

    def forward(xp: Any, x: Any, W: Any, b: Any) -> Any:
        return x @ W.mT + b[..., None, :]

    def backward(xp: Any, dy: Any, x: Any, W: Any, b: Any) -> Any:
        return dy @ W, dy.mT @ x, dy.sum(-2)

    normal = np.random.default_rng(seed).normal
    shapes = {"x": (samples, features), "W": (outputs, features), "b": (outputs,)}
    inputs = {name: normal(size=shape) for name, shape in shapes.items()}
    return Layer(f"linear {samples}x{features}x{outputs}", forward, backward, inputs)


def softmax(samples: int, classes: int, seed: int = 0) -> Layer:
    """Row by row, the largest entry subtracted first."""

    def forward(xp: Any, x: Any) -> Any:
        powers = xp.exp(x - xp.amax(x, axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

    def backward(xp: Any, dy: Any, x: Any) -> Any:
        y = forward(xp, x)
        return (y * (dy - (dy * y).sum(axis=-1, keepdims=True)),)

    inputs = {"x": np.random.default_rng(seed).normal(size=(samples, classes))}
    return Layer(f"softmax {samples}x{classes}", forward, backward, inputs)


def layer_norm(samples: int, features: int, seed: int = 0) -> Layer:
    """Row by row, then a scale and a shift for each feature."""

    def normalised(xp: Any, x: Any) -> Any:
        centred = x - x.sum(axis=-1, keepdims=True) / features
        variance = (centred * centred).sum(axis=-1, keepdims=True) / features
        inverse = 1 / xp.sqrt(variance + 1e-5)
        return centred * inverse, inverse

    def forward(xp: Any, x: Any, g: Any, b: Any) -> Any:
        return normalised(xp, x)[0] * g[..., None, :] + b[..., None, :]

    def backward(xp: Any, dy: Any, x: Any, g: Any, b: Any) -> Any:
        n, inverse = normalised(xp, x)
        dn = dy * g[..., None, :]
        mean = dn.sum(axis=-1, keepdims=True) / features
        along = (dn * n).sum(axis=-1, keepdims=True) / features
        return inverse * (dn - mean - n * along), (dy * n).sum(-2), dy.sum(-2)

    normal = np.random.default_rng(seed).normal
    x = normal(size=(samples, features))
    inputs = {"x": x, "g": 1 + 0.1 * normal(size=features), "b": normal(size=features)}
    return Layer(f"layer norm {samples}x{features}", forward, backward, inputs)


def rnn(steps: int, batch: int, features: int, hidden: int, seed: int = 0) -> Layer:
    """h[t] = tanh(x[t] Wx + h[t-1] Wh + b); all h are the output, of shape (T, B, H)."""

    def forward(xp: Any, x: Any, h0: Any, Wx: Any, Wh: Any, b: Any) -> Any:
        states = [h0]
        for t in range(steps):
            states.append(xp.tanh(x[..., t, :, :] @ Wx + states[-1] @ Wh + b[..., None, :]))
        return xp.stack(states[1:], -3)

    def backward(xp: Any, dh: Any, x: Any, h0: Any, Wx: Any, Wh: Any, b: Any) -> Any:
        h = forward(xp, x, h0, Wx, Wh, b)
        later, dx = xp.zeros_like(h0), []
        dWx, dWh, db = xp.zeros_like(Wx), xp.zeros_like(Wh), xp.zeros_like(b)
        for t in reversed(range(steps)):
            before = h[t - 1] if t else h0
            da = (dh[t] + later) * (1 - h[t] ** 2)
            dWx, dWh, db = dWx + x[t].mT @ da, dWh + before.mT @ da, db + da.sum(0)
            dx.append(da @ Wx.mT)
            later = da @ Wh.mT
        return xp.stack(dx[::-1], 0), later, dWx, dWh, db

    normal = np.random.default_rng(seed).normal
    inputs = {
        "x": normal(size=(steps, batch, features)),
        "h0": 0.5 * normal(size=(batch, hidden)),
        "Wx": 0.3 * normal(size=(features, hidden)),
        "Wh": 0.3 * normal(size=(hidden, hidden)),
        "b": 0.1 * normal(size=hidden),
    }
    return Layer(f"rnn T{steps} B{batch} I{features} H{hidden}", forward, backward, inputs)


def conv2d(batch: int, channels: int, filters: int, size: int, seed: int = 0) -> Layer:
    """A 3 by 3 kernel, stride 1, zeros around the image so that it keeps its size."""
    window = [(u, v) for u in range(3) for v in range(3)]

    def padded(xp: Any, a: Any) -> Any:
        if xp.__name__ == "torch":  # the one function that is called differently there
            return xp.nn.functional.pad(a, (1, 1, 1, 1))
        return xp.pad(a, [(0, 0)] * (a.ndim - 2) + [(1, 1), (1, 1)])

    def forward(xp: Any, x: Any, W: Any, b: Any) -> Any:
        around = padded(xp, x)
        y = b[..., None, :, None, None]
        for u, v in window:
            part = around[..., u : u + size, v : v + size]
            y = y + xp.einsum("...ncij,...fc->...nfij", part, W[..., u, v])
        return y

    def backward(xp: Any, dy: Any, x: Any, W: Any, b: Any) -> Any:
        x_around, dy_around = padded(xp, x), padded(xp, dy)
        dx, dW = xp.zeros_like(x), []
        for u, v in window:
            back = dy_around[..., 2 - u : 2 - u + size, 2 - v : 2 - v + size]
            dx = dx + xp.einsum("nfij,fc->ncij", back, W[..., u, v])
            part = x_around[..., u : u + size, v : v + size]
            dW.append(xp.einsum("nfij,ncij->fc", dy, part))
        return dx, xp.stack(dW, -1).reshape(W.shape), dy.sum((0, 2, 3))

    normal = np.random.default_rng(seed).normal
    x, W = normal(size=(batch, channels, size, size)), normal(size=(filters, channels, 3, 3))
    inputs = {"x": x, "W": W, "b": normal(size=filters)}
    return Layer(f"conv2d {batch}x{channels}x{size}x{size} k3", forward, backward, inputs)


def workloads() -> list[Layer]:
    """The layers that times are measured for; the second is large, five are ordinary."""
    return [
        linear(32, 64, 48),
        linear(64, 256, 256),
        softmax(32, 64),
        rnn(16, 4, 8, 16),
        conv2d(2, 3, 4, 8),
        layer_norm(32, 64),
    ]


def scaled(layer: Layer, factor: float, which: int = 0) -> Layer:
    """The layer with one gradient wrong everywhere, by a factor."""

    def backward(xp: Any, *arguments: Any) -> Any:
        gradients = list(layer.backward(xp, *arguments))
        gradients[which] = gradients[which] * factor
        return tuple(gradients)

    return replace(layer, backward=backward)


def one_entry(layer: Layer, amount: float, which: int = 0) -> Layer:
    """The layer with one gradient wrong in its middle entry, by `amount` of a typical entry.

    The typical entry is a sum of all with random signs over the root of their number: so the wrong
    pass stays linear in the cotangent, as a pass must be.
    """
    shape = [*layer.inputs.values()][which].shape
    mark = np.zeros(shape)
    mark[tuple(n // 2 for n in shape)] = amount
    signs = np.random.default_rng(1).choice([-1.0, 1.0], shape) / np.sqrt(mark.size)

    def backward(xp: Any, *arguments: Any) -> Any:
        gradients = list(layer.backward(xp, *arguments))
        typical = (gradients[which] * xp.asarray(signs)).sum()
        gradients[which] = gradients[which] + xp.asarray(mark) * typical
        return tuple(gradients)

    return replace(layer, backward=backward)
