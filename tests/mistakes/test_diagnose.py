# ruff: noqa: E501 -- one row of a table is one line
"""What kind of mistake a wrong gradient looks like: mistakes planted in small layers."""

from dataclasses import replace

import numpy as np
import pytest
from layers.tables import row
from mistakes import small as s
from mistakes.planted import evidence

from gradcheck.checks.mistakes.diagnose import diagnose
from gradcheck.checks.mistakes.evidence import Evidence, Probe

SIGMOID = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
TANH = s.elementwise(np.tanh, lambda x: 1 - np.tanh(x) ** 2)
SIG = s.elementwise(SIGMOID, lambda x: SIGMOID(x) * (1 - SIGMOID(x)))
RELU = s.elementwise(lambda x: np.maximum(x, 0), lambda x: x > 0)
EXP = s.elementwise(np.exp, np.exp)
SINE = s.elementwise(np.sin, np.cos)
CLIP = s.elementwise(lambda x: np.clip(x, -0.4, 0.7), lambda x: (x > -0.4) & (x < 0.7))
SQUARE = s.elementwise(np.square, lambda x: 2 * x)
DENSE_TANH = s.dense(np.tanh, lambda y: 1 - y**2)
DENSE_SIG = s.dense(SIGMOID, lambda y: y * (1 - y))
DENSE_RELU = s.dense(lambda z: np.maximum(z, 0), lambda y: y > 0)
GATES = lambda N, D, **_: s.linear(N, D, 6)  # noqa: E731
BATCH, LAYER = s.norm(0), s.norm(1)


def mlp_soft(N, D, M, **_):
    """x W and a softmax."""
    layer = s.linear(N, D, M)
    forward = lambda x, W, b: s.softmax_of(x @ W + b)  # noqa: E731
    right = lambda dy, x, W, b: x.T @ s.softmax_back(dy, x @ W + b)  # noqa: E731
    return s.Layer(forward, {"W": right}, layer.inputs)


def put(array, place, value):
    array = np.array(array, float)
    array[place] = value
    return array


def only(array, keep):
    return np.where(keep, array, 0.0)


# A layer, the input, its wrong gradient, the code, and what the sentence says.
# First what slopes alone can tell.
PROBED = [
    row("linear: dx is zero", s.linear, "x", lambda dy, x, W, b: 0 * x, "zero", "zero everywhere"),
    row("linear: the sign of dW", s.linear, "W", lambda dy, x, W, b: -x.T @ dy, "sign", "opposite"),
    row("mse: the sign", s.mse, "x", lambda dy, x, t: dy * 2 * (t - x) / x.size, "sign", "sign"),
    row("linear: dW divided by the batch", s.linear, "W", lambda dy, x, W, b: x.T @ dy / len(x), "factor", "is 1/N times what it should be, N ="),
    row("linear: db averaged", s.linear, "b", lambda dy, x, W, b: dy.mean(0), "factor", "1/N"),
    row("linear: dW twice", s.linear, "W", lambda dy, x, W, b: 2 * x.T @ dy, "factor", "is 2 times"),
    row("mse: without the 2", s.mse, "x", lambda dy, x, t: dy * (x - t) / x.size, "factor", "1/2"),
    row("mse: not divided", s.mse, "x", lambda dy, x, t: dy * 2 * (x - t), "factor", "number of entries"),
    row("mse: divided by the batch only", s.mse, "x", lambda dy, x, t: dy * 2 * (x - t) / len(x), "factor", "times what it should be"),
    row("cross-entropy: not divided", s.cross_entropy, "x", lambda dy, x, label: dy * (s.softmax_of(x) - np.eye(x.shape[1])[label]), "factor", "being the length of axis 0 of x"),
    row("linear: half as much again", s.linear, "W", lambda dy, x, W, b: 1.5 * x.T @ dy, "factor", "is 1.5 times what it should be"),
    row("linear: a step taken in backward", s.linear, "W", lambda dy, x, W, b: -0.0123 * x.T @ dy, "factor", "-0.0123 times"),
    row("dropout: not rescaled", s.dropout, "x", lambda dy, x, mask: dy * mask, "factor", "0.8"),
    row("dropout: the mask forgotten", s.dropout, "x", lambda dy, x, mask: dy / 0.8, "missing-factor", "mask"),
    row("a temperature forgotten", s.temperature, "x", lambda dy, x, t: dy * (1 - np.tanh(x / t) ** 2), "factor", "t being 0.7"),
    row("linear: dW transposed", s.linear, "W", lambda dy, x, W, b: dy.T @ x, "transposed", "the transpose of dW matches"),
    row("linear: dx transposed", s.linear, "x", lambda dy, x, W, b: W @ dy.T, "transposed", "the transpose of dx"),
    row("linear with time: dx permuted", s.three_d, "x", lambda dy, x, W, b: (dy @ W.T).transpose(1, 2, 0), "transposed", "dx.transpose("),
    row("linear: reshaped where a transpose was meant", s.linear, "W", lambda dy, x, W, b: (dy.T @ x).reshape(W.shape), "transposed", "matches"),
    row("linear: db keeps its axis", s.linear, "b", lambda dy, x, W, b: dy.sum(0, keepdims=True), "kept-axis", "without its axis 0 of length 1"),
    row("linear: db not summed", s.linear, "b", lambda dy, x, W, b: dy, "missing-sum", "sum over its axis 0"),
    row("linear with time: db summed over one axis", s.three_d, "b", lambda dy, x, W, b: dy.sum(0), "missing-sum", "axis 0"),
    row("linear with time: db not summed", s.three_d, "b", lambda dy, x, W, b: dy, "missing-sum", "axes 0 and 1"),
    row("linear with time: dW for every sample", s.three_d, "W", lambda dy, x, W, b: np.einsum("ntd,ntm->ndm", x, dy), "missing-sum", "axis 0"),
    row("tanh: the cotangent alone", TANH, "x", lambda dy, x: dy, "missing-activation", "the derivative of tanh"),
    row("sigmoid: the cotangent alone", SIG, "x", lambda dy, x: dy, "missing-activation", "output * (1 - output)"),
    row("relu: the cotangent alone", RELU, "x", lambda dy, x: dy, "missing-activation", "relu"),
    row("exp: the cotangent alone", EXP, "x", lambda dy, x: dy, "missing-activation", "exp"),
    row("square: the cotangent alone", SQUARE, "x", lambda dy, x: dy, "missing-activation", "2 x"),
    row("tanh: the value for the derivative", TANH, "x", lambda dy, x: dy * np.tanh(x), "missing-activation", "itself"),
    row("tanh: the formula for the output, of the input", TANH, "x", lambda dy, x: dy * (1 - x**2), "wrong-variable", "input into the formula 1 - output**2"),
    row("sigmoid: the formula for the output, of the input", SIG, "x", lambda dy, x: dy * x * (1 - x), "wrong-variable", "output * (1 - output)"),
    row("tanh: the square is forgotten", TANH, "x", lambda dy, x: dy * (1 - np.tanh(x)), "wrong-derivative", "the derivative of tanh, 1 - output**2"),
    row("tanh: the derivative at the output", TANH, "x", lambda dy, x: dy * (1 - np.tanh(np.tanh(x)) ** 2), "wrong-variable", "at the output"),
    row("sigmoid: the derivative at the output", SIG, "x", lambda dy, x: dy * SIGMOID(SIGMOID(x)) * (1 - SIGMOID(SIGMOID(x))), "wrong-variable", "at the output"),
    row("sigmoid: the derivative of tanh", SIG, "x", lambda dy, x: dy * (1 - np.tanh(x) ** 2), "approximate", "derivative of tanh"),
    row("tanh: no cotangent", TANH, "x", lambda dy, x: 1 - np.tanh(x) ** 2, "ignores-cotangent", "same for another cotangent"),
    row("dense tanh: dW without the derivative", DENSE_TANH, "W", lambda dy, x, W, b: x.T @ dy, "missing-activation", "1 - output**2"),
    row("dense tanh: dx without the derivative", DENSE_TANH, "x", lambda dy, x, W, b: dy @ W.T, "missing-activation", "tanh"),
    row("dense tanh: db without the derivative", DENSE_TANH, "b", lambda dy, x, W, b: dy.sum(0), "missing-activation", "tanh"),
    row("dense sigmoid: dW without the derivative", DENSE_SIG, "W", lambda dy, x, W, b: x.T @ dy, "missing-activation", "sigmoid"),
    row("dense relu: dW without the mask", DENSE_RELU, "W", lambda dy, x, W, b: x.T @ dy, "missing-activation", "relu"),
    row("dense sigmoid: dW with the derivative at the output", DENSE_SIG, "W", lambda dy, x, W, b: x.T @ (dy * (lambda y: SIGMOID(y) * (1 - SIGMOID(y)))(SIGMOID(x @ W + b))), "wrong-variable", "at the output"),
    row("dense tanh: dx with z for the output", DENSE_TANH, "x", lambda dy, x, W, b: (dy * (1 - (x @ W + b) ** 2)) @ W.T, "wrong-variable", "puts the input"),
    row("softmax: the diagonal only", s.softmax, "x", lambda dy, x: dy * s.softmax_of(x) * (1 - s.softmax_of(x)), "diagonal", "only the diagonal"),
    row("softmax: the sum forgotten", s.softmax, "x", lambda dy, x: dy * s.softmax_of(x), "missing-path", "through the sum"),
    row("log-softmax: the sum forgotten", s.log_softmax, "x", lambda dy, x: dy, "missing-path", "through the sum"),
    row("log-softmax: the diagonal only", s.log_softmax, "x", lambda dy, x: dy * (1 - s.softmax_of(x)), "diagonal", "only the diagonal"),
    row("softmax: its input for its output", s.softmax, "x", lambda dy, x: x * (dy - (dy * x).sum(-1, keepdims=True)), "wrong-variable", "puts the input"),
    row("clip: beyond the bounds too", CLIP, "x", lambda dy, x: dy, "missing-activation", "beyond the bounds"),
    row("clip: beyond the lower bound too", CLIP, "x", lambda dy, x: dy * (x < 0.7), "one-sided", "beyond the lower bound"),
    row("skip connection: the direct path alone", s.residual_tanh, "x", lambda dy, x, s: dy, "missing-path", "the cotangent as it came in"),
    row("softmax: the cotangent alone", s.softmax, "x", lambda dy, x: dy, "missing-activation", "softmax"),
    row("dense softmax: dW of the cotangent alone", mlp_soft, "W", lambda dy, x, W, b: x.T @ dy, "missing-activation", "softmax"),
    row("dense softmax: dW with the diagonal", mlp_soft, "W", lambda dy, x, W, b: x.T @ (dy * (lambda y: y * (1 - y))(s.softmax_of(x @ W + b))), "diagonal", "softmax"),
    row("batch norm: statistics for constants", BATCH, "x", lambda dy, x, g, b: s.norm_back(dy * g, x, 0, 0, 0), "missing-path", "the mean and the variance over axis 0"),
    row("batch norm: no path through the mean", BATCH, "x", lambda dy, x, g, b: s.norm_back(dy * g, x, 0, 0, 1), "missing-path", "through the mean over axis 0"),
    row("batch norm: no path through the variance", BATCH, "x", lambda dy, x, g, b: s.norm_back(dy * g, x, 0, 1, 0), "missing-path", "through the variance over axis 0"),
    row("layer norm: statistics for constants", LAYER, "x", lambda dy, x, g, b: s.norm_back(dy * g, x, 1, 0, 0), "missing-path", "over axis 1"),
    row("layer norm: no path through the mean", LAYER, "x", lambda dy, x, g, b: s.norm_back(dy * g, x, 1, 0, 1), "missing-path", "through the mean over axis 1"),
    row("layer norm: no path through the variance", LAYER, "x", lambda dy, x, g, b: s.norm_back(dy * g, x, 1, 1, 0), "missing-path", "through the variance over axis 1"),
    row("layer norm: not divided by the deviation", LAYER, "x", lambda dy, x, g, b: s.norm_back(dy * g, x, 1) * np.sqrt(x.var(1, keepdims=True) + 1e-5), "missing-factor", "standard deviation of x over axis 1"),
    row("rms norm: the root for a constant", s.rms, "x", lambda dy, x, g: dy * g / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6), "missing-path", "mean square over axis 1"),
    row("batch norm: dg without x̂", BATCH, "g", lambda dy, x, g, b: dy.sum(0), "missing-factor", "normalised over axis 0"),
    row("batch norm: dg with x for x̂", BATCH, "g", lambda dy, x, g, b: (dy * x).sum(0), "wrong-variable", "it is the sum of dy * x"),
    row("layer norm: dg with x for x̂", LAYER, "g", lambda dy, x, g, b: (dy * x).sum(0), "wrong-variable", "normalised over axis 1"),
    row("scale: the factor forgotten", s.scale, "x", lambda dy, x, s: dy, "missing-factor", "dx * s matches"),
    row("scale: the factor twice", s.scale, "x", lambda dy, x, s: dy * s * s, "extra-factor", "dx / s matches"),
    row("scale: the gradients exchanged", s.scale, "x", lambda dy, x, s: dy * x, "wrong-variable", "has the factor x where s should stand"),
    row("skip connection: the direct path forgotten", s.residual_tanh, "x", lambda dy, x, s: dy * s * np.cos(x * s), "missing-path", "direct path"),
    row("linear: weight decay added", s.linear, "W", lambda dy, x, W, b: x.T @ dy + 0.1 * W, "missing-path", "dW - 0.1 * W matches"),
    row("mse: the target forgotten", s.mse, "x", lambda dy, x, t: dy * 2 * x / x.size, "missing-path", "* t matches"),
    row("cross-entropy: the target forgotten", s.cross_entropy, "x", lambda dy, x, label: dy * s.softmax_of(x) / len(x), "missing-target", "target class"),
    row("gram matrix: one use of two", s.gram, "x", lambda dy, x: dy @ x, "missing-path", "one of two uses"),
    row("gram matrix: the other use alone", s.gram, "x", lambda dy, x: dy.T @ x, "missing-path", "one of two uses"),
    row("embedding: assigned, not added", s.embedding, "W", lambda dy, W, label: put(0 * W, label, dy), "overwritten", "np.add.at"),
    row("convolution: dw upside down", s.conv, "w", lambda dy, x, w: s.conv_back(dy, x, w)["w"][::-1, ::-1], "flipped", "axes 0 and 1"),
    row("convolution: dx by the flipped kernel", s.conv, "x", lambda dy, x, w: s.conv_back(dy, x, w, used=w[::-1, ::-1])["x"], "flipped", "kernel in the wrong order along axes 1 and 2"),
    row("cumsum: forwards", s.cumulative, "x", lambda dy, x: np.cumsum(dy, 0), "time-reversed", "wrong direction"),
    row("rnn: dx in the order of the loop", s.rnn, "x", lambda dy, **i: s.rnn_back(dy, **i)["x"][::-1], "time-reversed", "opposite order along axis 0"),
    row("rnn: dx off by one", s.rnn, "x", lambda dy, **i: np.roll(s.rnn_back(dy, **i)["x"], 1, 0), "shifted", "shifted by one along axis 0"),
    row("rnn: the cotangent in the wrong order", s.rnn, "Wx", lambda dy, **i: s.rnn_back(dy[::-1], **i)["Wx"], "time-reversed", "cotangent in the opposite order"),
    row("linear: only the first sample", s.linear, "W", lambda dy, x, W, b: np.outer(x[0], dy[0]), "first-sample", "first entry along axis 0"),
    row("linear: only the last sample", s.linear, "W", lambda dy, x, W, b: np.outer(x[-1], dy[-1]), "last-sample", "last entry along axis 0"),
    row("linear: db of the first sample", s.linear, "b", lambda dy, x, W, b: dy[0], "first-sample", "first entry"),
]  # fmt: skip

# What takes the whole numerical gradient, or the Jacobian.
MEASURED = [
    row("linear: one entry", s.linear, "W", lambda dy, x, W, b: put(x.T @ dy, (1, 2), 7), "one-entry", "dW[1, 2] alone is wrong: it is 7"),
    row("linear: the last row of dW", s.linear, "W", lambda dy, x, W, b: put(x.T @ dy, -1, 0), "edges", "only in the last row along axis 0"),
    row("linear: the first column of dx", s.linear, "x", lambda dy, x, W, b: put(dy @ W.T, np.s_[:, 0], 1), "edges", "only in the first row along axis 1"),
    row("tanh: dx of the first sample only", TANH, "x", lambda dy, x: put(0 * x, 0, (dy * (1 - np.tanh(x) ** 2))[0]), "first-sample", "first entry along axis 0 of the output"),
    row("tanh: dx of the last sample only", TANH, "x", lambda dy, x: put(0 * x, -1, (dy * (1 - np.tanh(x) ** 2))[-1]), "last-sample", "last entry along axis 0 of the output"),
    row("linear: dx summed over the samples", s.linear, "x", lambda dy, x, W, b: np.broadcast_to((dy @ W.T).sum(0), x.shape), "extra-sum", "the sum over axis 0"),
    row("linear: dx averaged over the samples", s.linear, "x", lambda dy, x, W, b: np.broadcast_to((dy @ W.T).mean(0), x.shape), "extra-sum", "the mean over axis 0"),
    row("linear: dx has lost its first axis", s.linear, "x", lambda dy, x, W, b: (dy @ W.T).sum(0), "extra-sum", "the sum over axis 0"),
    row("sine: right for positive inputs only", SINE, "x", lambda dy, x: only(dy * np.cos(x), x > 0), "one-sided", "right only where x is not negative"),
    row("sine: right for negative inputs only", SINE, "x", lambda dy, x: dy * np.where(x < 0, np.cos(x), 1), "one-sided", "right only where x is not positive"),
    row("rnn: dx of the direct path", s.rnn, "x", lambda dy, **i: s.rnn_back(dy, **i, later=0)["x"], "recurrent-path", "later steps is missing"),
    row("rnn: dWx of the direct path", s.rnn, "Wx", lambda dy, **i: s.rnn_back(dy, **i, later=0)["Wx"], "recurrent-path", "path through earlier states"),
    row("rnn: dWh of the direct path", s.rnn, "Wh", lambda dy, **i: s.rnn_back(dy, **i, later=0)["Wh"], "recurrent-path", "path through earlier states"),
    row("rnn: dx collected forwards", s.rnn, "x", lambda dy, **i: s.rnn_back(dy, **i, order=1)["x"], "time-reversed", "wrong direction"),
    row("convolution: windows overwritten", s.conv, "x", lambda dy, x, w: s.conv_back(dy, x, w, add=False)["x"], "overwritten", "last window"),
    row("max pool: windows overwritten", s.max_pool, "x", lambda dy, x: s.max_pool_back(dy, x, False), "overwritten", "added up"),
    row("average pool: windows overwritten", s.average_pool, "x", lambda dy, x: s.average_back(dy, x, False), "overwritten", "last window"),
    row("convolution: the border forgotten", s.conv, "x", lambda dy, x, w: only(s.conv_back(dy, x, w)["x"], np.pad(np.ones((x.shape[0], x.shape[1] - 2, x.shape[2] - 2)), ((0, 0), (1, 1), (1, 1)))), "edges", "within 1 of the border"),
    row("three gates: one of three blocks of columns", GATES, "W", lambda dy, x, W, b: put(x.T @ dy, np.s_[:, 2:4], 0.7), "missing-path", "columns 2 to 3 along axis 1, one of 3 equal blocks"),
    row("linear: clipped", s.linear, "W", lambda dy, x, W, b: np.clip(x.T @ dy, -1, 1), "clipped", "cut off at 1"),
    row("embedding: repeated rows averaged", s.embedding, "W", lambda dy, W, label: s.embedding_back(dy, W, label) / np.maximum(np.bincount(label, minlength=len(W)), 1)[:, None], "overwritten", "points more than once"),
    row("tanh: a polynomial in its place", TANH, "x", lambda dy, x: dy * (1 - np.tanh(x) ** 2 * (1 + 1e-4 * x)), "approximate", "close everywhere"),
    row("linear: dW as integers", s.linear, "W", lambda dy, x, W, b: (x.T @ dy).astype(int), "integer-gradient", "integer dtype"),
    row("linear: dx with a weight for each sample", s.linear, "x", lambda dy, x, W, b: (dy @ W.T) * np.arange(1.5, 1.5 + len(x))[:, None], "factor", "factor of its own: 1.5, 2.5"),
]  # fmt: skip
SHAPES = [pytest.param(s.UNEQUAL, id="unequal"), pytest.param(s.EQUAL, id="equal lengths")]


@pytest.mark.parametrize("sizes", SHAPES)
@pytest.mark.parametrize(("layer", "of", "wrong", "code", "says"), PROBED + MEASURED)
def test_with_the_numerical_gradient(layer, of, wrong, code, says, sizes):
    found = diagnose(evidence(layer(**sizes), of, wrong, measured=True))
    assert (found.code if found else "") == code, found
    assert says in (found.sentence if found else "")


@pytest.mark.parametrize("sizes", SHAPES)
@pytest.mark.parametrize(("layer", "of", "wrong", "code", "says"), PROBED)
def test_with_slopes_alone(layer, of, wrong, code, says, sizes):
    found = diagnose(evidence(layer(**sizes), of, wrong, measured=False))
    assert (found.code if found else "") == code, found
    assert says in (found.sentence if found else "")


def test_two_gradients_exchanged():
    layer = s.scale(**s.UNEQUAL)
    wrong = layer.gradients | {"s": layer.gradients["x"]}
    known = evidence(replace(layer, gradients=wrong), "x", layer.gradients["s"], measured=False)
    assert diagnose(known).code == "swapped"


def test_the_complex_conjugate():
    rng = np.random.default_rng(0)
    x, other, up, *directions = (rng.normal(size=(4, 3, 2)) @ [1, 1j] for _ in range(5))
    right = up * other.conj()
    probes = tuple(Probe(u, float((right.conj() * u).sum().real), 1e-12) for u in directions)
    inputs = {"x": x, "other": other}
    known = Evidence("x", inputs, x * other, up, {"x": right.conj()}, probes)
    assert diagnose(known).code == "conjugate"
