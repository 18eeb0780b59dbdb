"""A loss and its gradient, told to belong together by their names: `mse` and `mse_prime`."""

from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any

from gradcheck.checks.adapters.request import Request

AFTER = (
    "_prime", "_derivative", "_deriv", "_der", "_gradient", "_grad", "_backward", "_bwd", "_d",
    "_dx", "_delta", "Prime", "Derivative", "Grad", "Gradient", "Backward",
)  # fmt: skip
BEFORE = (
    "d_", "d", "grad_", "gradient_", "derivative_", "deriv_", "derivative_of_", "gradient_of_",
    "grad_of_", "backward_", "delta_", "der_",
)  # fmt: skip


def both_by_name(
    request: Request, function: Callable[..., Any]
) -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
    """A loss and its gradient by their names, this function being either of them."""
    scope: Mapping[str, Any] = getattr(function, "__globals__", {})
    if request.module is not None:
        scope = vars(request.module)
    functions = {k: v for k, v in scope.items() if isinstance(v, FunctionType)}
    name = getattr(function, "__name__", "")
    for other in _gradient_names(name):
        if other in functions:
            yield function, functions[other]
    for other, loss in functions.items():
        if name in _gradient_names(other):
            yield loss, function


def _gradient_names(name: str) -> list[str]:
    """What the gradient of a loss of this name may be called."""
    words = [name + after for after in AFTER] + [before + name for before in BEFORE]
    for word in ("loss", "cost", "error", "objective"):
        if word in name:
            words += [name.replace(word, new) for new in ("grad", "gradient", "derivative")]
            words += [name.replace(word, f"{new}_{word}") for new in ("grad", "gradient", "d")]
            words += [name.replace(f"_{word}", after) for after in AFTER]
    return [word for word in words if word != name]
