"""What is the same on every machine: numbers and texts without the digits that rounding decides.

Two machines add in different orders, so differences of 1e-12 here are 3e-13 there. Reports for
programs leave such numbers out, and keep of the others what both machines agree about.
"""

import math
import re
from collections.abc import Mapping

DIGITS = 4  # of values: measured slopes are good to eight or so
NOISE = re.compile(r"\b\d(?:\.\d+)?e-(?:0[7-9]|[1-9]\d)\b")  # numbers that rounding decides


def tidy(text: str) -> str:
    """Text in which rounding errors have no digits."""
    return NOISE.sub("less than 1e-6", text)


def leading(value: float, digits: int = 1) -> float:
    """A number to so many digits."""
    return float(f"{value:.{digits - 1}e}")


def together(values: Mapping[str, float]) -> dict[str, float]:
    """Numbers that are to be compared, to DIGITS of the largest: rounding errors become 0."""
    sizes = [abs(value) for value in values.values() if math.isfinite(value)]
    if not any(sizes):
        return dict(values)
    decimals = DIGITS - 1 - math.floor(math.log10(max(sizes)))
    return {
        name: round(value, decimals) + 0.0 if math.isfinite(value) else value  # no -0
        for name, value in values.items()
    }
