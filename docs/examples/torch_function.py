"""Functions of torch with a backward pass of their own. They need torch to be installed.

    gradcheck docs/examples/torch_function.py::Square
    gradcheck docs/examples/torch_function.py::AddBias --shape x=4,3 --shape b=3

Square is right. AddBias is wrong [missing-sum]: b is added to every row of x, so its gradient
is a sum over the rows. torch adds it up itself, and torch.autograd.gradcheck passes; other code
that uses this backward pass gets a gradient of the wrong shape.
"""

from torch.autograd import Function


class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return 2 * x * grad_output


class AddBias(Function):
    @staticmethod
    def forward(ctx, x, b):
        return x + b

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output, grad_output
