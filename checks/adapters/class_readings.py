"""The ways in which a backward pass may be meant, and a quick look at which of them fits.

Losses are where this is needed: what stands where the cotangent usually is may be the prediction,
and the gradient of one loss for each sample may be that of their mean or of their sum.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.checks.adapters.class_find import cotangent_for
from gradcheck.checks.adapters.class_passes import Role
from gradcheck.checks.adapters.class_session import ClassSession, Plan
from gradcheck.checks.adapters.inputs import quietly
from gradcheck.checks.adapters.names import plain
from gradcheck.checks.gradient.function import Array, Function

NEARBY = 1e-6  # the step of a quick look at which of two readings fits
FITS = 1e-3  # and how far off, relative to the slope: another reading is off by its whole size


def readings_of(plan: Plan, instance: Any, inputs: Mapping[str, Any]) -> list[Plan]:
    """The ways in which a backward pass may be meant, the likeliest first; mostly one."""
    called = plan.passes
    like_loss, scalar = _loss(instance, plan, inputs)
    reduced = [plan] if scalar else [replace(plan, reduce=how) for how in ("mean", "sum")]
    if not called.has(Role.COTANGENT):
        attribute = _cotangent_attribute(instance)
        if attribute and not like_loss:
            return [replace(plan, cotangent=attribute)]
        return reduced
    if not like_loss:
        return [plan]
    # of a loss, what stands where the cotangent usually is may be the prediction
    direct = called.with_role(Role.COTANGENT, Role.INPUT)
    of_inputs = [replace(each, passes=direct) for each in reduced]
    named = next(name for name, role in called.roles if role is Role.COTANGENT)
    if named in called.inputs or (plain(named) == "dvalues" and len(called.inputs) > 1):
        return [*of_inputs, plan]
    return [plan, *of_inputs] if len(called.roles) == len(called.inputs) else [plan]


def fits(function: Function, rng: np.random.Generator) -> bool:
    """A quick look whether the gradients of a reading are those of its forward pass."""
    try:
        with quietly():
            return _slopes_agree(function, rng)
    except Exception:  # of the user's code, called in a way it may not be meant for
        return False


def _slopes_agree(function: Function, rng: np.random.Generator) -> bool:
    at = {name: value.astype(float) for name, value in function.inputs.items()}
    at = {n: at[n] if n in function.differentiable else function.inputs[n] for n in at}
    along = {name: rng.uniform(-1, 1, at[name].shape) for name in function.differentiable}
    session = function.start()

    def value(step: float) -> Array:
        moved = {n: v + step * along[n] if n in along else v.copy() for n, v in at.items()}
        return np.asarray(session.forward(moved), dtype=float)

    slope = (value(NEARBY) - value(-NEARBY)) / (2 * NEARBY)
    here = session.forward({n: v.copy() for n, v in at.items()})
    cotangent = cotangent_for(here, rng) if function.takes_cotangent else np.float64(1)
    gradients = session.backward(cotangent)
    wanted = float(np.sum(np.asarray(cotangent) * slope))
    got = sum(float(np.sum(along[n] * gradients[n])) for n in along)
    return abs(got - wanted) <= FITS * max(abs(wanted), abs(got))


def _loss(instance: Any, plan: Plan, inputs: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether the output looks like a loss: of everything, or of each sample; whether it is one
    number.
    """
    first = np.asarray(next(iter(inputs.values()), 0.0))
    try:
        with quietly():
            copies = {n: v.copy() if isinstance(v, np.ndarray) else v for n, v in inputs.items()}
            output = ClassSession(plan, instance).forward(copies)
            shape = np.shape(output)
    except Exception:  # of the user's code: the checker calls it again, and reports it
        return False, True
    scalar = int(np.prod(shape)) == 1
    samples = len(shape) < first.ndim and shape == first.shape[: len(shape)]
    return (scalar and first.size > 1) or samples, scalar


def _cotangent_attribute(instance: Any) -> str:
    held = getattr(instance, "__dict__", {})
    usual = ("delta", "dout", "grad_output", "output_grad", "dy", "upstream")
    return next((name for name in usual if name in held), "")
