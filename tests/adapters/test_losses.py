"""Losses as people write them: what is read as what, and whether the gradient then fits."""

import numpy as np
import pytest
from adapters import people_losses as people
from adapters.sessions import request, wrong
from layers.tables import row

from gradcheck.checks.adapters import losses
from gradcheck.checks.adapters.draw import Shape
from gradcheck.checks.layers import UsageError

NONE: list = []

READ = [  # source, name, inputs that are differentiated, of these wrong
    row("two functions, target first", people.TWO_FUNCTIONS, "mse", ["y_pred"], NONE),
    row("a flipped sign is no other order", people.SIGN, "mae", ["y_pred"], ["y_pred"]),
    row("one loss per sample, gradient of mean", people.PER_SAMPLE_MEAN, "mse", ["y_pred"], NONE),
    row("one loss per sample, gradient of sum", people.PER_SAMPLE_SUM, "mse", ["y_pred"], NONE),
    row("neither sum nor mean", people.PER_SAMPLE_NEITHER, "mse", ["y_pred"], ["y_pred"]),
    row("names that tell nothing", people.NO_NAMES, "quadratic_cost", ["a"], NONE),
    row("prediction second", people.SECOND_IS_PREDICTION, "quadratic_cost", ["b"], NONE),
    row("gradient in another order", people.OTHER_ORDER, "huber_loss", ["output"], NONE),
    row("loss and grad", people.SHORT_NAMES, "loss", ["p"], NONE),
    row("a flag", people.FLAG, "rmse", ["p"], NONE),
    row("loss and gradient returned", people.SOFTMAX_LABELS, "softmax_loss", ["x"], NONE),
    row("the mean forgotten", people.FORGOT_MEAN, "svm_loss", ["x"], ["x"]),
    row("the gradient of weights", people.WEIGHTS, "svm_loss_naive", ["W"], NONE),
    row("a class with loss and gradient", people.CLASS, "CrossEntropy", ["p"], NONE),
    row("static methods", people.STATIC, "BCE", ["y_prob"], NONE),
    row("backward()", people.BACKWARD_WITHOUT_ARGUMENTS, "MSELoss", ["A"], NONE),
    row("backward(dout=1), unused", people.SOFTMAX_WITH_LOSS, "SoftmaxWithLoss", ["x"], NONE),
    row("backward(dout=1), used", people.USES_DOUT, "SoftmaxWithLoss", ["x"], NONE),
    row("dinputs", people.NNFS, "Loss_CategoricalCrossentropy", ["y_pred"], NONE),
    row(
        "backward is given the output",
        people.NNFS_SOFTMAX, "Activation_Softmax_Loss_CategoricalCrossentropy", ["inputs"], NONE,
    ),
    row("dinputs of MAE", people.NNFS_MAE, "Loss_MeanAbsoluteError", ["y_pred"], NONE),
    row("by scores", people.SCORES_FOR_PROBABILITIES, "cross_entropy", ["p"], ["p"]),
    row("hinge", people.HINGE, "hinge", ["f"], NONE),
    row("samples in columns", people.COLUMNS, "compute_cost", ["AL"], NONE),
    row("gradients of both", people.BOTH_GRADIENTS, "MeanSquaredError", ["x0", "x1"], NONE),
    row("a loss of shape (1, 1)", people.ONE_BY_ONE, "squared_error", ["output"], NONE),
    row("distributions", people.KL, "kl_divergence", ["p"], NONE),
    row("two gradients of three", people.TWO_GRADIENTS, "contrastive_loss", ["x1", "x2"], NONE),
    row("one output per sample", people.PER_OUTPUT, "BinaryCrossEntropy", ["y_pred"], NONE),
    row("logits", people.LOGITS, "bce_with_logits", ["logits"], NONE),
]  # fmt: skip

NOTED = [  # source, name, words in a note
    row("mean", people.PER_SAMPLE_MEAN, "mse", "that of their mean, which was checked, not of"),
    row("sum", people.PER_SAMPLE_SUM, "mse", "that of their sum, which was checked"),
    row("neither", people.PER_SAMPLE_NEITHER, "mse", "neither their sum nor their mean"),
    row("roles", people.SECOND_IS_PREDICTION, "quadratic_cost", "b was read as prediction"),
    row("dout", people.SOFTMAX_WITH_LOSS, "SoftmaxWithLoss", "backward does not use dout"),
    row("scores", people.SCORES_FOR_PROBABILITIES, "cross_entropy", "scores before a softmax"),
    row("labels", people.SOFTMAX_LABELS, "softmax_loss", "y of shape (4,): class labels"),
    row("signs", people.HINGE, "hinge", "y of shape (4, 3): -1 or 1"),
    row("option", people.HINGE, "hinge", "--shape f=4,3 --shape y=4,3:signs"),
    row(
        "the output",
        people.NNFS_SOFTMAX, "Activation_Softmax_Loss_CategoricalCrossentropy", "self.output",
    ),
]  # fmt: skip

OTHERS = [  # source, name: not losses
    row("a layer of two inputs", people.LAYER_OF_TWO, "Mul"),
    row("functions of two inputs", people.FUNCTIONS_OF_TWO, "add"),
    row("a pair with a cache", people.PAIR_WITH_CACHE, "scale_forward"),
    row("a network whose parameters are trained", people.NETWORK, "TwoLayerNet"),
    row("a metric without a gradient", people.METRIC, "accuracy"),
]


@pytest.mark.parametrize(("source", "name", "wanted", "mistaken"), READ)
def test_what_is_checked_of_a_loss(tmp_path, source, name, wanted, mistaken):
    function = losses.adapt(request(tmp_path, source, name))
    assert list(function.differentiable) == wanted
    assert wrong(function) == mistaken


@pytest.mark.parametrize(("source", "name", "words"), NOTED)
def test_what_was_chosen_is_told(tmp_path, source, name, words):
    function = losses.adapt(request(tmp_path, source, name))
    assert words in "\n".join(function.notes)


@pytest.mark.parametrize(("source", "name"), OTHERS)
def test_what_is_no_loss_is_left_to_others(tmp_path, source, name):
    assert losses.adapt(request(tmp_path, source, name)) is None


def test_the_gradient_stands_for_its_loss(tmp_path):
    function = losses.adapt(request(tmp_path, people.SIGN, "mae_prime"))
    assert function.name == "mae"
    assert wrong(function) == ["y_pred"]


def test_names_that_tell_leave_nothing_to_be_noted_but_the_data(tmp_path):
    function = losses.adapt(request(tmp_path, people.TWO_FUNCTIONS, "mse"))
    assert len(function.notes) == 1


def test_constructor_arguments_are_those_of_the_target(tmp_path):
    asked = request(tmp_path, people.WITH_DELTA, "Huber", arguments=(0.7,))
    assert wrong(losses.adapt(asked)) == []


def test_missing_constructor_arguments_are_asked_for(tmp_path):
    with pytest.raises(UsageError, match=r"Huber needs constructor arguments .*Huber\(3\)"):
        losses.adapt(request(tmp_path, people.WITH_DELTA, "Huber"))


def test_arrays_that_were_given_are_taken(tmp_path):
    given = {"y_pred": np.array([[0.3, 0.9]]), "y_true": np.array([[1.0, 2.0]])}
    function = losses.adapt(request(tmp_path, people.TWO_FUNCTIONS, "mse", inputs=given))
    assert function.inputs["y_pred"].tolist() == [[0.3, 0.9]]
    assert not function.notes


def test_shapes_that_were_given_are_taken(tmp_path):
    shapes = {"x": (5, 7), "y": Shape.of((5,), "int7")}
    function = losses.adapt(request(tmp_path, people.SOFTMAX_LABELS, "softmax_loss", shapes=shapes))
    assert function.inputs["x"].shape == (5, 7)
    assert function.inputs["y"].max() == 6
    assert wrong(function) == []


def test_a_target_follows_the_shape_of_the_prediction(tmp_path):
    asked = request(tmp_path, people.SOFTMAX_LABELS, "softmax_loss", shapes={"x": (6, 2)})
    assert losses.adapt(asked).inputs["y"].shape == (6,)


def test_a_gradient_that_raises_is_left_to_the_check(tmp_path):
    function = losses.adapt(request(tmp_path, people.RAISES, "mse"))
    session = function.start()
    session.forward(dict(function.inputs))
    with pytest.raises(NameError, match="prediction"):
        session.backward(np.ones(()))


def test_a_loss_in_single_precision_is_read_like_any_other(tmp_path):
    function = losses.adapt(request(tmp_path, people.FLOAT32, "MSE"))
    assert function.differentiable == ("y_pred",)
    assert "no name says" not in "".join(function.notes)


@pytest.mark.parametrize(
    ("source", "takes"),
    [
        row("a cotangent with a default that is used", people.USES_DOUT, True),
        row("one that is not used", people.SOFTMAX_WITH_LOSS, False),
    ],
)
def test_a_cotangent_is_taken_where_it_makes_a_difference(tmp_path, source, takes):
    function = losses.adapt(request(tmp_path, source, "SoftmaxWithLoss"))
    assert function.takes_cotangent is takes


def test_every_session_has_an_instance_of_its_own(tmp_path):
    function = losses.adapt(request(tmp_path, people.BACKWARD_WITHOUT_ARGUMENTS, "MSELoss"))
    first, second = function.start(), function.start()
    first.forward(dict(function.inputs))
    with pytest.raises(AttributeError):
        second.backward(np.ones(()))


def test_the_place_is_that_of_the_gradient(tmp_path):
    function = losses.adapt(request(tmp_path, people.TWO_FUNCTIONS, "mse"))
    assert str(function.place) == f"{tmp_path / 'theirs.py'}:7"
