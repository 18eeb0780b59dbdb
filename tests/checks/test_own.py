"""Checking one's own code from Python: what is accepted, what is reported, what is refused."""

import json
import sys

import numpy as np
import pytest
from layers.tables import row

import gradcheck as gc
from gradcheck.checks.own import as_json, text

X = np.array([[0.5, -1.5, 2.0], [1.0, 0.25, -0.75], [-2.0, 1.75, 0.3], [0.9, -0.4, 1.2]])
W = np.array([[0.2, -0.7], [1.1, 0.4], [-0.3, 0.8]])
INPUTS = {"x": X, "w": W}


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    return dout @ w.T, x.T @ dout


def by_name(dout, x, w):
    return {"w": x.T @ dout, "x": dout @ w.T}


def averaged(dout, x, w):
    return dout @ w.T, x.T @ dout / len(x)


def transposed(dout, x, w):
    return dout @ w.T, dout.T @ x


def failing(dout, x, w):
    raise ValueError("shapes do not fit")


def exits(dout, x, w):
    sys.exit(0)


def endless(dout, x, w):
    while True:
        pass


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_backward(dout, z):
    p = softmax(z)
    return p * (dout - (dout * p).sum(axis=1, keepdims=True))


def tanh_forward(x):
    out = np.tanh(x)
    return out, out


def tanh_backward(dout, out):
    return dout * (1 - out**2)


class Scale:
    """A layer that keeps its gradient in an attribute."""

    def __init__(self, size):
        self.g = np.linspace(0.5, 1.5, size)

    def forward(self, x):
        self.x = x
        return x * self.g

    def backward(self, dout):
        self.dg = (dout * self.x).sum(axis=0)
        return dout * self.g


class WrongScale(Scale):
    def backward(self, dout):
        super().backward(dout)
        return dout


RIGHT = [
    row("gradients in the order of the inputs", (linear, linear_backward, INPUTS), {}),
    row("gradients by name", (linear, by_name, INPUTS), {}),
    row("inputs that are lists", (linear, linear_backward), {"inputs": {"x": [[1.0, 2.0]],
        "w": [[0.5], [0.25]]}}),
    row("only one gradient", (linear, linear_backward, INPUTS), {"wrt": "w"}),
    row("a gradient is not asked for", (linear, averaged, INPUTS), {"wrt": ["x"]}),
    row("with whole Jacobians", (linear, linear_backward, INPUTS), {"full": True}),
    row("a large tolerance", (linear, averaged, INPUTS), {"rtol": 2.0}),
    row("a forward pass that is ours", (softmax, softmax_backward, {"z": X}), {"like": "softmax"}),
    row("an instance", (Scale(3),), {"inputs": {"x": X}}),
    row("a function beside its backward pass", (tanh_forward,), {"inputs": {"x": X}}),
    row("a pair whose backward takes a cache", ((tanh_forward, tanh_backward),), {"inputs":
        {"x": X}}),
    row("a layer of ours by name", ("softmax",), {}),
    row("a layer of ours with a tolerance", ("softmax",), {"rtol": 1e-6}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "options"), RIGHT)
def test_what_is_right_passes(what, options):
    report = gc.assert_gradients(*what, **options)
    assert report.ok
    assert report.findings


# what is checked, options, (input, code) of what is found, a sentence in the report
WRONG = [
    row("an average instead of a sum", (linear, averaged, INPUTS), {},
        ("w", "factor"), "dw is 1/N times what it should be, N = 4"),
    row("a transposed gradient", (linear, transposed, INPUTS), {}, ("w", "transposed"),
        "expected (3, 2), got (2, 3)"),
    row("an exception", (linear, failing, INPUTS), {}, ("", "raises"),
        "backward raised ValueError: shapes do not fit"),
    row("sys.exit", (linear, exits, INPUTS), {}, ("", "raises"), "the code calls sys.exit()"),
    row("an endless loop", (linear, endless, INPUTS), {"time_limit": 0.4}, ("", ""),
        "not decided within 0.4 s"),
    row("a class", (WrongScale(3),), {"inputs": {"x": X}}, ("x", ""), "WrongScale: dx is wrong"),
    row("a name is used", (linear, averaged, INPUTS), {"name": "dense"}, ("w", "factor"),
        "dense: dw is wrong in 6 of 6 entries   [factor]"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "options", "found", "sentence"), WRONG)
def test_what_is_wrong_is_said(what, options, found, sentence):
    report = gc.check(*what, **options)
    wrong = [(f.input, f.code) for f in report.findings if not f.ok]
    assert not report.ok
    assert wrong[0][: 1 + bool(found[1])] == found[: 1 + bool(found[1])]
    assert sentence in unwrapped(str(report))


REFUSED = [
    row("no backward pass", (exits,), {}, "there is no exits_backward"),
    row("a backward pass that is none", (linear, 3, INPUTS), {}, "should be the backward pass"),
    row("inputs without names", (linear, linear_backward, X), {}, "dictionary of arrays"),
    row("an input that does not exist", (linear, linear_backward, INPUTS), {"wrt": "q"},
        "--wrt q: no such input; there are x, w"),
    row("a negative seed", (linear, linear_backward, INPUTS), {"seed": -1}, "0 or greater"),
    row("a layer of ours that does not exist", (softmax, softmax_backward, {"z": X}),
        {"like": "sofmax"}, "did you mean 'softmax'"),
    row("a layer of other inputs", (linear, linear_backward, INPUTS), {"like": "softmax"},
        "linear takes x 4×3, w 3×2; softmax takes X N×C"),
    row("a layer of ours with a misspelt name", ("sofmax",), {}, "did you mean 'softmax'"),
    row("layers and code at once", ("softmax", "mine.py"), {}, "one after the other"),
    row("a file that does not exist", ("no/such.py::Name",), {}, "there is no such file"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "options", "sentence"), REFUSED)
def test_what_cannot_be_checked_is_refused_in_a_sentence(what, options, sentence):
    with pytest.raises(gc.UsageError, match=sentence):
        gc.check(*what, **options)


def test_a_misspelt_option_is_an_ordinary_error():
    with pytest.raises(TypeError, match="unexpected keyword argument 'sede'"):
        gc.check(linear, linear_backward, INPUTS, sede=1)


def test_an_assertion_starts_with_a_sentence_and_carries_the_report():
    with pytest.raises(gc.GradientMismatch) as caught:
        gc.assert_gradients(linear, averaged, INPUTS)
    first, *rest = str(caught.value).splitlines()
    assert first == "linear: dw is wrong in 6 of 6 entries   [factor]"
    assert rest[-1] == "FAILED: 1 of 1 function (linear), seed 0"
    assert isinstance(caught.value, AssertionError)
    assert [f.code for f in caught.value.report.findings if not f.ok] == ["factor"]


def test_the_traceback_of_an_assertion_ends_where_it_was_called():
    with pytest.raises(gc.GradientMismatch) as caught:
        gc.assert_gradients(linear, averaged, INPUTS)
    hidden = caught.traceback[-1].frame.f_locals.get("__tracebackhide__")
    assert hidden is True


def test_the_report_has_a_row_for_each_gradient_and_the_price():
    lines = str(gc.check(linear, linear_backward, INPUTS)).splitlines()
    rows = [line.split()[0] for line in lines if line.endswith("agrees")]
    assert rows == ["dx", "dw"]
    assert "9 forwards, 3 backwards" in lines[-3]
    assert lines[-1] == "ok: 2 gradients of 1 function agree with differences (seed 0)"


def test_no_line_of_a_report_is_wider_than_a_page():
    report = gc.check(linear, averaged, INPUTS)
    assert max(map(len, text(report, verbose=True).splitlines())) <= 100


class RandomScale(WrongScale):
    def __init__(self):
        self.g = np.random.randn(3)  # noqa: NPY002


def test_weights_drawn_at_random_are_the_same_in_every_run_and_nothing_else_changes():
    before = np.random.get_state()  # noqa: NPY002
    first, second = (gc.check(RandomScale, inputs={"x": X}) for _ in range(2))
    after = np.random.get_state()  # noqa: NPY002
    assert [f.worst for f in first.findings] == [f.worst for f in second.findings]
    np.testing.assert_equal(after, before)


def test_quiet_is_one_line_if_all_is_well():
    report = gc.check(linear, linear_backward, INPUTS)
    assert text(report, quiet=True).count("\n") == 0


def test_a_kink_that_was_accepted_is_told():
    report = gc.check(
        lambda x: np.maximum(x, 0), lambda dout, x: dout * (x > 0), {"x": np.array([0.0, 1.0])}
    )
    assert report.ok
    assert "not differentiable at x[0] = 0" in unwrapped(str(report))


def test_json_has_no_times_and_says_what_the_text_says():
    report = gc.check(linear, averaged, INPUTS)
    content = json.loads(as_json(report))
    (function,) = content["functions"]
    finding = next(f for f in function["findings"] if f["input"] == "w")
    assert (content["ok"], function["ok"], finding["code"]) == (False, False, "factor")
    assert finding["worst"]["values"].keys() == {"yours", "differences"}
    assert "price" not in function
    assert json.loads(as_json(report, verbose=True))["functions"][0]["price"]["forwards"] > 9


def unwrapped(report):
    """The report with its folded lines joined again."""
    return " ".join(report.replace("\n           ", " ").split("\n"))
