"""Checkers take turns at a layer: their times, their calls, what they say; and their memory.

A checker is built for a layer, which may take long, and then run. A run says what is wrong, in the
words of the checker, or nothing. Times are processor seconds: on a busy machine what takes long is
interrupted more often than what is short.
"""

import gc
import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from workloads import Layer

MOST_RUNS = 51
LONG = 5.0  # seconds: nobody compiles for so long
MOST_MEMORY = 4e9  # bytes: what needs more for its Jacobians is left out, and the line says so

Run = Callable[[], str]


@dataclass
class Calls:
    """The passes of a layer in one namespace, their calls counted and timed.

    Timed by the clock on the wall, which is far quicker to read than that of the processor.
    """

    layer: Layer
    xp: Any = np
    compiled: Callable[[Any], Any] = field(default=lambda function: function)
    forwards: int = 0
    backwards: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self._forward = self.compiled(lambda *a: self.layer.forward(self.xp, *a))
        self._backward = self.compiled(lambda *a: self.layer.backward(self.xp, *a))

    def forward(self, *inputs: Any) -> Any:
        self.forwards += 1
        started = time.perf_counter()
        output = self._forward(*inputs)
        self.seconds += time.perf_counter() - started
        return output

    def backward(self, cotangent: Any, *inputs: Any) -> Any:
        self.backwards += 1
        started = time.perf_counter()
        gradients = self._backward(cotangent, *inputs)
        self.seconds += time.perf_counter() - started
        return gradients

    def reset(self) -> None:
        self.forwards, self.backwards, self.seconds = 0, 0, 0.0


@dataclass(frozen=True)
class Checker:
    """build(layer) gives what runs a whole check, and the calls that it makes.

    package    what must be installed
    passing    how many whole Jacobians a passing run holds in memory
    failing    how many a failing run holds
    """

    name: str
    build: Callable[..., tuple[Run, Calls]]
    package: str = "numpy"
    passing: int = 0
    failing: int = 0

    @property
    def installed(self) -> bool:
        return importlib.util.find_spec(self.package) is not None

    def bytes_for(self, layer: Layer, failing: bool = False) -> int:
        """The memory that its Jacobians take."""
        return layer.jacobian_bytes * (self.failing if failing else self.passing)


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
        wall, used = time.perf_counter(), time.process_time()
        self.says = self.check()
        self.seconds.append(time.process_time() - used)
        inside = self.calls.seconds / (time.perf_counter() - wall)
        self.outside.append(self.seconds[-1] * (1 - inside))

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
