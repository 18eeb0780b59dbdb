"""`--as LAYER`: someone's forward pass beside ours."""

import numpy as np
import pytest
from layers.tables import row

import gradcheck as gc

X = np.array([[0.5, -1.5, 2.0], [1.0, 0.25, -0.75], [-2.0, 1.75, 0.3], [0.9, -0.4, 1.2]])
W = np.array([[0.2, -0.7], [1.1, 0.4], [-0.3, 0.8]])
INPUTS = {"x": X, "w": W}


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    return dout @ w.T, x.T @ dout


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_backward(dout, z):
    p = softmax(z)
    return p * (dout - (dout * p).sum(axis=1, keepdims=True))


def columns(z):
    return softmax(z.T).T


def columns_backward(dout, z):
    return softmax_backward(dout.T, z.T).T


def doubled(z):
    return 2 * softmax(z)


def doubled_backward(dout, z):
    return 2 * softmax_backward(dout, z)


def cross_entropy(x, y):
    return -np.log(softmax(x)[np.arange(len(y)), y])


def cross_entropy_backward(dout, x, y):
    return (softmax(x) - np.eye(x.shape[1])[y]) * dout[:, None], None


def summed(x, y):
    return cross_entropy(x, y).sum()


def summed_backward(dout, x, y):
    return cross_entropy_backward(dout * np.ones(len(y)), x, y)


def affine(x, w, b):
    return x @ w + b


def affine_backward(dout, x, w, b):
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


SQUARE = {"x": X, "w": X[1:], "b": X[0]}
Z, LOSS = {"z": X}, {"x": X, "y": np.array([0, 2, 1, 1])}

# forward, backward, inputs, the layer it should be, what a note or the hint says
FORWARD = [
    row("as it should be", softmax, softmax_backward, Z, "softmax",
        "the output is that of softmax (X is z)"),
    row("the layout that fits is found", linear, linear_backward, INPUTS, "bilinear",
        "the inputs do not fit"),
    row("a multiple", doubled, doubled_backward, Z, "softmax", "yours is 2 times ours"),
    row("shifted", lambda z: softmax(z) + 0.1, softmax_backward, Z, "softmax",
        "yours is ours plus 0.1 in every entry"),
    row("transposed", lambda z: softmax(z).T, lambda dout, z: softmax_backward(dout.T, z), Z,
        "softmax", "the transpose of yours agrees"),
    row("along the other axis", columns, columns_backward, Z, "softmax",
        "yours does along axis 0 what ours does along axis 1"),
    row("another epsilon", lambda z: np.exp(z) / (np.exp(z).sum(axis=1, keepdims=True) + 1e-3),
        softmax_backward, Z, "softmax", "compare constants such as epsilon"),
    row("one loss for each sample", cross_entropy, cross_entropy_backward, LOSS,
        "cross_entropy.logits",
        "the mean of yours agrees"),
    row("a sum for a mean", summed, summed_backward, LOSS, "cross_entropy.logits",
        "yours is 4 times ours"),
    row("something else", lambda z: np.tanh(z), softmax_backward, Z, "softmax",
        "forward differs from softmax (X is z) in 12 of 12 entries"),
    row("of several layouts the one that agrees", affine, affine_backward, SQUARE, "linear",
        "the output is that of linear.rows_in_out (X is x, W is w, b is b)"),
]  # fmt: skip


@pytest.mark.parametrize(("forward", "backward", "inputs", "like", "says"), FORWARD)
def test_a_forward_pass_beside_ours(forward, backward, inputs, like, says):
    assert says in said(forward, backward, inputs, like)


def said(forward, backward, inputs, like):
    try:
        return unwrapped(str(gc.check(forward, backward, inputs, like=like)))
    except gc.UsageError as error:
        return str(error)


def unwrapped(report):
    """The report with its folded lines joined again."""
    return " ".join(report.replace("\n           ", " ").split("\n"))
