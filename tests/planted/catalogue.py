"""What a catalogue of planted errors is made of: layers, wrong backward passes, right awkward ones.

A layer is a right forward and a right backward. A wrong entry is a layer of which some gradients
are replaced, `(d, i, g) -> gradient`, given the cotangent, the inputs and the right gradients, or
a session that misbehaves.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import numpy as np

from gradcheck.checks.gradient.function import Function, PairSession

# how many times the root of the mean square the largest entries are
LARGEST = 3.0

Draw = Callable[[np.random.Generator], dict[str, Any]]


@dataclass(frozen=True)
class Layer:
    """A right forward and a right backward, and the inputs of a seed."""

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    draw: Draw
    differentiable: tuple[str, ...] = ()
    takes_cotangent: bool = True

    def inputs(self, seed: int) -> dict[str, np.ndarray]:
        """The same for the same seed, and other layers draw other numbers."""
        rng = np.random.default_rng([seed, crc32(self.name.encode())])
        return {name: np.asarray(value) for name, value in self.draw(rng).items()}

    def at(self, draw: Draw, name: str = "") -> "Layer":
        """The same layer at other inputs."""
        return replace(self, draw=draw, name=name or self.name)

    def function(self, seed: int, session: Callable[[], Any] | None = None) -> Function:
        """The layer as it is to be checked, with another session if one is given."""
        start = session or (lambda: PairSession(self.forward, self.backward))
        point = self.inputs(seed)
        return Function(self.name, start, point, self.differentiable, self.takes_cotangent)


@dataclass(frozen=True)
class Wrong:
    """A backward pass that has to be caught.

    inputs  the gradients that are wrong: at least one of them has to be named, and no other one;
            empty if the fault is one of the function as a whole, which may be reported anywhere
    codes   the diagnoses that are right; empty where none fits
    shown   whether one backward at one point shows it, which the tests of the catalogue verify
    """

    sentence: str
    layer: Layer
    make: Callable[[int], Function]
    inputs: tuple[str, ...]
    codes: tuple[str, ...]
    large: bool = False
    shown: bool = True


@dataclass(frozen=True)
class Right:
    """A right backward pass that must not be accused.

    inconclusive  why the check may say that it cannot tell; empty where it has to agree
    step, close   of the crude difference that verifies the entry, relative to the scale of the
                  input and of the gradient; no step where the function is not smooth there
    """

    sentence: str
    make: Callable[[int], Function]
    inconclusive: str = ""
    step: float = 1e-5
    close: float = 1e-5


def wrong(
    sentence: str,
    layer: Layer,
    inputs: str,
    codes: str = "",
    *,
    large: bool = False,
    **gradients: Callable[[Any, SimpleNamespace, SimpleNamespace], Any],
) -> Wrong:
    """A layer some of whose gradients are replaced."""

    def backward(d: Any, i: SimpleNamespace, g: SimpleNamespace) -> dict[str, Any]:
        return {**vars(g), **{name: change(d, i, g) for name, change in gradients.items()}}

    return wrong_pass(sentence, layer, inputs, codes, backward, large=large)


def wrong_pass(
    sentence: str,
    layer: Layer,
    inputs: str,
    codes: str,
    backward: Callable[[Any, SimpleNamespace, SimpleNamespace], Any],
    *,
    large: bool = False,
    shown: bool = True,
) -> Wrong:
    """A layer whose whole backward pass is replaced."""

    def whole(cotangent: Any, **given: Any) -> Any:
        right = SimpleNamespace(**layer.backward(cotangent, **given))
        return backward(cotangent, SimpleNamespace(**given), right)

    start = lambda: PairSession(layer.forward, whole)  # noqa: E731
    return wrong_session(sentence, layer, inputs, codes, start, large=large, shown=shown)


def wrong_session(
    sentence: str,
    layer: Layer,
    inputs: str,
    codes: str,
    start: Callable[[], Any],
    *,
    large: bool = False,
    shown: bool = False,
) -> Wrong:
    """A layer run by a session that misbehaves."""
    return Wrong(
        f"{layer.name}: {sentence}",
        layer,
        lambda seed: layer.function(seed, start),
        tuple(inputs.split()),
        tuple(codes.split()),
        large,
        shown,
    )


def right(sentence: str, layer: Layer, start: Callable[[], Any] | None = None, **how: Any) -> Right:
    """A layer that is right, at inputs or in a session that make that hard to see."""
    return Right(f"{layer.name}: {sentence}", lambda seed: layer.function(seed, start), **how)


@dataclass
class Cached:
    """A session that keeps what `keep` makes of the inputs for its backward pass."""

    layer: Layer
    inputs: dict[str, Any] = field(default_factory=dict)

    def forward(self, inputs: dict[str, Any]) -> Any:
        self.inputs = {name: np.array(value) for name, value in inputs.items()}
        return self.layer.forward(**inputs)

    def backward(self, cotangent: Any) -> Any:
        return self.layer.backward(cotangent, **self.inputs)


def normal(**shapes: tuple[int, ...]) -> Draw:
    """Standard normal inputs of the given shapes."""
    return lambda rng: {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def poked(array: Any, index: Any, amount: float) -> np.ndarray:
    """A copy with a fraction of about its largest entries added to one entry, linear in them."""
    changed = np.array(array)
    mixed = np.cos(np.arange(changed.size)) @ changed.ravel() / np.sqrt(changed.size / 2)
    changed[index] += amount * LARGEST * mixed
    return changed


def only(array: Any, index: Any) -> np.ndarray:
    """A copy that is zero but there."""
    kept = np.zeros_like(array)
    kept[index] = np.asarray(array)[index]
    return kept


def without(array: Any, index: Any) -> np.ndarray:
    """A copy that is zero there."""
    return np.asarray(array) - only(array, index)
