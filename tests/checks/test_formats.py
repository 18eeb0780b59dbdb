"""Reports for machines: valid, escaped, and the same on every machine."""

import json
import re
import sys
from dataclasses import fields, replace
from xml.etree import ElementTree

import pytest
from commands import run
from layers.tables import row
from source import ROOT

from gradcheck.checks.cli import main
from gradcheck.checks.own import check
from gradcheck.checks.report.formats import FORMATS, formatted
from gradcheck.checks.report.results import VERDICTS, Result, below, results
from gradcheck.checks.report.stable import leading, tidy, together

GOOD = Result("softmax", "softmax", "X", "agrees", "PROVED", 3.2e-13, command="gradcheck softmax")
BAD = Result(
    "net.py::Linear(3, 4)", "Linear", "b", "disagrees", "", 0.8123, "factor",
    "db is 100% wrong, in 4 of 4 entries: it should be\nanother", "net.py", 16, "gradcheck net.py",
)  # fmt: skip
SKIPPED = Result("odd", "odd", "", "skipped", message="odd: nothing was found to call it with")
BROKEN = Result("gone", "gone", "", "error", message="numeric/gone.py is not written yet")
REFUTED = replace(GOOD, input="Y", proof="REFUTED", message="a step of the derivation is REFUTED")
ROWS = [GOOD, BAD, SKIPPED, BROKEN, REFUTED]


def test_json_has_the_keys_that_are_documented():
    content = json.loads(formatted(ROWS, "seed 0", "json"))
    page = (ROOT / "docs/json.md").read_text(encoding="utf-8")
    table = page[page.index("## Rows") : page.index("## gradcheck derive")]
    documented = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.M))))
    names = {field.name for field in fields(Result)}
    assert names | {"seeds", "gradients", "tests", "test", "seed"} <= documented
    assert {*content} == {"schema", "gradcheck", "ok", "seeds", "gradients"}
    assert content["ok"] is False
    for entry in content["gradients"]:
        assert {*entry} == names
        assert_fits(entry, Result)
        assert entry["verdict"] in VERDICTS


def assert_fits(entry, record):
    """Every value is of the type that the record says."""
    kinds = {"str": str, "int": int, "float": float}
    for field in fields(record):
        assert type(entry[field.name]) is kinds[getattr(field.type, "__name__", field.type)]


def test_junit_has_the_structure_that_ci_systems_read():
    root = ElementTree.fromstring(formatted(ROWS, "seed 0", "junit").encode())
    assert_is_junit(root)
    assert root.attrib == {"name": "gradcheck", **counts(5, 2, 1, 1)}
    (case,) = root.findall(".//testcase[@name='db']")
    assert case.find("failure").get("type") == "factor"
    assert "again  gradcheck net.py" in case.find("failure").text
    properties = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert properties == {
        "gradcheck.layer": "net.py::Linear(3, 4)",
        "gradcheck.input": "b",
        "gradcheck.error": "8e-01",
        "gradcheck.seed": "seed 0",
        "gradcheck.code": "factor",
    }


def counts(tests, failures, errors, skipped):
    found = {"tests": tests, "failures": failures, "errors": errors, "skipped": skipped}
    return {name: str(count) for name, count in found.items()}


# element -> what it may hold, and the attributes it has to have
JUNIT = {
    "testsuites": ({"testsuite"}, {"tests", "failures", "errors"}),
    "testsuite": ({"testcase"}, {"name", "tests", "failures", "errors"}),
    "testcase": ({"properties", "failure", "error", "skipped"}, {"name", "classname"}),
    "properties": ({"property"}, set()),
    "property": (set(), {"name", "value"}),
    "failure": (set(), {"message", "type"}),
    "error": (set(), {"message", "type"}),
    "skipped": (set(), {"message"}),
}


def assert_is_junit(element):
    """The tree is one that CI systems read, and every sum is right."""
    inside, attributes = JUNIT[element.tag]
    assert {child.tag for child in element} <= inside
    assert attributes <= set(element.attrib)
    if element.tag == "testcase":
        assert len(element.findall("*")) <= 2
    if "tests" in element.attrib:
        for name, tag in {"tests": "testcase", "failures": "failure", "errors": "error"}.items():
            assert element.get(name) == str(len(element.findall(f".//{tag}")))
    for child in element:
        assert_is_junit(child)


def test_a_wrong_junit_tree_is_found():
    root = ElementTree.fromstring(formatted(ROWS, "seed 0", "junit").encode())
    root[0].set("tests", "7")
    with pytest.raises(AssertionError):
        assert_is_junit(root)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\ud800", "\uffff", "<", "&", '"', "–"])
def test_any_message_makes_valid_xml(character):
    message = formatted([replace(BAD, message=f"a{character}b")], "seed 0", "junit")
    told = ElementTree.fromstring(message.encode()).find(".//failure").get("message")
    assert told in (f"a{character}b", "a\ufffdb")


def test_github_annotations_are_escaped():
    line, *_ = formatted([BAD], "seed 0", "github").splitlines()
    assert line == (
        "::error file=net.py,line=16,title=net.py%3A%3ALinear(3%2C 4) db [factor]::"
        "net.py::Linear(3, 4): db is 100%25 wrong, in 4 of 4 entries: it should be%0Aanother%0A"
        "help   gradcheck --explain factor%0Aagain  gradcheck net.py"
    )


def test_github_is_told_of_no_more_than_it_shows():
    lines = formatted([replace(BAD, input=f"b{k}") for k in range(14)], "seed 0", "github")
    assert lines.count("::error") == 10
    assert "4 more" in lines


def test_github_reads_places_from_the_root_of_the_repository(tmp_path, monkeypatch):
    (tmp_path / "part").mkdir()
    monkeypatch.chdir(tmp_path / "part")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert "file=part/net.py," in formatted([BAD], "seed 0", "github")


def test_a_job_summary_gets_the_table(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    for _ in range(2):  # steps of a job add to one file
        main(["softmax", "--format", "github"])
    assert (tmp_path / "summary.md").read_text().count("| softmax | dX | PROVED |") == 2


def test_a_table_keeps_its_columns_whatever_a_message_says():
    content = formatted([replace(BAD, key="a|b<c>*", message="x|y\nz")], "seed 0", "markdown")
    table = [line for line in content.splitlines() if line.startswith("|")]
    assert {len(re.split(r"(?<!\\)\|", line)) for line in table} == {7}
    assert r"a\|b\<c>\*" in content


def test_latex_is_escaped():
    content = formatted([replace(BAD, key="a_b%&#${}~^\\")], "seed 0", "latex")
    assert r"a\_b\%\&\#\$\{\}\textasciitilde{}\textasciicircum{}\textbackslash{} & db" in content


STABLE = [
    row("what agrees has no error", replace(GOOD, error=2e-9), replace(GOOD, error=7e-12)),
    row("an error to one digit", replace(BAD, error=0.8123), replace(BAD, error=0.8124)),
    row("a text with a rounding error", replace(BAD, message="to 4e-10"),
        replace(BAD, message="to 5.2e-12")),
    row("a place outside", replace(GOOD, file="/a/softmax.py", line=3),
        replace(GOOD, file="/b/softmax.py", line=4)),
]  # fmt: skip


@pytest.mark.parametrize(("here", "there"), STABLE)
@pytest.mark.parametrize("format", ["json", "junit", "markdown", "latex", "github"])
def test_rounding_and_places_outside_do_not_show(here, there, format):
    assert formatted([here], "", format) == formatted([there], "", format)
    if format == "json":
        kept = [formatted([each], "", format, verbose=True) for each in (here, there)]
        assert kept[0] != kept[1]


NUMBERS = [
    row("one digit", leading(0.8123), 0.8),
    row("nine digits", leading(1 / 3, 9), 0.333333333),
    row("nothing", leading(0.0), 0.0),
    row("a text", tidy("to 4e-10, by 3e-05, 1.5e-7"), "to less than 1e-6, by 3e-05, 1.5e-7"),
    row("values of one size", together({"a": 0.98765, "b": -0.02}), {"a": 0.9877, "b": -0.02}),
    row("rounding beside a value", together({"a": 3.0, "b": -1e-17}), {"a": 3.0, "b": 0.0}),
    row("nothing at all", together({"a": 0.0, "b": -0.0}), {"a": 0.0, "b": 0.0}),
    row("what is not finite", together({"a": float("inf"), "b": 1.23456}),
        {"a": float("inf"), "b": 1.235}),
]  # fmt: skip


@pytest.mark.parametrize(("got", "expected"), NUMBERS)
def test_a_number_keeps_what_machines_agree_about(got, expected):
    assert got == expected


WRONG = """
import numpy as np
class Linear:
    def __init__(self):
        self.W, self.b = np.random.randn(3, 4), np.zeros(4)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.mean(axis=0)
        return dout @ self.W.T
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
def softmax_backward(dout, z):
    return softmax(z) * dout
"""
OTHER_MACHINE = {  # NumPy and its matrix products as a processor of 2004 does them
    "OPENBLAS_CORETYPE": "Prescott",
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512_SKX",
}
COMMAND = "import importlib; importlib.import_module('checks._devpath').install(); "
COMMAND += "from gradcheck.checks.cli import main; import os, sys; os.chdir(sys.argv.pop(1)); "
COMMAND += "main(sys.argv[1:])"


@pytest.mark.parametrize("words", ["", "--seeds 2"])
def test_json_is_the_same_to_the_byte_on_another_machine(words, tmp_path):
    (tmp_path / "net.py").write_text(WRONG)
    command = [sys.executable, "-c", COMMAND, tmp_path, "net.py", "linear.rows", "softmax", "gelu"]
    given = [*command, *words.split(), "--json"]
    outputs = [run(*given, cwd=ROOT, **e) for e in ({}, {}, OTHER_MACHINE)]
    assert len(set(outputs)) == 1
    assert str(tmp_path) not in outputs[0]
    assert str(ROOT) not in outputs[0]


def test_every_gradient_of_a_report_is_a_row(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(WRONG)
    rows = results(check("net.py"))
    assert [(row.key, row.name, row.ok) for row in rows] == [
        ("net.py::Linear", "dx", True),
        ("net.py::Linear", "dW", True),
        ("net.py::Linear", "db", False),
        ("net.py::softmax", "dz", False),
    ]
    assert [row.name for row in results(check("linear.rows"))] == ["dX", "dW", "db"]


def test_what_was_left_out_is_a_row_that_is_skipped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(WRONG.replace("__init__(self)", "__init__(self, other)"))
    (row,) = (row for row in results(check("net.py")) if row.verdict == "skipped")
    assert row.key == "Linear"
    assert row.ok
    assert "1 not checked" in formatted([row], "seed 0", "text")


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_comes_from_the_command_line(format, tmp_path, capsys):
    file = tmp_path / "report"
    assert main(["softmax", "--format", format, "-o", str(file)]) == 0
    assert "softmax" in file.read_text(encoding="utf-8") or format == "github"
    assert capsys.readouterr().out.startswith("ok: 1 gradient")


def test_paths_are_shown_from_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert below(str(tmp_path / "a" / "b.py")) == "a/b.py"
    assert below("a/b.py") == "a/b.py"
    assert below(str(tmp_path.parent / "b.py")) == ""
    assert below("") == ""
