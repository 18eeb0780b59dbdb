"""L = -(1/N) Σ_n log x[t_n, n]: cross entropy of probabilities, with the samples in columns."""

from claims.claim import SHAPE, VALUE, L, Section, convention, setting, true

from gradcheck.derivations.notation import D, Sum, axis, define, delta, log, size, tensor

(k,) = axis("C", "k")
n, r = axis("N", "n r")
x = tensor("x", k, n, positive=True)
t = tensor("t", n, integer=k)

SECTION = Section(
    "cross entropy",
    setting([x, t], loss=define(L, -Sum(log(x[t[n], n]), n) / size(n))),
    (
        convention(
            "S4-18",
            "forward",
            r"f(\underline{x}) = -\frac{\sum_{t\in T} \log x_t}{N}",
            [(L, -Sum(Sum(delta(k, t[n]) * log(x[k, n]), k), n) / size(n))],
            [(L, lambda: -Sum(log(x[t[n]]), n) / size(n), SHAPE)],
            reading=r"$x_t$ is the probability $x_{t_n,n}$ of the target $t_n$ of sample $n$, and "
            r"the sum runs over the samples: $-\frac{1}{N}\sum_n \log x_{t_n,n}$.",
            why="With the index of the class alone, a number is left for each sample. "
            "Taken as a set of labels, $T$ would hold a label once that several samples share.",
            kind="ambiguous index",
        ),
        true("S4-19", "the remark on parameters", r"\frac{\partial f}{\partial w}", prose=True),
        convention(
            "S4-20",
            "derivative",
            r"\frac{\partial}{\partial x_t} f(\underline{x}) = -\frac{1}{x_t\cdot N}",
            [
                (D(L, x[t[n], n]), -1 / (x[t[n], n] * size(n))),
                (D(L, x[k, r]), -delta(k, t[r]) / (x[k, r] * size(n))),
            ],
            [(D(L, x[k, r]), -1 / (x[k, r] * size(n)), VALUE)],
            reading="It is the derivative by the probability of a target.",
            why=r"By all other probabilities it is 0, which is not said: "
            r"$\frac{\partial f}{\partial x_{kn}} = -\frac{[k = t_n]}{N x_{kn}}$.",
            kind="missing case",
        ),
    ),
)
