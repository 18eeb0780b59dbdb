"""Mistakes in the size of a gradient: zero, a sign, a factor."""

from gradcheck.checks.mistakes.code import Code, Example

FAMILY = "Size: zero, a sign, a factor"
CODES = (
    Code(
        "zero",
        "the gradient is zero everywhere",
        "The output does depend on this input, but the gradient says that it does not.",
        Example(
            "x: (4, 3); W: (3, 2)",
            "x @ W",
            "W",
            "dW = np.zeros_like(W)",
            "dW = np.zeros_like(W)\ndW += x.T @ dy",
        ),
        "An array that was made and never filled, or a mask that removes everything.",
        "Follow the variable from its `zeros_like` to the return, and see who was to write it.",
    ),
    Code(
        "sign",
        "the gradient has the opposite sign",
        "Gradient descent with it climbs.",
        Example(
            "x: (4, 3); t: (4, 3)",
            "0.5 * (x - t) ** 2",
            "x",
            "dx = dy * (t - x)",
            "dx = dy * (x - t)",
        ),
        "Target minus prediction, a minus lost in a derivative of 1/x or log, or a minus that is "
        "already in the update.",
        "Differentiate with respect to the prediction: d/dx (x - t)**2 = 2 (x - t).",
    ),
    Code(
        "factor",
        "the gradient is a constant times what it should be",
        "Every entry is off by the same number. "
        "The number often has a name: the batch size, 2, 1/2, 1/(1 - p).",
        Example(
            "x: (5, 3); W: (3, 4)",
            "x @ W",
            "W",
            "dW = x.T @ dy / len(x)",
            "dW = x.T @ dy",
        ),
        "N or 1/N: the mean over the batch was taken twice, or never; it belongs into the loss, "
        "and once. 2 or 1/2: the exponent of a square. 1/(1 - p): dropout rescales in one "
        "pass only.",
        "Write the forward formula down with its mean and its constants, and differentiate that.",
    ),
    Code(
        "missing-factor",
        "a factor is missing that is one of the tensors at hand",
        "The gradient would be right if it were multiplied, entry by entry, by an input, a mask, "
        "the output, or divided by a standard deviation.",
        Example(
            "x: (4, 3); g: (3,)",
            "x * g",
            "x",
            "dx = dy.copy()",
            "dx = dy * g",
        ),
        "The product rule: for y = x g the gradient of x has the factor g and that of g has x.",
        "Multiply by what the input is multiplied by in the forward pass.",
    ),
    Code(
        "extra-factor",
        "a factor stands there that should not",
        "The gradient would be right if it were divided, entry by entry, by one of the tensors.",
        Example(
            "x: (4, 3); g: (3,)",
            "x * g",
            "x",
            "dx = dy * g * g",
            "dx = dy * g",
        ),
        "The same factor in two places: once in a helper, once in the caller.",
        "Decide where the factor belongs, and take the other one out.",
    ),
    Code(
        "clipped",
        "large entries of the gradient are cut off",
        "Entries beyond some bound are replaced by the bound; all others are right.",
        Example(
            "x: (4, 3); W: (3, 4)",
            "x @ W",
            "W",
            "dW = np.clip(x.T @ dy, -1, 1)",
            "dW = x.T @ dy",
        ),
        "Clipping against exploding gradients, inside the backward pass.",
        "Clip after backpropagation, in the training loop; check the layer without it.",
    ),
    Code(
        "approximate",
        "the gradient is close, but belongs to another formula",
        "Nearly right everywhere and exactly right nowhere: the forward pass computes one "
        "function, "
        "the backward pass differentiates another one that looks like it.",
        Example(
            "x: (4, 3)",
            "np.sqrt(x ** 2 + 1e-6)",
            "x",
            "dx = dy * np.sign(x)",
            "dx = dy * x / np.sqrt(x ** 2 + 1e-6)",
        ),
        "The exact GELU with the derivative of its tanh approximation, an eps that is inside the "
        "root in one pass and outside in the other, rounded constants.",
        "Take the forward formula that is really used, and differentiate that one.",
    ),
    Code(
        "conjugate",
        "the gradient is the complex conjugate of the right one",
        "For complex inputs there are two conventions. Here, as in PyTorch, the gradient g of a "
        "real loss satisfies dL = Re(conj(g) dx), so that descent goes along -g.",
        Example(
            "x: [1 + 2j, 0.5j]; s: [1j, 1 + 1j]",
            "x * s",
            "x",
            "dx = dy * s",
            "dx = dy * np.conj(s)",
        ),
        "A product differentiated as if it were real, or the convention of another library.",
        "For y = s x write dx = conj(s) dy.",
    ),
)
