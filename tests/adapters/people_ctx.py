"""Home-made Functions the way different people write them; used by test_ctx.py."""

BASE = """
class Function:
    @classmethod
    def apply(cls, *args):
        raise NotImplementedError
"""

STATIC = """
class Mul(Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx, grad_output):
        a, b = ctx.saved_tensors
        return grad_output * b, grad_output * a
"""

SWAPPED = STATIC.replace("grad_output * b, grad_output * a", "grad_output * a, grad_output * b")

ATTRIBUTES = """
class Pow(Function):
    @staticmethod
    def forward(ctx, x, n=3):
        ctx.x = x
        ctx.n = n
        return x ** n

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * ctx.n * ctx.x ** (ctx.n - 1), None
"""

SAVED_VALUES = """
class Sigmoid(Function):
    @staticmethod
    def forward(ctx, t1):
        out = 1 / (1 + np.exp(-t1))
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, grad_output):
        (out,) = ctx.saved_values
        return grad_output * out * (1 - out)
"""

TENSORS = """
class Tensor:
    def __init__(self, data, requires_grad=False):
        self.data = np.array(data)
        self.grad = None

class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        out = Tensor(np.tanh(x.data))
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, grad_output):
        (out,) = ctx.saved_tensors
        return Tensor(grad_output.data * (1 - out.data ** 2))
"""

OWN_CONTEXT = """
class Context:
    def __init__(self):
        self.kept = None

    def save_for_backward(self, *values):
        self.kept = values

class Log(Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return np.log(x)

    @staticmethod
    def backward(context, grad):
        return grad / context.kept[0]
"""

SELF = """
class Function:
    def __init__(self, *tensors):
        self.parents = tensors
        self.saved_tensors = []

    def save_for_backward(self, *x):
        self.saved_tensors.extend(x)

class Dot(Function):
    def forward(self, input, weight):
        self.save_for_backward(input, weight)
        return input.dot(weight)

    def backward(self, grad_output):
        input, weight = self.saved_tensors
        return grad_output.dot(weight.T), grad_output.T.dot(input).T
"""

NEEDS_TENSORS = """
class Function:
    def __init__(self, device, *tensors):
        self.device = device

    def save_for_backward(self, *x):
        self.saved_tensors = x

class Exp(Function):
    def forward(self, x):
        out = np.exp(x)
        self.save_for_backward(out)
        return out

    def backward(self, grad_output):
        return grad_output * self.saved_tensors[0]
"""

SELF_AND_CTX = """
class Scale:
    def forward(self, ctx, x, w):
        ctx.cache = x, w
        return x * w.sum()

    def backward(self, ctx, dout):
        x, w = ctx.cache
        return dout * w.sum(), np.full_like(w, (dout * x).sum())
"""

NAMED_OTHERWISE = """
class Square(Function):
    @staticmethod
    def forward(fn, x):
        fn.x = x
        return x * x

    @staticmethod
    def backward(fn, dy):
        return dy * fn.x
"""

NEEDS_INPUT_GRAD = """
class Gather(Function):
    @staticmethod
    def forward(ctx, table, idx):
        ctx.idx, ctx.shape = idx, table.shape
        return table[idx]

    @staticmethod
    def backward(ctx, grad_output):
        if not ctx.needs_input_grad[0] or ctx.needs_input_grad[1]:
            return None, None
        out = np.zeros(ctx.shape)
        np.add.at(out, ctx.idx, grad_output)
        return out, None
"""

MARKS = """
class Relu(Function):
    @staticmethod
    def forward(ctx, x):
        mask = x > 0
        ctx.mark_non_differentiable(mask)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(mask)
        return x * mask

    @staticmethod
    def backward(ctx, *grad_outputs):
        return grad_outputs[0] * ctx.saved_tensors[0]
"""

CLASS_METHODS = """
class Cube:
    @classmethod
    def forward(cls, ctx, x):
        ctx.save_for_backward(x)
        return x ** 3

    @classmethod
    def backward(cls, ctx, g):
        return 3 * ctx.saved_tensors[0] ** 2 * g
"""

TWO_OUTPUTS = """
class Divide(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return np.sin(x), np.cos(x)

    @staticmethod
    def backward(ctx, ds, dc):
        return ds * np.cos(ctx.x) - dc * np.sin(ctx.x)
"""

TOO_MANY = """
class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return x * x

    @staticmethod
    def backward(ctx, g):
        return 2 * g * ctx.x, None, None
"""

PLAIN_CLASS = """
class Relu:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * (self.x > 0)
"""
