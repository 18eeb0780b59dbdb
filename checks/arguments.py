"""The options of `gradcheck`, and what can be refused before anything is loaded.

Only the standard library is imported here.
"""

import argparse
import os
import re
from collections.abc import Sequence

from gradcheck.checks.layers import UsageError
from gradcheck.checks.terminal import Parser

FORMATS = ("text", "json", "junit", "github", "markdown", "latex")
CODE_SECONDS = 60.0  # what someone's code may take if nothing is said

DESCRIPTION = """\
Is this gradient right, and if not, what exactly is wrong?

Compares the backward pass of your code with finite differences of its forward pass; for the
layers that come with gradcheck also with a derivation in index notation."""

EXAMPLES = """\
your own code (naming a file runs it, as python does):
  gradcheck homework.py                          everything in a file that is recognised
  gradcheck homework.py::Linear                  one class, function, or pair of functions
  gradcheck "homework.py::Linear(3, 4)" --shape x=5,3    arguments and shapes of your own
  gradcheck package.module:relu                  from an installed package
  gradcheck homework.py::softmax --as softmax    also compare the output with our softmax
  gradcheck --explain missing-sum                what a code in a report means

layers that come with gradcheck:
  gradcheck linear                   all layouts of the linear layer
  gradcheck linear.rows --wrt W      one layout, one gradient
  gradcheck softmax --jacobian       the closed forms
  gradcheck linear.rows --steps      the derivation, with a verdict on every step
  gradcheck rnn --handout rnn.tex    a teaching handout
  gradcheck --family losses          all layers of a family
  gradcheck --list 'conv*'           which layers there are, by family
  gradcheck --all --format junit -o gradients.xml    everything, for a CI system
  gradcheck --all --save-baseline gradients.json     what is known today
  gradcheck --all --baseline gradients.json          what got worse since
  gradcheck --all --seeds 100 -j 4 --resume log.jsonl    a campaign, taken up where it ended
  gradcheck                          what [tool.gradcheck] of pyproject.toml names
  gradcheck derive "Y[i] = tanh(X[i])"    a formula of yours; gradcheck derive --help

exit codes: 0 all agree, 1 a mismatch or inconclusive, 2 wrong usage, 3 a bug in gradcheck"""


def parser() -> argparse.ArgumentParser:
    """What `gradcheck` can be told."""
    parser = Parser(
        prog="gradcheck",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "layers",
        nargs="*",
        metavar="TARGET",
        help="your code, FILE.py, FILE.py::NAME or MODULE:NAME, which is run; or a layer, e.g. "
        "linear, relu, 'rnn*'",
    )
    add = parser.add_argument_group("what to do").add_argument
    add("--all", action="store_true", help="check all layers")
    add(
        "--list",
        action="store_true",
        help="list the layers by family, all or those that are named; with -v also inputs and "
        "sources",
    )
    add(
        "--markdown",
        action="store_true",
        help="with --list: a page of formulas, gradients, conventions and verdicts",
    )
    add("--steps", action="store_true", help="print the derivation, a verdict on every step")
    add("--proofs", action="store_true", help="with --steps: also why each step holds")
    add("--jacobian", action="store_true", help="print the closed forms of the gradients")
    add("--handout", metavar="FILE", help="write a teaching handout, .md or .tex")
    add("--explain", metavar="CODE", help="what a code in a report means, and the usual fix")
    add("--version", action="store_true", help="print the version")
    add = parser.add_argument_group("what to check").add_argument
    add("--family", metavar="NAMES", default="", help="only layers of these, e.g. losses,pooling")
    add("--wrt", metavar="W,b", default="", help="only the gradients by these inputs")
    add(
        "--shape",
        metavar="X=4,3",
        action="append",
        default=[],
        help="of code: the shape of an input, one --shape for each; X=5:int3 for integers below "
        "3; of layers: sizes of axes, N=4,M=7",
    )
    add("--seed", type=int, default=0, help="of all sizes and values (default 0)")
    add("--seeds", type=int, default=1, metavar="N", help="at so many seeds, from --seed on")
    add("--as", dest="like", metavar="LAYER", default="", help="compare the output with a layer's")
    add("--full", action="store_true", help="compare whole Jacobians of code, entry by entry")
    add("--rtol", type=float, help="allowed relative difference (of layers 1e-8)")
    add("--atol", type=float, help="allowed absolute difference (of layers 1e-10)")
    add(
        "--time-limit",
        type=float,
        metavar="SECONDS",
        help=f"for loading code, and for each check of it (default {CODE_SECONDS:g}; 0: none)",
    )
    add(
        "-j",
        "--jobs",
        type=int,
        default=0,
        metavar="N",
        help="processes that share the layers (default 0: as many as pay)",
    )
    add("--backend", metavar="NAME", default="", help="of joblib: loky, dask, dask=ADDRESS, ray")
    add("--resume", metavar="FILE", help="keep what is done there, and go on from what it has")
    add(
        "--path",
        metavar="DIR",
        default=os.environ.get("GRADCHECK_PATH", ""),
        help="also look in DIR/derivations and DIR/numeric (default $GRADCHECK_PATH)",
    )
    add = parser.add_argument_group("output").add_argument
    add(
        "--format",
        choices=FORMATS,
        default="text",
        help="text (default), json, junit, github (annotations and a job summary), markdown, latex",
    )
    add(
        "--json",
        action="store_const",
        const="json",
        dest="format",
        help="the same as --format json",
    )
    add("-o", "--output", metavar="FILE", help="write the report there")
    add("--save-baseline", metavar="FILE", help="write down what is known of every gradient")
    add("--baseline", metavar="FILE", help="report what got worse since, and only that fails")
    add("-v", "--verbose", action="store_true", help="every case, with the error estimates")
    add("-q", "--quiet", action="store_true", help="failures and one line in all")
    add("--color", choices=("auto", "always", "never"), default="auto")
    return parser


def validate(options: argparse.Namespace, *, project: bool = False) -> None:
    """What can be refused before anything is loaded.

    project  whether a pyproject.toml has targets
    """
    if options.markdown:
        raise UsageError("--markdown is for lists: gradcheck --list --markdown")
    if not (options.layers or options.all or options.family or project):
        raise UsageError("which layer? e.g. gradcheck linear; gradcheck --list shows them all")
    if options.all and (options.layers or options.family):
        given = "layers" if options.layers else "--family"
        raise UsageError(f"give {given} or --all, not both")
    if options.seed < 0:
        raise UsageError(f"--seed {options.seed}: a seed is 0 or greater")
    if options.baseline and options.save_baseline:
        raise UsageError("give --baseline or --save-baseline, not both")
    if options.seeds < 1:
        raise UsageError(f"--seeds {options.seeds}: a number of seeds is 1 or greater")
    if options.jobs < 0:
        raise UsageError(f"--jobs {options.jobs}: a number of processes is 0 or greater")
    for option in ("rtol", "atol"):
        value = getattr(options, option)
        if value is not None and not 0 <= value < float("inf"):
            raise UsageError(f"--{option} {value}: a tolerance is a number from 0 up")
    if options.time_limit is not None and not options.time_limit >= 0:
        raise UsageError(f"--time-limit {options.time_limit}: a time is a number from 0 up")
    code, names = by_kind(options.layers)
    if not code and (options.like or options.time_limit is not None):
        option = f"--as {options.like}" if options.like else "--time-limit"
        raise UsageError(f"{option} is for code of yours: gradcheck path/file.py::Name {option}")
    if code and names and options.shape:
        raise UsageError("--shape means axes of layers, but arrays of code: check one at a time")
    for option in ("steps", "proofs", "jacobian", "handout", "family"):
        if code and not names and getattr(options, option):
            raise UsageError(f"--{option} is for layers that come with gradcheck, not for code")


def by_kind(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words that name code, and those that name layers."""
    code = [word for word in words if is_code(word)]
    return code, [word for word in words if word not in code]


def is_code(word: str) -> bool:
    """Whether a word names code, `path/file.py::Name` or `package.module:Name`; else a layer."""
    return ":" in word or word.endswith((".py", ".ipynb"))


def names_in(text: str) -> list[str]:
    """`W,b` as a list."""
    return [name for name in text.replace(" ", "").split(",") if name]


def sizes_in(words: Sequence[str]) -> dict[str, int]:
    """`N=4,M=7` as a mapping; whether the axes exist is seen when the layers are known."""
    sizes = {}
    text = ",".join(words).replace(" ", "")
    for part in filter(None, text.split(",")):
        axis, equals, size = part.partition("=")
        if not (axis and equals):
            more = f" ({text} would be the shape of an array, for code of yours)" * ("=" in text)
            raise UsageError(f"--shape {part}: write it as AXIS=SIZE, e.g. N=4,M=7{more}")
        try:
            sizes[axis] = int(size)
        except ValueError:
            raise UsageError(f"--shape {part}: {size or 'nothing'} is not a whole number") from None
    return sizes


def shapes_in(words: Sequence[str]) -> list[str]:
    """`x=5,3,w=3,4` means the same as `x=5,3` and `w=3,4`."""
    return [part.strip(", ") for word in words for part in re.split(r",(?=\s*[^\W\d]\w*=)", word)]
