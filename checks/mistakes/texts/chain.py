"""Mistakes in the chain rule: a derivative left out or taken elsewhere, a path forgotten."""

from gradcheck.checks.mistakes.code import Code, Example

FAMILY = "The chain rule"
CODES = (
    Code(
        "missing-activation",
        "the derivative of the activation is missing",
        "The cotangent goes past the activation as if that were not there.",
        Example(
            "x: (5, 3); W: (3, 4)",
            "np.tanh(x @ W)",
            "W",
            "dW = x.T @ dy",
            "dz = dy * (1 - y ** 2)\ndW = x.T @ dz",
        ),
        "dy and dz confused: dy belongs to the output, dz to the input of the activation.",
        "Give every intermediate value its own gradient, dz = dy * f'(z), and go on with dz only.",
    ),
    Code(
        "wrong-variable",
        "a derivative is taken at the wrong variable",
        "1 - y**2 and y (1 - y) are formulas for the output y of tanh and of the sigmoid. "
        "With the input in its place, or with f'(y), the numbers look plausible and are wrong.",
        Example(
            "x: (4, 3)",
            "np.tanh(x)",
            "x",
            "dx = dy * (1 - x ** 2)",
            "dx = dy * (1 - y ** 2)",
        ),
        "A helper `tanh_prime(z)` that is called with the activation, a variable that was "
        "overwritten (`z = tanh(z)`), or x for the normalised x in the gradient of a gain.",
        "Write in the docstring whether the helper wants the input or the output, and cache that.",
    ),
    Code(
        "wrong-derivative",
        "the derivative of the activation is another one",
        "The layer is a function that is known, entry by entry, and the gradient is neither its "
        "derivative times the cotangent nor any of the usual slips.",
        Example(
            "x: (4, 3)",
            "np.tanh(x)",
            "x",
            "dx = dy * (1 - y)",
            "dx = dy * (1 - y ** 2)",
        ),
        "A square, a factor or a term of the derivative was forgotten.",
        "Derive it once more on paper, and check the formula with `gradcheck derive`.",
    ),
    Code(
        "diagonal",
        "only the diagonal of the Jacobian is used",
        "Each output depends on all inputs of its row, as in softmax, but the gradient treats the "
        "function as if it acted entry by entry.",
        Example(
            "x: (4, 3)",
            "np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)",
            "x",
            "dx = dy * y * (1 - y)",
            "dx = y * (dy - (dy * y).sum(axis=1, keepdims=True))",
        ),
        "y (1 - y) is the derivative of output i by input i; it is right for a sigmoid.",
        "Use the whole Jacobian, y_i (delta_ij - y_j), which the right line multiplies by dy.",
    ),
    Code(
        "missing-path",
        "one path from the input to the output is left out",
        "An input that reaches the output in several ways gets the sum over all of them. "
        "One is missing: through a mean, a variance, the sum of a softmax, a skip connection or a "
        "second use of the same array.",
        Example(
            "x: (5, 3)",
            "x - x.mean(axis=0)",
            "x",
            "dx = dy.copy()",
            "dx = dy - dy.mean(axis=0)",
        ),
        "Statistics of the batch taken for constants. They are functions of x.",
        "Draw the graph of the forward pass and count the arrows that leave x: "
        "the gradient has a term for each.",
    ),
    Code(
        "missing-target",
        "the term of the target class is missing",
        "The gradient is wrong only where the label points to. "
        "For cross-entropy after softmax it is p - 1 there, and p everywhere else.",
        Example(
            "x: (5, 4); label: [0, 2, 1, 3, 2]",
            "-np.log((np.exp(x) / np.exp(x).sum(axis=1, keepdims=True))[np.arange(5), label])",
            "x",
            "p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)\ndx = dy[:, None] * p",
            "p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)\n"
            "p[np.arange(5), label] -= 1\ndx = dy[:, None] * p",
        ),
        "The line `p[np.arange(N), label] -= 1` is forgotten, or changes a copy.",
        "Add the line, on a copy of the probabilities.",
    ),
)
