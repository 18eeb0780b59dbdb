"""Passes that break the contract: what they change, what they remember, what they ignore."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from planted.catalogue import Cached, Layer, normal, wrong, wrong_pass, wrong_session
from planted.elementwise import DROPOUT, RELU, TANH
from planted.linear import LINEAR
from planted.norms import BATCH, LAYER
from planted.sequences import RNN


def changes_x(d, i, g):
    i.x[i.x < 0] = 0
    return vars(g)


def steps(d, i, g):
    i.W[...] -= 0.1 * g.W
    return vars(g)


def changes_d(d, i, g):
    d *= 1 - np.tanh(i.x) ** 2
    return {"x": d.copy()}


def changes_d_a_little(d, i, g):
    d[0] += 1e-3
    return vars(g)


def centred(x, gamma, beta):
    """A forward that centres its argument in place."""
    x -= x.mean(0)
    return BATCH.forward(x, gamma, beta)


def rectified(x):
    x[x < 0] = 0
    return x


@dataclass
class Stale(Cached):
    """Keeps the first inputs for ever; with `names`, only those."""

    names: tuple[str, ...] = ()

    def forward(self, inputs):
        kept = {n: self.inputs[n] for n in self.names or inputs if n in self.inputs}
        super().forward(inputs)
        self.inputs = {**self.inputs, **kept}
        return self.layer.forward(**inputs)


@dataclass
class Accumulating(Cached):
    """Adds to its gradients, and never sets them to zero; with `names`, only to those."""

    names: tuple[str, ...] = ()
    sums: dict[str, Any] = field(default_factory=dict)

    def backward(self, cotangent):
        new = super().backward(cotangent)
        for name in self.names or new:
            new[name] = new[name] + self.sums.get(name, 0)
        self.sums = new
        return dict(new)


@dataclass
class Late(Cached):
    """Returns the weights' gradient of the backward before."""

    before: Any = 0.0

    def backward(self, cotangent):
        new = super().backward(cotangent)
        self.before, new["W"] = new["W"], new["W"] * 0 + self.before
        return new


@dataclass
class Momentum(Cached):
    """Returns a running average of the gradients."""

    average: Any = 0.0

    def backward(self, cotangent):
        new = super().backward(cotangent)
        self.average = new["W"] = 0.9 * self.average + new["W"]
        return new


@dataclass
class Remasked(Cached):
    """Draws another mask for the backward pass."""

    rng: Any = field(default_factory=lambda: np.random.default_rng(5))

    def backward(self, cotangent):
        return {"x": cotangent * (self.rng.random(cotangent.shape) < 0.7) / 0.7}


@dataclass
class Noisy(Cached):
    """A little noise in the gradient."""

    rng: Any = field(default_factory=lambda: np.random.default_rng(6))

    def backward(self, cotangent):
        new = super().backward(cotangent)
        new["W"] += 1e-3 * self.rng.standard_normal(new["W"].shape)
        return new


@dataclass
class Warm(Cached):
    """Right for two calls, then off by a factor: as with a schedule."""

    calls: int = 0

    def backward(self, cotangent):
        self.calls += 1
        return {n: g if self.calls < 3 else 0.9 * g for n, g in super().backward(cotangent).items()}


DROPPED = Layer(
    "dropout of everything kept", lambda x: x * 1.0, lambda d, x: {"x": d}, normal(x=(7, 5))
)
SUM = Layer(
    "sum of two",
    lambda a, b: a + b,
    lambda d, a, b: {"a": d + 0, "b": d + 0},
    normal(a=(3, 4), b=(3, 4)),
)
FLAT = Layer(
    "flatten",
    lambda x: x.reshape(len(x), -1),
    lambda d, x: {"x": d.reshape(x.shape) + 0},
    normal(x=(2, 3, 4)),
)
EXP = Layer("exp", lambda x: np.exp(x), lambda d, x: {"x": d * np.exp(x)}, normal(x=(4, 3)))

LAYERS = [DROPPED, SUM, FLAT, EXP]


WRONG = [
    wrong_pass("the input is rectified", TANH, "", "mutates-input", changes_x, shown=False),
    wrong_pass("the weights are stepped", LINEAR, "", "mutates-input", steps, shown=False),
    wrong_session(
        "forward centres its input",
        BATCH,
        "",
        "mutates-input",
        lambda: Cached(Layer("", centred, BATCH.backward, BATCH.draw)),
    ),
    wrong_session(
        "forward rectifies its input",
        RELU,
        "",
        "mutates-input",
        lambda: Cached(Layer("", rectified, RELU.backward, RELU.draw)),
    ),
    wrong_pass(
        "the cotangent is multiplied in place",
        TANH,
        "",
        "mutates-cotangent",
        changes_d,
        shown=False,
    ),
    wrong_pass(
        "the cotangent is nudged", LINEAR, "", "mutates-cotangent", changes_d_a_little, shown=False
    ),
    wrong_pass(
        "the input's memory",
        EXP,
        "",
        "aliases mutates-input",
        lambda d, i, g: {"x": np.multiply(d, np.exp(i.x), out=i.x)},
        shown=False,
    ),
    wrong_session("the first inputs are kept", LINEAR, "", "stale-cache", lambda: Stale(LINEAR)),
    wrong_session(
        "the first x is kept", LINEAR, "W", "stale-cache", lambda: Stale(LINEAR, names=("x",))
    ),
    wrong_session(
        "the first weights are kept",
        LINEAR,
        "x",
        "stale-cache",
        lambda: Stale(LINEAR, names=("W",)),
    ),
    wrong_session("the first x is kept", TANH, "x", "stale-cache", lambda: Stale(TANH)),
    wrong_session(
        "the first inputs are kept", LAYER, "x gamma", "stale-cache", lambda: Stale(LAYER)
    ),
    wrong_session(
        "the weights' gradient of the call before",
        LINEAR,
        "W",
        "stale-cache zero",
        lambda: Late(LINEAR),
    ),
    wrong_session(
        "gradients are added up", LINEAR, "", "accumulates", lambda: Accumulating(LINEAR)
    ),
    wrong_session(
        "the weights' gradients are added up",
        LINEAR,
        "W",
        "accumulates",
        lambda: Accumulating(LINEAR, names=("W",)),
    ),
    wrong_session(
        "the bias's gradients are added up",
        RNN,
        "b",
        "accumulates",
        lambda: Accumulating(RNN, names=("b",)),
    ),
    wrong_session("a running average", LINEAR, "W", "accumulates", lambda: Momentum(LINEAR)),
    wrong_session("another mask", DROPPED, "x", "nondeterministic", lambda: Remasked(DROPPED)),
    wrong_session("noise", LINEAR, "W", "nondeterministic", lambda: Noisy(LINEAR)),
    wrong_session(
        "a schedule in backward",
        TANH,
        "",
        "nondeterministic accumulates stale-cache",
        lambda: Warm(TANH),
    ),
    wrong(
        "clipped by norm",
        LINEAR,
        "W",
        "nonlinear",
        W=lambda d, i, g: g.W / max(1, np.linalg.norm(g.W) / 5),
    ),
    wrong(
        "scaled to unit length", TANH, "x", "nonlinear", x=lambda d, i, g: g.x / np.linalg.norm(g.x)
    ),
    wrong(
        "rounded to three places",
        LINEAR,
        "x",
        "nonlinear approximate",
        x=lambda d, i, g: np.round(g.x, 3),
    ),
    wrong("the cotangent's size", TANH, "x", "nonlinear", x=lambda d, i, g: np.abs(g.x)),
    wrong(
        "the cotangent's sign",
        TANH,
        "x",
        "nonlinear",
        x=lambda d, i, g: np.sign(d) * (1 - np.tanh(i.x) ** 2),
    ),
    wrong(
        "small cotangents are dropped",
        DROPOUT,
        "x",
        "nonlinear",
        x=lambda d, i, g: g.x * (np.abs(d) > 0.3),
    ),
    wrong("the cotangent twice", EXP, "x", "nonlinear", x=lambda d, i, g: g.x * d),
    wrong(
        "the cotangent is never read",
        TANH,
        "x",
        "ignores-cotangent",
        x=lambda d, i, g: 1 - np.tanh(i.x) ** 2,
    ),
]
