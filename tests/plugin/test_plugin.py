"""The pytest plugin, as a project that uses it sees it."""

import json
import re
from xml.etree import ElementTree

import pytest
from layers.tables import row

RIGHT = "def test_it(gradcheck):\n    gradcheck(Linear(3, 4), x=(5, 3))\n"
WRONG = "def test_it(gradcheck):\n    gradcheck(Averaged(3, 4), x=(5, 3))\n"
DRAWN = "def test_it(gradcheck):\n    assert {} == np.random.rand()\n"
SUITE = (
    "\n\ntest_all = gc.suite(Linear, (Averaged(3, 4), {'x': (5, 3)}), Linear, 'softmax', seed=2)\n"
)

# a test, options, outcomes, what the output has
RUNS = [
    row("an object and a shape", RIGHT, "", {"passed": 1}, r"3 gradients in 1 test: all right"),
    row("a gradient that is wrong", WRONG, "", {"failed": 1}, r"db is wrong in 4 of 4 entries"),
    row("two functions, and an array",
        "def test_it(gradcheck):\n    gradcheck(tanh, tanh_backward, {'x': np.ones(3)})\n",
        "", {"passed": 1}, r"1 gradient in 1 test: all right"),
    row("two functions, and a shape",
        "def test_it(gradcheck):\n    gradcheck(tanh, tanh_backward, x=(2, 3))\n",
        "-v", {"passed": 1}, r"test_it +dx +0 +\S+ +agrees"),
    row("a layer of ours by name",
        "def test_it(gradcheck):\n    gradcheck('softmax', N=4)\n",
        "", {"passed": 1}, r"1 gradient in 1 test"),
    row("a target", "def test_it(gradcheck):\n    gradcheck('mylayers.py::tanh')\n",
        "", {"passed": 1}, r"1 gradient in 1 test"),
    row("a marker gives defaults",
        "@pytest.mark.gradcheck(seed=3, wrt='W')\n" + RIGHT,
        "-v --strict-markers", {"passed": 1}, r"(?s)test_it +dW +3 .*1 gradient in"),
    row("the command line goes before the marker",
        "@pytest.mark.gradcheck(seed=3)\n" + RIGHT,
        "-v --gradcheck-seed 7", {"passed": 1}, r"test_it +dW +7 "),
    row("several seeds, from the first on", RIGHT,
        "-v --gradcheck-seed 5 --gradcheck-seeds 2", {"passed": 1},
        r"(?s)dW +5 .*dW +6 .*3 gradients in 1 test"),
    row("no table if that is asked for", RIGHT, "-q", {"passed": 1}, r"\A(?!.*gradients)"),
    row("nothing is said where nothing was checked",
        "def test_it():\n    pass\n", "", {"passed": 1}, r"(?s)\A(?!.*gradient)"),
    row("a name that is misspelt", "def test_it(gradcheck):\n    gradcheck('sofmax')\n",
        "", {"failed": 1}, r"UsageError: no layer 'sofmax'; did you mean 'softmax'\?"),
    row("an input of a layer of ours",
        "def test_it(gradcheck):\n    gradcheck('softmax', X=(4, 3))\n",
        "", {"failed": 1}, r"UsageError: X=\(4, 3\): of a layer of gradcheck's own"),
    row("a marker with something else than keywords",
        "@pytest.mark.gradcheck(3)\n" + RIGHT, "", {"errors": 1}, r"takes keywords alone"),
    row("unittest",
        "class Test(unittest.TestCase):\n    def test_it(self):\n"
        "        gc.assert_gradients(Averaged(3, 4), inputs={'x': np.ones((5, 3))})\n",
        "", {"failed": 1}, r"gradcheck.GradientMismatch: Averaged: db is wrong"),
    row("a suite has a test for each layer", SUITE,
        "--strict-markers", {"passed": 3, "failed": 1}, r"10 gradients in 4 tests: 1 mistake"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "outcomes", "pattern"), RUNS)
def test_a_run(text, words, outcomes, pattern, session):
    result = session(text, *words.split())
    result.assert_outcomes(**outcomes)
    assert re.search(pattern, result.stdout.str())


REFUSED = [
    row("a seed below zero", "--gradcheck-seed=-1", r"'-1' should be a whole number, 0 or greater"),
    row("no seed at all", "--gradcheck-seeds=0", r"'0' should be a whole number, 1 or greater"),
    row("an update of no baseline", "--gradcheck-update", r"no baseline is named"),
]


@pytest.mark.parametrize(("option", "message"), REFUSED)
def test_wrong_use_is_a_sentence(option, message, session):
    result = session(RIGHT, option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    errors = [line for line in result.stderr.lines if line.startswith("ERROR")]
    assert len(errors) == 1
    assert re.search(message, errors[0])


def test_a_failure_is_the_report_and_nothing_of_ours(session):
    output = session(WRONG).stdout.str()
    failure = output[output.index("= FAILURES =") : output.index("= gradients =")]
    assert re.findall(r"^\S+\.py:\d+: .*", failure, re.M) == ["test_layers.py:7: GradientMismatch"]
    assert "again: pytest test_layers.py::test_it --gradcheck-seed 0" in failure
    assert "look at  mylayers.py:18, the backward pass" in failure
    assert "def __call__" not in failure


def test_what_repeats_a_failure_repeats_it(session):
    again = re.search("again: pytest '?(.*?)'? (--.*)", session(SUITE).stdout.str())
    result = session("", again[1], *again[2].split())
    result.assert_outcomes(failed=1)


def test_a_suite_has_stable_ids_and_stands_where_it_is_called(session):
    result = session(SUITE, "--collect-only", "-q")
    ids = [line.partition("::")[2] for line in result.outlines if "::" in line]
    assert ids == [f"test_all[{name}]" for name in ("Linear", "Averaged", "Linear-2", "softmax")]
    assert "test_layers.py:8: GradientMismatch" in session(SUITE).stdout.str()


def test_a_suite_takes_names_and_options_of_each_layer(session):
    text = "test_all = gc.suite({'a': Linear, 'b': (tanh, tanh_backward, {'x': (2, 3)})}, seed=4)\n"
    result = session(text, "-v")
    result.assert_outcomes(passed=2)
    assert re.search(r"test_all\[b\] +dx +4 ", result.stdout.str())


def test_what_a_test_draws_is_the_same_in_every_run(session):
    drawn = re.search(r"assert 0\.5 == ([\d.]+)", session(DRAWN.format(0.5)).stdout.str())[1]
    session(DRAWN.format(drawn)).assert_outcomes(passed=1)
    session(DRAWN.format(drawn), "--gradcheck-seed=1").assert_outcomes(failed=1)


def test_a_report_names_what_is_wrong(session, pytester):
    session(SUITE, "--gradcheck-report=found.json")
    content = json.loads(pytester.path.joinpath("found.json").read_text())
    wrong = [
        (test["test"], entry["input"], entry["code"], entry["error"], entry["file"])
        for test in content["tests"]
        for entry in test["gradients"]
        if entry["verdict"] != "agrees"
    ]
    assert wrong == [("test_layers.py::test_all[Averaged]", "b", "factor", 0.8, "mylayers.py")]
    assert content["ok"] is False
    assert [len(test["gradients"]) for test in content["tests"]] == [3, 3, 3, 1]


def test_several_processes_say_what_one_says(session, pytester):
    pytest.importorskip("xdist")
    for name, words in {"one": (), "two": ("-n", "2")}.items():
        given = (f"--gradcheck-report={name}.json", f"--junitxml={name}.xml")
        result = session(SUITE, *given, *words, subprocess=True)
        result.assert_outcomes(passed=3, failed=1)
    one, two = (pytester.path.joinpath(f"{n}.json").read_bytes() for n in ("one", "two"))
    assert one == two
    one, two = (properties(pytester.path / f"{name}.xml") for name in ("one", "two"))
    assert one == two
    assert one["test_all[Averaged]"] == [
        ("gradcheck.layer", "Averaged"),
        ("gradcheck.seed", "2"),
        ("gradcheck.input", "b"),
        ("gradcheck.error", "8e-01"),
        ("gradcheck.code", "factor"),
    ]


def properties(file):
    """Of every test case: its properties."""
    cases = ElementTree.parse(file).iter("testcase")
    return {
        c.get("name"): [(p.get("name"), p.get("value")) for p in c.iter("property")] for c in cases
    }


def test_a_script_needs_no_pytest(session, pytester):
    file = pytester.makepyfile(
        script="import gradcheck_here\nimport gradcheck\nfrom mylayers import Linear\n"
        "gradcheck.assert_gradients(Linear(3, 4), shapes={'x': (5, 3)})\nprint('right')\n"
    )
    assert pytester.runpython(file).outlines == ["right"]


def test_a_session_that_checks_nothing_loads_neither_numpy_nor_sympy(session, pytester):
    pytester.makeconftest(
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    print('loaded', sorted({'numpy', 'sympy', 'tabulate'} & set(sys.modules)))\n"
    )
    pytester.makepyfile(test_nothing="def test_it():\n    pass\n")
    result = session("", "-s", "test_nothing.py", subprocess=True)
    result.assert_outcomes(passed=1)
    assert [line for line in result.outlines if line.startswith("loaded")] == ["loaded []"]
