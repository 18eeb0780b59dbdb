"""Batch normalisation: Y = weight Z + bias, Z = (X - μ) / σ with μ and σ of each channel.

In training μ and σ² - eps are mean and variance of the batch (divided by N, not N - 1); in
evaluation they are given. eps is 1e-5 and inside the root. The update of the running statistics
is a side effect of training and has no gradient.

Family: normalisation.
Source: Ioffe, Szegedy, Batch normalization (2015), algorithm 1; PyTorch, torch.nn.BatchNorm1d.
"""

from functools import reduce
from operator import mul

from gradcheck.derivations.notation import *

n, r, m = axis("N", "n r m")  # samples
c, k, o = axis("C", "c k o")  # channels
l, p, i = axis("L", "l p i")  # positions; an image has L = H W of them
eps = tensor("eps")
small = define(eps, Rational(1, 10**5))  # PyTorch's default


def standardization(axes, over, per, matrices=None):
    """Any layer Y = weight Z + bias in which Z is X with mean 0 and variance 1 along some axes.

    axes      for each axis of X three letters: its own, that of the entry which is differentiated
              by, and one to sum over
    over, per the axes along which mean and variance are taken, and those that weight and bias have
    matrices  the gradients by X, weight and bias of dY, Z, dZ and σ in matrix notation
    """
    own, entry, inner = zip(*axes, strict=True)

    def where(chosen, yes, no):
        return tuple(a if k in chosen else b for k, (a, b) in enumerate(zip(yes, no, strict=True)))

    kept = [k for k in range(len(axes)) if k not in over]
    channel, place = tuple(own[k] for k in kept), tuple(entry[k] for k in kept)
    summed, others = where(over, inner, own), where(over, own, entry)
    long, short = [inner[k] for k in over], [own[k] for k in over]
    unit, mine = tuple(own[k] for k in per), tuple(entry[k] for k in per)
    of_unit, rest = where(per, entry, own), [own[k] for k in range(len(axes)) if k not in per]
    count = reduce(mul, (size(a) for a in short))
    same = reduce(mul, (delta(own[k], entry[k]) for k in kept))
    equal = reduce(mul, (delta(own[k], entry[k]) for k in over))
    inner_equal = reduce(mul, (delta(inner[k], entry[k]) for k in over))
    same_unit = reduce(mul, (delta(a, b) for a, b in zip(unit, mine, strict=True)))

    X, Y, Z, dZ = (tensor(name, *own) for name in ("X", "Y", "Z", "dZ"))
    weight, bias = tensor("weight", *unit), tensor("bias", *unit)
    μ, v, σ = (tensor(name, *channel) for name in "μvσ")
    dX, dY, dweight, dbias = map(grad, (X, Y, weight, bias))
    z, z_entry = Z[own], Z[where(over, entry, own)]
    deviation, inner_deviation = X[own] - μ[channel], X[summed] - μ[channel]
    entry_deviation = X[where(over, entry, own)] - μ[channel]
    slope = same * (equal - 1 / count - z * z_entry / count) / σ[channel]
    of_X, of_weight, of_bias = matrices(dY, Z, dZ, σ) if matrices else (None, None, None)

    mean = chain(
        D(μ[channel], X[entry]),
        (Sum(same * inner_equal, *long) / count, "independent entries"),
        (same / count, "delta contraction"),
    )
    variance = chain(
        D(v[channel], X[entry]),
        (
            2 * Sum(inner_deviation * D(inner_deviation, X[entry]), *long) / count,
            "function derivative",
        ),
        (
            2 * Sum(inner_deviation * same * (inner_equal - 1 / count), *long) / count,
            "substitution",
        ),
        (2 * same * entry_deviation / count, "delta contraction"),  # deviations sum to 0
    )
    scale = chain(
        D(σ[channel], X[entry]),
        (D(v[channel], X[entry]) / (2 * σ[channel]), "function derivative"),
        (same * entry_deviation / (count * σ[channel]), "substitution"),
        (same * z_entry / count, "named intermediate"),
    )
    scores = chain(
        D(z, X[entry]),
        (
            (D(deviation, X[entry]) * σ[channel] - deviation * D(σ[channel], X[entry]))
            / σ[channel] ** 2,
            "quotient rule",
        ),
        (
            same
            * ((equal - 1 / count) * σ[channel] - deviation * z_entry / count)
            / σ[channel] ** 2,
            "substitution",
        ),
        (slope, "named intermediate"),
    )
    along = Sum(dZ[others] * Z[others], *short)
    by_X = chain(
        dX[entry],
        (Sum(dZ[own] * D(z, X[entry]), *own), "chain rule"),
        (Sum(dZ[own] * slope, *own), "substitution"),
        (
            (dZ[entry] - Sum(dZ[others], *short) / count - Z[entry] * along / count) / σ[place],
            "delta contraction",
        ),
    )
    by_weight = chain(
        dweight[mine],
        (Sum(dY[own] * D(Y[own], weight[mine]), *own), "chain rule"),
        (Sum(dY[own] * same_unit * z, *own), "independent entries"),
        (Sum(dY[of_unit] * Z[of_unit], *rest), "delta contraction"),
    )
    by_bias = chain(
        dbias[mine],
        (Sum(dY[own] * D(Y[own], bias[mine]), *own), "chain rule"),
        (Sum(dY[own] * same_unit, *own), "independent entries"),
        (Sum(dY[of_unit], *rest), "delta contraction"),
    )
    return Layer(
        inputs=(X, weight, bias),
        forward=(
            small,
            define(μ[channel], Sum(X[summed], *long) / count),
            define(v[channel], Sum(inner_deviation**2, *long) / count),
            define(σ[channel], sqrt(v[channel] + eps)),
            define(z, deviation / σ[channel]),
            define(Y[own], weight[unit] * z + bias[unit]),
        ),
        adjoints=(define(dZ[own], dY[own] * weight[unit]),),
        derivations=(
            derivation(X[entry], mean, variance, scale, scores, by_X, matrix=of_X),
            derivation(weight[mine], by_weight, matrix=of_weight),
            derivation(bias[mine], by_bias, matrix=of_bias),
        ),
    )


def evaluation():
    """X[n,c], statistics given: every entry is scaled and shifted by itself."""
    X, Y, Z, dZ = (tensor(name, n, c) for name in ("X", "Y", "Z", "dZ"))
    running_mean, running_var = tensor("running_mean", c), tensor("running_var", c, positive=True)
    weight, bias, σ = tensor("weight", c), tensor("bias", c), tensor("σ", c)
    dY = grad(Y)

    def by(wrt, slope, result):
        """By what Z depends on: `slope` is its derivative, `result` the gradient."""
        letters = (r, k)[-len(wrt.indices) :]
        of, gradient = wrt[letters], grad(wrt)[letters]
        return derivation(
            of,
            chain(D(Z[n, c], of), (slope, "function derivative")),
            chain(
                gradient,
                (Sum(dZ[n, c] * D(Z[n, c], of), n, c), "chain rule"),
                (Sum(dZ[n, c] * slope, n, c), "substitution"),
                (result, "delta contraction"),
            ),
        )

    def by_affine(wrt, slope, result):
        """By weight or bias."""
        return derivation(
            wrt[k],
            chain(
                grad(wrt)[k],
                (Sum(dY[n, c] * D(Y[n, c], wrt[k]), n, c), "chain rule"),
                (Sum(dY[n, c] * slope, n, c), "independent entries"),
                (result, "delta contraction"),
            ),
        )

    return Layer(
        inputs=(X, running_mean, running_var, weight, bias),
        forward=(
            small,
            define(σ[c], sqrt(running_var[c] + eps)),
            define(Z[n, c], (X[n, c] - running_mean[c]) / σ[c]),
            define(Y[n, c], weight[c] * Z[n, c] + bias[c]),
        ),
        adjoints=(define(dZ[n, c], dY[n, c] * weight[c]),),
        derivations=(
            by(X, delta(n, r) * delta(c, k) / σ[c], dZ[r, k] / σ[k]),
            by(running_mean, -delta(c, k) / σ[c], -Sum(dZ[n, k], n) / σ[k]),
            by(
                running_var,
                -delta(c, k) * Z[n, c] / (2 * σ[c] ** 2),
                -Sum(dZ[n, k] * Z[n, k], n) / (2 * σ[k] ** 2),
            ),
            by_affine(weight, delta(c, k) * Z[n, c], Sum(dY[n, k] * Z[n, k], n)),
            by_affine(bias, delta(c, k), Sum(dY[n, k], n)),
        ),
    )


def matrices(dY, Z, dZ, σ):
    """The gradients by X, weight and bias."""
    along = diag((dZ * Z).T @ ones(n))
    centred = dZ - ones(n) @ ones(n).T @ dZ / size(n) - Z @ along / size(n)
    return centred @ diag(σ**-1), (dY * Z).T @ ones(n), dY.T @ ones(n)


layers = {
    "train": standardization([(n, r, m), (c, k, o)], [0], [1], matrices),
    "train_ncl": standardization([(n, r, m), (c, k, o), (l, p, i)], [0, 2], [1]),
    "eval": evaluation(),
}
