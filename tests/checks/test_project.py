"""`[tool.gradcheck]`: what a project asks for, and every way to ask wrongly."""

import pytest
from layers.tables import row

from gradcheck.checks.cli import main
from gradcheck.checks.project import find

NET = """
import numpy as np
class Scale:
    def __init__(self, size=3):
        self.W = np.ones(size)
    def forward(self, x):
        self.x = x
        return x * self.W
    def backward(self, dout):
        self.dW = (dout * self.x).mean(axis=0)
        return dout * self.W
def tanh(x):
    return np.tanh(x)
def tanh_backward(dout, x):
    return dout * (1 - np.tanh(x) ** 2)
"""
TABLE = """
[tool.gradcheck]
targets = ["src/net.py::Scale(4)", "src/net.py::tanh", "softmax"]
seeds = 2
[tool.gradcheck.shapes]
"src/net.py::Scale(4)" = "x=5,4"
"""
IGNORE = """
[[tool.gradcheck.ignore]]
layer = "src/net.py::Scale*"
input = "W"
reason = "to be mended"
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a project in it, in which one stands; writes its pyproject.toml."""
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "src" / "net.py").write_text(NET)
    monkeypatch.chdir(tmp_path)
    return lambda text: (tmp_path / "pyproject.toml").write_text(text)


def test_targets_are_checked_when_nothing_is_named(project, capsys):
    project(TABLE)
    assert main([]) == 1
    out = capsys.readouterr().out
    assert "src/net.py::Scale(4): dW is wrong in 4 of 4 entries" in out
    assert "again  gradcheck 'src/net.py::Scale(4)' --shape x=5,4 --seed 0" in out
    assert "4 gradients of 3 layers checked, 1 with mistakes (seeds 0 to 1)" in out


@pytest.mark.parametrize("folder", ["src", "src/deep"])
def test_targets_are_found_from_the_folder_of_the_project(folder, project, monkeypatch, capsys):
    project(TABLE + IGNORE)
    main(["-o", "here.txt", "--save-baseline", "known.json", "--resume", "log.jsonl"])
    first = capsys.readouterr().out
    monkeypatch.chdir(folder)
    assert main(["-o", "there.txt", "--baseline", "../" * folder.count("/") + "../known.json"]) == 0
    assert capsys.readouterr().out == first


def test_what_is_ignored_is_said_with_the_reason(project, capsys):
    project(TABLE + IGNORE)
    assert main([]) == 0
    said = capsys.readouterr()
    assert "3 gradients of 3 layers checked, all right" in said.out
    assert "ignored: src/net.py::Scale(4), dW disagrees: to be mended" in said.err


def test_what_need_not_be_ignored_any_more_is_said(project, capsys):
    project(TABLE + IGNORE.replace("Scale", "tanh"))
    assert main([]) == 1
    assert (
        "nothing to ignore any more: src/net.py::tanh* W (to be mended)" in capsys.readouterr().err
    )


def test_a_baseline_of_the_project_is_compared(project, capsys):
    project(TABLE + IGNORE)
    assert main(["--save-baseline", "known.json"]) == 0
    table = TABLE.replace("seeds", 'baseline = "known.json"\nseeds')
    project(table + IGNORE)
    assert main([]) == 0
    project(table.replace(', "softmax"', "") + IGNORE)
    assert main([]) == 1
    assert "worse than the baseline: softmax: it is gone" in capsys.readouterr().err


def test_what_is_named_goes_before_the_project(project, capsys):
    project(TABLE)
    assert main(["softmax"]) == 0


def test_a_project_without_the_table_is_none(project, capsys):
    project("[project]\nname = 'x'\n")
    assert main([]) == 2
    assert "which layer?" in capsys.readouterr().err


def test_the_nearest_pyproject_counts(project, tmp_path):
    project(TABLE)
    assert find(tmp_path / "src" / "deep").folder == tmp_path
    (tmp_path / "src" / "pyproject.toml").write_text("[project]\n")
    assert find(tmp_path / "src" / "deep") is None


WRONG = [
    row("no TOML", "[tool", "pyproject.toml cannot be read: "),
    row("an unknown key", 'target = ["softmax"]', "has no target; it has targets"),
    row("targets that are no list", 'targets = "softmax"', "targets should be a list"),
    row("a target that is no string", "targets = [3]", "3 should be a string"),
    row("seeds that are no number", 'seeds = "3"', "seeds should be a whole number"),
    row("a truth for a number", "seeds = true", "seeds should be a whole number"),
    row("no seed at all", "seeds = 0", "seeds should be 1 or greater"),
    row("shapes of what is no target", 'targets = ["a.py"]\nshapes = {"b.py" = "x=3"}',
        "b.py is not among the targets"),
    row("a shape that is none",
        'targets = ["src/net.py::tanh"]\nshapes = {"src/net.py::tanh" = "x"}',
        "--shape x: write a name and sizes"),
    row("to ignore without a reason", 'ignore = [{layer = "softmax"}]',
        "needs a layer and a reason"),
    row("to ignore with more", 'ignore = [{layer = "a", reason = "b", until = "c"}]',
        "has no until"),
    row("a target that is not there", 'targets = ["nothing.py"]', "nothing.py"),
    row("a layer that is not there", 'targets = ["sofmax"]', "did you mean 'softmax'"),
    row("a baseline that is not there", 'targets = ["softmax"]\nbaseline = "no.json"',
        "baseline no.json: cannot be read"),
    row("a folder that is not there", 'targets = ["softmax"]\npath = "no"',
        "--path no: there is no folder"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_wrong_table_is_one_sentence(text, message, project, capsys):
    project(text if text.startswith("[") else f"[tool.gradcheck]\n{text}\n")
    assert main([]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("gradcheck: ")
    assert message in line
