"""What is said of wrong lines: every one-edit change of every written step, and some of two edits.

    python tests/benchmarks/mutations.py [TWO-EDIT CHANGES PER LINE] [SEED] [--json]

A line is refused if an index dangles or lies on the wrong axis; else its verdict is compared with
the values at ten points of other seeds. The false-accept rate is that of the numeric test alone:
the share of well-typed wrong lines that agree at its three points. gradcheck must be installed.
"""

import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # helpers of the tests

from calculus.mutation_study import Judged, changes, judged, lines, of_layer

from gradcheck.checks import layers
from gradcheck.derivations.calculus.compare import Status


@dataclass
class Study:
    """Counts of what was said of lines that are wrong, of changes that left them right, and all."""

    wrong: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    accepted_by_test: list[Judged] = field(default_factory=list)
    wrongly_proved: list[Judged] = field(default_factory=list)
    refuted_though_agreeing: list[Judged] = field(default_factory=list)
    undecided: list[Judged] = field(default_factory=list)
    crashed: list[Judged] = field(default_factory=list)
    valueless: Counter[str] = field(default_factory=Counter)
    well_typed_wrong: int = 0
    lines: int = 0

    def add(self, found: Judged) -> None:
        """Count one changed line."""
        if found.said == "refused":
            self.wrong["refused"] += 1
            return
        if found.said.startswith("crashed"):
            self.crashed.append(found)
        if found.truth is None:
            self.valueless[found.said] += 1
            return
        if found.said == "tested":
            self.undecided.append(found)
        if found.truth:
            self.right[found.said] += 1
            if found.said == "refuted":
                self.refuted_though_agreeing.append(found)
            return
        self.wrong[found.said] += 1
        self.well_typed_wrong += 1
        if found.said == "proved":
            self.wrongly_proved.append(found)
        if found.tested is Status.TESTED:
            self.accepted_by_test.append(found)

    def as_json(self) -> dict[str, object]:
        """What a program would read."""
        return {
            "lines": self.lines,
            "wrong": dict(self.wrong),
            "still right": dict(self.right),
            "without values": dict(self.valueless),
            "wrongly proved": [str(j) for j in self.wrongly_proved],
            "refuted, though right at ten points": [str(j) for j in self.refuted_though_agreeing],
            "crashed": [str(j) for j in self.crashed],
            "undecided": [str(j) for j in self.undecided],
            "accepted by the numeric test alone": [str(j) for j in self.accepted_by_test],
            "well-typed wrong lines": self.well_typed_wrong,
        }


def study(two: int, seed: int) -> Study:
    """All layers; the changes of two edits are drawn with the seed."""
    found, rng = Study(), random.Random(seed)
    for name in layers.names():
        for line in lines(name):
            found.lines += 1
            for kind, wrong in changes(line, of_layer(name).setting, rng, two):
                found.add(judged(line, kind, wrong))
    return found


def main(words: list[str]) -> int:
    """Print the study; exit code 1 if anything false was proved."""
    numbers = [int(w) for w in words if not w.startswith("-")]
    two, seed = [*numbers, *(10, 0)[len(numbers) :]]
    started = time.perf_counter()
    found = study(two, seed)
    if "--json" in words:
        print(json.dumps(found.as_json(), indent=1, ensure_ascii=False))
    else:
        _print(found, time.perf_counter() - started)
    return bool(found.wrongly_proved)


def _print(found: Study, seconds: float) -> None:
    total = sum(found.wrong.values())
    print(f"{found.lines} written lines, {total} wrong ones made of them, {seconds:.0f} s")
    for title, counts in (
        ("wrong lines", found.wrong),
        ("changes that left a line right", found.right),
        ("changes without a value to judge by", found.valueless),
    ):
        print(f"{title}: {', '.join(f'{n} {said}' for said, n in counts.most_common())}")
    accepted, typed = len(found.accepted_by_test), found.well_typed_wrong
    print(f"false-accept rate of the numeric test alone: {accepted} of {typed}")
    for title, listed in (
        ("WRONGLY PROVED", found.wrongly_proved),
        ("refuted, though right at ten points", found.refuted_though_agreeing),
        ("accepted by the numeric test though wrong", found.accepted_by_test),
        ("undecided", found.undecided),
        ("crashed", found.crashed),
    ):
        if listed:
            print(f"\n{title}: {len(listed)}")
            print(*(f"  {judged}" for judged in listed), sep="\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
