"""An instance of someone's class, ready to be checked: constructed, in training mode."""

import inspect
import os
import re
from typing import Any

from gradcheck.checks.adapters import names
from gradcheck.checks.adapters.class_passes import flag, required
from gradcheck.checks.adapters.class_steps import PlainDescent
from gradcheck.checks.adapters.names import plain
from gradcheck.checks.adapters.parameters import clone, own_class_state
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.layers import UsageError

EXAMPLES = (3, 4, 2, 5)  # sizes for an example of a constructor call: no two alike
WRITTEN = (  # other examples, by what an argument is called
    (r"shape", "(3,4)"),
    (r"sizes|dims|layers|units_?list|architecture", "[3,4,2]"),
    (r"rate|ratio|prob|^p$|^eps|alpha|slope|momentum|lambd?a?$", "0.5"),
)
SETUP = ("initialize", "initialise", "init", "build", "compile", "setup", "set_optimizer")


def make(request: Request) -> tuple[Any, tuple[str, ...]]:
    """A private instance and what is worth saying about it; the user's own is left alone."""
    thing = request.thing
    notes: list[str] = []
    instance = _construct(thing, request, notes) if inspect.isclass(thing) else clone(thing)
    own_class_state(instance)
    _take_plain_descent(instance)
    notes += _train(instance)
    return instance, tuple(notes)


def how_to_name(request: Request, arguments: str) -> str:
    """The command that names this class with constructor arguments; shells want the quotes."""
    file = getattr(request.module, "__file__", None)
    named = f"{request.name}({arguments})"
    return f'gradcheck "{_short(file)}::{named}"' if file else named


def _short(file: str) -> str:
    """A path as one would type it here."""
    here = os.path.relpath(file)
    return file if here.startswith("..") else here


def _construct(cls: type, request: Request, notes: list[str]) -> Any:
    arguments, keywords = request.arguments, dict(request.keywords)
    try:
        inspect.signature(cls).bind(*arguments, **keywords)
    except TypeError as error:
        if not arguments and not keywords:
            for name, value in vars(request.module).items() if request.module else ():
                if type(value) is cls:
                    notes.append(f"the instance checked is a copy of {name}")
                    return clone(value)
        raise UsageError(wanted(cls, request, str(error))) from None
    except ValueError:  # a class without a readable signature
        pass
    try:
        return cls(*arguments, **keywords)
    except Exception as error:  # of the user's code
        raise UsageError(
            f"{request.name}: its constructor raised {type(error).__name__}: {error}"
        ) from None


def wanted(cls: type, request: Request, error: str) -> str:
    """What to write for a class that cannot be constructed from what is known."""
    missing = required(inspect.getattr_static(cls, "__init__"))
    example = ",".join(_example(name, i) for i, name in enumerate(missing))
    if request.arguments or request.keywords:
        needs = f"it needs ({', '.join(missing)})"
        return f"{request.name} cannot be constructed like this: {error}; {needs}"
    return (
        f"{request.name} needs constructor arguments ({', '.join(missing)}): "
        f"write {how_to_name(request, example)}, or put an instance at module level"
    )


def _example(name: str, place: int) -> str:
    """What may be written for an argument of a constructor, by its name."""
    word = plain(name)
    return next(
        (text for pattern, text in WRITTEN if re.search(pattern, word)),
        str(EXAMPLES[place % len(EXAMPLES)]),
    )


def _take_plain_descent(instance: Any) -> None:
    """Put plain descent in place of optimizers that the class keeps or is to be given."""
    for name, value in list(getattr(instance, "__dict__", {}).items()):
        words = {plain(part) for part in name.split("_")} | {plain(name)}
        is_one = any(callable(getattr(value, m, None)) for m in ("update", "step", "apply"))
        if words & names.OPTIMIZER and (value is None or is_one):
            setattr(instance, name, PlainDescent())
    for name in SETUP:
        method = getattr(instance, name, None)
        if inspect.ismethod(method):
            wanted = required(method)
            if len(wanted) == 1 and plain(wanted[0]) in names.OPTIMIZER:
                method(PlainDescent())


def _train(instance: Any) -> list[str]:
    """Switch to training mode, which is the one with a gradient worth checking."""
    notes = []
    for name, value in list(getattr(instance, "__dict__", {}).items()):
        if isinstance(value, bool) or (plain(name) in {"mode", "phase"} and isinstance(value, str)):
            switch, setting = flag(name, value)
            if switch and value != setting:
                setattr(instance, name, setting)
                notes.append(f"checked in training mode: {name} is {setting}")
    return notes
