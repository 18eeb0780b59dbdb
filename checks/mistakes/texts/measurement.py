"""What is no mistake of the gradient: kinks, noise, and a forward pass that differs."""

from gradcheck.checks.mistakes.code import Code, Example

FAMILY = "What a gradient check cannot decide alone"
CODES = (
    Code(
        "kink",
        "the function has no derivative at this point",
        "Left and right of the point the slope differs, as for relu at 0 or where two entries tie "
        "for the maximum. Any value between the two slopes is accepted.",
        Example(
            "x: [0.0, 1.0, -1.0]",
            "np.maximum(x, 0)",
            "x",
            "dx = 2 * dy * (x >= 0)",
            "dx = dy * (x > 0)",
        ),
        "A point that sits exactly on the kink: zeros in the data, equal entries, a value at a "
        "clipping bound.",
        "Nothing, if your value lies between the slopes. "
        "Otherwise choose a convention, relu'(0) = 0 for instance, and keep to it.",
    ),
    Code(
        "noise",
        "the forward pass is too noisy to be differentiated",
        "The difference of two outputs is lost in rounding, so that the numerical slope says "
        "little. The verdict is inconclusive, and not a pass.",
        Example(
            "x: (4, 3)",
            "x ** 2",
            "",
            "y = np.round(x ** 2, 3)",
            "y = x ** 2",
        ),
        "float32 or float16 inside the forward pass, values rounded for display, large "
        "numbers that "
        "cancel, or random numbers.",
        "Run the check in float64, at inputs of size 1, with the random seed fixed.",
    ),
    Code(
        "forward",
        "the forward pass differs from the reference",
        "Gradient and forward pass fit together, but the forward pass is not that of the layer it "
        "is said to be. A gradient check alone cannot see this.",
        Example(
            "x: (5, 3)",
            "x - x.mean(axis=0)",
            "",
            "y = x - x.mean(axis=1, keepdims=True)",
            "y = x - x.mean(axis=0)",
        ),
        "Another convention: the biased or the unbiased variance, eps inside or outside the root, "
        "the mean over another axis, a sum for a mean in the loss.",
        "Compare the two outputs at the point that is shown. "
        "If the other convention is meant, choose the reference accordingly.",
    ),
)
