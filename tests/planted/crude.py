"""The referee of the catalogue itself: one step, one formula, no error estimate."""

from typing import Any

import numpy as np

from gradcheck.checks.gradient.function import Function

# entries compared of an input; large ones are sampled
SAMPLE = 20
# a difference that rounding explains is none: ten times the rounding of the sum of the outputs
ROUNDING = 10 * np.finfo(float).eps


def as_dict(function: Function, returned: Any) -> dict[str, Any]:
    """The gradients by name: a tuple is in the order of the inputs."""
    if isinstance(returned, dict):
        return {name: value for name, value in returned.items() if value is not None}
    given = returned if isinstance(returned, tuple | list) else [returned]
    return dict(zip(function.differentiable, given, strict=False))


def outputs(function: Function, inputs: dict[str, Any]) -> list[np.ndarray]:
    """In float64 or complex128, one of them or several."""
    output = function.start().forward(inputs)
    parts = [np.asarray(part) for part in (output if isinstance(output, tuple) else (output,))]
    return [part.astype(np.result_type(part.dtype, float)) for part in parts]


def cotangent_for(function: Function, seed: int, size: float = 1.0) -> list[np.ndarray]:
    """Random, with the shape and the kind of each output; ones where no other is taken."""
    if not function.takes_cotangent:
        return [np.ones(part.shape) for part in outputs(function, copies(function))]
    rng = np.random.default_rng([seed, 77])
    return [_random(rng, part, size) for part in outputs(function, copies(function))]


def copies(function: Function) -> dict[str, Any]:
    return {name: array.copy() for name, array in function.inputs.items()}


def gradients(function: Function, cotangent: list[np.ndarray]) -> dict[str, Any]:
    """What backward returns in a new session."""
    session = function.start()
    session.forward(copies(function))
    given = [np.array(part) for part in cotangent]
    return as_dict(function, session.backward(given[0] if len(given) == 1 else tuple(given)))


def worst(function: Function, seed: int, step: float) -> float:
    """The largest difference between backward and crude differences, relative to the gradient."""
    cotangent = cotangent_for(function, seed)
    found = gradients(function, cotangent)
    rng = np.random.default_rng([seed, 78])
    errors = [0.0]
    for name in function.differentiable:
        array, gradient = function.inputs[name], np.asarray(found[name])
        assert gradient.shape == array.shape, name
        every = list(np.ndindex(array.shape))
        scale = np.abs(gradient).max(initial=1e-300)
        for index in (every[k] for k in rng.permutation(len(every))[:SAMPLE]):
            by = step * (max(abs(array[index]), 0.1 * np.abs(array).mean()) or 1.0)
            expected, noise = _slope(function, name, index, by, cotangent)
            if array.dtype.kind == "c":
                expected = expected + 1j * _slope(function, name, index, 1j * by, cotangent)[0]
            errors.append((abs(gradient[index] - expected) - noise) / scale)
    return float(max(errors))


def differs(one: Any, other: Any) -> bool:
    """In shape, in kind, or in an entry by more than 1e-7 of the largest one."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape or one.dtype != other.dtype or not np.isfinite(one).all():
        return True
    return bool((np.abs(one - other) > 1e-7 * np.abs(other).max()).any())


def _random(rng: np.random.Generator, output: np.ndarray, size: float) -> np.ndarray:
    parts = size * rng.standard_normal((2, *output.shape))
    return np.asarray(parts[0] + 1j * parts[1] if output.dtype.kind == "c" else parts[0])


def _slope(
    function: Function, name: str, index: Any, step: Any, cotangent: list[np.ndarray]
) -> tuple[float, float]:
    """The central difference along one entry, a real or an imaginary step; and its rounding."""
    high, low = copies(function), copies(function)
    high[name][index] += step
    low[name][index] -= step
    moved = abs(complex(high[name][index]) - complex(low[name][index]))
    change, size = 0.0, 0.0
    for c, up, down in zip(cotangent, outputs(function, high), outputs(function, low), strict=True):
        change += (np.conj(c) * (up - down)).sum().real
        size += (np.abs(c) * np.abs(up)).sum()
    return change / moved, ROUNDING * size / moved
