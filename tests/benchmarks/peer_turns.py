"""Checkers take turns at a layer: their times, their calls, what they say; and their memory."""

import gc
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from peer_checkers import Calls, Checker, Run
from workloads import Layer

MOST_RUNS = 51
LONG = 5.0  # seconds: nobody compiles for so long
MOST_MEMORY = 4e9  # bytes: what needs more for its Jacobians is left out, and the line says so


@dataclass(frozen=True)
class Taken:
    """What one checker took for one layer; seconds are medians."""

    checker: str
    layer: str
    seconds: float
    outside: float  # the part of it that was spent outside the passes of the layer
    forwards: int
    backwards: int
    runs: int
    says: str = ""


def in_turns(
    layer: Layer, checkers: list[Checker], budget: float, failing: bool = False
) -> list[Taken]:
    """All checkers take turns, each until it has used up its seconds."""
    players = [Player(c, *c.build(layer)) for c in usable(checkers) if _fits(c, layer, failing)]
    for player in players:
        player.warm_up()
    gc.freeze()  # so that nobody pays for going through the modules that others have imported
    for _ in range(MOST_RUNS):
        for player in players:
            if sum(player.seconds) < budget:
                player.run()
    return [player.taken(layer.name) for player in players]


@dataclass
class Player:
    """A checker built for a layer, and how long its runs took."""

    checker: Checker
    check: Run
    calls: Calls
    says: str = ""
    seconds: list[float] = field(default_factory=list)
    outside: list[float] = field(default_factory=list)

    def warm_up(self) -> None:
        """The first run compiles, and counts only if it is a long one."""
        self.run()
        if self.seconds[0] < LONG:
            self.seconds.clear()
            self.outside.clear()

    def run(self) -> None:
        self.calls.reset()
        started = time.perf_counter()
        self.says = self.check()
        self.seconds.append(time.perf_counter() - started)
        self.outside.append(self.seconds[-1] - self.calls.seconds)

    def taken(self, layer: str) -> Taken:
        return Taken(
            self.checker.name,
            layer,
            statistics.median(self.seconds),
            statistics.median(self.outside),
            self.calls.forwards,
            self.calls.backwards,
            len(self.seconds),
            self.says,
        )


def usable(checkers: list[Checker]) -> Iterator[Checker]:
    """Those whose package is installed; a line says which are not."""
    for checker in checkers:
        if checker.installed:
            yield checker
        else:
            print(f"{checker.name}: {checker.package} is not installed, left out")


def peak(run: Run) -> int:
    """The most memory that a run needs beyond what the process has, in bytes; Linux only."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = _status("VmRSS")
    run()
    return 1024 * (_status("VmHWM") - before)


def _fits(checker: Checker, layer: Layer, failing: bool) -> bool:
    needed = checker.bytes_for(layer, failing)
    if needed > MOST_MEMORY:
        print(f"{checker.name}: needs {needed / 1e9:.0f} GB, left out")
    return needed <= MOST_MEMORY


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])
