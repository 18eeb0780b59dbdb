"""Function pairs: `affine_forward(x, w) -> (out, cache)` with `affine_backward(dout, cache)`.

Also without a cache, `affine_backward(dout, x, w)`; static methods of a class; and a tuple
`(forward, backward)`.
"""

import copy
import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck.checks.adapters import companions, inputs
from gradcheck.checks.adapters.gradients import by_label, named
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.adapters.source import place_of, returned_names
from gradcheck.checks.adapters.wiring import Source, Wiring, wire
from gradcheck.checks.gradient.function import Array, Function
from gradcheck.checks.layers import UsageError

Values = dict[str, Any]


@dataclass(frozen=True)
class Passes:
    """Two functions and how they are called.

    order       the arguments of forward that are given, in order
    constants   those that are no inputs: hyperparameters
    inside      input -> the dictionary among the constants that it lies in
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    order: tuple[str, ...]
    constants: Mapping[str, Any]
    inside: Mapping[str, str]
    positional: bool = False

    def call(self, arrays: Mapping[str, Any]) -> tuple[Values, Any]:
        """The arguments of forward, by name, and its result."""
        values: Values = copy.deepcopy(dict(self.constants))  # forward may write into them
        for name, array in arrays.items():
            if name in self.inside:
                values[self.inside[name]][name] = array
            else:
                values[name] = array
        ordered = {name: values[name] for name in self.order}
        return ordered, self.forward(*ordered.values()) if self.positional else self.forward(
            **ordered
        )


@dataclass
class PairSession:
    """Remembers what the latest forward was given and returned."""

    passes: Passes
    wiring: Wiring
    labels: tuple[str, ...]
    inputs: Mapping[str, Array]
    wanted: tuple[str, ...]
    values: Values = field(default_factory=dict)
    result: Any = None

    def forward(self, inputs: dict[str, Array]) -> Any:
        self.values, self.result = self.passes.call(inputs)
        return output_of(self.result, self.wiring)

    def backward(self, cotangent: Any) -> Any:
        given = {
            name: self._value(source, cotangent) for name, source in self.wiring.arguments.items()
        }
        more: Values = {}
        if self.wiring.keyword:  # backward(dout, **inputs)
            more = {name: value for name, value in self.values.items() if name not in given}
        returned = _call(self.passes.backward, given, more)
        return named(returned, self.labels, self.inputs, self.wanted)

    def _value(self, source: Source, cotangent: Any) -> Any:
        if source.what == "cotangent":
            several = self.wiring.outputs is not None and len(self.wiring.outputs) > 1
            return cotangent[source.key] if several else cotangent
        if source.what == "input":
            return self.values[source.key]
        if source.what == "inputs":
            return tuple(self.values.values())
        if source.what == "rest":
            return tuple(self.result[place] for place in source.key)
        return self.result if source.key is None else self.result[source.key]


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
    results = returned_names(pair.forward)
    state: dict[str, Any] = {}

    def works(values: Values) -> bool:
        arrays, constants, inside = _taken_apart(values)
        passes = Passes(pair.forward, pair.backward, order, constants, inside, positional)
        given, result = passes.call(copy.deepcopy(arrays))
        wiring = wire(pair.backward, result, results, [*arrays, *given], [*constants])
        state.update(arrays=arrays, passes=passes, wiring=wiring)
        return wiring is None or inputs.usable(output_of(result, wiring))

    values, notes = inputs.complete(request, order, works)
    if "wiring" not in state or notes == ():
        with inputs.quietly():
            _try(works, values, pair)
    arrays, wiring = state["arrays"], state["wiring"]
    if wiring is None:
        raise UsageError(_unclear(pair, order))
    labels = returned_names(pair.backward)
    wanted = tuple(name for name, array in arrays.items() if array.dtype.kind in "fc")
    unused = _unused(state["passes"], wiring, arrays, wanted)
    wanted = tuple(name for name in wanted if name not in unused)
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
        notes=(*notes, *_notes(wiring, labels, wanted, results)),
    )


def output_of(result: Any, wiring: Wiring) -> Any:
    """The part of what forward returned that a cotangent belongs to."""
    if wiring.outputs is None:
        return result
    parts = tuple(result[place] for place in wiring.outputs)
    return parts[0] if len(parts) == 1 else parts


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
    if unknown and not open_ended and not inner:
        names = ", ".join(p.name for p in plain)
        raise UsageError(f"{request.name}: there is no argument {unknown[0]}; there are {names}")
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
    arrays, constants, inside = {}, {}, {}
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


def _call(function: Callable[..., Any], given: Values, more: Values) -> Any:
    only = [p.name for p in inspect.signature(function).parameters.values()
            if p.kind is p.POSITIONAL_ONLY]  # fmt: skip
    first = [given.pop(name) for name in only if name in given]
    return function(*first, **given, **more)


def _convention(wiring: Wiring) -> str:
    if wiring.uses_cache:
        return "function pair, backward takes what forward returned"
    return "function pair, backward takes the inputs again"


def _notes(
    wiring: Wiring, labels: tuple[str, ...], wanted: tuple[str, ...], results: tuple[str, ...]
) -> tuple[str, ...]:
    notes = []
    found = by_label(labels, wanted)
    order = [found[place] for place in sorted(found)]
    if len(found) > 1 and order != [name for name in wanted if name in order]:
        notes.append(f"the gradients were told apart by their names: return {', '.join(labels)}")
    if wiring.outputs is not None and len(results) > len(wiring.outputs) + 1:
        ignored = [n for i, n in enumerate(results[:-1]) if i not in wiring.outputs and n]
        read = {source.key for source in wiring.arguments.values() if source.what == "result"}
        ignored = [name for name in ignored if results.index(name) not in read]
        if ignored:
            notes.append(f"backward takes no gradient of {', '.join(ignored)}: held to be unused")
    return tuple(notes)


def _unclear(pair: companions.Pair, order: tuple[str, ...]) -> str:
    names = ", ".join(inspect.signature(pair.backward).parameters)
    example = f"backward(dout, {', '.join(order)})"
    return (
        f"{pair.name}: it is not clear what the arguments of the backward pass ({names}) are; name "
        f"them like the arguments of the forward pass, as in {example}, or take (dout, cache)"
    )
