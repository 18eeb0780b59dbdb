"""Home-made Functions with a context, as people write them."""

import numpy as np
import pytest
from adapters import people_ctx as people
from adapters.sessions import request, wrong
from layers.tables import row

from gradcheck.checks.adapters import ctx

NONE: list = []

READ = [  # source after the base class, name, inputs, of these wrong
    row("static methods", people.STATIC, "Mul", ["a", "b"], NONE),
    row("gradients exchanged", people.SWAPPED, "Mul", ["a", "b"], ["a", "b"]),
    row("attributes of the context", people.ATTRIBUTES, "Pow", ["x"], NONE),
    row("saved_values", people.SAVED_VALUES, "Sigmoid", ["t1"], NONE),
    row("Tensor objects", people.TENSORS, "Tanh", ["x"], NONE),
    row("a context class of the module", people.OWN_CONTEXT, "Log", ["x"], NONE),
    row("self is the context", people.SELF, "Dot", ["input", "weight"], NONE),
    row("a constructor that wants tensors", people.NEEDS_TENSORS, "Exp", ["x"], NONE),
    row("self and a context", people.SELF_AND_CTX, "Scale", ["x", "w"], NONE),
    row("a context of another name", people.NAMED_OTHERWISE, "Square", ["x"], ["x"]),
    row("needs_input_grad", people.NEEDS_INPUT_GRAD, "Gather", ["table", "idx"], NONE),
    row("marks", people.MARKS, "Relu", ["x"], NONE),
    row("class methods", people.CLASS_METHODS, "Cube", ["x"], NONE),
    row("None beyond the last input", people.TOO_MANY, "Square", ["x"], NONE),
]


@pytest.mark.parametrize(("source", "name", "inputs", "mistaken"), READ)
def test_what_is_checked_of_a_function_with_a_context(tmp_path, source, name, inputs, mistaken):
    function = ctx.adapt(request(tmp_path, people.BASE + source, name))
    assert list(function.inputs) == inputs
    assert wrong(function) == mistaken


def test_operands_are_of_one_shape(tmp_path):
    function = ctx.adapt(request(tmp_path, people.BASE + people.STATIC, "Mul"))
    assert {array.shape for array in function.inputs.values()} == {(4, 3)}
    assert "guessed a and b of one shape" in function.notes[0]


def test_shapes_that_were_given_go_before_that(tmp_path):
    shapes = {"a": (4, 3), "b": (3,)}
    function = ctx.adapt(request(tmp_path, people.BASE + people.STATIC, "Mul", shapes=shapes))
    assert function.inputs["b"].shape == (3,)
    assert not function.notes


def test_what_is_no_array_is_passed_on_as_it_is(tmp_path):
    asked = request(tmp_path, people.BASE + people.ATTRIBUTES, "Pow", keywords={"n": 2})
    function = ctx.adapt(asked)
    x = function.inputs["x"]
    assert function.start().forward({"x": x}).tolist() == (x**2).tolist()


def test_whole_numbers_in_arrays_are_not_differentiated_by(tmp_path):
    function = ctx.adapt(request(tmp_path, people.BASE + people.NEEDS_INPUT_GRAD, "Gather"))
    assert function.differentiable == ("table",)


def test_of_several_outputs_each_has_its_cotangent(tmp_path):
    function = ctx.adapt(request(tmp_path, people.BASE + people.TWO_OUTPUTS, "Divide"))
    session = function.start()
    x = function.inputs["x"]
    first, second = session.forward({"x": x})
    assert np.array_equal(first, np.sin(x))
    assert np.array_equal(second, np.cos(x))
    gradient = session.backward((np.ones_like(x), np.zeros_like(x)))
    assert np.array_equal(gradient["x"], np.cos(x))


def test_gradients_are_handed_on_as_they_were_returned(tmp_path):
    source = people.BASE + people.STATIC.replace("grad_output * b, ", "")
    session = ctx.adapt(request(tmp_path, source, "Mul")).start()
    session.forward({"a": np.ones(2), "b": np.ones(2)})
    assert isinstance(session.backward(np.ones(2)), np.ndarray)


def test_every_forward_pass_has_a_new_context(tmp_path):
    function = ctx.adapt(request(tmp_path, people.BASE + people.SELF, "Dot"))
    session = function.start()
    inputs = dict(function.inputs)
    session.forward(inputs)
    session.forward({name: 2 * array for name, array in inputs.items()})
    gradient = session.backward(np.ones((4, 5)))
    assert gradient["input"].tolist() == (np.ones((4, 5)) @ (2 * inputs["weight"]).T).tolist()


def test_the_place_is_that_of_backward(tmp_path):
    function = ctx.adapt(request(tmp_path, people.BASE + people.STATIC, "Mul"))
    lines = (tmp_path / "theirs.py").read_text().splitlines()
    decorator = lines.index(
        "    def backward(ctx, grad_output):"
    )  # counted from 0: the line before
    assert str(function.place) == f"{tmp_path / 'theirs.py'}:{decorator}"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        row("a plain class", people.PLAIN_CLASS, "Relu"),
        row("the base class", people.STATIC, "Function"),
    ],
)
def test_what_has_no_context_is_left_to_others(tmp_path, source, name):
    assert ctx.adapt(request(tmp_path, people.BASE + source, name)) is None
