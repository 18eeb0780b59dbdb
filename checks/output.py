"""What the command line writes: the report in the format asked for, files, baselines.

The report goes to stdout, or to the file of `-o`, and then what is wrong to stdout; what is said
about baselines and files goes to stderr.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gradcheck.checks import baseline
from gradcheck.checks.baseline import Known
from gradcheck.checks.handout import handout
from gradcheck.checks.layers import UsageError
from gradcheck.checks.own import Report, as_json, text
from gradcheck.checks.report.formats import formatted, summarise
from gradcheck.checks.report.results import Result, results
from gradcheck.checks.terminal import colour


def print_report(report: Report, options: argparse.Namespace) -> None:
    """A report on one seed, with all that is known."""
    if options.format == "text" and not options.output:
        _print_text(report, options)
        return
    if options.format == "json":
        content = as_json(report, verbose=options.verbose)
    elif options.format == "text":
        content = text(report, verbose=options.verbose, quiet=options.quiet)
    else:
        content = _formatted(results(report), f"seed {report.seed}", options)
    if options.output:
        write(options.output, f"{content}\n", "--output")
        content = text(report, quiet=True, colour=colour(options.color))
    print(content)


def print_rows(rows: Sequence[Result], seeds: str, options: argparse.Namespace) -> None:
    """A campaign, a row for each gradient."""
    content = _formatted(rows, seeds, options)
    if options.output:
        write(options.output, f"{content}\n", "--output")
        content = formatted(rows, seeds, "text")
    print(content)


def since(then: Known, rows: Sequence[Result], *, whole: bool) -> bool:
    """Say what got worse since a baseline was written, and whether that is nothing.

    whole  whether everything was checked that the baseline knows: then what is missing is gone
    """
    now = baseline.known(rows)
    found = baseline.worse(then if whole else {k: v for k, v in then.items() if k in now}, now)
    for each in found:
        print(f"worse than the baseline: {each}", file=sys.stderr)
    if not found:
        print("nothing is worse than the baseline", file=sys.stderr)
    return not found


def write_handout(report: Report, path: str, format: str, command: str) -> None:
    """The teaching handout of some layers."""
    write(path, handout(report, format, command), "--handout")
    print(f"handout written to {path}", file=sys.stderr)


def write(file: str, content: str, option: str) -> None:
    """Raises UsageError if that is not possible."""
    try:
        Path(file).write_text(content, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{option} {file}: cannot be written: {error.strerror}") from error


def _formatted(rows: Sequence[Result], seeds: str, options: argparse.Namespace) -> str:
    if options.format == "github":
        summarise(rows, seeds, os.environ.get("GITHUB_STEP_SUMMARY", ""))
    return formatted(rows, seeds, options.format, verbose=options.verbose)


def _print_text(report: Report, options: argparse.Namespace) -> None:
    coloured = colour(options.color)
    steps = options.steps or options.proofs
    if steps or options.jacobian:
        from gradcheck.checks.report.formulas import closed_forms, written_steps
        from gradcheck.checks.report.style import Style

        for layer in report.layers:
            if steps:
                print(written_steps(layer, Style(coloured), options.proofs))
            if options.jacobian:
                print(closed_forms(layer))
    print(text(report, verbose=options.verbose, quiet=options.quiet, colour=coloured))
