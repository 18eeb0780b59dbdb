"""README and docs are executed: files written, commands run, output compared."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest
from source import ROOT

from gradcheck.checks.cli import main

PAGES = sorted(p for p in [ROOT / "README.md", *ROOT.glob("docs/*.md")])
FENCE = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<kind>\w+)\n(?P<body>.*?)```", re.S)
ROUNDING = re.compile(r"\d(?:\.\d+)?e[-+]\d+")  # how large a rounding error is differs by machine


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder; what `--path` adds is forgotten afterwards."""
    import gradcheck.derivations
    import gradcheck.numeric

    for package in (gradcheck.derivations, gradcheck.numeric):
        monkeypatch.setattr(package, "__path__", [*package.__path__])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_examples_on_a_page_do_what_it_says(page, folder):
    for fence in FENCE.finditer(page.read_text(encoding="utf-8")):
        RUN[fence["kind"]](fence["file"], fence["body"], folder)


def test_a_page_that_lies_is_found(folder):
    with pytest.raises(AssertionError):
        console(None, "$ gradcheck softmax\nnothing of the sort\n", folder)


def python(file, body, folder):
    """A named file is written, anything else is run."""
    if file:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8")
        return
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(body, "<docs>", "exec"), {})  # noqa: S102, our own pages


def console(file, body, folder):
    """Commands after `$`, each with the output expected; a line `...` stands for any lines."""
    for example in re.split(r"^\$ ", body, flags=re.M)[1:]:
        command, _, expected = example.partition("\n")
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            main(shlex.split(command)[1:])
        pattern = re.escape(squeezed(expected)).replace(re.escape("\n...\n"), r"\n(?:.*\n)*?")
        assert re.fullmatch(pattern, squeezed(output.getvalue())), output.getvalue()


def squeezed(text):
    """Without what depends on the machine: rounding errors, and the table widths they cause."""
    text = ROUNDING.sub("#", text)
    text = re.sub(r"-{2,}", "--", text)
    lines = (re.sub(r" {2,}", "  ", line).rstrip() for line in text.strip().splitlines())
    return "\n".join(lines) + "\n"


RUN = {
    "python": python,
    "console": console,
    "sh": lambda file, body, folder: None,  # .ci/run takes these from README.md and runs them
}


def test_links_between_pages_lead_somewhere():
    links = [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    ]
    assert [(p.name, t) for p, t in links if not (p.parent / Path(t)).exists()] == []
