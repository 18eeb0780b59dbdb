"""Where a class keeps its parameters and leaves its gradients: found by running it once.

Forward is called twice and backward once, on copies. What is there before forward and is trained
is a parameter; what is there after backward under the name of a gradient is its gradient.
"""

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
    flatten,
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
    gradient_at,
    leaves,
    lists,
    names_of,
    same_array,
    snapshot,
    statistic,
    words,
)
from gradcheck.checks.gradient.function import Array


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
    late = [p for p in late if names.is_parameter(words(p)[-1]) and not statistic(p)]
    late = [p for p in late if not any(p[: len(g)] == g for g in growing)]
    if not late:
        return instance, plan, ""
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
    groups = _groups(instance, found)
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
        trained = names.is_parameter(words(group[0])[-1]) or bool(by_backward & set(group))
        if (
            taken & set(group)
            or _in_gradients(group)
            or _named_gradient(group)
            or (kept and (moved or not gradient))
        ):
            continue
        if exact or (not moved and (gradient or trained)):
            chosen.append(group)
    usual = [g for g in chosen if gradients[g] or names.is_parameter(words(g[0])[-1])]
    chosen = usual or chosen  # beside weights that step, what else changes is momentum
    said = names_of(chosen, plan.passes.inputs)
    views = _viewed(leaves(instance))
    made = tuple(
        Parameter(name, group, gradients[group], bool(views & set(group)))
        for name, group in zip(said, chosen, strict=True)
    )
    stepped = tuple(p.name for p in made if p.gradient is None and by_backward & set(p.paths))
    emptied = tuple(p.gradient for p in made if p.gradient and _of_an_object(p.gradient))
    return replace(plan, parameters=made, stepped=stepped, emptied=emptied)


def resolve(found: Run, plan: Plan, values: Mapping[str, Array]) -> Plan:
    """Say which gradient is which of the values that backward returned, and where the rest is."""
    entries = list(flatten(found.result)) if found.result is not None else []
    labels = [label for label, _ in entries]
    if len(plan.passes.returned) == len(entries):
        written = zip(labels, plan.passes.returned, strict=True)
        labels = [label or name for label, name in written]
    unnamed = [
        p.name
        for p in plan.parameters
        if p.name not in plan.stepped
        and (p.gradient is None or found.after.get(p.gradient) is None)
    ]
    inputs = [n for n in plan.passes.inputs if _differentiable(values, n)]
    if len(entries) < len(inputs) + len(unnamed):  # then targets are without a gradient
        inputs = [n for n in inputs if not _target(n)] or inputs
    wanted = inputs + unnamed
    meant = _by_label(labels, [*plan.passes.inputs, *(p.name for p in plan.parameters)])
    left = [n for n in wanted if n not in meant]
    blank = [i for i, name in enumerate(meant) if name is None]
    shapes = [getattr(entries[i][1], "shape", ()) for i in blank]
    for position, name in _by_order(blank, shapes, left, values):
        meant[position] = name
    at = _at_attributes(found, plan, meant, values) if found.result is None else {}
    plan = replace(plan, entries=tuple(meant), at=at)
    return _by_shape(found, plan, values)


def without_source(plan: Plan) -> list[str]:
    """The parameters that no gradient was found for."""
    return [
        p.name
        for p in plan.parameters
        if p.gradient is None and p.name not in (*plan.entries, *plan.stepped)
    ]


def cotangent_for(output: Any, rng: np.random.Generator) -> Any:
    """A random cotangent for an output, or for each of several."""
    if isinstance(output, tuple):
        return tuple(cotangent_for(part, rng) for part in output)
    array = np.asarray(output)
    drawn = rng.uniform(0.5, 1.5, array.shape) * rng.choice([-1.0, 1.0], array.shape)
    return drawn.astype(array.dtype) if array.dtype.kind in "fc" else drawn


def _by_label(labels: list[str | None], wanted: list[str]) -> list[str | None]:
    """The input that each label means, by the gradient's name or by the input's own."""
    found: list[str | None] = []
    for label in labels:
        scores = {n: max(names.means(label, n), 2 * (label == n)) for n in wanted} if label else {}
        best = max(scores, key=lambda n: scores[n], default=None)
        found.append(best if best and scores[best] and best not in found else None)
    return found


def _by_order(
    blank: list[int], shapes: list[Any], left: list[str], values: Mapping[str, Array]
) -> list[tuple[int, str]]:
    """Entries without a telling name, matched with the inputs left: by shape, then by order."""
    pairs: list[tuple[int, str]] = []
    if len(blank) == len(left):
        return list(zip(blank, left, strict=True))
    for position, shape in zip(blank, shapes, strict=True):
        same = [n for n in left if values[n].shape == shape and n not in [m for _, m in pairs]]
        if same:
            pairs.append((position, same[0]))
    if not pairs and blank and left:
        pairs = list(zip(blank, left, strict=False))
    return pairs


def _at_attributes(
    found: Run, plan: Plan, meant: list[str | None], values: Mapping[str, Array]
) -> dict[str, Path]:
    """Where the gradients of the inputs are, if backward returned nothing."""
    own = {p.gradient for p in plan.parameters} | {q for p in plan.parameters for q in p.paths}
    by_backward = changed(found.between, found.after)
    free = [p for p in by_backward if p not in own and isinstance(found.after[p], np.ndarray)]
    free = sorted(free, key=lambda p: (len(p), [str(s.at) for s in p]))
    at: dict[str, Path] = {}
    inputs = [n for n in plan.passes.inputs if n not in meant and _differentiable(values, n)]
    for name in inputs:
        free = [p for p in free if p not in at.values()]
        named = [p for p in free if len(p) == 1 and names.means(str(p[0].at), name)]
        alike = [
            p for p in free if not _target(name) and found.after[p].shape == values[name].shape
        ]
        alike = [p for p in alike if _like_gradient(str(p[-1].at))]
        generic = [p for p in alike if names.key("x") in map(names.key, _readings(p))]
        for choice in (named, generic, alike):
            if choice:
                at[name] = choice[0]
                break
    return at


def _target(name: str) -> bool:
    return names.plain(name) in names.TARGETS


def _readings(path: Path) -> tuple[str, ...]:
    return names.readings(str(path[-1].at))


def _like_gradient(name: str) -> bool:
    return bool(names.readings(name)) or names.plain(name) in names.COTANGENT


def _differentiable(values: Mapping[str, Array], name: str) -> bool:
    return np.asarray(values[name]).dtype.kind in "fc"


def _by_shape(found: Run, plan: Plan, values: Mapping[str, Array]) -> Plan:
    """Give parameters without a gradient the only array of their shape that looks like one."""
    owned = {p.gradient for p in plan.parameters} | set(plan.at.values())
    owned |= {path for p in plan.parameters for path in p.paths}
    by_backward = changed(found.between, found.after)
    free = [p for p in arrays(found.after) if p in by_backward and p not in owned]
    free = [p for p in free if _like_gradient(str(p[-1].at)) or _in_gradients((p,))]
    lost = without_source(plan)
    made = []
    for parameter in plan.parameters:
        alike = [p for p in free if found.after[p].shape == values[parameter.name].shape]
        if parameter.name in lost and len(alike) == 1:
            parameter = replace(parameter, gradient=alike[0])
        made.append(parameter)
    return replace(plan, parameters=tuple(made))


def _groups(instance: Any, found: Run) -> list[tuple[Path, ...]]:
    """Arrays, and single numbers that a gradient is named after; each with all of its paths."""
    held = leaves(instance)
    slots = [p for p, value in found.after.items() if _may_be_gradient(value)]
    numbers = [p for p, v in held.items() if isinstance(v, float) and not statistic(p)]
    moved = changed(found.between, found.after)
    trained = {p for p in numbers if p in moved and names.is_parameter(words(p)[-1])}
    return same_array(arrays(held)) + [
        (p,) for p in numbers if p in trained or gradient_at(slots, (p,))
    ]


def _in_gradients(group: tuple[Path, ...]) -> bool:
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
