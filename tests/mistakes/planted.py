"""A layer with a wrong gradient, and the evidence that a checker would have of it."""

from dataclasses import dataclass, field

import numpy as np

from gradcheck.checks.mistakes.evidence import Evidence, Probe

STEP = 1e-3  # of the four-point rule along a line, whose error is some h**4
ERROR = 1e-9  # of the slopes measured like that, for layers of size 1


@dataclass(frozen=True)
class Estimate:
    """A Jacobian by differences, output axes first, and how far it may be off."""

    value: np.ndarray
    error: np.ndarray


def jacobian(function, at):
    """By the four-point rule, entry by entry."""
    columns = []
    for place in np.ndindex(at.shape):
        unit = np.zeros(at.shape)
        unit[place] = STEP
        near, far = (np.asarray(function(at + k * unit) - function(at - k * unit)) for k in (1, 2))
        columns.append((8 * near - far) / (12 * STEP))
    value = np.stack(columns, axis=-1).reshape(columns[0].shape + at.shape)
    return Estimate(value, np.full(value.shape, ERROR))


@dataclass(frozen=True)
class Layer:
    """forward(**inputs) and, by input, gradient(dy, **inputs), all right."""

    forward: object
    gradients: dict = field(repr=False)
    inputs: dict = field(repr=False)
    sizes: dict = field(default_factory=dict, repr=False)


def evidence(layer, of, wrong, measured, seed=0, probes=3):
    """What is known of a wrong gradient: slopes, and if `measured` the whole of it besides."""
    rng = np.random.default_rng(seed)
    inputs, forward = layer.inputs, layer.forward
    output = np.asarray(forward(**inputs))
    cotangent = rng.normal(size=output.shape)
    every = layer.gradients | {of: wrong}

    def again(dy):
        return {name: np.asarray(gradient(dy, **inputs)) for name, gradient in every.items()}

    def slope(u):
        def at(step):
            return np.sum(cotangent * forward(**inputs | {of: inputs[of] + step * u}))

        near, far = at(STEP) - at(-STEP), at(2 * STEP) - at(-2 * STEP)
        return float((8 * near - far) / (12 * STEP))

    shape = inputs[of].shape
    signed = [rng.choice([-1, 1], shape) * rng.uniform(0.5, 1.5, shape) for _ in range(probes)]
    measurements = tuple(Probe(u, slope(u), ERROR) for u in signed)
    known = {}
    if measured:
        full = jacobian(lambda x: np.asarray(forward(**inputs | {of: x})), inputs[of])
        known["numerical"] = np.tensordot(cotangent, full.value, cotangent.ndim)
        known["error"] = ERROR
        known["jacobian"] = lambda: full.value
    return Evidence(
        of, inputs, output, cotangent, again(cotangent), measurements,
        sizes=layer.sizes, again=again, **known,
    )  # fmt: skip
