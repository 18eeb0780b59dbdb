"""The point at which a class is checked: its inputs, and values for its parameters.

Initial values hide mistakes: a bias of zeros, a scale of ones, weights so small that all is linear.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gradcheck.checks.adapters.draw import draw
from gradcheck.checks.adapters.parameters import Parameter, get
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.gradient.function import Array

SMALL = 0.1  # weights below this leave tanh and sigmoid linear, and hide a missing derivative
SPREAD = 0.5  # of random parameters: entries up to 1, where tanh and sigmoid are curved


def point(
    request: Request,
    instance: Any,
    parameters: Iterable[Parameter],
    inputs: Mapping[str, Any],
) -> tuple[dict[str, Array], list[str]]:
    """The inputs and the parameters; those that would hide a mistake are drawn anew."""
    values = {name: np.asarray(value) for name, value in inputs.items()}
    drawn = []
    for parameter in parameters:
        name = parameter.name
        value = np.asarray(get(instance, parameter.paths[0]))
        if name in request.inputs:
            value = np.asarray(request.inputs[name])
        elif _hides(value):
            random = SPREAD * draw(value.shape, request.rng)
            base = float(value.flat[0]) if value.size and np.ptp(value) == 0 else 0.0
            value = (base * (1 + random / 2) if base else random).astype(value.dtype)
            drawn.append(name)
        values[name] = value.copy()
    return values, [f"random instead of initial values: {', '.join(drawn)}"] if drawn else []


def _hides(value: Array) -> bool:
    """Whether a parameter is constant, or so small that everything after it is linear."""
    if not value.size:
        return False
    return bool(np.ptp(value) == 0 if value.size > 1 else value == 0) or bool(
        np.abs(value).max() < SMALL
    )
