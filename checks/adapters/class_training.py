"""Classes with no backward pass of their own but a loss: with its gradients, returned together or
by a method of their own, or with a step of training that descends it.

One step of plain gradient descent with the learning rate 1 changes a weight by minus its gradient.
"""

import inspect
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.checks.adapters import names
from gradcheck.checks.adapters.class_passes import (
    Passes,
    Role,
    arguments,
    methods,
    passes,
    required,
)
from gradcheck.checks.adapters.names import plain
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.gradient.function import Function
from gradcheck.checks.layers import UsageError

SAME = 1e-9  # weights that end this near to each other are the same, but for rounding
SURELY = {"fit", "train_step", "training_step", "train_on_batch", "partial_fit"}


def training_passes(request: Request, cls: type) -> Passes | None:
    """The loss as forward, and as backward the gradients, the step, or nothing at all.

    None if the class has no loss and no step of training. A loss without anything else may return
    the gradients together with its value.
    """
    there = [n for n in dir(cls) if inspect.isfunction(inspect.getattr_static(cls, n, None))]
    loss, step = names.first(names.LOSS_OF, there), names.first(names.STEP, there)
    after = names.first(names.GRADIENTS_OF, there) or step
    wanted = (
        f"{request.name} has {step} and no backward pass: give it a method loss(X, y) that "
        f"computes the loss which {step}(X, y) descends"
    )
    if loss is None and after and methods(cls):  # forward is there, and what it is to descend not
        raise UsageError(
            f"{request.name}.{after}({', '.join(required(getattr(cls, after)))}) gives gradients "
            f"of a loss that is not there: give the class a method loss(x, y) that computes it"
        )
    if loss is None and step in SURELY:
        raise UsageError(wanted)
    if loss is None:
        return None
    given = [*request.inputs, *request.shapes, *_targets(getattr(cls, loss))]
    if after is None:
        inputs, constants, by_name = arguments(getattr(cls, loss), given)
        return Passes(loss, "", inputs, constants, (), (), by_name, trains=True)
    called = passes(cls, loss, after, given)
    called = replace(called.with_role(Role.COTANGENT, Role.INPUT), trains=True)
    taken = [name for name, role in called.roles if role is Role.INPUT]
    if len(taken) != len(called.inputs):
        raise UsageError(wanted)
    return called


def train_once(instance: Any) -> None:
    """Let a training loop go round once."""
    for name, value in list(getattr(instance, "__dict__", {}).items()):
        if plain(name) in names.EPOCHS and type(value) is int:
            setattr(instance, name, 1)


def keeps_weights(function: Function, step: str) -> None:
    """Raise UsageError if the step starts from weights of its own instead of those it is given."""
    ends = []
    for shift in (0.0, 0.25):
        at = {n: v + shift * (n in function.differentiable) for n, v in function.inputs.items()}
        session = function.start()
        session.forward({n: v.copy() for n, v in at.items()})
        gradients = session.backward(np.float64(1))
        ends.append([at[n] - gradients[n] for n in function.differentiable if n in gradients])
    if all(np.allclose(a, b, rtol=SAME, atol=SAME) for a, b in zip(*ends, strict=True)):
        raise UsageError(
            f"{function.name}.{step} starts from weights of its own every time: make them in the "
            f"constructor, so that {step} changes the weights that are there"
        )


def _targets(loss: Any) -> list[str]:
    """The targets among the arguments: some losses can be called without, and predict."""
    return [name for name in inspect.signature(loss).parameters if plain(name) in names.TARGETS]
