"""Several processes say what one says, to the byte, and end when one would."""

import os
import pickle
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from layers.tables import row
from source import ROOT

from gradcheck.checks import layers, parallel, run
from gradcheck.checks.own import as_json, printable, text
from gradcheck.checks.parallel import each, worth
from gradcheck.checks.pickled import dumps
from gradcheck.checks.report.formulas import closed_forms, written_steps
from gradcheck.checks.report.style import Style

SOME = [
    "linear",
    "softmax",
    "relu",
    "activation.elementwise",
    "fully_connected",
    "rnn",
    "normalize",
]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="a new process starts slowly elsewhere")


def squared(number):
    return number**2


def failing(number):
    raise LookupError(f"there is no {number}")


def refused(content):
    return None


def forgotten(folder):
    (folder / str(os.getpid())).touch()


@LINUX
@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_item_has_its_result(jobs):
    assert dict(each(squared, [3, 4, 5, 6], jobs)) == {0: 9, 1: 16, 2: 25, 3: 36}


@LINUX
def test_what_cannot_be_sent_is_done_here():
    assert dict(each(squared, [3, 4, 5], 2, dumps=refused)) == {0: 9, 1: 16, 2: 25}


@LINUX
@pytest.mark.parametrize("jobs", [1, 2])
def test_what_the_work_raises_is_raised_here(jobs):
    with pytest.raises(LookupError, match=r"there is no [34]"):
        dict(each(failing, [3, 4], jobs))


@LINUX
def test_the_setup_is_done_in_every_new_process(tmp_path):
    dict(each(squared, [*range(20)], 2, setup=partial(forgotten, tmp_path)))
    names = {file.name for file in tmp_path.iterdir()}
    assert len(names) in (1, 2)
    assert str(os.getpid()) not in names


@pytest.mark.parametrize(
    ("items", "processors", "expected"), [(1, 8, 1), (8, 8, 1), (20, 8, 2), (200, 2, 2)]
)
def test_a_process_has_to_be_worth_its_start(items, processors, expected, monkeypatch):
    monkeypatch.setattr(parallel, "_processors", lambda: processors)
    assert worth(items) == expected


@LINUX
def test_two_processes_find_what_one_finds():
    alone, shared = (printable(run.check(*SOME, seed=3, jobs=jobs)) for jobs in (1, 2))
    assert [layer.name for layer in shared.layers] == [layer.name for layer in alone.layers]
    assert as_json(shared) == as_json(alone)
    assert text(shared, verbose=True) == text(alone, verbose=True)
    for one, other in zip(alone.layers, shared.layers, strict=True):
        assert written_steps(other, Style(False), True) == written_steps(one, Style(False), True)
        assert closed_forms(other) == closed_forms(one)


@LINUX
def test_two_processes_find_the_same_mistake(monkeypatch):
    import gradcheck.numeric.softmax as module

    right = module.backward
    monkeypatch.setattr(module, "backward", lambda dP, X: (2 * right(dP, X)[0],))
    alone, shared = (run.check("softmax", "linear", jobs=jobs) for jobs in (1, 2))
    assert not shared.ok
    assert text(printable(shared)) == text(printable(alone))


@LINUX
@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_counts_every_layer_and_says_what_is_still_to_come(jobs):
    told = []
    run.check(*SOME, jobs=jobs, progress=lambda *counted: told.append(counted))
    names = layers.select(SOME)
    assert [(done, total) for done, total, _ in told] == [
        (done, len(names)) for done in range(len(names) + 1)
    ]
    assert told[0][2] == names[0]
    assert told[-1][2] == ""
    assert {name for *_, name in told[:-1]} <= {*names}


@pytest.mark.parametrize("name", SOME)
def test_a_report_comes_out_as_it_went_in(name):
    (report, *_) = run.check(name).layers
    steps = pickle.loads(dumps(report.steps))
    assert [(s.left, s.right) for s in steps] == [(s.left, s.right) for s in report.steps]
    assert [repr(s) for s in steps] == [repr(s) for s in report.steps]


def test_what_pickle_does_not_know_is_not_sent():
    assert dumps([lambda x: x]) is None


INTERRUPTIONS = [
    row("the terminal interrupts all processes", os.killpg),
    row("one process is interrupted", lambda group, sent: os.kill(group, sent)),
]


@LINUX
@pytest.mark.parametrize("interrupt", INTERRUPTIONS)
def test_ctrl_c_ends_all_processes_without_a_traceback(interrupt):
    command = [sys.executable, "-m", "checks", "activation", "-q", "-j", "2"]
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        # tests that run in the background may themselves be deaf to Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    while len(children.read_text().split()) < 2:
        time.sleep(0.05)
    interrupt(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (130, b"", b"")
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)  # nobody is left
