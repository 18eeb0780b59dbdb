"""What measuring entry by entry may cost: counted and not timed, so that equal checks end alike."""

from dataclasses import dataclass

CALLS = 2200  # of forward: 500 entries at four calls each, and what it takes to know the noise
NUMBERS = 20_000_000  # in inputs and outputs of all these calls; some 0.1 s of copying


@dataclass
class Budget:
    """What is left for all wrong gradients of one check together.

    calls    of the forward pass
    numbers  in the inputs and outputs of these calls
    """

    calls: int = CALLS
    numbers: int = NUMBERS

    def allows(self, calls: int, size: int) -> bool:
        """Whether so many calls, of so many numbers each, can be made."""
        return calls <= self.calls and calls * size <= self.numbers

    def spend(self, calls: int, size: int) -> None:
        """Take them off."""
        self.calls -= calls
        self.numbers -= calls * size
