"""Weights that a function is given in a dictionary, `forward(x, parameters)`: drawn like others."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from gradcheck.checks.adapters.draw import Shape
from gradcheck.checks.adapters.guesses import candidates
from gradcheck.checks.adapters.inputs import Values
from gradcheck.checks.adapters.source import keys_of

Keys = Mapping[str, tuple[str, ...]]  # the names in each argument that is a dictionary


def dictionaries(
    function: Callable[..., Any], names: Sequence[str], given: Collection[str]
) -> Keys:
    """The arguments that are dictionaries of arrays, as the source tells, and are not given."""
    found = {name: keys_of(function, name) for name in names if name not in given}
    return {name: keys for name, keys in found.items() if keys and _of_arrays(name)}


def taken_apart(names: Sequence[str], keys: Keys) -> list[str]:
    """The arguments, those that are dictionaries replaced by what is in them."""
    return [each for name in names for each in keys.get(name, (name,))]


def put_together(values: Values, names: Sequence[str], keys: Keys) -> Values:
    """The values of the arguments, those of dictionaries put into them."""
    return {
        name: {key: values[key] for key in keys[name]} if name in keys else values[name]
        for name in names
    }


def _of_arrays(name: str) -> bool:
    """Whether an argument of this name is none of the usual dictionaries of hyperparameters."""
    return any(isinstance(what, Shape) for what in candidates(name, {}))
