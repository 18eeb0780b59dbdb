"""The folder is the registry: two files are a layer, and a broken one is reported, not raised."""

import os
import re
import sys
from pathlib import Path

import pytest
from commands import run as run_command
from layers.tables import row
from source import ROOT

import gradcheck.derivations
import gradcheck.numeric
from gradcheck.checks import layers, run
from gradcheck.checks.layers import UsageError

SIDES = (gradcheck.derivations, gradcheck.numeric)
STOCK = layers.names()

DERIVATION = '''\
"""Doubling: Y = 2 X.

Source: a book,
chapter 2.

And more.
"""

from gradcheck.derivations.notation import Layer, D, axis, chain, define, delta, derivation, grad
from gradcheck.derivations.notation import tensor

n, i = axis("N", "n i")
X, Y = tensor("X", n), tensor("Y", n)
by_X = derivation(
    X[i],
    chain(D(Y[n], X[i]), (2 * delta(n, i), "linearity")),
    chain(grad(X)[i], (2 * grad(Y)[i], "chain rule")),
)
layer = Layer((X,), (define(Y[n], 2 * X[n]),), (by_X,))
'''
NUMERIC = '''\
"""Doubling."""


def forward(X):
    """Y (N,) of X (N,)."""
    return 2 * X


def backward(dY, X):
    """Pull dY (N,) back to dX (N,)."""
    return (2 * dY,)
'''
MEMBERS = DERIVATION + 'layers = {"once": layer, "twice": layer}\n'
PAIRS = NUMERIC + 'layers = {"once": (forward, backward), "twice": (forward, backward)}\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of a user's own layers, which is forgotten after the test."""
    before = {*sys.modules}
    for package in SIDES:
        (tmp_path / package.__name__.rpartition(".")[2]).mkdir()
        monkeypatch.setattr(package, "__path__", [*package.__path__])
    layers.add_folder(str(tmp_path))
    yield tmp_path
    for name in {*sys.modules} - before:
        package, _, module = name.rpartition(".")
        if sys.modules.get(package) in SIDES:
            del sys.modules[name]
            vars(sys.modules[package]).pop(module, None)


def write(folder: Path, derivation=DERIVATION, numeric=NUMERIC, name="doubling"):
    """Write both sides of a layer; a side may be left out, or be bytes."""
    for side, text in (("derivations", derivation), ("numeric", numeric)):
        if text is not None:
            content = text if isinstance(text, bytes) else text.encode()
            (folder / side / f"{name}.py").write_bytes(content)


def test_every_name_is_a_file_or_a_member_of_one():
    assert [name for file in layers.files() for name in file.layers] == STOCK
    assert [file.name for file in layers.files()] == sorted({n.partition(".")[0] for n in STOCK})


def test_no_layer_has_the_name_of_a_subcommand():
    assert layers.RESERVED.isdisjoint(file.name for file in layers.files())


@pytest.mark.parametrize("file", layers.files(), ids=lambda file: file.name)
def test_every_layer_of_ours_is_in_a_family_of_the_list(file):
    assert file.family in layers.FAMILIES, "write a line `Family: losses.` into its docstring"


def test_no_family_is_empty():
    assert [*layers.by_family(layers.files())] == [*layers.FAMILIES]


# What a docstring says, and what is understood: summary, source and family.
DOCSTRINGS = [
    row("all three", "A.\n\nFamily: losses.\nSource: b,\nc.\n", ("A.", "b, c.", "losses")),
    row("the family last", "A.\n\nSource: b,\nc.\nFamily: x\n", ("A.", "b, c.", "x")),
    row("neither", "A.\n\nOf the Family: none.\n", ("A.", "", "")),
    row("more text", "A.\n\nSource: b.\n\nFamily: x.\n\nMore.\n", ("A.", "b.", "x")),
]


@pytest.mark.parametrize(("docstring", "said"), DOCSTRINGS)
def test_what_a_docstring_says(folder, docstring, said):
    write(folder, f'"""{docstring}"""\n')
    (file,) = (file for file in layers.files() if file.name == "doubling")
    assert (file.summary, file.source, file.family) == said


def test_words_and_families_are_both_asked_for():
    recurrent, losses = (layers.select(["*"], [f]) for f in ("recurrent", "losses"))
    assert {*layers.select(["*"], ["losses", "recurrent"])} == {*recurrent, *losses}
    assert layers.select(["*_loss", "mse*"], ["losses"]) == layers.select(["*_loss"], ["losses"])


def test_families_of_a_user_come_last(folder):
    write(folder, name="mine", derivation=DERIVATION.replace("Source", "Family: mine.\nSource"))
    write(folder)
    assert [*layers.by_family(layers.files())] == [*layers.FAMILIES, "mine", ""]
    assert layers.select(["*"], ["mine"]) == ["mine"]


def test_every_layer_can_be_loaded_and_knows_its_file():
    for file in layers.files():
        for name in file.layers:
            layer = layers.load(name)
            assert (layer.name, layer.summary, layer.source) == (name, file.summary, file.source)
            assert (ROOT / layer.numeric_file).is_file()


def test_listing_imports_neither_a_layer_nor_what_layers_need():
    probe = (
        "import importlib, sys; importlib.import_module('checks._devpath').install();"
        "from gradcheck.checks import layers;"
        "print(*[file.summary for file in layers.files()], sep='\\t');"
        "layers.select(['linear', 'soft*']);"
        "print(*sys.modules, sep='|')"
    )
    summaries, modules = run_command(sys.executable, "-c", probe, cwd=ROOT).splitlines()
    assert summaries.split("\t") == [file.summary for file in layers.files()]
    imported = {name for name in modules.split("|") if name.count(".") > 1}
    assert not {n for n in imported if n.startswith(("gradcheck.derivations", "gradcheck.numeric"))}
    assert {"sympy", "numpy"}.isdisjoint(modules.split("|"))


# What a user types, and which layers are meant.
WORDS = [
    row("a file with one layer", ["softmax"], ["softmax"]),
    row("a file with members", ["activation"], [n for n in STOCK if n.startswith("activation.")]),
    row("a full name", ["linear.rows"], ["linear.rows"]),
    row("a member alone", ["columns"], ["gather.columns", "linear.columns"]),
    row("a glob of files", ["rnn*"], ["rnn", "rnn_cell"]),
    row("a glob of members", ["linear.rows*"], ["linear.rows", "linear.rows_in_out"]),
    row("a glob of letters", ["softma[xyz]"], ["softmax"]),
    row("everything", ["*"], STOCK),
    row("two words, in their order", ["softmax", "bilinear"], ["softmax", "bilinear"]),
    row("nothing twice", ["rnn", "softmax", "rnn*"], ["rnn", "softmax", "rnn_cell"]),
    row("no words", [], []),
]


@pytest.mark.parametrize(("words", "meant"), WORDS)
def test_what_a_user_types(words, meant):
    assert layers.select(words) == meant


# What a user types that is no layer, and what is said.
UNKNOWN = [
    row("a slip in a file", "sofmax", "no layer 'sofmax'; did you mean 'softmax'?"),
    row("a slip in a name", "linear.row", "no layer 'linear.row'; did you mean 'linear.rows'?"),
    row("a slip in a member", "colums", "no layer 'colums'; did you mean 'columns'?"),
    row("nothing like it", "zzz", "no layer 'zzz'; gradcheck --list shows them all"),
    row("a glob of nothing", "zz*", "no layer fits 'zz*'; gradcheck --list shows them all"),
    row("an empty word", "", "no layer ''; gradcheck --list shows them all"),
    row("a member of another file", "softmax.rows", "no layer 'softmax.rows'; did you mean"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "says"), UNKNOWN)
def test_a_layer_that_does_not_exist(word, says):
    with pytest.raises(UsageError) as error:
        layers.select(["softmax", word])
    assert str(error.value).startswith(says)


def test_two_files_are_a_layer(folder):
    write(folder)
    assert layers.names() == sorted([*STOCK, "doubling"], key=lambda name: name.partition(".")[0])
    (report,) = run.check("doubling").layers
    assert (report.ok, report.error) == (True, "")
    assert (report.summary, report.source) == ("Doubling: Y = 2 X.", "a book, chapter 2.")
    assert len(report.steps) == 2
    assert {f.input for f in report.findings} == {"", "X"}


def test_a_wrong_layer_of_a_user_is_caught(folder):
    write(folder, numeric=NUMERIC.replace("(2 * dY,)", "(dY,)"))
    findings = run.check("doubling").findings
    assert {(f.input, f.odd) for f in findings if not f.ok} == {("X", "analytic")}


def test_members_are_layers(folder):
    write(folder, MEMBERS, PAIRS)
    assert layers.select(["doubling"]) == ["doubling.once", "doubling.twice"]
    assert run.check("twice").ok


def test_deleting_two_files_deletes_a_layer(folder):
    write(folder)
    assert "doubling" in layers.names()
    for path in folder.glob("*/doubling.py"):
        path.unlink()
    assert layers.names() == STOCK
    with pytest.raises(UsageError, match="no layer 'doubling'"):
        layers.select(["doubling"])


def test_a_folder_is_looked_at_once(folder):
    layers.add_folder(str(folder))
    write(folder)
    assert layers.names().count("doubling") == 1
    assert [*map(str, folder.glob("*"))].count(str(folder / "numeric")) == 1
    assert gradcheck.numeric.__path__.count(str(folder / "numeric")) == 1


def test_what_is_no_layer_is_not_listed(folder):
    for name in ("__init__.py", "notes.txt", "doubling.pyc"):
        (folder / "derivations" / name).write_text("")
    (folder / "derivations" / "machinery").mkdir()
    assert layers.names() == STOCK


# What is missing in a folder of a user's own, and what is said.
FOLDERS = [
    row("both sides", [], "derivations"),
    row("the NumPy side", ["derivations"], "numeric"),
    row("the symbolic side", ["numeric"], "derivations"),
]


@pytest.mark.parametrize(("there", "missing"), FOLDERS)
def test_a_folder_must_have_both_sides(tmp_path, monkeypatch, there, missing):
    for package in SIDES:
        monkeypatch.setattr(package, "__path__", [*package.__path__])
    for name in there:
        (tmp_path / name).mkdir()
    with pytest.raises(UsageError) as error:
        layers.add_folder(str(tmp_path))
    assert str(error.value) == f"--path {tmp_path}: there is no folder {tmp_path / missing}"


LATIN = DERIVATION.replace("a book", "café").encode("latin-1")
ONE_SIDE = DERIVATION.replace("layer = ", "layers = {}\none = ")

# What is wrong with a file, its two sides (None: not there), and what the report says.
BROKEN = [
    row("no NumPy side", DERIVATION, None, "numeric/doubling.py is not written yet"),
    row("wrong syntax in NumPy", DERIVATION, "def forward(:", "numeric/doubling.py cannot be"),
    row("wrong syntax in SymPy", "def (", NUMERIC, "derivations/doubling.py cannot be"),
    row("a module that is not installed", "import zzz", NUMERIC, "No module named 'zzz'"),
    row("an exception", "raise OSError('no disk')", NUMERIC, "OSError: no disk"),
    row("an empty file", "", NUMERIC, "derivations/doubling.py does not define layer"),
    row("no backward", DERIVATION, "def forward(X): ...", "does not define backward"),
    row("no forward", DERIVATION, "def backward(X): ...", "does not define forward"),
    row("an unknown reason", DERIVATION.replace("ity", ""), NUMERIC, "no reason 'linear'"),
    row("a zero byte", DERIVATION + "\0", NUMERIC, "derivations/doubling.py cannot be imported"),
    row("a missing member", MEMBERS, NUMERIC, "numeric/doubling.py does not define layers['once']"),
    row("layers that are computed", ONE_SIDE, NUMERIC, "derivations/doubling.py does not define"),
    row("a layer that is none", "layer = 3", NUMERIC, "derivations/doubling.py"),
    row("a member that is no pair", MEMBERS, NUMERIC + "layers = {'once': 1, 'twice': 2}",
        "numeric/doubling.py"),
    row("a program that ends itself", "raise SystemExit(3)", NUMERIC, "derivations/doubling.py"),
    row("not UTF-8", LATIN, NUMERIC, "derivations/"),
]  # fmt: skip


@pytest.mark.parametrize(("derivation", "numeric", "says"), BROKEN)
def test_a_broken_file_is_reported(folder, derivation, numeric, says):
    write(folder, derivation, numeric)
    reports = run.check("doubling", "softmax").layers
    assert not reports[0].ok
    assert says in reports[0].error
    assert (reports[-1].name, reports[-1].ok) == ("softmax", True)


# What stands in a folder beside the layers, and how it comes there.
STRAY = [
    row("a hidden file", lambda at: (at / ".hidden.py").write_text("")),
    row("a folder", lambda at: (at / "layer.py").mkdir()),
]


@pytest.mark.parametrize("put", STRAY)
def test_what_cannot_be_a_layer_is_passed_over(folder, put):
    put(folder / "derivations")
    assert layers.names() == STOCK


@pytest.mark.skipif(os.name == "nt", reason="a link needs special rights on Windows")
def test_the_lock_file_of_an_editor_is_passed_over(folder):
    (folder / "derivations" / ".#doubling.py").symlink_to("user@host.1234")
    assert layers.names() == STOCK


def test_two_files_make_a_layer_appear_in_the_command_line_and_in_the_tests(folder):
    write(folder, DERIVATION, NUMERIC)
    python, environment = sys.executable, {"GRADCHECK_PATH": str(folder)}
    listed = run_command(python, "-m", "checks", "--list", cwd=ROOT, **environment)
    assert re.search(r"^other\n  doubling +Doubling: Y = 2 X\.$", listed, re.M)
    checked = run_command(python, "-m", "checks", "doubling", "-q", cwd=ROOT, **environment)
    assert checked.startswith("ok: 1 gradient of 1 layer")
    laws = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/layers/test_laws.py"]
    tested = run_command(*laws, "-k", "doubling", cwd=ROOT, **environment)
    assert re.search(r"^\d\d+ passed, \d+ deselected", tested, re.M), tested


def test_a_reserved_name_is_refused(folder):
    for side, text in (("derivations", DERIVATION), ("numeric", NUMERIC)):
        (folder / side / "explain.py").write_text(text, encoding="utf-8")
    (report,) = run.check("explain").layers
    assert report.error == "the name explain is reserved: call derivations/explain.py otherwise"


def test_a_folder_may_not_shadow_a_layer(tmp_path):
    for side in ("derivations", "numeric"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "softmax.py").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"softmax is a layer already; call yours otherwise$"):
        layers.add_folder(str(tmp_path))
