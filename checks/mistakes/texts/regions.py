"""Gradients that are right in one region and wrong in another."""

from gradcheck.checks.mistakes.code import Code, Example

FAMILY = "Right in one place, wrong in another"
CODES = (
    Code(
        "first-sample",
        "only the first sample counts, or is right",
        "The other samples of the batch do not reach the gradient, or get a wrong one.",
        Example(
            "x: (5, 3); W: (3, 4)",
            "x @ W",
            "W",
            "dW = np.outer(x[0], dy[0])",
            "dW = x.T @ dy",
        ),
        "Code that was written for one sample, a `return` inside the loop over samples, or `x[0]` "
        "from debugging.",
        "Check with a batch of at least two samples, and sum over all of them.",
    ),
    Code(
        "last-sample",
        "only the last sample counts, or is right",
        "In a loop over samples each one overwrites the one before.",
        Example(
            "x: (5, 3); W: (3, 4)",
            "x @ W",
            "W",
            "for n in range(5):\n    dW = np.outer(x[n], dy[n])",
            "dW = np.zeros_like(W)\nfor n in range(5):\n    dW += np.outer(x[n], dy[n])",
        ),
        "`=` for `+=` in the loop.",
        "Start with zeros before the loop, and add inside.",
    ),
    Code(
        "one-sided",
        "right only on one side of a threshold",
        "The gradient is right for inputs below a number, most often 0, and wrong above, or the "
        "other way round: a branch of the function has the wrong derivative.",
        Example(
            "x: (5, 6)",
            "np.where(x > 0, x, np.expm1(x))",
            "x",
            "dx = dy * np.where(x > 0, 1, np.expm1(x))",
            "dx = dy * np.where(x > 0, 1, np.exp(x))",
        ),
        "One branch of leaky ReLU, ELU, SELU, Huber or clip was differentiated wrongly or "
        "forgotten.",
        "Differentiate each branch by itself, and use the same condition as the forward pass.",
    ),
    Code(
        "one-entry",
        "a single entry is wrong",
        "All entries but one are right.",
        Example(
            "x: (4, 3); W: (3, 5)",
            "x @ W",
            "W",
            "dW = x.T @ dy\ndW[0, 0] = 0",
            "dW = x.T @ dy",
        ),
        "A special case for one index, a padding row that is set to zero, or a leftover from "
        "debugging.",
        "Look for the index that the report names.",
    ),
)
