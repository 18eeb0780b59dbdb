"""Which gradient is which of what backward returns, or leaves in attributes.

By the names in its keys and in its return statement, then by shape, then by order.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.checks.adapters import names
from gradcheck.checks.adapters.class_find import Run, in_gradients
from gradcheck.checks.adapters.class_session import Plan, flatten
from gradcheck.checks.adapters.parameters import Path, arrays, changed
from gradcheck.checks.gradient.function import Array


def resolve(found: Run, plan: Plan, values: Mapping[str, Array]) -> Plan:
    """Say which gradient is which of the values that backward returned, and where the rest is."""
    result, written = found.result, plan.passes.returned
    entries = list(flatten(result, written)) if result is not None else []
    labels = [label for label, _ in entries]
    unnamed = [
        p.name
        for p in plan.parameters
        if p.name not in plan.stepped
        and (p.gradient is None or found.after.get(p.gradient) is None)
    ]
    inputs = [n for n in plan.passes.inputs if _differentiable(values, n)]
    if plan.passes.trains and unnamed:
        inputs = []
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


def _by_label(labels: list[str | None], wanted: list[str]) -> list[str | None]:
    """The input that each label means, by the gradient's name or by the input's own."""
    found: list[str | None] = []
    for label in labels:
        scores = {n: _meaning(label, n) for n in wanted} if label else {}
        best = max(scores, key=lambda n: scores[n], default=None)
        found.append(best if best and scores[best] and best not in found else None)
    return found


def _meaning(label: str, name: str) -> int:
    """How well a label fits an input: dW, W itself, or dweights[0] for weights[0]."""
    front, bracket, place = label.partition("[")
    own, own_bracket, own_place = name.partition("[")
    if (bracket, place) != (own_bracket, own_place):
        return 0
    return max(names.means(front, own), 2 * (label == name))


def _by_order(
    blank: list[int], shapes: list[Any], left: list[str], values: Mapping[str, Array]
) -> list[tuple[int, str]]:
    """Entries without a telling name, matched with the inputs left: by shape, then by order."""
    pairs: list[tuple[int, str]] = []
    by_shape = [[n for n in left if values[n].shape == shape] for shape in shapes]
    in_order = len(blank) == len(left)
    if in_order and not _one_to_one(by_shape):
        return list(zip(blank, left, strict=True))
    for position, shape in zip(blank, shapes, strict=True):
        same = [n for n in left if values[n].shape == shape and n not in [m for _, m in pairs]]
        if same:
            pairs.append((position, same[0]))
    if not pairs and blank and left:
        pairs = list(zip(blank, left, strict=False))
    return pairs


def _one_to_one(alike: list[list[str]]) -> bool:
    """Whether every entry has the shape of one input, and of another one than the others."""
    return all(len(each) == 1 for each in alike) and len({each[0] for each in alike}) == len(alike)


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


def _by_shape(found: Run, plan: Plan, values: Mapping[str, Array]) -> Plan:
    """Give parameters without a gradient the only array of their shape that looks like one."""
    owned = {p.gradient for p in plan.parameters} | set(plan.at.values())
    owned |= {path for p in plan.parameters for path in p.paths}
    by_backward = changed(found.between, found.after)
    free = [p for p in arrays(found.after) if p in by_backward and p not in owned]
    free = [p for p in free if _like_gradient(str(p[-1].at)) or in_gradients((p,))]
    lost = without_source(plan)
    made = []
    for parameter in plan.parameters:
        alike = [p for p in free if found.after[p].shape == values[parameter.name].shape]
        if parameter.name in lost and len(alike) == 1:
            parameter = replace(parameter, gradient=alike[0])
        made.append(parameter)
    return replace(plan, parameters=tuple(made))


def _target(name: str) -> bool:
    return names.plain(name) in names.TARGETS


def _readings(path: Path) -> tuple[str, ...]:
    return names.readings(str(path[-1].at))


def _like_gradient(name: str) -> bool:
    return bool(names.readings(name)) or names.plain(name) in names.COTANGENT


def _differentiable(values: Mapping[str, Array], name: str) -> bool:
    return np.asarray(values[name]).dtype.kind in "fc"
