"""Campaigns: many seeds, several processes, interruptions."""

import json
import sys

import pytest
from layers.tables import row

from gradcheck.checks import campaign
from gradcheck.checks.campaign import Asked
from gradcheck.checks.cli import main
from gradcheck.checks.layers import UsageError
from gradcheck.checks.report.formats import formatted

NET = """
import os, time
import numpy as np
def rare(x):
    return np.tanh(x)
def rare_backward(dout, x):
    return dout * (1 - np.tanh(x) ** 2) * (2 if x[0, 0] > 1.2 else 1)
"""
ASKED = Asked(("softmax", "net.py"), (0, 1, 2), {"net.py": {}})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    return tmp_path


@pytest.fixture
def counted(monkeypatch):
    """The units that are checked, while they are; the fourth is interrupted if asked for."""
    seen, check = [], campaign.check

    def counting(target, **options):
        seen.append((target, options["seed"]))
        if len(seen) == counting.stop:
            raise KeyboardInterrupt
        return check(target, **options)

    counting.stop, counting.seen = 0, seen
    monkeypatch.setattr(campaign, "check", counting)
    return counting


def test_a_mistake_at_one_seed_is_found_and_counted(folder):
    rows = campaign.run(Asked(("net.py",), tuple(range(12))))
    (wrong,) = (row for row in rows if not row.ok)
    assert wrong.message.endswith("(at 3 of 12 seeds, the first 2)")
    assert wrong.command == "gradcheck net.py::rare --seed 2"


def test_every_target_is_tried_at_the_first_seed_before_the_second(counted, folder):
    campaign.run(ASKED)
    assert counted.seen == [(target, seed) for seed in range(3) for target in ASKED.targets]


def test_an_interrupted_campaign_is_taken_up_again(counted, folder):
    journal = folder / "log.jsonl"
    counted.stop = 4
    with pytest.raises(KeyboardInterrupt):
        campaign.run(ASKED, journal=journal)
    counted.seen.clear()
    counted.stop = 0
    rows = campaign.run(ASKED, journal=journal)
    assert len(counted.seen) == 3  # of six
    assert formatted(rows, "", "json") == formatted(campaign.run(ASKED), "", "json")


CUTS = [row("in the heading", 0, 20), row("in a line", 2, 30), row("before a line ends", 3, None)]


@pytest.mark.parametrize(("line", "characters"), CUTS)
def test_a_journal_cut_off_anywhere_is_taken_up_again(line, characters, counted, folder):
    journal = folder / "log.jsonl"
    expected = formatted(campaign.run(ASKED, journal=journal), "", "json")
    lines = journal.read_text().splitlines()
    journal.write_text("".join(f"{each}\n" for each in lines[:line]) + lines[line][:characters])
    for left in (6 - max(0, line - 1), 0):  # what is written next is not lost either
        counted.seen.clear()
        assert formatted(campaign.run(ASKED, journal=journal), "", "json") == expected
        assert len(counted.seen) == left


def test_more_seeds_take_up_what_fewer_have_done(counted, folder):
    campaign.run(ASKED, journal=folder / "log.jsonl")
    counted.seen.clear()
    campaign.run(Asked(ASKED.targets, (0, 1, 2, 3), ASKED.shapes), journal=folder / "log.jsonl")
    assert counted.seen == [("softmax", 3), ("net.py", 3)]


OTHERS = [
    row("other targets", Asked(("net.py",), (0,))),
    row("another option", Asked(ASKED.targets, (0,), options={"rtol": 1e-3})),
    row("another shape", Asked(ASKED.targets, (0,), {"net.py": {"x": (2, 2)}})),
]


@pytest.mark.parametrize("asked", OTHERS)
def test_a_journal_of_another_campaign_is_refused(asked, folder):
    campaign.run(ASKED, journal=folder / "log.jsonl")
    with pytest.raises(UsageError, match="another campaign, or the code has changed"):
        campaign.run(asked, journal=folder / "log.jsonl")


def test_a_journal_of_code_that_has_changed_is_refused(folder):
    campaign.run(ASKED, journal=folder / "log.jsonl")
    (folder / "net.py").write_text(NET + "\n")
    with pytest.raises(UsageError, match="the code has changed"):
        campaign.run(ASKED, journal=folder / "log.jsonl")


@pytest.mark.parametrize("content", ["words\n", "{}\n[]\n", '{"schema": 1}\n{"unit": 3}\n'])
def test_what_is_no_journal_is_refused_and_kept(content, folder):
    (folder / "log.jsonl").write_text(content)
    with pytest.raises(UsageError, match="it is no journal"):
        campaign.run(ASKED, journal=folder / "log.jsonl")
    assert (folder / "log.jsonl").read_text() == content


WORKERS = [
    row("processes", 2, "", "gradcheck"),
    row("joblib", 2, "loky", "joblib"),
    row("a local cluster of Dask", 2, "dask", "distributed"),
]


@pytest.mark.skipif(sys.platform != "linux", reason="a new process starts slowly elsewhere")
@pytest.mark.parametrize(("jobs", "backend", "needs"), WORKERS)
@pytest.mark.filterwarnings("default")  # those of the cluster are its own
def test_workers_of_every_kind_say_what_one_process_says(jobs, backend, needs, folder):
    pytest.importorskip(needs)
    if backend and not importable_elsewhere():
        pytest.skip("a clone that is not installed is not importable in a new process")
    expected = formatted(campaign.run(ASKED), "", "json")
    rows = campaign.run(ASKED, jobs=jobs, backend=backend, journal=folder / "log.jsonl")
    assert formatted(rows, "", "json") == expected
    assert len((folder / "log.jsonl").read_text().splitlines()) == 7


def importable_elsewhere():
    from importlib.machinery import PathFinder

    return PathFinder.find_spec("gradcheck") is not None


REFUSED = [
    row("another backend", "--backend slurm", "--backend slurm: there are loky, dask, ray"),
    row("an address of something else", "--backend loky=tcp:1", "there are loky, dask, ray"),
    row("a package that is not there", "--backend ray", "needs ray; pip install ray"),
    row("no seed at all", "--seeds 0", "a number of seeds is 1 or greater"),
    row("too few processes", "-j -1", "a number of processes is 0 or greater"),
    row("a derivation at many seeds", "--seeds 2 --steps", "--steps is for one seed"),
    row("a journal in no folder", "--resume no/log.jsonl", "cannot be written"),
    row("a report in no folder", "--seeds 2 -o no/report", "--output"),
    row("a baseline in no folder", "--save-baseline no/known.json", "cannot be written"),
    row("two baselines", "--baseline a --save-baseline b", "not both"),
    row("a baseline that is not there", "--baseline a.json", "cannot be read: No such file"),
    row("another format", "--format yaml", "invalid choice: 'yaml'"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_wrong_use_is_one_sentence(words, message, folder, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["softmax", *words.split()]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("gradcheck: ")
    assert message in line


def test_progress_is_told(folder):
    told = []
    campaign.run(ASKED, progress=lambda *counted: told.append(counted))
    assert told[0] == (0, 6, "")
    assert told[-1] == (6, 6, "net.py at seed 2")


def test_what_the_code_prints_is_not_in_the_report(folder, capsys):
    (folder / "net.py").write_text(NET + "print('hello')\n")
    main(["net.py", "--seeds", "2", "--json"])
    json.loads(capsys.readouterr().out)
