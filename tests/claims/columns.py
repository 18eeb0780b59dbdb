"""F = W x + b 1ᵀ with the samples in columns. Each sample has a loss ℓ_n, and L is their mean.

V, the gradient handed to the layer, is ∂L/∂F or, in another reading, U with U_n = ∂ℓ_n/∂F_n.
"""

from claims.claim import (
    SHAPE,
    VALUE,
    L,
    Section,
    convention,
    definition,
    false,
    setting,
    shape,
    true,
)

from gradcheck.derivations.notation import (
    D,
    Sum,
    axis,
    define,
    delta,
    function,
    grad,
    ones,
    size,
    tensor,
)

i, j = axis("out", "i j")
k, q = axis("in", "k q")
(n,) = axis("batch", "n")
x, W, b, F = tensor("x", k, n), tensor("W", i, k), tensor("b", i), tensor("F", i, n)
C, each, U = tensor("C", i, n), tensor("each", n), tensor("U", i, n)
a, w = tensor("a"), tensor("w")
dx, dW, db, V = grad(x), grad(W), grad(b), grad(F)
ℓ = function("ℓ")

SECTION = Section(
    "linear layer",
    setting(
        [x, W, b, C, a, w],
        define(F[i, n], Sum(W[i, k] * x[k, n], k) + b[i]),
        define(each[n], Sum(C[i, n] * ℓ(F[i, n]), i)),
        define(U[i, n], D(each[n], F[i, n])),
        loss=define(L, Sum(each[n], n) / size(n)),
    ),
    (
        definition(
            "S4-01",
            "the parameters",
            r"W: out\times in,\quad b: out\times 1,\quad input: in\times batch",
            [
                (shape(W.matrix()), "out×in"),
                (shape(b.matrix()), "out×1"),
                (shape(x.matrix()), "in×batch"),
                (shape(W @ x), "out×batch"),
            ],
        ),
        true(
            "S4-02",
            "forward",
            r"output = W\cdot input + [b, b, \ldots, b]",
            [(F, W @ x + b @ ones(n).T)],
            [(F, lambda: W @ x + b, SHAPE)],
        ),
        convention(
            "S4-03",
            "part 1, gradient by w",
            r"grad.w = \frac{dv_{output}\cdot input^T}{batch\text{-}size}",
            [(dW, U @ x.T / size(n)), (dW, V @ x.T)],
            [(dW, V @ x.T / size(n), VALUE)],
            reading=r"$dv_{output}$ holds the derivative of each sample's own loss, and $L$ is the "
            "mean of these losses.",
            why=r"If $dv_{output}$ is $\partial L/\partial output$, the mean is in it already, and "
            "there is nothing to divide by. "
            "The gradient by $b$ and the cross entropy of the same note take it in this way.",
            kind="inconsistent factor 1/N",
        ),
        false(
            "S4-04",
            "part 1, derivative by w",
            r"\frac{\partial}{\partial w} f(w) = x^T",
            [
                (D(F[i, n], W[j, k]), delta(i, j) * x[k, n]),
                (shape(D(F[i, n], W[j, k])), "out×batch×out×in"),
                (dW, V @ x.T),
            ],
            [
                (D(F[i, n], W[j, k]), x.T.entry(n, k), VALUE),
                (shape(D(F[i, n], W[j, k])), shape(x.T), SHAPE),
            ],
            why="A matrix by a matrix has four indices; the rule for two numbers, "
            r"$\partial(aw)/\partial w = a$, does not carry over. "
            r"The factor $x^T$ appears once the derivative is multiplied by $dv_{output}$.",
            correct=r"\frac{\partial f_{i,n}}{\partial W_{j,k}} = \delta_{ij} x_{k,n},\quad "
            r"\frac{\partial L}{\partial W} = dv_{output}\cdot x^T",
            kind="missing Kronecker delta",
        ),
        true(
            "S4-05",
            "part 1, first rule",
            r"\frac{\partial}{\partial w} aw = a",
            [(D(a * w, w), a)],
            why="For numbers, not for matrices.",
        ),
        true(
            "S4-06",
            "part 1, second rule",
            r"\frac{\partial}{\partial w} wx = \frac{\partial}{\partial w}(x^T w^T)^T",
            [(W @ x, (x.T @ W.T).T)],
            why=r"Both sides are the same, but nothing about $x^T$ follows from it.",
        ),
        convention(
            "S4-07",
            "part 2, gradient by b",
            r"\frac{\partial f}{\partial b} = dv_{output}\cdot\mathbf{1}_{batch\times 1}",
            [(db, V @ ones(n))],
            [
                (shape(D(F[i, n], b[j])), shape(V @ ones(n)), SHAPE),
                (db, U @ ones(n), VALUE),
            ],
            reading=r"The left side is $\partial L/\partial b$, and $dv_{output}$ is "
            r"$\partial L/\partial output$.",
            why=r"$f$ is the output of the layer, and its derivative by $b$ is another object, "
            r"$\delta_{ij}$. "
            r"With the reading under which the gradient by $w$ is right, a $1/batch$ is missing.",
            kind="wrong left side, inconsistent factor 1/N",
        ),
        convention(
            "S4-08",
            "part 2, derivative by b",
            r"\frac{\partial}{\partial b} f(b) = 1",
            [(D(F[i, n], b[i]), 1), (D(F[i, n], b[j]), delta(i, j))],
            [(D(F[i, n], b[j]), 1, VALUE)],
            reading=r"Entry by entry: $\partial f_{i,n}/\partial b_i = 1$.",
            why=r"In full it is $\partial f_{i,n}/\partial b_j = \delta_{ij}$.",
            kind="missing Kronecker delta",
        ),
        convention(
            "S4-09",
            "part 2, as a sum",
            r"\frac{\partial f}{\partial b} \Leftrightarrow \mathrm{sum}(dv_{output}, 2)",
            [(db[i], Sum(V[i, n], n))],
            [(db, (ones(i).T @ V).T, SHAPE)],
            reading="Dimensions are counted from 1, as in MATLAB: the sum runs over the samples.",
            why="Counted from 0, as in NumPy, it is axis 1, and an axis 2 does not exist.",
            kind="dimensions counted from 1",
        ),
        true(
            "S4-10",
            "part 3, gradient by the input",
            r"dv_{input} = \left(\frac{\partial f}{\partial x}\right)^T dv_{output} "
            r"= w^T\cdot dv_{output}",
            [(dx, W.T @ V), (D(F[i, n], x[q, n]), W[i, q])],
        ),
    ),
)
