"""Which gradient belongs to which input: by name where there are names, otherwise by order."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck.checks.adapters import names


def named(
    returned: Any, labels: Sequence[str], inputs: Mapping[str, Any], wanted: Sequence[str]
) -> Any:
    """The gradients by input name, as far as that can be told; else what was returned.

    labels   what the `return` statement calls them, empty where it does not say
    inputs   all inputs, `wanted` those that a gradient is expected for
    """
    entries = _entries(returned, labels)
    if entries is None:
        return returned
    found = by_label([label for label, _ in entries], tuple(inputs))
    left = [place for place, _ in enumerate(entries) if place not in found]
    for free in (_free(wanted, found), _free(tuple(inputs), found)):
        if len(free) == len(left) and not isinstance(returned, Mapping):
            found |= dict(zip(left, free, strict=True))
            break
    else:
        free = _free(wanted, found)
        found |= _by_shape({place: entries[place][1] for place in left}, free, inputs)
    if len(entries) == 1 and not found and wanted:
        found = {0: wanted[0]}
    if len(found) < len(entries) and not isinstance(returned, Mapping):
        left = [place for place in left if place not in found and entries[place][1] is not None]
        if left and not found:
            return returned
    values = {found.get(place, label or f"gradient {place}"): value
              for place, (label, value) in enumerate(entries)}  # fmt: skip
    return {name: value for name, value in values.items() if value is not None}


def by_label(labels: Sequence[str], inputs: Sequence[str]) -> dict[int, str]:
    """The inputs that the labels name, by place: as written first, then by the key of a name."""
    found: dict[int, str] = {}
    for closeness in (3, 2, 1):
        for place, label in enumerate(labels):
            fits = [
                name for name in inputs
                if name not in found.values() and _closeness(label, name) >= closeness
            ]  # fmt: skip
            if label and place not in found and len(fits) == 1:
                found[place] = fits[0]
    return found


def _closeness(label: str, name: str) -> int:
    if label == name:
        return 2
    if label in (f"d{name}", f"d_{name}", f"grad_{name}", f"{name}_grad"):
        return 3
    return names.means(label, name)


def _entries(returned: Any, labels: Sequence[str]) -> list[tuple[str, Any]] | None:
    """Label and value of each gradient; a dictionary inside a tuple is opened."""
    if isinstance(returned, Mapping):
        return [(str(key), value) for key, value in returned.items()]
    if not isinstance(returned, tuple | list):
        return [(labels[0] if len(labels) == 1 else "", returned)]
    padded = list(labels) if len(labels) == len(returned) else [""] * len(returned)
    entries: list[tuple[str, Any]] = []
    for label, value in zip(padded, returned, strict=True):
        if isinstance(value, Mapping):
            entries += [(str(key), each) for key, each in value.items()]
        else:
            entries.append((label, value))
    return entries


def _free(inputs: Sequence[str], found: Mapping[int, str]) -> list[str]:
    return [name for name in inputs if name not in found.values()]


def _by_shape(
    left: Mapping[int, Any], free: Sequence[str], inputs: Mapping[str, Any]
) -> dict[int, str]:
    """Those whose shape only one free input has, and no other gradient."""
    shapes = {place: np.shape(value) for place, value in left.items() if value is not None}
    found = {}
    for place, shape in shapes.items():
        fits = [name for name in free if np.shape(inputs[name]) == shape]
        if len(fits) == 1 and [*shapes.values()].count(shape) == 1:
            found[place] = fits[0]
    return found
