"""Function pairs as people write them: what is found, and whether the gradients then fit."""

import numpy as np
import pytest
from adapters import people_pairs as people
from adapters.written import recognised, wrong
from layers.tables import row
from source import ROOT

from gradcheck.checks.adapters import recognise
from gradcheck.checks.adapters.gradients import named
from gradcheck.checks.layers import UsageError

XWB, XW, XY = ["x", "w", "b"], ["x", "w"], ["x", "y"]

STYLES = [  # source, target, name, inputs that are differentiated, of these wrong
    row("with a cache", people.CACHE, "", "affine", XWB, []),
    row("named by its backward pass", people.CACHE, "::affine_backward", "affine", XWB, []),
    row("a kept axis", people.KEPT_AXIS, "", "affine", XWB, ["b"]),
    row("fwd and bwd", people.SHORT, "", "mul", XY, []),
    row("forward_ in front, the output again", people.IN_FRONT, "", "tanh", ["x"], []),
    row("fprop and bprop, a dictionary", people.FPROP, "", "dense", ["X", "W"], []),
    row("capitals", people.CAMEL, "", "layer", ["x", "W"], []),
    row("samples in columns", people.COLUMNS, "", "linear", ["A_prev", "W", "b"], []),
    row("an average in the layer", people.PER_BATCH, "", "linear", ["A_prev", "W", "b"], ["W"]),
    row("the input again", people.RELU_AGAIN, "", "relu", ["Z"], []),
    row("a cache that is the input", people.RELU_CACHE, "", "relu", ["Z"], []),
    row("gradients in another order", people.OTHER_ORDER, "", "scale", XW, []),
    row("gradients put in a tuple before", people.TUPLE_FIRST, "", "scale", XW, []),
    row("arguments in another order", people.NO_CACHE_ANY_ORDER, "", "matmul", ["a", "b"], []),
    row("the output as the cache", people.OUTPUT_IS_CACHE, "", "exp", ["x"], []),
    row("a default is no input", people.HYPERPARAMETER, "", "scale", ["x"], []),
    row("a parameter dictionary written to", people.CHANGED_PARAMS, "", "batchnorm",
        ["x", "gamma", "beta"], []),
    row("a missing mean term", people.NO_MEAN_TERM, "", "batchnorm",
        ["x", "gamma", "beta"], ["x"]),
    row("a convolution", people.CONV, "", "conv_naive", XWB, []),
    row("a convolution of stride 1",
        people.CONV, "::conv_forward_naive(conv_param={'stride': 1, 'pad': 1})", "conv_naive",
        XWB, []),
    row("a stride forgotten", people.STRIDE_FORGOTTEN, "", "conv_naive", XWB, ["x", "w"]),
    row("a mask from the global generator", people.DROPOUT, "", "dropout", ["x"], []),
    row("an input of indices", people.EMBEDDING, "", "word_embedding", ["W"], []),
    row("repeated indices overwritten", people.INDICES, "", "take", ["table"], ["table"]),
    row("several outputs", people.SEVERAL_OUTPUTS, "", "lstm_step",
        ["x", "prev_h", "prev_c", "Wx", "Wh", "b"], []),
    row("weights in a dictionary, an output unused", people.UNUSED_OUTPUT, "", "rnn_cell",
        ["xt", "a_prev", "Wax", "Waa", "ba"], []),
    row("static methods", people.STATIC, "", "Affine", XW, []),
    row("functions of a class without self", people.WITHOUT_SELF, "", "Sine", ["x"], []),
    row("methods in a drawer", people.DRAWER, "", "relu", ["x"], []),
    row("a method by its name", people.DRAWER, "::Layers.relu_forward", "relu", ["x"], []),
    row("a cache that is spread out", people.SPREAD_CACHE, "", "linear", XW, []),
    row("what is spread out as arguments", people.SPREAD_ARGUMENTS, "", "linear", XW, []),
    row("arguments by position", people.POSITIONS, "", "linear", XW, []),
    row("a pair of other names", people.TUPLE, "::check", "check", XW, []),
    row("a pair of other names, unasked", people.TUPLE, "", "check", XW, []),
    row("a loss that keeps a cache", people.LOSS_WITH_CACHE, "", "loss", ["x"], []),
    row("targets that sum to 1", people.SOFT_TARGETS, "", "ce", ["logits"], []),
    row("the output under a letter", people.OUTPUT_UNDER_A_LETTER, "", "tanh", ["x"], []),
    row("a cache not returned", people.CACHE_OF_ONE_INPUT, "", "sigmoid", ["Z"], []),
    row("functions inside functions", people.NESTED, "", "residual", XW, []),
    row("positive inputs", people.POSITIVE, "", "log", ["x"], []),
    row("a dictionary inside a tuple", people.INNER_DICT, "", "dense", ["x", "W", "b"], []),
    row("three inputs of one kind", people.ATTENTION, "", "attention", ["q", "k", "v"], []),
]  # fmt: skip


@pytest.mark.parametrize(("source", "target", "name", "differentiable", "differ"), STYLES)
def test_a_pair_is_found_and_called(tmp_path, source, target, name, differentiable, differ):
    [function] = recognised(tmp_path, source, target).functions
    assert function.name == name
    assert list(function.differentiable) == differentiable
    assert wrong(function) == differ


@pytest.mark.parametrize("source", [people.STARS, people.KEYWORDS])
def test_arguments_without_names_need_shapes(tmp_path, source):
    shapes = ["u=4,3", "v=4,3"]
    [function] = recognised(tmp_path, source, "::mul_forward", shapes).functions
    assert list(function.differentiable) == ["u", "v"]
    assert wrong(function) == []


REFUSED = [  # source, target, shapes, what the message says
    row("nothing fits", people.NOTHING_FITS, "::odd_forward", [], "only on Sundays"),
    row("and what to write", people.NOTHING_FITS, "::odd_forward", [], "--shape x=4,3"),
    row("names nowhere", people.KEYWORDS, "::mul_forward", [], "gradcheck_inputs"),
    row("an argument that is not there", people.SHORT, "::mul_fwd", ["z=3"], "no argument z"),
    row("whole numbers alone", people.SHORT, "::mul_fwd", ["x=3:int3", "y=3:int3"], "x is int64"),
    row("arguments by position", people.SHORT, "::mul_fwd(3)", [], "by name"),
    row("a helper", "def helper(x):\n    return x\n", "::helper", [], "no helper_backward"),
    row("nothing in a file", "def helper(x):\n    return x\n", "", [], "function helper"),
]


@pytest.mark.parametrize(("source", "target", "shapes", "message"), REFUSED)
def test_what_cannot_be_guessed_is_said(tmp_path, source, target, shapes, message):
    with pytest.raises(UsageError, match=message):
        recognised(tmp_path, source, target, shapes)


def test_a_pair_is_met_once_in_a_file(tmp_path):
    survey = recognised(tmp_path, people.CACHE + people.SHORT + people.NOTHING_FITS)
    assert [function.name for function in survey.functions] == ["affine", "mul"]
    assert list(survey.left_out) == ["odd_forward"]


def test_the_place_is_that_of_the_backward_pass(tmp_path):
    [function] = recognised(tmp_path, people.CACHE).functions
    assert function.place.file.endswith("theirs.py")
    assert function.place.line == 9


def test_what_was_guessed_is_said(tmp_path):
    [function] = recognised(tmp_path, people.CACHE).functions
    assert "--shape x=4,3 --shape w=3,5 --shape b=5" in function.notes[0]


def test_a_layout_that_backward_refuses_is_said(tmp_path):
    [function] = recognised(tmp_path, people.NO_CACHE_ANY_ORDER).functions
    assert "forward takes a (4, 3), b (3,) too" in function.notes[1]


def test_sizes_can_be_chosen(tmp_path):
    [function] = recognised(tmp_path, people.SHORT, "", ["x=2,3", "y=3"]).functions
    assert [array.shape for array in function.inputs.values()] == [(2, 3), (3,)]


def test_hyperparameters_are_new_in_every_forward_pass(tmp_path):
    """A forward pass that writes into its dictionary gives the same every time."""
    [function] = recognised(tmp_path, people.CHANGED_PARAMS).functions
    session = function.start()
    first, second = (session.forward(dict(function.inputs)) for _ in range(2))
    assert np.array_equal(first, second)


def test_backward_speaks_of_the_latest_forward_pass(tmp_path):
    [function] = recognised(tmp_path, people.SHORT).functions
    session = function.start()
    session.forward(dict(function.inputs))
    session.forward({name: 2 * array for name, array in function.inputs.items()})
    gradients = session.backward(np.ones((4, 3)))
    assert np.allclose(gradients["x"], 2 * function.inputs["y"])


def test_two_functions_of_python():
    function = recognise.adapt(
        (lambda x, w: (x @ w, (x, w)), lambda g, cache: (g @ cache[1].T, cache[0].T @ g)),
        "linear",
        {"x": np.arange(6.0).reshape(2, 3), "w": np.arange(12.0).reshape(3, 4)},
    )
    assert function.name == "linear"
    assert wrong(function) == []


EXAMPLES = [  # a file of docs/examples, what it has, what of that is wrong
    row("pairs", "function_pairs", ["affine", "wrong_affine"], {"wrong_affine": ["b"]}),
    row("without a cache", "without_cache", ["normalize", "softmax"], {"softmax": ["z"]}),
    row("derivatives", "activation_and_derivative", ["sigmoid", "tanh", "Softplus"],
        {"tanh": ["x"]}),
    row("a hook", "with_inputs_hook", ["embedding_sum", "embedding_mean"],
        {"embedding_mean": ["table"]}),
]  # fmt: skip


@pytest.mark.parametrize(("file", "found", "differ"), EXAMPLES)
def test_the_examples_are_right_and_wrong_as_they_say(file, found, differ):
    functions = recognise.functions(f"{ROOT}/docs/examples/{file}.py")
    assert [function.name for function in functions] == found
    assert {f.name: wrong(f) for f in functions if wrong(f)} == differ


# How a cotangent is called that says nothing by itself.
@pytest.mark.parametrize("word", ["d", "g", "t", "upstream_signal"])
def test_a_backward_pass_is_known_by_what_it_takes_besides(tmp_path, word):
    file = tmp_path / "layer.py"
    file.write_text(
        "def double(x, w):\n    return 2 * x * w\n\n"
        f"def double_backward({word}, x, w):\n    return 2 * {word} * w, 2 * {word} * x\n"
    )
    (function,) = recognise.functions(str(file))
    assert (function.takes_cotangent, wrong(function)) == (True, [])


ENTRIES = {name: np.full(shape, 1.0) for name, shape in {"x": (4, 3), "w": (3, 5)}.items()}

RETURNED = [  # what backward returned, labels of its return, names that are found
    row("in order", (1, 2), (), ["x", "w"]),
    row("by name", (1, 2), ("dw", "dx"), ["w", "x"]),
    row("one by name, the other left over", (1, 2), ("dW", "dA_prev"), ["w", "x"]),
    row("a name of another kind", (1, 2), ("grad_w", "x_grad"), ["w", "x"]),
    row("a single one by name", 1, ("dw",), ["w"]),
    row("a single one without a name", 1, ("",), ["x"]),
    row("a dictionary", {"dx": 1, "dW": 2}, (), ["x", "w"]),
    row("a dictionary of the inputs' names", {"w": 2, "x": 1}, (), ["w", "x"]),
    row("a dictionary with one too many", {"dx": 1, "dw": 1, "dq": 1}, (), ["x", "w", "dq"]),
    row("none for an input", (1, None), (), ["x"]),
    row("by shape, if there are too few", (np.ones((3, 5)),), (), ["w"]),
    row("one too many, by name", (1, 2, 3), ("dx", "dw", "dq"), ["x", "w", "dq"]),
]


@pytest.mark.parametrize(("returned", "labels", "found"), RETURNED)
def test_gradients_are_told_apart(returned, labels, found):
    assert list(named(returned, labels, ENTRIES, ["x", "w"])) == found
