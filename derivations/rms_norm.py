"""RMS normalisation: Y = weight X / ρ, ρ the root of the mean of squares of each sample plus eps.

No mean is subtracted; eps is inside the root (left out, PyTorch takes the machine epsilon).

Family: normalisation.
Source: Zhang, Sennrich, Root mean square layer normalization (2019), equation 4; PyTorch,
torch.nn.RMSNorm.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
c, k, l = axis("C", "c k l")  # features
X, Y, Z, dZ = (tensor(name, n, c) for name in ("X", "Y", "Z", "dZ"))
weight, ρ = tensor("weight", c), tensor("ρ", n)
eps = option("eps", 1e-5, between=(1e-5, 0.5))
dX, dY, dweight = map(grad, (X, Y, weight))
slope = delta(n, r) * (delta(c, k) - Z[n, c] * Z[n, k] / size(c)) / ρ[n]

by_X = derivation(
    X[r, k],
    chain(
        D(ρ[n], X[r, k]),
        (D(Sum(X[n, l] ** 2, l) / size(c), X[r, k]) / (2 * ρ[n]), "function derivative"),
        (Sum(2 * X[n, l] * delta(n, r) * delta(l, k), l) / (2 * size(c) * ρ[n]), "linearity"),
        (X[n, k] * delta(n, r) / (size(c) * ρ[n]), "delta contraction"),
        (Z[n, k] * delta(n, r) / size(c), "named intermediate"),
    ),
    chain(
        D(Z[n, c], X[r, k]),
        ((D(X[n, c], X[r, k]) * ρ[n] - X[n, c] * D(ρ[n], X[r, k])) / ρ[n] ** 2, "quotient rule"),
        (
            delta(n, r) * (delta(c, k) * ρ[n] - X[n, c] * Z[n, k] / size(c)) / ρ[n] ** 2,
            "substitution",
        ),
        (slope, "named intermediate"),
    ),
    chain(
        dX[r, k],
        (Sum(dZ[n, c] * D(Z[n, c], X[r, k]), n, c), "chain rule"),
        (Sum(dZ[n, c] * slope, n, c), "substitution"),
        ((dZ[r, k] - Z[r, k] * Sum(dZ[r, c] * Z[r, c], c) / size(c)) / ρ[r], "delta contraction"),
    ),
    matrix=diag(ρ**-1) @ (dZ - diag((dZ * Z) @ ones(c)) @ Z / size(c)),
)
by_weight = derivation(
    weight[k],
    chain(
        dweight[k],
        (Sum(dY[n, c] * D(Y[n, c], weight[k]), n, c), "chain rule"),
        (Sum(dY[n, c] * delta(c, k) * Z[n, c], n, c), "independent entries"),
        (Sum(dY[n, k] * Z[n, k], n), "delta contraction"),
    ),
    matrix=(dY * Z).T @ ones(n),
)

layer = Layer(
    inputs=(X, weight),
    forward=(
        define(ρ[n], sqrt(Sum(X[n, l] ** 2, l) / size(c) + eps)),
        define(Z[n, c], X[n, c] / ρ[n]),
        define(Y[n, c], weight[c] * Z[n, c]),
    ),
    adjoints=(define(dZ[n, c], dY[n, c] * weight[c]),),
    derivations=(by_X, by_weight),
    options=(eps,),
)
