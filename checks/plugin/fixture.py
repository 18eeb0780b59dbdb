"""What the fixture `gradcheck` is: a check whose failure is the report, and which remembers it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

from gradcheck.checks.arguments import is_code
from gradcheck.checks.functions import seeded
from gradcheck.checks.layers import UsageError
from gradcheck.checks.own import OPTIONS, GradientMismatch, Report, check
from gradcheck.checks.report.results import Result, results


@dataclass(repr=False)
class Gradcheck:
    """A check of gradients inside a test.

    defaults    options that the marker of the test gives
    seed        from the command line; None if it does not say
    seeds       at how many seeds to check, from this one on
    again       the command that repeats the test
    found       where what was found is kept, a row for each gradient and seed
    properties  of the test, for the XML that CI systems read
    """

    defaults: Mapping[str, Any]
    seed: int | None
    seeds: int
    again: str
    found: list[dict[str, Any]]
    properties: list[tuple[str, object]]

    def __call__(self, *what: Any, **options: Any) -> Report:
        """Check as `gradcheck.check` does; keywords that it does not know are inputs.

        A tuple of whole numbers is the shape of an input to draw, anything else is its value.
        For layers of gradcheck's own a keyword is the length of an axis, N=4.
        The seed of the command line goes before that of the test.

        Raises GradientMismatch, an AssertionError, if anything is wrong, and UsageError for what
        cannot be checked before something more is said.
        """
        __tracebackhide__ = True
        asked = {**self.defaults, **options}
        known = {name: value for name, value in asked.items() if name in OPTIONS}
        given = {name: value for name, value in asked.items() if name not in OPTIONS}
        ours = all(isinstance(each, str) and not is_code(each) for each in what)
        known |= _sizes(given, known) if ours else _inputs(given, known)
        first = self._first(known.pop("seed", 0))
        for seed in range(first, first + self.seeds):
            report = _checked(what, {**known, "seed": seed})
            self._keep(report)
            if not report.ok:
                raise GradientMismatch(report, f"{self.again} --gradcheck-seed {seed}")
        return report

    def __repr__(self) -> str:
        return f"gradcheck of {', '.join({row['layer']: 0 for row in self.found}) or 'nothing yet'}"

    def seeded(self) -> AbstractContextManager[None]:
        """While the test runs, the generators that it may draw weights from are seeded."""
        return seeded(self._first(self.defaults.get("seed", 0)))

    def _first(self, seed: int) -> int:
        return seed if self.seed is None else self.seed

    def _keep(self, report: Report) -> None:
        rows = results(report)
        self.found += [{**asdict(row), "seed": report.seed} for row in rows]
        for key in dict.fromkeys(row.key for row in rows):
            self.properties += _properties([row for row in rows if row.key == key], report.seed)


def _properties(rows: Sequence[Result], seed: int) -> list[tuple[str, object]]:
    """Of one layer: what is wrong with it, and how far off it is."""
    wrong = [row for row in rows if not row.ok]
    error = max(row.error for row in rows)
    return [
        ("gradcheck.layer", rows[0].layer),
        ("gradcheck.seed", seed),
        ("gradcheck.input", ",".join(dict.fromkeys(row.input for row in wrong if row.input))),
        ("gradcheck.error", f"{error:.0e}" if error else ""),
        ("gradcheck.code", ",".join(dict.fromkeys(row.code for row in wrong if row.code))),
    ]


def _checked(what: tuple[Any, ...], options: dict[str, Any]) -> Report:
    __tracebackhide__ = True
    try:
        return check(*what, **options)
    except UsageError as error:  # raised again here, where the traceback ends
        raise UsageError(str(error)) from None


def _sizes(given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Lengths of axes, from keywords."""
    __tracebackhide__ = True
    for name, value in given.items():
        if not _is_whole(value):
            raise UsageError(
                f"{name}={value!r}: of a layer of gradcheck's own, name lengths of axes, as in N=4"
            )
    return {"sizes": {**(known.get("sizes") or {}), **given}} if given else {}


def _inputs(given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Shapes and values of inputs, from keywords."""
    shapes = {n: v for n, v in given.items() if isinstance(v, tuple) and all(map(_is_whole, v))}
    values = {n: v for n, v in given.items() if n not in shapes}
    merged = {}
    if shapes:
        merged["shapes"] = {**(known.get("shapes") or {}), **shapes}
    if values:
        merged["inputs"] = {**(known.get("inputs") or {}), **values}
    return merged


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
