"""Classes as people write them: what is found in them, and that it is what a call by hand gives."""

import copy
import types

import numpy as np
import pytest
from adapters import people as p
from layers.tables import row

from gradcheck.checks.adapters.class_steps import PlainDescent
from gradcheck.checks.adapters.classes import adapt
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.layers import UsageError

SHAPE = {"x": (5, 3)}
LINEAR = {"W": "W>dW", "b": "b>db"}


def call(method="forward", *extra, **more):
    """A call by hand: the method with the inputs, or with the cotangent."""
    return lambda layer, *values: getattr(layer, method)(*values, *extra, **more)


def forward_then(attribute, method="forward", *extra):
    """A call by hand of a forward pass that leaves its output in an attribute."""

    def run(layer, *values):
        getattr(layer, method)(*values, *extra)
        return getattr(layer, attribute)

    return run


# Where things are, `PARAMETER>GRADIENT` for parameters; of inputs only where the gradient is:
# returned, or at a place of what was returned, or in an attribute; "step" is before minus after.
# A class or an instance, its inputs, its gradients by name, forward and backward by hand.
STYLES = [
    row("attributes", p.Attributes(3, 4), SHAPE, {"x": "", **LINEAR}),
    row("a bias gradient that is not summed", p.NotSummed(3, 4), SHAPE, {"x": "", **LINEAR}),
    row("a parameter called g", p.CalledG(), SHAPE, {"x": "", "g": "g>dg"}),
    row("slots instead of a dictionary", p.Slots(), SHAPE, {"x": "", "w": "w>dw"}),
    row("leading underscores", p.Underscores(3, 4), {"inputs": (5, 3)},
        {"inputs": "", "_weights": "_weights>_d_weights", "_bias": "_bias>_d_bias"}),
    row("private names", p.Private(), SHAPE, {"x": "", "__W": "_Private__W>_Private__dW"}),
    row("grad_weight, written into", p.GradPrefix(3, 4), SHAPE,
        {"x": "", "weight": "weight>grad_weight", "bias": "bias>grad_bias"}),
    row("kernel_gradient", p.GradSuffix(), {"signal": (5, 3)},
        {"signal": "", "kernel": "kernel>kernel_gradient"}),
    row("dLdW", p.Leibniz(3, 4), {"X": (5, 3)}, {"X": "", "W": "W>dLdW", "b": "b>dLdb"}),
    row("dL_dW", p.Quotients(), SHAPE, {"x": "", "W": "W>dL_dW"}),
    row("dictionaries params and grads", p.Dicts(3, 4), SHAPE,
        {"x": "", "W": "params.W>grads.W", "b": "params.b>grads.b"}),
    row("a dictionary of gradients named dgamma", p.DictsOfD(), {"x": (5, 4)},
        {"x": "", "gamma": "parameters.gamma>gradients.dgamma",
         "beta": "parameters.beta>gradients.dbeta"}),
    row("attributes beside a dictionary g", p.WeightsAndGradDict(), SHAPE,
        {"x": "", "W1": "W1>g.W1", "W2": "W2>g.W2"}),
    row("lists params and grads", p.Lists(np.ones((3, 4)), np.ones(4)), SHAPE,
        {"x": "", "params[0]": "params.0>grads.0", "params[1]": "params.1>grads.1"}),
    row("arrays that have a name and are in a list", p.NamedAndListed(), SHAPE,
        {"x": "", "W": "W params.0>grads.0", "b": "b params.1>grads.1"}),
    row("parameter objects", p.Objects(), SHAPE,
        {"x": "", "W": "W.data>W.grad", "b": "b.data>b.grad"}),
    row("a network with a list of layers", p.Network(), SHAPE,
        {"x": "", "layers[0].W": "layers.0.W>layers.0.dW", "layers[0].b": "layers.0.b>layers.0.db",
         "layers[1].w": "layers.1.w>layers.1.dw",
         "layers[2].W": "layers.2.W>layers.2.dW", "layers[2].b": "layers.2.b>layers.2.db"}),
    row("a network that is called", p.Nested(), SHAPE,
        {"x": "", "fc1.W": "fc1.W>fc1.dW", "fc1.b": "fc1.b>fc1.db",
         "fc2.W": "fc2.W>fc2.dW", "fc2.b": "fc2.b>fc2.db"}, call("__call__")),
    row("a tuple", p.Tuple(), SHAPE, {"x": ":0", "W": "W>:1", "b": "b>:2"}),
    row("a tuple in another order", p.TupleOtherOrder(), SHAPE,
        {"x": ":2", "W": "W>:0", "b": "b>:1"}),
    row("a tuple of expressions", p.TupleWithoutNames(), SHAPE,
        {"x": ":0", "W": "W>:1", "b": "b>:2"}),
    row("a tuple of expressions in an order that the shapes tell", p.TupleByShape(), SHAPE,
        {"x": ":2", "W": "W>:0", "b": "b>:1"}),
    row("a tuple with a dictionary", p.TupleOfDict(), SHAPE,
        {"x": ":0", "W": "W>:1.dW", "b": "b>:1.db"}),
    row("a dictionary", p.ReturnsDict(), SHAPE, {"x": ":dx", "W": "W>:dW", "b": "b>:db"}),
    row("no gradient of the input", p.OnlyParameters(), SHAPE, {"W": "W>:0", "b": "b>:1"}),
    row("nnfs: output and dinputs", p.Nnfs(3, 4), {"inputs": (5, 3)},
        {"inputs": "dinputs", "weights": "weights>dweights", "biases": "biases>dbiases"},
        forward_then("output", "forward", True)),
    row("nnfs: an activation", p.NnfsRelu(), {"inputs": (5, 3)}, {"inputs": "dinputs"},
        forward_then("output")),
    row("nnfs: softmax by its diagonal, wrong", p.NnfsSoftmaxDiagonal(), {"inputs": (5, 3)},
        {"inputs": "dinputs"}, forward_then("output")),
    row("weights stepped, a column at a time", p.Stepping(3, 4), {"input": (3, 1)},
        {"input": "", "weights": "weights>step", "bias": "bias>step"},
        call(), call("backward", 1.0)),
    row("weights replaced, by long names", p.SteppingAnew(3, 4), {"input": (3, 1)},
        {"input": "", "weights": "weights>step", "bias": "bias>step"},
        call("forward_propagation"), call("backward_propagation", 1.0)),
    row("a rate of its own", p.OwnRate(), SHAPE, {"x": "", "w": "w>step*100"}),
    row("an optimizer that is kept", p.Optimised(), {"X": (5, 3)}, {"X": "", "W": "W>step"},
        lambda layer, x: (layer.initialize(PlainDescent()), layer.forward_pass(x))[1],
        call("backward_pass")),
    row("activation without parameters", p.Sigmoid(), SHAPE, {"x": ""}),
    row("feed_forward and back_prop", p.FeedForward(), SHAPE, {"x": ""},
        call("feed_forward"), call("back_prop")),
    row("fprop and bprop", p.Fprop(), {"a": (5, 3)}, {"a": ""}, call("fprop"), call("bprop")),
    row("two inputs", p.TwoInputs(), {"x1": (5, 3), "x2": (5, 3)}, {"x1": ":0", "x2": ":1"}),
    row("a recurrent cell", p.Cell(3, 4), {"x": (5, 3), "h_prev": (5, 4)},
        {"x": ":0", "h_prev": ":1", "Wx": "Wx>dWx", "Wh": "Wh>dWh", "b": "b>db"}),
    row("its own forward instead of __call__", p.Sines(), SHAPE, {"x": ""}, call(),
        lambda layer, g: layer.backward(*g)),
    row("a loss with a cotangent", p.WithLoss(), {"x": (5, 3), "t": np.array([0, 2, 1, 1, 0])},
        {"x": ""}),
    row("weights made by the first forward", p.Lazy(4), SHAPE, {"x": "", "W": "W>dW"}),
    row("float32 inside", p.Casts(3, 4), SHAPE, {"x": "", **LINEAR}),
    row("an array replaced in forward", p.Recasts(3, 4), SHAPE, {"x": "", **LINEAR}),
    row("integer inputs", p.Embedding(), {"idx": np.array([0, 3, 3])}, {"W": "W>dW"}),
    row("a list of inputs that grows", p.Growing(), SHAPE, {"x": "", "w": "w>dw"}),
    row("parameters that belong to the class", p.Shared(), SHAPE,
        {"x": "", "W": "params.W>grads.W"}),
    row("a parameter that is one number", p.Prelu(), SHAPE, {"x": "", "alpha": "alpha>dalpha"}),
    row("a convolution with overlapping windows", p.Conv(2, 3), {"x": (2, 2, 7, 6)},
        {"x": "", "filters": "filters>dfilters"}),
    row("gradients that add up until zero_grad", p.ZeroGrad(3, 4), SHAPE, {"x": "", **LINEAR}),
    row("a part that cannot be copied", p.WithLambda(3, 4), SHAPE, {"x": "", **LINEAR}),
    row("weights stepped by what looks like a velocity", p.Momentum(), SHAPE,
        {"x": "", "W": "W>step*10"}),
    row("the optimizer as an argument", p.OptimiserGiven(), SHAPE,
        {"x": "", "weights": "weights>given"}, call(),
        lambda layer, g: layer.backward(g, layer.given)),
    row("backward takes the input again", p.Stateless(), SHAPE, {"x": ""}, call(),
        lambda layer, g: layer.backward(layer.seen, g)),
    row("backward takes the output again", p.OutputAgain(), SHAPE, {"x": ""}, call(),
        lambda layer, g: layer.backward(g, np.tanh(layer.seen))),
    row("backward takes the cache again", p.CacheAgain(), SHAPE, {"x": "", "W": "W>dW"},
        lambda layer, x: layer.forward(x)[0],
        lambda layer, g: layer.backward(g, {"x": layer.seen})),
    row("lists of weights and of their gradients", p.ListsOfWeights((3, 2)), SHAPE,
        {"x": "", "weights[0]": "weights.0>dweights.0", "biases[0]": "biases.0>dbiases.0"}),
    row("returned lists, of parameters alone", p.Nablas((3, 4, 2)), SHAPE,
        {"weights[0]": "weights.0>:1.0", "weights[1]": "weights.1>:1.1",
         "biases[0]": "biases.0>:0.0", "biases[1]": "biases.1>:0.1"}),
    row("dictionaries named w and dw", p.DictsByUse(), {"x": (5, 3), "h": (5, 4)},
        {"x": ":0", "h": ":1", "w.ih": "w.ih>dw.ih", "w.hh": "w.hh>dw.hh"}),
    row("inputs with a star", p.Starred(), {"a": (2, 3), "b": (3, 4)}, {"a": ":0", "b": ":1"}),
    row("momentum, which begins anew", p.OwnMomentum(), SHAPE, {"x": "", "W": "W>step*10"}),
    row("the cotangent in an attribute", p.CotangentInside(), SHAPE, {"x": ""}, call(),
        lambda layer, g: (setattr(layer, "delta", g), layer.backward())[1]),
]  # fmt: skip


def request(thing, given, **more):
    shapes = {n: v for n, v in given.items() if isinstance(v, tuple)}
    arrays = {n: v for n, v in given.items() if not isinstance(v, tuple)}
    return Request(thing, type(thing).__name__, shapes=shapes, inputs=arrays, **more)


def at(holder, path):
    """What is at a dotted path of attributes, keys and positions."""
    for step in filter(None, path.split(".")):
        keyed = isinstance(holder, dict)
        listed = isinstance(holder, list | tuple)
        holder = holder[step] if keyed else holder[int(step)] if listed else getattr(holder, step)
    return holder


def put(holder, path, value):
    *way, last = path.split(".")
    holder = at(holder, ".".join(way))
    if isinstance(holder, dict | list):
        holder[int(last) if isinstance(holder, list) else last] = value
    else:
        setattr(holder, last, value)


class Given:
    """An optimizer that keeps what it is given."""

    def step(self, parameter, gradient):
        self.gradient = gradient


def by_hand(layer, point, places, forward, backward, cotangent):
    """Output and gradients of a copy of the layer, called as its author would call it."""
    layer = copy.copy(layer) if isinstance(layer, p.WithLambda) else copy.deepcopy(layer)
    inputs = [point[name].copy() for name in point if ">" not in places.get(name, "")]
    parameters = {n: place.partition(">") for n, place in places.items() if ">" in place}
    if any(at_none(layer, where) for where, _, _ in parameters.values()):
        forward(layer, *inputs)
    for name, (paths, _, _) in parameters.items():
        for path in paths.split():
            put(layer, path, point[name].copy())
    if hasattr(layer, "__dict__"):
        layer.seen, layer.given = inputs[0], Given()
    output = forward(layer, *inputs)
    result = backward(layer, cotangent)
    gradients = {}
    for name, place in places.items():
        where, _, gradient = place.rpartition(">")
        kind, _, factor = gradient.partition("*")
        if kind == "step":
            step = point[name] - at(layer, where)
            gradients[name] = step * float(factor or 1)
        elif kind == "given":
            gradients[name] = layer.given.gradient
        elif gradient.startswith(":"):
            gradients[name] = at(result, gradient[1:])
        else:
            gradients[name] = at(layer, gradient) if gradient else result
    return output, gradients


def at_none(layer, where):
    return at(layer, where.split()[0]) is None


def cotangent_of(output):
    if isinstance(output, tuple):
        return tuple(map(cotangent_of, output))
    return np.random.default_rng(2).normal(size=np.shape(output))


@pytest.mark.parametrize(
    ("layer", "given", "places", "forward", "backward"),
    [
        pytest.param(
            *(each.values + (call(), call("backward"))[len(each.values) - 3 :]), id=each.id
        )
        for each in STYLES
    ],
)
def test_session_gives_what_a_call_by_hand_gives(layer, given, places, forward, backward):
    function = adapt(request(layer, given))
    assert set(places) == {n for n in function.differentiable if n in places}
    assert set(function.inputs) == {*places, *given}
    session = function.start()
    output = session.forward({n: v.copy() for n, v in function.inputs.items()})
    cotangent = cotangent_of(output)
    for _ in range(2):  # nothing is left over from the first time
        output = session.forward({n: v.copy() for n, v in function.inputs.items()})
        found = session.backward(cotangent)
    expected, gradients = by_hand(layer, function.inputs, places, forward, backward, cotangent)
    np.testing.assert_array_equal(output, expected)
    assert list(found) == [n for n in function.inputs if n in places] or set(found) == set(places)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-12, atol=1e-12, err_msg=name)


def module(*things, **named):
    """A module with these classes and instances in it."""
    made = types.ModuleType("theirs")
    made.__file__ = "layers.py"
    vars(made).update({thing.__name__: thing for thing in things}, **named)
    return made


def gradients_of(function, cotangent=1.0):
    session = function.start()
    output = session.forward({n: v.copy() for n, v in function.inputs.items()})
    return output, session.backward(cotangent * np.ones(np.shape(output)))


X, W = np.random.default_rng(4).normal(size=(2, 3, 3))
LABELS = np.array([0, 2, 1])

# A loss, its inputs, its value by hand, the gradient of its first input by hand.
LOSSES = [
    row("backward without arguments", p.MeanSquared, {"y": X, "t": W},
        lambda y, t: np.mean((y - t) ** 2), lambda y, t: 2 * (y - t) / 9),
    row("nnfs: dvalues are the prediction, the gradient is that of the mean", p.NnfsLoss,
        {"y_pred": X, "y_true": W}, lambda y, t: np.mean((y - t) ** 2),
        lambda y, t: 2 * (y - t) / 9),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "inputs", "value", "gradient"), LOSSES)
def test_loss_takes_no_cotangent(cls, inputs, value, gradient):
    function = adapt(request(cls(), inputs))
    first = next(iter(inputs))
    output, found = gradients_of(function)
    assert (function.takes_cotangent, function.differentiable) == (False, (first,))
    np.testing.assert_allclose(output, value(*inputs.values()))
    np.testing.assert_allclose(found[first], gradient(*inputs.values()))


# A layer, its Tensor, the gradients by hand for a cotangent of threes.
THREES = np.full((3, 4), 3.0)
ON_TENSORS = [
    row("a cotangent as an argument", p.OnTensors, p.Tensor,
        lambda x, w: {"x": THREES @ w.T, "w": x.T @ THREES}),
    row("only a scalar differentiates itself", p.OnScalars, p.Scalars, lambda x: {"x": 6 * x}),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "tensor", "gradients"), ON_TENSORS)
def test_layer_on_a_home_made_tensor(layer, tensor, gradients):
    function = adapt(Request(layer, layer.__name__, module(layer, tensor), inputs={"x": X}))
    for _ in range(2):
        _, found = gradients_of(function, 3.0)
    expected = gradients(*function.inputs.values())
    assert list(found) == list(expected) == list(function.differentiable)
    for name, gradient in expected.items():
        np.testing.assert_allclose(found[name], gradient, err_msg=name)


def test_step_of_training_gives_the_gradients_of_the_weights():
    given = {"X": X, "y": W[0]}
    function = adapt(Request(p.Regression, "Regression", arguments=(3,), inputs=given))
    _, found = gradients_of(function)
    at = function.inputs
    error = at["X"] @ at["w"] + at["b"] - at["y"]
    assert function.differentiable == ("w", "b")
    np.testing.assert_allclose(found["w"], 2 * X.T @ error / 3)
    np.testing.assert_allclose(found["b"], 2 * error.mean())


@pytest.mark.parametrize(
    ("model", "given"),
    [
        row("the loss returns them too", p.LossAndGrads(), {"X": (5, 3), "y": (5, 2)}),
        row("a method of their own", p.LossAndGradient(), {"x": (5, 3), "t": (5, 2)}),
    ],
)
def test_model_with_a_loss_and_gradients(model, given):
    function = adapt(request(model, given))
    output, found = gradients_of(function)
    x, y, w, b = function.inputs.values()
    error = x @ w + b - y
    assert (function.takes_cotangent, function.differentiable) == (False, ("W", "b"))
    np.testing.assert_allclose(output, 0.5 * np.sum(error**2))
    np.testing.assert_allclose(found["W"], x.T @ error)
    np.testing.assert_allclose(found["b"], error.sum(axis=0))


def test_views_of_one_parameter_follow_it():
    function = adapt(request(p.Views(), SHAPE))
    output, found = gradients_of(function)
    x, theta = function.inputs["x"], function.inputs["theta"]
    assert list(function.inputs) == ["x", "theta"]
    np.testing.assert_allclose(output, x @ theta[:6].reshape(3, 2) + theta[6:])
    np.testing.assert_allclose(found["theta"], [*np.repeat(x.sum(0), 2), 5, 5])


# What is asked for, and words of the message: what to write.
CANNOT = [
    row("constructor arguments", Request(p.Attributes, "Attributes", module(p.Attributes)),
        'needs constructor arguments (n_in, n_out): write gradcheck "layers.py::Attributes(3,4)", '
        "or put an instance at module level"),
    row("wrong constructor arguments", Request(p.Attributes, "Attributes", arguments=(1, 2, 3)),
        "Attributes cannot be constructed like this: too many positional arguments"),
    row("no learning rate", request(p.NoRate(), SHAPE), "no learning rate was found: give it"),
    row("only a fit", request(p.OnlyFit(), {}), "give it a method loss(X, y)"),
    row("weights made in fit", request(p.FreshWeights(3), {"X": (5, 3), "y": (5,)}),
        "FreshWeights.fit starts from weights of its own every time: make them in the constructor"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "words"), CANNOT)
def test_message_says_what_to_write(asked, words):
    with pytest.raises(UsageError) as raised:
        adapt(asked)
    assert words in str(raised.value)


# What is asked for, and a note of the function.
NOTES = [
    row("initial values that hide mistakes", request(p.Attributes(3, 4), SHAPE),
        "random instead of initial values: W, b"),
    row("an instance at module level", Request(p.Attributes, "Attributes", shapes=SHAPE,
        module=module(mine=p.Attributes(3, 4))), "the instance checked is a copy of mine"),
    row("training mode", request(p.BatchNorm(3), SHAPE),
        "checked in training mode: training is True"),
    row("shapes that fit the parameters", request(p.Underscores(3, 4), {}),
        "shapes guessed from the parameters: inputs 5,3"),
    row("one column at a time", request(p.Stepping(3, 4), {}),
        "shapes guessed from the parameters: input 3,1"),
    row("parameters made late", request(p.Lazy(4), SHAPE), "made by the first forward pass: W"),
    row("no gradient of the input", request(p.OnlyParameters(), SHAPE),
        "no gradient by x is returned, and none is expected"),
    row("weights changed too early", request(p.TooEarly(3, 4), {"input": (3, 1)}),
        "dinput depends on the learning rate: weights are changed before they are used for it"),
    row("a loss of each sample", request(p.NnfsLoss(), {"y_pred": X, "y_true": W}),
        "forward gives several numbers and backward one gradient: that of their mean"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "note"), NOTES)
def test_note_tells_what_was_chosen(asked, note):
    assert note in adapt(asked).notes


def test_missing_gradient_of_a_parameter_is_missed():
    function = adapt(request(p.ForgotBias(3, 4), SHAPE))
    _, found = gradients_of(function)
    assert (function.differentiable, set(found)) == (("x", "W", "b"), {"x", "W"})


def test_statistics_are_no_parameters():
    assert list(adapt(request(p.BatchNorm(3), SHAPE)).inputs) == ["x", "gamma", "beta"]


def test_masks_are_the_same_in_every_forward_pass():
    session = adapt(request(p.Dropout(), SHAPE)).start()
    one, other = (session.forward({"x": np.ones((5, 3))}) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert set(one.flat) == {0, 2}


def test_gradient_objects_are_emptied_before_every_backward_pass():
    _, found = gradients_of(adapt(request(p.Objects(), SHAPE)))
    np.testing.assert_array_equal(found["b"], np.full(4, 5.0))


def test_what_backward_raises_is_left_to_the_checker():
    function = adapt(request(p.Raises(3, 4), SHAPE))
    with pytest.raises(ValueError, match="matmul"):
        gradients_of(function)


@pytest.mark.parametrize(
    ("layer", "held"),
    [
        row("the instance", layer := p.Attributes(3, 4), vars(layer)),
        row("the dictionary of its class", p.Shared(), vars(p.Shared)),
    ],
)
def test_what_the_user_has_is_left_alone(layer, held):
    before = copy.deepcopy({n: v for n, v in held.items() if isinstance(v, dict | np.ndarray)})
    gradients_of(adapt(request(layer, SHAPE)))
    np.testing.assert_equal({n: held[n] for n in before}, before)
    assert "dW" not in vars(layer)


@pytest.mark.parametrize(
    "thing",
    [
        row("a function", np.tanh),
        row("a class without a backward pass", p.Parameter),
        row("a module", np),
    ],
)
def test_other_things_are_left_to_other_conventions(thing):
    assert adapt(Request(thing, "thing")) is None


# A layer, its inputs, how it is called.
TWO = "class with forward and backward"
CONVENTIONS = [
    row("attributes", p.Attributes(3, 4), SHAPE, f"{TWO}, gradients in attributes"),
    row("all in attributes", p.NnfsRelu(), {"inputs": (5, 3)}, f"{TWO}, everything in attributes"),
    row("a dictionary", p.Dicts(3, 4), SHAPE, f"{TWO}, gradients in a dict or list"),
    row("objects", p.Objects(), SHAPE, f"{TWO}, gradients in objects"),
    row("returned", p.Tuple(), SHAPE, f"{TWO}, gradients returned"),
    row("no parameters", p.Fprop(), {"a": (5, 3)}, "class with fprop and bprop"),
    row("stepped", p.Stepping(3, 4), {"input": (3, 1)}, f"{TWO}, weights stepped inside backward"),
]


@pytest.mark.parametrize(("layer", "given", "convention"), CONVENTIONS)
def test_report_says_how_and_where(layer, given, convention):
    function = adapt(request(layer, given))
    assert function.convention == convention
    assert function.place.file == p.__file__
