"""What each argument of a backward pass is given: the cotangent, a cache, an input, an output.

Names are asked first; what they leave open follows from how many results and arguments there are.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradcheck.checks.adapters import names
from gradcheck.checks.adapters.companions import is_cotangent
from gradcheck.checks.adapters.gradients import by_label

# Beside names.OUTPUT, the names of an output where no input has the same.
ACTIVATED = {"a", "s", "act", "activation", "activated", "fx"}


@dataclass(frozen=True)
class Source:
    """Where an argument comes from: `what` of "cotangent", "result", "rest", "input", "inputs"."""

    what: str
    key: Any = None


@dataclass(frozen=True)
class Wiring:
    """How backward is called, and which results of forward are its output.

    arguments   argument name of backward -> source, in order
    outputs     the results of forward that a cotangent belongs to; None if there is a single one
    """

    arguments: Mapping[str, Source]
    outputs: tuple[int, ...] | None
    keyword: bool = False  # backward(dout, **inputs)
    star: bool = False  # backward(dout, *inputs)

    @property
    def uses_cache(self) -> bool:
        return any(source.what in ("result", "rest") for source in self.arguments.values())

    @property
    def takes_cotangent(self) -> bool:
        return any(source.what == "cotangent" for source in self.arguments.values())


def wire(
    backward: Callable[..., Any],
    result: Any,
    labels: Sequence[str],
    inputs: Sequence[str],
    constants: Sequence[str],
) -> Wiring | None:
    """How to call `backward` after a forward pass that returned `result`; None if unclear.

    labels      what the `return` of the forward pass calls its results
    inputs      names of the arguments of the forward pass; `constants` of those held constant
    """
    parameters = inspect.signature(backward).parameters.values()
    keyword = any(p.kind is p.VAR_KEYWORD for p in parameters)
    plain = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    known = [*inputs, *constants]
    found: dict[str, Source] = {p.name: Source("input", p.name) for p in plain if p.name in known}
    rest = [p.name for p in plain if p.name not in found and p.default is p.empty]
    results = list(result) if isinstance(result, tuple) else None
    cotangents = [name for name in rest if is_cotangent(name) and name not in labels]
    others = [name for name in rest if name not in cotangents]
    if not cotangents and _too_many(others, results, labels, inputs, found):
        cotangents, others = others[:1], others[1:]  # called something else; it comes first
    if results is None:
        sources = _of_single(others, labels, inputs, found)
        outputs = None
    else:
        outputs = _outputs(cotangents, labels, len(results), bool(others))
        sources = _of_several(others, labels, results, outputs, inputs)
    if sources is None:
        return None
    found |= sources
    found |= {name: Source("cotangent", place) for place, name in enumerate(cotangents)}
    found = {p.name: found[p.name] for p in plain if p.name in found}
    return Wiring(found, outputs, keyword, any(p.kind is p.VAR_POSITIONAL for p in parameters))


def _too_many(
    others: Sequence[str],
    results: Sequence[Any] | None,
    labels: Sequence[str],
    inputs: Sequence[str],
    found: Mapping[str, Source],
) -> bool:
    """Whether there are more arguments than caches, outputs and inputs to give."""
    if results is None:
        known = [n for n in others if n in labels or names.plain(n) in names.OUTPUT | names.CACHE]
        return len(others) - len(known) > (0 if found else len(inputs))
    return len(others) > 1


def _of_single(
    others: Sequence[str], labels: Sequence[str], inputs: Sequence[str], found: Mapping[str, Source]
) -> dict[str, Source] | None:
    """Sources where forward returns its output alone."""
    sources: dict[str, Source] = {}
    free = [name for name in inputs if name not in found]
    for name in others:
        if name in labels:
            sources[name] = Source("result")
    for place, name in by_key(others, free).items():
        sources.setdefault(others[place], Source("input", name))
    for name in others:
        if name not in sources and names.plain(name) in names.OUTPUT | ACTIVATED:
            sources[name] = Source("result")
    taken = [source.key for source in sources.values()]
    free = [name for name in free if name not in taken]
    left = [name for name in others if name not in sources]
    if len(left) == 1 and names.plain(left[0]) in names.CACHE and len(inputs) > 1:
        return {**sources, left[0]: Source("inputs")}  # cache = (x, w)
    if len(left) > len(free):
        return None
    return {**sources, **{n: Source("input", f) for n, f in zip(left, free, strict=False)}}


def _of_several(
    others: Sequence[str],
    labels: Sequence[str],
    results: Sequence[Any],
    outputs: tuple[int, ...],
    inputs: Sequence[str],
) -> dict[str, Source] | None:
    """Sources where forward returns its output and what backward needs."""
    known = labels if len(labels) == len(results) else [""] * len(results)
    sources = {name: Source("result", known.index(name)) for name in others if name in known}
    left = [name for name in others if name not in sources]
    for place, name in by_key(left, inputs).items():
        sources[left[place]] = Source("input", name)
    left = [name for name in left if name not in sources]
    kept = [place for place in range(len(results)) if place not in outputs]
    if len(left) == 1 and len(kept) > 1 and not isinstance(results[-1], tuple | list | dict):
        return {**sources, left[0]: Source("rest", tuple(kept))}  # out, x, w with cache = (x, w)
    if len(left) > len(kept):
        return None
    last = kept[len(kept) - len(left) :]
    return {**sources, **{n: Source("result", p) for n, p in zip(left, last, strict=True)}}


def _outputs(
    cotangents: Sequence[str], labels: Sequence[str], size: int, keeps: bool
) -> tuple[int, ...]:
    """The results that the cotangents belong to: by name, else the first ones."""
    if len(labels) == size:
        found = by_label(cotangents, labels)
        if len(found) == len(cotangents) > 0:
            return tuple(list(labels).index(found[place]) for place in range(len(cotangents)))
    count = min(max(len(cotangents), 1), size - keeps if size > 1 else size)
    return tuple(range(count))


def by_key(wanted: Sequence[str], there: Sequence[str]) -> dict[int, str]:
    """Names that mean the same, such as `inputs` and `x`, or `z` and `Z`."""
    found: dict[int, str] = {}
    for place, name in enumerate(wanted):
        fits = [each for each in there if names.key(each) == names.key(name)]
        if len(fits) == 1 and fits[0] not in found.values():
            found[place] = fits[0]
    return found
