"""The command line: `gradcheck linear`.

Only the standard library is imported here; NumPy is loaded when something is checked and SymPy
when a layer of ours is, so that help, lists, explanations and usage errors answer at once.
"""

import argparse
import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck.checks import layers
from gradcheck.checks.arguments import (
    CODE_SECONDS,
    by_kind,
    names_in,
    parser,
    shapes_in,
    sizes_in,
    validate,
)
from gradcheck.checks.layers import UsageError
from gradcheck.checks.terminal import colour, write_unicode

if TYPE_CHECKING:
    from gradcheck.checks.own import Report

AGREE, MISMATCH, USAGE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 130
QUIET_SECONDS = 1.0  # what is done sooner needs no progress line


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    write_unicode()
    words = sys.argv[1:] if argv is None else [*argv]
    try:
        if words[:1] == ["derive"]:
            from gradcheck.checks.derive import command

            return command.main(words[1:])
        return _run(parser().parse_args(words))
    except UsageError as error:
        print(f"gradcheck: {error}", file=sys.stderr)
        return USAGE
    except SystemExit as done:  # --help, --version
        return int(done.code or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return AGREE
    except Exception:
        traceback.print_exc()
        print("gradcheck: this is a bug in gradcheck; please report it", file=sys.stderr)
        return INTERNAL


def _run(options: argparse.Namespace) -> int:
    if options.version:
        from gradcheck import __version__

        print(f"gradcheck {__version__}")
        return AGREE
    if options.explain is not None:
        from gradcheck.checks.mistakes.explain import explain

        print(explain(options.explain))
        return AGREE
    if options.path:
        layers.add_folder(options.path)
    if options.list:
        return _list(options)
    validate(options)
    handout_format = _handout_format(options.handout)
    report = _checked(options)
    _print(report, options)
    if options.handout:
        command = report.command(_what(options), options.wrt)
        _write_handout(report, Path(options.handout), handout_format, command)
    return AGREE if report.ok else MISMATCH


def _checked(options: argparse.Namespace) -> "Report":
    """The findings about everything that was named."""
    code, names = by_kind(options.layers)
    reports = []
    if names or not code:
        sizes = sizes_in(options.shape)
        chosen = layers.select(names or ["*"], names_in(options.family))
        reports.append(_of_layers(chosen, sizes, options))
    if code:
        reports.append(_of_code(code, options))
    return reports[0] if len(reports) == 1 else reports[0].joined(reports[1])


def _of_layers(
    names: Sequence[str], sizes: dict[str, int], options: argparse.Namespace
) -> "Report":
    from gradcheck.checks.own import check

    return check(
        *names,
        seed=options.seed,
        wrt=names_in(options.wrt),
        sizes=sizes,
        rtol=options.rtol,
        atol=options.atol,
        path=options.path,
        progress=_progress(),
        jobs=options.jobs,
    )


def _of_code(words: Sequence[str], options: argparse.Namespace) -> "Report":
    """What the code prints goes to stderr, so that it does not mix with the report."""
    from gradcheck.checks.adapters.inputs import parse_shapes
    from gradcheck.checks.own import check

    with contextlib.redirect_stdout(sys.stderr):
        return check(
            *words,
            shapes=parse_shapes(shapes_in(options.shape)),
            seed=options.seed,
            wrt=names_in(options.wrt),
            like=options.like,
            rtol=options.rtol,
            atol=options.atol,
            time_limit=CODE_SECONDS if options.time_limit is None else options.time_limit,
            full=options.full,
        )


def _list(options: argparse.Namespace) -> int:
    chosen = set(layers.select(options.layers or ["*"], names_in(options.family)))
    files = [file.restricted(chosen) for file in layers.files() if chosen & {*file.layers}]
    if options.markdown:
        from gradcheck.checks.report.catalogue import page

        print(page(files, options.jobs, _progress()), end="")
    elif options.verbose:
        from gradcheck.checks.report.listing import detailed

        print(detailed(files, options.json))
    else:
        from gradcheck.checks.report.summary import summary

        print(summary(files, options.json))
    return AGREE


def _what(options: argparse.Namespace) -> str:
    """The words that name what was checked."""
    family = f"--family {options.family}" if options.family else ""
    return " ".join(filter(None, [*options.layers, family])) or "--all"


def _print(report: "Report", options: argparse.Namespace) -> None:
    if options.json:
        from gradcheck.checks.own import as_json

        print(as_json(report, verbose=options.verbose))
        return
    from gradcheck.checks.own import text

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


def _write_handout(report: "Report", path: Path, format: str, command: str) -> None:
    from gradcheck.checks.handout import handout

    try:
        path.write_text(handout(report, format, command), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--handout {path}: cannot be written: {error.strerror}") from error
    print(f"handout written to {path}", file=sys.stderr)


def _handout_format(file: str | None) -> str:
    """The ending of the file of `--handout`; empty if none was asked for."""
    if file is None:
        return ""
    from gradcheck.checks.handout import FORMATS

    suffix = Path(file).suffix[1:]
    if suffix not in FORMATS:
        endings = " or ".join(f".{known}" for known in FORMATS)
        raise UsageError(f"--handout {file}: the name must end in {endings}")
    if not Path(file).absolute().parent.is_dir():
        raise UsageError(f"--handout {file}: there is no folder {Path(file).parent}")
    return suffix


def _progress() -> Callable[[int, int, str], None]:
    """A counter on the terminal's error stream, once the work takes longer than a moment."""
    started = time.monotonic()

    def show(done: int, total: int, name: str) -> None:
        if sys.stderr.isatty() and time.monotonic() - started > QUIET_SECONDS:
            line = f"{done}/{total} {name}" if name else ""
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)

    return show
