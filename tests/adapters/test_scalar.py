"""Functions beside their derivatives, as people write them."""

import textwrap

import numpy as np
import pytest
from adapters.written import recognised, wrong
from layers.tables import row

SIGMOID = """
    def sigmoid(x):
        return 1 / (1 + np.exp(-x))
"""
OF_INPUT = "def sigmoid_{0}(x):\n    s = 1 / (1 + np.exp(-x))\n    return s * (1 - s)\n"
SOFTMAX = """
    def softmax(z):
        e = np.exp(z - np.max(z{0}))
        return e / np.sum(e{0})
"""
SCALED = """
    def elu(x, alpha{0}):
        return np.where(x > 0, x, alpha * (np.exp(x) - 1))

    def elu_prime(x, alpha{0}):
        return np.where(x > 0, 1, alpha * np.exp(x))
"""


def two(derivative, function=SIGMOID):
    """A function and the text of its derivative in one file."""
    return textwrap.dedent(function) + "\n" + textwrap.dedent(derivative)


def methods(function, derivative, head="class Tanh:"):
    """A class with a function and a derivative of these names."""
    return f"""
    {head}
        def {function}(self, x):
            return np.tanh(x)

        def {derivative}(self, x):
            return 1 - np.tanh(x) ** 2
    """


FLAG = """
    def tanh(x, {0}=False):
        if {0}:
            return 1 - np.tanh(x) ** 2
        return np.tanh(x)
"""
OUTPUT_FLAG = """
    def sigmoid(x, deriv=False):
        if deriv == True:
            return x * (1 - x)
        return 1 / (1 + np.exp(-x))
"""
PARAMETER = """
    class LeakyReLU:
        def __init__(self, alpha=0.2):
            self.alpha = alpha

        def __call__(self, x):
            return np.where(x >= 0, x, self.alpha * x)

        def gradient(self, x):
            return np.where(x >= 0, 1, self.alpha)
"""
STATIC = """
    class Square:
        @staticmethod
        def f(x):
            return x ** 2

        @staticmethod
        def df(x):
            return 2 * x
"""
DRAWER = """
    class Activations:
        @staticmethod
        def swish(x):
            return x / (1 + np.exp(-x))

        @staticmethod
        def swish_derivative(x):
            s = 1 / (1 + np.exp(-x))
            return s + x * s * (1 - s)
"""
ONE_NUMBER = """
    import math

    def relu(x):
        return x if x > 0 else 0

    def relu_derivative(x):
        return 1 if x > 0 else 0
"""
JACOBIANS = """
    def softmax_derivative(x):
        s = softmax(x)
        return np.einsum('ij,jk->ijk', s, np.eye(3)) - np.einsum('ij,ik->ijk', s, s)
"""
ROWS_OF_SOFTMAX = SOFTMAX.format(", axis=-1, keepdims=True")
JACOBIAN = """
    def softmax_grad(z):
        s = softmax(z).reshape(-1, 1)
        return np.diagflat(s) - s @ s.T
"""
DIAGONAL = "def softmax_derivative(x):\n    s = softmax(x)\n    return s * (1 - s)\n"
LOG = "def log(x):\n    return np.log(x)\n\ndef logPrime(x):\n    return 1 / x\n"
ARCSIN = "def asin(x):\n    return np.arcsin(x)\n\ndef d_asin(x):\n    return 1/np.sqrt(1-x**2)\n"
LINEAR = "def linear(x):\n    return x\n\ndef linear_prime(x):\n    return 1\n"

STYLES = [  # source, target, name, input, whether it is wrong
    row("_prime", two(OF_INPUT.format("prime")), "", "sigmoid", "x", False),
    row("_derivative", two(OF_INPUT.format("derivative")), "", "sigmoid", "x", False),
    row("_grad", two(OF_INPUT.format("grad")), "", "sigmoid", "x", False),
    row("named by the derivative", two(OF_INPUT.format("d")), "::sigmoid_d", "sigmoid", "x", False),
    row("d_ in front", two("def d_sigmoid(s):\n    return s * (1 - s)\n"), "", "sigmoid", "x",
        False),
    row("d in front", two("def dsigmoid(x):\n    return sigmoid(x)\n"), "", "sigmoid", "x", True),
    row("of the output", two("def sigmoid_derivative(x):\n    return x * (1 - x)\n"), "", "sigmoid",
        "x", False),
    row("of the output and wrong", two("def sigmoid_prime(s):\n    return s * (1 + s)\n"), "",
        "sigmoid", "x", True),
    row("a flag deriv", FLAG.format("deriv"), "", "tanh", "x", False),
    row("a flag prime", FLAG.format("prime"), "", "tanh", "x", False),
    row("a flag derivative", FLAG.format("derivative"), "", "tanh", "x", False),
    row("a flag, of the output", OUTPUT_FLAG, "", "sigmoid", "x", False),
    row("a wrong flag", FLAG.format("d").replace("** 2", ""), "", "tanh", "x", True),
    row("fn and grad", methods("fn", "grad"), "", "Tanh", "x", False),
    row("activation and derivative", methods("activation", "derivative"), "", "Tanh", "x", False),
    row("f and df", STATIC, "", "Square", "x", False),
    row("called, and a gradient", PARAMETER, "", "LeakyReLU", "x", False),
    row("arguments of the constructor", PARAMETER, "::LeakyReLU(0.5)", "LeakyReLU", "x", False),
    row("a drawer of functions", DRAWER, "", "swish", "x", False),
    row("one in a drawer", DRAWER, "::Activations.swish", "swish", "x", False),
    row("an argument with a default", SCALED.format("=1.0"), "", "elu", "x", False),
    row("an argument without one", SCALED.format(""), "", "elu", "x", False),
    row("one number at a time", ONE_NUMBER, "", "relu", "x", False),
    row("the Jacobian of a vector", two(JACOBIAN, SOFTMAX.format("")), "", "softmax", "z", False),
    row("a Jacobian for each row", two(JACOBIANS, ROWS_OF_SOFTMAX), "", "softmax", "z", False),
    row("the diagonal alone", two(DIAGONAL, ROWS_OF_SOFTMAX), "", "softmax", "z", True),
    row("only for positive numbers", LOG, "", "log", "x", False),
    row("only between -1 and 1", ARCSIN, "", "asin", "x", False),
    row("a constant", LINEAR, "", "linear", "x", False),
]  # fmt: skip


@pytest.mark.parametrize(("source", "target", "name", "argument", "is_wrong"), STYLES)
def test_a_derivative_is_found_and_compared(tmp_path, source, target, name, argument, is_wrong):
    [function] = recognised(tmp_path, source, target).functions
    assert function.name == name
    assert function.differentiable == (argument,)
    assert bool(wrong(function)) == is_wrong


NOTES = [
    row("of the output", OUTPUT_FLAG, "written for the output"),
    row("only positive", LOG, "the entries of x are positive"),
    row("between 0 and 1", ARCSIN, "between 0 and 1"),
    row("one number", ONE_NUMBER, "one number at a time"),
    row("an argument", SCALED.format(""), "elu(alpha=0.7) --shape x=4,3"),
]


@pytest.mark.parametrize(("source", "note"), NOTES)
def test_how_it_was_read_is_said(tmp_path, source, note):
    [function] = recognised(tmp_path, source).functions
    assert note in " ".join(function.notes)


def test_a_derivative_of_the_input_has_no_such_note(tmp_path):
    [function] = recognised(tmp_path, two(OF_INPUT.format("prime"))).functions
    assert not any("output" in note for note in function.notes)


def test_points_of_both_signs(tmp_path):
    """A function of one number is checked on both sides of its kink."""
    [function] = recognised(tmp_path, ONE_NUMBER).functions
    assert set(np.sign(function.inputs["x"])) == {-1, 1}
