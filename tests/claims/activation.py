"""Y = h(X), entry by entry."""

from claims.claim import SHAPE, VALUE, Section, convention, false, setting, shape, true

from gradcheck.derivations.notation import D, Ne, Sum, axis, define, delta, function, grad, tensor

s, i = axis("S", "s i")
m, j = axis("M", "m j")
X, Y = tensor("X", s, m), tensor("Y", s, m)
dX, dY = grad(X), grad(Y)
h = function("h")
by_X = D(Y[s, m], X[i, j])

SECTION = Section(
    "activation module",
    setting([X], define(Y[s, m], h(X[s, m]))),
    (
        true(
            "S1-17",
            "equation (16)",
            r"\frac{\partial L}{\partial X_{ij}} = \sum_{s,m} \frac{\partial L}{\partial Y_{sm}}"
            r"\frac{\partial Y_{sm}}{\partial X_{ij}}",
            [(dX[i, j], Sum(dY[s, m] * by_X, s, m))],
        ),
        true(
            "S1-18",
            "equation (17)",
            r"\frac{\partial L}{\partial X_{ij}} = \sum_{s,m} \frac{\partial L}{\partial Y_{sm}}"
            r"\frac{\partial h(X_{sm})}{\partial X_{ij}}",
            [(dX[i, j], Sum(dY[s, m] * D(h(X[s, m]), X[i, j]), s, m))],
        ),
        false(
            "S1-19",
            "equation (18)",
            r"\frac{\partial L}{\partial X_{ij}} = \sum_{s,m} \frac{\partial L}{\partial Y_{sm}}"
            r"\delta_{si}\delta_{mj} = \frac{\partial L}{\partial Y_{ij}}",
            [
                (
                    dX[i, j],
                    Sum(dY[s, m] * h.prime(X[s, m]) * delta(s, i) * delta(m, j), s, m),
                ),
                (dX[i, j], dY[i, j] * h.prime(X[i, j])),
            ],
            [
                (dX[i, j], Sum(dY[s, m] * delta(s, i) * delta(m, j), s, m), VALUE),
                (dX[i, j], dY[i, j], VALUE),
            ],
            why="The two deltas say which entry is left; they do not say that its derivative is "
            "1. Equation (19) has the factor that is lost here.",
            correct=r"\frac{\partial L}{\partial X_{ij}} = \sum_{s,m} "
            r"\frac{\partial L}{\partial Y_{sm}} h'(X_{sm})\delta_{si}\delta_{mj}"
            r" = \frac{\partial L}{\partial Y_{ij}} h'(X_{ij})",
            kind="missing activation derivative",
        ),
        true(
            "S1-20",
            "equation (19)",
            r"\frac{\partial L}{\partial\mathbf{X}} = \frac{\partial L}{\partial\mathbf{Y}}\circ "
            r"h'(\mathbf{X}) \in \mathbb{R}^{S\times M}",
            [(dX, dY * h.prime(X)), (shape(dY * h.prime(X)), "S×M")],
            [(dX, lambda: dY @ h.prime(X), SHAPE)],
            why=r"It does not follow from equation (18) as written there; $\circ$ is the entrywise "
            "product.",
        ),
        convention(
            "S1-21",
            "the last paragraph",
            r"\frac{\partial h(X_{sm})}{\partial X_{ij}} = 0 \text{ unless } s = i, m = j",
            [
                (by_X, h.prime(X[s, m]) * delta(s, i) * delta(m, j)),
                (by_X, 0, Ne(s, i)),
                (by_X, 0, Ne(m, j)),
            ],
            [(by_X, delta(s, i) * delta(m, j), VALUE)],
            reading="The argument is about which entries are 0: an elementwise function gives two "
            "Kronecker deltas.",
            why=r"It does not say that the entry that is left is $h'(X_{sm})$, not 1.",
            kind="missing activation derivative",
        ),
    ),
)
