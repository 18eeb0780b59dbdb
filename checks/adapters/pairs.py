"""Function pairs: `affine_forward(x, w) -> (out, cache)` with `affine_backward(dout, cache)`.

Also without a cache, `affine_backward(dout, x, w)`; static methods of a class; and a tuple
`(forward, backward)`.
"""

import copy
import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck.checks.adapters import companions, inputs, names
from gradcheck.checks.adapters.dictionaries import dictionaries, put_together, taken_apart
from gradcheck.checks.adapters.draw import Shape, draw
from gradcheck.checks.adapters.gradients import by_label
from gradcheck.checks.adapters.guesses import role_of
from gradcheck.checks.adapters.pair_session import PairSession, Passes, Values, output_of
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.adapters.source import keys_of, place_of, returned_names
from gradcheck.checks.adapters.wiring import Wiring, wire
from gradcheck.checks.gradient.function import Array, Function
from gradcheck.checks.layers import UsageError


def adapt(request: Request) -> Function | None:
    """The function that a pair makes, if the object is one or one half of one."""
    pair = companions.find(request)
    if pair is None:
        return None
    if request.arguments:
        raise UsageError(
            f"{request.name}: write the arguments of a function by name, such as "
            f"{request.name}(stride=2)"
        )
    request = dataclasses.replace(request, name=getattr(pair.forward, "__name__", request.name))
    order, positional = _order(pair.forward, request)
    results, labels = returned_names(pair.forward), returned_names(pair.backward)
    given = {*request.inputs, *request.keywords, *request.shapes}
    state: dict[str, Any] = {}

    def works(values: Values) -> bool:
        arrays, constants, inside = _taken_apart(values)
        passes = Passes(pair.forward, pair.backward, order, constants, inside, positional)
        called, result = passes.call(copy.deepcopy(arrays))
        wiring = wire(
            pair.backward, result, results, list(dict.fromkeys([*arrays, *called])), [*constants]
        )
        output = None if wiring is None else output_of(result, wiring)
        state.update(arrays=arrays, passes=passes, wiring=wiring, output=output)
        return wiring is None or inputs.usable(output)

    def backward_works(values: Values) -> bool:
        works(values)
        arrays = state["arrays"]
        given_for = [name for name, array in arrays.items() if array.dtype.kind in "fc"]
        session = PairSession(state["passes"], state["wiring"], labels, arrays, tuple(given_for))
        output = session.forward(copy.deepcopy(arrays))
        gradients = session.backward(inputs.like(output, np.random.default_rng(0)))
        return _fits_weights(gradients, arrays)

    keys = dictionaries(pair.forward, order, given)

    def together(test: Callable[[Values], bool]) -> Callable[[Values], bool]:
        return lambda apart: test(put_together(apart, order, keys))

    apart, notes = inputs.complete(
        request, taken_apart(order, keys), together(works), better=together(backward_works)
    )
    values = put_together(apart, order, keys)
    with inputs.quietly():
        _try(works, values, pair)
        if "y" in values and "y" not in given and np.shape(state["output"]) == ():
            # the targets of a loss: rows that sum to 1 are right for every loss that takes rows
            rows = Shape.of(np.shape(values["y"]), "rows")
            if rows and values["y"].dtype.kind == "f":
                values = {**values, "y": draw(rows, request.rng)}
                notes = (*notes, "y is drawn with rows that sum to 1, as the targets of a loss")
                _try(works, values, pair)
    arrays, wiring = state["arrays"], state["wiring"]
    if wiring is None:
        raise UsageError(_unclear(pair, order))
    of_a_loss = not wiring.takes_cotangent and not wiring.uses_cache
    if of_a_loss and (len(order) == 2 or np.shape(state["output"]) != ()):
        return None  # a loss of a prediction and a target is read with more care
    wanted = tuple(name for name, array in arrays.items() if array.dtype.kind in "fc")
    if not wanted:
        raise UsageError(_nothing_real(request.name, arrays))
    unused = _unused(state["passes"], wiring, arrays, wanted)
    wanted = tuple(name for name in wanted if name not in unused)
    wanted = _without_targets(state["passes"], wiring, labels, arrays, wanted)
    wanted, silent = _without_data(state["passes"], wiring, labels, arrays, wanted)
    notes = (*notes, *silent)
    if unused:
        notes = (*notes, f"not differentiated by {', '.join(unused)}: the output ignores them")
    return Function(
        pair.name,
        lambda: PairSession(state["passes"], wiring, labels, arrays, wanted),
        arrays,
        wanted,
        wiring.takes_cotangent,
        _convention(wiring),
        place_of(pair.backward),
        notes=(*notes, *_notes(wiring, labels, tuple(arrays), results)),
    )


def _order(forward: Callable[..., Any], request: Request) -> tuple[tuple[str, ...], bool]:
    """The arguments of forward to be given a value, and whether they go by position."""
    parameters = inspect.signature(forward).parameters.values()
    given = [*request.inputs, *request.keywords, *request.shapes]
    plain = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    taken = [p.name for p in plain if _is_open(p) or p.name in given]
    open_ended = {p.kind for p in parameters} & {
        inspect.Parameter.VAR_KEYWORD,
        inspect.Parameter.VAR_POSITIONAL,
    }
    unknown = [name for name in given if name not in {p.name for p in plain}]
    inner = any(isinstance(request.keywords.get(name), dict) for name in request.keywords)
    inner = inner or set(unknown) <= {key for p in plain for key in keys_of(forward, p.name)}
    if unknown and not open_ended and not inner:
        there = ", ".join(p.name for p in plain)
        raise UsageError(f"{request.name}: there is no argument {unknown[0]}; there are {there}")
    if open_ended:
        taken += list(dict.fromkeys(unknown))
        if not taken:
            raise UsageError(
                f"{request.name}: its arguments have no names in the source; give the inputs in "
                f"a function gradcheck_inputs() in the file, such as return {{'x': x}}"
            )
    positional = any(
        p.kind in (p.POSITIONAL_ONLY, p.VAR_POSITIONAL) for p in parameters
    ) and not any(p.kind is p.KEYWORD_ONLY and p.name in taken for p in parameters)
    return tuple(taken), positional


def _is_open(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty or isinstance(parameter.default, np.ndarray)


def _taken_apart(values: Values) -> tuple[dict[str, Array], Values, dict[str, str]]:
    """Arrays, everything else, and which arrays lie in which dictionary, as weights may."""
    arrays: dict[str, Array] = {}
    constants: Values = {}
    inside: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, np.ndarray | np.generic):
            arrays[name] = np.asarray(value)
        else:
            constants[name] = value
        if isinstance(value, Mapping):
            leaves = {k: v for k, v in value.items() if isinstance(v, np.ndarray)}
            arrays |= leaves
            inside |= dict.fromkeys(leaves, name)
    return arrays, constants, inside


def _try(works: Callable[[Values], bool], values: Values, pair: companions.Pair) -> None:
    try:
        works(values)
    except Exception as error:
        where = place_of(pair.forward)
        shapes = ", ".join(f"{name} {np.shape(value)}" for name, value in values.items())
        raise UsageError(
            f"{pair.name}: forward{f' ({where})' if where else ''} raised "
            f"{type(error).__name__}: {error}; it was called with {shapes}"
        ) from None


def _fits_weights(gradients: Any, arrays: Mapping[str, Array]) -> bool:
    """Whether the gradients of weights have the shape of a guess: x * w takes several.

    A bias is added to every sample, so that nothing else is guessed if its gradient does not fit.
    """
    found = gradients if isinstance(gradients, Mapping) else {}
    return all(
        np.shape(gradient) == arrays[name].shape
        for name, gradient in found.items()
        if name in arrays and role_of(name) == "weight"
    )


def _unused(
    passes: Passes, wiring: Wiring, arrays: Mapping[str, Array], wanted: tuple[str, ...]
) -> list[str]:
    """Inputs that only matter for results that backward takes no gradient of."""
    _, result = passes.call(copy.deepcopy(dict(arrays)))
    if wiring.outputs is None or len(result) <= len(wiring.outputs) + 1:
        return []
    unused = []
    with inputs.quietly():
        for name in wanted:
            moved = {**copy.deepcopy(dict(arrays)), name: 0.9 * arrays[name]}
            _, other = passes.call(moved)
            same = [np.array_equal(result[place], other[place]) for place in wiring.outputs]
            unused += [name] if all(same) else []
    return unused


def _without_data(
    passes: Passes,
    wiring: Wiring,
    labels: tuple[str, ...],
    arrays: Mapping[str, Array],
    wanted: tuple[str, ...],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The inputs without the data of a net, whose gradients are those of the weights alone."""
    weights = tuple(name for name in wanted if name in passes.inside)
    try:
        with inputs.quietly():
            session = PairSession(passes, wiring, labels, arrays, wanted)
            output = session.forward(copy.deepcopy(dict(arrays)))
            gradients = session.backward(inputs.like(output, np.random.default_rng(0)))
    except Exception:
        return wanted, ()
    if not weights or not isinstance(gradients, Mapping) or not set(gradients) <= {*weights}:
        return wanted, ()
    others = [name for name in wanted if name not in weights]
    return weights, tuple(f"no gradient by {n} is returned, and none is expected" for n in others)


def _without_targets(
    passes: Passes,
    wiring: Wiring,
    labels: tuple[str, ...],
    arrays: Mapping[str, Array],
    wanted: tuple[str, ...],
) -> tuple[str, ...]:
    """The inputs without the targets of a loss, unless backward gives them a gradient as well."""
    targets = {name for name in wanted if names.plain(name) in names.LABELS | {"y"}}
    others = tuple(name for name in wanted if name not in targets)
    session = PairSession(passes, wiring, labels, arrays, others)
    try:
        with inputs.quietly():
            output = session.forward(copy.deepcopy(dict(arrays)))
            if not targets or np.shape(output) != ():
                return wanted
            gradients = session.backward(np.ones(()))
    except Exception:
        return wanted
    only = isinstance(gradients, Mapping) and set(gradients) <= set(others)
    return others if others and only else wanted


def _convention(wiring: Wiring) -> str:
    if wiring.uses_cache:
        return "function pair, backward takes what forward returned"
    return "function pair, backward takes the inputs again"


def _notes(
    wiring: Wiring, labels: tuple[str, ...], arguments: tuple[str, ...], results: tuple[str, ...]
) -> tuple[str, ...]:
    notes = []
    found = by_label(labels, arguments)
    order = [found[place] for place in sorted(found)]
    if len(found) > 1 and order != [name for name in arguments if name in order]:
        notes.append(f"the gradients were told apart by their names: return {', '.join(labels)}")
    if wiring.outputs is not None and len(results) > len(wiring.outputs) + 1:
        read = {*arguments, *(results[place] for place in wiring.outputs)}
        for source in wiring.arguments.values():
            places = source.key if source.what == "rest" else [source.key]
            read |= {results[place] for place in places if source.what in ("result", "rest")}
        ignored = [name for name in results if name and name not in read]
        if ignored:
            notes.append(f"backward takes no gradient of {', '.join(ignored)}: held to be unused")
    return tuple(notes)


def _nothing_real(name: str, arrays: Mapping[str, Array]) -> str:
    kinds = ", ".join(f"{key} is {array.dtype}" for key, array in arrays.items()) or "there is none"
    return (
        f"{name}: no input is an array of floating-point numbers ({kinds}); give NumPy arrays such "
        f"as np.array([1.0, 2.0])"
    )


def _unclear(pair: companions.Pair, order: tuple[str, ...]) -> str:
    taken = ", ".join(inspect.signature(pair.backward).parameters)
    example = f"backward(dout, {', '.join(order)})"
    return (
        f"{pair.name}: it is not clear what the arguments of the backward pass ({taken}) are; name "
        f"them like the arguments of the forward pass, as in {example}, or take (dout, cache)"
    )
