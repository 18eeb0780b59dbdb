"""Lets a clone that was never installed work: `pytest`, `python -m checks linear`.

Installing gives each folder its import name by the `package-dir` table of pyproject.toml.
The finder here reads the same table. It must not import gradcheck: it runs before that is possible.
"""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class Finder:
    """Finds the packages of the table; what lies inside a package Python then finds itself."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        self.folders = folders

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self.folders:
            return None
        folder = ROOT / self.folders[name]
        places = [str(folder)]
        return spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=places
        )


def install() -> None:
    """Make `gradcheck` importable from the folders, unless it is importable already."""
    spec = find_spec("gradcheck")
    if spec is None or spec.origin is None:  # no origin: just a folder of that name
        sys.meta_path.insert(0, Finder(settings()["tool"]["setuptools"]["package-dir"]))


def settings() -> dict[str, Any]:
    """What pyproject.toml says. An installed project has none beside it."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)
