"""Reading the project's own source: where its files go, and what they import."""

import ast
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("derivations", "numeric", "checks")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def copy_tree(to: Path, *files: str) -> Path:
    """A copy of the three folders, and of the named files, to try things in."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in files:
        shutil.copy(ROOT / file, to / file)
    return to


def import_name(folder: Path) -> str:
    """The import name of a folder (relative to the root): numeric is gradcheck.numeric."""
    mapped = {Path(at): name for name, at in SETTINGS["tool"]["setuptools"]["package-dir"].items()}
    return mapped.get(folder) or f"{import_name(folder.parent)}.{folder.name}"


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every import, also inside functions: `from a import b` is `a.b`.

    A relative import keeps its dots. `import_module("a.b")` counts, when its name is written out.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module, names, level):
                start = "." * level + (f"{module}." if module else "")
                yield from ((node.lineno, start + alias.name) for alias in names)
            case ast.Call(
                ast.Name("import_module" | "__import__") | ast.Attribute(attr="import_module"),
                [ast.Constant(str(name)), *_],
            ) if not name.startswith("."):
                yield node.lineno, name
