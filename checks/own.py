"""`gradcheck.check` and `gradcheck.assert_gradients`: for layers of ours, and for anyone's code.

What is checked is told by what is given:

    check("softmax")                                layers of ours, by name
    check(forward, backward, inputs)                two functions
    check(Linear(3, 4), inputs={"x": x})            an object in one of the usual conventions
    check("homework/layers.py::Linear(3, 4)")       the same, as on the command line
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, overload

from gradcheck.checks import verdict
from gradcheck.checks.arguments import is_code
from gradcheck.checks.functions import Asked, Shapes, check_object, check_targets
from gradcheck.checks.layers import UsageError

OF_LAYERS = {"sizes", "tolerance", "path", "progress", "jobs"}
OF_CODE = {"inputs", "shapes", "name", "like", "time_limit", "full"}
OPTIONS = {"seed", "wrt", "rtol", "atol"} | OF_LAYERS | OF_CODE


@dataclass(frozen=True)
class Report(verdict.Report):
    """What was found about everything that was asked for.

    ok         whether everything agreed
    findings   one for each gradient, and others about a function as a whole: `input`, `verdict`,
               `code` (`gradcheck --explain` knows it), `message`, `worst`
    functions  the code that was checked: `function`, `findings`, `price`, `notes`
    layers     the layers of ours that were checked
    left_out   what was recognised in a file and could not be checked, and why

    `str(report)` is the report that the command line prints.
    """

    left_out: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return text(self)

    def joined(self, other: "Report") -> "Report":
        """Layers of this report and code of another."""
        return replace(self, functions=other.functions, left_out=other.left_out)


class GradientMismatch(AssertionError):
    """Some gradient is not right; `report` has the findings, `again` repeats the check."""

    __module__ = "gradcheck"  # where people import it from, and what a traceback calls it

    def __init__(self, report: Report, again: str = "") -> None:
        told = text(report, quiet=True)
        super().__init__(f"{told}\nagain: {again}" if again else told)
        self.report = report


@overload
def check(
    *layers: str,
    seed: int = 0,
    wrt: str | Iterable[str] = (),
    sizes: Mapping[str, int] | None = None,
    tolerance: verdict.Tolerance | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    path: str = "",
    progress: Callable[[int, int, str], None] | None = None,
    jobs: int = 1,
) -> Report: ...


@overload
def check(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Mapping[str, Any],
    /,
    *,
    seed: int = 0,
    wrt: str | Iterable[str] = (),
    name: str = "",
    like: str = "",
    rtol: float | None = None,
    atol: float | None = None,
    time_limit: float | None = None,
    full: bool = False,
) -> Report: ...


@overload
def check(
    code: object,
    /,
    *,
    inputs: Mapping[str, Any] | None = None,
    shapes: Shapes | None = None,
    seed: int = 0,
    wrt: str | Iterable[str] = (),
    name: str = "",
    like: str = "",
    rtol: float | None = None,
    atol: float | None = None,
    time_limit: float | None = None,
    full: bool = False,
) -> Report: ...


def check(*what: Any, wrt: str | Iterable[str] = (), **options: Any) -> Report:
    """Check gradients: of layers of ours, of two functions, or of an object.

    inputs      arrays by name; those of floats are differentiated by, others are passed on
    shapes      of inputs that are to be drawn, for an object or a target
    seed        of everything random
    wrt         only the gradients by these inputs
    name        what to call it in the report
    like        the layer of ours whose forward pass the code should agree with
    rtol, atol  what difference is allowed, relative to the gradient's largest entry or absolute;
                by default what the differences can resolve
    time_limit  in seconds
    full        compare whole Jacobians entry by entry
    jobs        how many processes share the layers; 0 for as many as pay

    Raises UsageError for what cannot be checked before something more is said.
    """
    unknown = [option for option in options if option not in OPTIONS]
    if unknown:
        raise TypeError(f"check() got an unexpected keyword argument {unknown[0]!r}")
    names = tuple(wrt.replace(",", " ").split()) if isinstance(wrt, str) else tuple(wrt)
    words = [each for each in what if isinstance(each, str)]
    code = [word for word in words if is_code(word)]
    if len(words) == len(what) and not code:
        return _of_layers(words, names, **options)
    if code and len(code) < len(what):
        raise UsageError("check layers of ours and code of yours one after the other")
    return _of_code(what, names, **options)


def assert_gradients(*what: Any, **options: Any) -> Report:
    """Check as `check` does, and raise GradientMismatch, an AssertionError, if anything is wrong.

    The text of the error is the report.
    """
    __tracebackhide__ = True
    report = check(*what, **options)
    if not report.ok:
        raise GradientMismatch(report)
    return report


def text(
    report: Report, *, quiet: bool = False, verbose: bool = False, colour: bool = False
) -> str:
    """The report as people read it."""
    from gradcheck.checks.report import own
    from gradcheck.checks.report.style import Style

    parts = []
    if report.layers:
        from gradcheck.checks.report import text as of_layers  # needs SymPy

        layers = replace(report, functions=())
        parts.append(of_layers.as_text(layers, Style(colour), verbose=verbose, quiet=quiet))
    if report.functions:
        parts.append(
            own.as_text(
                report.functions,
                Style(colour),
                verbose=verbose,
                quiet=quiet,
                left_out=report.left_out,
            )
        )
    return "\n\n".join(parts)


def as_json(report: Report, *, verbose: bool = False) -> str:
    """The report for programs; times, places of code and rounding errors only if `verbose`."""
    from gradcheck.checks.report import own

    content = own.content(report, verbose=verbose) | {"left_out": dict(report.left_out)}
    if report.layers:
        from gradcheck.checks.report import machine  # needs SymPy

        content |= json.loads(machine.as_json(report, verbose=verbose))
    return json.dumps(content, indent=2, ensure_ascii=False)


def printable(report: verdict.Report) -> Report:
    """The same report, as one that knows its text."""
    return Report(**{each.name: getattr(report, each.name) for each in fields(verdict.Report)})


def _of_layers(
    names: list[str],
    wrt: tuple[str, ...],
    *,
    tolerance: verdict.Tolerance | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    **options: Any,
) -> Report:
    from gradcheck.checks import run

    given = {"rtol": rtol, "atol": atol}
    tolerance = tolerance or verdict.Tolerance(**{k: v for k, v in given.items() if v is not None})
    options |= {"progress": progress} if progress else {}
    return printable(run.check(*names, wrt=wrt, tolerance=tolerance, **options))


def _of_code(
    what: tuple[Any, ...],
    wrt: tuple[str, ...],
    *,
    inputs: Mapping[str, Any] | None = None,
    shapes: Shapes | None = None,
    time_limit: float | None = None,
    **options: Any,
) -> Report:
    asked = Asked(wrt=wrt, time_limit=time_limit or 0.0, **options)
    left_out: dict[str, str] = {}
    if isinstance(what[0], str):
        functions, left_out = check_targets(what, shapes or {}, asked)
    else:
        thing, backward, given = (*what, None, None)[:3]
        functions = check_object(
            thing, backward, inputs if given is None else given, shapes or {}, asked
        )
    return Report(functions=functions, seed=asked.seed, left_out=left_out)
