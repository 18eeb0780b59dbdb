"""Where the arrays come from: given, from the hook, of given shapes, guessed."""

import numpy as np
import pytest
from adapters.written import recognised
from layers.tables import row

from gradcheck.checks.adapters.draw import DRAW, Shape, draw
from gradcheck.checks.adapters.guesses import guesses
from gradcheck.checks.adapters.inputs import complete, parse_shapes, split, usable
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.layers import UsageError

SHAPES = [  # a word of --shape, name, sizes, kind
    row("sizes", "X=4,3", "X", (4, 3), ""),
    row("one size", "b=5", "b", (5,), ""),
    row("a comma too many", "b=5,", "b", (5,), ""),
    row("a scalar", "a=", "a", (), ""),
    row("brackets", "X=(4, 3)", "X", (4, 3), ""),
    row("crosses", "X=4x3", "X", (4, 3), ""),
    row("nothing in an axis", "X=0,3", "X", (0, 3), ""),
    row("integers", "y=5:int3", "y", (5,), "int3"),
    row("integers, as a comparison", "y=5:int<3", "y", (5,), "int3"),
    row("positive numbers", "x=5:positive", "x", (5,), "positive"),
    row("one-hot rows", "y=5,3:onehot", "y", (5, 3), "onehot"),
]


@pytest.mark.parametrize(("word", "name", "sizes", "kind"), SHAPES)
def test_shapes_are_read(word, name, sizes, kind):
    [(found, shape)] = parse_shapes([word]).items()
    assert (found, tuple(shape), shape.kind) == (name, sizes, kind)


BAD = [
    row("no sizes", "X", "write a name and sizes"),
    row("no name", "=3", "write a name and sizes"),
    row("no number", "X=a,b", "whole numbers"),
    row("a negative size", "X=-3", "negative"),
    row("an unknown kind", "X=3:odd", "int3"),
    row("integers below nothing", "X=3:int0", "int3"),
]


@pytest.mark.parametrize(("word", "message"), BAD)
def test_shapes_that_are_none_are_refused(word, message):
    with pytest.raises(UsageError, match=message):
        parse_shapes([word])


@pytest.mark.parametrize("kind", ["real", "positive", "unit"])
@pytest.mark.parametrize("seed", range(5))
def test_no_entry_is_near_an_integer_and_no_two_are_alike(kind, seed):
    values = DRAW[kind]((5, 7), np.random.default_rng(seed))
    assert np.abs(values - np.round(values)).min() >= 0.05
    assert np.diff(np.sort(values.reshape(-1))).min() > 0.01


DRAWN = [  # what is drawn, what holds
    row("both signs", Shape.of((2,)), lambda a: a.min() < 0 < a.max()),
    row("a scalar", Shape.of(()), lambda a: a.shape == ()),
    row("nothing", Shape.of((0, 3)), lambda a: a.shape == (0, 3)),
    row("integers below 3", Shape.of((6,), "int3"), lambda a: set(a) <= {0, 1, 2}),
    row("integers are integers", Shape.of((6,), "int3"), lambda a: a.dtype.kind == "i"),
    row("the last integer occurs", Shape.of((6,), "int9"), lambda a: a.max() == 8),
    row("one integer occurs twice", Shape.of((3,), "int9"), lambda a: len(set(a)) == 2),
    row("an integer", Shape.of((), "int3"), lambda a: a.shape == ()),
    row("rows sum to 1", Shape.of((4, 3), "rows"), lambda a: np.allclose(a.sum(axis=1), 1)),
    row("one-hot", Shape.of((4, 3), "onehot"), lambda a: (a.sum(axis=1) == 1).all()),
    row("signs", Shape.of((9,), "signs"), lambda a: set(a) == {-1.0, 1.0}),
]


@pytest.mark.parametrize(("shape", "holds"), DRAWN)
def test_what_is_drawn(shape, holds):
    assert holds(draw(shape, np.random.default_rng(0)))


def shapes_of(names, works, **given):
    """The shapes of what is found for the names."""
    values, _ = complete(Request(None, "layer", **given), names, works)
    return {name: np.shape(value) for name, value in values.items()}


def of(function):
    """Whether a function gives finite numbers."""
    return lambda values: usable(function(**values))


FOUND = [  # arguments, function, shapes
    row("x @ w + b", lambda x, w, b: x @ w + b, {"x": (4, 3), "w": (3, 5), "b": (5,)}),
    row("x @ w.T + b", lambda x, W, b: x @ W.T + b, {"x": (4, 3), "W": (5, 3), "b": (5,)}),
    row("W x + b in columns", lambda X, W, b: W @ X + b, {"X": (3, 4), "W": (5, 3), "b": (5, 1)}),
    row("a normalisation", lambda x, gamma, beta: x * gamma + beta,
        {"x": (4, 3), "gamma": (3,), "beta": (3,)}),
    row("entry by entry", lambda x, w: x * w, {"x": (4, 3), "w": (3,)}),
    row("images", lambda x: x.sum(axis=(2, 3)), {"x": (2, 3, 7, 6)}),
    row("a sequence", lambda x, h0, Wx, Wh: x[:, 0] @ Wx + h0 @ Wh + x.sum(axis=2)[:, :5],
        {"x": (4, 6, 3), "h0": (4, 5), "Wx": (3, 5), "Wh": (5, 5)}),
    row("indices", lambda x, W: W[x], {"x": (4, 6), "W": (3, 5)}),
    row("labels", lambda x, labels: x[np.arange(4), labels], {"x": (4, 3), "labels": (4,)}),
    row("one number", lambda x: float(x) if x.shape == () else 1 / None, {"x": ()}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "shapes"), FOUND)
def test_shapes_are_found_by_calling(function, shapes):
    assert shapes_of(shapes, of(function)) == shapes


def test_given_arrays_go_first_and_then_given_shapes():
    given = {"inputs": {"x": np.ones((2, 2))}, "shapes": {"w": (2, 7)}}
    found = shapes_of(["x", "w", "b"], of(lambda x, w, b: x @ w + b), **given)
    assert found["x"] == (2, 2)
    assert found["w"] == (2, 7)


def test_shapes_that_do_not_fit_are_taken_all_the_same():
    """The user wants them so: what goes wrong is for the check to say."""
    given = {"shapes": {"x": (2, 3), "w": (2, 3)}}
    assert shapes_of(["x", "w"], of(lambda x, w: x @ w), **given) == {"x": (2, 3), "w": (2, 3)}


def test_what_is_tried_may_be_written_into():
    def works(values):
        values["x"][:] = 0
        return True

    values, _ = complete(Request(None, "f"), ["x"], works)
    assert values["x"].all()


SIZES = [  # shapes that are given, and what goes with them
    row("a bias of the second layer's width", {"x": (6, 4), "w": (4, 2)}, "b", (2,)),
    row("weights of a picture's channels", {"x": (2, 9, 8, 8)}, "w", (5, 9, 3, 2)),
    row("the weights of a state", {"x": (7, 2), "prev_h": (7, 3)}, "Wh", (3, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("given", "name", "shape"), SIZES)
def test_guesses_go_with_the_shapes_that_are_given(given, name, shape):
    assert next(guesses([name], given)) == (shape,)


def test_the_same_seed_draws_the_same():
    one, two = (complete(Request(None, "f"), ["x"], lambda values: True)[0] for _ in range(2))
    assert np.array_equal(one["x"], two["x"])


def test_arrays_are_inputs_and_the_rest_is_passed_on():
    arrays, rest = split({"x": np.ones(3), "s": np.float64(2), "stride": 2, "p": {"pad": 1}})
    assert list(arrays) == ["x", "s"]
    assert rest == {"stride": 2, "p": {"pad": 1}}


PAIR = """
    def scale_forward(x, factor):
        return x * factor, factor

    def scale_backward(dout, factor):
        return dout * factor

    def shift_forward(x):
        return x + 1

    def shift_backward(dout):
        return dout
"""
HOOKS = [  # the hook, shape of x
    row("a dictionary", "def gradcheck_inputs():\n    return {'x': np.ones((2, 6)), 'factor': 3}",
        (2, 6)),
    row("one by name", "def gradcheck_inputs():\n"
        "    return {'scale_forward': {'x': np.ones(6), 'factor': 3}}", (6,)),
    row("for another name", "def gradcheck_inputs():\n    return {'other': {'x': np.ones(6)}}",
        (4, 3)),
    row("with the name", "def gradcheck_inputs(name):\n"
        "    return {'x': np.ones(len(name)), 'factor': 3}", (len("scale_forward"),)),
]  # fmt: skip


@pytest.mark.parametrize(("hook", "shape"), HOOKS)
def test_the_hook_is_asked(tmp_path, hook, shape):
    source = PAIR.replace("\n    ", "\n") + "\n" + hook + "\n"
    [function] = recognised(tmp_path, source, "::scale_forward").functions
    assert function.inputs["x"].shape == shape


def test_the_hook_is_asked_by_the_name_of_the_forward_pass(tmp_path):
    hook = "\ndef gradcheck_inputs(name):\n    return {'x': np.ones(len(name)), 'factor': 3}\n"
    source = PAIR.replace("\n    ", "\n") + hook
    [function] = recognised(tmp_path, source, "::scale_backward").functions
    assert function.inputs["x"].shape == (len("scale_forward"),)


def test_the_hook_may_return_the_object(tmp_path):
    hook = "\nneeds = None\ndef gradcheck_inputs():\n    return (f, b), {'x': np.ones(3)}\n"
    passes = "def f(x):\n    return 2 * x\n\ndef b(dout, x):\n    return 2 * dout\n"
    [function] = recognised(tmp_path, passes + hook, "::needs").functions
    assert function.inputs["x"].shape == (3,)


BAD_HOOKS = [
    row("no dictionary", "def gradcheck_inputs():\n    return 3\n", "not an int"),
    row("an error", "def gradcheck_inputs():\n    return {}['x']\n", "raised KeyError"),
]


@pytest.mark.parametrize(("hook", "message"), BAD_HOOKS)
def test_a_wrong_hook_is_said(tmp_path, hook, message):
    source = PAIR.replace("\n    ", "\n") + "\n" + hook
    with pytest.raises(UsageError, match=message):
        recognised(tmp_path, source, "::scale_forward")


def test_the_hook_draws_the_same_in_every_run(tmp_path):
    hook = "\ndef gradcheck_inputs():\n    return {'x': np.random.randn(3), 'factor': 3}\n"
    source = PAIR.replace("\n    ", "\n") + hook
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    draws = [recognised(tmp_path, source, "::scale_forward").functions[0].inputs["x"] for _ in "ab"]
    assert np.array_equal(*draws)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
