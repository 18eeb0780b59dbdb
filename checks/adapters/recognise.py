"""Which convention someone's code is written in, and everything in a file that is recognised."""

import dataclasses
import importlib
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol, cast

import numpy as np

from gradcheck.checks.adapters import companions, inputs
from gradcheck.checks.adapters.load import Loaded, load
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.gradient.function import Function
from gradcheck.checks.layers import UsageError

# The first that recognises an object adapts it: from those with the plainest signs to those that
# are told by names alone. Imported when asked, so that nobody waits for what they do not use.
CONVENTIONS = (
    "torch_functions",
    "torch_modules",
    "jax_functions",
    "ctx",
    "pairs",
    "losses",
    "classes",
    "scalar",
)

OTHER_NAMES = (
    "if the two passes have other names, put them side by side in the file, check = (forward, "
    "backward), and name check"
)


class Convention(Protocol):
    """A module of a convention."""

    def adapt(self, request: Request) -> Function | None:
        """The function to check; None if the object is written in another convention."""


@dataclass(frozen=True)
class Survey:
    """What a target comes to.

    functions   what can be checked
    left_out    name -> why something that was recognised cannot be, and what to write
    notes       what is worth knowing about the import
    """

    functions: tuple[Function, ...]
    left_out: Mapping[str, str]
    notes: tuple[str, ...] = ()


def functions(
    target: str, shapes: Mapping[str, tuple[int, ...]] | None = None, seed: int = 0
) -> list[Function]:
    """What the target names; of a file without a name everything that is recognised."""
    return list(survey(target, shapes, seed).functions)


def survey(
    target: str, shapes: Mapping[str, tuple[int, ...]] | None = None, seed: int = 0
) -> Survey:
    """What the target names, and what of it cannot be checked. Never empty."""
    loaded = load(target)
    if not loaded.target.name:
        return _everything(loaded, shapes or {}, seed)
    name = loaded.target.name
    request = _request(loaded, name, loaded.thing, shapes or {}, seed)
    function = dataclasses.replace(_adapted(request), again=loaded.target.again)
    return Survey((function,), {}, loaded.notes)


def adapt(
    thing: Any,
    name: str = "",
    given: Mapping[str, Any] | None = None,
    *,
    module: ModuleType | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    seed: int = 0,
) -> Function:
    """The function that an object makes: a pair, a class, an instance, a function, a module.

    `given` are arrays, which are inputs, and other values, which are passed on as they are.
    """
    name = name or str(getattr(thing, "__name__", type(thing).__name__))
    arrays, rest = inputs.split(given or {})
    module = module or inspect.getmodule(thing)
    rng = np.random.default_rng(seed)
    return _adapted(Request(thing, name, module, (), rest, arrays, shapes or {}, rng))


def _everything(loaded: Loaded, shapes: Mapping[str, tuple[int, ...]], seed: int) -> Survey:
    module, where = loaded.module, loaded.target.where
    found: dict[tuple[str, str], Function] = {}
    left_out: dict[str, str] = {}
    built: set[Any] = set()
    own = dict(_own(module))
    # a backward pass is met with its forward pass
    queue = [(n, thing) for n, thing in own.items() if companions.forward_of(n, own) == n]
    while queue:
        name, thing = queue.pop(0)
        try:
            function = _recognised(_request(loaded, name, thing, shapes, seed, only_fitting=True))
        except UsageError as error:
            if "." not in name or not companions.takes_self(thing):
                left_out[name] = str(error)
            continue
        if function is None:
            queue = [*_inside(name, thing), *queue]
            continue
        again = dataclasses.replace(loaded.target, text=f"{where}::{name}").again
        key = (function.name, str(function.place))
        found.setdefault(key, dataclasses.replace(function, again=again))
        built.add(type(thing))
    for name in [name for name in left_out if own.get(name) in built]:
        del left_out[name]  # the file has an instance of it
    if not found:
        raise UsageError(_nothing(where, module, left_out))
    return Survey(tuple(found.values()), left_out, loaded.notes)


def _request(
    loaded: Loaded,
    name: str,
    thing: Any,
    shapes: Mapping[str, tuple[int, ...]],
    seed: int,
    only_fitting: bool = False,
) -> Request:
    """What is asked of the conventions, the hook of the file included."""
    there = [each for each, _ in _own(loaded.module)]
    instead, values = inputs.from_hook(loaded.module, companions.forward_of(name, there), seed)
    if instead is not None:
        thing = instead
    if only_fitting and (inspect.isfunction(thing) or isinstance(thing, tuple)):
        first = thing[0] if isinstance(thing, tuple) else thing
        there = [*inspect.signature(first).parameters]
        shapes = {key: shape for key, shape in shapes.items() if key in there}
        values = values if set(values) & set(there) else {}
    arrays, rest = inputs.split(values)
    target = loaded.target
    keywords = {**rest, **target.keywords}
    rng = np.random.default_rng(seed)
    return Request(thing, name, loaded.module, target.arguments, keywords, arrays, shapes, rng)


def _adapted(request: Request) -> Function:
    function = _recognised(request)
    if function is None:
        raise UsageError(_unknown(request))
    return function


def _recognised(request: Request) -> Function | None:
    for name in CONVENTIONS:
        module = importlib.import_module(f"gradcheck.checks.adapters.{name}")
        function = cast(Convention, module).adapt(request)
        if function is not None:
            return function
    return None


def _own(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """What the module itself defines that could be checked, in the order of the file."""
    for name, thing in vars(module).items():
        if name.startswith("_") or name == inputs.HOOK:
            continue
        if inspect.isclass(thing) or inspect.isfunction(thing):
            if thing.__module__ == module.__name__ and thing.__name__ == name:
                yield name, thing
        elif type(thing).__module__ == module.__name__ or _is_pair(thing):
            yield name, thing
        elif hasattr(thing, "defvjp") and getattr(thing, "__module__", "") == module.__name__:
            yield name, thing  # of jax.custom_vjp


def _inside(name: str, kind: Any) -> Iterator[tuple[str, Any]]:
    """The functions of a class, which may be no more than a drawer for pairs."""
    if inspect.isclass(kind):
        own = [each for each, value in vars(kind).items() if not each.startswith("_")]
        functions = [each for each in own if inspect.isfunction(getattr(kind, each))]
        for each in functions:
            if companions.forward_of(each, functions) == each:
                yield f"{name}.{each}", getattr(kind, each)


def _is_pair(thing: Any) -> bool:
    return isinstance(thing, tuple) and len(thing) == 2 and all(map(callable, thing))


def _nothing(where: str, module: ModuleType, left_out: Mapping[str, str]) -> str:
    if left_out:
        return "\n".join(left_out.values())
    seen = [f"{_kind(thing)} {name}" for name, thing in _own(module)]
    listed = ", ".join(seen) if seen else "neither a class nor a function"
    return (
        f"{where}: nothing in it is recognised as a forward and a backward pass; it has {listed}; "
        f"{OTHER_NAMES}"
    )


def _unknown(request: Request) -> str:
    thing = request.thing
    return (
        f"{request.name} is {_article(_kind(thing))} without a backward pass that is recognised"
        f"{_methods(thing)}; {OTHER_NAMES}"
    )


def _methods(thing: Any) -> str:
    if inspect.isfunction(thing):
        return f": there is no {thing.__name__}_backward or {thing.__name__}_derivative beside it"
    kind = thing if inspect.isclass(thing) else type(thing)
    methods = [name for name, value in vars(kind).items() if inspect.isfunction(value)]
    methods = [name for name in methods if not name.startswith("__") or name == "__call__"]
    return f" (methods: {', '.join(methods)})" if methods else ""


def _kind(thing: Any) -> str:
    if inspect.isclass(thing):
        return "class"
    if inspect.isfunction(thing):
        return "function"
    return "module" if inspect.ismodule(thing) else f"{type(thing).__name__} instance"


def _article(words: str) -> str:
    return f"{'an' if words[0].lower() in 'aeiou' else 'a'} {words}"
