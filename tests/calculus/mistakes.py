"""Planted mistakes in lines of the layers: what is wrong, left side, wrong side, what to say first.

Names come from the layers in derivations/, or from `expressions`. A fourth value is a case.
"""

from layers.tables import row

from gradcheck.derivations import activation, softmax
from gradcheck.derivations import linear as lin
from gradcheck.derivations.notation import (
    D,
    Eq,
    Ne,
    Sum,
    delta,
    exp,
    grad,
    relu,
    sigmoid,
    size,
    step,
    tanh,
    tensor,
)

# linear.rows and linear.columns
s, r, m, j, n, i = lin.s, lin.r, lin.m, lin.j, lin.n, lin.i
X, W, Y, b = tensor("X", s, m), tensor("W", n, m), tensor("Y", s, n), tensor("b", n)
dX, dW, dY, db = map(grad, (X, W, Y, b))
by_W, by_X, by_b = D(Y[s, n], W[i, j]), D(Y[s, n], X[r, j]), D(Y[s, n], b[i])
LINEAR = [
    row("a delta of the input", by_W, X[s, j] * delta(n, n), "delta-index: δ_nn should be δ_ni"),
    row("a summed letter left over", by_W, X[s, m] * delta(n, i),
        "entry-index: X[s,m] should be X[s,j]"),
    row("a missing delta", by_X, W[n, j], "missing-factor: the factor δ_sr is missing"),
    row("a missing delta beside a factor", by_W, X[s, j],
        "missing-factor: the factor δ_ni is missing"),
    row("the other letter", dW[i, j], Sum(dY[s, n] * X[s, j], s),
        "entry-index: dY[s,n] should be dY[s,i]"),
    row("no sum over samples", dW[i, j], dY[s, i] * X[s, j],
        "missing-sum: the sum over s is missing"),
    row("a mean over samples", dW[i, j], Sum(dY[s, i] * X[s, j], s) / size(s),
        "factor: the factor 1/S should not be there"),
    row("twice", dX[r, j], 2 * Sum(dY[r, n] * W[n, j], n),
        "factor: the factor 2 should not be there"),
    row("half", dX[r, j], Sum(dY[r, n] * W[n, j], n) / 2,
        "factor: the factor 1/2 should not be there"),
    row("the bound of another axis", dX[r, j], Sum(dY[r, n] * W[n, j], (n, 0, size(m) - 1)),
        "bound: the sum over n should end at N − 1, not at M − 1"),
    row("a sum from 1", dX[r, j], Sum(dY[r, n] * W[n, j], (n, 1, size(n) - 1)),
        "bound: the sum over n should begin at 0, not at 1"),
    row("a sum that stops early", dX[r, j], Sum(dY[r, n] * W[n, j], (n, 0, size(n) - 2)),
        "bound: the sum over n should end at N − 1, not at N − 2"),
    row("a sum too many", db[i], Sum(dY[s, i], s, n),
        "extra-sum: the sum over n should not be there"),
    row("the wrong sample", dX[r, j], Sum(dY[s, n] * W[n, j], n),
        "entry-index: dY[s,n] should be dY[r,n]"),
    row("the wrong tensor", db[i], Sum(Y[s, i], s), "tensor: Y[s,i] should be dY[s,i]"),
    row("the wrong sign", dW[i, j], -Sum(dY[s, i] * X[s, j], s),
        "sign: the sign is wrong: it should be Σ_s dY[s,i] X[s,j]"),
    row("no sum in the chain rule", dW[i, j], Sum(dY[s, n] * by_W, n),
        "missing-sum: the sum over s is missing"),
    row("the letters of another input", dX[r, j], Sum(dY[s, n] * D(Y[s, n], X[s, j]), s, n),
        "entry-index: X[s,j] should be X[r,j]"),
    row("no cotangent", db[i], Sum(by_b, s, n), "missing-factor: the factor dY[s,n] is missing"),
    row("no input", by_W, delta(n, i), "missing-factor: the factor X[s,j] is missing"),
    row("the input twice", by_W, X[s, j] * X[s, j] * delta(n, i),
        "extra-factor: the factor X[s,j] should not be there"),
    row("the bias too", by_X, delta(s, r) * W[n, j] + b[n],
        "extra-term: the term b[n] should not be there"),
]  # fmt: skip

# activation.tanh and activation.sigmoid
a_s, a_i, a_m, a_j = activation.s, activation.i, activation.m, activation.j
aX, aY, daX, daY = activation.X, activation.Y, activation.dX, activation.dY
inner = delta(a_s, a_i) * delta(a_m, a_j)
by_aX = D(aY[a_s, a_m], aX[a_i, a_j])
TANH = [
    row("no activation derivative", daX[a_i, a_j], daY[a_i, a_j],
        "missing-factor: the factor 1 − Y[i,j]² is missing"),
    row("no derivative in a Jacobian", by_aX, inner,
        "missing-factor: the factor 1 − Y[s,m]² is missing"),
    row("no square", by_aX, (1 - aY[a_s, a_m]) * inner, "power: Y[s,m] should be Y[s,m]²"),
    row("the wrong sign inside", by_aX, (1 + aY[a_s, a_m] ** 2) * inner,
        "sign: the sign of Y[s,m]² is wrong"),
    row("1 − forgotten", by_aX, aY[a_s, a_m] ** 2 * inner,
        "missing-term: Y[s,m]² should be 1 − Y[s,m]²"),
    row("X for Y", by_aX, (1 - aX[a_s, a_m] ** 2) * inner, "tensor: X[s,m] should be Y[s,m]"),
    row("the function for its derivative", by_aX, aY[a_s, a_m] * inner,
        "wrong-factor: Y[s,m] should be 1 − Y[s,m]²"),
    row("the power 3", by_aX, (1 - aY[a_s, a_m] ** 3) * inner,
        "power: Y[s,m]³ should be Y[s,m]²"),
    row("2 for 1", by_aX, (2 - aY[a_s, a_m] ** 2) * inner, "factor: 2 should be 1"),
    row("sigmoid for tanh", by_aX, (1 - sigmoid(aX[a_s, a_m]) ** 2) * inner,
        "function: sigmoid(X[s,m]) should be tanh(X[s,m])"),
    row("tanh not applied", by_aX, (1 - tanh(aX[a_s, a_m])) * inner,
        "power: tanh(X[s,m]) should be tanh(X[s,m])²"),
    row("both deltas of one axis", by_aX, (1 - aY[a_s, a_m] ** 2) * delta(a_s, a_i),
        "missing-factor: the factor δ_mj is missing"),
]  # fmt: skip
SIGMOID = [
    row("the derivative of tanh", daX[a_i, a_j], daY[a_i, a_j] * (1 - aY[a_i, a_j]),
        "missing-factor: the factor Y[i,j] is missing"),
    row("1 − Y forgotten", daX[a_i, a_j], daY[a_i, a_j] * aY[a_i, a_j],
        "missing-factor: the factor 1 − Y[i,j] is missing"),
    row("Y² for Y", daX[a_i, a_j], daY[a_i, a_j] * aY[a_i, a_j] * (1 - aY[a_i, a_j] ** 2),
        "power: Y[i,j]² should be Y[i,j]"),
    row("1 + Y", daX[a_i, a_j], daY[a_i, a_j] * aY[a_i, a_j] * (1 + aY[a_i, a_j]),
        "sign: the sign of Y[i,j] is wrong"),
]  # fmt: skip
RELU = [
    row("relu for its derivative", daX[a_i, a_j], daY[a_i, a_j] * relu(aX[a_i, a_j]),
        "function: relu(X[i,j]) should be step(X[i,j])"),
    row("the input for the step", daX[a_i, a_j], daY[a_i, a_j] * aX[a_i, a_j],
        "function: X[i,j] should be step(X[i,j])"),
    row("the step of another tensor", daX[a_i, a_j], daY[a_i, a_j] * step(daY[a_i, a_j]),
        "tensor: the second dY[i,j] should be X[i,j]"),
    row("no step", daX[a_i, a_j], daY[a_i, a_j],
        "missing-factor: the factor step(X[i,j]) is missing"),
]  # fmt: skip
h = activation.h
ELEMENTWISE = [
    row("f for f′", daX[a_i, a_j], daY[a_i, a_j] * h(aX[a_i, a_j]),
        "function: h(X[i,j]) should be h′(X[i,j])"),
    row("f′ of the output", daX[a_i, a_j], daY[a_i, a_j] * h.prime(aY[a_i, a_j]),
        "tensor: Y[i,j] should be X[i,j]"),
    row("f′ not applied", daX[a_i, a_j], daY[a_i, a_j] * aX[a_i, a_j],
        "function: X[i,j] should be h′(X[i,j])"),
    row("the inner derivative", D(h(aX[a_s, a_m]), aX[a_i, a_j]), h.prime(aX[a_s, a_m]),
        "missing-factor: the factor δ_si δ_mj is missing"),
]  # fmt: skip

# softmax
S = softmax
P, dP, Γ = S.P, S.dP, S.Γ
p, q, k, l, c = S.n, S.r, S.k, S.l, S.c
by_sX, dsX = D(P[p, c], S.X[q, k]), S.dX[q, k]
e_c, e_k = exp(S.X[p, c]), exp(S.X[p, k])
numerator = e_c * delta(p, q) * delta(c, k) * Γ[p] - e_c * e_k * delta(p, q)
SOFTMAX = [
    row("c for k in the second P", by_sX, delta(p, q) * P[p, c] * (delta(c, k) - P[p, c]),
        "entry-index: the second P[n,c] should be P[n,k]"),
    row("k for c in the first P", by_sX, delta(p, q) * P[p, k] * (delta(c, k) - P[p, k]),
        "entry-index: the first P[n,k] should be P[n,c]"),
    row("the samples are forgotten", by_sX, P[p, c] * (delta(c, k) - P[p, k]),
        "missing-factor: the factor δ_nr is missing"),
    row("1 for a delta", by_sX, delta(p, q) * P[p, c] * (1 - P[p, k]),
        "wrong-term: 1 should be δ_ck"),
    row("no P in front", by_sX, delta(p, q) * (delta(c, k) - P[p, k]),
        "missing-factor: the factor P[n,c] is missing"),
    row("the diagonal alone", by_sX, delta(p, q) * P[p, c] * delta(c, k),
        "missing-term: δ_ck should be δ_ck − P[n,k]"),
    row("plus for minus", by_sX, delta(p, q) * P[p, c] * (delta(c, k) + P[p, k]),
        "sign: the sign of P[n,k] is wrong"),
    row("no square on the denominator", by_sX, numerator / Γ[p],
        "power: 1 / Γ[n] should be 1 / Γ[n]²"),
    row("a cube on the denominator", by_sX, numerator / Γ[p] ** 3,
        "power: Γ[n]³ should be Γ[n]²"),
    row("exp not applied", D(Γ[p], S.X[q, k]), S.X[p, k] * delta(p, q),
        "function: X[n,k] should be exp(X[n,k])"),
    row("the wrong exponential", D(Γ[p], S.X[q, k]), exp(S.X[p, l]) * delta(p, q),
        "entry-index: X[n,l] should be X[n,k]"),
    row("no sum", dsX, P[q, k] * (dP[q, k] - dP[q, c] * P[q, c]),
        "missing-sum: a sum is missing: dP[r,c] P[r,c] should be Σ_c dP[r,c] P[r,c]"),
    row("no sum, and its letter", dsX, P[q, k] * (dP[q, k] - dP[q, k] * P[q, k]),
        "missing-sum: a sum is missing: dP[r,k] P[r,k] should be Σ_c dP[r,c] P[r,c]"),
    row("brackets forgotten", dsX, P[q, k] * dP[q, k] - Sum(dP[q, c] * P[q, c], c),
        "brackets: P[r,k] dP[r,k] − Σ_c dP[r,c] P[r,c] should be "
        "P[r,k] (dP[r,k] − Σ_c dP[r,c] P[r,c])"),
    row("the free letter in the sum", dsX, P[q, k] * (dP[q, k] - Sum(dP[q, k] * P[q, c], c)),
        "entry-index: the second dP[r,k] should be dP[r,c]"),
    row("no weight in the sum", dsX, P[q, k] * (dP[q, k] - Sum(dP[q, c], c)),
        "missing-factor: the factor P[r,c] is missing"),
    row("a path is missing", dsX, dP[q, k] * P[q, k],
        "missing-term: dP[r,k] should be dP[r,k] − Σ_c dP[r,c] P[r,c]"),
    row("a sign in the gradient", dsX, P[q, k] * (dP[q, k] + Sum(dP[q, c] * P[q, c], c)),
        "sign: the sign of Σ_c dP[r,c] P[r,c] is wrong"),
]  # fmt: skip
diagonal = D(P[p, c], S.X[p, k])
CASES = [
    row("the diagonal", diagonal, P[p, c] * P[p, c], Eq(c, k),
        "missing-term: the first P[n,c] should be 1 − P[n,c]"),
    row("beside the diagonal", diagonal, P[p, c] * P[p, k], Ne(c, k),
        "sign: the sign is wrong: it should be −P[n,c] P[n,k]"),
    row("the square of the wrong one", diagonal, -P[p, c] * P[p, c], Ne(c, k),
        "entry-index: the first P[n,c] should be P[n,k]"),
]  # fmt: skip
