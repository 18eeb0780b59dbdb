"""Losses: `f(x, y) -> (loss, grad)`, a loss and its gradient, a class with both.

What cannot be told from names is told by trying: which argument is the prediction, in what order
the gradient takes its arguments, and whether the gradient of one loss per sample is that of their
sum or of their mean. Every choice is told in a note, so that nothing is excused in silence.

Read `loss_calls.py` (how it is called), `loss_data.py` (what it is called with) and
`loss_readings.py` (how it may be meant) for the parts.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.checks.adapters.draw import Shape
from gradcheck.checks.adapters.inputs import complete, quietly, split, usable
from gradcheck.checks.adapters.loss_calls import Calls, calls_of, target_of
from gradcheck.checks.adapters.loss_data import Data, candidates
from gradcheck.checks.adapters.loss_readings import (
    OUTPUT,
    LossSession,
    Map,
    Reading,
    agrees,
    readings,
    roles,
)
from gradcheck.checks.adapters.names import means
from gradcheck.checks.adapters.parameters import arrays, leaves, trained
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.gradient.function import Array, Function
from gradcheck.checks.layers import UsageError

LABELS = ((4,), (4, 6))  # of samples, and of samples at every time


def adapt(request: Request) -> Function | None:
    """The function of a loss, in the reading that its names and values tell."""
    calls = calls_of(request)
    if calls is None:
        return None
    if _has_parameters(calls):
        return None  # a network with its loss
    ways = list(readings(calls))
    data = _pairs_of(request, calls) if len(calls.loss) == 2 else _many_of(request, calls)
    inputs, constants = split({name: data.values[name] for name in calls.loss})
    with quietly():
        chosen, fits = _chosen(calls, ways, inputs, constants)
        gradient = _gradient(calls, chosen, inputs, constants)
        if not _is_gradient(gradient, inputs):
            return None  # such as the gradients of a network's parameters
        takes = _takes_cotangent(calls, chosen, inputs, constants)
        notes = tuple(_notes(calls, ways, chosen, fits, takes, inputs, constants))
    return Function(
        calls.name,
        lambda: LossSession(calls, chosen, constants, takes),
        inputs,
        _differentiable(chosen, inputs, gradient),
        takes_cotangent=takes,
        convention=calls.convention,
        place=calls.place,
        notes=(*filter(None, [data.note]), *notes),
    )


def _has_parameters(calls: Calls) -> bool:
    instance = None if calls.instance is None else calls.instance()
    return any(trained(path) for path in arrays(leaves(instance))) if instance else False


def _pairs_of(request: Request, calls: Calls) -> Data:
    """A prediction and a target that the loss works with, and its gradient if possible."""
    without_gradient: list[Data] = []
    reason = ""
    for prediction, target in roles(calls.loss):
        reading = Reading(prediction, target, ())
        for data in candidates(request, prediction, target, calls.words):
            inputs, constants = split(data.values)
            if not data.note:
                return data  # as the user wants it: what goes wrong is for the check to say
            try:
                with quietly():
                    loss = np.asarray(LossSession(calls, reading, constants).loss(inputs))
            except Exception as error:  # the next one may fit
                reason = reason or f"{type(error).__name__}: {error}".splitlines()[0]
                continue
            if not usable(loss) or not _is_loss_of(loss, inputs[prediction]):
                continue
            ways = (r for r in readings(calls) if r.prediction == prediction)
            with quietly():
                if any(_gradient(calls, way, inputs, constants) is not None for way in ways):
                    return data
            without_gradient.append(data)
    if without_gradient:
        return without_gradient[0]
    prediction, target = roles(calls.loss)[0]
    raise UsageError(
        f"{request.name}: no {prediction} and {target} were found that it can be called with"
        f"{f' ({reason})' if reason else ''}; give them with --shape {prediction}=4,3 "
        f"--shape {target}=4:int3, or with a function gradcheck_inputs() in the file that returns "
        f"a dictionary of them"
    )


def _many_of(request: Request, calls: Calls) -> Data:
    """Values for a loss of more arguments, such as `svm_loss(W, X, y, reg)`."""
    reading = Reading(calls.loss[0], calls.loss[1], ())

    def works(values: dict[str, Any]) -> bool:
        arrays, rest = split(values)
        return usable(LossSession(calls, reading, rest).forward(arrays))

    def fits(values: dict[str, Any]) -> bool:
        arrays, rest = split(values)
        gradient = _gradient(calls, reading, arrays, rest) or {}
        return all(
            np.shape(value) == arrays[name].shape
            for name in arrays
            for key, value in gradient.items()
            if means(str(key), name) == 2
        )

    target = target_of(calls.loss)
    if target and target not in {*request.inputs, *request.shapes, *request.keywords}:
        for shape in LABELS:
            labels = {**request.shapes, target: Shape.of(shape, "int3")}
            with contextlib.suppress(UsageError):  # then they are no class labels
                values, notes = complete(
                    replace(request, shapes=labels), calls.loss, works, better=fits
                )
                return Data(values, "; ".join((*notes, f"{target}: class labels, shape {shape}")))
    values, notes = complete(request, calls.loss, works, better=fits)
    return Data(values, "; ".join(notes))


def _chosen(
    calls: Calls,
    ways: list[Reading],
    inputs: Mapping[str, Array],
    constants: Mapping[str, Any],
) -> tuple[Reading, bool]:
    """The first reading in which the gradient fits; if there is none, the first that works."""
    if len(calls.loss) > 2:  # the gradient is that of an argument of its shape
        gradient = _gradient(calls, ways[0], inputs, constants)
        shape = np.shape(next(iter(gradient.values()))) if gradient else None
        real = [name for name, array in inputs.items() if array.dtype.kind == "f"]
        fitting = [name for name in real if inputs[name].shape == shape] or real[:1]
        fitting = list(calls.results[:1]) or fitting  # `return loss, dW` says whose it is
        ways = [Reading(name, "", (), r) for name in fitting for r in ("sum", "mean")]
    working = []
    for way in ways:
        with contextlib.suppress(Exception):
            if agrees(calls, way, inputs, constants):
                return way, True
            working.append(way)
    for way in working:  # one that is right but for its sign is that of the same loss
        if agrees(calls, way, inputs, constants, sign=-1):
            return way, False
    return (working or ways)[0], False


def _gradient(
    calls: Calls, way: Reading, inputs: Mapping[str, Array], constants: Mapping[str, Any]
) -> dict[Any, Any] | None:
    """The gradient with a cotangent of 1 as a dictionary; None if it cannot be had."""
    session = LossSession(calls, way, constants)
    try:
        loss = session.forward({name: array.copy() for name, array in inputs.items()})
        found = session.backward(np.ones_like(np.asarray(loss)))
    except Exception:  # the check will say it
        return None
    return dict(found) if isinstance(found, Mapping) else dict(enumerate(found))


def _is_gradient(gradient: Mapping[Any, Any] | None, inputs: Mapping[str, Array]) -> bool:
    """Whether the gradient is one of the arguments, as far as it can be had at all."""
    if gradient is None:
        return True
    return all(
        isinstance(key, int) or key in inputs or any(means(str(key), name) for name in inputs)
        for key in gradient
    )


def _takes_cotangent(
    calls: Calls, way: Reading, inputs: Mapping[str, Array], constants: Mapping[str, Any]
) -> bool:
    """Whether backward is given a cotangent: one with a default only if it makes a difference."""
    if not calls.cotangent or not calls.default:
        return bool(calls.cotangent)
    with contextlib.suppress(Exception):
        session = LossSession(calls, way, constants, takes=True)
        loss = np.asarray(session.forward(inputs))
        once, twice = (session.backward(k * np.ones_like(loss))[way.prediction] for k in (1, 2))
        return loss.size == 1 and bool(np.allclose(twice, 2 * np.asarray(once)))
    return False


def _differentiable(
    way: Reading, inputs: Mapping[str, Array], gradient: Mapping[Any, Any] | None
) -> tuple[str, ...]:
    """The prediction, and whatever else a gradient is returned for."""
    found = {key for key, value in (gradient or {}).items() if value is not None}
    named = {n for n in inputs for key in found if key == n or means(str(key), n) == 2}
    wanted = named | {way.prediction}
    return tuple(n for n in inputs if n in wanted and inputs[n].dtype.kind in "fc")


def _is_loss_of(loss: Array, prediction: Array) -> bool:
    """Whether this is one number, or one for each sample or entry of the prediction."""
    axes = tuple(size for size in loss.shape if size != 1)
    whole = tuple(size for size in prediction.shape if size != 1)
    count = len(axes)
    return count == 0 or axes in (whole[:count], whole[len(whole) - count :])


def _notes(
    calls: Calls,
    ways: list[Reading],
    way: Reading,
    fits: bool,
    takes: bool,
    inputs: Mapping[str, Array],
    constants: Mapping[str, Any],
) -> Iterator[str]:
    """What was chosen, and what that leaves open."""
    if len({r.prediction for r in ways}) > 1 and len(calls.loss) == 2:
        yield f"no name says which argument is the target: {way.prediction} was read as prediction"
    elif len({r.given for r in ways}) > 1 and OUTPUT not in "".join(ways[-1].given):
        yield f"the gradient was called with ({', '.join(way.given)})"
    if OUTPUT in way.given:
        yield f"the gradient was called with ({', '.join(way.given)})"
    if calls.default and not takes:
        yield f"backward does not use {calls.cotangent}: it is right only at the end of a network"
    with contextlib.suppress(Exception):
        loss = np.asarray(LossSession(calls, way, constants).loss(inputs))
        if loss.size > 1 and not takes:
            yield _reduction(way, fits, loss.shape)
    if not fits:
        yield from _before_a_map(calls, way, inputs, constants)


def _reduction(way: Reading, fits: bool, shape: tuple[int, ...]) -> str:
    what = f"the loss is an array of shape {shape}, one number for each sample or entry"
    if not fits:
        return f"{what}; the gradient fits neither their sum nor their mean; checked is their sum"
    if way.reduce == "mean":
        return f"{what}; the gradient is that of their mean, which was checked, not of their sum"
    return f"{what}; the gradient is that of their sum, which was checked"


def _before_a_map(
    calls: Calls, way: Reading, inputs: Mapping[str, Array], constants: Mapping[str, Any]
) -> Iterator[str]:
    """Whether the gradient is that by the scores, of a loss that takes probabilities."""
    for name, maps in MAPS.items():
        with contextlib.suppress(Exception):
            if agrees(calls, way, inputs, constants, maps):
                yield (
                    f"this is the gradient by the scores before a {name}, and the loss takes what "
                    f"comes after it: put the {name} into the loss, or write its gradient by "
                    f"{way.prediction}"
                )


def _softmax(scores: Array) -> Array:
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _sigmoid(scores: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-scores)))


def _logit(probabilities: Array) -> Array:
    return np.asarray(np.log(probabilities / (1 - probabilities)))


MAPS: Mapping[str, tuple[Map, Map]] = {"softmax": (_softmax, np.log), "sigmoid": (_sigmoid, _logit)}
