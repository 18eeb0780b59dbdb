"""What the check made of an entry of the catalogue."""

from dataclasses import dataclass

import numpy as np
from planted.catalogue import Right, Wrong

from gradcheck.checks.gradient.check import Checked, check_function
from gradcheck.checks.gradient.finding import Outcome

# verdicts that call a gradient wrong
ACCUSING = (Outcome.DISAGREES, Outcome.APPROXIMATE)


@dataclass(frozen=True)
class Caught:
    """What was said of a wrong pass.

    caught   it is called wrong
    named    an input that is wrong is named, or none had to be
    innocent right gradients that were called wrong as well
    code     the diagnosis is one of those expected
    said     all that was said
    """

    caught: bool
    named: bool
    innocent: tuple[str, ...]
    code: bool
    said: str


def of_wrong(entry: Wrong, seed: int) -> Caught:
    """The check of a wrong pass at a seed."""
    checked = check(entry.make(seed), seed)
    bad = [finding for finding in checked.findings if finding.verdict in ACCUSING]
    about = [f for f in bad if not entry.inputs or f.input in entry.inputs]
    return Caught(
        caught=bool(bad) and not checked.ok,
        named=bool(about),
        innocent=tuple(
            f.input for f in bad if entry.inputs and f.input and f.input not in entry.inputs
        ),
        # a fault may be reported for the function as a whole too
        code=any(f.code in entry.codes for f in bad if f in about or not f.input),
        said=said(checked),
    )


def of_right(entry: Right, seed: int) -> tuple[bool, bool, str]:
    """Of a right pass: whether it was accused, whether it was left open, and all that was said."""
    checked = check(entry.make(seed), seed)
    accused = any(finding.verdict in ACCUSING for finding in checked.findings)
    return accused, not accused and not checked.ok, said(checked)


def check(function, seed: int) -> Checked:
    """The check without NumPy's warnings, which are the code's own affair."""
    with np.errstate(all="ignore"):
        return check_function(function, seed=seed)


def said(checked: Checked) -> str:
    """The findings that are not plain agreement, in a line."""
    return "; ".join(
        f"{f.input or '(whole)'}: {f.verdict.value} {f.code or '-'} {f.size:.1e} {f.message}"
        for f in checked.findings
        if not f.ok
    )
