"""The command line: `gradcheck linear`.

Only the standard library is imported here; NumPy and SymPy are loaded when a layer is checked,
so that help, lists and usage errors answer at once.
"""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck.checks import layers
from gradcheck.checks.layers import UsageError
from gradcheck.checks.terminal import Parser, colour, write_unicode

if TYPE_CHECKING:
    from gradcheck.checks.verdict import Report

AGREE, MISMATCH, USAGE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 130
QUIET_SECONDS = 1.0  # what is done sooner needs no progress line

EXAMPLES = """\
examples:
  gradcheck linear                   all layouts of the linear layer
  gradcheck linear.rows --wrt W      one layout, one gradient
  gradcheck softmax --jacobian       the closed forms
  gradcheck linear.rows --steps      the derivation, with a verdict on every step
  gradcheck rnn --handout rnn.tex    a teaching handout
  gradcheck --all --json             everything, for machines
  gradcheck derive "Y[i] = tanh(X[i])"    a formula of yours; gradcheck derive --help

exit codes: 0 all agree, 1 a mismatch or inconclusive, 2 wrong usage, 3 a bug in gradcheck"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    write_unicode()
    words = sys.argv[1:] if argv is None else [*argv]
    try:
        if words[:1] == ["derive"]:
            from gradcheck.checks.derive import command

            return command.main(words[1:])
        return _run(_parser().parse_args(words))
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


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="gradcheck",
        description="Is this gradient right, and if not, what exactly is wrong? Asks three "
        "witnesses: the derivation in index notation, the NumPy backward pass, and finite "
        "differences.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("layers", nargs="*", metavar="LAYER", help="e.g. linear, relu, 'rnn*'")
    add = parser.add_argument_group("what to do").add_argument
    add("--all", action="store_true", help="check all layers")
    add("--list", action="store_true", help="list the layers; with -v also inputs and sources")
    add("--steps", action="store_true", help="print the derivation, a verdict on every step")
    add("--proofs", action="store_true", help="with --steps: also why each step holds")
    add("--jacobian", action="store_true", help="print the closed forms of the gradients")
    add("--handout", metavar="FILE", help="write a teaching handout, .md or .tex")
    add("--version", action="store_true", help="print the version")
    add = parser.add_argument_group("what to check").add_argument
    add("--wrt", metavar="W,b", default="", help="only the gradients by these inputs")
    add("--shape", metavar="N=4,M=7", default="", help="sizes of axes, instead of drawn ones")
    add("--seed", type=int, default=0, help="of all sizes and values (default 0)")
    add("--rtol", type=float, help="allowed relative difference (default 1e-8)")
    add("--atol", type=float, help="allowed absolute difference (default 1e-10)")
    add(
        "--path",
        metavar="DIR",
        default=os.environ.get("GRADCHECK_PATH", ""),
        help="also look in DIR/derivations and DIR/numeric (default $GRADCHECK_PATH)",
    )
    add = parser.add_argument_group("output").add_argument
    add("--json", action="store_true", help="one JSON object, the same for the same input")
    add("-v", "--verbose", action="store_true", help="every case, with the error estimates")
    add("-q", "--quiet", action="store_true", help="failures and one line in all")
    add("--color", choices=("auto", "always", "never"), default="auto")
    return parser


def _run(options: argparse.Namespace) -> int:
    if options.version:
        from gradcheck import __version__

        print(f"gradcheck {__version__}")
        return AGREE
    if options.path:
        layers.add_folder(options.path)
    if options.list:
        return _list(options)
    if not options.layers and not options.all:
        raise UsageError("which layer? e.g. gradcheck linear; gradcheck --list shows them all")
    if options.layers and options.all:
        raise UsageError("give layers or --all, not both")
    if options.seed < 0:
        raise UsageError(f"--seed {options.seed}: a seed is 0 or greater")
    sizes = _sizes(options.shape)
    names = layers.select(options.layers or ["*"])
    handout_format = _handout_format(options.handout)

    from gradcheck.checks.run import check
    from gradcheck.checks.verdict import ATOL, RTOL, Tolerance

    tolerance = Tolerance(
        _tolerance("--rtol", options.rtol, RTOL), _tolerance("--atol", options.atol, ATOL)
    )
    wrt = [name for name in options.wrt.replace(" ", "").split(",") if name]
    report = check(
        *names,
        seed=options.seed,
        wrt=wrt,
        sizes=sizes,
        tolerance=tolerance,
        path=options.path,
        progress=_progress(),
    )
    _print(report, options)
    if handout_format:
        command = report.command(" ".join(options.layers or ["--all"]), options.wrt)
        _write_handout(report, Path(options.handout), handout_format, command)
    return AGREE if report.ok else MISMATCH


def _list(options: argparse.Namespace) -> int:
    files = layers.files()
    if options.layers:
        chosen = set(layers.select(options.layers))
        files = [file for file in files if chosen & {*file.layers}]
    if options.verbose:
        from gradcheck.checks.report.listing import detailed

        print(detailed(files, options.json))
    else:
        from gradcheck.checks.report.summary import summary

        print(summary(files, options.json))
    return AGREE


def _print(report: "Report", options: argparse.Namespace) -> None:
    if options.json:
        from gradcheck.checks.report.machine import as_json

        print(as_json(report))
        return
    from gradcheck.checks.report.text import Style, as_text

    style = Style(colour(options.color))
    steps = options.steps or options.proofs
    if steps or options.jacobian:
        from gradcheck.checks.report.formulas import closed_forms, written_steps

        for layer in report.layers:
            if steps:
                print(written_steps(layer, style, options.proofs))
            if options.jacobian:
                print(closed_forms(layer))
    print(as_text(report, style, verbose=options.verbose, quiet=options.quiet))


def _write_handout(report: "Report", path: Path, format: str, command: str) -> None:
    from gradcheck.checks.handout import handout

    try:
        path.write_text(handout(report, format, command), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--handout {path}: cannot be written: {error.strerror}") from error
    print(f"handout written to {path}", file=sys.stderr)


def _handout_format(file: str | None) -> str:
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


def _sizes(text: str) -> dict[str, int]:
    """`N=4,M=7` as a mapping; whether the axes exist is seen when the layers are known."""
    sizes = {}
    for part in filter(None, text.replace(" ", "").split(",")):
        axis, equals, size = part.partition("=")
        if not (axis and equals):
            raise UsageError(f"--shape {part}: write it as AXIS=SIZE, e.g. N=4,M=7")
        try:
            sizes[axis] = int(size)
        except ValueError:
            raise UsageError(f"--shape {part}: {size or 'nothing'} is not a whole number") from None
    return sizes


def _tolerance(option: str, value: float | None, default: float) -> float:
    if value is None:
        return default
    if not 0 <= value < float("inf"):
        raise UsageError(f"{option} {value}: a tolerance is a number from 0 up")
    return value


def _progress() -> Callable[[int, int, str], None]:
    """A counter on the terminal's error stream, once the work takes longer than a moment."""
    started = time.monotonic()

    def show(done: int, total: int, name: str) -> None:
        if sys.stderr.isatty() and time.monotonic() - started > QUIET_SECONDS:
            line = f"{done}/{total} {name}" if name else ""
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)

    return show
