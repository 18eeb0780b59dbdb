"""How a loss may be meant, and what it computes in each reading.

A reading says which argument is the prediction, what the gradient's arguments are given, and
whether losses of several samples are added or averaged.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck.checks.adapters.ctx import scalar_or_array
from gradcheck.checks.adapters.loss_calls import Calls, Passes, target_of
from gradcheck.checks.gradient.function import Array

STEP = 1e-4  # of the quick look: float32 losses are still resolved
CLOSE = 1e-2  # readings differ by signs and factors, so a hundredth tells them apart
KEPT = ("dinputs", "dx", "dX", "grad", "gradient", "dvalues", "grad_input", "dpred", "dlogits")
OUTPUT = "self.output"  # an argument that is given what the forward pass left there
REDUCE: Mapping[str, Callable[[Array], Any]] = {"sum": np.sum, "mean": np.mean}

Map = Callable[[Array], Array]


@dataclass(frozen=True)
class Reading:
    """One way to understand a loss; `given` is what the gradient's arguments are given."""

    prediction: str
    target: str
    given: tuple[str, ...]
    reduce: str = "sum"


def readings(calls: Calls) -> Iterator[Reading]:
    """The ways in which a loss may be meant, the likeliest first. Names decide where they can."""
    for prediction, target in roles(calls.loss):
        for given in _orders(calls, prediction, target):
            for reduce in REDUCE:
                yield Reading(prediction, target, given, reduce)


def roles(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Which argument is the prediction and which the target: both ways if no name tells."""
    target = target_of(names)
    if target is None:
        first, second = names[:2]
        return [(first, second), (second, first)]
    return [(next(name for name in names if name != target), target)]


@dataclass
class LossSession:
    """Calls a loss in one reading. A loss that takes no cotangent is one number."""

    calls: Calls
    reading: Reading
    constants: Mapping[str, Any] = field(default_factory=dict)
    takes: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    returned: Any = None

    def __post_init__(self) -> None:
        self.passes: Passes = self.calls.start()

    def forward(self, inputs: Mapping[str, Array]) -> Any:
        loss = self.loss(inputs)
        if self.takes:
            return loss
        array = np.asarray(loss)
        return array.reshape(()) if array.size == 1 else REDUCE[self.reading.reduce](array)

    def loss(self, inputs: Mapping[str, Array]) -> Any:
        """The loss as it is returned: one number, or one for each sample."""
        self.values = {k: scalar_or_array(v) for k, v in {**self.constants, **inputs}.items()}
        function, gradient, instance = self.passes
        given = {name: self.values[name] for name in self.calls.loss}
        named = isinstance(function, functools.partial)  # other arguments may stand in between
        loss = function(**given) if named else function(*given.values())
        if gradient is None:
            loss, *rest = loss
            self.returned = rest[0] if len(rest) == 1 else tuple(rest)
        if loss is None:  # it is left in an attribute
            kept = (getattr(instance, name, None) for name in ("loss", "output"))
            loss = next((v for v in kept if v is not None and not callable(v)), None)
        return loss[0] if isinstance(loss, tuple) else loss

    def backward(self, cotangent: Any) -> Any:
        _, gradient, instance = self.passes
        returned = self.returned
        if gradient is not None:
            returned = gradient(*self._given(instance, cotangent))
        if returned is None and instance is not None:
            kept = (getattr(instance, name, None) for name in KEPT)
            returned = next((v for v in kept if isinstance(v, np.ndarray)), None)
        if isinstance(returned, tuple):
            for names in (self.calls.results, self.calls.loss):
                if len(returned) == len(names):
                    return dict(zip(names, returned, strict=True))
        if isinstance(returned, tuple | list | Mapping):
            return returned
        return {self.reading.prediction: returned}

    def _given(self, instance: Any, cotangent: Any) -> Iterator[Any]:
        named = {**self.values, OUTPUT: getattr(instance, "output", None)}
        for name in self.reading.given:
            if name != self.calls.cotangent:
                yield named[name]
            elif self.takes or not self.calls.default:
                yield cotangent


def agrees(
    calls: Calls,
    reading: Reading,
    inputs: Mapping[str, Array],
    constants: Mapping[str, Any],
    through: tuple[Map, Map] | None = None,
    sign: float = 1.0,
) -> bool:
    """Whether the gradient fits the loss at a quick look: two directions, two differences each.

    This chooses between readings; it is no verdict. `through` is a map in front of the loss and
    its inverse: then the gradient is compared with that by what comes before the map.
    With the sign -1 the opposite gradient is compared.
    """
    session = LossSession(calls, reading, constants, takes=False)
    name = reading.prediction
    if inputs[name].dtype.kind != "f":
        return False
    forth, back = through or (_same, _same)
    loss = session.forward(inputs)
    got = session.backward(np.ones_like(np.asarray(loss)))
    gradient = sign * np.asarray(got.get(name) if isinstance(got, Mapping) else None, dtype=float)
    point = back(inputs[name])
    if gradient.shape != point.shape or not gradient.any():
        return False
    rng = np.random.default_rng(0)
    for _ in range(2):
        u = rng.standard_normal(point.shape)
        ends = (session.forward({**inputs, name: forth(point + h * u)}) for h in (STEP, -STEP))
        up, down = map(float, ends)
        allowed = CLOSE * float(np.linalg.norm(gradient))
        if not abs((up - down) / (2 * STEP) - float(np.sum(gradient * u))) <= allowed:
            return False
    return True


def _orders(calls: Calls, prediction: str, target: str) -> list[tuple[str, ...]]:
    """What the gradient's arguments may be given, in their order."""
    names = calls.gradient + ((calls.cotangent,) if calls.default else ())
    open_names = [n for n in names if n not in calls.loss and n != calls.cotangent]
    if not open_names:
        return [names]
    theirs = [n for n in names if n != calls.cotangent]
    if len(theirs) == 1:
        return [_replaced(names, {theirs[0]: value}) for value in (prediction, OUTPUT)]
    known = target_of(theirs)
    if known is not None and target_of(calls.loss) is not None:
        other = next(n for n in theirs if n != known)
        return [_replaced(names, {known: target, other: v}) for v in (prediction, OUTPUT)]
    return [
        _replaced(names, dict(zip(theirs, order, strict=True)))
        for order in itertools.permutations(calls.loss)
    ]


def _replaced(names: tuple[str, ...], by: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(by.get(name, name) for name in names)


def _same(array: Array) -> Array:
    return array
