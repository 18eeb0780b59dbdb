"""How long whole commands take, as ratios to importing NumPy and SymPy in the same run.

    python tests/benchmarks/whole_commands.py [RUNS]

Commands take turns, so a machine that slows down slows all of them. Times are processor seconds
(user and system) of all processes of a command, and seconds on the clock, which are fewer where
processes share the work and more where the machine has other work; each ratio is taken turn by
turn. gradcheck must be installed.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BASELINE = [sys.executable, "-c", "import numpy, sympy"]
COMMANDS = {
    "gradcheck --help": ["--help"],
    "gradcheck --list": ["--list"],
    "gradcheck softmax": ["softmax"],
    "gradcheck linear": ["linear"],
    "gradcheck --all -j 1": ["--all", "-j", "1"],
    "gradcheck --all": ["--all"],
    "gradcheck --list --markdown": ["--list", "--markdown"],
}
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]


def seconds(command: list[str], folder: str | None = None) -> tuple[float, float]:
    """Of one run: user and system time, and time on the clock."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    elapsed, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime), elapsed


def main(runs: int) -> None:
    """Print the median of the baseline, and for every command the median ratios to it."""
    baselines: list[tuple[float, float]] = []
    ratios: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        busy, elapsed = seconds(BASELINE)
        baselines.append((busy, elapsed))
        for name, words in COMMANDS.items():
            taken, waited = seconds([sys.executable, "-m", "gradcheck", *words])
            ratios[name].append((taken / busy, waited / elapsed))
    busy, elapsed = map(statistics.median, zip(*baselines, strict=True))
    print(f"import numpy, sympy: {busy:.2f} s of a processor, {elapsed:.2f} s, {runs} runs")
    for name, pairs in ratios.items():
        told = []
        for values in zip(*pairs, strict=True):
            low, middle, high = min(values), statistics.median(values), max(values)
            told.append(f"{middle:6.2f} ({low:.2f} to {high:.2f})")
        print(f"{name:28} processor {told[0]:26} clock {told[1]}")
    print(f"the plugin adds {plugin_seconds(runs) * 1000:.1f} ms to pytest where nobody uses it")


def plugin_seconds(runs: int) -> float:
    """What the plugin adds to a run of pytest that checks no gradient, the median of the turns."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        added = []
        for _ in range(4 * runs):
            (with_it, _), (without, _) = (
                seconds([*PYTEST, *words], folder) for words in ((), ("-p", "no:gradcheck"))
            )
            added.append(with_it - without)
    return statistics.median(added)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
