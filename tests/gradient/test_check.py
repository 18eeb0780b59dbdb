"""The check of one function: what is said of right and wrong, awkward and misbehaving ones."""

import numpy as np
import pytest
from layers.tables import row

from gradcheck.checks.gradient.check import Tolerance, check_function
from gradcheck.checks.gradient.finding import Outcome
from gradcheck.checks.gradient.function import Function, pair

GLOBAL = np.random  # the generator that people's layers draw from
rng = np.random.default_rng(0)
X, W, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
LINEAR = {"x": X, "W": W, "b": b}


def linear(x, W, b):
    return x @ W + b


def linear_backward(d, x, W, b):
    return d @ W.T, x.T @ d, d.sum(axis=0)


def relu(x):
    return np.maximum(x, 0)


def relu_backward(d, x):
    return d * (x > 0)


def pooled(x):
    return x.reshape(-1, 2).max(axis=1)


def all_ties(d, x):
    return np.repeat(d, 2) * (x == np.repeat(pooled(x), 2))


def first_tie(d, x):
    chosen = np.arange(x.size).reshape(-1, 2)[:, 0] + x.reshape(-1, 2).argmax(axis=1)
    dx = np.zeros_like(x)
    dx[chosen] = d
    return dx


def in_place(x):
    x[x < 0] = 0
    return x


def spoils_cotangent(d, x):
    d *= x > 0
    return d.copy()


def refuses(x):
    if not np.allclose(x.sum(), 1, atol=1e-6):
        raise ValueError("x must sum to 1")
    return x**2


class Session:
    """A session from two functions that also get the session itself."""

    def __init__(self, forward, backward):
        self.passes = forward, backward
        self.calls = 0
        self.sum = 0.0
        self.first = None
        self.rng = np.random.default_rng(3)

    def forward(self, inputs):
        self.calls += 1
        self.x = inputs["x"]
        self.first = self.x if self.first is None else self.first
        return self.passes[0](self)

    def backward(self, cotangent):
        return self.passes[1](self, cotangent)


def session(forward, backward):
    return Function("a session", lambda: Session(forward, backward), {"x": X})


def adds_up(self, d):
    self.sum = self.sum + 2 * self.x * d
    return self.sum


def masked(self):
    self.mask = self.rng.random(self.x.shape) > 0.5
    return self.x * self.mask


square = (lambda x: x**2, lambda d, x: 2 * x * d)
ONE_ZERO = np.array([0.5, 0.0, -1.0])

# A function that is right, and a note that must be there.
RIGHT = [
    row("a linear layer", pair(linear, linear_backward, LINEAR), ""),
    row("gradients by name", pair(
        linear, lambda d, x, W, b: {"dx": d @ W.T, "grad_W": x.T @ d, "b": d.sum(0)}, LINEAR), ""),
    row("a ufunc", pair(np.tanh, lambda d, x: d * (1 - np.tanh(x) ** 2), {"x": X}), ""),
    row("a number", pair(np.sin, lambda d, x: d * np.cos(x), {"x": 0.3}), ""),
    row("no entries", pair(*square, {"x": np.zeros((0, 3))}), ""),
    row("relu at 0", pair(relu, relu_backward, {"x": ONE_ZERO}),
        "not differentiable at x[1] = 0: left 0, right 1; your 0 lies between: accepted"),
    row("a tie in a maximum", pair(pooled, first_tie, {"x": np.array([1.0, 1.0, 2.0, 3.0])}),
        "not differentiable at x[0] = 1: left 0, right 1; your 1 lies between: accepted"),
    row("float32", pair(linear, linear_backward,
        {k: a.astype(np.float32) for k, a in LINEAR.items()}), ""),
    row("a loss of 1e8 and a little", pair(
        lambda x: (x * x).sum() + 1e8, lambda d, x: 2 * d * x, {"x": X}), ""),
    row("a probability of 1e-7", pair(
        lambda p: -np.log(p).sum(), lambda d, p: -d / p, {"p": np.array([1e-7, 0.3, 0.7])}), ""),
    row("scales from 1e-8 to 1e4", pair(
        np.sin, lambda d, x: d * np.cos(x), {"x": np.array([1e-8, 1.0, 3.0, 1e4])}), ""),
    row("a mean of 1e6", pair(
        lambda x: np.tanh(x - x.mean()),
        lambda d, x: (g := d * (1 - np.tanh(x - x.mean()) ** 2)) - g.mean(),
        {"x": 1e6 + rng.normal(size=9)}), ""),
    row("complex numbers", pair(
        lambda z: z * z, lambda d, z: d * np.conj(2 * z),
        {"z": rng.normal(size=3) + 1j * rng.normal(size=3)}), ""),
    row("a gradient that is zero", pair(
        lambda x: (x - x.mean()) / x.std(), lambda d, x: _standardised(d, x), {"x": X[:, 0]}), ""),
    row("noise from the global generator", pair(
        lambda x: x + GLOBAL.rand(*x.shape), lambda d, x: d + 0, {"x": X}), "global generator"),
    row("a mask from its own generator", session(masked, lambda self, d: d * self.mask),
        "new session"),
    row("a domain that it asserts", pair(
        refuses, lambda d, x: 2 * x * d, {"x": np.array([0.2, 0.3, 0.5])}), ""),
    row("an integer input", pair(
        lambda x, i: x[i], lambda d, x, i: np.eye(5)[i].T @ d,
        {"x": X, "i": np.array([1, 3, 1])}), ""),
]  # fmt: skip


def _standardised(d, x):
    h = (x - x.mean()) / x.std()
    return (d - d.mean() - h * (d * h).mean()) / x.std()


@pytest.mark.parametrize(("function", "note"), RIGHT)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_right_agrees(function, note, seed):
    checked = check_function(function, seed=seed)
    assert [(f.input, f.message) for f in checked.findings if not f.ok] == []
    assert {f.input for f in checked.findings} == {*function.differentiable}
    notes = (*checked.notes, *(n for f in checked.findings for n in f.notes))
    assert any(note in said for said in ("", *notes))


# A function that is wrong, the input and the code that are named, and what the sentence says.
WRONG = [
    row("twice too large", pair(
        linear, lambda d, x, W, b: (2 * d @ W.T, x.T @ d, d.sum(0)), LINEAR),
        "x", "factor", "dx is wrong in 15 of 15 entries; dx is 2 times what it should be"),
    row("the transpose", pair(
        linear, lambda d, x, W, b: (d @ W.T, d.T @ x, d.sum(0)), LINEAR),
        "W", "transposed", "dW has shape (4, 3), and W has (3, 4); the transpose of dW matches"),
    row("no sum over the batch", pair(
        linear, lambda d, x, W, b: (d @ W.T, x.T @ d, d), LINEAR),
        "b", "missing-sum", "db has shape (5, 4), and b has (4,); db matches after a sum"),
    row("an axis too many", pair(
        linear, lambda d, x, W, b: (d @ W.T, x.T @ d, d.sum(0, keepdims=True)), LINEAR),
        "b", "kept-axis", "db has shape (1, 4), and b has (4,)"),
    row("no gradient", pair(linear, lambda d, x, W, b: {"x": d @ W.T, "W": x.T @ d}, LINEAR),
        "b", "missing-gradient", "backward returns no gradient by b"),
    row("two of three", pair(linear, lambda d, x, W, b: (d @ W.T, x.T @ d), LINEAR),
        "", "missing-gradient", "backward returned 2 gradients for 3 inputs (x, W, b)"),
    row("one too many", pair(*square, {"x": X}).__class__(
        "f", lambda: Session(lambda s: s.x**2, lambda s, d: {"x": 2 * s.x * d, "y": d}), {"x": X}),
        "", "extra-gradient", "a gradient named y, and there is no such input"),
    row("integers", pair(square[0], lambda d, x: (20 * x * d).astype(int), {"x": X}),
        "x", "integer-gradient", "dx is an array of int64: fractions were cut off"),
    row("float32", pair(square[0], lambda d, x: (2 * x * d).astype(np.float32), {"x": X}),
        "x", "dtype", "dx is float32, and x and the output are float64"),
    row("objects", pair(square[0], lambda d, x: (2 * x * d).astype(object), {"x": X}),
        "x", "dtype", "dx is no array of numbers but of dtype object"),
    row("not a number", pair(square[0], lambda d, x: d * np.nan, {"x": X}),
        "x", "not-finite", "dx is not finite in 15 of 15 entries, first at x[0,0]"),
    row("an exception", pair(square[0], lambda d, x: d @ x, {"x": X}),
        "", "raises", "backward raised ValueError"),
    row("the input is changed by forward", pair(in_place, relu_backward, {"x": X}),
        "", "mutates-input", "forward changes x in place"),
    row("the cotangent is changed", pair(relu, spoils_cotangent, {"x": X}),
        "", "mutates-cotangent", "backward changes the cotangent in place"),
    row("a cotangent of float32 is changed", pair(
        relu, spoils_cotangent, {"x": X.astype(np.float32)}),
        "", "mutates-cotangent", "backward changes the cotangent in place"),
    row("the cotangent is ignored", pair(square[0], lambda d, x: 2 * x, {"x": X}),
        "x", "ignores-cotangent", "dx is the same whatever cotangent backward is given"),
    row("not linear", pair(square[0], lambda d, x: 2 * x * d.clip(-0.5, 0.5), {"x": X}),
        "x", "nonlinear", "a backward pass is linear"),
    row("right for small cotangents only", pair(
        square[0], lambda d, x: 2 * x * d / max(1, np.abs(d).max() / 50), {"x": X}),
        "x", "nonlinear", "a backward pass is linear"),
    row("a sum that is never cleared", session(lambda self: self.x**2, adds_up),
        "x", "accumulates", "it is 2 times what it was, so it adds up"),
    row("the first point is kept", session(
        lambda self: self.x**2, lambda self, d: 2 * self.first * d),
        "x", "stale-cache", "something is remembered from the first one"),
    row("chance in backward", session(
        lambda self: self.x**2,
        lambda self, d: 2 * self.x * d + np.random.default_rng().random(d.shape)),
        "x", "nondeterministic", "it depends on chance"),
    row("no subgradient at a kink", pair(
        relu, lambda d, x: d * np.where(x == 0, 2, x > 0), {"x": ONE_ZERO}),
        "x", "kink", "left 0, right 1; your 2 does not lie between"),
    row("all of a tie", pair(pooled, all_ties, {"x": np.array([1.0, 1.0, 2.0, 3.0])}),
        "x", "kink", "it lies outside of the slopes on both sides"),
    row("wrong beside a kink", pair(relu, lambda d, x: 1.5 * d * (x > 0), {"x": ONE_ZERO}),
        "x", None, "dx is wrong in 1 of 3 entries"),
    row("1 % in float32", pair(
        linear, lambda d, x, W, b: (d @ W.T * np.float32(1.01), x.T @ d, d.sum(0)),
        {k: a.astype(np.float32) for k, a in LINEAR.items()}), "x", "factor", "1.01 times"),
    row("a constant added to one entry", pair(
        linear, lambda d, x, W, b: (d @ W.T, x.T @ d + np.eye(3, 4)[2] * d[0, 0], d.sum(0)),
        LINEAR), "W", None, "dW is wrong in"),
    row("the conjugate", pair(
        lambda z: z * z, lambda d, z: d * 2 * z,
        {"z": rng.normal(size=3) + 1j * rng.normal(size=3)}), "z", "conjugate", "dz is wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "name", "code", "says"), WRONG)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_wrong_is_named(function, name, code, says, seed):
    (finding,) = (f for f in check_function(function, seed=seed).findings if not f.ok)
    assert (finding.input, says in finding.message) == (name, True), finding.message
    assert finding.verdict is Outcome.DISAGREES
    assert code in (None, finding.code)


# A function of which nothing can be said, and why.
UNDECIDED = [
    row("a jump", pair(np.sign, lambda d, x: 0 * d, {"x": ONE_ZERO}), "forward jumps"),
    row("the end of a domain", pair(
        np.sqrt, lambda d, x: d / (2 * np.sqrt(x + 1e-9)), {"x": np.array([0.0, 1.0])}),
        "finite on one side only"),
    row("an output that is not finite", pair(
        np.log, lambda d, x: d / x, {"x": np.array([0.0, 1.0])}), "the output is not finite"),
    row("no input of floats", pair(
        lambda i: i * 1.0, lambda d, i: d, {"i": np.array([1, 2])}), "no gradient to check"),
    row("chance in forward", session(
        lambda self: self.x + np.random.default_rng().random(), lambda self, d: d),
        "another result at every call"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "why"), UNDECIDED)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_cannot_be_told_is_no_pass(function, why):
    checked = check_function(function)
    assert not checked.ok
    said = [f.message for f in checked.findings if f.verdict is Outcome.INCONCLUSIVE]
    assert any(why in message for message in said)


def test_a_small_error_is_approximate_and_shown_with_its_size():
    function = pair(np.tanh, lambda d, x: d * (1 - np.tanh(x) ** 2) * (1 + 3e-5), {"x": X})
    (finding,) = check_function(function).findings
    assert (finding.verdict, finding.size) == (Outcome.APPROXIMATE, pytest.approx(3e-5, rel=1e-3))


# A tolerance, and whether a gradient that is 3e-5 too large is accepted.
TOLERANCES = [
    row("relative, and enough", Tolerance(rtol=1e-4), True),
    row("relative, and too small", Tolerance(rtol=1e-5), False),
    row("absolute, and enough", Tolerance(atol=1e-3), True),
    row("absolute, and too small", Tolerance(atol=1e-7), False),
    row("none", None, False),
]


@pytest.mark.parametrize(("tolerance", "accepted"), TOLERANCES)
def test_a_tolerance_is_what_someone_is_content_with(tolerance, accepted):
    function = pair(np.sin, lambda d, x: d * np.cos(x) * (1 + 3e-5), {"x": X})
    assert check_function(function, tolerance=tolerance).ok is accepted


def test_a_passing_check_has_a_price():
    price = check_function(pair(linear, linear_backward, LINEAR)).price
    assert (price.forwards, price.backwards) == (9, 3)
    assert price.seconds > 0


def test_only_some_gradients_are_looked_at():
    wrong = pair(linear, lambda d, x, W, b: (2 * d @ W.T, x.T @ d, d.sum(0)), LINEAR)
    checked = check_function(wrong, wrt=["W", "b"])
    assert checked.ok
    assert [f.input for f in checked.findings] == ["W", "b"]


def test_a_time_limit_leaves_the_rest_open():
    checked = check_function(pair(linear, linear_backward, LINEAR), time_limit=1e-9)
    (finding,) = checked.findings
    assert finding.verdict is Outcome.INCONCLUSIVE
    assert "not decided within 1e-09 s" in finding.message


def test_whole_jacobians_are_compared_entry_by_entry():
    checked = check_function(pair(linear, linear_backward, LINEAR), full=True)
    assert checked.ok
    assert {f.input: f.entries > f.differing == 0 for f in checked.findings} == dict.fromkeys(
        LINEAR, True
    )


def test_the_same_seed_says_the_same():
    function = pair(linear, lambda d, x, W, b: (d @ W.T, x.T @ d * 1.1, d.sum(0)), LINEAR)
    first, second = (check_function(function, seed=5).findings for _ in range(2))
    assert first == second


def test_the_global_generator_is_left_alone():
    GLOBAL.seed(7)
    expected = GLOBAL.rand()
    GLOBAL.seed(7)
    check_function(pair(linear, lambda d, x, W, b: (d @ W.T, x.T @ d * 2, d.sum(0)), LINEAR))
    assert GLOBAL.rand() == expected
