"""Baselines: what counts as worse, what does not, and what is no baseline."""

import json
from dataclasses import replace

import pytest
from layers.tables import row

from gradcheck.checks.baseline import TESTS, known, read, save, worse
from gradcheck.checks.cli import main
from gradcheck.checks.layers import UsageError
from gradcheck.checks.report.results import Result

W = Result("linear", "linear", "W", "agrees", "PROVED", 3e-9)
B = replace(W, input="b")
PASSES = replace(W, input="", verdict="disagrees", proof="")

# before, now, complaints
CHANGES = [
    row("nothing", [W, B], [W, B], []),
    row("a gradient is wrong now", [W, B], [W, replace(B, verdict="disagrees")],
        ["linear: db: disagrees, and it was: agrees"]),
    row("a gradient is undecided now", [W], [replace(W, verdict="inconclusive")],
        ["linear: dW: inconclusive, and it was: agrees"]),
    row("undecided to wrong", [replace(W, verdict="inconclusive")],
        [replace(W, verdict="approximate")],
        ["linear: dW: approximate, and it was: inconclusive"]),
    row("wrong to right", [replace(W, verdict="disagrees")], [W], []),
    row("wrong, as before", [replace(W, verdict="disagrees")], [replace(W, verdict="disagrees")],
        []),
    row("a proof is a test now", [W], [replace(W, proof="TESTED")],
        ["linear: the derivation of dW is TESTED, and it was PROVED"]),
    row("a proof is gone", [W], [replace(W, proof="")],
        ["linear: the derivation of dW is gone, and it was PROVED"]),
    row("a test is a proof now", [replace(W, proof="TESTED")], [W], []),
    row("an error a hundred times as large", [W], [replace(W, error=4e-7)],
        ["linear: the error of dW is about 1e-7, and it was 1e-9"]),
    row("an error that crosses a power of ten", [replace(W, error=9.9e-9)],
        [replace(W, error=1.1e-8)], []),
    row("an error among those that come and go", [replace(W, error=1e-16)],
        [replace(W, error=9e-11)], []),
    row("an error from nothing", [replace(W, error=0.0)], [replace(W, error=1e-8)],
        ["linear: the error of dW is about 1e-8, and it was 1e-10"]),
    row("a gradient is gone", [W, B], [W], ["linear: db is gone"]),
    row("a layer is gone", [W, replace(W, key="relu")], [W], ["relu: it is gone"]),
    row("a new layer that is right", [W], [W, replace(W, key="relu")], []),
    row("a new layer that is wrong", [W], [W, replace(W, key="relu", verdict="disagrees")],
        ["relu: dW: disagrees, which is new"]),
    row("a new layer that is left out", [W], [W, replace(PASSES, key="x", verdict="skipped")], []),
    row("a complaint about the passes", [W], [W, PASSES],
        ["linear: the passes: disagrees, which is new"]),
    row("a complaint about the passes is mended", [W, PASSES], [W], []),
    row("the gravest of two rows counts", [W], [W, replace(W, verdict="disagrees"), W],
        ["linear: dW: disagrees, and it was: agrees"]),
    row("the largest of two errors counts", [W], [replace(W, error=1e-5), W],
        ["linear: the error of dW is about 1e-5, and it was 1e-9"]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "now", "complaints"), CHANGES)
def test_what_got_worse_is_said(before, now, complaints, tmp_path):
    save(tmp_path / "known.json", known(before))
    then = read(tmp_path / "known.json")
    assert [str(each) for each in worse(then, known(now))] == complaints


def test_each_writer_leaves_the_part_of_the_other_alone(tmp_path):
    file = tmp_path / "known.json"
    save(file, known([W]))
    save(file, known([B]), TESTS)
    save(file, known([W, replace(W, key="relu")]))
    assert read(file, TESTS) == known([B])
    assert [*read(file)] == ["linear", "relu"]


def test_a_baseline_is_the_same_to_the_byte(tmp_path):
    for name, rows in {"one": [W, B], "two": [replace(B, error=4e-9), W]}.items():
        save(tmp_path / name, known(rows))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


ENTRY = {"verdict": "agrees", "error": -9}
NONE = "it is no baseline that gradcheck has written"
WRONG = [
    row("a file that is empty", "", NONE),
    row("a list", "[]", NONE),
    row("a part is missing", '{"schema": 1, "targets": {}}', NONE),
    row("another verdict", {"a": {"W": {**ENTRY, "verdict": "splendid"}}}, NONE),
    row("another proof", {"a": {"W": {**ENTRY, "proof": "SURE"}}}, NONE),
    row("an error that is no number", {"a": {"W": {**ENTRY, "error": "small"}}}, NONE),
    row("an entry that is none", {"a": {"W": 3}}, NONE),
    row("another schema", '{"schema": 9}', "it has schema 9, not 1; save it again"),
]


@pytest.mark.parametrize(("content", "message"), WRONG)
def test_what_is_no_baseline_is_refused(content, message, tmp_path):
    file = tmp_path / "known.json"
    if isinstance(content, dict):
        content = json.dumps({"schema": 1, "targets": content, "tests": {}})
    file.write_text(content)
    with pytest.raises(UsageError, match=message):
        read(file)


def test_the_command_line_writes_and_compares(tmp_path, capsys):
    file = str(tmp_path / "known.json")
    assert main(["softmax", "relu", "--save-baseline", file]) == 0
    assert main(["softmax", "--baseline", file]) == 0  # relu was not asked for, and is not gone
    assert "nothing is worse than the baseline" in capsys.readouterr().err
    content = json.loads((tmp_path / "known.json").read_text())
    content["targets"]["softmax"]["Z"] = content["targets"]["softmax"]["X"]
    (tmp_path / "known.json").write_text(json.dumps(content))
    assert main(["softmax", "--baseline", file, "-q"]) == 1
    assert "worse than the baseline: softmax: dZ is gone" in capsys.readouterr().err


def test_what_was_wrong_before_does_not_fail(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    wrong = "def cube(x):\n    return x**3\ndef cube_backward(dout, x):\n    return dout * x**2\n"
    (tmp_path / "net.py").write_text(wrong)
    assert main(["net.py", "--save-baseline", "known.json"]) == 1
    assert main(["net.py", "--baseline", "known.json"]) == 0
    (tmp_path / "net.py").write_text(wrong + wrong.replace("cube", "other"))
    assert main(["net.py", "--baseline", "known.json"]) == 1
    assert "net.py::other: dx: disagrees, which is new" in capsys.readouterr().err
