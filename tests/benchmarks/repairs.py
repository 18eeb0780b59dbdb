"""How often a planted mistake is named, and how long that takes.

    python tests/benchmarks/repairs.py [MISTAKES PER LINE] [SEED] [-v]

Every line of every written derivation gets random single mistakes, made by the functions below and
not by the edits of the search; mistakes that leave the line right or unreadable are passed over. A
repair is right if it gives back the line as it was written, up to the order of terms and factors.
gradcheck must be installed.
"""

import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy

from gradcheck.checks.layers import LayerError, load, select
from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.mistakes.edits import (
    Place,
    all_letters,
    negated,
    places,
    product_of,
    put,
    same_range,
    sum_of,
    summed,
)
from gradcheck.derivations.calculus.mistakes.repair import repairs
from gradcheck.derivations.calculus.terms import entry_of, indices_of, name_of, plain, rename

Mistake = Callable[[Any, Any, random.Random], Any]  # of a place, all letters: the wrong node


@dataclass(frozen=True)
class Line:
    """A right step of a derivation."""

    layer: str
    comparer: Comparer
    left: Any
    right: Any
    where: Any


def lines() -> Iterator[Line]:
    """All written steps of all layers."""
    for name in select(["*"]):
        try:
            layer = load(name).symbolic
        except LayerError:
            continue
        comparer = Comparer(layer.setting)
        chains = [*layer.lemmas, *(c for d in layer.derivations for c in d.chains)]
        for chain in chains:
            sides = [chain.lhs, *(step.expr for step in chain.steps)]
            for left, right in pairwise(sides):
                yield Line(name, comparer, left, right, chain.where)


def wrong_index(place: Place, letters: Any, rng: random.Random) -> Any:
    node = place.node
    if not isinstance(node, (sympy.Indexed, sympy.KroneckerDelta)):
        return None
    old = rng.choice(sorted(all_letters(node), key=str) or [None])
    others = [i for i in letters if old is not None and i != old and same_range(i, old)]
    return rename(node, {old: rng.choice(others)}) if others else None


def swapped_subscripts(place: Place, letters: Any, rng: random.Random) -> Any:
    node = place.node
    if not isinstance(node, sympy.Indexed) or len(node.indices) != 2:
        return None
    a, b = node.indices
    both = isinstance(a, sympy.Idx) and isinstance(b, sympy.Idx) and same_range(a, b)
    return node.func(node.base, b, a) if both else None


def letters_exchanged(place: Place, letters: Any, rng: random.Random) -> Any:
    free = sorted(all_letters(place.node), key=str)
    pairs = [(a, b) for a in free for b in letters if a != b and same_range(a, b)]
    if place.path or not pairs:
        return None
    a, b = rng.choice(pairs)
    return rename(place.node, {a: b, b: a})


def factor_dropped(place: Place, letters: Any, rng: random.Random) -> Any:
    if not isinstance(place.node, sympy.Mul):
        return None
    args = list(place.node.args)
    args.pop(rng.randrange(len(args)))
    return product_of(args)


def constant_factor(place: Place, letters: Any, rng: random.Random) -> Any:
    if not place.outermost or place.node.is_Number:
        return None
    sizes = sorted({s for i in letters for s in i.upper.free_symbols}, key=str)
    options = [sympy.Integer(2), sympy.Rational(1, 2), *sizes, *(1 / s for s in sizes)]
    return product_of([rng.choice(options), place.node])


def factor_doubled(place: Place, letters: Any, rng: random.Random) -> Any:
    if not isinstance(place.node, sympy.Mul):
        return None
    args = list(place.node.args)
    return product_of([*args, rng.choice(args)])


def sign_flipped(place: Place, letters: Any, rng: random.Random) -> Any:
    return negated(place.node) if place.multiplies and not place.node.is_Number else None


def term_dropped(place: Place, letters: Any, rng: random.Random) -> Any:
    if not isinstance(place.node, sympy.Add):
        return None
    args = list(place.node.args)
    args.pop(rng.randrange(len(args)))
    return sum_of(args)


def term_added(place: Place, letters: Any, rng: random.Random) -> Any:
    if place.fixed or not place.multiplies or not isinstance(place.node, sympy.Mul):
        return None
    return sum_of([place.node, rng.choice([sympy.Integer(1), *place.node.args])])


def sum_dropped(place: Place, letters: Any, rng: random.Random) -> Any:
    if not isinstance(place.node, sympy.Sum):
        return None
    limits = list(place.node.limits)
    limits.pop(rng.randrange(len(limits)))
    return summed(place.node.function, limits) if limits else place.node.function


def sum_added(place: Place, letters: Any, rng: random.Random) -> Any:
    free = sorted(all_letters(place.node), key=str)
    if place.path or not free:
        return None
    index = rng.choice(free)
    return summed(place.node, [(index, index.lower, index.upper)])


def wrong_bound(place: Place, letters: Any, rng: random.Random) -> Any:
    if not isinstance(place.node, sympy.Sum):
        return None
    limits = [tuple(limit) for limit in place.node.limits]
    k = rng.randrange(len(limits))
    index, low, high = limits[k]
    sizes = sorted({s for i in letters for s in i.upper.free_symbols}, key=str)
    highs = [high - 1, *(s - 1 for s in sizes if s - 1 != high)]
    limits[k] = rng.choice([(index, low + 1, high), *((index, low, h) for h in highs)])
    return summed(place.node.function, limits)


def wrong_power(place: Place, letters: Any, rng: random.Random) -> Any:
    node = place.node
    if isinstance(node, sympy.Pow) and node.exp.is_Number:
        return sympy.Pow(node.base, rng.choice([-node.exp, node.exp + 1, 1]), evaluate=False)
    if isinstance(node, sympy.Indexed) and not place.fixed:
        return sympy.Pow(node, rng.choice([-1, 2]), evaluate=False)
    return None


def other_function(place: Place, letters: Any, rng: random.Random) -> Any:
    node = place.node
    if not isinstance(node, sympy.Function) or isinstance(node, sympy.KroneckerDelta):
        return None
    return rng.choice([node.args[0], sympy.tanh(node.args[0]), sympy.exp(node.args[0])])


def other_tensor(place: Place, letters: Any, rng: random.Random) -> Any:
    """A tensor of the same shape."""
    node = place.node
    if not isinstance(node, sympy.Indexed):
        return None
    own = SETTING["indices"][name_of(node)]
    same = [
        name
        for name, axes in SETTING["indices"].items()
        if name != name_of(node)
        and len(axes) == len(own)
        and all(same_range(a, b) for a, b in zip(axes, own, strict=True))
    ]
    return entry_of(rng.choice(same), indices_of(node)) if same else None


def shifted_time(place: Place, letters: Any, rng: random.Random) -> Any:
    node = place.node
    if not isinstance(node, sympy.Indexed) or name_of(node) not in SETTING["recursive"]:
        return None
    first, *others = node.indices
    return node.func(node.base, first + rng.choice([-1, 1]), *others)


SLOW = 0.15  # seconds; with -v such a search is shown
SETTING: dict[str, Any] = {}  # of the line at hand
MISTAKES: dict[Mistake, set[str]] = {  # and the codes that name them
    wrong_index: {"delta-index", "entry-index", "letter", "exchanged-letters"},
    swapped_subscripts: {"transposed-entry", "entry-index"},
    letters_exchanged: {"exchanged-letters", "letter", "layout", "delta-index", "entry-index"},
    factor_dropped: {"missing-factor", "factor", "sign"},
    constant_factor: {"factor"},
    factor_doubled: {"extra-factor", "factor", "power", "sign"},
    sign_flipped: {"sign"},
    term_dropped: {"missing-term"},
    term_added: {"extra-term"},
    sum_dropped: {"missing-sum"},
    sum_added: {"extra-sum"},
    wrong_bound: {"bound"},
    wrong_power: {"power", "factor", "extra-factor", "reciprocal"},
    other_function: {"function"},
    other_tensor: {"tensor"},
    shifted_time: {"off-by-one"},
}


@dataclass
class Tally:
    """What became of the mistakes of one kind."""

    planted: int = 0
    mended: int = 0
    restored_first: int = 0
    restored: int = 0
    named_first: int = 0


def planted(line: Line, mistake: Mistake, rng: random.Random) -> Any:
    """The line with one such mistake somewhere, or None."""
    setting = line.comparer.setting
    recursive = {n for n, d in setting.definitions.items() if d.outside is not None}
    SETTING.update(indices=setting.indices, recursive=recursive)
    letters = sorted(all_letters(line.left) | all_letters(line.right), key=str)
    everywhere = [*places(line.right)]
    rng.shuffle(everywhere)
    for place in everywhere:
        try:
            node = mistake(place, letters, rng)
            wrong = None if node is None else put(line.right, place.path, node)
        except (TypeError, ValueError):
            continue
        if wrong is not None:
            return wrong
    return None


def main(per_line: int, seed: int) -> None:
    """Print a row for each kind of mistake and one for all of them."""
    rng = random.Random(seed)
    tallies: dict[str, Tally] = defaultdict(Tally)
    seconds: list[float] = []
    for line in lines():
        for mistake in rng.sample([*MISTAKES], len(MISTAKES))[:per_line]:
            wrong = planted(line, mistake, rng)
            if wrong is None:
                continue
            if line.comparer.compare(line.left, wrong, line.where).status is not Status.REFUTED:
                continue
            start = time.process_time()
            found = repairs(line.comparer, line.left, wrong, line.where)
            seconds.append(time.process_time() - start)
            same = [plain(r.mended) == plain(line.right) for r in found]
            for tally in (tallies[mistake.__name__], tallies["all"]):
                tally.planted += 1
                tally.mended += bool(found)
                tally.restored_first += same[:1] == [True]
                tally.restored += any(same)
                tally.named_first += bool(found) and found[0].code in MISTAKES[mistake]
            named = found and found[0].code in MISTAKES[mistake]
            if "-v" in sys.argv and not (named and seconds[-1] < SLOW):
                show(line, mistake, wrong, found, seconds[-1])
    report(tallies, seconds)


def show(line: Line, mistake: Mistake, wrong: Any, found: Any, seconds: float) -> None:
    """A mistake that was not named as it was planted."""
    from gradcheck.derivations.forms import text
    from gradcheck.derivations.forms.repairs import repair_text

    print(f"{1e3 * seconds:.0f} ms {line.layer} {mistake.__name__}:")
    print(f"    {text(line.left)} = {text(wrong)}")
    print(f"    planted in {text(line.right)}")
    for repair in found:
        print(f"    {repair.cost:.2f} {repair.code}: {repair_text(repair)}")


def report(tallies: dict[str, Tally], seconds: list[float]) -> None:
    total = tallies.pop("all")
    print(f"{'mistake':20}{'planted':>8}{'mended':>8}{'named':>8}{'line 1st':>9}{'in three':>9}")
    for name, tally in [*sorted(tallies.items()), ("all", total)]:
        shares = (tally.mended, tally.named_first, tally.restored_first, tally.restored)
        cells = [f"{share / tally.planted:.0%}" for share in shares]
        print(f"{name:20}{tally.planted:8}" + "".join(f"{c:>8} " for c in cells))
    quantiles = statistics.quantiles(seconds, n=20)
    print(
        f"{len(seconds)} searches: mean {1e3 * statistics.mean(seconds):.0f} ms, "
        f"median {1e3 * statistics.median(seconds):.0f} ms, "
        f"95 % below {1e3 * quantiles[-1]:.0f} ms, longest {1e3 * max(seconds):.0f} ms"
    )


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    main(*(numbers + [3, 0][len(numbers) :]))
