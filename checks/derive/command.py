"""The command line of `gradcheck derive`. SymPy is loaded only when there is a formula to read."""

import argparse
import sys
from collections.abc import Sequence

from gradcheck.checks.layers import UsageError
from gradcheck.checks.terminal import Parser, colour

HOLDS, REFUTED = 0, 1

EXAMPLES = """\
examples:
  gradcheck derive "Y[s,n] = sum(X[s,m]*W[n,m], m) + b[n]"
  gradcheck derive "P[n,c] = exp(X[n,c])/sum(exp(X[n,k]), k)" --wrt X --no-steps
  gradcheck derive "m[s] = mean(X[s,c], c); Y[s,c] = X[s,c] - m[s]"
  gradcheck derive "Y[t] = sum(w[k]*X[2*t+k-1], k)" --fact "padded(X)"
  gradcheck derive "Y[s,n] = sum(X[s,m]*W[n,m], m)" --claim "dW[i,j] = sum(dY[s,i]*X[s,j], s)"

notation:
  X[s,m]  an entry; indices are lower-case, their axes are inferred     b  a number
  sum(e, i, j)   sum(e, (k, 0, i))   mean(e, i)   delta(i, j)   size(m)   (j <= i)
  + - * / **   exp log sqrt tanh sigmoid softplus relu step sign abs sin cos max min   f g h
  dY the cotangent of the output   dW a gradient   D(Y[n], X[m]) a derivative: in claims

exit codes: 0 all claims hold, 1 a claim is refuted, 2 the input cannot be read"""


def main(words: Sequence[str]) -> int:
    """Run `gradcheck derive` with these arguments and return its exit code.

    Raises UsageError for what cannot be read, SystemExit for --help.
    """
    options = _parser().parse_args(words)
    wrt = None if options.wrt is None else [w for w in options.wrt.replace(" ", "").split(",") if w]
    if wrt is None and options.claim and not (options.steps or options.json):
        wrt = []  # who asks about claims wants an answer to these

    from gradcheck.checks.derive.run import derive
    from gradcheck.derivations.reading import ReadingError

    try:
        derived = derive(*options.formulas, wrt=wrt, claims=options.claim, facts=options.fact)
    except ReadingError as error:
        raise UsageError(str(error)) from error
    steps = options.steps is not False
    if options.json:
        from gradcheck.checks.derive.machine import as_json

        sys.stdout.write(as_json(derived) + "\n")
    elif options.latex:
        from gradcheck.checks.derive.tex import as_latex

        sys.stdout.write(as_latex(derived, steps=steps) + "\n")
    else:
        from gradcheck.checks.derive.text import as_text
        from gradcheck.checks.report.style import Style

        style = Style(colour(options.color))
        sys.stdout.write(as_text(derived, style, steps=steps) + "\n")
    return HOLDS if derived.ok else REFUTED


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="gradcheck derive",
        description="Derive the gradients of a formula, and decide claims about them.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("formulas", nargs="+", metavar="FORMULA", help="several define named intermediates")
    add("--wrt", metavar="W,b", help="only the gradients by these inputs")
    add("--claim", action="append", default=[], metavar="CLAIM", help="an equality to decide")
    add("--fact", action="append", default=[], metavar="FACT", help="what is known of an input")
    add("--steps", action=argparse.BooleanOptionalAction, help="the derivation step by step")
    add("--json", action="store_true", help="one JSON object, the same for the same input")
    add("--latex", action="store_true", help="formulas as LaTeX")
    add("--color", choices=("auto", "always", "never"), default="auto")
    return parser
