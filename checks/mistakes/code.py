"""One kind of mistake, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """The same few lines of NumPy, wrong and right.

    given    the arrays, as `x: (4, 3); p: 0.2`: shapes, or values
    forward  the output as an expression; `dy` is its cotangent, `y` the output itself
    of       the input whose gradient the lines compute, under the name `d` and that of the input;
             empty if they compute the output
    """

    given: str
    forward: str
    of: str
    wrong: str
    right: str


@dataclass(frozen=True)
class Code:
    """A kind of mistake: a stable word, what it means, where it comes from, and what to do."""

    word: str
    title: str
    meaning: str
    example: Example
    cause: str
    fix: str
