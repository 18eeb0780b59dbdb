"""`test_gradients = gradcheck.suite(MyLinear, MyConv)`: a test for each of several layers."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FrameType, FunctionType
from typing import Any


@dataclass(frozen=True)
class Case:
    """A layer of a suite: what the fixture `gradcheck` is given."""

    name: str
    layer: tuple[Any, ...]
    options: Mapping[str, Any]

    def __repr__(self) -> str:
        return self.name


def suite(*what: Any, **options: Any) -> Callable[..., None]:
    """A test function with a case for each layer, to be assigned to a name that pytest collects.

    what     layers: objects, classes, names of gradcheck's own, `file.py::Name`, or tuples that
             end in options of their own: (MyLinear(3, 4), {"x": (5, 3)}),
             (forward, backward, {"inputs": inputs}); a mapping gives them names
    options  of all of them, as the fixture `gradcheck` takes them

    The ids are the names of the layers. A failure points at the line that called `suite`.
    """
    import pytest

    names: dict[str, int] = {}
    parameters = []
    for case in (case for each in what for case in _cases(each, options)):
        count = names[case.name] = names.get(case.name, 0) + 1
        id_ = case.name if count == 1 else f"{case.name}-{count}"
        parameters.append(pytest.param(case, id=id_))
    test = _standing_at(sys._getframe(1))
    pytest.mark.parametrize("case", parameters)(test)  # marks are kept on the function itself
    return test


def _test(case: Case, gradcheck: Any) -> None: gradcheck(*case.layer, **case.options)  # fmt: skip


def _standing_at(caller: FrameType) -> Callable[..., None]:
    """The test as if it stood where `suite` is called, all of it on one line."""
    code = _test.__code__.replace(
        co_filename=caller.f_code.co_filename, co_firstlineno=caller.f_lineno
    )
    return FunctionType(code, {"__name__": caller.f_globals["__name__"]}, "test_gradients")


def _cases(each: Any, options: Mapping[str, Any]) -> Iterator[Case]:
    if isinstance(each, Mapping):
        for name, one in each.items():
            yield from (Case(name, c.layer, c.options) for c in _cases(one, options))
        return
    parts = each if isinstance(each, tuple) else (each,)
    *layer, own = (*parts, {}) if not isinstance(parts[-1], Mapping) else parts
    first = layer[0]
    name = first if isinstance(first, str) else getattr(first, "__name__", type(first).__name__)
    yield Case(name, tuple(layer), {**options, **own})
