"""README and docs are executed: files written, commands run, output compared."""

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from layers.tables import row
from source import ROOT

from gradcheck.checks.cli import main

PAGES = sorted(p for p in [ROOT / "README.md", *ROOT.glob("docs/*.md")])
GENERATED = ("mistakes.md", "layers.md")  # compared with what they are made of, by other tests
EXECUTED = [p for p in PAGES if p.name not in GENERATED]
FENCE = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<kind>\w+)\n(?P<body>.*?)```", re.S)
ROUNDING = re.compile(r"\d(?:\.\d+)?e[-+]\d+")  # how large a rounding error is differs by machine
SECONDS = re.compile(r"\d[\d.]* m?s\b")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder; what `--path` and the pages add is forgotten afterwards."""
    import gradcheck.derivations
    import gradcheck.numeric
    from gradcheck.derivations.calculus.functions import VALUES
    from gradcheck.derivations.calculus.normal.algebra import RULES
    from gradcheck.derivations.calculus.normal.functions import DERIVATIVES, FUNCTIONS

    for package in (gradcheck.derivations, gradcheck.numeric):
        monkeypatch.setattr(package, "__path__", [*package.__path__])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    rules = [*RULES]
    with patch.dict(VALUES), patch.dict(FUNCTIONS), patch.dict(DERIVATIVES):
        yield tmp_path
    RULES[:] = rules


@pytest.mark.parametrize("page", EXECUTED, ids=lambda p: p.name)
def test_examples_on_a_page_do_what_it_says(page, folder):
    names = {}  # a page reads from top to bottom: what one example defines, the next may use
    for fence in FENCE.finditer(page.read_text(encoding="utf-8")):
        RUN[fence["kind"]](fence["file"], fence["body"], folder, names)


LIES = [
    row("a command", "console", "$ gradcheck softmax\nnothing of the sort\n"),
    row("a value", "pycon", ">>> 1 + 1\n3\n"),
    row("a command of pytest", "console", "$ pytest --version\nnothing of the sort\n"),
    row("a workflow that fails", "yaml", "- run: gradcheck sofmax\n"),
    row("an assertion", "python", "assert 1 + 1 == 3\n"),
]


@pytest.mark.parametrize(("kind", "body"), LIES)
def test_a_page_that_lies_is_found(kind, body, folder):
    with pytest.raises(AssertionError):
        RUN[kind]("file.yaml" if kind == "yaml" else None, body, folder, {})


def python(file, body, folder, names):
    """A named file is written, anything else is run."""
    if file:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8")
        return
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(body, "<docs>", "exec"), names)  # noqa: S102, our own pages


def pycon(file, body, folder, names):
    """Statements after `>>>`, each with what it prints; `...` stands for anything."""
    session = doctest.DocTestParser().get_doctest(body, names, "docs", None, None)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    report = io.StringIO()
    runner.run(session, out=report.write, clear_globs=False)
    names.update(session.globs)
    assert not runner.failures, report.getvalue()


def console(file, body, folder, names):
    """Commands after `$`, each with the output expected; a line `...` stands for any lines."""
    for example in re.split(r"^\$ ", body, flags=re.M)[1:]:
        command, _, expected = example.partition("\n")
        _, output = ran(command, folder)
        pattern = re.escape(squeezed(expected)).replace(re.escape("\n...\n"), r"\n(?:.*\n)*?")
        assert re.fullmatch(pattern, squeezed(output)), output


def written(file, body, folder, names):
    """A file that a page shows; the commands of a workflow or a hook in it have to pass."""
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(body, encoding="utf-8")
    for command in re.findall(r"(?:run|entry): ((?:gradcheck|pytest).*)", body):
        status, output = ran(command, folder)
        assert status == 0, output


def ran(command, folder):
    """Exit code and output of a command: ours in this process, pytest in one of its own."""
    words = shlex.split(command)
    if words[0] == "pytest":
        here = str(ROOT / "tests/plugin/here")
        environment = {**os.environ, "PYTHONPATH": here, "COLUMNS": "80", "PYTHONUTF8": "1"}
        pytest_here = [sys.executable, "-m", "pytest", "-p", "gradcheck_here", "--no-header"]
        done = subprocess.run(
            [*pytest_here, *words[1:]],
            cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        return done.returncode, done.stdout
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = main(words[1:])
    return status, output.getvalue()


def squeezed(text):
    """Without what depends on the machine: rounding errors, and the table widths they cause."""
    text = SECONDS.sub("# s", ROUNDING.sub("#", text))
    text = re.sub(r"-{2,}", "--", text)
    lines = (re.sub(r" {2,}", "  ", line).rstrip() for line in text.strip().splitlines())
    return "\n".join(lines) + "\n"


RUN = {
    "python": python,
    "pycon": pycon,
    "console": console,
    "yaml": written,
    "toml": written,
    "sh": lambda *fence: None,  # .ci/run takes these from README.md and runs them
}


def test_links_between_pages_lead_somewhere():
    links = [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    ]
    assert [(p.name, t) for p, t in links if not (p.parent / Path(t)).exists()] == []
