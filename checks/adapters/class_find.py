"""Where a class keeps its parameters and leaves its gradients: found by running it once.

Forward is called twice and backward once, on copies. What is there before forward and is trained
is a parameter; what is there after backward under the name of a gradient is its gradient.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradcheck.checks.adapters import names
from gradcheck.checks.adapters.class_passes import Role
from gradcheck.checks.adapters.class_session import (
    ClassSession,
    Plan,
    call_forward,
    output_attribute,
)
from gradcheck.checks.adapters.inputs import quietly
from gradcheck.checks.adapters.parameters import (
    Parameter,
    Path,
    Step,
    arrays,
    changed,
    clone,
    fit,
    get,
    gradient_at,
    leaves,
    lists,
    names_of,
    put,
    same_array,
    snapshot,
    statistic,
    trained,
    words,
)

EMPTIES = re.compile(r"(flush|zero|clear|reset|empty)_?(all_?)?(grad|gradient|param_?grad)s?", re.I)


@dataclass
class Run:
    """What an instance held before forward, between both, and after backward.

    given  the arrays that an optimizer was given a gradient for
    """

    before: dict[Path, Any] = field(default_factory=dict)
    between: dict[Path, Any] = field(default_factory=dict)
    after: dict[Path, Any] = field(default_factory=dict)
    output: Any = None
    result: Any = None
    given: set[Path] = field(default_factory=set)
    failed: bool = False


def materialised(instance: Any, plan: Plan, inputs: Mapping[str, Any]) -> tuple[Any, Plan, str]:
    """The instance with the parameters that its first forward pass makes, and what else it does."""
    before, short = leaves(instance), lists(instance)
    used = clone(instance)
    try:
        output = _quietly(call_forward, used, plan.passes, _copies(inputs))
        once, after, longer = clone(used), snapshot(used), lists(used)
        _quietly(call_forward, used, plan.passes, {k: _other(v) for k, v in inputs.items()})
    except Exception:  # of the user's code: the checker calls it again, and reports it
        return instance, plan, ""
    again, longest = snapshot(used), lists(used)
    growing = [p for p in short if short[p] < longer.get(p, 0) < longest.get(p, 0)]
    plan = replace(plan, cleared=tuple(growing))
    if output is None:
        plan = replace(plan, output=output_attribute(before, after))
    if isinstance(output, tuple) and len(output) > 1 and _takes_cache(plan, output):
        plan = replace(plan, cached=True)
    late = [p for p in arrays(after) if p not in arrays(before) and p not in changed(after, again)]
    late = [p for p in late if trained(p)]
    late = [p for p in late if not any(p[: len(g)] == g for g in growing)]
    if not late:
        return instance, plan, ""
    for path in growing:  # as if this forward pass had not been
        put(once, path, clone(get(instance, path)))
    said = ", ".join(".".join(words(p)) for p in late)
    return once, plan, f"made by the first forward pass: {said}"


def run(instance: Any, plan: Plan, inputs: Mapping[str, Any], rng: np.random.Generator) -> Run:
    """Forward and backward once; what the user's code raises is left for the checker to find."""
    session = ClassSession(plan, instance)
    found = Run(before=snapshot(session.instance))
    found.between = found.after = found.before
    try:
        found.output = _quietly(session.forward, _copies(inputs))
        found.between = found.after = snapshot(session.instance)
        _quietly(session.backward, cotangent_for(found.output, rng))
    except Exception:
        found.failed = True
    found.result = session.result
    held = arrays(leaves(session.instance))
    found.given = {path for path, array in held.items() if session.given(array) is not None}
    found.after = snapshot(session.instance)
    return found


def parameters(instance: Any, found: Run, plan: Plan) -> Plan:
    """The plan with the parameters, and the places of their gradients as far as names tell."""
    groups = _groups(instance, found, plan.passes.trains)
    slots = [p for p, value in found.after.items() if _may_be_gradient(value)]
    gradients = {group: gradient_at(slots, group) for group in groups}
    taken = {path for path in gradients.values() if path is not None}
    by_forward = changed(found.before, found.between)
    by_backward = changed(found.between, found.after) | found.given
    chosen: list[tuple[Path, ...]] = []
    for group in groups:
        kept, moved = any(map(statistic, group)), bool(by_forward & set(group))
        gradient = gradients[group]
        exact = gradient is not None and any(fit(gradient, p) == 2 for p in group)
        usual = any(map(trained, group)) or bool(by_backward & set(group))
        if (
            taken & set(group)
            or (in_gradients(group) and not exact)  # g is a parameter if there is a dg
            or _named_gradient(group)
            or (kept and (moved or not gradient))
        ):
            continue
        if exact or (not moved and (gradient or usual)):
            chosen.append(group)
    sure = [g for g in chosen if gradients[g] or any(map(trained, g))]
    chosen = sure or chosen  # beside weights that step, what else changes is momentum
    said = names_of(chosen, plan.passes.inputs)
    views = _viewed(leaves(instance))
    made = tuple(
        Parameter(name, group, gradients[group], bool(views & set(group)))
        for name, group in zip(said, chosen, strict=True)
    )
    stepped = tuple(p.name for p in made if p.gradient is None and by_backward & set(p.paths))
    adds = _is_emptied_by_hand(instance)
    emptied = [p.gradient for p in made if p.gradient and (adds or _of_an_object(p.gradient))]
    if stepped:  # an optimizer of its own, such as momentum, is to begin anew every time
        own = {path for p in made for path in p.paths}
        emptied += sorted(
            (p for p in by_backward & found.before.keys() - own if p not in by_forward), key=str
        )
    return replace(plan, parameters=made, stepped=stepped, emptied=tuple(emptied))


def weights_fit(instance: Any, found: Run, plan: Plan) -> bool:
    """Whether the gradients that are in attributes have the shapes of their matrices.

    Vectors are left out: a bias whose gradient is not summed would find inputs that hide it.
    """
    made = parameters(instance, found, plan).parameters
    pairs = [(get(instance, p.paths[0]), found.after.get(p.gradient)) for p in made if p.gradient]
    return all(
        getattr(gradient, "shape", ()) == np.shape(weight)
        for weight, gradient in pairs
        if min(np.shape(weight), default=1) > 1 and np.ndim(weight) > 1
    )


def cotangent_for(output: Any, rng: np.random.Generator) -> Any:
    """A random cotangent for an output, or for each of several."""
    if isinstance(output, tuple):
        return tuple(cotangent_for(part, rng) for part in output)
    array = np.asarray(output)
    drawn = rng.uniform(0.5, 1.5, array.shape) * rng.choice([-1.0, 1.0], array.shape)
    return drawn.astype(array.dtype) if array.dtype.kind in "fc" else drawn


def _groups(instance: Any, found: Run, trains: bool) -> list[tuple[Path, ...]]:
    """Arrays, and single numbers that a gradient is named after; each with all of its paths.

    A model that is trained has a bias that is a number, whatever its gradient is called.
    """
    held = leaves(instance)
    slots = [p for p, value in found.after.items() if _may_be_gradient(value)]
    numbers = [p for p, v in held.items() if isinstance(v, float) and not statistic(p)]
    moved = changed(found.between, found.after)
    stepped = {p for p in numbers if (trains or p in moved) and trained(p)}
    return same_array(arrays(held)) + [
        (p,) for p in numbers if p in stepped or gradient_at(slots, (p,))
    ]


def in_gradients(group: tuple[Path, ...]) -> bool:
    return any(names.plain(str(s.at)) in names.GRADIENTS for path in group for s in path)


def _named_gradient(group: tuple[Path, ...]) -> bool:
    """Whether an array is called dW or the like, though there is no such parameter."""
    last = [words(path)[-1] for path in group]
    return any(
        names.is_parameter(word) for name in last for word in names.readings(name)
    ) and not any(map(names.is_parameter, last))


def _may_be_gradient(value: Any) -> bool:
    return value is None or isinstance(value, np.ndarray | np.floating | float)


def _of_an_object(gradient: Path) -> bool:
    """Whether it is the `grad` of a parameter object: these add up until they are emptied."""
    return len(gradient) > 1 and gradient[-1] == Step("grad", True)


def _is_emptied_by_hand(instance: Any) -> bool:
    """Whether a class says by a method such as flush_gradients that its gradients add up."""
    return any(EMPTIES.match(name) for name in dir(type(instance)))


def _viewed(held: Mapping[Path, Any]) -> set[Path]:
    """The arrays that share memory with another one."""
    there = [(p, v) for p, v in held.items() if isinstance(v, np.ndarray) and v.size]
    return {p for p, a in there for _, b in there if a is not b and np.may_share_memory(a, b)}


def _takes_cache(plan: Plan, output: tuple[Any, ...]) -> bool:
    roles = [role for _, role in plan.passes.roles]
    return (
        not plan.passes.backward
        or Role.CACHE in roles
        or (roles.count(Role.COTANGENT) == 1 and not all(isinstance(o, np.ndarray) for o in output))
    )


def _other(value: Any) -> Any:
    """Another value of the same kind: the same entries in another order."""
    return np.flip(value).copy() if isinstance(value, np.ndarray) else value


def _copies(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in inputs.items()}


def _quietly(function: Any, *arguments: Any) -> Any:
    with quietly():
        return function(*arguments)
