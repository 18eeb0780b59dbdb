"""The examples of the documentation, by the commands that they name themselves."""

import ast
import json
import re
import shlex

import pytest
from source import ROOT

from gradcheck.checks.cli import main

EXAMPLES = sorted((ROOT / "docs/examples").glob("*.py"))
NEEDS = {"torch_function": "torch", "jax_custom_vjp": "jax"}
WRONG = {  # as each file says of itself
    "activation_and_derivative": {"tanh"},
    "class_attributes": {"WrongLinear"},
    "class_dicts": {"WrongLayerNorm"},
    "class_stepping_weights": {"WrongDense"},
    "ctx_function": {"Gather"},
    "function_pairs": {"wrong_affine"},
    "jax_custom_vjp": {"dense"},
    "losses": {"mae"},
    "nnfs_style": {"WrongSoftmax"},
    "tensor_style": {"WrongLinear"},
    "torch_function": {"AddBias"},
    "with_inputs_hook": {"embedding_mean"},
    "without_cache": {"softmax"},
}


def commands(path):
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    return re.findall(r"^ *gradcheck (.*)$", text, re.M)


CALLS = [pytest.param(p.stem, call, id=call) for p in EXAMPLES for call in commands(p)]


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_an_example_is_what_it_says_it_is(name, call, monkeypatch, capsys):
    pytest.importorskip(NEEDS.get(name, "numpy"))
    monkeypatch.chdir(ROOT)
    main([*shlex.split(call), "--json"])
    functions = json.loads(capsys.readouterr().out)["functions"]
    found = {function["name"]: function["ok"] for function in functions}
    assert found == {each: each not in WRONG[name] for each in found}


def test_every_example_is_called():
    assert {path.stem for path in EXAMPLES} == WRONG.keys()
    assert all(commands(path) for path in EXAMPLES)
