"""The pytest plugin: the fixture `gradcheck`, its options and marker, and a table at the end.

Pytest loads this at every start, in projects that check no gradient too: so nothing is imported
here but pytest, and the checker only for a test that asks for the fixture.
"""

from __future__ import annotations

import shlex
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gradcheck.checks.plugin.fixture import Gradcheck

MARKER = "gradcheck(**options): what the fixture gradcheck is asked by default, such as seed=3"
FOUND = pytest.StashKey[list[dict[str, Any]]]()  # by a test: a row for each gradient


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradcheck", "gradients")
    group.addoption(
        "--gradcheck-seed",
        type=_whole(0),
        metavar="N",
        help="of all values and directions (default 0, or what a test asks for)",
    )
    group.addoption(
        "--gradcheck-seeds",
        type=_whole(1),
        default=1,
        metavar="N",
        help="check at so many seeds, one after the other: for nightly runs (default 1)",
    )
    group.addoption(
        "--gradcheck-report",
        type=Path,
        metavar="FILE",
        help="write what was found about every gradient as JSON; with -v all digits",
    )
    group.addoption(
        "--gradcheck-update",
        action="store_true",
        help="rewrite the baseline that [tool.gradcheck] of pyproject.toml names",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    if not hasattr(config, "workerinput"):  # what workers of xdist find arrives with the reports
        config.pluginmanager.register(Gathered(config), "gradcheck-gathered")


@pytest.fixture(name="gradcheck")
def gradcheck_fixture(request: pytest.FixtureRequest) -> Iterator[Gradcheck]:
    """Check gradients, and fail with the report of what is wrong.

    gradcheck(MyLinear(3, 4), x=(5, 3))   a layer, and inputs: shapes to draw, or arrays
    gradcheck(forward, backward, {"x": x})
    gradcheck("softmax")                  a layer of gradcheck's own

    What the test draws from numpy.random and random is the same in every run.
    """
    from gradcheck.checks.plugin.fixture import Gradcheck

    marker = request.node.get_closest_marker("gradcheck")
    if marker and marker.args:
        raise pytest.UsageError("pytest.mark.gradcheck takes keywords alone, such as seed=3")
    given = Gradcheck(
        defaults=dict(marker.kwargs) if marker else {},
        seed=request.config.getoption("--gradcheck-seed"),
        seeds=request.config.getoption("--gradcheck-seeds"),
        again=f"pytest {shlex.quote(request.node.nodeid)}",
        found=request.node.stash.setdefault(FOUND, []),
        properties=request.node.user_properties,
    )
    with given.seeded():
        yield given


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    """What was found goes with the report of the test, so that it comes back from workers too."""
    report = yield
    if call.when == "call" and item.stash.get(FOUND, []):
        report.gradcheck = item.stash[FOUND]
    return report


class Gathered:
    """What all tests have found, and what becomes of it: a file, a baseline, a table."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.tests: dict[str, list[dict[str, Any]]] = {}
        self.said: list[str] = []
        if config.getoption("--gradcheck-update"):
            from gradcheck.checks.plugin.compared import must_have_a_baseline

            must_have_a_baseline(config)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if hasattr(report, "gradcheck"):
            self.tests[report.nodeid] = report.gradcheck

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """The session fails if something is worse than the baseline."""
        file = self.config.getoption("--gradcheck-report")
        if file:
            from gradcheck.checks.plugin.summary import as_json

            file.write_text(as_json(self.tests, self.config.get_verbosity() > 0), encoding="utf-8")
            self.said.append(f"gradients written to {file}")
        if self.tests:
            from gradcheck.checks.plugin.compared import compare

            worse, said = compare(self.config, self.tests, whole=exitstatus in (0, 1))
            self.said += said
            if worse and exitstatus == 0:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """A line for each function in which something is wrong, and one in all."""
        if self.tests and terminalreporter.verbosity >= 0:
            from gradcheck.checks.plugin.summary import table

            terminalreporter.section("gradients")
            terminalreporter.write_line(table(self.tests, terminalreporter.verbosity > 0))
        for line in self.said:
            terminalreporter.write_line(line)


def _whole(least: int) -> Any:
    """The type of an option that is a whole number, from `least` on."""

    def whole(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise pytest.UsageError(f"{text!r} should be a whole number, {least} or greater")
        return int(text)

    return whole
