"""h_t = tanh(Whx x_t + Whh h_{t-1}), and three variants of it.

u has a bias, e takes the state before as a given tensor p (held fixed), g has no initial state.
"""

from claims.claim import (
    SHAPE,
    VALUE,
    Section,
    convention,
    false,
    setting,
    shape,
)

from gradcheck.derivations.notation import (
    D,
    Ne,
    Sum,
    axis,
    define,
    delta,
    tanh,
    tensor,
)

t, r = axis("T", "t r", start=1)
i, j, k, l = axis("H", "i j k l")
d, q = axis("D", "d q")
x, Whx, Whh, b = tensor("x", t, d), tensor("Whx", i, d), tensor("Whh", i, k), tensor("b", i)
h0, p = tensor("h0", i), tensor("p", t, i)
h, u, e, g = (tensor(name, t, i) for name in "hueg")


def state(before):
    """What goes into tanh."""
    return Sum(Whx[i, d] * x[t, d], d) + Sum(Whh[i, k] * before, k)


def earlier(of, entry):
    """The part of a derivative that comes through the state before."""
    return Sum(Whh[i, k] * D(of[t - 1, k], entry), k)


slope, slope_u = 1 - h[t, i] ** 2, 1 - u[t, i] ** 2
SECTION = Section(
    "recurrent layer",
    setting(
        [x, Whx, Whh, b, h0, p],
        define(e[t, i], tanh(state(p[t, k]))),
        define(g[t, i], tanh(state(g[t - 1, k]))),
        define(u[t, i], tanh(state(u[t - 1, k]) + b[i]), outside=h0[i]),
        define(h[t, i], tanh(state(h[t - 1, k])), outside=h0[i]),
    ),
    (
        convention(
            "S0-18",
            "forward",
            r"\mathbf{h}^{\langle t\rangle} = \tanh(\mathbf{W}_{hx}\mathbf{x}^{\langle t\rangle}"
            r" + \mathbf{W}_{hh}\mathbf{h}^{\langle t-1\rangle}),\quad t\in[0,T]",
            [(h[t], tanh(Whx @ x[t] + Whh @ h[t - 1]))],
            [(g[t], tanh(Whx @ x[t] + Whh @ g[t - 1]), VALUE)],
            reading=r"The steps are $t = 1, \ldots, T$, with a given initial state $\mathbf{h}_0$.",
            why=r"The first step has no state before it: at $t = 0$ the formula asks for an "
            r"undefined $\mathbf{h}_{-1}$.",
            kind="wrong index range",
        ),
        false(
            "S0-19",
            "derivative by x",
            r"\frac{\partial\mathbf{h}^{\langle t\rangle}}{\partial\mathbf{x}} = \mathbf{W}^T",
            [
                (D(h[t, i], x[t, q]), slope * Whx[i, q]),
                (
                    D(h[t, i], x[r, q]),
                    slope * earlier(h, x[r, q]),
                    Ne(t, r),
                ),
            ],
            [
                (D(h[t, i], x[t, q]), Whx.T.entry(q, i), VALUE),
                (shape(D(h[1, i], x[1, q])), shape(Whx.T), SHAPE),
            ],
            why="The derivative of tanh is missing, and the formula is that of the linear "
            r"layer: neither $\mathbf{W}$ nor the time of $\mathbf{x}$ is named. "
            "An earlier input acts through all states in between.",
            correct=r"\frac{\partial h_{t,i}}{\partial x_{t,q}} = (1 - h_{t,i}^2) W_{hx,iq},"
            r"\quad \frac{\partial h_{t,i}}{\partial x_{r,q}} = (1 - h_{t,i}^2) \sum_k "
            r"W_{hh,ik} \frac{\partial h_{t-1,k}}{\partial x_{r,q}} \text{ for } r < t",
            kind="missing activation derivative",
        ),
        false(
            "S0-20",
            "derivative by W",
            r"\frac{\partial\mathbf{z}}{\partial\mathbf{W}} = \mathbf{x}",
            [
                (D(e[t, i], Whx[j, q]), (1 - e[t, i] ** 2) * delta(i, j) * x[t, q]),
                (
                    D(h[t, i], Whx[j, q]),
                    slope * (delta(i, j) * x[t, q] + earlier(h, Whx[j, q])),
                ),
                (
                    D(h[t, i], Whh[j, l]),
                    slope * (delta(i, j) * h[t - 1, l] + earlier(h, Whh[j, l])),
                ),
            ],
            [
                (D(h[t, i], Whx[j, q]), x[t, q], VALUE),
                (D(h[t, i], Whx[j, q]), slope * delta(i, j) * x[t, q], VALUE),
                (shape(D(h[1, i], Whx[j, q])), shape(x[1, q]), SHAPE),
            ],
            why="This is a line of the linear layer; here there is no "
            r"$\mathbf{z}$, and four things are missing: which weights, the Kronecker delta, "
            "the derivative of tanh, and the way through earlier states. "
            r"Without its last term, the right formula is the immediate derivative, with "
            r"$\mathbf{h}_{t-1}$ held fixed. "
            r"For $W_{hh,jl}$, put $h_{t-1,l}$ in place of $x_{t,q}$.",
            correct=r"\frac{\partial h_{t,i}}{\partial W_{hx,jq}} = (1 - h_{t,i}^2)"
            r"\left(\delta_{ij} x_{t,q} + \sum_k W_{hh,ik}"
            r"\frac{\partial h_{t-1,k}}{\partial W_{hx,jq}}\right)",
            kind="missing Kronecker delta, activation derivative and recurrence",
        ),
        false(
            "S0-21",
            "derivative by b",
            r"\frac{\partial\mathbf{z}}{\partial\mathbf{b}} = \mathbf{I}",
            [
                (
                    D(u[t, i], b[j]),
                    slope_u * (delta(i, j) + earlier(u, b[j])),
                ),
                (D(h[t, i], b[j]), 0),
            ],
            [(D(u[t, i], b[j]), delta(i, j), VALUE), (D(h[t, i], b[j]), delta(i, j), VALUE)],
            why="The forward formula has no bias, so this derivative is 0. "
            r"With $\mathbf{b}$ added inside tanh, the derivative of tanh and the way through "
            "earlier states are missing.",
            correct=r"\frac{\partial h_{t,i}}{\partial b_j} = (1 - h_{t,i}^2)\left(\delta_{ij}"
            r" + \sum_k W_{hh,ik} \frac{\partial h_{t-1,k}}{\partial b_j}\right)",
            kind="undefined symbol, missing activation derivative and recurrence",
        ),
    ),
)
