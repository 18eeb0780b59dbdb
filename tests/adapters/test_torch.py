"""torch functions and modules, as people write them."""

import numpy as np
import pytest
from adapters.sessions import request, wrong
from layers.tables import row

from gradcheck.checks.adapters import ctx, torch_functions, torch_modules
from gradcheck.checks.adapters.recognise import adapt
from gradcheck.checks.layers import UsageError

torch = pytest.importorskip("torch", reason="torch is not installed")

HEAD = """
import torch
from torch.autograd import Function
"""

LINEAR = """
class Linear(Function):
    @staticmethod
    def forward(ctx, input, weight, bias):
        ctx.save_for_backward(input, weight, bias)
        return input.mm(weight.t()) + bias

    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_input = grad_output.mm(weight)
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(input)
        if ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_input, grad_weight, grad_bias
"""

NOT_SUMMED = LINEAR.replace("grad_output.sum(0)", "grad_output")
LINEAR_SHAPES = {"input": (4, 3), "weight": (5, 3), "bias": (5,)}

SINGLE = """
class Double(Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, grad_output):
        return (2 * grad_output).float()
"""

SETUP_CONTEXT = """
class Square(Function):
    @staticmethod
    def forward(x):
        return x * x

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return 2 * x * grad_output
"""

WRONG = SETUP_CONTEXT.replace("return 2 * x", "return x")

CONSTANT = """
class Power(Function):
    @staticmethod
    def forward(ctx, x, exponent=3):
        ctx.save_for_backward(x)
        ctx.exponent = exponent
        return x ** exponent

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * ctx.exponent * x ** (ctx.exponent - 1), None
"""

NUMPY = """
class Softplus(Function):
    @staticmethod
    def forward(ctx, x):
        numbers = x.detach().numpy()
        ctx.slope = 1 / (1 + np.exp(-numbers))
        return torch.as_tensor(np.log1p(np.exp(numbers)))

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * torch.as_tensor(ctx.slope)
"""

ONCE = """
from torch.autograd.function import once_differentiable

class Exp(Function):
    @staticmethod
    def forward(ctx, i):
        result = i.exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output):
        (result,) = ctx.saved_tensors
        return grad_output * result
"""

GATHER = """
class Gather(Function):
    @staticmethod
    def forward(ctx, table, idx):
        ctx.save_for_backward(idx)
        ctx.shape = table.shape
        return table[idx]

    @staticmethod
    def backward(ctx, grad_output):
        (idx,) = ctx.saved_tensors
        return torch.zeros(ctx.shape, dtype=grad_output.dtype).index_add(0, idx, grad_output), None
"""

SAME_TWICE = """
class Add(Function):
    @staticmethod
    def forward(ctx, a, b):
        return a + b

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output, grad_output
"""

TWO_OUTPUTS = """
class Circle(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin(), x.cos()

    @staticmethod
    def backward(ctx, ds, dc):
        (x,) = ctx.saved_tensors
        return ds * x.cos() - dc * x.sin()
"""

FUNCTIONS = [  # source, name, given, inputs that are wrong
    row("a linear layer", LINEAR, "Linear", {"shapes": LINEAR_SHAPES}, []),
    row("a gradient not summed", NOT_SUMMED, "Linear", {"shapes": LINEAR_SHAPES}, ["bias"]),
    row("setup_context", SETUP_CONTEXT, "Square", {}, []),
    row("a factor", WRONG, "Square", {}, ["x"]),
    row("an argument that is no tensor", CONSTANT, "Power", {}, []),
    row("that argument given", CONSTANT, "Power", {"keywords": {"exponent": 2}}, []),
    row("NumPy inside", NUMPY, "Softplus", {}, []),
    row("once_differentiable", ONCE, "Exp", {}, []),
    row("whole numbers", GATHER, "Gather", {"shapes": {"table": (5, 3)}}, []),
    row("one gradient for two inputs", SAME_TWICE, "Add", {}, []),
]


@pytest.mark.parametrize(("source", "name", "given", "mistaken"), FUNCTIONS)
def test_what_is_checked_of_a_torch_function(tmp_path, source, name, given, mistaken):
    function = torch_functions.adapt(request(tmp_path, HEAD + source, name, **given))
    assert wrong(function) == mistaken


def test_a_gradient_keeps_its_dtype(tmp_path):
    function = torch_functions.adapt(request(tmp_path, HEAD + SINGLE, "Double"))
    session = function.start()
    output = session.forward(dict(function.inputs))
    assert output.dtype == np.float64
    assert session.backward(np.ones_like(output))["x"].dtype == np.float32


def test_a_backward_pass_that_changes_the_cotangent_changes_ours(tmp_path):
    source = SINGLE.replace("(2 * grad_output).float()", "grad_output.mul_(2)")
    session = torch_functions.adapt(request(tmp_path, HEAD + source, "Double")).start()
    cotangent = np.ones_like(session.forward({"x": np.ones(3)}))
    session.backward(cotangent)
    assert cotangent.tolist() == [2, 2, 2]


def test_two_gradients_share_no_memory_with_each_other_nor_with_the_cotangent(tmp_path):
    session = torch_functions.adapt(request(tmp_path, HEAD + SAME_TWICE, "Add")).start()
    session.forward({"a": np.ones(3), "b": np.ones(3)})
    cotangent = np.ones(3)
    a, b = session.backward(cotangent).values()
    assert not np.shares_memory(a, b)
    assert not np.shares_memory(a, cotangent)


def test_backward_may_be_called_again(tmp_path):
    session = torch_functions.adapt(request(tmp_path, HEAD + SETUP_CONTEXT, "Square")).start()
    session.forward({"x": np.array([3.0])})
    first, second = (session.backward(np.ones(1))["x"] for _ in range(2))
    assert first.tolist() == second.tolist() == [6]


def test_of_several_outputs_each_has_its_cotangent(tmp_path):
    session = torch_functions.adapt(request(tmp_path, HEAD + TWO_OUTPUTS, "Circle")).start()
    output = session.forward({"x": np.zeros(2)})
    assert len(output) == 2
    assert session.backward((np.ones(2), np.ones(2)))["x"].tolist() == [1, 1]


def test_random_numbers_are_the_same_in_every_forward_pass_and_left_as_they_were(tmp_path):
    source = SINGLE.replace("return 2 * x", "return x * torch.rand(3)")
    session = torch_functions.adapt(request(tmp_path, HEAD + source, "Double")).start()
    before = torch.random.get_rng_state()
    first, second = (session.forward({"x": np.ones(3)}).tolist() for _ in range(2))
    assert first == second
    assert torch.equal(before, torch.random.get_rng_state())


MODULES = [  # module, shape of the input in the end, names of all inputs
    row("linear", lambda: torch.nn.Linear(3, 5), (4, 3), ["input", "weight", "bias"]),
    row(
        "a sequence",
        lambda: torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh()),
        (4, 3),
        ["input", "0.weight", "0.bias"],
    ),
    row("convolution", lambda: torch.nn.Conv2d(2, 3, 3), (2, 2, 7, 6), ["input", "weight", "bias"]),
    row("dropout", lambda: torch.nn.Dropout(0.5), (4, 3), ["input"]),
    row(
        "batch norm in training",
        lambda: torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2)),
        (4, 3),
        ["input", "0.weight", "0.bias", "1.weight", "1.bias"],
    ),
]


@pytest.mark.parametrize(("make", "shape", "names"), MODULES)
def test_what_is_checked_of_a_module(tmp_path, make, shape, names):
    function = adapt(make(), "net")
    assert list(function.inputs) == names
    assert function.inputs["input"].shape == shape
    assert wrong(function) == []


def test_a_module_keeps_its_parameters_and_its_precision():
    module = torch.nn.Linear(3, 5)
    before = module.weight.detach().clone()
    function = adapt(module, "net")
    session = function.start()
    session.forward({name: 2 * array for name, array in function.inputs.items()})
    assert torch.equal(module.weight, before)
    assert module.weight.grad is None


def test_of_nested_outputs_each_has_its_cotangent():
    function = adapt(torch.nn.LSTM(3, 2), "lstm", {"input": np.ones((6, 4, 3))})
    session = function.start()
    output = session.forward(dict(function.inputs))
    assert [part.shape for part in output] == [(6, 4, 2), (1, 4, 2), (1, 4, 2)]
    gradients = session.backward(tuple(np.ones_like(part) for part in output))
    assert gradients["weight_ih_l0"].shape == (8, 3)


def test_a_class_of_modules_needs_the_arguments_of_its_constructor():
    with pytest.raises(UsageError, match=r"Linear needs arguments .* such as Linear\(3,4\)"):
        adapt(torch.nn.Linear, "Linear")


def test_what_is_hidden_by_the_engine_is_noted():
    assert "torch's engine hides" in adapt(torch.nn.ReLU(), "relu").notes[-1]


@pytest.mark.parametrize("convention", [torch_functions, torch_modules])
def test_what_is_not_of_torch_is_left_to_others(tmp_path, convention):
    source = "class Relu:\n    def forward(self, x):\n        return x\n"
    assert convention.adapt(request(tmp_path, source, "Relu")) is None


def test_a_torch_function_is_no_home_made_one(tmp_path):
    assert ctx.adapt(request(tmp_path, HEAD + SETUP_CONTEXT, "Square")) is None
