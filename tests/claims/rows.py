"""Y = X Wᵀ + B with the samples in rows, where every row of B is b."""

from claims.claim import DANGLING, SHAPE, VALUE, Section, convention, false, setting, shape, true

from gradcheck.derivations.notation import D, Sum, axis, define, delta, grad, ones, tensor

s, i_s = axis("S", "s i")  # the note has one letter i for rows of W and of X,
m, j = axis("M", "m j")  # and one letter j for columns of both and for entries of b
n, i, j_b, r = axis("N", "n i j r")
X, W, b, B, Y = (
    tensor("X", s, m),
    tensor("W", n, m),
    tensor("b", n),
    tensor("B", s, n),
    tensor("Y", s, n),
)
dX, dW, db, dY = grad(X), grad(W), grad(b), grad(Y)
by_W = D(Y[s, n], W[i, j])
by_b = D(Y[s, n], b[j_b])
by_X = D(Y[s, n], X[i_s, j])

SECTION = Section(
    "linear module",
    setting(
        [X, W, b],
        define(B[s, n], b[n]),
        define(Y[s, n], Sum(X[s, m] * W[n, m], m) + B[s, n]),
    ),
    (
        true(
            "S1-01",
            "equation (1)",
            r"\frac{\partial L}{\partial W_{ij}} = \sum_{s,n} \frac{\partial L}{\partial Y_{sn}}"
            r"\frac{\partial Y_{sn}}{\partial W_{ij}}",
            [(dW[i, j], Sum(dY[s, n] * by_W, s, n))],
        ),
        true(
            "S1-02",
            "equation (2)",
            r"\frac{\partial Y_{sn}}{\partial W_{ij}} = \sum_m X_{sm} "
            r"\frac{\partial W_{nm}}{\partial W_{ij}} + \frac{\partial B_{sn}}{\partial W_{ij}}",
            [(by_W, Sum(X[s, m] * D(W[n, m], W[i, j]), m) + D(B[s, n], W[i, j]))],
        ),
        true(
            "S1-03",
            "equation (3)",
            r"\frac{\partial Y_{sn}}{\partial W_{ij}} = \sum_m X_{sm}\delta_{ni}\delta_{mj} + 0 "
            r"= X_{sj}\delta_{ni}",
            [
                (by_W, Sum(X[s, m] * delta(n, i) * delta(m, j), m) + 0),
                (by_W, X[s, j] * delta(n, i)),
            ],
        ),
        true(
            "S1-04",
            "equation (4)",
            r"\sum_{s,n} \frac{\partial L}{\partial Y_{sn}}\frac{\partial Y_{sn}}{\partial W_{ij}}"
            r" = \sum_{s,n} \frac{\partial L}{\partial Y_{sn}} X_{sj}\delta_{ni}"
            r" = \sum_s \frac{\partial L}{\partial Y_{si}} X_{sj}",
            [
                (Sum(dY[s, n] * by_W, s, n), Sum(dY[s, n] * X[s, j] * delta(n, i), s, n)),
                (Sum(dY[s, n] * by_W, s, n), Sum(dY[s, i] * X[s, j], s)),
            ],
        ),
        true(
            "S1-05",
            "equation (5)",
            r"\frac{\partial L}{\partial\mathbf{W}} = \left(\frac{\partial L}{\partial\mathbf{Y}}"
            r"\right)^\top\mathbf{X} \in \mathbb{R}^{N\times M}",
            [(dW, dY.T @ X), (shape(dY.T @ X), "N×M")],
        ),
        true(
            "S1-06",
            "equation (6)",
            r"\frac{\partial L}{\partial b_j} = \sum_{s,n} \frac{\partial L}{\partial Y_{sn}}"
            r"\frac{\partial Y_{sn}}{\partial b_j}",
            [(db[j_b], Sum(dY[s, n] * by_b, s, n))],
        ),
        true(
            "S1-07",
            "equation (7)",
            r"\frac{\partial Y_{sn}}{\partial b_j} = \sum_m "
            r"\frac{\partial X_{sm} W_{nm}}{\partial b_j} + \frac{\partial B_{sn}}{\partial b_j}",
            [(by_b, Sum(D(X[s, m] * W[n, m], b[j_b]), m) + D(B[s, n], b[j_b]))],
        ),
        false(
            "S1-08",
            "equation (8)",
            r"\frac{\partial Y_{sn}}{\partial b_j} = 0 + \delta_{ni} = \delta_{ni}",
            [(by_b, delta(n, j_b))],
            [(by_b, delta(n, i), DANGLING)],
            why="The derivative is taken by $b_j$, and the index $i$ occurs nowhere on the left. "
            "Equation (9) goes on with the right delta.",
            correct=r"\frac{\partial Y_{sn}}{\partial b_j} = \delta_{nj}",
            kind="wrong index in a Kronecker delta",
        ),
        true(
            "S1-09",
            "equation (9)",
            r"\sum_{s,n} \frac{\partial L}{\partial Y_{sn}}\frac{\partial Y_{sn}}{\partial b_j}"
            r" = \sum_{s,n} \frac{\partial L}{\partial Y_{sn}}\delta_{nj}"
            r" = \sum_s \frac{\partial L}{\partial Y_{sj}}",
            [
                (Sum(dY[s, n] * by_b, s, n), Sum(dY[s, n] * delta(n, j_b), s, n)),
                (Sum(dY[s, n] * by_b, s, n), Sum(dY[s, j_b], s)),
            ],
            why="It does not follow from equation (8) as written there.",
        ),
        convention(
            "S1-10",
            "equation (10)",
            r"\frac{\partial L}{\partial\mathbf{b}} = \sum\frac{\partial L}{\partial\mathbf{Y}_s}"
            r" \in \mathbb{R}^{1\times N}",
            [(db[n], Sum(dY[s, n], s)), (db.T, ones(s).T @ dY), (shape(ones(s).T @ dY), "1×N")],
            [(db[n], Sum(dY[s, n], n), DANGLING), (db.T, (dY @ ones(n)).T, SHAPE)],
            reading=r"The sum runs over the samples $s$, and $\mathbf{Y}_s$ is row $s$.",
            why="The sum does not say what it runs over; over the features $n$ it would give one "
            "number for each sample.",
            kind="missing summation index",
        ),
        false(
            "S1-11",
            "the sentence after equation (10)",
            r"b_j = \sum_s Y_{sj}",
            [(db[j_b], Sum(dY[s, j_b], s))],
            [(b[j_b], Sum(Y[s, j_b], s), VALUE)],
            why=r"In words, the note adds up the rows of $\mathbf{Y}$ and calls the result "
            r"$\mathbf{b}$. "
            "What is added up, and what results, are the gradients by both.",
            correct=r"\frac{\partial L}{\partial b_j} = \sum_s \frac{\partial L}{\partial Y_{sj}}",
            kind="a tensor named for its gradient",
        ),
        false(
            "S1-12",
            "equation (11)",
            r"\frac{\partial L}{\partial X_{ij}} = \sum_{s,r} \frac{\partial L}{\partial Y_{sn}}"
            r"\frac{\partial Y_{sn}}{\partial X_{ij}}",
            [(dX[i_s, j], Sum(dY[s, n] * by_X, s, n))],
            [(dX[i_s, j], Sum(dY[s, n] * by_X, s, r), DANGLING)],
            why="The second sum runs over $r$, which occurs in no factor, and $n$ is left over: "
            "the right side has an index that the left side lacks.",
            correct=r"\frac{\partial L}{\partial X_{ij}} = \sum_{s,n} "
            r"\frac{\partial L}{\partial Y_{sn}}\frac{\partial Y_{sn}}{\partial X_{ij}}",
            kind="wrong summation index",
        ),
        true(
            "S1-13",
            "equation (12)",
            r"\frac{\partial Y_{sn}}{\partial X_{ij}} = \sum_m "
            r"\frac{\partial X_{sm}}{\partial X_{ij}} W_{nm} + "
            r"\frac{\partial B_{sn}}{\partial X_{ij}}",
            [(by_X, Sum(D(X[s, m], X[i_s, j]) * W[n, m], m) + D(B[s, n], X[i_s, j]))],
        ),
        true(
            "S1-14",
            "equation (13)",
            r"\frac{\partial Y_{sn}}{\partial X_{ij}} = \sum_m \delta_{si}\delta_{mj} W_{nm} + 0"
            r" = \delta_{si} W_{nj}",
            [
                (by_X, Sum(delta(s, i_s) * delta(m, j) * W[n, m], m) + 0),
                (by_X, delta(s, i_s) * W[n, j]),
            ],
        ),
        true(
            "S1-15",
            "equation (14)",
            r"\sum_{s,n} \frac{\partial L}{\partial Y_{sn}}\frac{\partial Y_{sn}}{\partial X_{ij}}"
            r" = \sum_{s,n} \frac{\partial L}{\partial Y_{sn}}\delta_{si} W_{nj}"
            r" = \sum_n \frac{\partial L}{\partial Y_{in}} W_{nj}",
            [
                (Sum(dY[s, n] * by_X, s, n), Sum(dY[s, n] * delta(s, i_s) * W[n, j], s, n)),
                (Sum(dY[s, n] * by_X, s, n), Sum(dY[i_s, n] * W[n, j], n)),
            ],
        ),
        false(
            "S1-16",
            "equation (15)",
            r"\frac{\partial L}{\partial\mathbf{Y}} = \frac{\partial L}{\partial\mathbf{Y}}"
            r"\mathbf{W} \in \mathbb{R}^{S\times M}",
            [(dX, dY @ W), (shape(dY @ W), "S×M")],
            [(dY, dY @ W, SHAPE)],
            why=r"The right side is the gradient by the input $\mathbf{X}$; that by $\mathbf{Y}$ "
            r"is $S\times N$, not $S\times M$.",
            correct=r"\frac{\partial L}{\partial\mathbf{X}} = \frac{\partial L}"
            r"{\partial\mathbf{Y}}\mathbf{W}",
            kind="wrong left side",
        ),
    ),
)
