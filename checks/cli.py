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
from gradcheck.checks.terminal import write_unicode

if TYPE_CHECKING:
    from gradcheck.checks.baseline import Known
    from gradcheck.checks.own import Report
    from gradcheck.checks.project import Project
    from gradcheck.checks.report.results import Result

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
    project = _project(options)
    validate(options, project=project is not None)
    if project or options.seeds > 1 or options.resume or options.backend:
        return _campaign(options, project)
    handout_format = _handout_format(options.handout)
    then = _baseline(options.baseline)
    report = _checked(options)
    from gradcheck.checks import output

    output.print_report(report, options)
    if options.handout:
        command = report.command(_what(options), options.wrt)
        output.write_handout(report, options.handout, handout_format, command)
    if options.baseline or options.save_baseline:
        from gradcheck.checks.report.results import results

        return _against(then, results(report), options)
    return AGREE if report.ok else MISMATCH


def _campaign(options: argparse.Namespace, project: "Project | None") -> int:
    """Many targets or many seeds: a row for each gradient, and what was put up with."""
    for option in ("steps", "proofs", "jacobian", "handout"):
        if getattr(options, option):
            raise UsageError(f"--{option} is for one seed, and for layers that are named")
    for option in ("output", "resume", "baseline", "save_baseline"):
        if getattr(options, option):
            setattr(options, option, os.path.abspath(getattr(options, option)))
    with contextlib.chdir(project.folder if project else "."):
        from gradcheck.checks import campaign, output

        if project and not options.save_baseline:
            options.baseline = options.baseline or project.baseline
        then = _baseline(options.baseline)
        asked = campaign.of_options(options, project)
        rows = campaign.run(
            asked,
            jobs=options.jobs,
            backend=options.backend,
            journal=Path(options.resume) if options.resume else None,
            progress=_progress(),
        )
        rows, said = project.put_up_with(rows) if project else (rows, [])
        output.print_rows(rows, asked.seeds_text, options)
        for sentence in said:
            print(sentence, file=sys.stderr)
        return _against(then, rows, options, whole=bool(project or options.all))


def _against(
    then: "Known | None",
    rows: "Sequence[Result]",
    options: argparse.Namespace,
    *,
    whole: bool | None = None,
) -> int:
    """The exit code: with a baseline, only what got worse since fails."""
    if options.save_baseline:
        from gradcheck.checks.baseline import known, save

        save(Path(options.save_baseline), known(rows))
    if then is None:
        return AGREE if all(row.ok for row in rows) else MISMATCH
    from gradcheck.checks.output import since

    return AGREE if since(then, rows, whole=options.all if whole is None else whole) else MISMATCH


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

        print(detailed(files, options.format == "json"))
    else:
        from gradcheck.checks.report.summary import summary

        print(summary(files, options.format == "json"))
    return AGREE


def _what(options: argparse.Namespace) -> str:
    """The words that name what was checked."""
    family = f"--family {options.family}" if options.family else ""
    return " ".join(filter(None, [*options.layers, family])) or "--all"


def _baseline(file: str | None) -> "Known | None":
    """What was known before, read before anything is checked."""
    if not file:
        return None
    from gradcheck.checks.baseline import read

    return read(Path(file))


def _project(options: argparse.Namespace) -> "Project | None":
    """What pyproject.toml asks for, if nothing is named here."""
    if options.layers or options.all or options.family:
        return None
    from gradcheck.checks.project import find

    project = find(Path.cwd())
    return project if project and project.targets else None


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
