"""Whole Jacobians, compressed by structure: numerical ones with their error, and analytic ones.

Where an axis of the input is paired with one of the output (structure.py), all slices are moved
at once, and every slice of the output shows the movement of its own. An elementwise function
needs one direction, a batch as many as one sample has entries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

from gradcheck.checks.gradient.budget import Budget
from gradcheck.checks.gradient.columns import Gauge, measured
from gradcheck.checks.gradient.structure import Array, Forward, Pairs, paired_axes, unpaired
from gradcheck.checks.layers import UsageError

LIMIT = 200_000_000  # bytes


class TooLarge(UsageError):
    """A Jacobian that would not fit; the message has the figures."""


@dataclass(frozen=True)
class Jacobian:
    """A Jacobian without the zeros that its pairs stand for.

    `value` has the axes of the output, then those of the input that are in no pair. `error`
    bounds what it may be off by, up to careful.SAFETY; it is 0 for an analytic one.
    """

    value: Array
    error: Array
    output: tuple[int, ...]
    input: tuple[int, ...]
    pairs: Pairs
    evaluations: int

    def dense(self, limit: int = LIMIT) -> tuple[Array, Array]:
        """Value and error with all entries, output axes first."""
        check_size(self.output, self.input, (), limit, arrays=2)
        value, error = self._spread(self.value), self._spread(self.error)
        return value, error

    def _spread(self, compact: Array) -> Array:
        if not self.pairs:
            return compact.reshape((*self.output, *self.input))
        full = np.zeros((*self.output, *self.input), compact.dtype)
        ahead = len(self.output)
        letters = list(range(full.ndim))
        for a, b in self.pairs:
            letters[ahead + a] = b  # one letter for both axes: the diagonal, as a view
        free = [ahead + a for a in unpaired(len(self.input), self.pairs)]
        np.einsum(full, letters, [*range(ahead), *free])[...] = compact
        return full


@dataclass(frozen=True)
class Gradient:
    """A numerical gradient of <cotangent, output>, entry by entry, with its error."""

    value: Array
    error: Array
    evaluations: int


@np.errstate(all="ignore")
def jacobian(
    forward: Forward,
    inputs: dict[str, Array],
    name: str,
    pairs: Pairs | None = None,
    limit: int = LIMIT,
) -> Jacobian:
    """The numerical Jacobian of the output by one input.

    `pairs` are found by trying unless given. `forward` must not change the arrays it is given.
    Raises TooLarge if it and its error would not fit, before anything is measured.
    """
    known = paired_axes(forward, inputs, name) if pairs is None else pairs
    array = inputs[name]
    check_size(np.shape(forward(inputs)), array.shape, known, limit, arrays=2)
    gauge = Gauge(forward, inputs, name, lambda output: output, sharp=True)
    value, error = measured(gauge, array, known)
    return Jacobian(value, error, gauge.still.shape, array.shape, known, gauge.calls)


def analytic_jacobian(
    backward_of: Callable[[Array], Array],
    output: tuple[int, ...],
    pairs: Pairs = (),
    seed: int = 0,
    limit: int = LIMIT,
) -> Jacobian:
    """The Jacobian that a backward pass stands for, compressed by the same pairs.

    `backward_of` takes a cotangent to the gradient by the input, of the shape of that input. The
    slices of a pair get random signs, so that a backward pass that mixes them, as it should not,
    gives something else.
    """
    rng = np.random.default_rng(seed)
    paired = sorted(b for _, b in pairs)
    signs = rng.choice([-1.0, 1.0], [n if b in paired else 1 for b, n in enumerate(output)])
    value: Array | None = None
    shape: tuple[int, ...] = ()
    count = 0
    for free in np.ndindex(*(n for b, n in enumerate(output) if b not in paired)):
        places = iter(free)
        index = tuple(slice(None) if b in paired else next(places) for b in range(len(output)))
        cotangent = np.zeros(output)
        cotangent[index] = np.broadcast_to(signs, output)[index]
        gradient = np.asarray(backward_of(cotangent))
        count += 1
        if value is None:
            shape = gradient.shape
            check_size(output, shape, pairs, limit, arrays=1)
            rest = [shape[a] for a in unpaired(len(shape), pairs)]
            value = np.empty((*output, *rest), np.result_type(gradient.dtype, float))
        order = [a for a, _ in sorted(pairs, key=lambda pair: pair[1])]
        turned = np.transpose(gradient, [*order, *unpaired(len(shape), pairs)])
        own = np.broadcast_to(signs, output)[index]
        value[index] = turned * own.reshape(own.shape + (1,) * (turned.ndim - own.ndim))
    if value is None:  # an output without entries
        value = np.zeros((*output, 0))
    return Jacobian(value, np.zeros(value.shape), output, shape, pairs, count)


@np.errstate(all="ignore")
def gradient(
    forward: Forward,
    inputs: dict[str, Array],
    name: str,
    cotangent: Array,
    pairs: Pairs | None = None,
    budget: Budget | None = None,
) -> Gradient | None:
    """The numerical gradient of <cotangent, output>; None if it would cost more than the budget.

    `pairs` are found by trying unless given. What it costs is taken off the budget; when that is
    used up, columns that are rough stay so, with the error they have.
    """
    array = inputs[name]
    if pairs is None:
        pairs = paired_axes(forward, inputs, name)
    paired = [b for _, b in sorted(pairs)]
    summed = tuple(b for b in range(cotangent.ndim) if b not in paired)
    turned = [sorted(paired).index(b) for b in paired]

    def weighed(output: Array) -> Array:
        """The part of every slice of the pairs, in the order of the axes of the input."""
        parts = (cotangent * output).sum(axis=summed)
        return np.transpose(parts, turned)

    directions = prod(array.shape[a] for a in unpaired(array.ndim, pairs))
    gauge = Gauge(forward, inputs, name, weighed)
    if budget is not None:
        calls = gauge.calls + directions * gauge.calls_each
        if not budget.allows(calls, gauge.size):
            return None
        budget.spend(calls, gauge.size)
        gauge.budget = budget
    order = [a for a, _ in sorted(pairs)]
    rows = tuple((a, k) for k, a in enumerate(order))  # the pairs of what is left of the output
    whole = [*order, *unpaired(array.ndim, pairs)]
    value, error = (np.transpose(part, np.argsort(whole)) for part in measured(gauge, array, rows))
    return Gradient(value, error, gauge.calls)


def check_size(
    output: tuple[int, ...], input_: tuple[int, ...], pairs: Pairs, limit: int, arrays: int
) -> None:
    """Raise TooLarge if arrays for this Jacobian would take more bytes than the limit."""
    entries = prod(output) * prod(input_[a] for a in unpaired(len(input_), pairs))
    if arrays * 8 * entries > limit:
        raise TooLarge(
            f"the Jacobian of an output of shape {output} by an input of shape {input_} needs "
            f"{arrays * 8 * entries / 1e6:,.0f} MB, and the limit is {limit / 1e6:,.0f} MB; "
            "check at smaller sizes, or raise the limit"
        )
