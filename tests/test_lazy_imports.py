"""Asking for help is quick: it loads neither NumPy nor SymPy, which take a second or more."""

import json
import sys

import pytest
from commands import run
from source import ROOT

import gradcheck

# Run in the root, where the folder `checks` is importable even if gradcheck is not yet.
PROBE = """
import importlib, json, sys
importlib.import_module("checks._devpath").install()

def command(*words):
    from gradcheck.checks.cli import main
    try:
        return main(list(words))
    except SystemExit as stop:
        return stop.code

status = {action}
print(json.dumps([status, sorted({{"numpy", "sympy"}} & set(sys.modules))]))
"""

LIGHT = [
    pytest.param("importlib.import_module('gradcheck') and 0", 0, id="importing gradcheck"),
    pytest.param("importlib.import_module('gradcheck.checks.plugin') and 0", 0, id="the plugin"),
    pytest.param("command('--help')", 0, id="gradcheck --help"),
    pytest.param("command('--list')", 0, id="gradcheck --list"),
    pytest.param("command('derive', '--help')", 0, id="gradcheck derive --help"),
    pytest.param("command('--explain', 'factor')", 0, id="gradcheck --explain"),
    pytest.param("command('--no-such-option')", 2, id="an option that does not exist"),
    pytest.param("command('no_such_layer')", 2, id="a layer that does not exist"),
]
HEAVY = [
    pytest.param("importlib.import_module('numpy') and 0", ["numpy"], id="NumPy"),
    pytest.param("importlib.import_module('sympy') and 0", ["sympy"], id="SymPy"),
]


@pytest.mark.parametrize(("action", "status"), LIGHT)
def test_loads_neither_numpy_nor_sympy(action, status):
    assert probe(action) == [status, []]


@pytest.mark.parametrize(("action", "loaded"), HEAVY)
def test_the_probe_notices(action, loaded):
    assert probe(action) == [0, loaded]


@pytest.mark.parametrize("name", gradcheck.__all__)
def test_a_name_that_gradcheck_offers_arrives_when_it_is_used(name):
    assert getattr(gradcheck, name)


def test_a_name_that_gradcheck_does_not_offer_is_an_ordinary_error():
    misspelt = "chekc"
    with pytest.raises(AttributeError, match="module 'gradcheck' has no attribute 'chekc'"):
        getattr(gradcheck, misspelt)


def test_the_check_of_code_does_without_sympy(tmp_path):
    source = "def cube(x):\n    return x**3\n\ndef cube_prime(x):\n    return 3 * x**2\n"
    file = tmp_path / "cube.py"
    file.write_text(source, encoding="utf-8")
    assert probe(f"command({str(file)!r}, '-q')") == [0, ["numpy"]]


def probe(action: str) -> list[object]:
    """[exit status, which of the heavy libraries are loaded] after an action in a new Python."""
    output = run(sys.executable, "-c", PROBE.format(action=action), cwd=ROOT)
    return json.loads(output.splitlines()[-1])
