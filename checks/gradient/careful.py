"""The slope of a function along a line, measured as well as its values allow.

Central differences on a ladder of steps over many decades, extrapolated; for every entry of the
output the estimate of the smallest error. About 30 evaluations for a smooth function.
"""

import numpy as np

from gradcheck.checks.gradient import ladder
from gradcheck.checks.gradient.ladder import Array, Slope
from gradcheck.checks.gradient.noise import Line, Noise, measure, values

SAFETY = 10.0  # the true error exceeds SAFETY times the estimated one less than once in 10,000
EVEN = (2, 4, 6, 8, 10)  # central differences are off by even powers of the step


def slope(f: Line, noise: Noise | None = None, top: float = ladder.TOP) -> Slope:
    """The derivative of f at t = 0, with its error.

    `f` takes t to the output at x + t u, where u is as large as the entries of x. `top` is the
    first step. Without a `noise` it is measured. A step at which a value is not finite is not
    used, for the entries concerned.
    """
    known = noise if noise is not None else measure(f)
    count = 0

    def central(h: float) -> tuple[Array, Array]:
        nonlocal count
        count += 2
        above, below = values(f, (h, -h), known.level)
        difference: Array = (above - below) / (2 * h)
        size = np.maximum(np.abs(above), np.abs(below))
        return np.where(np.isfinite(difference), difference, np.nan), size

    before = known.evaluations if noise is None else 0
    return ladder.climb(central, known.level, 1.0, EVEN, lambda: count + before, top, known.eps)
