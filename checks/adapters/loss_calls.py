"""How someone's loss and its gradient are called: what `losses.py` recognises, before any number.

A loss is a function of a prediction and a target. Its gradient comes back with it, from a second
function or a flag, or from another method of the same class.
"""

import copy
import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gradcheck.checks.adapters.class_make import wanted
from gradcheck.checks.adapters.loss_names import both_by_name
from gradcheck.checks.adapters.names import COTANGENT, GRADIENTS, LABELS, means, plain
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.adapters.source import place_of, returned_names
from gradcheck.checks.gradient.function import Place
from gradcheck.checks.layers import UsageError

LOSS_METHODS = (
    "loss", "forward", "calculate", "compute_loss", "calc_loss", "compute", "cost", "f", "fn",
    "func", "forward_pass", "error", "value", "call", "__call__",
)  # fmt: skip
GRADIENT_METHODS = (
    "gradient", "grad", "backward", "derivative", "prime", "f_prime", "loss_prime", "loss_grad",
    "loss_gradient", "loss_derivative", "d_loss", "dloss", "df", "fprime", "deriv", "compute_grad",
    "compute_gradient", "calc_gradient", "compute_derivative", "backward_pass", "cost_derivative",
    "delta", "gradient_loss", "grad_loss", "backprop", "back",
)  # fmt: skip
FLAGS = ("deriv", "derivative", "prime", "grad", "gradient", "derive", "return_grad", "backward")
LOSS_NAME = re.compile(
    r"loss|cost|mse|mae|sse|entropy|bce|nll|hinge|huber|error|criterion|objective|squared|"
    r"(^|_)(l1|l2|ce|kl|xent)(_|$)|cosh|divergence|quadratic|likelihood",
    re.IGNORECASE,
)
TARGET = re.compile("|".join(LABELS) + "|.*(true|onehot|target|labels?|truth|expected|desired).*")
WEAK = re.compile(r"y|ys|ybatch|yb|ytrain|d")
RETURNED = re.compile(r"loss|cost|^(l|j|e|err|error|nll|objective|data_loss)$", re.IGNORECASE)

Passes = tuple[Callable[..., Any], Callable[..., Any] | None, Any]


@dataclass(frozen=True)
class Calls:
    """How a loss is called.

    start      fresh passes: the loss, its gradient (None: the loss returns both), the instance
    loss       the names of the loss's arguments
    gradient   the names of the gradient's arguments; the cotangent is one of `cotangents`
    default    whether the cotangent has a default, as in `backward(dout=1)`
    results    whose gradients the loss returns, as far as the names in its source tell
    instance   makes an instance, of a class
    """

    name: str
    convention: str
    start: Callable[[], Passes]
    loss: tuple[str, ...]
    gradient: tuple[str, ...] = ()
    cotangent: str = ""
    default: bool = False
    results: tuple[str, ...] = ()
    instance: Callable[[], Any] | None = None
    place: Place | None = None
    words: str = ""


def calls_of(request: Request) -> Calls | None:
    """How the loss of a request is called; None if it is no loss."""
    thing = request.thing
    if isinstance(thing, tuple) and len(thing) == 2 and all(map(callable, thing)):
        return _pair(request, thing[0], thing[1], "loss and gradient, two functions")
    if inspect.isfunction(thing) or isinstance(thing, functools.partial):
        return _of_function(request, thing)
    if isinstance(thing, type) or type(thing).__module__ not in ("builtins", "numpy"):
        return _of_class(request)
    return None


def target_of(names: Sequence[str]) -> str | None:
    """The argument that is the target, if the names tell: y is one unless another is."""
    for pattern in (TARGET, WEAK):
        found = [name for name in names if pattern.fullmatch(plain(name))]
        if len(found) == 1:
            return found[0]
        if found:
            return None
    return None


def required(function: Callable[..., Any]) -> tuple[str, ...]:
    """The arguments without a default; none of something without a signature."""
    return tuple(
        p.name
        for p in _positional(function)
        if p.default is inspect.Parameter.empty and p.name not in ("self", "cls")
    )


def _of_function(request: Request, loss: Callable[..., Any]) -> Calls | None:
    names = tuple(name for name in required(loss) if name not in request.keywords)
    if len(names) < 2:
        return None
    for one, other in both_by_name(request, loss):
        found = _pair(request, one, other, "loss and gradient, two functions")
        if found is not None:
            return replace(found, name=one.__name__)
    flag = next((p.name for p in _positional(loss) if p.name in FLAGS and p.default is False), "")
    if flag and len(names) == 2:
        gradient = functools.partial(loss, **{flag: True})
        return _pair(request, loss, gradient, f"loss whose gradient comes with {flag}=True")
    if target_of(required(loss)) is None or not _returns_loss_and_gradient(loss):
        return None
    bound = _with(loss, request.keywords)
    results = returned_names(loss)
    if not RETURNED.search(results[0]) and RETURNED.search(results[-1]):  # return grads, cost
        bound, results = _reversed(bound), results[::-1]
    return Calls(
        request.name, "loss that returns its gradient", lambda: (bound, None, None), names,
        results=_whose(results[1:], names), place=place_of(loss),
        words=_words(request.name, loss),
    )  # fmt: skip


def _pair(
    request: Request, loss: Callable[..., Any], gradient: Callable[..., Any], convention: str
) -> Calls | None:
    names, theirs = required(loss), required(gradient)
    if len(names) != 2 or not _belongs(request.name, names, theirs):
        return None
    passes = _with(loss, request.keywords), _with(gradient, request.keywords), None
    name = request.name or getattr(loss, "__name__", "loss")
    return Calls(
        name, convention, lambda: passes, names, theirs,
        _cotangent(names, theirs), place=place_of(gradient), words=_words(request.name, loss),
    )  # fmt: skip


def _of_class(request: Request) -> Calls | None:
    thing = request.thing
    cls = thing if isinstance(thing, type) else type(thing)
    methods = _methods(cls)
    if methods is None:
        return None
    loss, gradient = methods
    names, theirs = required(getattr(cls, loss)), required(getattr(cls, gradient))
    name = f"{request.name} {cls.__name__}"
    if not _belongs(name, names, theirs):
        return None
    optional = [p.name for p in _positional(getattr(cls, gradient)) if plain(p.name) in COTANGENT]
    cotangent = _cotangent(names, theirs)
    default = not cotangent and not theirs and bool(optional)
    start = _starter(request, loss, gradient)
    return Calls(
        request.name or cls.__name__,
        f"class with {loss} and {gradient}",
        start,
        names,
        theirs,
        cotangent or (optional[0] if default else ""),
        default,
        instance=lambda: start()[2],
        place=place_of(getattr(cls, gradient)),
        words=_words(name, getattr(cls, loss)),
    )


def _methods(cls: type) -> tuple[str, str] | None:
    """The methods that are the loss and its gradient; both are functions of the class."""
    losses = [
        name
        for name in LOSS_METHODS
        if len(required(getattr(cls, name, None) or _nothing)) == 2 and _is_function(cls, name)
    ]
    gradients = [name for name in GRADIENT_METHODS if _is_function(cls, name)]
    return (losses[0], gradients[0]) if losses and gradients else None


def _starter(request: Request, loss: str, gradient: str) -> Callable[[], Passes]:
    thing = request.thing

    def start() -> Passes:
        if not isinstance(thing, type):
            instance = copy.deepcopy(thing)
        elif all(
            isinstance(inspect.getattr_static(thing, n), staticmethod | classmethod)
            for n in (loss, gradient)
        ):
            instance = thing
        else:
            try:
                instance = thing(*request.arguments, **request.keywords)
            except TypeError as error:
                raise UsageError(wanted(thing, request, str(error))) from None
        return getattr(instance, loss), getattr(instance, gradient), instance

    return start


def _belongs(name: str, loss: Sequence[str], gradient: Sequence[str]) -> bool:
    """Whether the arguments are those of a loss and of its gradient.

    Where no name says which argument is the target, the name must say that this is a loss.
    """
    if len(loss) != 2:
        return False
    rest = [n for n in gradient if n != _cotangent(loss, gradient)]
    if len(rest) not in (0, 2) and not set(rest) <= set(loss):
        return False
    if LOSS_NAME.search(name):
        return True
    takes_both = len(rest) == len(gradient) == 2 and (
        set(rest) == set(loss) or target_of(rest) is not None
    )
    return target_of(loss) is not None and (takes_both or not gradient)


def _cotangent(loss: Sequence[str], gradient: Sequence[str]) -> str:
    """The argument of the gradient that is a cotangent: the one beside all or none of the inputs.

    In `backward(dvalues, y_true)` it is none: `dvalues` stands for the prediction.
    """
    if len(gradient) not in (1, len(loss) + 1):
        return ""
    found = [n for n in gradient if n not in loss and plain(n) in COTANGENT]
    return found[0] if found else ""


def _returns_loss_and_gradient(function: Callable[..., Any]) -> bool:
    """Whether the source says `return loss, dx`, or something like it."""
    function = function.func if isinstance(function, functools.partial) else function
    names = returned_names(function)
    if len(names) < 2:
        return False
    named = bool(LOSS_NAME.search(getattr(function, "__name__", "")) or RETURNED.search(names[0]))
    if len(names) == 2 and RETURNED.search(names[1]):
        return plain(names[0]) in GRADIENTS
    gradient = plain(names[1]) in COTANGENT or bool(re.match(r"d_?[A-Za-z]|grad", names[1]))
    return named or gradient


def _reversed(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values, **named: tuple(reversed(function(*values, **named)))


def _whose(results: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """The arguments that results such as dW and db are the gradients of; () if that is unclear."""
    found = []
    for result in results:
        fits, name = max((means(result, name), name) for name in names)
        found.append(name if fits else "")
    return tuple(found) if all(found) and len(set(found)) == len(found) else ()


def _words(name: str, loss: Callable[..., Any]) -> str:
    """What a loss is called and what it calls, for telling what it is a loss of."""
    function = inspect.unwrap(getattr(loss, "__func__", loss))
    code = getattr(function, "__code__", None)
    called = " ".join((*code.co_names, *code.co_varnames)) if code else ""
    return f"{name} | {getattr(function, '__qualname__', '')} | {called}".lower()


def _with(function: Callable[..., Any], keywords: Mapping[str, Any]) -> Callable[..., Any]:
    """The function with those of the keywords that it takes."""
    taken = {k: v for k, v in keywords.items() if k in {p.name for p in _positional(function)}}
    return functools.partial(function, **taken) if taken else function


def _positional(function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p for p in parameters if p.kind not in kinds]


def _is_function(cls: type, name: str) -> bool:
    """Whether the class itself, not `type` or `object`, has a method of that name."""
    return inspect.isroutine(getattr(cls, name, None)) and any(
        name in vars(base) for base in cls.__mro__[:-1]
    )


def _nothing() -> None:
    """Takes no arguments."""
