"""y = softmax(x) of one vector; Γ is the sum of the exponentials."""

from claims.claim import UNDEFINED, VALUE, Section, convention, definition, setting, true

from gradcheck.derivations.notation import D, Eq, Ne, Sum, axis, define, delta, exp, grad, tensor

i, j, k = axis("N", "i j k", start=1)
x, y, Γ = tensor("x", i), tensor("y", i), tensor("Γ")
P = tensor("P")  # a letter of which the note does not say what it means
dx, dy = grad(x), grad(y)


def split_sum(total):
    """The sum over k ≠ i, and the term k = i."""
    others = dy[k] * (1 - delta(k, i)) * -exp(x[i] + x[k]) / total**2
    return Sum(others, k) + dy[i] * (exp(x[i]) / total - exp(x[i] + x[i]) / total**2)


def joined_sum(total):
    products = dy[k] * -(exp(x[i]) / total * exp(x[k]) / total)
    return Sum(products, k) + dy[i] * exp(x[i]) / total


SECTION = Section(
    "softmax",
    setting([x], define(Γ, Sum(exp(x[j]), j)), define(y[i], exp(x[i]) / Γ)),
    (
        definition(
            "S4-11",
            "forward",
            r"y_i = \frac{e^{x_i}}{\sum_{j=1}^N e^{x_j}}",
            [(y[i], exp(x[i]) / Sum(exp(x[j]), j)), (Sum(y[i], i), 1)],
            why="$N$ is the number of classes here, and the number of samples in the cross "
            "entropy of the same note.",
        ),
        convention(
            "S4-12",
            "the remark on parameters",
            r"\frac{\partial f(x)}{\partial x_i}",
            reading="Softmax has no parameters, so the gradient by its input is all there is to "
            "find.",
            why="That it is the last layer is not the reason, and it is not the last one: a cross "
            "entropy follows.",
            kind="wrong reason",
            prose=True,
        ),
        true(
            "S4-13",
            "chain rule",
            r"\frac{\partial L}{\partial x_i} = \sum_{k=1}^N \frac{\partial L}{\partial y_k}"
            r"\frac{\partial y_k}{\partial x_i}",
            [(dx[i], Sum(dy[k] * D(y[k], x[i]), k))],
        ),
        true(
            "S4-14",
            r"case $i \neq k$",
            r"\frac{\partial y_k}{\partial x_i} = -\frac{e^{x_i}e^{x_k}}{\Gamma^2} = "
            r"-\frac{e^{x_i+x_k}}{\Gamma^2}",
            [
                (D(y[k], x[i]), -exp(x[i]) * exp(x[k]) / Γ**2, Ne(i, k)),
                (D(y[k], x[i]), -exp(x[i] + x[k]) / Γ**2, Ne(i, k)),
                (D(y[k], x[i]), -y[i] * y[k], Ne(i, k)),
            ],
        ),
        true(
            "S4-15",
            "case $i = k$",
            r"\frac{\partial y_i}{\partial x_i} = \frac{e^{x_i}\Gamma - e^{x_i}e^{x_i}}{\Gamma^2}"
            r" = \frac{e^{x_i}}{\Gamma} - \frac{e^{x_i+x_k}}{\Gamma^2}",
            [
                (D(y[i], x[i]), (exp(x[i]) * Γ - exp(x[i]) * exp(x[i])) / Γ**2),
                (D(y[k], x[i]), exp(x[i]) / Γ - exp(x[i] + x[k]) / Γ**2, Eq(i, k)),
            ],
            why="The last exponent is written with both letters, which are equal in this case.",
        ),
        convention(
            "S4-16",
            "gradient, sum split in two",
            r"\frac{\partial L}{\partial x_i} = \sum_{k\neq i} \frac{\partial L}{\partial y_k}"
            r"\left(-\frac{e^{x_i+x_k}}{P^2}\right) + \frac{\partial L}{\partial y_i}"
            r"\left(\frac{e^{x_i}}{P} - \frac{e^{x_i+x_i}}{P^2}\right)",
            [(dx[i], split_sum(Γ))],
            [(dx[i], split_sum(P), UNDEFINED)],
            reading=r"$P$ is the $\Gamma$ of the lines before.",
            why=r"$P$ is not defined.",
            kind="undefined symbol",
        ),
        convention(
            "S4-17",
            "gradient, result",
            r"\frac{\partial L}{\partial x_i} = \sum_{k=1}^N \frac{\partial L}{\partial y_k}"
            r"\left(-\frac{e^{x_i}}{P}\cdot\frac{e^{x_k}}{P}\right) + "
            r"\frac{\partial L}{\partial y_i}\frac{e^{x_i}}{P}",
            [(dx[i], joined_sum(Γ)), (dx[i], y[i] * (dy[i] - Sum(dy[k] * y[k], k)))],
            [(dx[i], joined_sum(P), UNDEFINED), (dx[i], y[i] * dy[i], VALUE)],
            reading=r"$P$ is $\Gamma$; in short, "
            r"$y_i\left(\frac{\partial L}{\partial y_i} - \sum_k \frac{\partial L}{\partial y_k} "
            r"y_k\right)$.",
            why=r"$P$ is not defined.",
            kind="undefined symbol",
        ),
    ),
)
