"""From a target to an object, whatever the file does when it is imported."""

import builtins
import contextlib
import os
import sys
import textwrap
import time

import pytest
from layers.tables import row

from gradcheck.checks.adapters.load import load, parse
from gradcheck.checks.adapters.timing import time_limit
from gradcheck.checks.arguments import is_code
from gradcheck.checks.layers import UsageError

WORDS = [  # a word of the command line, whether it names code
    row("a layer of ours", "linear", False),
    row("a layout of ours", "linear.rows", False),
    row("a pattern", "rnn*", False),
    row("a file", "layers.py", True),
    row("a file in a folder", "../my code/layers.py", True),
    row("a name in a file", "layers.py::Linear", True),
    row("a file without an ending", "layers::Linear", True),
    row("a module", "package.module:Linear", True),
    row("a notebook", "homework.ipynb", True),
]


@pytest.mark.parametrize(("word", "names_code"), WORDS)
def test_targets_are_told_from_layers(word, names_code):
    assert is_code(word) == names_code


PARSED = [  # a target, where, name, arguments, keywords
    row("a file", "a/b.py", "a/b.py", "", (), {}),
    row("a name", "a/b.py::Linear", "a/b.py", "Linear", (), {}),
    row("arguments", "b.py::Linear(3, 4)", "b.py", "Linear", (3, 4), {}),
    row("keywords", "b.py::L(3, bias=True)", "b.py", "L", (3,), {"bias": True}),
    row("no arguments", "b.py::L()", "b.py", "L", (), {}),
    row("negative and nested", "b.py::L(-1, (2, 2), {'p': [0.5]})", "b.py", "L",
        (-1, (2, 2), {"p": [0.5]}), {}),
    row("words", "b.py::L('same', None)", "b.py", "L", ("same", None), {}),
    row("a method", "b.py::Layers.relu", "b.py", "Layers.relu", (), {}),
    row("a module", "p.m:Linear(3)", "p.m", "Linear", (3,), {}),
    row("a name of another alphabet", "b.py::σ", "b.py", "σ", (), {}),
]  # fmt: skip


@pytest.mark.parametrize(("word", "where", "name", "arguments", "keywords"), PARSED)
def test_targets_are_parsed(word, where, name, arguments, keywords):
    target = parse(word)
    assert (target.where, target.name) == (where, name)
    assert (target.arguments, dict(target.keywords)) == (arguments, keywords)


REFUSED = [
    row("code for an argument", "b.py::L(np.zeros(3))", "no plain value"),
    row("a call for an argument", "b.py::L(open('x'))", "no plain value"),
    row("a call of a call", "b.py::f(3)(4)", "is no name"),
    row("an expression", "b.py::a + b", "is no name"),
    row("no Python", "b.py::3+", "is no name"),
    row("keywords from a dictionary", "b.py::L(**{'a': 1})", "one by one"),
    row("no file", "::Linear", "write path/file.py::Name"),
    row("no name", "b.py::", "write path/file.py::Name"),
]


@pytest.mark.parametrize(("word", "message"), REFUSED)
def test_what_is_no_target_is_refused(word, message):
    with pytest.raises(UsageError, match=message):
        parse(word)


def test_a_target_can_be_typed_again():
    assert parse("b.py::L(3, 4)").again == "'b.py::L(3, 4)'"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Writes files; afterwards Python is as it was."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)

    def write(**sources):
        for name, source in sources.items():
            path = tmp_path / (name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(source))

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


LOADED = [  # the file, the value of its `here`, part of a note
    row("nothing special", "here = 1", 1, ""),
    row("a neighbour", "from neighbour import VALUE as here", 7, ""),
    row("a demo", "here = 2\nprint('training')\nprint('done')", 2, "printed 2 lines"),
    row("an exit", "import sys\nhere = 3\nsys.exit()\nhere = 4", 3, "sys.exit() in line 3"),
    row("a question", "here = 3\nn = int(input('n? '))\nhere = 4", 3, "input() in line 2"),
    row("a question that is caught",
        "here = 3\ntry:\n    input()\nexcept Exception:\n    here = 4", 3, "input() in line 3"),
    row("the command line", "import sys\nhere = len(sys.argv)", 1, ""),
    row("an argument parser",
        "import argparse\nhere = argparse.ArgumentParser().parse_args().__dict__", {}, ""),
    row("a main block", "here = 1\nif __name__ == '__main__':\n    here = 2", 1, ""),
    row("a warning", "import warnings\nwarnings.warn('old')\nhere = 1", 1, ""),
    row("another folder", "import os\nos.chdir('/')\nhere = 1", 1, ""),
    row("strict floating point", "import numpy as np\nnp.seterr(all='raise')\nhere = 1", 1, ""),
    row("a dataclass", "from dataclasses import dataclass\n@dataclass\nclass A:\n    b: int\n"
        "here = A(3).b", 3, ""),
    row("a plot without a screen",
        "import os\nhere = os.environ['MPLBACKEND']", "Agg", ""),
]  # fmt: skip


@pytest.mark.parametrize(("source", "value", "note"), LOADED)
def test_files_are_imported_whatever_they_do(files, source, value, note):
    files(theirs=source, neighbour="VALUE = 7")
    before = [*sys.argv], os.getcwd(), builtins.input
    loaded = load("theirs.py::here")
    assert loaded.thing == value
    assert note in " ".join(loaded.notes)
    assert ([*sys.argv], os.getcwd(), builtins.input) == before


FAILING = [
    row("no such name", "class Linear: pass", "Liner", "has no Liner; did you mean Linear?"),
    row("another case", "class Linear: pass", "linear", "did you mean Linear?"),
    row("a syntax error", "x = 1\ndef f(:\n", "f", "line 2: invalid syntax: def f"),
    row("Python 2", "print 'x'", "f", "line 1: Missing parentheses"),
    row("a missing module", "\nimport nowhere_installed", "f", "line 2: needs the module nowhere"),
    row("an error", "def g():\n    return 1 / 0\ng()", "f", "line 2: importing it raised ZeroDiv"),
    row("a missing data file", "open('data.npz')", "f", "line 1: importing it raised FileNot"),
    row("a name after the exit", "exit()\nclass Linear: pass", "Linear", "called sys.exit"),
]


@pytest.mark.parametrize(("source", "name", "message"), FAILING)
def test_what_fails_is_said_in_a_sentence(files, source, name, message):
    files(theirs=source)
    with pytest.raises(UsageError) as error:
        load(f"theirs.py::{name}")
    assert message in str(error.value)
    assert "Traceback" not in str(error.value)


def test_nothing_is_left_of_an_import_that_failed(files):
    files(theirs="import neighbour\n1 / 0", neighbour="")
    before, path = set(sys.modules), [*sys.path]
    with pytest.raises(UsageError):
        load("theirs.py::f")
    assert set(sys.modules) == before
    assert sys.path == path


NOT_THERE = [
    row("no file", "thiers.py::f", "no such file; did you mean theirs.py?"),
    row("a folder", "folder.py/sub::f", "no such file"),
    row("the working folder", ".::f", "is a folder"),
    row("a notebook", "a.ipynb", "nbconvert"),
    row("no module", "nowhere_installed:f", "there is no module nowhere_installed"),
    row("no module in a package", "os.nowhere:f", "no module"),
]


@pytest.mark.parametrize(("word", "message"), NOT_THERE)
def test_what_is_not_there(files, word, message):
    files(theirs="f = 1")
    with pytest.raises(UsageError) as error:
        load(word)
    assert message in str(error.value)


def test_relative_imports_find_their_package(files, tmp_path):
    files(pkg__inner__layers="from ..base import VALUE as here", pkg__base="VALUE = 5")
    for folder in ("pkg", "pkg/inner"):
        (tmp_path / folder / "__init__.py").touch()
    assert load("pkg/inner/layers.py::here").thing == 5


def test_two_neighbours_of_one_name(files):
    """Each file has its own `utils`."""
    files(one__layers="from utils import here", one__utils="here = 1")
    files(two__layers="from utils import here", two__utils="here = 2")
    assert [load(f"{folder}/layers.py::here").thing for folder in ("one", "two")] == [1, 2]


def test_a_folder_above_is_found(files):
    files(book__common__config="here = 8", book__ch05__layers="from common.config import here")
    assert load("book/ch05/layers.py::here").thing == 8


def test_imports_inside_functions_work_later(files):
    files(theirs="def here():\n    import late\n    return late.VALUE", late="VALUE = 6")
    assert load("theirs.py::here").thing() == 6


def test_a_module_by_its_name(files):
    files(package__module="class A:\n    class B: pass")
    assert load("package.module:A.B").thing.__name__ == "B"


def test_a_module_of_the_same_name_as_one_of_python(files):
    files(random="here = 4")
    assert load("random.py::here").thing == 4


def endless():
    """A loop that nobody ends."""
    number = 0
    while number >= 0:
        number += 1


SLOW = [  # code that does not end by itself
    row("a loop", endless),
    row("waiting", lambda: time.sleep(20)),
]


@pytest.mark.parametrize("run", SLOW)
def test_the_time_is_limited(run):
    started = time.monotonic()
    with pytest.raises(UsageError, match="the demo was stopped"), time_limit(0.1, "the demo"):
        run()
    assert time.monotonic() - started < 5


def stubborn():
    """Swallows every exception for a second."""
    end = time.monotonic() + 1.2
    while time.monotonic() < end:
        with contextlib.suppress(BaseException):  # as people write `except:`
            time.sleep(0.02)
    time.sleep(20)


def test_an_interruption_that_is_swallowed_is_repeated():
    started = time.monotonic()
    with pytest.raises(UsageError, match="stopped"), time_limit(0.1):
        stubborn()
    assert time.monotonic() - started < 5


def test_a_limit_inside_a_limit():
    def run():
        with time_limit(5, "the inner one"):
            time.sleep(0.01)
        time.sleep(20)

    with pytest.raises(UsageError, match="the outer one"), time_limit(0.3, "the outer one"):
        run()


def test_within_the_limit_nothing_happens():
    with time_limit(5):
        done = True
    assert done
