"""Python names for tensors, sizes, functions and temporaries: all different, none reserved."""

import builtins
import keyword
import unicodedata
from collections.abc import Iterable

RESERVED = {*keyword.kwlist, *dir(builtins), "np"}


class Names:
    """Gives out names; the first to ask for one gets it.

    A tensor is asked for before the sizes, so that a size called T steps aside for a tensor T.
    """

    def __init__(self, tensors: Iterable[str], sizes: Iterable[str]) -> None:
        self._taken = {*RESERVED}
        self.tensors = {name: self.new(name) for name in tensors}
        self.counters: dict[str, str] = {}
        self.functions: dict[str, str] = {}
        self.sizes = {name: self.new(name, "_size") for name in sizes}

    def function(self, name: str) -> str:
        """The name of a function of which nothing is known: an argument of the code."""
        if name not in self.functions:
            self.functions[name] = self.new(name)
        return self.functions[name]

    def counter(self, letter: str) -> str:
        """The counter of a loop over an index; loops that follow each other share it."""
        if letter not in self.counters:
            self.counters[letter] = self.new(letter)
        return self.counters[letter]

    def new(self, wanted: str, suffix: str = "") -> str:
        """A name like the one wanted that nothing has yet."""
        base = identifier(wanted)
        rivals = [base, base + suffix, *(f"{base}{suffix}_{k}" for k in range(2, len(self._taken)))]
        name = next(rival for rival in rivals if rival not in self._taken)
        self._taken.add(name)
        return name


def identifier(name: str) -> str:
    """The name with what Python cannot read put into letters: f′ is f_prime, σ² is σ2."""
    spelled = unicodedata.normalize("NFKC", name.replace("′", "_prime"))
    spelled = "".join(c if f"_{c}".isidentifier() else "_" for c in spelled)
    return spelled if spelled.isidentifier() else f"_{spelled}"
