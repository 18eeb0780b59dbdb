"""Names: what a gradient is the gradient of, and what the names of one thing have in common."""

import pytest
from layers.tables import row

from gradcheck.checks.adapters.names import is_kept, is_parameter, key, means


def pairs(text):
    """One row for each `GRADIENT of INPUT`."""
    return [row(line.strip(), *line.strip().split(" of ")) for line in text.strip().splitlines()]


AS_WRITTEN = pairs("""
    dW of W
    db of b
    dw1 of w1
    d_W of W
    dWx of Wx
    dgamma of gamma
    dA_prev of A_prev
    dinputs of inputs
    dweights of weights
    dLdW of W
    dL_dW of W
    dJ_dw of w
    dloss_dW of W
    dC_db of b
    dW_dL of W
    grad_W of W
    W_grad of W
    gW of W
    grad_weight of weight
    weight_gradient of weight
    weights_update of weights
    gradient_W of W
    gradients_wrt_x of x
    delta_W of W
    nabla_b of b
    input_grad of input
    dh0 of h0
""")
BY_MEANING = pairs("""
    dW of weights
    dw of W
    dW1 of weights_1
    dkernel of filters
    db of bias
    dbiases of b
    dW_ih of weight_ih
    dx of inputs
    dX of x
    dinput of X
    dscale of gamma
    _d_weights of _weights
    dshift of beta
""")
OF_OTHERS = pairs("""
    dW of b
    db of W
    dW1 of W2
    dWx of Wh
    W of W
    data of W
    x of x
    dropout of out_proj
    dgamma of g
    delta of W
    dbeta of b
    dx_prev of x
""")


@pytest.mark.parametrize(("gradient", "name"), AS_WRITTEN)
def test_gradient_of_a_name_as_written(gradient, name):
    assert means(gradient, name) == 2


@pytest.mark.parametrize(("gradient", "name"), BY_MEANING)
def test_gradient_of_a_name_that_means_the_same(gradient, name):
    assert means(gradient, name) == 1


@pytest.mark.parametrize(("gradient", "name"), OF_OTHERS)
def test_no_gradient_of_another_name(gradient, name):
    assert means(gradient, name) == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        row("weights", "weights", "w"),
        row("capitals", "W", "w"),
        row("a number", "kernel_2", "w2"),
        row("two words", "weight_ih", "wih"),
        row("a word that only begins like another", "inputs_seen", "inputsseen"),
        row("an input", "input_data", "x"),
    ],
)
def test_key_forgets_how_a_name_is_written(name, expected):
    assert key(name) == expected


PARAMETERS = "W w weight weights kernel filters Wx Wh W_ih U V gamma beta scale bias biases b1 BW"
KEPT = "x input running_mean moving_var mask cache x_hat xnorm eps mean std velocity_W v"
NEITHER = "p stride hidden_size rng activation kernel_size_used embedding_dim"


@pytest.mark.parametrize("name", [row(name, name) for name in PARAMETERS.split()])
def test_usual_name_of_a_parameter(name):
    assert (is_parameter(name), is_kept(name)) == (True, False)


@pytest.mark.parametrize("name", [row(name, name) for name in KEPT.split()])
def test_usual_name_of_what_is_kept(name):
    assert (is_parameter(name), is_kept(name)) == (False, True)


@pytest.mark.parametrize("name", [row(name, name) for name in NEITHER.split()])
def test_name_that_says_nothing(name):
    assert (is_parameter(name), is_kept(name)) == (False, False)
