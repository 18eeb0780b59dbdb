"""y = relu(x); step is its derivative, 1 for x > 0 and 0 elsewhere."""

from claims.claim import SHAPE, VALUE, Section, convention, setting

from gradcheck.derivations.notation import axis, define, grad, relu, step, tensor

(i,) = axis("M", "i")
(n,) = axis("N", "n")
x, y = tensor("x", i, n), tensor("y", i, n)
dx, dy = grad(x), grad(y)


def step_and_1_at_0(at):
    """1 for x ≥ 0 and 0 elsewhere."""
    return 1 - step(-at)


SECTION = Section(
    "ReLU",
    setting([x], define(y[i, n], relu(x[i, n]))),
    (
        convention(
            "S4-21",
            "derivative",
            r"\frac{\partial}{\partial x} L = \frac{\partial L}{\partial y}\cdot\mathbf{1}"
            r"(x\geq 0)",
            [(dx, dy * step_and_1_at_0(x)), (dx, dy * step(x))],
            [(dx, lambda: dy @ step(x), SHAPE), (step_and_1_at_0(0), step(0), VALUE)],
            reading=r"The product is entrywise, and no $x$ is 0.",
            why="At 0 there is no derivative: this formula takes 1, common frameworks take 0.",
            kind="kink at 0, wrong product sign",
        ),
    ),
)
