"""The command line on people's own code."""

import json
import re
from pathlib import Path

import pytest

from gradcheck.checks.cli import main

HOMEWORK = """
import sys
import numpy as np

def tanh(x):
    print("forward")
    return np.tanh(x)

def tanh_backward(dout, x):
    return dout * (1 - np.tanh(x) ** 2)

def square(x):
    return x**2

def square_backward(dout, x):
    return dout * x

def broken(x):
    return x + 1

def broken_backward(dout, x):
    raise ValueError("not done yet")

def slow(x):
    while len(sys.argv):
        pass

def slow_backward(dout, x):
    return dout

def scale(x, g):
    return x * g

def scale_backward(dout, x, g):
    return dout * g, (dout * x).sum(axis=0)
"""

# arguments behind homework.py, exit code, a pattern in what it prints
CODE = {
    "what is right": ("::tanh", 0, r"ok: 1 gradient of 1 function agrees"),
    "what is wrong": ("::square", 1, r"dx is 1/2 times what it should be"),
    "the first line is a sentence": ("::square -q", 1, r"\Asquare: dx is wrong in .*\[factor\]\n"),
    "where to look": ("::square", 1, r"look at  homework\.py:15, the backward pass"),
    "how to repeat": ("::square --shape x=2,3 --seed 4", 1,
        r"again    gradcheck homework\.py::square --shape x=2,3 --seed 4"),
    "what to read": ("::square", 1, r"help     gradcheck --explain factor"),
    "an exception in the code": ("::broken", 1, r"backward raised ValueError: not done yet"),
    "a shape": ("::scale --shape x=5,2 --shape g=2", 0, r"dx +\(5, 2\)"),
    "shapes in one word": ("::scale --shape x=5,2,g=2", 0, r"dg +\(2,\)"),
    "one gradient": ("::scale --wrt g", 0, r"ok: 1 gradient of 1 function"),
    "a large tolerance": ("::square --rtol 2", 0, r"ok: "),
    "in full": ("::scale --full", 0, r"ok: 2 gradients"),
    "quiet": ("::scale -q", 0, r"\Aok: .*\n\Z"),
    "where the backward pass is": ("::scale -v", 0, r"place +homework\.py:\d+"),
    "a layer beside it": ("::tanh softmax", 0, r"(?s)ok: 1 gradient of 1 layer.*of 1 function"),
    "the forward pass is another": ("::tanh --as softmax", 1, r"forward differs from softmax"),
}  # fmt: skip


@pytest.fixture
def homework(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "homework.py").write_text(HOMEWORK, encoding="utf-8")


@pytest.mark.parametrize(("call", "status", "pattern"), CODE.values(), ids=CODE)
def test_code_is_checked(call, status, pattern, homework, capsys):
    assert main(f"homework.py{call}".split()) == status
    assert re.search(pattern, capsys.readouterr().out)


def test_code_without_an_end_is_stopped(homework, capsys):
    assert main(["homework.py::slow", "--shape", "x=2", "--time-limit", "0.5"]) == 2
    assert "loading and trying the code was stopped after 0.5 s" in capsys.readouterr().err


DENSE = """
import numpy as np

def tanh(x):
    return np.tanh(x)

def tanh_backward(dout, x):
    return dout * (1 - np.tanh(x) ** 2)

class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.ones((n_in, n_out))

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T
"""


def test_what_is_left_out_of_a_file_is_named_with_the_reason(homework, capsys):
    Path("dense.py").write_text(DENSE, encoding="utf-8")
    assert main(["dense.py"]) == 0
    out = capsys.readouterr().out
    assert "skipped  Dense needs constructor arguments" in out
    assert out.rstrip().endswith("agrees with differences (seed 0); not checked: Dense")


def test_quiet_names_what_is_left_out_in_its_one_line(homework, capsys):
    Path("dense.py").write_text(DENSE, encoding="utf-8")
    main(["dense.py", "-q"])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith("not checked: Dense")


def test_what_the_code_prints_does_not_mix_with_the_report(homework, capsys):
    assert main(["homework.py::tanh", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["functions"][0]["name"] == "tanh"
    assert "forward" in printed.err


def test_json_of_code_is_the_same_every_time(homework, capsys):
    main(["homework.py::square", "softmax", "--json"])
    first = capsys.readouterr().out
    main(["homework.py::square", "softmax", "--json"])
    assert capsys.readouterr().out == first
    content = json.loads(first)
    assert [each["name"] for each in (*content["layers"], *content["functions"])] == [
        "softmax",
        "square",
    ]


def test_the_command_that_a_report_names_repeats_the_failure(homework, capsys):
    main(["homework.py::square", "--shape", "x=2,3", "--seed", "4"])
    first = capsys.readouterr().out
    (again,) = re.findall(r"again    gradcheck (.*)", first)
    assert main(again.split()) == 1
    assert worst_of(capsys.readouterr().out) == worst_of(first)


def worst_of(report):
    return re.findall(r"worst .*", report)
