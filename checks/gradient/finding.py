"""What was found: one record for each gradient, and for what holds of no single one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """What a comparison came to."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    APPROXIMATE = "approximate"  # wrong, but by no more than a thousandth of the gradient's scale
    INCONCLUSIVE = "inconclusive"  # a kink, noise, or values that are not finite


@dataclass(frozen=True)
class Worst:
    """The entry that differs most: its index (NumPy's, output axes first) and the values there."""

    index: tuple[int, ...]
    values: Mapping[str, float]
    allowed: float


@dataclass(frozen=True)
class Finding:
    """One gradient compared with the differences, or something about the function as a whole.

    input       the input differentiated by; empty for what is not about one gradient
    code        the kind of mistake, a stable word that `gradcheck --explain` knows; or empty
    message     a whole sentence; empty if there is nothing to say
    notes       what is worth knowing and no mistake, such as a kink that was accepted
    differing   how many of the `entries` compared differ; 0 of 0 if only directions were compared
    difference  the largest difference between the gradient and the differences
    size        that difference relative to the largest entry of the gradient
    error       what the differences may be off by, relative like `size`
    hint        of the message, the part that says what would mend the gradient
    """

    input: str
    verdict: Outcome
    code: str = ""
    message: str = ""
    notes: tuple[str, ...] = ()
    differing: int = 0
    entries: int = 0
    difference: float = 0.0
    size: float = 0.0
    error: float = 0.0
    worst: Worst | None = None
    expected_shape: str = ""
    got_shape: str = ""
    hint: str = ""

    @property
    def ok(self) -> bool:
        return self.verdict is Outcome.AGREES


def entry_name(name: str, index: Iterable[int]) -> str:
    """An entry as NumPy writes it: W[1,2], or b for a number."""
    places = ",".join(map(str, index))
    return f"{name}[{places}]" if places else name


def numpy_shape(shape: tuple[int, ...]) -> str:
    """A shape as NumPy prints it: (3, 4), (4,), ()."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
