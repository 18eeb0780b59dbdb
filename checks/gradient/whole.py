"""Whole Jacobians: every entry that backward stands for against the differences."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.checks.gradient.blame import APPROXIMATE
from gradcheck.checks.gradient.compared import rounding_of
from gradcheck.checks.gradient.finding import Finding, Outcome
from gradcheck.checks.gradient.function import Array
from gradcheck.checks.gradient.jacobian import Jacobian, analytic_jacobian, jacobian
from gradcheck.checks.gradient.localise import compare_entries
from gradcheck.checks.gradient.structure import paired_axes, unpaired
from gradcheck.checks.gradient.subject import Subject

Passes = dict[bytes, dict[str, Any]]  # what backward has returned, by cotangent


def whole(subject: Subject, finding: Finding, passes: Passes) -> Finding:
    """A finding of agreement, made certain entry by entry, or not.

    A backward pass gives the gradients by all inputs, so what it has returned is kept in `passes`
    for the next input. A loss that takes no cotangent has one row. Raises TooLarge if the Jacobian
    does not fit.
    """
    name, inputs = finding.input, dict(subject.inputs)
    pairs = paired_axes(subject.output, inputs, name)
    numerical = jacobian(subject.output, inputs, name, pairs)
    if subject.bench.function.takes_cotangent:
        analytic = analytic_jacobian(
            _backward(subject, name, passes), subject.base.shape, pairs
        ).value
    else:
        analytic = np.asarray(subject.gradients[name]).reshape(numerical.value.shape)
    relative = rounding_of(subject, name, "float64")
    located = compare_entries(analytic, numerical.value, numerical.error, relative)
    entries = replace(
        finding, entries=located.entries, difference=located.difference, error=located.error
    )
    if located.worst is None:
        return entries
    nearly = located.size <= APPROXIMATE
    return replace(
        entries,
        verdict=Outcome.APPROXIMATE if nearly else Outcome.DISAGREES,
        code="approximate" if nearly else "",
        message=f"the Jacobian by {name} is wrong in {located.differing} of {located.entries} "
        "entries",
        differing=located.differing,
        size=located.size,
        worst=replace(located.worst, index=_dense(located.worst.index, numerical)),
    )


def _backward(subject: Subject, name: str, passes: Passes) -> Callable[[Array], Array]:
    def backward(cotangent: Array) -> Array:
        key = cotangent.tobytes()
        if key not in passes:
            passes[key] = subject.backward(cotangent)
        return np.array(passes[key][name])

    return backward


def _dense(index: tuple[int, ...], by: Jacobian) -> tuple[int, ...]:
    """The index of an entry with all axes of output and input, those of pairs included."""
    ahead = len(by.output)
    free = dict(zip(unpaired(len(by.input), by.pairs), index[ahead:], strict=True))
    paired = {a: index[b] for a, b in by.pairs}
    return (*index[:ahead], *((free | paired)[a] for a in range(len(by.input))))
