"""Classes as people write them: what is found in them, and that it is what a call by hand gives."""

import copy

import numpy as np
import pytest
from adapters import people as p
from layers.tables import row

from gradcheck.checks.adapters.class_steps import PlainDescent
from gradcheck.checks.adapters.classes import adapt
from gradcheck.checks.adapters.request import Request

IN_ATTRIBUTES = "class with forward and backward, gradients in attributes"
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
        {"x": "", "0": "params.0>grads.0", "1": "params.1>grads.1"}),
    row("arrays that have a name and are in a list", p.NamedAndListed(), SHAPE,
        {"x": "", "W": "W params.0>grads.0", "b": "b params.1>grads.1"}),
    row("parameter objects", p.Objects(), SHAPE,
        {"x": "", "W": "W.data>W.grad", "b": "b.data>b.grad"}),
    row("a network with a list of layers", p.Network(), SHAPE,
        {"x": "", "layers.0.W": "layers.0.W>layers.0.dW", "layers.0.b": "layers.0.b>layers.0.db",
         "layers.1.w": "layers.1.w>layers.1.dw",
         "layers.2.W": "layers.2.W>layers.2.dW", "layers.2.b": "layers.2.b>layers.2.db"}),
    row("a network that is called", p.Nested(), SHAPE,
        {"x": "", "fc1.W": "fc1.W>fc1.dW", "fc1.b": "fc1.b>fc1.db",
         "fc2.W": "fc2.W>fc2.dW", "fc2.b": "fc2.b>fc2.db"}, call("__call__")),
    row("a tuple", p.Tuple(), SHAPE, {"x": ":0", "W": "W>:1", "b": "b>:2"}),
    row("a tuple in another order", p.TupleOtherOrder(), SHAPE,
        {"x": ":2", "W": "W>:0", "b": "b>:1"}),
    row("a tuple of expressions", p.TupleWithoutNames(), SHAPE,
        {"x": ":0", "W": "W>:1", "b": "b>:2"}),
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
