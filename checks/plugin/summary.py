"""The table at the end of a test run, and the same as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tabulate import tabulate

from gradcheck import __version__
from gradcheck.checks.report.formats import SCHEMA
from gradcheck.checks.report.results import PASSES, Result, stable
from gradcheck.checks.report.style import plural

Found = Mapping[str, Sequence[Mapping[str, Any]]]  # rows of each test, by its id
HEADING = ["test", "gradient", "seed", "error", "verdict"]


def table(found: Found, verbose: bool) -> str:
    """A row for each gradient that is wrong, and a line in all; `verbose`: for every gradient."""
    checked = [
        (test, entry["seed"], _row(entry)) for test in sorted(found) for entry in found[test]
    ]
    rows = [
        [
            test,
            row.name,
            str(seed),
            f"{row.error:.0e}" if row.error else "–",
            f"{row.verdict} ({row.code})" if row.code else row.verdict,
        ]
        for test, seed, row in checked
        if verbose or not row.ok
    ]
    gradients = {(test, row.key, row.input) for test, _, row in checked if row.input != PASSES}
    wrong = {(test, row.key, row.input) for test, _, row in checked if not row.ok}
    tests = f"{len(found)} {plural('test', len(found))}"
    total = f"{len(gradients)} {plural('gradient', len(gradients))} in {tests}: "
    total += f"{len(wrong)} {plural('mistake', len(wrong))}" if wrong else "all right"
    if not rows:
        return total
    return f"{tabulate(rows, HEADING, tablefmt='simple', disable_numparse=True)}\n\n{total}"


def as_json(found: Found, verbose: bool) -> str:
    """What was found, test by test; the same whichever process ran which test.

    verbose  with all digits of rounding errors, and all places
    """
    tests = {
        test: [
            {"seed": entry["seed"], **asdict(_row(entry) if verbose else stable(_row(entry)))}
            for entry in found[test]
        ]
        for test in sorted(found)
    }
    content = {
        "schema": SCHEMA,
        "gradcheck": __version__,
        "ok": all(_row(entry).ok for entries in found.values() for entry in entries),
        "tests": [{"test": test, "gradients": entries} for test, entries in tests.items()],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _row(entry: Mapping[str, Any]) -> Result:
    return Result(**{name: value for name, value in entry.items() if name != "seed"})
