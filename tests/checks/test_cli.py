"""The command line: what each call prints, where, and with which exit code."""

import json
import re

import pytest

from gradcheck.checks import layers, run
from gradcheck.checks.cli import main
from gradcheck.checks.mistakes.explain import codes

FAMILIES = ", ".join(layers.FAMILIES)
CODES = ", ".join(code.word for code in codes())

# call, what stderr says (all of it is one line)
WRONG_USE = {
    "a misspelt layer": ("sofmax", "no layer 'sofmax'; did you mean 'softmax'?"),
    "a misspelt member": ("linear.row", "no layer 'linear.row'; did you mean 'linear.rows'?"),
    "a layer unlike any other": (
        "xyzzy", "no layer 'xyzzy'; gradcheck --list shows them all"),
    "a glob that fits nothing": (
        "xyz*", "no layer fits 'xyz*'; gradcheck --list shows them all"),
    "no layer at all": (
        "", "which layer? e.g. gradcheck linear; gradcheck --list shows them all"),
    "layers and --all": ("linear --all", "give layers or --all, not both"),
    "a family and --all": ("--family losses --all", "give --family or --all, not both"),
    "a misspelt family": (
        "--family lossses",
        f"no family 'lossses'; did you mean 'losses'? the families are {FAMILIES}"),
    "a family unlike any other": (
        "--list --family xyzzy", f"no family 'xyzzy'; the families are {FAMILIES}"),
    "a layer of another family": (
        "softmax --family losses",
        "no layer 'softmax' in the family losses; gradcheck --list shows them all"),
    "a glob of another family": (
        "--list conv* --family losses,blocks",
        "no layer in the family losses or blocks fits 'conv*'; gradcheck --list shows them all"),
    "a page of no list": (
        "softmax --markdown", "--markdown is for lists: gradcheck --list --markdown"),
    "a number of processes below 0": (
        "softmax -j -1", "--jobs -1: a number of processes is 0 or greater"),
    "a family of code": (
        "a.py --family losses", "--family is for layers that come with gradcheck, not for code"),
    "an unknown input": ("softmax --wrt W", "--wrt W: no such input; there are X"),
    "an integer input": ("cross_entropy.logits --wrt y", "--wrt y: no such input; there are X"),
    "an unknown axis": ("softmax --shape Q=3", "--shape Q=3: no such axis; there are N, C"),
    "a size of 0": ("softmax --shape N=0", "--shape N=0: a size must be at least 1"),
    "a size below 0": ("softmax --shape N=-2", "--shape N=-2: a size must be at least 1"),
    "a size that is no number": (
        "softmax --shape N=four", "--shape N=four: four is not a whole number"),
    "a size left out": ("softmax --shape N=", "--shape N=: nothing is not a whole number"),
    "a size without an axis": (
        "softmax --shape 4", "--shape 4: write it as AXIS=SIZE, e.g. N=4,M=7"),
    "a negative seed": ("softmax --seed -1", "--seed -1: a seed is 0 or greater"),
    "a seed that is no number": (
        "softmax --seed x",
        "argument --seed: invalid int value: 'x' (gradcheck --help shows the usage)"),
    "a negative tolerance": ("softmax --rtol -1", "--rtol -1.0: a tolerance is a number from 0 up"),
    "an option that does not exist": (
        "softmax --sede 1",
        "unrecognized arguments: --sede 1 (gradcheck --help shows the usage)"),
    "a handout of unknown format": (
        "softmax --handout a.pdf", "--handout a.pdf: the name must end in .md or .tex"),
    "a handout in no folder": (
        "softmax --handout no/a.md", "--handout no/a.md: there is no folder no"),
    "an unknown code": (
        "--explain factr",
        f"there is no code 'factr'; did you mean 'factor'? the codes are {CODES}"),
    "--as without code": (
        "softmax --as softmax",
        "--as softmax is for code of yours: gradcheck path/file.py::Name --as softmax"),
    "a time limit without code": (
        "softmax --time-limit 3",
        "--time-limit is for code of yours: gradcheck path/file.py::Name --time-limit"),
    "a time limit below 0": (
        "a.py --time-limit -3", "--time-limit -3.0: a time is a number from 0 up"),
    "a derivation of code": (
        "a.py --steps", "--steps is for layers that come with gradcheck, not for code"),
    "the shape of an array for a layer": (
        "softmax --shape X=4,3",
        "--shape 3: write it as AXIS=SIZE, e.g. N=4,M=7 "
        "(X=4,3 would be the shape of an array, for code of yours)"),
    "shapes for layers and code at once": (
        "softmax a.py --shape N=4",
        "--shape means axes of layers, but arrays of code: check one at a time"),
    "a file that does not exist": ("no/a.py::f", "no/a.py: there is no such file"),
    "a module that does not exist": (
        "nomodule:f",
        "nomodule: there is no module nomodule in this folder or among the installed packages; "
        "start where `python -c 'import nomodule'` works, or name the file"),
    "a path without layers": ("softmax --path no", "--path no: there is no folder no/derivations"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "says"), WRONG_USE.values(), ids=WRONG_USE)
def test_wrong_use_gets_one_clear_sentence(call, says, capsys):
    assert main(call.split()) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"gradcheck: {says}\n")


# call, a pattern in what it prints
ANSWERS = {
    "a file means all its members": ("linear", r"12 gradients of 4 layers"),
    "a member is meant alone": ("linear.rows", r"3 gradients of 1 layer:"),
    "a bare member name is understood": ("relu", r"activation\.relu"),
    "a glob": ("rnn*", r"10 gradients of 2 layers"),
    "one gradient": ("linear --wrt W", r"4 gradients of 4 layers"),
    "an input that only some layers have": ("linear --wrt X", r"3 gradients of 3 layers"),
    "another seed is printed": ("softmax --seed 7", r"\(seed 7\)"),
    "given sizes are used": ("softmax --shape N=4,C=7 -v", r"N=4 C=7"),
    "every case": ("softmax -v", r"(?s)N=\d C=\d.*N=\d C=\d.*N=\d C=\d"),
    "the case at the kink": ("relu -v", r"at the kink +0e\+00"),
    "quiet is one line": ("softmax -q", r"\Aok: .*\n\Z"),
    "the closed form": ("softmax --jacobian", r"∂P\[n,c\]/∂X\[r,k\] = δ_nr P\[n,c\] \(δ_ck − P"),
    "both cases of softmax": ("softmax --jacobian", r"(?s)c = k: .*c ≠ k: "),
    "the adjoint recursion": ("rnn --jacobian", r"λ\[t,n,i\] = dh\[t,n,i\] \+ Σ_i′"),
    "a slice in matrix notation": ("rnn --jacobian", r"dx\[u\] = dz\[u\] W_hx"),
    "a verdict on every step": ("linear.rows --steps", r"δ_ni +delta contraction +PROVED"),
    "why every step holds": ("linear.rows --proofs", r"sides are δ_in X\[s,j\]\n +rules: .*delta"),
    "the list": ("--list", r"softmax +Softmax over the last axis"),
    "members in the list": ("--list", r"linear\.vector  linear\.rows"),
    "part of the list": ("--list softmax", r"\Aactivations\n  softmax  .*\n\Z"),
    "the list by family": ("--list", r"(?s)\Alinear\n  .*\n\nrecurrent\n  .*\n\nlosses\n"),
    "one family of the list": (
        "--list --family pooling",
        r"\Apooling\n(  .*\n)*  avg_pool1d  .*\n(  .*\n)*\Z",
    ),
    "a glob lists the members it fits": (
        "--list *_pool1d.pl*",
        r"\A.*\n.*\n      avg_pool1d\.plain\n\Z",
    ),
    "the long list has options": ("--list -v batch_norm", r"option   eps = 1e-05 \(tried: "),
    "the long list has families": ("--list -v softmax", r"family   activations"),
    "one family of layers": ("--family dropout", r"(?s)\Alayer .*\ndropout  .*\nok: "),
    "layers of one family": ("rnn* --family recurrent -q", r"10 gradients of 2 layers:"),
    "a code is explained": ("--explain factor", r"\Afactor: "),
    "help says that a file is run": ("--help", r"naming a file runs it"),
    "help has examples": ("--help", r"gradcheck softmax --jacobian"),
    "the version": ("--version", r"\Agradcheck \d+\.\d+"),
}


@pytest.mark.parametrize(("call", "pattern"), ANSWERS.values(), ids=ANSWERS)
def test_a_call_is_answered(call, pattern, capsys):
    assert main(call.split()) == 0
    assert re.search(pattern, capsys.readouterr().out)


def test_a_mismatch_gives_exit_code_1(wrong_softmax, capsys):
    assert main(["softmax"]) == 1
    out = capsys.readouterr().out
    assert "softmax  dL/dX: the analytic gradient disagrees" in out
    assert out.rstrip().endswith("FAILED: 1 of 1 layer (softmax), seed 0")


def test_quiet_still_shows_failures(wrong_softmax, capsys):
    assert main(["softmax", "-q"]) == 1
    assert capsys.readouterr().out.startswith("softmax  dL/dX: the analytic gradient disagrees")


def test_a_bug_of_ours_gives_exit_code_3_and_a_traceback(monkeypatch, capsys):
    monkeypatch.setattr(run, "check", lambda *_, **__: 1 / 0)
    assert main(["softmax"]) == 3
    err = capsys.readouterr().err
    assert "ZeroDivisionError" in err
    assert err.endswith("gradcheck: this is a bug in gradcheck; please report it\n")


def test_an_interruption_gives_exit_code_130(monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "check", interrupt)
    assert main(["softmax"]) == 130


@pytest.mark.parametrize(
    ("flags", "environment", "coloured"),
    [
        pytest.param([], {}, False, id="no colour into a pipe"),
        pytest.param(["--color", "always"], {}, True, id="colour if asked for"),
        pytest.param([], {"FORCE_COLOR": "1"}, True, id="FORCE_COLOR"),
        pytest.param([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="NO_COLOR wins"),
        pytest.param(["--color", "always"], {"NO_COLOR": "1"}, True, id="the flag wins over both"),
        pytest.param(["--color", "never"], {"FORCE_COLOR": "1"}, False, id="never means never"),
    ],
)
def test_colour(flags, environment, coloured, monkeypatch, capsys):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    main(["softmax", *flags])
    assert ("\x1b[" in capsys.readouterr().out) == coloured


def test_json_is_one_object_and_the_same_every_time(capsys):
    main(["linear", "relu", "--json"])
    first = capsys.readouterr().out
    main(["linear", "relu", "--json"])
    assert capsys.readouterr().out == first
    content = json.loads(first)
    assert (content["schema"], content["ok"], len(content["layers"])) == (3, True, 5)


def test_json_of_a_failure_says_what_the_text_says(wrong_softmax, capsys):
    assert main(["softmax", "--json"]) == 1
    (layer,) = json.loads(capsys.readouterr().out)["layers"]
    finding = next(f for f in layer["findings"] if f["input"] == "X")
    assert not layer["ok"]
    assert finding["odd"] == "analytic"
    assert finding["verdict"] == "disagrees"
    assert finding["code"] == "factor"
    assert finding["worst"]["values"].keys() == {"symbolic", "analytic", "numerical"}
    assert finding["command"] == "gradcheck softmax --wrt X --seed 0"


def test_the_list_for_programs_has_the_family_of_every_file(capsys):
    assert main(["--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["files"]
    assert {f["name"]: f["family"] for f in listed} == {f.name: f.family for f in layers.files()}


def test_a_handout_of_a_family_says_how_to_repeat_it(tmp_path):
    file = tmp_path / "dropout.md"
    assert main(["--family", "dropout", "--handout", str(file), "-q"]) == 0
    assert "gradcheck --family dropout --seed 0" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["md", "tex"])
def test_a_handout_is_written(page, tmp_path, capsys):
    file = tmp_path / f"softmax.{page}"
    assert main(["softmax", "--handout", str(file), "-q"]) == 0
    assert "gradcheck softmax" in file.read_text(encoding="utf-8")
    assert str(file) in capsys.readouterr().err


@pytest.fixture
def wrong_softmax(monkeypatch):
    """A softmax whose backward pass is twice too large."""
    import gradcheck.numeric.softmax as module

    right = module.backward
    monkeypatch.setattr(module, "backward", lambda dP, X: (2 * right(dP, X)[0],))


def test_no_layer_has_the_name_of_a_future_subcommand():
    assert not layers.RESERVED & {f.name for f in layers.files()}
