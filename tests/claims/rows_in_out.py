"""y = x W + b with the samples in rows; the note writes ∂L/∂y for the transpose of its gradient."""

from claims.claim import SHAPE, VALUE, Section, convention, definition, false, setting, shape, true

from gradcheck.derivations.notation import D, Sum, axis, define, delta, grad, ones, size, tensor

i, l = axis("N", "i l")
h, k = axis("Min", "h k")
j, k_out = axis("Mout", "j k")
x, W, b, y = tensor("x", i, h), tensor("W", h, j), tensor("b", j), tensor("y", i, j)
dx, dW, db, dy = grad(x), grad(W), grad(b), grad(y)
by_y = dy.T  # ∂L/∂y as the note has it
by_W = D(y[i, j], W[h, k_out])
by_b = D(y[i, j], b[k_out])
by_x = D(y[i, j], x[l, k])
too_few = (j, 0, size(h) - 1)  # a sum over Min terms where there are Mout

layout = r"$\partial L/\partial y$ is the transpose, $M_{out}\times N$, as the note says."
other_layout = r"Where $\partial L/\partial y$ has the shape of $y$, $N\times M_{out}$, it is "

SECTION = Section(
    "linear layer",
    setting([x, W, b], define(y[i, j], Sum(x[i, h] * W[h, j], h) + b[j])),
    (
        true(
            "S3-01",
            "forward",
            "y = xW + b",
            [(y, x @ W + ones(i) @ b.T)],
            [(y, lambda: x @ W + b.T, SHAPE)],
            why=r"The row $b$ is added to each of the $N$ rows: strictly, $xW + \mathbf{1}_N b$.",
        ),
        definition(
            "S3-02",
            "the given gradient",
            r"\frac{\partial L}{\partial y} \in \mathbb{R}^{M_{out}\times N}",
            [(shape(by_y), "Mout×N")],
            why=r"The matrix is transposed, but its entries are written in the order of $y$: "
            r"row $j$ and column $i$ hold $\partial L/\partial y_{ij}$.",
        ),
        definition(
            "S3-03",
            "what is to be found",
            r"\nabla_W L \in \mathbb{R}^{M_{in}\times M_{out}},\quad \nabla_b L \in "
            r"\mathbb{R}^{1\times M_{out}},\quad \frac{\partial L}{\partial x} \in "
            r"\mathbb{R}^{M_{in}\times N}",
            [(shape(dW.matrix()), "Min×Mout"), (shape(db.T), "1×Mout"), (shape(dx.T), "Min×N")],
            why=r"$\nabla$ has the shape of its variable, $\partial$ the transposed shape.",
        ),
        true(
            "S3-04",
            "part 1, chain rule",
            r"\frac{\partial L}{\partial W_{hk}} = \sum_{i=0}^{N-1}\sum_{j=0}^{M_{out}-1} "
            r"\frac{\partial L}{\partial y_{ij}}\frac{\partial y_{ij}}{\partial W_{hk}}",
            [(dW[h, k_out], Sum(dy[i, j] * by_W, i, j))],
        ),
        true(
            "S3-05",
            "part 1, forward, one entry",
            r"y_{ij} = \sum_{l=0}^{M_{in}-1} x_{il} W_{lj} + b_j",
            [((x @ W + ones(i) @ b.T).entry(i, j), Sum(x[i, k] * W[k, j], k) + b[j])],
        ),
        true(
            "S3-06",
            "part 1, derivative by W",
            r"\frac{\partial y_{ij}}{\partial W_{hk}} = \mathrm{Id}_{kj} x_{ih}",
            [(by_W, delta(k_out, j) * x[i, h])],
        ),
        true(
            "S3-07",
            "part 1, sum",
            r"\frac{\partial L}{\partial W_{hk}} = \sum_{i=0}^{N-1}\sum_{j=0}^{M_{out}-1} "
            r"\frac{\partial L}{\partial y_{ij}}\mathrm{Id}_{kj} x_{ih} = \sum_{i=0}^{N-1} "
            r"\frac{\partial L}{\partial y_{ik}} x_{ih}",
            [
                (dW[h, k_out], Sum(dy[i, j] * delta(k_out, j) * x[i, h], i, j)),
                (dW[h, k_out], Sum(dy[i, k_out] * x[i, h], i)),
            ],
        ),
        convention(
            "S3-08",
            "part 1, as an entry of a matrix",
            r"\frac{\partial L}{\partial W_{hk}} = \left(\frac{\partial L}{\partial y} x"
            r"\right)_{kh}",
            [
                (dW[h, k_out], (by_y @ x).entry(k_out, h)),
                (dW[h, k_out], (x.T @ dy).entry(h, k_out)),
            ],
            [(dW[h, k_out], lambda: (dy @ x).entry(k_out, h), SHAPE)],
            reading=layout,
            why=other_layout + r"$\left(x^T \frac{\partial L}{\partial y}\right)_{hk}$.",
            kind="depends on the layout",
        ),
        convention(
            "S3-09",
            "part 1, result",
            r"\frac{\partial L}{\partial W} = \frac{\partial L}{\partial y}\cdot x \in "
            r"\mathbb{R}^{M_{out}\times M_{in}}",
            [(dW.T, by_y @ x), (shape(by_y @ x), "Mout×Min"), (dW, x.T @ dy)],
            [(dW, lambda: dy @ x, SHAPE), (dW, by_y @ x, SHAPE)],
            reading=layout,
            why=other_layout + r"$x^T \frac{\partial L}{\partial y}$.",
            kind="depends on the layout",
        ),
        true(
            "S3-10",
            "part 1, gradient",
            r"\nabla_W L = \left(\frac{\partial L}{\partial W}\right)^T \in "
            r"\mathbb{R}^{M_{in}\times M_{out}}",
            [(dW, (by_y @ x).T), (shape((by_y @ x).T), "Min×Mout")],
        ),
        true(
            "S3-11",
            "part 2, chain rule",
            r"\frac{\partial L}{\partial b_k} = \sum_{i=0}^{N-1}\sum_{j=0}^{M_{out}-1} "
            r"\frac{\partial L}{\partial y_{ij}}\frac{\partial y_{ij}}{\partial b_k}",
            [(db[k_out], Sum(dy[i, j] * by_b, i, j))],
        ),
        true(
            "S3-12",
            "part 2, derivative by b",
            r"\frac{\partial y_{ij}}{\partial b_k} = \mathrm{Id}_{kj}",
            [(by_b, delta(k_out, j))],
        ),
        convention(
            "S3-13",
            "part 2, result",
            r"\frac{\partial L}{\partial b_k} = \sum_{i=0}^{N-1} \frac{\partial L}{\partial y_{ik}}"
            r" = \left(\frac{\partial L}{\partial y}\cdot\mathbf{1}_{N\times 1}\right)_k",
            [
                (db[k_out], Sum(dy[i, k_out], i)),
                (db[k_out], (by_y @ ones(i)).entry(k_out)),
                (db.T, ones(i).T @ dy),
            ],
            [(db[k_out], lambda: (dy @ ones(i)).entry(k_out), SHAPE)],
            reading=layout,
            why="The sum is right in any layout. "
            + other_layout
            + r"$\mathbf{1}^T \frac{\partial L}{\partial y}$.",
            kind="depends on the layout",
        ),
        convention(
            "S3-14",
            "part 2, gradient",
            r"\nabla_b L \in \mathbb{R}^{1\times M_{out}}",
            [(db.T, (by_y @ ones(i)).T), (shape((by_y @ ones(i)).T), "1×Mout")],
            [(shape(by_y @ ones(i)), "1×Mout", SHAPE)],
            reading=r"The gradient has the shape of $b$, so it is the transpose of the product "
            "just found.",
            why=r"That product is $M_{out}\times 1$; the transpose, written out for $W$, is left "
            "out here.",
            kind="missing transpose",
        ),
        false(
            "S3-15",
            "part 3, chain rule",
            r"\frac{\partial L}{\partial x_{lk}} = \sum_{i=0}^{N-1}\sum_{j=0}^{M_{in}-1} "
            r"\frac{\partial L}{\partial y_{ij}}\frac{\partial y_{ij}}{\partial x_{lk}}",
            [(dx[l, k], Sum(dy[i, j] * by_x, i, j))],
            [(dx[l, k], Sum(dy[i, j] * by_x, i, too_few), VALUE)],
            why=r"$j$ numbers the columns of $y$, of which there are $M_{out}$. "
            "The mistake cannot be seen while both sizes are equal.",
            correct=r"\frac{\partial L}{\partial x_{lk}} = \sum_{i=0}^{N-1}\sum_{j=0}^{M_{out}-1} "
            r"\frac{\partial L}{\partial y_{ij}}\frac{\partial y_{ij}}{\partial x_{lk}}",
            kind="wrong summation bound",
        ),
        true(
            "S3-16",
            "part 3, forward, one entry",
            r"y_{ij} = \sum_{h=0}^{M_{in}-1} x_{ih} W_{hj} + b_j",
            [((x @ W + ones(i) @ b.T).entry(i, j), Sum(x[i, h] * W[h, j], h) + b[j])],
        ),
        true(
            "S3-17",
            "part 3, derivative by x",
            r"\frac{\partial y_{ij}}{\partial x_{lk}} = \mathrm{Id}_{il} W_{kj}",
            [(by_x, delta(i, l) * W[k, j])],
        ),
        false(
            "S3-18",
            "part 3, first sum",
            r"\frac{\partial L}{\partial x_{lk}} = \sum_{i=0}^{N-1}\sum_{j=0}^{M_{in}-1} "
            r"\frac{\partial L}{\partial y_{ij}}\mathrm{Id}_{il} W_{kj}",
            [(dx[l, k], Sum(dy[i, j] * delta(i, l) * W[k, j], i, j))],
            [(dx[l, k], Sum(dy[i, j] * delta(i, l) * W[k, j], i, too_few), VALUE)],
            why="The same bound as in the line before.",
            correct=r"\frac{\partial L}{\partial x_{lk}} = \sum_{i=0}^{N-1}\sum_{j=0}^{M_{out}-1} "
            r"\frac{\partial L}{\partial y_{ij}}\mathrm{Id}_{il} W_{kj}",
            kind="wrong summation bound",
        ),
        false(
            "S3-19",
            "part 3, second sum",
            r"\frac{\partial L}{\partial x_{lk}} = \sum_{j=0}^{M_{in}-1} "
            r"\frac{\partial L}{\partial y_{lj}} W_{kj}",
            [(dx[l, k], Sum(dy[l, j] * W[k, j], j))],
            [(dx[l, k], Sum(dy[l, j] * W[k, j], too_few), VALUE)],
            why="The same bound as in the lines before.",
            correct=r"\frac{\partial L}{\partial x_{lk}} = \sum_{j=0}^{M_{out}-1} "
            r"\frac{\partial L}{\partial y_{lj}} W_{kj}",
            kind="wrong summation bound",
        ),
        convention(
            "S3-20",
            "part 3, result",
            r"\frac{\partial L}{\partial x_{lk}} = \left(W\cdot\frac{\partial L}{\partial y}"
            r"\right)_{kl}",
            [
                (dx[l, k], (W @ by_y).entry(k, l)),
                (dx.T, W @ by_y),
                (shape(W @ by_y), "Min×N"),
                (dx, dy @ W.T),
            ],
            [
                (dx[l, k], lambda: (W @ dy).entry(k, l), SHAPE),
                ((W @ by_y).entry(k, l), Sum(dy[l, j] * W[k, j], too_few), VALUE),
            ],
            reading=layout,
            why=other_layout
            + r"$\frac{\partial L}{\partial y} W^T$, $N\times M_{in}$."
            + " It does not equal the sum with the wrong bound before it.",
            kind="depends on the layout",
        ),
    ),
)
