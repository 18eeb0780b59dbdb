"""Classes with a forward and a backward method, whatever these are called and wherever they put
the gradients: in attributes, dicts, parameter objects, return values, or straight into the weights.

class_passes.py    how the methods are called: read off their signatures
class_make.py      an instance, constructed and in training mode
class_find.py      which of its arrays are parameters, and where their gradients are
class_returns.py   which gradient is which of what backward returns
class_feed.py      arrays that it can be called with
class_values.py    the values of its parameters
class_readings.py  which of several ways a loss may be meant
class_session.py   calling it
class_steps.py     weights stepped inside backward
class_training.py  only a loss and a step of training
class_tensors.py   layers on a home-made Tensor that differentiates itself
"""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.checks.adapters import class_tensors, names
from gradcheck.checks.adapters.class_arrays import given_arrays
from gradcheck.checks.adapters.class_feed import FITS as FITTING
from gradcheck.checks.adapters.class_feed import RUNS, feed
from gradcheck.checks.adapters.class_find import (
    materialised,
    parameters,
    run,
    weights_fit,
)
from gradcheck.checks.adapters.class_make import make
from gradcheck.checks.adapters.class_passes import (
    Passes,
    Role,
    methods,
    passes,
    place_of,
    required,
    returns_nothing,
)
from gradcheck.checks.adapters.class_readings import FITS, NEARBY, fits, readings_of
from gradcheck.checks.adapters.class_returns import resolve, without_source
from gradcheck.checks.adapters.class_session import (
    ClassSession,
    Plan,
    call_forward,
    output_attribute,
)
from gradcheck.checks.adapters.class_steps import PlainDescent
from gradcheck.checks.adapters.class_training import keeps_weights, train_once, training_passes
from gradcheck.checks.adapters.class_values import point
from gradcheck.checks.adapters.inputs import quietly, usable
from gradcheck.checks.adapters.names import plain
from gradcheck.checks.adapters.parameters import clone, leaves
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.gradient.function import Array, Function
from gradcheck.checks.layers import UsageError

ZERO = ("zero_grad", "zero_grads", "zero_gradients", "clear_grads", "clear_grad", "cleargrads",
        "reset_grad", "reset_grads", "reset_gradients", "zerograd", "clear_gradients")  # fmt: skip


def adapt(request: Request) -> Function | None:
    """The function that a class or an instance stands for; None if it is not called like this."""
    cls = request.thing if inspect.isclass(request.thing) else type(request.thing)
    both = methods(cls)
    if both is not None and _is_something_else(cls, *both):
        return None
    on_tensors = class_tensors.adapt(request) if both is None else None
    called = _passes(request, cls, both) if on_tensors is None else None
    if called is None:
        return on_tensors
    failed: UsageError | None = None
    for asked, with_arrays in given_arrays(request):
        try:
            return _constructed(asked, cls, called, with_arrays)
        except UsageError as error:
            failed = failed or error
    raise failed or UsageError(request.name)


def _constructed(request: Request, cls: type, called: Passes, said: str) -> Function | None:
    """The function that an instance stands for."""
    instance, notes = make(request)
    notes = (*notes, *filter(None, [said]))
    train_once(instance)
    inputs, guessed = _fed(request, instance, called)
    plan = Plan(called, zero=_zero(instance))
    instance, plan, late = materialised(instance, plan, inputs)
    if not called.backward and not plan.cached:
        return None
    readings = [
        _settled(request, instance, reading, inputs)
        for reading in readings_of(plan, instance, inputs)
    ]
    chosen = next((r for r in readings if len(readings) == 1 or fits(r, request.rng)), readings[0])
    extra = tuple(note for note in (late,) if note)
    if called.trains and not chosen.differentiable:
        return None
    if called.trains and called.backward in names.STEP:
        keeps_weights(chosen, called.backward)
    place = place_of(getattr(cls, called.backward or called.forward))
    return replace(chosen, place=place, notes=(*notes, *guessed, *extra, *chosen.notes))


def _passes(request: Request, cls: type, both: tuple[str, str] | None) -> Passes | None:
    if both is None or _of_a_loss(cls, *both):
        return training_passes(request, cls)
    return passes(cls, *both, given=[*request.inputs, *request.shapes])


def _of_a_loss(cls: type, forward: str, backward: str) -> bool:
    """Whether backward is given an input and a target, and no cotangent: `backprop(x, y)`."""
    given = required(getattr(cls, backward))
    targets = [name for name in given if plain(name) in names.LABELS | {"y"}]
    others = [name for name in given if name not in targets]
    return (
        len(targets) == 1
        and len(others) == 1
        and names.key(others[0]) == "x"
        and not {*targets} & {*required(getattr(cls, forward))}
    )


def _is_something_else(cls: type, forward: str, backward: str) -> bool:
    """A Function with a ctx, or a module of a framework: other adapters know these."""
    arguments = list(inspect.signature(getattr(cls, forward)).parameters)
    framework = any(
        base.__module__.split(".")[0] in {"torch", "jax", "keras"} for base in cls.__mro__
    )
    with_ctx = len(arguments) > 1 and plain(arguments[1]) in {"ctx", "context"}
    return framework or with_ctx or hasattr(cls, "save_for_backward")


def _fed(request: Request, instance: Any, called: Passes) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A value for each input of forward that forward takes, and backward too if possible."""

    def works(values: dict[str, Any]) -> bool:
        fresh = clone(instance)
        before = leaves(fresh)
        output = call_forward(fresh, called, values)
        if output is None:
            output = getattr(fresh, output_attribute(before, leaves(fresh)), None)
        return usable(output[0] if isinstance(output, tuple) else output)

    def runs(values: dict[str, Any]) -> int:
        made, plan, _ = materialised(instance, Plan(called), values)
        found = run(made, plan, values, request.rng)
        return 0 if found.failed else FITTING if weights_fit(made, found, plan) else RUNS

    return feed(request, instance, called.inputs, works, runs)


def _settled(request: Request, instance: Any, plan: Plan, inputs: Mapping[str, Any]) -> Function:
    """The function of one reading: its parameters found, its values drawn."""
    found = run(instance, plan, inputs, request.rng)
    called = plan.passes
    plan = parameters(instance, found, plan)
    rates = _rates(instance)
    moves = bool(plan.stepped) or called.has(Role.RATE) or called.has(Role.OPTIMIZER)
    plan = replace(plan, moves=moves)
    if plan.stepped and not (called.has(Role.RATE) or called.has(Role.OPTIMIZER)):
        if not rates and not _optimised(instance):
            raise UsageError(
                f"{request.name}.{called.backward} changes {', '.join(plan.stepped)} itself, and "
                "no learning rate was found: give it an argument or an attribute learning_rate"
            )
        for name in rates:
            setattr(instance, name, 1.0)
    values, notes = point(request, instance, plan.parameters, inputs)
    plan = resolve(found, plan, values)
    plan, values, more = _without_constants(plan, values, found.failed)
    expected = _differentiable(plan, values)
    first = returns_nothing(getattr(type(instance), called.backward or called.forward))
    if _only_of_parameters(plan) or (first and plan.parameters and not plan.at):
        silent = [name for name in expected if name in called.inputs]
        expected = tuple(name for name in expected if name not in silent)
        more += [f"no gradient by {n} is returned, and none is expected" for n in silent]
    return Function(
        name=request.name,
        start=lambda: ClassSession(plan, instance, request.module),
        inputs=values,
        differentiable=expected,
        takes_cotangent=called.has(Role.COTANGENT) or bool(plan.cotangent),
        convention=_convention(plan, found.result is None),
        notes=(*notes, *more, *_reduction(plan), *_of_rate(plan, instance, values)),
    )


def _only_of_parameters(plan: Plan) -> bool:
    """Whether backward returns gradients on purpose, and all of them of parameters."""
    of_parameters = {p.name for p in plan.parameters} & set(plan.entries)
    return bool(of_parameters) and not set(plan.passes.inputs) & {*plan.entries, *plan.at}


def _reduction(plan: Plan) -> list[str]:
    if not plan.reduce:
        return []
    return [f"forward gives several numbers and backward one gradient: that of their {plan.reduce}"]


def _of_rate(plan: Plan, instance: Any, values: Mapping[str, Array]) -> list[str]:
    """What does not scale with the learning rate as the gradient taken from a step should."""
    if not (plan.stepped and plan.passes.has(Role.RATE)):
        return []
    found = []
    try:
        with quietly():
            for rate in (1.0, 0.5):
                session = ClassSession(replace(plan, rate=rate), instance)
                output = session.forward({n: v.copy() for n, v in values.items()})
                found.append(session.backward(np.ones(np.shape(output))))
    except Exception:  # of the user's code: the checker calls it again, and reports it
        return []
    one, half = found
    other = [n for n in one if not np.allclose(one[n], half[n], rtol=FITS, atol=NEARBY)]
    return [
        f"the step of {n} is not proportional to the learning rate"
        if n in plan.stepped
        else f"d{n} depends on the learning rate: weights are changed before they are used for it"
        for n in other
    ]


def _without_constants(
    plan: Plan, values: dict[str, Array], failed: bool
) -> tuple[Plan, dict[str, Array], list[str]]:
    """Take arrays for constants that look like parameters, if no parameter has a gradient."""
    lost = without_source(plan)
    views = [p.name for p in plan.parameters if p.in_place]
    if any(name not in lost for name in views):  # one memory, and the others have the gradient
        covered = [name for name in lost if name in views]
        kept = tuple(p for p in plan.parameters if p.name not in covered)
        plan = replace(plan, parameters=kept)
        values = {name: value for name, value in values.items() if name not in covered}
        lost = [name for name in lost if name not in covered]
    if failed or not lost or len(lost) < len(plan.parameters):
        return plan, values, []
    values = {name: value for name, value in values.items() if name not in lost}
    note = f"no gradient is computed for {', '.join(lost)}: taken as constant"
    return replace(plan, parameters=()), values, [note]


def _differentiable(plan: Plan, values: Mapping[str, Array]) -> tuple[str, ...]:
    """The real inputs, without targets and masks that no gradient is returned for."""
    found = {*plan.entries, *plan.at}
    given = set(plan.passes.inputs)
    expected = {n for n in given if plain(n) not in names.TARGETS and not plan.passes.trains}
    return tuple(
        name
        for name, value in values.items()
        if value.dtype.kind in "fc" and (name in found or name not in given or name in expected)
    )


def _convention(plan: Plan, nothing_returned: bool) -> str:
    """How the class is called, in a phrase."""
    two = f"class with {plan.passes.forward} and {plan.passes.backward}"
    if not plan.passes.backward:
        return f"class with {plan.passes.forward}, which returns the gradients too"
    if plan.passes.trains and plan.passes.backward in names.STEP:
        return f"{two}, one step of plain gradient descent"
    if plan.stepped:
        return f"{two}, weights stepped inside {plan.passes.backward}"
    if nothing_returned:
        return f"{two}, everything in attributes"
    if not plan.parameters:
        return two
    paths = [p.gradient for p in plan.parameters if p.gradient is not None]
    if not paths:
        return f"{two}, gradients returned"
    if all(len(path) == 1 for path in paths):
        return f"{two}, gradients in attributes"
    inside = all(path[-1].attribute for path in paths)
    return f"{two}, gradients in {'objects' if inside else 'a dict or list'}"


def _zero(instance: Any) -> str:
    there = [name for name in ZERO if inspect.ismethod(getattr(instance, name, None))]
    usable = [n for n in there if not inspect.signature(getattr(instance, n)).parameters]
    return usable[0] if usable else ""


def _rates(instance: Any) -> list[str]:
    held = getattr(instance, "__dict__", {})
    found = [n for n, v in held.items() if plain(n) in names.RATE and isinstance(v, int | float)]
    return [n for n in found if plain(n) != "alpha"] or found  # alpha is often a slope


def _optimised(instance: Any) -> bool:
    return any(isinstance(v, PlainDescent) for v in leaves(instance).values())
