"""`[tool.gradcheck]` of pyproject.toml: what belongs to a project, and what is put up with.

[tool.gradcheck]
targets = ["src/layers.py", "softmax"]
seeds = 3
path = "notes"
baseline = "gradients.json"

[tool.gradcheck.shapes]
"src/layers.py::Linear(3, 4)" = "x=5,3"

[[tool.gradcheck.ignore]]
layer = "src/layers.py::Old"
input = "W"
reason = "replaced in the next release"

Paths are meant as seen from the folder of the pyproject.toml.
"""

import fnmatch
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcheck.checks.layers import UsageError

if TYPE_CHECKING:  # it needs NumPy, which pytest does not load before it has to
    from gradcheck.checks.report.results import Result

KEYS = {
    "targets": list, "seeds": int, "path": str, "baseline": str, "shapes": dict, "ignore": list
}  # fmt: skip
WORDS = {list: "a list", int: "a whole number", str: "a string", dict: "a table"}


@dataclass(frozen=True)
class Ignore:
    """A mistake that is known: `layer` may have wildcards; without `input` any gradient of it."""

    layer: str
    reason: str
    input: str = "*"

    def fits(self, row: "Result") -> bool:
        return fnmatch.fnmatchcase(row.key, self.layer) and fnmatch.fnmatchcase(
            row.input, self.input
        )


@dataclass(frozen=True)
class Project:
    """What a pyproject.toml says; `shapes` are those of `--shape`, by target."""

    file: Path
    targets: tuple[str, ...] = ()
    seeds: int = 1
    path: str = ""
    baseline: str = ""
    shapes: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[Ignore, ...] = ()

    @property
    def folder(self) -> Path:
        return self.file.parent

    def put_up_with(self, rows: "Iterable[Result]") -> "tuple[list[Result], list[str]]":
        """The rows without what is ignored, and sentences about what is or need not be any more."""
        kept, said, used = [], [], set()
        for row in rows:
            known = next((i for i in self.ignore if not row.ok and i.fits(row)), None)
            if known is None:
                kept.append(row)
                continue
            used.add(known)
            said.append(f"ignored: {row.key}, {row.name} {row.verdict}: {known.reason}")
        said += [
            f"nothing to ignore any more: {i.layer} {i.input} ({i.reason})"
            for i in self.ignore
            if i not in used
        ]
        return kept, said


def find(folder: Path) -> Project | None:
    """The project that a folder belongs to: the nearest pyproject.toml, if it has the table.

    Raises UsageError for a table that cannot be understood.
    """
    for place in (folder, *folder.parents):
        file = place / "pyproject.toml"
        if file.is_file():
            return read(file)
    return None


def read(file: Path) -> Project | None:
    """What one file says; None without the table. Raises UsageError if that makes no sense."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    table = content.get("tool", {}).get("gradcheck")
    if table is None:
        return None
    for key, value in table.items():
        if key not in KEYS:
            raise UsageError(f"{file}: [tool.gradcheck] has no {key}; it has {', '.join(KEYS)}")
        if not isinstance(value, KEYS[key]) or isinstance(value, bool):
            kind = WORDS[KEYS[key]]
            raise UsageError(f"{file}: [tool.gradcheck] {key} should be {kind}")
    known: dict[str, Any] = {key: value for key, value in table.items() if key != "ignore"}
    known["targets"] = tuple(known.get("targets", ()))
    words = [*known["targets"], *known.get("shapes", {}).values()]
    if wrong := [word for word in words if not isinstance(word, str)]:
        raise UsageError(f"{file}: [tool.gradcheck] {wrong[0]!r} should be a string")
    if known.get("seeds", 1) < 1:
        raise UsageError(f"{file}: [tool.gradcheck] seeds should be 1 or greater")
    if missing := [target for target in known.get("shapes", {}) if target not in known["targets"]]:
        raise UsageError(f"{file}: [tool.gradcheck.shapes] {missing[0]} is not among the targets")
    return Project(
        file, **known, ignore=tuple(_ignore(file, each) for each in table.get("ignore", ()))
    )


def _ignore(file: Path, table: Any) -> Ignore:
    where = f"{file}: [[tool.gradcheck.ignore]]"
    if not isinstance(table, Mapping) or not {"layer", "reason"} <= set(table):
        raise UsageError(f"{where} needs a layer and a reason")
    if extra := set(table) - {"layer", "input", "reason"}:
        raise UsageError(f"{where} has no {min(extra)}; it has layer, input, reason")
    return Ignore(**{key: str(value) for key, value in table.items()})
