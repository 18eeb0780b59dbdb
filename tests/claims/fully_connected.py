"""z = W x + b and y = f(z); q = softmax(z) is an activation that is not elementwise."""

from claims.claim import (
    SHAPE,
    VALUE,
    L,
    Section,
    convention,
    definition,
    missing,
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
    diag,
    exp,
    function,
    grad,
    tensor,
)

i, k = axis("m", "i k")
(j,) = axis("n", "j")
x, W, b, z, y = (
    tensor("x", j),
    tensor("W", i, j),
    tensor("b", i),
    tensor("z", i),
    tensor("y", i),
)
dx, dW, db, dy = grad(x), grad(W), grad(b), grad(y)
f = function("f")
q, v, loss_of_q = tensor("q", i), tensor("v", i), tensor("Lq")

SECTION = Section(
    "fully connected layer",
    setting(
        [x, W, b, v],
        define(z[i], Sum(W[i, j] * x[j], j) + b[i]),
        define(q[i], exp(z[i]) / Sum(exp(z[k]), k)),
        define(loss_of_q, Sum(v[i] * q[i], i)),
        define(y[i], f(z[i])),
    ),
    (
        definition("S2-00", "summary", "", prose=True),  # a placeholder: an empty formula
        true(
            "S2-01",
            "forward",
            r"\mathbf{z} = \mathbf{W}\mathbf{x} + \mathbf{b}",
            [(z, W @ x + b)],
        ),
        definition("S2-02", "the entries of W", r"\mathbf{W} = (w_{ij})", [(shape(W), "m×n")]),
        true(
            "S2-03",
            "forward, one entry",
            r"z_i = \sum_{j=1}^n w_{ij} x_j + b_i",
            [((W @ x + b).entry(i), Sum(W[i, j] * x[j], j) + b[i])],
        ),
        true(
            "S2-04",
            "derivative by w",
            r"\frac{\partial z_i}{\partial w_{ij}} = x_j",
            [(D(z[i], W[i, j]), x[j]), (D(z[i], W[k, j]), delta(i, k) * x[j])],
            [(Sum(D(z[i], W[i, j]), i), x[j], VALUE), (D(z[i], W[k, j]), x[j], VALUE)],
            why="The repeated $i$ is one fixed row, not a sum over $i$; by the weights of any "
            r"other row $k$ the derivative is 0, so in full it is $\delta_{ik} x_j$.",
        ),
        true(
            "S2-05",
            "derivative by b",
            r"\frac{\partial z_i}{\partial b_i} = 1",
            [(D(z[i], b[i]), 1), (D(z[i], b[k]), delta(i, k))],
            [(Sum(D(z[i], b[i]), i), 1, VALUE), (D(z[i], b[k]), 1, VALUE)],
            why=r"Again $i$ is fixed; in full it is $\delta_{ik}$.",
        ),
        definition(
            "S2-06",
            "the gradient by W",
            r"\left[\frac{\partial L}{\partial\mathbf{W}}\right]_{ij} = "
            r"\frac{\partial L}{\partial w_{ij}}",
            [(dW[i, j], D(L, W[i, j])), (shape(dW), "m×n")],
        ),
        convention(
            "S2-07",
            "the remark on the Jacobian",
            r"\mathrm{Jacobian} \in \mathbb{R}^{m\times m\times n}",
            [(shape(D(z[i], W[k, j])), "m×m×n"), (D(z[i], W[k, j]), delta(i, k) * x[j])],
            [(shape(dW[k, j]), "m×m×n", SHAPE)],
            reading=r"It speaks of the derivative of the vector $\mathbf{z}$ (or $\mathbf{y}$) by "
            r"$\mathbf{W}$.",
            why=r"The formula beside it is about the number $L$, whose derivative by $\mathbf{W}$ "
            r"has $m\times n$ entries, however they are arranged.",
            kind="ambiguous quantity",
        ),
        true(
            "S2-08",
            "the gradient by W, first form",
            r"\frac{\partial L}{\partial w_{ij}} = \frac{\partial L}{\partial y_i}"
            r"\frac{\partial y_i}{\partial z_i}\frac{\partial z_i}{\partial w_{ij}}",
            [(dW[i, j], dy[i] * D(y[i], z[i]) * D(z[i], W[i, j]))],
            [
                (
                    D(loss_of_q, W[i, j]),
                    D(loss_of_q, q[i]) * D(q[i], z[i]) * D(z[i], W[i, j]),
                    VALUE,
                )
            ],
            why=r"It needs $y_i = f(z_i)$ with an elementwise $f$, which the note never says. "
            r"For a softmax, each $y_k$ depends on each $z_i$, and a sum over $k$ is missing.",
        ),
        true(
            "S2-09",
            "the gradient by W, second form",
            r"\frac{\partial L}{\partial w_{ij}} = \frac{\partial L}{\partial y_i} f'(z_i) x_j",
            [(dW[i, j], dy[i] * f.prime(z[i]) * x[j])],
        ),
        true(
            "S2-10",
            "the gradient by W, third form",
            r"\left(\frac{\partial L}{\partial y_1}, \ldots\right)^T \odot (f'(z_1), \ldots)^T "
            r"\cdot \mathbf{x}^T",
            [(dW, (dy * f.prime(z)) @ x.T)],
            [(dW, lambda: dy * (f.prime(z) @ x.T), SHAPE)],
            why=r"$\odot$ binds before the matrix product; the other way round, a column would "
            "have to be repeated to fit a matrix.",
        ),
        convention(
            "S2-11",
            "the gradient by W, final form",
            r"\nabla_{\mathbf{y}} L \odot \nabla_{\mathbf{z}} f \cdot \mathbf{x}^T",
            [(dW, (dy * f.prime(z)) @ x.T), (dW, diag(f.prime(z)) @ dy @ x.T)],
            [(dW, lambda: (dy * diag(f.prime(z))) @ x.T, SHAPE)],
            reading=r"$\nabla_{\mathbf{z}} f$ is the vector of all $f'(z_i)$.",
            why=r"As a Jacobian it would be the matrix $\mathrm{diag}(f'(\mathbf{z}))$, whose "
            "entrywise product with a vector does not fit; it would have to be a matrix product.",
            kind="one symbol for a vector and for a Jacobian",
        ),
        missing(
            "S2-12",
            "the gradients by b and x",
            "",
            [(db, dy * f.prime(z)), (dx, W.T @ (dy * f.prime(z)))],
            correct=r"\frac{\partial L}{\partial\mathbf{b}} = \nabla_{\mathbf{y}} L \odot "
            r"f'(\mathbf{z}),\quad \frac{\partial L}{\partial\mathbf{x}} = \mathbf{W}^T"
            r"(\nabla_{\mathbf{y}} L \odot f'(\mathbf{z}))",
        ),
    ),
)
