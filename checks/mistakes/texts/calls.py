"""Mistakes that show before any number is compared: what is returned, and what a call changes."""

from gradcheck.checks.mistakes.code import Code, Example

FAMILY = "What a call returns and what it changes"
CODES = (
    Code(
        "raises",
        "the forward or the backward pass stops with an error",
        "No gradient can be checked, because calling the code raised an exception. "
        "The report shows the exception and the line it comes from.",
        Example("x: (4, 3); W: (3, 2)", "x @ W", "W", "dW = x @ dy", "dW = x.T @ dy"),
        "Shapes that do not fit in a matrix product, or a backward pass that reads a cache which "
        "the forward pass never wrote.",
        "Run the line that is named with the shapes that are shown, and write next to every array "
        "what shape it has.",
    ),
    Code(
        "missing-gradient",
        "an input has no gradient",
        "The function has a floating-point input for which the backward pass returns nothing.",
        Example("x: (4, 3); b: (3,)", "x + b", "b", "dx = dy", "dx = dy\ndb = dy.sum(axis=0)"),
        "A parameter that was added later, a name that is spelt differently in the two passes, or "
        "a tuple of gradients that is one too short.",
        "Return a gradient for every input, in the order of the inputs or under their names. "
        "If an input needs none, say so: list the inputs that are differentiable.",
    ),
    Code(
        "extra-gradient",
        "there are more gradients than inputs",
        "The backward pass returns a gradient that belongs to no input.",
        Example("x: (4, 3)", "2 * x", "x", "dx = 2 * dy\ndscale = (dy * x).sum()", "dx = 2 * dy"),
        "The gradient of something that is constant here, a misspelt name, or a tuple that also "
        "holds the cotangent.",
        "Return exactly one gradient for each input that is differentiated by; None for the "
        "others.",
    ),
    Code(
        "not-finite",
        "the gradient contains inf or nan",
        "The output is finite, and so is its slope, but the backward pass divides by zero or "
        "overflows on the way.",
        Example(
            "x: [800.0, 1.0]",
            "np.logaddexp(0, x)",
            "x",
            "dx = dy * np.exp(x) / (1 + np.exp(x))",
            "dx = dy / (1 + np.exp(-x))",
        ),
        "A division by something that may be 0, a log of 0, or exp of a large number.",
        "Rewrite the formula so that only small numbers are exponentiated, and divide only by what "
        "cannot vanish: by sqrt(var + eps), for instance.",
    ),
    Code(
        "mutates-input",
        "a pass changes its inputs",
        "After the call an input holds other numbers than before. "
        "Whoever reads that array later computes with the wrong ones.",
        Example(
            "x: (4, 3)",
            "np.maximum(x, 0)",
            "x",
            "mask = x > 0\nx[x <= 0] = 0\ndx = dy * mask",
            "dx = dy * (x > 0)",
        ),
        "An assignment into a slice or an operator such as `-=` on an array that came in.",
        "Work on a copy, `x = x.copy()`, or write an expression that makes a new array.",
    ),
    Code(
        "mutates-cotangent",
        "the backward pass changes the cotangent",
        "The array dy that comes in from above holds other numbers after the call. "
        "If a second layer gets the same dy, as in a skip connection, its gradient is wrong.",
        Example(
            "x: (4, 3)",
            "np.maximum(x, 0)",
            "x",
            "dy[x <= 0] = 0\ndx = dy.copy()",
            "dx = dy * (x > 0)",
        ),
        "`dy[mask] = 0` or `dy *= mask`: short, and wrong as soon as dy is used twice.",
        "Make a new array: `dx = dy * mask`, or `dx = dy.copy()` first.",
    ),
    Code(
        "aliases",
        "a gradient shares its memory with another array",
        "The gradient is the cotangent, an input or another gradient itself, not a copy of it. "
        "Its numbers are right now and change when the other array is changed in place.",
        Example("x: (4, 3)", "x + 1", "x", "dx = dy", "dx = dy.copy()"),
        "`return dy` in an addition, or a reshape, which is a view.",
        "Harmless as long as nobody adds into the array. "
        "Return a copy if the gradients are added up with `+=` anywhere.",
    ),
    Code(
        "nondeterministic",
        "the same call gives different numbers",
        "Called twice at the same point, a pass returns two different results. "
        "No difference quotient can be taken of such a function.",
        Example(
            "x: (4, 3); mask: [[1.0, 0.0, 1.0]]",
            "x * mask",
            "x",
            "dx = dy * (np.random.default_rng().random(x.shape) < 0.5)",
            "dx = dy * mask",
        ),
        "A random mask that is drawn again in every call, or a mask that is drawn in the backward "
        "pass a second time.",
        "Draw the mask once, keep it for the backward pass, and let a seed or an argument fix it "
        "while you check.",
    ),
    Code(
        "stale-cache",
        "the backward pass uses an earlier forward pass",
        "After a forward pass at a second point the gradient is still that of the first.",
        Example(
            "x: (4, 3)",
            "np.tanh(x)",
            "x",
            "cache.setdefault('y', np.tanh(x))\ndx = dy * (1 - cache['y'] ** 2)",
            "cache['y'] = np.tanh(x)\ndx = dy * (1 - cache['y'] ** 2)",
        ),
        "A cache that is filled only if it is empty, a value computed in the constructor, or two "
        "calls of one layer that share one cache.",
        "Let every forward pass overwrite what the backward pass reads.",
    ),
    Code(
        "accumulates",
        "a second backward pass adds to the first",
        "The gradient that is returned grows with every call.",
        Example(
            "x: (4, 3); W: (3, 2)",
            "x @ W",
            "W",
            "cache['dW'] = cache.get('dW', 0) + x.T @ dy\ndW = cache['dW'].copy()",
            "dW = x.T @ dy",
        ),
        "`self.dW += ...` without anything that sets it to zero.",
        "Assign with `=`. "
        "If gradients are meant to add up, as in PyTorch, say so and reset them before every "
        "check.",
    ),
    Code(
        "nonlinear",
        "the backward pass is not linear in the cotangent",
        "A backward pass multiplies the cotangent by a Jacobian: for 2 dy it must give twice the "
        "gradient, and for a sum of cotangents the sum. This one does not.",
        Example(
            "x: (4, 3)",
            "3 * x",
            "x",
            "dx = np.clip(3 * dy, -1, 1)",
            "dx = 3 * dy",
        ),
        "Clipping or normalising inside the backward pass, `dy ** 2`, or `dy > 0`.",
        "Keep clipping and normalising out of the layer: they belong into the optimiser.",
    ),
    Code(
        "ignores-cotangent",
        "the gradient does not depend on the cotangent",
        "Whatever comes in from above, the same gradient is returned: the chain rule stops here.",
        Example(
            "x: (4, 3)",
            "np.tanh(x)",
            "x",
            "dx = 1 - np.tanh(x) ** 2",
            "dx = dy * (1 - np.tanh(x) ** 2)",
        ),
        "The derivative of the function was written, not its backward pass; or the loss was "
        "assumed to be the last layer.",
        "Multiply by dy: entry by entry for an elementwise function, by a matrix product else.",
    ),
)
