"""Batch normalisation: Y = weight Z + bias, Z = (X - μ) / σ with μ and σ of each channel.

In training μ and σ² - eps are mean and variance of the batch (divided by N, not N - 1), for images
of the positions too; in evaluation they are given. eps is inside the root. The update of the
running statistics is a side effect of training and has no gradient.

Family: normalisation.
Source: Ioffe, Szegedy, Batch normalization (2015), algorithm 1; PyTorch, torch.nn.BatchNorm1d and
torch.nn.BatchNorm2d.
"""

from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import Any

from gradcheck.derivations.notation import *

n, r, m = axis("N", "n r m")  # samples
c, k, o = axis("C", "c k o")  # channels
l, p, i = axis("L", "l p i")  # positions
h, u, s = axis("H", "h u s")  # rows of an image
w, q, t = axis("W", "w q t")  # and columns
eps = option("eps", 1e-5, between=(1e-5, 0.5))


@dataclass(frozen=True)
class Letters:
    """The letters of X, some of whose axes are averaged over and some of which weight has.

    axes       for each axis of X its own letter, that of the entry which is differentiated by, and
               one to sum over
    over, per  numbers of the axes of a mean, and of those of weight and bias
    """

    axes: list[Any]
    over: list[int]
    per: list[int]

    def at(self, averaged, kept):
        """A place in X: which of its letters an axis has that is averaged over, and another."""
        return tuple(
            letters[averaged if k in self.over else kept] for k, letters in enumerate(self.axes)
        )

    def of(self, axes, which):
        """One letter of each of some axes."""
        return tuple(self.axes[k][which] for k in axes)

    @property
    def kept(self):
        """The axes of the mean and the variance."""
        return [k for k in range(len(self.axes)) if k not in self.over]

    @property
    def count(self):
        """How many entries one mean is of."""
        return reduce(mul, map(size, self.of(self.over, 0)))

    def mean(self, body, which):
        """The mean over one letter of each axis that is averaged over."""
        return 1 / self.count * Sum(body, *self.of(self.over, which))

    def equal(self, axes, which=0):
        """The δ between letters of some axes and those of the entry."""
        return reduce(mul, (delta(self.axes[k][which], self.axes[k][1]) for k in axes))


def standardization(axes, over, per, matrices=None):
    """Any layer Y = weight Z + bias in which Z is X with mean 0 and variance 1 along some axes.

    axes, over, per  see Letters
    matrices         the gradients by X, weight and bias of dY, Z, dZ and σ in matrix notation
    """
    letters = Letters(axes, over, per)
    own, inner = letters.at(0, 0), letters.at(2, 0)
    unit, channel = letters.of(per, 0), letters.of(letters.kept, 0)
    X, Y, Z, dZ = (tensor(name, *own) for name in ("X", "Y", "Z", "dZ"))
    weight, bias = tensor("weight", *unit), tensor("bias", *unit)
    μ, v, σ = (tensor(name, *channel) for name in "μvσ")
    dY = grad(Y)
    of_X, of_weight, of_bias = matrices(dY, Z, dZ, σ) if matrices else (None, None, None)

    return Layer(
        inputs=(X, weight, bias),
        forward=(
            define(μ[channel], letters.mean(X[inner], 2)),
            define(v[channel], letters.mean((X[inner] - μ[channel]) ** 2, 2)),
            define(σ[channel], sqrt(v[channel] + eps)),
            define(Z[own], (X[own] - μ[channel]) / σ[channel]),
            define(Y[own], weight[unit] * Z[own] + bias[unit]),
        ),
        adjoints=(define(dZ[own], dY[own] * weight[unit]),),
        derivations=(
            derivation(
                X[letters.at(1, 1)],
                *of_statistics(letters, X, Z, μ, v, σ),
                *of_scores(letters, X, Z, dZ, μ, σ),
                matrix=of_X,
            ),
            by_affine(letters, weight, Y, lambda place: dY[place] * Z[place], of_weight),
            by_affine(letters, bias, Y, lambda place: dY[place], of_bias),
        ),
        options=(eps,),
    )


def of_statistics(letters, X, Z, μ, v, σ):
    """The derivatives of mean, variance and scale by an entry of X."""
    channel, entry, place = letters.of(letters.kept, 0), letters.at(1, 1), letters.at(1, 0)
    count = letters.count
    same, inner_equal = letters.equal(letters.kept), letters.equal(letters.over, 2)
    inner_deviation, deviation = X[letters.at(2, 0)] - μ[channel], X[place] - μ[channel]
    inner_slope = D(inner_deviation, X[entry])
    inserted = same * (inner_equal - 1 / count)
    yield chain(
        D(μ[channel], X[entry]),
        (letters.mean(same * inner_equal, 2), "independent entries"),
        (same / count, "delta contraction"),
    )
    yield chain(
        D(v[channel], X[entry]),
        (letters.mean(2 * inner_deviation * inner_slope, 2), "function derivative"),
        (letters.mean(2 * inner_deviation * inserted, 2), "substitution"),
        (2 * same * deviation / count, "delta contraction"),  # deviations sum to 0
    )
    yield chain(
        D(σ[channel], X[entry]),
        (D(v[channel], X[entry]) / (2 * σ[channel]), "function derivative"),
        (same * deviation / (count * σ[channel]), "substitution"),
        (same * Z[place] / count, "named intermediate"),
    )


def of_scores(letters, X, Z, dZ, μ, σ):
    """The derivative of Z by an entry of X, and the gradient that it gives."""
    own, entry, others = letters.at(0, 0), letters.at(1, 1), letters.at(0, 1)
    channel, mine = letters.of(letters.kept, 0), letters.of(letters.kept, 1)
    count = letters.count
    same, equal = letters.equal(letters.kept), letters.equal(letters.over)
    z, z_entry, scale = Z[own], Z[letters.at(1, 0)], σ[channel]
    deviation = X[own] - μ[channel]
    slope = same * (equal - 1 / count - z * z_entry / count) / scale
    quotient = (D(deviation, X[entry]) * scale - deviation * D(scale, X[entry])) / scale**2
    inserted = same * ((equal - 1 / count) * scale - deviation * z_entry / count) / scale**2
    mean = letters.mean(dZ[others], 0)
    along = 1 / count * Z[entry] * Sum(dZ[others] * Z[others], *letters.of(letters.over, 0))
    yield chain(
        D(z, X[entry]),
        (quotient, "quotient rule"),
        (inserted, "substitution"),
        (slope, "named intermediate"),
    )
    yield chain(
        grad(X)[entry],
        (Sum(dZ[own] * D(z, X[entry]), *own), "chain rule"),
        (Sum(dZ[own] * slope, *own), "substitution"),
        ((dZ[entry] - mean - along) / σ[mine], "delta contraction"),
    )


def by_affine(letters, wrt, Y, passed, matrix=None):
    """By weight or bias; `passed` is what passes from a place of dY to it, dY Z or dY."""
    own, mine = letters.at(0, 0), letters.of(letters.per, 1)
    of_unit = tuple(both[k in letters.per] for k, both in enumerate(letters.axes))
    rest = [both[0] for k, both in enumerate(letters.axes) if k not in letters.per]
    gradient = chain(
        grad(wrt)[mine],
        (Sum(grad(Y)[own] * D(Y[own], wrt[mine]), *own), "chain rule"),
        (Sum(passed(own) * letters.equal(letters.per), *own), "independent entries"),
        (Sum(passed(of_unit), *rest), "delta contraction"),
    )
    return derivation(wrt[mine], gradient, matrix=matrix)


def evaluation():
    """X[n,c], statistics given: every entry is scaled and shifted by itself."""
    X, Y, Z, dZ = (tensor(name, n, c) for name in ("X", "Y", "Z", "dZ"))
    running_mean, running_var = tensor("running_mean", c), tensor("running_var", c, positive=True)
    weight, bias, σ = tensor("weight", c), tensor("bias", c), tensor("σ", c)
    dY, letters = grad(Y), Letters([(n, r, m), (c, k, o)], [0], [1])

    def by(wrt, slope, result):
        """By what Z depends on: `slope` is its derivative, `result` the gradient."""
        entry = (r, k)[-len(wrt.indices) :]
        of, gradient = wrt[entry], grad(wrt)[entry]
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

    return Layer(
        inputs=(X, running_mean, running_var, weight, bias),
        forward=(
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
            by_affine(letters, weight, Y, lambda place: dY[place] * Z[place]),
            by_affine(letters, bias, Y, lambda place: dY[place]),
        ),
        options=(eps,),
    )


def matrices(dY, Z, dZ, σ):
    """The gradients by X, weight and bias."""
    along = diag((dZ * Z).T @ ones(n))
    centred = dZ - ones(n) @ ones(n).T @ dZ / size(n) - Z @ along / size(n)
    return centred @ diag(σ**-1), (dY * Z).T @ ones(n), dY.T @ ones(n)


sequence = [(n, r, m), (c, k, o), (l, p, i)]
image = [(n, r, m), (c, k, o), (h, u, s), (w, q, t)]

layers = {
    "train": standardization([(n, r, m), (c, k, o)], [0], [1], matrices),
    "train_ncl": standardization(sequence, [0, 2], [1]),
    "train_2d": standardization(image, [0, 2, 3], [1]),
    "eval": evaluation(),
}
