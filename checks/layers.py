"""Finding layers: the folder is the registry.

A file `derivations/NAME.py` beside a file `numeric/NAME.py` is a layer; deleting both removes it.
A file may hold several members, `layers = {"rows": ..., "columns": ...}`, which are called
`linear.rows` and so on. Names, summaries and families are read from the text of the files: nothing
here imports a layer, SymPy or NumPy, until `load` is called.
"""

import ast
import difflib
import fnmatch
import importlib
import re
import tokenize
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import gradcheck.derivations
import gradcheck.numeric

if TYPE_CHECKING:
    from gradcheck.derivations.notation import Layer as SymbolicLayer

RESERVED = {"audit", "derive", "explain", "handout", "list"}  # kept free for subcommands
FAMILIES = (  # in the order in which they are listed; a file names its own: `Family: losses.`
    "linear",
    "activations",
    "arithmetic",
    "reductions",
    "shapes",
    "normalisation",
    "dropout",
    "convolution",
    "pooling",
    "recurrent",
    "attention",
    "embedding",
    "losses",
    "blocks",
)


class UsageError(Exception):
    """What the user asked for cannot be done; the message says why and what to do instead."""


class LayerError(Exception):
    """A layer's own files are wrong or incomplete; the message says which and how."""


@dataclass(frozen=True)
class File:
    """What the text of `derivations/NAME.py` says.

    summary  the first line of its docstring, and `about` what else that says
    source   what stands there after `Source:`, and `family` after `Family:`
    """

    name: str
    members: tuple[str, ...]
    summary: str
    source: str = ""
    family: str = ""
    about: str = ""

    @property
    def layers(self) -> tuple[str, ...]:
        """Full names of the layers in this file."""
        return tuple(f"{self.name}.{m}" for m in self.members) or (self.name,)

    def restricted(self, chosen: Container[str]) -> "File":
        """The file with those members alone that are chosen, by full names."""
        kept = tuple(m for m in self.members if f"{self.name}.{m}" in chosen)
        return replace(self, members=kept)


@dataclass(frozen=True)
class Layer:
    """A layer with both of its sides, ready to be checked."""

    name: str
    summary: str
    source: str
    symbolic: "SymbolicLayer"
    forward: Callable[..., Any]
    backward: Callable[..., Any]

    @property
    def numeric_file(self) -> str:
        return f"numeric/{self.name.split('.')[0]}.py"


def add_folder(folder: str) -> None:
    """Look for layers in FOLDER/derivations and FOLDER/numeric too."""
    stock = {file.name for file in files()}
    for package, part in ((gradcheck.derivations, "derivations"), (gradcheck.numeric, "numeric")):
        path = Path(folder).resolve() / part
        if not path.is_dir():
            raise UsageError(f"--path {folder}: there is no folder {Path(folder) / part}")
        if str(path) in package.__path__:
            continue
        clash = sorted(stock & {file.stem for file in path.glob("*.py")})
        if clash:
            raise UsageError(
                f"--path {folder}: {clash[0]} is a layer already; call yours otherwise"
            )
        package.__path__.append(str(path))


def files() -> list[File]:
    """All layer files, by name. A file with a symbolic side only is listed too."""
    found = {}
    for folder in gradcheck.derivations.__path__:
        for path in sorted(Path(folder).glob("*.py")):
            if path.is_file() and _is_layer_name(path.stem) and path.stem not in found:
                stat = path.stat()
                found[path.stem] = _read(path, stat.st_mtime_ns, stat.st_size)
    return [found[name] for name in sorted(found)]


def names() -> list[str]:
    """Full names of all layers, such as `linear.rows` and `softmax`."""
    return [layer for file in files() for layer in file.layers]


def by_family(chosen: Iterable[File]) -> dict[str, list[File]]:
    """Files by family, in the order of FAMILIES; then families of a user's own, and "" for none."""
    groups: dict[str, list[File]] = {family: [] for family in FAMILIES}
    for file in chosen:
        groups.setdefault(file.family, []).append(file)
    without = groups.pop("", [])
    return {family: group for family, group in (groups | {"": without}).items() if group}


def select(words: Iterable[str], families: Iterable[str] = ()) -> list[str]:
    """Full names of the layers meant by what a user typed: files, members, or globs.

    families  only layers of these, where any are named
    Raises UsageError for a family that does not exist, and for a word that fits none.
    """
    wanted = [*families]
    known = _in_families(files(), wanted)
    chosen: dict[str, None] = {}
    for word in words:
        fitting = [
            layer for file in known for layer in file.layers if _fits(word, file.name, layer)
        ]
        if not fitting:
            raise UsageError(_unknown(word, known, wanted))
        chosen.update(dict.fromkeys(fitting))
    return list(chosen)


def load(name: str) -> Layer:
    """Import both sides of a layer.

    Raises LayerError if a side is missing, cannot be imported, or lacks what it should define.
    """
    file, _, member = name.partition(".")
    if file in RESERVED:
        raise LayerError(f"the name {file} is reserved: call derivations/{file}.py otherwise")
    symbolic_module = _import(f"gradcheck.derivations.{file}", f"derivations/{file}.py")
    numeric_module = _import(f"gradcheck.numeric.{file}", f"numeric/{file}.py")
    symbolic = _symbolic_side(symbolic_module, member, f"derivations/{file}.py")
    forward, backward = _numeric_side(numeric_module, member, f"numeric/{file}.py")
    summary, source, *_ = _docstring(symbolic_module.__doc__ or "")
    return Layer(name, summary, source, symbolic, forward, backward)


def _import(module: str, file: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name == module:
            raise LayerError(f"{file} is not written yet") from error
        raise LayerError(f"{file} cannot be imported: {error}") from error
    except (Exception, SystemExit) as error:
        raise LayerError(f"{file} cannot be imported: {type(error).__name__}: {error}") from error


def _symbolic_side(module: ModuleType, member: str, file: str) -> "SymbolicLayer":
    from gradcheck.derivations.notation import Layer as SymbolicLayer

    name = f"layers[{member!r}]" if member else "layer"
    found = _named(module, member, "layer", file)
    if not isinstance(found, SymbolicLayer):
        raise LayerError(f"{file}: {name} should be a Layer, and is {type(found).__name__}")
    return found


def _numeric_side(module: ModuleType, member: str, file: str) -> tuple[Any, Any]:
    if not member:
        pair: Any = tuple(_named(module, "", name, file) for name in ("forward", "backward"))
    else:
        pair = _named(module, member, "", file)
    if not (isinstance(pair, tuple) and len(pair) == 2 and all(map(callable, pair))):
        what = f"layers[{member!r}]" if member else "forward and backward"
        raise LayerError(f"{file}: {what} should be two functions, forward and backward")
    return pair


def _named(module: ModuleType, member: str, attribute: str, file: str) -> Any:
    """A member of `layers`, or the attribute of a file that has no members."""
    try:
        return module.layers[member] if member else getattr(module, attribute)
    except (AttributeError, KeyError, TypeError):
        wanted = f"layers[{member!r}]" if member else attribute
        raise LayerError(f"{file} does not define {wanted}") from None


def _is_layer_name(stem: str) -> bool:
    """Not __init__, nor what editors leave behind, such as `.#linear.py`."""
    return stem.isidentifier() and not stem.startswith("_")


@cache
def _read(path: Path, changed: int, size: int) -> File:
    """What the text of a file says, read once for each state of it."""
    try:
        with tokenize.open(path) as file:  # in the encoding that Python would read it in
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError) as error:  # ValueError: not UTF-8, null bytes
        return File(path.stem, (), f"(the file cannot be read: {type(error).__name__})")
    members: list[str] = []
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="layers")], value=ast.Dict(keys=keys)):
                constants = [key.value for key in keys if isinstance(key, ast.Constant)]
                members = [name for name in constants if isinstance(name, str)]
    return File(path.stem, tuple(members), *_docstring(ast.get_docstring(tree) or ""))


def _docstring(text: str) -> tuple[str, str, str, str]:
    """The first line, what follows `Source:` and `Family:`, and the rest."""
    summary, _, rest = text.strip().partition("\n")
    source = re.search(r"^Source:(.*?)(\n\n|\nFamily:|\Z)", rest, re.S | re.M)
    family = re.search(r"^Family:(.*?)\.?$", rest, re.M)
    for found in (source, family):
        rest = rest.replace(found[0], "\n\n") if found else rest
    paragraphs = [p.strip() for p in rest.split("\n\n") if p.strip()]
    return summary, _words(source), _words(family), "\n\n".join(paragraphs)


def _words(found: re.Match[str] | None) -> str:
    return " ".join(found[1].split()) if found else ""


def _in_families(known: list[File], families: list[str]) -> list[File]:
    there = [*by_family(known)]
    for family in families:
        if family not in (*FAMILIES, *there):
            near = difflib.get_close_matches(family, filter(None, there), n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            listed = ", ".join(filter(None, there))
            raise UsageError(f"no family '{family}'; {hint}the families are {listed}")
    return [file for file in known if not families or file.family in families]


def _fits(word: str, file: str, layer: str) -> bool:
    spellings = (file, layer, layer.partition(".")[2] or file)
    return any(fnmatch.fnmatchcase(spelling, word) for spelling in spellings)


def _unknown(word: str, known: list[File], families: list[str]) -> str:
    spellings = {w for f in known for layer in f.layers for w in (f.name, layer, *f.members)}
    among = f" in the family {' or '.join(families)}" if families else ""
    if any(c in word for c in "*?["):
        return f"no layer{among} fits '{word}'; gradcheck --list shows them all"
    near = difflib.get_close_matches(word, sorted(spellings), n=1)
    hint = f"did you mean '{near[0]}'?" if near else "gradcheck --list shows them all"
    return f"no layer '{word}'{among}; {hint}"
