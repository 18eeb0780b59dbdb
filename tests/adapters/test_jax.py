"""jax functions with a rule of their own, and others."""

from pathlib import Path

import numpy as np
import pytest
from adapters.sessions import request, wrong
from layers.tables import row

from gradcheck.checks.adapters import jax_functions, recognise

jax = pytest.importorskip("jax", reason="jax is not installed")

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"

HEAD = """
from functools import partial
import jax
import jax.numpy as jnp
"""

DENSE = """
@jax.custom_vjp
def dense(x, w):
    return jnp.tanh(x @ w)

def dense_fwd(x, w):
    y = jnp.tanh(x @ w)
    return y, (x, w, y)

def dense_bwd(residuals, g):
    x, w, y = residuals
    dz = g * (1 - y ** 2)
    return dz @ w.T, x.T @ dz

dense.defvjp(dense_fwd, dense_bwd)
"""

NO_TANH = DENSE.replace("dz = g * (1 - y ** 2)", "dz = g")
TRANSPOSED = DENSE.replace("x.T @ dz", "dz.T @ x")
OTHER_FORWARD = DENSE.replace("y = jnp.tanh", "y = jnp.sin")

CLIP = """
@partial(jax.custom_vjp, nondiff_argnums=(1,))
def leaky(x, slope=0.3):
    return jnp.where(x > 0, x, slope * x)

def leaky_fwd(x, slope):
    return leaky(x, slope), x

def leaky_bwd(slope, x, g):
    return (jnp.where(x > 0, g, slope * g),)

leaky.defvjp(leaky_fwd, leaky_bwd)
"""

LAST = CLIP.replace("nondiff_argnums=(1,)", "nondiff_argnums=(-1,)")

SQUARE = """
@jax.custom_vjp
def square(x):
    return x * x

square.defvjp(lambda x: (x * x, x), lambda x, g: (2 * x * g,))
"""

SINGLE = SQUARE.replace("(2 * x * g,)", "((2 * x * g).astype(jnp.float32),)")
NO_RULE = SQUARE.rpartition("square.defvjp")[0]

GATHER = """
@jax.custom_vjp
def gather(table, idx):
    return table[idx]

def fwd(table, idx):
    return table[idx], (table.shape, idx)

def bwd(residuals, g):
    shape, idx = residuals
    return jnp.zeros(shape, g.dtype).at[idx].add(g), None

gather.defvjp(fwd, bwd)
"""

ADD = """
@jax.custom_vjp
def add(a, b):
    return a + b

add.defvjp(lambda a, b: (a + b, None), lambda _, g: (g, g))
"""

JITTED = """
@jax.jit
def softplus(x):
    return jnp.log1p(jnp.exp(x))
"""

PLAIN = """
def energy(x):
    return jnp.sum(jnp.sin(x) ** 2)
"""

BY_HAND = """
def relu_forward(x):
    return jnp.maximum(x, 0), x

def relu_backward(dout, x):
    return dout * (x > 0)
"""

READ = [  # source, name, inputs, of these wrong
    row("a rule of two functions", DENSE, "dense", ["x", "w"], []),
    row("the activation's derivative is missing", NO_TANH, "dense", ["x", "w"], ["x", "w"]),
    row("a gradient of another shape", TRANSPOSED, "dense", ["x", "w"], ["w"]),
    row("nondiff_argnums", CLIP, "leaky", ["x"], []),
    row("counted from the end", LAST, "leaky", ["x"], []),
    row("lambdas", SQUARE, "square", ["x"], []),
    row("whole numbers", GATHER, "gather", ["table", "idx"], []),
    row("one gradient for two inputs", ADD, "add", ["a", "b"], []),
    row("a jitted function", JITTED, "softplus", ["x"], []),
    row("a plain function", PLAIN, "energy", ["x"], []),
]


@pytest.mark.parametrize(("source", "name", "inputs", "mistaken"), READ)
def test_what_is_checked_of_a_jax_function(tmp_path, source, name, inputs, mistaken):
    function = jax_functions.adapt(request(tmp_path, HEAD + source, name))
    assert list(function.inputs) == inputs
    assert wrong(function) == mistaken


def test_64_bits_are_used_and_the_setting_is_put_back(tmp_path):
    function = jax_functions.adapt(request(tmp_path, HEAD + DENSE, "dense"))
    session = function.start()
    output = session.forward(dict(function.inputs))
    assert output.dtype == np.float64
    assert session.backward(np.ones_like(output))["x"].dtype == np.float64
    assert not jax.config.jax_enable_x64


def test_a_gradient_keeps_its_dtype(tmp_path):
    session = jax_functions.adapt(request(tmp_path, HEAD + SINGLE, "square")).start()
    session.forward({"x": np.ones(3)})
    assert session.backward(np.ones(3))["x"].dtype == np.float32


def test_a_forward_pass_that_is_not_that_of_the_function_is_an_error(tmp_path):
    function = jax_functions.adapt(request(tmp_path, HEAD + OTHER_FORWARD, "dense"))
    session = function.start()
    output = session.forward(dict(function.inputs))
    with pytest.raises(ValueError, match="returns another output than the function itself"):
        session.backward(np.ones_like(output))


@pytest.mark.parametrize("half", ["dense_fwd", "dense_bwd"])
def test_half_of_a_rule_stands_for_the_whole(tmp_path, half):
    function = jax_functions.adapt(request(tmp_path, HEAD + NO_TANH, half))
    assert function.name == "dense"
    assert wrong(function) == ["x", "w"]


def test_a_function_whose_rule_is_not_there_yet_says_so(tmp_path):
    session = jax_functions.adapt(request(tmp_path, HEAD + NO_RULE, "square")).start()
    session.forward({"x": np.ones(3)})
    with pytest.raises(TypeError, match="call its defvjp"):
        session.backward(np.ones(3))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        row("passes written by hand", BY_HAND, "relu_forward"),
        row("a function that does not use jax", "def f(x):\n    return x", "f"),
        row("a class", "class C:\n    pass", "C"),
    ],
)
def test_what_is_not_for_jax_is_left_to_others(tmp_path, source, name):
    assert jax_functions.adapt(request(tmp_path, HEAD + source, name)) is None


def test_a_file_without_a_name_has_its_rules_checked():
    survey = recognise.survey(str(EXAMPLES / "jax_custom_vjp.py"))
    assert [function.name for function in survey.functions] == ["softplus", "dense"]
