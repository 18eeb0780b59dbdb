"""z_h = x1ᵀ W_h x2 + b_h; R is W with its axes in reverse order."""

from claims.claim import (
    SHAPE,
    VALUE,
    Section,
    convention,
    denominator,
    false,
    missing,
    numerator,
    setting,
    shape,
    true,
)

from gradcheck.derivations.notation import (
    D,
    Eq,
    Sum,
    axis,
    define,
    delta,
    diag,
    grad,
    ones,
    tensor,
)

h, k = axis("H", "h k")
i, p = axis("D1", "i p")
j, q = axis("D2", "j q")
x1, x2, W, b = tensor("x1", i), tensor("x2", j), tensor("W", h, i, j), tensor("b", h)
z, R = tensor("z", h), tensor("R", j, i, h)
dx1, dx2, dW, db, dz = grad(x1), grad(x2), grad(W), grad(b), grad(z)
forward = define(z[h], Sum(x1[i] * W[h, i, j] * x2[j], i, j) + b[h])
transpose = r"$\mathbf{W}^T$ exchanges the last two axes of $\mathbf{W}$."
reversal = (
    r"With all three axes reversed, a factor of $D_2 \times D_1 \times H$ meets a vector of "
    r"$D_1$: the shapes do not fit."
)
SECTION = Section(
    "bilinear layer",
    setting([x1, x2, W, b], define(R[j, i, h], W[h, i, j]), forward),
    (
        convention(
            "S0-08",
            "forward",
            r"\mathbf{z} = \mathbf{x}_1^T\mathbf{W}\mathbf{x}_2 + \mathbf{b}",
            [(z[h], (x1.T @ W[h] @ x2).entry() + b[h])],
            [(z, lambda: x1.T @ W @ x2 + b, SHAPE)],
            reading=r"It stands for each output $h$, with a matrix of its own: "
            r"$z_h = \mathbf{x}_1^T\mathbf{W}_h\mathbf{x}_2 + b_h$.",
            why=r"$\mathbf{W}$ has three axes, and a matrix product does not say which two "
            "are meant.",
            kind="product of a tensor with three axes",
        ),
        true(
            "S0-09",
            "derivative by x₁",
            r"\frac{\partial\mathbf{z}}{\partial\mathbf{x}_1} = \mathbf{W}\mathbf{x}_2"
            r"\in\mathbb{R}^{H\times D_1}",
            [
                (D(z[h], x1[i]), (W[h] @ x2).entry(i)),
                (shape(numerator(z, x1)), "H×D1"),
            ],
            why="This is numerator layout, while the linear layer of the same note is in "
            "denominator layout.",
        ),
        convention(
            "S0-10",
            "derivative by x₂",
            r"\frac{\partial\mathbf{z}}{\partial\mathbf{x}_2} = \mathbf{W}^T\mathbf{x}_1"
            r"\in\mathbb{R}^{H\times D_2}",
            [
                (D(z[h], x2[j]), (W[h].T @ x1).entry(j)),
                (shape(numerator(z, x2)), "H×D2"),
            ],
            [(D(z[h], x2[j]), lambda: (R[j] @ x1).entry(h), SHAPE)],
            reading=transpose,
            why=reversal,
            kind="transpose of a tensor with three axes",
        ),
        false(
            "S0-11",
            "derivative by W",
            r"\frac{\partial\mathbf{z}}{\partial\mathbf{W}} = \mathbf{x}_1\mathbf{x}_2^T"
            r"\in\mathbb{R}^{D_1\times D_2}",
            [
                (D(z[h], W[k, p, q]), delta(h, k) * x1[p] * x2[q]),
                (shape(D(z[h], W[k, p, q])), "H×H×D1×D2"),
                (D(z[h], W[k, p, q]), (x1 @ x2.T).entry(p, q), Eq(h, k)),
            ],
            [
                (D(z[h], W[k, p, q]), (x1 @ x2.T).entry(p, q), VALUE),
                (shape(D(z[h], W[k, p, q])), shape(x1 @ x2.T), SHAPE),
            ],
            why=r"Output $z_h$ depends on its own matrix $\mathbf{W}_h$ alone; the formula is "
            r"right for $\partial z_h / \partial\mathbf{W}_h$ only.",
            correct=r"\frac{\partial z_h}{\partial W_{kpq}} = \delta_{hk} x_{1,p} x_{2,q}",
            kind="missing Kronecker delta",
        ),
        true(
            "S0-12",
            "derivative by b",
            r"\frac{\partial\mathbf{z}}{\partial\mathbf{b}} = \mathbf{I}",
            [(numerator(z, b), diag(ones(h))), (denominator(z, b), diag(ones(h)))],
        ),
        true(
            "S0-13",
            "value of the gradient by x₁",
            r"\frac{\partial L}{\partial\mathbf{x}_1} = \delta_{out}\mathbf{W}\mathbf{x}_2",
            [(dx1, Sum(dz[h] * (W[h] @ x2), h))],
        ),
        false(
            "S0-14",
            "shape of the gradient by x₁",
            r"\frac{\partial L}{\partial\mathbf{x}_1} \in "
            r"\mathbb{R}^{H\times(H\times D_1\times D_2)\times D_2} = \mathbb{R}^{D_2}",
            [(shape(Sum(dz[h] * W[h, p, j] * x2[j], h, j)), "D1"), (shape(dx1), "D1")],
            [(shape(Sum(dz[h] * W[h, p, j] * x2[j], h, j)), "D2", SHAPE)],
            why=r"The sums run over $H$ and $D_2$, so that $D_1$ is left. "
            "The product of the shapes of all factors is the shape of nothing.",
            correct=r"\frac{\partial L}{\partial\mathbf{x}_1} \in \mathbb{R}^{D_1}",
            kind="wrong shape",
        ),
        convention(
            "S0-15",
            "value of the gradient by x₂",
            r"\frac{\partial L}{\partial\mathbf{x}_2} = \delta_{out}\mathbf{W}^T\mathbf{x}_1",
            [(dx2, Sum(dz[h] * (W[h].T @ x1), h))],
            [(dx2[j], lambda: Sum(dz[h] * (R[j] @ x1).entry(h), h), SHAPE)],
            reading=transpose,
            why=reversal,
            kind="transpose of a tensor with three axes",
        ),
        false(
            "S0-16",
            "shape of the gradient by x₂",
            r"\frac{\partial L}{\partial\mathbf{x}_2} \in "
            r"\mathbb{R}^{H\times(H\times D_2\times D_1)\times D_1} = \mathbb{R}^{D_1}",
            [(shape(Sum(dz[h] * x1[i] * W[h, i, q], h, i)), "D2"), (shape(dx2), "D2")],
            [(shape(Sum(dz[h] * x1[i] * W[h, i, q], h, i)), "D1", SHAPE)],
            why=r"The sums run over $H$ and $D_1$, so that $D_2$ is left.",
            correct=r"\frac{\partial L}{\partial\mathbf{x}_2} \in \mathbb{R}^{D_2}",
            kind="wrong shape",
        ),
        missing(
            "S0-17",
            "gradients by W and b",
            "",
            [(dW[k, p, q], dz[k] * x1[p] * x2[q]), (db, dz)],
            correct=r"\frac{\partial L}{\partial W_{kpq}} = \delta_k x_{1,p} x_{2,q},\quad "
            r"\frac{\partial L}{\partial\mathbf{b}} = \delta_{out}",
        ),
    ),
)
