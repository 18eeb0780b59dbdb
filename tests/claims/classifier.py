"""Linear layer, softmax and mean cross entropy together, with samples in columns."""

from claims.claim import VALUE, L, Section, false, setting

from gradcheck.derivations.notation import (
    D,
    Sum,
    axis,
    define,
    delta,
    exp,
    grad,
    log,
    ones,
    size,
    tensor,
)

i, k = axis("out", "i k")
(j,) = axis("in", "j")
(n,) = axis("batch", "n")
x, W, b, t = tensor("x", j, n), tensor("W", i, j), tensor("b", i), tensor("t", n, integer=i)
F, y, Γ = tensor("F", i, n), tensor("y", i, n), tensor("Γ", n)
dx, dW, db, dF = grad(x), grad(W), grad(b), grad(F)
by_y, V = tensor("by_y", i, n), tensor("V", i, n)  # what each layer of the note hands down

SECTION = Section(
    "linear layer, softmax and cross entropy together",
    setting(
        [x, W, b, t],
        define(F[i, n], Sum(W[i, j] * x[j, n], j) + b[i]),
        define(Γ[n], Sum(exp(F[i, n]), i)),
        define(y[i, n], exp(F[i, n]) / Γ[n]),
        define(by_y[i, n], -delta(i, t[n]) / (y[i, n] * size(n))),  # as in S4-20
        define(V[i, n], y[i, n] * (by_y[i, n] - Sum(by_y[k, n] * y[k, n], k))),  # as in S4-17
        loss=define(L, -Sum(log(y[t[n], n]), n) / size(n)),
    ),
    (
        false(
            "S4-22",
            "gradient by w",
            r"grad.w = \frac{dv_{output}\cdot input^T}{batch\text{-}size} \text{ with } "
            r"f(\underline{x}) = -\frac{\sum_{t\in T} \log x_t}{N}",
            [(D(L, F[i, n]), V[i, n]), (dW, V @ x.T), (db, V @ ones(n)), (dx, W.T @ V)],
            [(dW, V @ x.T / size(n), VALUE)],
            why="The cross entropy divides by the number of samples, and the linear layer does "
            "so once more, by $w$ alone: this gradient is too small by that factor, those by $b$ "
            "and by the input are right.",
            correct=r"grad.w = dv_{output}\cdot input^T",
            kind="inconsistent factor 1/N",
        ),
    ),
)
