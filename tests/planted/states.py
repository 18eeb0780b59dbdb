"""Right passes that keep state, as classes do: caches, buffers, counters and random masks."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from planted.catalogue import Cached, normal, right
from planted.elementwise import DENSE
from planted.linear import LINEAR
from planted.norms import BATCH
from planted.purity import DROPPED, FLAT, SUM
from planted.sequences import RNN
from planted.softmaxes import SOFTMAX

KEEP = 0.7
RANDOM = {"step": 0.0}  # a crude difference would need the generator to be reset


@dataclass
class Counting(Cached):
    """Counts its calls."""

    calls: int = 0

    def forward(self, inputs):
        self.calls += 1
        return super().forward(inputs)


@dataclass
class Appending(Cached):
    """Appends what it was given, and reads the last of it."""

    seen: list[Any] = field(default_factory=list)

    def forward(self, inputs):
        self.seen.append({name: np.array(value) for name, value in inputs.items()})
        return self.layer.forward(**inputs)

    def backward(self, cotangent):
        return self.layer.backward(cotangent, **self.seen[-1])


class Popping(Appending):
    """Frees what it kept: one backward for each forward."""

    def backward(self, cotangent):
        return self.layer.backward(cotangent, **self.seen.pop())


@dataclass
class Buffered(Cached):
    """Writes into the same arrays in every call, and returns them."""

    buffers: dict[str, Any] = field(default_factory=dict)

    def backward(self, cotangent):
        for name, gradient in super().backward(cotangent).items():
            self.buffers.setdefault(name, np.empty_like(gradient))[...] = gradient
        return self.buffers


@dataclass
class Output(Cached):
    """Returns the same array for every output, and keeps it."""

    y: Any = None

    def forward(self, inputs):
        y = super().forward(inputs)
        self.y = np.empty_like(y) if self.y is None else self.y
        self.y[...] = y
        return self.y

    def backward(self, cotangent):
        return {"x": self.y * (cotangent - (cotangent * self.y).sum(1, keepdims=True))}


@dataclass
class Running(Cached):
    """Keeps running statistics, which the training pass does not read."""

    mean: Any = 0.0

    def forward(self, inputs):
        self.mean = 0.9 * self.mean + 0.1 * inputs["x"].mean(0)
        return super().forward(inputs)


@dataclass
class Globally(Cached):
    """Draws its mask from NumPy's global generator."""

    mask: Any = None

    def forward(self, inputs):
        self.mask = (np.random.rand(*inputs["x"].shape) < KEEP) / KEEP  # noqa: NPY002
        return inputs["x"] * self.mask

    def backward(self, cotangent):
        return {"x": cotangent * self.mask}


@dataclass
class Generated(Globally):
    """Draws its masks from a generator of its own, which goes on from call to call."""

    rng: Any = field(default_factory=lambda: np.random.default_rng(3))

    def forward(self, inputs):
        self.mask = (self.rng.random(inputs["x"].shape) < KEEP) / KEEP
        return inputs["x"] * self.mask


class Reseeded(Globally):
    """Draws the same mask every time."""

    def forward(self, inputs):
        self.mask = (np.random.default_rng(3).random(inputs["x"].shape) < KEEP) / KEEP
        return inputs["x"] * self.mask


@dataclass
class Lazy(Cached):
    """Makes room for its gradients at the first call."""

    room: Any = None

    def backward(self, cotangent):
        new = super().backward(cotangent)
        self.room = (
            {name: np.zeros_like(g) for name, g in new.items()} if not self.room else self.room
        )
        for name, gradient in new.items():
            self.room[name] = gradient
        return dict(self.room)


@dataclass
class Zeroed(Cached):
    """Adds up over the batch, from zero in each backward."""

    def backward(self, cotangent):
        rows = [
            self.layer.backward(
                cotangent[s : s + 1], **{**self.inputs, "x": self.inputs["x"][s : s + 1]}
            )
            for s in range(len(cotangent))
        ]
        return {
            "x": np.vstack([row["x"] for row in rows]),
            "W": sum(row["W"] for row in rows),
            "b": sum(row["b"] for row in rows),
        }


@dataclass
class Carried(Cached):
    """An rnn that starts where the last batch ended."""

    last: Any = None

    def forward(self, inputs):
        start = inputs["h0"] if self.last is None else self.last
        y = super().forward({**inputs, "h0": start})
        self.last = y[-1]
        return y


class Passing(Cached):
    """A sum hands its cotangent on."""

    def backward(self, cotangent):
        return {"a": cotangent, "b": cotangent}


class Viewing(Cached):
    """A reshape needs no copy."""

    def backward(self, cotangent):
        return {"x": cotangent.reshape(self.inputs["x"].shape)}


RIGHT = [
    right("keeps the latest inputs", DENSE, lambda: Cached(DENSE)),
    right("counts its calls", LINEAR, lambda: Counting(LINEAR)),
    right("appends to its cache", LINEAR, lambda: Appending(LINEAR)),
    right("frees its cache in backward", LINEAR, lambda: Popping(LINEAR)),
    right("returns its own buffers", LINEAR, lambda: Buffered(LINEAR)),
    right("returns and keeps its output", SOFTMAX, lambda: Output(SOFTMAX)),
    right("running statistics", BATCH, lambda: Running(BATCH)),
    right("the mask comes from the global generator", DROPPED, lambda: Globally(DROPPED), **RANDOM),
    right("the mask comes from its own generator", DROPPED, lambda: Generated(DROPPED)),
    right("the mask comes from a seed", DROPPED, lambda: Reseeded(DROPPED)),
    right("starts where the last call ended", RNN, lambda: Carried(RNN), **RANDOM),
    right("gives the cotangent back twice", SUM, lambda: Passing(SUM)),
    right("gives back a view of the cotangent", FLAT, lambda: Viewing(FLAT)),
    right("makes room at the first call", LINEAR, lambda: Lazy(LINEAR)),
    right(
        "sample by sample", LINEAR.at(normal(x=(6, 3), W=(3, 4), b=(4,))), lambda: Zeroed(LINEAR)
    ),
]
