"""From `path/file.py::Name(3, 4)` to the object that it names.

Naming a file runs it, as `import` does. What files do besides defining things is kept harmless:
what they print is held back, `input()` and `sys.exit()` end the import and leave what was defined
before, and plots are not shown. Text is parsed as literals and never evaluated.
"""

import ast
import difflib
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from gradcheck.checks.adapters.importing import import_file, import_name
from gradcheck.checks.layers import UsageError

DOTTED = r"[^\W\d]\w*(\.[^\W\d]\w*)*"
EXAMPLES = "path/file.py::Name, path/file.py::Name(3, 4) or package.module:Name"


@dataclass(frozen=True)
class Target:
    """A word of the command line that names code.

    where       a path, or a dotted module name
    name        what to take from it, perhaps dotted; empty for everything
    arguments   those of `Name(3, 4)`, and `keywords` those of `Name(bias=True)`
    called      whether there were brackets, even empty ones
    """

    text: str
    where: str
    is_file: bool
    name: str = ""
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)

    @property
    def again(self) -> str:
        """The target as a shell takes it."""
        return shlex.quote(self.text)


@dataclass(frozen=True)
class Loaded:
    """The module of a target and the object that it names, None for everything."""

    target: Target
    module: ModuleType
    thing: Any = None
    notes: tuple[str, ...] = ()


def parse(word: str) -> Target:
    """The parts of a target."""
    if "::" in word:
        where, _, rest = word.partition("::")
        is_file = True
    elif word.endswith((".py", ".ipynb")):
        where, rest, is_file = word, "", True
    else:
        where, _, rest = word.partition(":")
        is_file = False
    if not where or ("::" in word and not rest) or (not is_file and not rest):
        raise UsageError(f"{word}: write {EXAMPLES}")
    name, arguments, keywords = _called(rest, word) if rest else ("", (), {})
    return Target(word, where, is_file, name, arguments, keywords)


def load(word: str) -> Loaded:
    """Import what the target names; everything wrong with it is a `UsageError`."""
    target = parse(word)
    if target.is_file:
        path = _file(target)
        module, notes = import_file(path)
    else:
        module, notes = import_name(target.where)
    thing = _named(module, target, notes) if target.name else None
    return Loaded(target, module, thing, notes)


def _called(text: str, word: str) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """`Name(3, bias=True)` as a name, arguments and keywords."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise UsageError(f"{word}: {text!r} is no name; write {EXAMPLES}") from None
    call = tree if isinstance(tree, ast.Call) else None
    name = ast.unparse(call.func if call else tree)
    if not re.fullmatch(DOTTED, name):
        raise UsageError(f"{word}: {text!r} is no name; write {EXAMPLES}")
    if call is None:
        return name, (), {}
    arguments = tuple(_literal(node, word) for node in call.args)
    if any(keyword.arg is None for keyword in call.keywords):
        raise UsageError(f"{word}: write keywords one by one, such as {name}(bias=True)")
    keywords = {str(k.arg): _literal(k.value, word) for k in call.keywords}
    return name, arguments, keywords


def _literal(node: ast.expr, word: str) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise UsageError(
            f"{word}: {ast.unparse(node)} is no plain value such as 3, 0.5, True, 'same' or "
            f"(2, 2), and nothing else is read from a command line; for anything else write a "
            f"function gradcheck_inputs() in the file that returns the object and its inputs"
        ) from None


def _file(target: Target) -> Path:
    path = Path(target.where).expanduser()
    if path.suffix == ".ipynb":
        raise UsageError(
            f"{path}: a notebook cannot be imported; write its code to a file with "
            f"'jupyter nbconvert --to script {path}' and name that"
        )
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it, such as {EXAMPLES}")
    if not path.is_file():
        folder = path.parent
        near = [p.name for p in folder.glob("*.py")] if folder.is_dir() else []
        raise UsageError(f"{path}: there is no such file{_did_you_mean(path.name, near)}")
    return path.resolve()


def _named(module: ModuleType, target: Target, notes: tuple[str, ...]) -> Any:
    thing: Any = module
    for part in target.name.split("."):
        if not hasattr(thing, part):
            names = [name for name in dir(thing) if not name.startswith("_")]
            held = "; " + "; ".join(notes) if notes else ""
            raise UsageError(
                f"{target.where} has no {target.name}{_did_you_mean(part, names)}{held}"
            )
        thing = getattr(thing, part)
    return thing


def _did_you_mean(name: str, names: list[str]) -> str:
    lower = {each.lower(): each for each in names}
    near = difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(lower[each] for each in near)}?" if near else ""
