"""Mistakes in the shape or the dtype of a gradient."""

from gradcheck.checks.mistakes.code import Code, Example

FAMILY = "Shape and dtype"
CODES = (
    Code(
        "shape",
        "the gradient does not have the shape of its input",
        "A gradient has one entry for every entry of its input, so the two shapes are equal. "
        "Broadcasting hides this until a parameter silently changes its shape in an update.",
        Example(
            "x: (4, 3)",
            "2 * x.ravel()",
            "x",
            "dx = 2 * dy",
            "dx = 2 * dy.reshape(x.shape)",
        ),
        "The forward pass reshapes and the backward pass does not reshape back.",
        "End the backward pass with `assert dx.shape == x.shape`.",
    ),
    Code(
        "kept-axis",
        "the gradient has an axis of length 1 too many",
        "The numbers are right, but the shape is (1, N) where the input has (N,). "
        "NumPy broadcasts the two, and `b -= dlr * db` may turn b into a matrix.",
        Example(
            "x: (4, 3); b: (3,)",
            "x + b",
            "b",
            "db = dy.sum(axis=0, keepdims=True)",
            "db = dy.sum(axis=0)",
        ),
        "`keepdims=True`, or a bias that is (1, N) in one pass and (N,) in the other.",
        "Use `keepdims` only if the parameter has that axis, or reshape to `b.shape` at the end.",
    ),
    Code(
        "missing-sum",
        "an axis that was broadcast over is not summed",
        "The forward pass uses the same parameter in many places, as a bias in every sample. "
        "Each place gives a share of the gradient, and the shares must be added up.",
        Example(
            "x: (4, 3); b: (3,)",
            "x + b",
            "b",
            "db = dy.copy()",
            "db = dy.sum(axis=0)",
        ),
        "Broadcasting in the forward pass that nobody wrote down.",
        "Sum over every axis that the input lacks, or has with length 1. Over these only.",
    ),
    Code(
        "dtype",
        "the gradient has another dtype than its input",
        "The input is float64 and the gradient is float32 or the other way round: digits are lost, "
        "or memory and time.",
        Example(
            "x: (4, 3)",
            "2 * x",
            "x",
            "dx = (2 * dy).astype(np.float32)",
            "dx = 2 * dy",
        ),
        "A constant array with a dtype of its own, or `np.zeros` with another one than the "
        "input's.",
        "Make arrays with `np.zeros_like(x)`, and write constants as Python numbers.",
    ),
    Code(
        "integer-gradient",
        "the gradient was computed in integers",
        "What follows the point is lost, so that small gradients become 0.",
        Example(
            "x: (4, 3); W: (3, 2)",
            "x @ W",
            "x",
            "dx = np.zeros(x.shape, dtype=int)\ndx += (dy @ W.T).astype(int)",
            "dx = np.zeros_like(x)\ndx += dy @ W.T",
        ),
        "`np.zeros_like` of an integer array, or a point given as `[1, 2, 3]`.",
        "Make the array with a floating dtype: `np.zeros(x.shape)`.",
    ),
)
