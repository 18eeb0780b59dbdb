"""The check against planted errors: what is caught, what is accused, and what is said of it.

    python tests/benchmarks/planted.py [--seeds 0-19] [--right-seeds 0-199] [--only WORD] [--jobs N]

Every wrong backward pass of the catalogue in tests/planted is checked at --seeds, every right one
at --right-seeds; either may be empty (""). --only keeps the entries whose sentence has the word.
Every miss is listed: a wrong pass that was not caught, a right one that was accused, an input that
was not named, a right gradient called wrong beside a wrong one, and a diagnosis that is another.
gradcheck must be installed.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # helpers of the tests

from planted.everything import RIGHT, WRONG
from planted.judged import of_right, of_wrong

# seconds between two signs of life on stderr
PROGRESS = 5.0

Misses = dict[str, dict[str, list[tuple[int, str]]]]  # kind: sentence: seed and what was said


def seeds_of(text: str) -> range:
    """`0-19`, `3` or nothing."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1) if text else range(0)


def wrong_at(index: int, seeds: Iterable[int]) -> list[tuple[str, int, str]]:
    """What went wrong with a wrong pass, at each seed; `ok` counts what did not."""
    entry, found = WRONG[index], []
    for seed in seeds:
        try:
            was = of_wrong(entry, seed)
        except Exception as error:  # of the check itself: it must never raise
            found.append(("crashed", seed, repr(error)))
            continue
        checks = [("missed", was.caught), ("not named", was.named or not was.caught)]
        checks += [("innocent named", not was.innocent)]
        checks += [("other code", was.code)] if entry.codes and was.caught else []
        found += [(kind, seed, was.said) for kind, fine in checks if not fine]
        found += [("ok " + kind, seed, "") for kind, fine in checks if fine]
    return found


def right_at(index: int, seeds: Iterable[int]) -> list[tuple[str, int, str]]:
    """The same for a right pass."""
    entry, found = RIGHT[index], []
    for seed in seeds:
        try:
            accused, left_open, said = of_right(entry, seed)
        except Exception as error:
            found.append(("crashed", seed, repr(error)))
            continue
        wrongly_open = left_open and not entry.inconclusive
        found.append(("accused" if accused else "ok accused", seed, said))
        found.append(("left open" if wrongly_open else "ok left open", seed, said))
    return found


def collect(work, entries, indices, seeds, jobs, label) -> tuple[Misses, Counter[str]]:
    """The misses of all entries, and how often each question was asked and answered well."""
    misses: Misses = defaultdict(lambda: defaultdict(list))
    counts: Counter[str] = Counter()
    told = time.perf_counter()
    with ProcessPoolExecutor(jobs) as pool:
        results = pool.map(work, indices, [seeds] * len(indices), chunksize=1)
        for done, (index, result) in enumerate(zip(indices, results, strict=True), 1):
            for kind, seed, said in result:
                counts[kind] += 1
                if not kind.startswith("ok "):
                    misses[kind][entries[index].sentence].append((seed, said))
            if time.perf_counter() - told > PROGRESS:
                told = time.perf_counter()
                print(f"{label}: {done} of {len(indices)}", file=sys.stderr, flush=True)
    return misses, counts


def share(counts: Counter[str], kind: str, what: str) -> str:
    """One line of the summary."""
    asked = counts[kind] + counts["ok " + kind]
    good = counts["ok " + kind]
    return f"  {what}: {good} of {asked} ({100 * good / asked:.2f} %)" if asked else ""


def tell(misses: Misses, counts: Counter[str], lines: list[tuple[str, str]], title: str) -> None:
    print(title)
    for kind, what in lines:
        print(share(counts, kind, what))
    print(f"  crashes of the check: {counts['crashed']}")
    for kind, sentences in misses.items():
        print(f"\n  {kind}:")
        for sentence, found in sentences.items():
            seeds = ",".join(str(seed) for seed, _ in found[:8])
            print(f"    {sentence}  [{len(found)} seeds: {seeds}]\n      {found[0][1][:300]}")
    print()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", default="0-19", help="of wrong ones; empty for none")
    parser.add_argument("--right-seeds", default="0-199", help="of right ones; empty for none")
    parser.add_argument("--only", default="", help="a word of the sentences to keep")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args()
    wrong = [k for k, entry in enumerate(WRONG) if given.only in entry.sentence]
    right = [k for k, entry in enumerate(RIGHT) if given.only in entry.sentence]
    fine = True
    if wrong and (seeds := seeds_of(given.seeds)):
        misses, counts = collect(wrong_at, WRONG, wrong, seeds, given.jobs, "wrong")
        lines = [("missed", "caught"), ("not named", "a wrong input named")]
        lines += [("innocent named", "no right input named"), ("other code", "diagnosis right")]
        tell(misses, counts, lines, f"{len(wrong)} wrong passes at {len(seeds)} seeds")
        fine &= not misses["missed"] and not misses["crashed"]
    if right and (seeds := seeds_of(given.right_seeds)):
        misses, counts = collect(right_at, RIGHT, right, seeds, given.jobs, "right")
        lines = [("accused", "not accused"), ("left open", "decided where it has to be")]
        tell(misses, counts, lines, f"{len(right)} right passes at {len(seeds)} seeds")
        fine &= not misses["accused"] and not misses["crashed"]
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
