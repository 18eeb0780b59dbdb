"""The examples of the documentation: every command in them finds what their text says."""

import importlib.util
import json
import re
import shlex
from pathlib import Path

import pytest

from gradcheck.checks import cli

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "docs" / "examples").glob("*.py"))
COMMAND = re.compile(r"^    gradcheck (docs/examples/.*)$|^    gradcheck (\"docs/examples/.*)$")
WRONG = re.compile(r"(\w+)\s+is\s+wrong\s+\[([a-z-]+)\]")
PACKAGES = {"torch_function.py": "torch", "jax_custom_vjp.py": "jax"}


def text(file):
    return file.read_text().split('"""')[1]


def commands():
    """Every command of every example, skipped where the package that it needs is not installed."""
    for file in FILES:
        needed = PACKAGES.get(file.name, "json")
        absent = importlib.util.find_spec(needed) is None
        marks = pytest.mark.skipif(absent, reason=f"{needed} is not installed")
        for line in text(file).splitlines():
            for match in COMMAND.finditer(line):
                words = shlex.split(match[1] or match[2])
                yield pytest.param(words, file, id=" ".join(words), marks=marks)


@pytest.mark.parametrize(("words", "file"), [*commands()])
def test_a_command_finds_what_the_example_says(words, file, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    wrong = dict(WRONG.findall(text(file)))
    status = cli.main([*words, "--json"])
    functions = json.loads(capsys.readouterr().out)["functions"]
    codes = {f["name"]: {each["code"] for each in f["findings"]} - {None} for f in functions}
    assert codes == {name: {wrong[name]} if name in wrong else set() for name in codes}
    assert {f["name"]: f["ok"] for f in functions} == {name: name not in wrong for name in codes}
    assert status == int(any(name in wrong for name in codes))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_example_has_commands_and_something_wrong_of_each_kind(file):
    named = WRONG.findall(text(file))
    assert any(map(COMMAND.match, text(file).splitlines()))
    assert named
    assert all(name in file.read_text().split('"""', 2)[2] for name, _ in named)


def test_a_guess_goes_with_the_shapes_that_are_given(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    target = "docs/examples/function_pairs.py::affine_forward"
    cli.main([target, "--shape", "x=6,4", "--shape", "w=4,2", "--json"])
    (function,) = json.loads(capsys.readouterr().out)["functions"]
    assert function["inputs"]["b"]["shape"] == [2]
