"""docs/layers.md says what is true now; `gradcheck --list --markdown > docs/layers.md` mends it."""

import re
import statistics
import sys

import pytest
from commands import run
from layers.tables import row
from source import ROOT

from gradcheck.checks import layers
from gradcheck.checks.cli import main
from gradcheck.checks.report import catalogue

PAGE = (ROOT / "docs" / "layers.md").read_text(encoding="utf-8")
FAMILIES = layers.by_family(layers.files())
SIDES = ("derivations", "numeric")
VERDICTS = ("PROVED", "TESTED", "REFUTED", "UNREADABLE")
LINES_OF_A_PAIR = 60  # of the median layer; those with a long derivation by hand may be longer
TESTED_SHARE = 0.05  # of the written and found steps, at most


@pytest.mark.parametrize("family", FAMILIES)
def test_the_page_is_up_to_date(family):
    of_family = catalogue.section(family, FAMILIES[family], catalogue.entries(FAMILIES[family], 1))
    assert of_family in PAGE, "gradcheck --list --markdown > docs/layers.md"


def test_the_overview_counts_what_the_page_says():
    derived = re.findall(r"^  derived   .*", PAGE, re.M)
    verdicts = [{word: int(n) for n, word in re.findall(r"(\d+) steps? (\w+)", d)} for d in derived]
    assert len(derived) == len(layers.names())
    expected = [catalogue.HEADING, *catalogue.overview(layers.files(), verdicts)]
    assert PAGE.startswith("\n".join(expected))


# Commands that go through sets, whose order differs from one Python to the next.
THROUGH_SETS = [
    row("the kinks of a formula", "--list --family activations -v"),
    row("an axis whose length is made of two sizes", "conv2d.groups --json"),
]


@pytest.mark.parametrize("words", THROUGH_SETS)
def test_the_order_of_hashes_does_not_show(words):
    command = [sys.executable, "-m", "checks", *words.split()]
    first, second = (run(*command, cwd=ROOT, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first == second


def test_a_page_of_some_layers_has_these_alone(capsys):
    assert main(["--list", "--markdown", "drop*", "residual*"]) == 0
    page = capsys.readouterr().out
    assert re.findall("^## .*", page, re.M) == ["## Family: dropout", "## Family: blocks"]
    assert re.findall("^### .*", page, re.M) == ["### dropout", "### residual_block"]
    assert page.endswith("```\n")


# What stands on the page about which layer.
ENTRIES = [
    row("the formula", "softmax", "forward   P[n,c] = exp(X[n,c]) / Γ[n]"),
    row("shapes", "linear.rows", "inputs    X S×M;  W N×M;  b N"),
    row("a gradient", "linear.rows", "gradient  dW[i,j] = Σ_s dY[s,i] X[s,j]"),
    row("a matrix form", "linear.rows", "matrix    dW = dYᵀ X"),
    row("an adjoint", "rnn", "with      A[t,n,k] = dh[t,n,k] + Σ_i A[t+1,n,i] "),
    row("a kink", "activation.abs", "kink      X[s,m] = 0: the derivative of |x| at 0 is 0"),
    row("an option", "batch_norm.train", "option    eps = 1e-05 (tried: numbers from"),
    row("a verdict", "softmax", "derived   by hand, 15 steps PROVED"),
    row("who derived it", "cumsum", "derived   automatically, "),
]


@pytest.mark.parametrize(("name", "line"), ENTRIES)
def test_the_page_says(name, line):
    entry = PAGE.split(f"\n{name}\n", 1)[1].split("\n\n", 1)[0]
    assert f"\n  {line}" in f"\n{entry}"


def test_a_layer_pair_is_short():
    sizes = [
        sum(
            len((ROOT / side / f"{file.name}.py").read_text(encoding="utf-8").splitlines())
            for side in SIDES
        )
        for file in layers.files()
    ]
    assert statistics.median(sizes) <= LINES_OF_A_PAIR
    assert f"| lines of a pair, median | {statistics.median(sizes):g} |" in PAGE


def test_nearly_every_step_is_proved():
    counts = {word: sum(map(int, re.findall(rf"(\d+) steps? {word}", PAGE))) for word in VERDICTS}
    assert counts["REFUTED"] == counts["UNREADABLE"] == 0
    assert counts["TESTED"] <= TESTED_SHARE * counts["PROVED"]
