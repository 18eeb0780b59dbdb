"""The baseline of a test session: what got worse since it was written, test by test."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gradcheck.checks import baseline, project
from gradcheck.checks.layers import UsageError
from gradcheck.checks.report.results import Result

# With one of these a session does not run all tests, and what is missing may be there still.
SELECTING = ["keyword", "markexpr", "lf", "stepwise", "deselect", "ignore", "ignore_glob"]
SELECTING += ["maxfail", "collectonly"]

Found = Mapping[str, Sequence[Mapping[str, Any]]]  # rows of each test, by its id


def must_have_a_baseline(config: pytest.Config) -> None:
    """Raises pytest.UsageError if no baseline is named, or if that makes no sense."""
    if _file(config) is None:
        raise pytest.UsageError(
            "--gradcheck-update: no baseline is named; in pyproject.toml, "
            '[tool.gradcheck] should have baseline = "gradients.json" or the like'
        )


def compare(config: pytest.Config, found: Found, *, whole: bool) -> tuple[bool, list[str]]:
    """Whether something is worse than the baseline of the project, and what to say.

    A test that was not asked for this time is left alone; one that was and is not there is gone.

    whole  whether the session came to its end
    """
    try:
        file = _file(config)
        if file is None:
            return False, []
        update = config.getoption("--gradcheck-update")
        before = {} if update and not file.exists() else baseline.read(file, baseline.TESTS)
        whole = whole and not any(config.getoption(each, None) for each in SELECTING)
        then = {key: of for key, of in before.items() if _asked(config, key, found, whole)}
        now = baseline.known(_rows(found))
        if update:
            others = {key: of for key, of in before.items() if key not in then}
            baseline.save(file, others | now, baseline.TESTS)
            return False, [f"baseline written to {file.name}"]
    except (UsageError, pytest.UsageError) as error:
        return True, [f"gradcheck: {error}"]
    worse = [f"worse than the baseline: {each}" for each in baseline.worse(then, now)]
    return bool(worse), worse or ["nothing is worse than the baseline"]


def _file(config: pytest.Config) -> Path | None:
    """The baseline that the project names."""
    try:
        found = project.find(config.rootpath)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    return found.folder / found.baseline if found and found.baseline else None


def _rows(found: Found) -> list[Result]:
    """The rows of all tests; the test is part of what tells a layer from others."""
    rows = []
    for test, entries in found.items():
        for entry in entries:
            row = Result(**{k: v for k, v in entry.items() if k != "seed"})
            rows.append(replace(row, key=f"{test} {row.layer}"))
    return rows


def _asked(config: pytest.Config, key: str, found: Found, whole: bool) -> bool:
    """Whether the session should have run the test of a key in the baseline."""
    test = next((test for test in found if key.startswith(f"{test} ")), None)
    if test or not whole:
        return test is not None
    file = config.rootpath / key.partition("::")[0]
    for argument in config.args:
        where, separator, name = argument.partition("::")
        path = (config.invocation_params.dir / where).resolve()
        inside = file.resolve() == path or path in file.resolve().parents
        if inside and key.partition("::")[2].startswith(name if separator else ""):
            return True
    return False
