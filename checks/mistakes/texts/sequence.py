"""Mistakes along time, in windows and with repeated indices."""

from gradcheck.checks.mistakes.code import Code, Example

FAMILY = "Time, windows and repeated use"
LOOP = "dx = np.zeros_like(x)\nlater = 0\nfor t in {order}:\n    {line}\n    dx[t] = later"
CODES = (
    Code(
        "recurrent-path",
        "only the direct path is there, not the one through later time steps",
        "A state acts on the output of its own step and on all later states. "
        "The gradient has the first share only, so it is right at the last step and wrong before.",
        Example(
            "x: (6, 3)",
            "np.cumsum(np.tanh(x), axis=0)",
            "x",
            "dx = dy * (1 - np.tanh(x) ** 2)",
            "dx = np.cumsum(dy[::-1], axis=0)[::-1] * (1 - np.tanh(x) ** 2)",
        ),
        "The gradient of the next state is not carried over, or is set to zero in every step.",
        "Go from the last step to the first: dh = dy[t] + (what comes back from step t + 1).",
    ),
    Code(
        "time-reversed",
        "time runs in the wrong direction",
        "The backward pass goes through the steps in the order of the forward pass, or the "
        "gradients stand in the opposite order.",
        Example(
            "x: (6, 3)",
            "np.cumsum(x, axis=0)",
            "x",
            LOOP.format(order="range(6)", line="later = later + dy[t]"),
            LOOP.format(order="reversed(range(6))", line="later = later + dy[t]"),
        ),
        "`range(T)` for `reversed(range(T))`, or a list filled by append and never reversed.",
        "Loop over `reversed(range(T))` and write into `dx[t]`, which needs no reversing.",
    ),
    Code(
        "overwritten",
        "`=` stands where `+=` is needed",
        "An entry that is used several times, by overlapping windows or by a repeated index, gets "
        "the sum of what comes back. Here the last one wins.",
        Example(
            "W: (5, 3); label: [1, 3, 1, 4, 1]",
            "W[label]",
            "W",
            "dW = np.zeros_like(W)\ndW[label] += dy",
            "dW = np.zeros_like(W)\nnp.add.at(dW, label, dy)",
        ),
        "`dx[i:i+k] = ...` in a loop over windows; or `dW[label] += dy`, which NumPy does "
        "only once "
        "for a repeated index.",
        "Write `+=` for windows and `np.add.at` for indices.",
    ),
    Code(
        "flipped",
        "a kernel is used in the wrong order",
        "The gradient is right if an axis, or several, is read backwards. "
        "The backward pass of a correlation is a convolution: one of the two flips the kernel.",
        Example(
            "x: (8,); w: (3,)",
            "np.correlate(x, w, 'valid')",
            "w",
            "dw = np.correlate(x, dy, 'valid')[::-1]",
            "dw = np.correlate(x, dy, 'valid')",
        ),
        "np.convolve flips its second argument and np.correlate does not; deep learning calls the "
        "second one convolution.",
        "Decide for one of the two, and write the sum: y[i] = sum_k x[i + k] w[k].",
    ),
    Code(
        "edges",
        "wrong only at the borders",
        "Inside everything is right. At the first or the last rows, or between the steps of a "
        "stride, something is missing.",
        Example(
            "x: (9, 4)",
            "x[1:] - x[:-1]",
            "x",
            "dx = np.zeros_like(x)\ndx[1:] += dy\ndx[1:-1] -= dy[1:]",
            "dx = np.zeros_like(x)\ndx[1:] += dy\ndx[:-1] -= dy",
        ),
        "Padding that is cut off on the wrong side, a slice that is one too short, a last window "
        "that does not fit.",
        "Write the backward pass with the same slices as the forward pass, one line for each.",
    ),
)
