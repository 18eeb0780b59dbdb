"""Importing a user's file as `python file.py` would, whatever the file does."""

import builtins
import contextlib
import hashlib
import importlib
import importlib.util
import io
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from gradcheck.checks.adapters.source import shown
from gradcheck.checks.layers import UsageError

_ours: dict[str, Path] = {}  # modules that came from a user's folder, and that folder


class AsksForInput(BaseException):
    """The file called `input()`; no `except Exception` of the file may swallow it."""


def import_file(path: Path) -> tuple[ModuleType, tuple[str, ...]]:
    """The module of a file, and notes on what it did beside defining things."""
    root, name = _package(path)
    spec = importlib.util.spec_from_file_location(
        name,
        path,
        submodule_search_locations=[str(path.parent)] if "__init__" in path.stem else None,
    )
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: this is no Python file")
    module = importlib.util.module_from_spec(spec)
    folders = [root, path.parent] if root != path.parent else [root]

    def run() -> ModuleType:
        assert spec.loader is not None
        if "." in name:
            importlib.import_module(name.rpartition(".")[0])  # relative imports need the package
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    return _imported(run, path, folders, module)


def import_name(name: str) -> tuple[ModuleType, tuple[str, ...]]:
    """The module of a dotted name, looked for where one works and where Python looks."""
    return _imported(lambda: importlib.import_module(name), None, [Path.cwd()], None, name)


def _imported(
    run: Callable[[], ModuleType],
    path: Path | None,
    folders: list[Path],
    module: ModuleType | None,
    name: str = "",
) -> tuple[ModuleType, tuple[str, ...]]:
    said = io.StringIO()
    notes: list[str] = []
    asked = str(path) if path else name
    before = set(sys.modules)
    added: list[str] = []
    _forget_others(folders[0])
    try:
        with _as_a_script(asked, folders, said) as added:
            module = _run(run, path, folders)
    except (SystemExit, AsksForInput) as stop:
        if path is None or module is None:
            _clean(before)
            raise UsageError(f"{name}: {_stopped(stop, None)} when it was imported") from None
        notes.append(
            f"{path.name} {_stopped(stop, path)} when it was imported: only what it defines "
            f"before that is seen"
        )
    except BaseException as error:
        _clean(before)
        if isinstance(error, Exception) and not isinstance(error, UsageError):
            raise UsageError(_explained(error, path, name)) from None
        raise
    for new in set(sys.modules) - before:
        _ours[new] = folders[0]
    sys.path.extend(added)  # for imports inside functions
    lines = len(said.getvalue().splitlines())
    if lines:
        asked = path.name if path else name
        notes.append(f"{asked} printed {lines} line{'s' * (lines > 1)} when it was imported")
    return module, tuple(notes)


def _run(run: Callable[[], ModuleType], path: Path | None, folders: list[Path]) -> ModuleType:
    """Run the import; a module that is missing is also looked for in the folders above."""
    while True:
        try:
            return run()
        except ModuleNotFoundError as error:
            above = _above(path, (error.name or "").partition(".")[0])
            if above is None or above in folders:
                raise
            folders.append(above)
            sys.path.insert(1, str(above))


def _above(path: Path | None, name: str) -> Path | None:
    """The nearest folder above the file that has a module of the name."""
    if path is None or not name:
        return None
    here = [folder for folder in path.parents if folder != Path(folder.anchor)]
    return next((f for f in here if (f / f"{name}.py").is_file() or (f / name).is_dir()), None)


@contextlib.contextmanager
def _as_a_script(name: str, folders: list[Path], said: io.StringIO) -> Iterator[list[str]]:
    """The surroundings of a script without a terminal, a screen or arguments.

    The list that is given is filled at the end: the folders that imports were looked for in.
    """
    path, argv, asks, errors = [*sys.path], sys.argv, builtins.input, np.geterr()
    here, added = Path.cwd(), list[str]()
    backend = os.environ.get("MPLBACKEND")

    def ask(prompt: object = "", /) -> str:
        raise AsksForInput

    sys.path[:0] = [str(folder) for folder in folders]
    sys.argv = [name]
    builtins.input = ask
    os.environ["MPLBACKEND"] = "Agg"  # draws plots without showing them
    try:
        with (
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield added
    finally:
        added += [entry for entry in sys.path if entry not in path]
        os.chdir(here)
        sys.path[:], sys.argv, builtins.input = path, argv, asks
        np.seterr(**errors)
        if backend is None:
            os.environ.pop("MPLBACKEND", None)
        else:
            os.environ["MPLBACKEND"] = backend


def _package(path: Path) -> tuple[Path, str]:
    """The folder that imports start from, and the name of the module seen from there."""
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        parts.insert(0, folder.name)
        folder = folder.parent
    if len(parts) > 1:
        return folder, ".".join(parts)
    digest = hashlib.sha256(str(path).encode()).hexdigest()[:8]
    return path.parent, f"{path.stem}_{digest}"  # never the name of another module


def _forget_others(root: Path) -> None:
    """Two files in two folders may each have a neighbour `utils`: the first one's is forgotten."""
    for name in [name for name, folder in _ours.items() if folder != root]:
        module = sys.modules.get(name)
        if str(getattr(module, "__file__", None)).startswith(str(_ours.pop(name))):
            del sys.modules[name]


def _clean(before: set[str]) -> None:
    """Forget the modules of an import that failed, except those of installed packages."""
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if "site-packages" not in file and not file.startswith(sys.base_prefix):
            del sys.modules[name]


def _stopped(stop: BaseException, path: Path | None) -> str:
    what = "asked for input()" if isinstance(stop, AsksForInput) else "called sys.exit()"
    line = _line(stop, path)
    return f"{what} in line {line}" if line else what


def _explained(error: Exception, path: Path | None, name: str) -> str:
    """What went wrong in the user's words: file, line, error."""
    asked = shown(path) if path else name
    if isinstance(error, SyntaxError):
        file = shown(error.filename) if error.filename else asked
        return f"{file}, line {error.lineno}: {error.msg}: {(error.text or '').strip()}"
    line = _line(error, path)
    where = f"{asked}, line {line}" if line else asked
    if isinstance(error, ModuleNotFoundError) and error.name:
        if name and (error.name == name or name.startswith(error.name + ".")):
            return (
                f"{name}: there is no module {error.name} in this folder or among the installed "
                f"packages; start where `python -c 'import {name}'` works, or name the file"
            )
        return (
            f"{where}: needs the module {error.name}, which is not installed here; install it, or "
            f"move what is to be checked to a file that does not import it"
        )
    return f"{where}: importing it raised {type(error).__name__}: {error}"


def _line(error: BaseException, path: Path | None) -> int | None:
    """The innermost line of the file that the error went through."""
    frames: list[Any] = traceback.extract_tb(error.__traceback__)
    return next((f.lineno for f in reversed(frames) if path and f.filename == str(path)), None)
