"""Campaigns: many targets at many seeds, shared among processes, taken up again where they ended.

A unit of work is one target at one seed. What comes of it is a list of rows, and with a journal
every finished unit is written down at once: an interrupted campaign loses what was running.
"""

import argparse
import contextlib
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import gradcheck.derivations
import gradcheck.numeric
from gradcheck import __version__
from gradcheck.checks.adapters.inputs import parse_shapes
from gradcheck.checks.arguments import (
    CODE_SECONDS,
    by_kind,
    is_code,
    names_in,
    shapes_in,
    sizes_in,
)
from gradcheck.checks.layers import UsageError, add_folder, select
from gradcheck.checks.own import check
from gradcheck.checks.parallel import each, worth
from gradcheck.checks.project import Project
from gradcheck.checks.report.results import Result, gravest, results

SCHEMA = 1
Unit = tuple[str, int]  # a target and a seed


@dataclass(frozen=True)
class Asked:
    """What is asked of every unit.

    shapes   of inputs to draw, by target; of layers sizes of axes
    options  of `gradcheck.check`, for all targets
    path     a folder of the user's in which layers are looked for too
    """

    targets: tuple[str, ...]
    seeds: tuple[int, ...]
    shapes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""

    @property
    def seeds_text(self) -> str:
        """`seed 3`, or `seeds 0 to 99`."""
        first, last = self.seeds[0], self.seeds[-1]
        return f"seed {first}" if first == last else f"seeds {first} to {last}"

    @property
    def units(self) -> list[Unit]:
        """Seed by seed, so that every target was tried early on."""
        return [(target, seed) for seed in self.seeds for target in self.targets]


def of_options(options: argparse.Namespace, project: Project | None) -> Asked:
    """What a command line and a project ask for; layers of ours one by one, so that they share."""
    path = options.path or (project.path if project else "")
    if path:
        add_folder(path)
    code, names = by_kind(project.targets if project else options.layers)
    everything = not (code or names)
    layers = select(names or ["*"], names_in(options.family)) if names or everything else []
    count = options.seeds if options.seeds > 1 or not project else project.seeds
    shapes: dict[str, Mapping[str, Any]] = {}
    for target in code:
        words = [project.shapes[target]] if project and target in project.shapes else options.shape
        shapes[target] = parse_shapes(shapes_in(words))
    sizes = sizes_in(options.shape) if layers else {}
    shapes |= dict.fromkeys(layers, sizes)
    given = {name: getattr(options, name) for name in ("like", "rtol", "atol", "full")}
    given["wrt"] = tuple(names_in(options.wrt))
    limit = CODE_SECONDS if options.time_limit is None else options.time_limit
    return Asked(
        (*layers, *code),
        tuple(range(options.seed, options.seed + count)),
        shapes,
        {**given, "time_limit": limit},
        path,
    )


def run(
    asked: Asked,
    *,
    jobs: int = 1,
    backend: str = "",
    journal: Path | None = None,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> list[Result]:
    """All rows, the gravest of all seeds for each gradient, in the order of the targets.

    jobs, backend  how many workers of what kind, as `parallel.each` takes them
    journal        a file that keeps what is done; what it has is not done again

    Raises UsageError for a target that cannot be checked before something more is said, and for
    a journal of another campaign.
    """
    known = _read(journal, asked) if journal else {}
    waiting = [unit for unit in asked.units if unit not in known]
    setup = partial(add_folder, asked.path) if asked.path else None
    progress(len(known), len(asked.units), "")
    with _opened(journal, asked) as keep:
        for place, rows in each(
            partial(_unit, asked), waiting, jobs or worth(len(waiting)), setup, backend=backend
        ):
            known[waiting[place]] = rows
            keep(waiting[place], rows)
            target, seed = waiting[place]
            progress(len(known), len(asked.units), f"{target} at seed {seed}")
    return _merged(asked, known)


def _unit(asked: Asked, unit: Unit) -> list[Result]:
    """One target at one seed. What the code prints goes to stderr."""
    target, seed = unit
    shapes = asked.shapes.get(target, {})
    given: dict[str, Any] = {"shapes" if is_code(target) else "sizes": shapes}
    given = {**_fitting(target, asked.options), **(given if shapes else {})}
    with contextlib.redirect_stdout(sys.stderr):
        return results(check(target, seed=seed, **given))


def _fitting(target: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are for this kind of target."""
    other = set() if is_code(target) else {"time_limit", "full", "like"}
    return {name: value for name, value in options.items() if name not in other}


def _merged(asked: Asked, known: Mapping[Unit, Sequence[Result]]) -> list[Result]:
    """The gravest row of each gradient; how many seeds say so is added to its message."""
    found: dict[tuple[str, str, str], dict[int, Result]] = {}
    for target, seed in sorted(known, key=lambda u: (asked.targets.index(u[0]), u[1])):
        for row in known[target, seed]:
            found.setdefault((target, row.key, row.input), {})[seed] = row
    merged = []
    for rows in found.values():
        worst = gravest(rows.values())
        wrong = [seed for seed, row in rows.items() if not row.ok]
        if wrong and len(asked.seeds) > 1:
            count = f"at {len(wrong)} of {len(asked.seeds)} seeds, the first {wrong[0]}"
            worst = replace(worst, message=f"{worst.message} ({count})".strip())
        merged.append(worst)
    return merged


@contextlib.contextmanager
def _opened(
    journal: Path | None, asked: Asked
) -> Iterator[Callable[[Unit, Sequence[Result]], None]]:
    """What writes a finished unit into the journal."""
    if journal is None:
        yield lambda unit, rows: None
        return
    try:
        with journal.open("a", encoding="utf-8") as file:

            def write(content: Any) -> None:
                file.write(json.dumps(content, ensure_ascii=False) + "\n")
                file.flush()

            if not file.tell():
                write(_heading(asked))
            yield lambda unit, rows: write({"unit": unit, "rows": [asdict(row) for row in rows]})
    except OSError as error:
        raise UsageError(f"--resume {journal}: cannot be written: {error.strerror}") from error


def _read(journal: Path, asked: Asked) -> dict[Unit, list[Result]]:
    """The units that a journal has. A last line that was not finished is removed."""
    if not journal.exists():
        return {}
    try:
        content = journal.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):  # what is written next has to start a line
            journal.write_bytes(whole)
    except OSError as error:
        raise UsageError(f"--resume {journal}: cannot be read: {error.strerror}") from error
    try:
        heading, *lines = [json.loads(line) for line in whole.splitlines()] or [None]
        units = {
            (line["unit"][0], line["unit"][1]): [Result(**row) for row in line["rows"]]
            for line in lines
        }
    except (ValueError, KeyError, TypeError, IndexError):
        raise UsageError(
            f"--resume {journal}: it is no journal of gradcheck; name another file"
        ) from None
    if heading not in (None, json.loads(json.dumps(_heading(asked)))):
        raise UsageError(
            f"--resume {journal}: it belongs to another campaign, or the code has changed since; "
            f"name another file or remove it"
        )
    return {unit: units[unit] for unit in asked.units if unit in units}


def _heading(asked: Asked) -> dict[str, Any]:
    """What a journal is about: what was asked, and of which state of the files."""
    shapes = {
        target: {n: str(s) for n, s in given.items()} for target, given in asked.shapes.items()
    }
    return {
        "schema": SCHEMA,
        "gradcheck": __version__,
        "options": {name: str(value) for name, value in asked.options.items()},
        "shapes": {target: given for target, given in shapes.items() if given},
        "path": asked.path,
        "files": _state(asked.targets),
    }


def _state(targets: Iterable[str]) -> str:
    """A digest of the files that targets name; what these import is not seen."""
    digest = hashlib.sha256()
    for target in targets:
        if is_code(target):
            files = [Path(target.partition("::")[0])]
        else:
            packages = (gradcheck.derivations, gradcheck.numeric)
            folders = [folder for package in packages for folder in package.__path__]
            files = [Path(folder, f"{target.partition('.')[0]}.py") for folder in folders]
        for file in files:
            digest.update(f"{target}\n".encode())
            digest.update(file.read_bytes() if file.is_file() else b"")
    return digest.hexdigest()
