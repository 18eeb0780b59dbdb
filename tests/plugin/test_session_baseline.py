"""The baseline of a test session: what fails though every gradient is right."""

import json

import pytest
from layers.tables import row

BOTH = """
def test_linear(gradcheck):
    gradcheck(Linear(3, 4), x=(5, 3))

def test_softmax(gradcheck):
    gradcheck("softmax")
"""
PROJECT = '[tool.gradcheck]\nbaseline = "gradients.json"\n'
LINEAR, SOFTMAX = "test_layers.py::test_linear Linear", "test_layers.py::test_softmax softmax"


@pytest.fixture
def kept(session, pytester):
    """Where the baseline of a session is, after it was written."""
    pytester.path.joinpath("pyproject.toml").write_text(PROJECT)
    result = session(BOTH, "--gradcheck-update")
    assert "baseline written to gradients.json" in result.outlines
    return pytester.path / "gradients.json"


def test_a_baseline_knows_every_gradient(kept):
    known = json.loads(kept.read_text())
    assert {layer: [*inputs] for layer, inputs in known["tests"].items()} == {
        LINEAR: ["W", "b", "x"],
        SOFTMAX: ["X"],
    }
    assert known["tests"][SOFTMAX]["X"]["proof"] == "PROVED"
    assert known["targets"] == {}


def test_a_session_that_is_as_good_passes(kept, session):
    result = session("")
    assert result.ret == 0
    assert "nothing is worse than the baseline" in result.outlines


# a layer, an input, what the baseline is made to say of it, the complaint
CHANGES = [
    row("a gradient is gone", LINEAR, "c", {"verdict": "agrees", "error": -9}, "dc is gone"),
    row("a proof was more", LINEAR, "W", {"verdict": "agrees", "error": -9, "proof": "PROVED"},
        "the derivation of dW is gone, and it was PROVED"),
    row("an error has grown", LINEAR, "W", {"verdict": "agrees", "error": -15},
        "the error of dW is about 1e-9, and it was 1e-15"),
    row("a test is gone", "test_layers.py::test_gone Linear", "W",
        {"verdict": "agrees", "error": -9}, "it is gone"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "wrt", "entry", "complaint"), CHANGES)
def test_a_session_that_is_worse_fails(layer, wrt, entry, complaint, kept, session):
    content = json.loads(kept.read_text())
    content["tests"].setdefault(layer, {})[wrt] = entry
    kept.write_text(json.dumps(content))
    result = session("")
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert f"worse than the baseline: {layer}: {complaint}" in result.outlines


PARTS = [
    row("one test by its id", "test_layers.py::test_softmax"),
    row("one test by a keyword", "-k softmax"),
    row("another file", "test_other.py"),
    row("another folder", "other"),
]


@pytest.mark.parametrize("words", PARTS)
def test_a_test_that_was_not_asked_for_is_not_gone(words, kept, session, pytester):
    (pytester.path / "other").mkdir()
    for file in ("test_other.py", "other/test_more.py"):
        (pytester.path / file).write_text("def test_it(gradcheck):\n    gradcheck('relu')\n")
    assert session("", *words.split()).ret == 0
    before = json.loads(kept.read_text())["tests"]
    session("", *words.split(), "--gradcheck-update")
    assert before.items() <= json.loads(kept.read_text())["tests"].items()


def test_an_update_forgets_a_test_that_is_gone(kept, session):
    session(BOTH.replace("test_softmax", "test_other"), "--gradcheck-update")
    known = json.loads(kept.read_text())["tests"]
    assert [*known] == [LINEAR, "test_layers.py::test_other softmax"]


def test_several_processes_compare_what_one_compares(kept, session):
    pytest.importorskip("xdist")
    before = kept.read_bytes()
    result = session("", "-n", "2", "--gradcheck-update", subprocess=True)
    assert result.ret == 0
    assert kept.read_bytes() == before


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 1, "targets": {}, "tests": {"a": 3}}'])
def test_what_is_no_baseline_fails_with_a_sentence(content, kept, session):
    kept.write_text(content)
    result = session("")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    (line,) = (line for line in result.outlines if line.startswith("gradcheck: "))
    assert line.endswith("it is no baseline that gradcheck has written")


def test_a_table_that_makes_no_sense_is_said_once(session, pytester):
    pytester.path.joinpath("pyproject.toml").write_text("[tool.gradcheck]\nseeds = 0\n")
    result = session(BOTH)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert len([line for line in result.outlines if "seeds should be 1" in line]) == 1
