"""The right numbers in the wrong places, and sums over the wrong axes."""

from gradcheck.checks.mistakes.code import Code, Example

FAMILY = "Layout and sums"
CODES = (
    Code(
        "transposed",
        "axes are exchanged",
        "The gradient, or a factor in it, is transposed or has its axes in another order. "
        "With axes of different lengths this is an error of shape; with equal ones it goes unseen.",
        Example(
            "x: (5, 4); W: (4, 4)",
            "x @ W",
            "W",
            "dW = dy.T @ x",
            "dW = x.T @ dy",
        ),
        "A formula for columns used with rows, or a reshape where a transpose was meant: "
        "a reshape keeps the order in memory, a transpose changes it.",
        "Write the index formula, dW[i,j] = sum_n x[n,i] dy[n,j], and check at lengths that "
        "differ.",
    ),
    Code(
        "swapped",
        "two gradients are exchanged",
        "What is returned for one input is the gradient of another.",
        Example(
            "a: (4, 3); b: (4, 3)",
            "a * b",
            "a",
            "da = dy * a\ndb = dy * b",
            "da = dy * b\ndb = dy * a",
        ),
        "A tuple returned in another order than that of the inputs, or the product rule with the "
        "wrong factor.",
        "Return the gradients in the order of the inputs, or in a dict by name.",
    ),
    Code(
        "wrong-axis",
        "the sum runs over the wrong axis",
        "The gradient of a parameter is a sum over the axes that it lacks; here the sum is over "
        "another axis, which happens to leave the right shape.",
        Example(
            "x: (4, 4); b: (4,)",
            "x + b",
            "b",
            "db = dy.sum(axis=1)",
            "db = dy.sum(axis=0)",
        ),
        "`axis=1` for `axis=0`, or a layout with the batch last.",
        "Sum over the axis of the samples. Check at lengths that differ, where this cannot hide.",
    ),
    Code(
        "extra-sum",
        "the gradient is summed over an axis that should stay",
        "All entries along an axis are the same, namely the sum or the mean of the right ones.",
        Example(
            "x: (5, 3); W: (3, 2)",
            "x @ W",
            "x",
            "dx = np.zeros_like(x) + (dy @ W.T).sum(axis=0)",
            "dx = dy @ W.T",
        ),
        "The gradient of an activation treated like that of a bias, or averaged over the batch.",
        "Sum over samples only for what all samples share, the parameters.",
    ),
    Code(
        "shifted",
        "the gradient is off by one along an axis",
        "Every entry stands one place too early or too late.",
        Example(
            "x: (6, 3)",
            "np.cumsum(x, axis=0)",
            "x",
            "dx = np.roll(np.cumsum(dy[::-1], axis=0)[::-1], 1, axis=0)",
            "dx = np.cumsum(dy[::-1], axis=0)[::-1]",
        ),
        "A list of states that begins with the initial one, so that state t has the index t + 1.",
        "Name the list for what it holds, and write down the index of the first and the last "
        "entry.",
    ),
)
