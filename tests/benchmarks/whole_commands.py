"""How long whole commands take, as ratios to importing NumPy and SymPy in the same run.

    python tests/benchmarks/whole_commands.py [RUNS]

Commands take turns, so a machine that slows down slows all of them. Times are processor seconds
(user and system) of each process, and the ratio is taken turn by turn. gradcheck must be installed.
"""

import resource
import statistics
import subprocess
import sys

BASELINE = [sys.executable, "-c", "import numpy, sympy"]
COMMANDS = {
    "gradcheck --help": ["--help"],
    "gradcheck --list": ["--list"],
    "gradcheck softmax": ["softmax"],
    "gradcheck linear": ["linear"],
    "gradcheck --all": ["--all"],
}


def processor_seconds(command: list[str]) -> float:
    """User and system time of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def main(runs: int) -> None:
    """Print the median of the baseline, and for every command the median ratio to it."""
    seconds: list[float] = []
    ratios: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        seconds.append(processor_seconds(BASELINE))
        for name, words in COMMANDS.items():
            taken = processor_seconds([sys.executable, "-m", "gradcheck", *words])
            ratios[name].append(taken / seconds[-1])
    print(f"import numpy, sympy: {statistics.median(seconds):.2f} s, {runs} runs")
    for name, values in ratios.items():
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"{name:20} {middle:5.2f} times that ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
