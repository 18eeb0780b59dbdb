"""z = W x + b, and a = φ(z)."""

from claims.claim import (
    SHAPE,
    VALUE,
    Section,
    convention,
    definition,
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
    function,
    grad,
    ones,
    tensor,
)

i, k = axis("H", "i k")
j, q = axis("D", "j q")
x, W, b, z, a = (
    tensor("x", j),
    tensor("W", i, j),
    tensor("b", i),
    tensor("z", i),
    tensor("a", i),
)
dx, dW, db, dz = grad(x), grad(W), grad(b), grad(z)
φ = function("φ")
forward = define(z[i], Sum(W[i, j] * x[j], j) + b[i])
SECTION = Section(
    "linear layer",
    setting([x, W, b], forward, define(a[i], φ(z[i]))),
    (
        definition(
            "S0-01",
            "table of symbols",
            r"\mathbf{a}^l = \varphi(\mathbf{z}^l)",
            [(a, φ(z)), (D(a[i], z[k]), φ.prime(z[i]) * delta(i, k))],
        ),
        true(
            "S0-02",
            "forward",
            r"\mathbf{z} = \mathbf{W}\mathbf{x} + \mathbf{b}",
            [(z, W @ x + b)],
        ),
        convention(
            "S0-03",
            "derivative by x",
            r"\frac{\partial\mathbf{z}}{\partial\mathbf{x}} = \mathbf{W}^T",
            [(denominator(z, x), W.T), (numerator(z, x), W)],
            [(numerator(z, x), W.T, SHAPE)],
            reading="Denominator layout: row $j$ and column $i$ hold "
            r"$\partial z_i / \partial x_j$.",
            why=r"In numerator layout it is $\mathbf{W}$. "
            "The same note needs that layout for its gradient by $x$ and for all its "
            "bilinear derivatives, so it changes layout from line to line.",
            kind="two layouts mixed",
        ),
        false(
            "S0-04",
            "derivative by W",
            r"\frac{\partial\mathbf{z}}{\partial\mathbf{W}} = \mathbf{x}",
            [
                (D(z[i], W[k, q]), delta(i, k) * x[q]),
                (shape(D(z[i], W[k, q])), "H×H×D"),
                (D(z[i], W[k, q]), x[q], Eq(i, k)),
            ],
            [(D(z[i], W[k, q]), x[q], VALUE), (shape(D(z[i], W[k, q])), shape(x), SHAPE)],
            why="A vector by a matrix has three indices, and $z_i$ depends on row $i$ of "
            r"$\mathbf{W}$ alone; the formula is right for that row only.",
            correct=r"\frac{\partial z_i}{\partial W_{kq}} = \delta_{ik} x_q",
            kind="missing Kronecker delta",
        ),
        true(
            "S0-05",
            "derivative by b",
            r"\frac{\partial\mathbf{z}}{\partial\mathbf{b}} = \mathbf{I}",
            [(numerator(z, b), diag(ones(i))), (denominator(z, b), diag(ones(i)))],
        ),
        convention(
            "S0-06",
            "gradient by x",
            r"\frac{\partial L}{\partial\mathbf{x}} = \delta_{out}\mathbf{W}",
            [(dx.T, dz.T @ W), (dx, W.T @ dz)],
            [(dx, lambda: dz @ W, SHAPE), (dx.T, lambda: dz.T @ W.T, SHAPE)],
            reading=r"$\delta_{out}$ is a row.",
            why=r"For a column it is $\mathbf{W}^T\delta_{out}$. "
            r"It is $\delta_{out}$ times $\mathbf{W}$, not times the $\mathbf{W}^T$ that the "
            r"note gives for $\partial\mathbf{z}/\partial\mathbf{x}$.",
            kind="two layouts mixed",
        ),
        missing(
            "S0-07",
            "gradients by W and b",
            "",
            [(dW, dz @ x.T), (db, dz)],
            correct=r"\frac{\partial L}{\partial\mathbf{W}} = \delta_{out}\mathbf{x}^T,\quad "
            r"\frac{\partial L}{\partial\mathbf{b}} = \delta_{out}",
        ),
    ),
)
