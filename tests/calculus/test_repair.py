"""A planted mistake is named. Names come from the layers in derivations/, or from `expressions`."""

from functools import cache

import pytest
from calculus import expressions as E
from layers.tables import row

from gradcheck.checks.layers import load
from gradcheck.derivations import activation, bilinear, rnn, rnn_cell, softmax
from gradcheck.derivations import cross_entropy as ce
from gradcheck.derivations import fully_connected as fc
from gradcheck.derivations import linear as lin
from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.repair import expected, repairs
from gradcheck.derivations.forms.repairs import expected_text, repair_text
from gradcheck.derivations.notation import (
    D,
    Eq,
    Ne,
    Sum,
    delta,
    exp,
    grad,
    log,
    relu,
    sigmoid,
    size,
    softplus,
    sqrt,
    step,
    tanh,
    tensor,
)
from gradcheck.derivations.notation.formula import unwrap

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

# cross_entropy.probabilities and cross_entropy.logits
L, dL, y = ce.L, ce.dL, ce.y
cP, cX = tensor("P", ce.n, ce.c, positive=True), tensor("X", ce.n, ce.c)
cdP, cdX = grad(cP), grad(cX)
N = size(ce.n)
C = size(ce.c)
hot = delta(y[ce.r], ce.k)
by_P, by_logit = D(L, cP[ce.r, ce.k]), D(L, cX[ce.r, ce.k])
PROBABILITIES = [
    row("no mean", by_P, -hot / cP[ce.r, ce.k], "factor: the factor 1/N is missing"),
    row("a mean over classes", by_P, -hot / (C * cP[ce.r, ce.k]), "factor: C should be N"),
    row("no sign", by_P, hot / (N * cP[ce.r, ce.k]),
        "sign: the sign is wrong: it should be −δ(y[r],k) / (N P[r,k])"),
    row("no reciprocal", by_P, -hot * cP[ce.r, ce.k] / N,
        "power: P[r,k] should be 1 / P[r,k]"),
    row("no target", by_P, -1 / (N * cP[ce.r, ce.k]),
        "missing-factor: the factor δ(y[r],k) is missing"),
    row("the target of another sample", cdP[ce.r, ce.k],
        -dL * delta(y[ce.n], ce.k) / (N * cP[ce.r, ce.k]),
        "delta-index: δ(y[n],k) should be δ(y[r],k)"),
    row("no cotangent", cdP[ce.r, ce.k], by_P, "missing-factor: the factor dL is missing"),
    row("a logarithm left", by_P, -hot * log(cP[ce.r, ce.k]) / N,
        "wrong-factor: log(P[r,k]) should be 1 / P[r,k]"),
]  # fmt: skip
LOGITS = [
    row("exchanged terms", by_logit, (hot - cP[ce.r, ce.k]) / N,
        "sign: the sign is wrong: it should be −(δ(y[r],k) − P[r,k]) / N"),
    row("no mean", by_logit, cP[ce.r, ce.k] - hot, "factor: the factor 1/N is missing"),
    row("no target", by_logit, cP[ce.r, ce.k] / N,
        "missing-term: P[r,k] should be P[r,k] − δ(y[r],k)"),
    row("the logits for the probabilities", by_logit, (cX[ce.r, ce.k] - hot) / N,
        "tensor: X[r,k] should be P[r,k]"),
    row("plus the target", by_logit, (cP[ce.r, ce.k] + hot) / N,
        "sign: the sign of δ(y[r],k) is wrong"),
    row("a mean of one term only", by_logit, cP[ce.r, ce.k] / N - hot,
        "factor: the factor 1/N is missing in the term −δ(y[r],k)"),
]  # fmt: skip

# fully_connected
z, f = fc.z, fc.f
by_x, by_fW = D(fc.y[fc.n], fc.x[fc.j]), D(fc.y[fc.n], fc.W[fc.i, fc.j])
CONNECTED = [
    row("f for f′", by_x, f(z[fc.n]) * fc.W[fc.n, fc.j],
        "function: f(z[n]) should be f′(z[n])"),
    row("f′ of the output", by_x, f.prime(fc.y[fc.n]) * fc.W[fc.n, fc.j],
        "tensor: y[n] should be z[n]"),
    row("no f′", by_x, fc.W[fc.n, fc.j], "missing-factor: the factor f′(z[n]) is missing"),
    row("f′ not applied", by_x, z[fc.n] * fc.W[fc.n, fc.j],
        "function: z[n] should be f′(z[n])"),
    row("no inner derivative", by_fW, f.prime(z[fc.n]),
        "missing-factor: the factor ∂z[n]/∂W[i,j] is missing"),
    row("f′ at the wrong unit", fc.dW[fc.i, fc.j],
        Sum(fc.dy[fc.n] * f.prime(z[fc.i]) * delta(fc.n, fc.n) * fc.x[fc.j], fc.n),
        "delta-index: δ_nn should be δ_ni"),
    row("the weights for the inputs", fc.dW[fc.i, fc.j],
        fc.dy[fc.i] * f.prime(z[fc.i]) * fc.W[fc.i, fc.j], "wrong-factor: W[i,j] should be x[j]"),
]  # fmt: skip

# bilinear
B = bilinear
BILINEAR = [
    row("the wrong side", D(B.z[B.h], B.x1[B.p]), Sum(B.W[B.h, B.p, B.j] * B.x2[B.j], B.h, B.j),
        "extra-sum: the sum over h should not be there"),
    row("no output", B.dx1[B.p], Sum(B.W[B.h, B.p, B.j] * B.x2[B.j], B.h, B.j),
        "missing-factor: the factor dz[h] is missing"),
    row("no sum over outputs", B.dx2[B.q], Sum(B.dz[B.h] * B.x1[B.i] * B.W[B.h, B.i, B.q], B.i),
        "missing-sum: the sum over h is missing"),
    row("no delta of the outputs", D(B.z[B.h], B.W[B.k, B.p, B.q]), B.x1[B.p] * B.x2[B.q],
        "missing-factor: the factor δ_hk is missing"),
]  # fmt: skip

# rnn and rnn_cell
R = rnn
A, rh, rx, dz = R.A, R.h, R.x, R.dz
t, u = R.t, R.u
slope = 1 - rh[t, R.n, R.i] ** 2
pulled = 1 - rh[t + 1, R.n, R.i] ** 2
adjoint = A[t, R.n, R.k]
direct = R.dh[t, R.n, R.k]
RNN = [
    row("t for t+1 in the adjoint", adjoint,
        direct + Sum(A[t, R.n, R.i] * pulled * R.W_hh[R.i, R.k], R.i),
        "off-by-one: A[t,n,i] should be A[t+1,n,i]"),
    row("t for t+1 in the slope", adjoint,
        direct + Sum(A[t + 1, R.n, R.i] * slope * R.W_hh[R.i, R.k], R.i),
        "off-by-one: h[t,n,i] should be h[t+1,n,i]"),
    row("t−1 for t+1", adjoint,
        direct + Sum(A[t + 1, R.n, R.i] * (1 - rh[t - 1, R.n, R.i] ** 2) * R.W_hh[R.i, R.k], R.i),
        "off-by-one: h[t-1,n,i] should be h[t+1,n,i]"),
    row("the weights transposed", adjoint,
        direct + Sum(A[t + 1, R.n, R.i] * pulled * R.W_hh[R.k, R.i], R.i),
        "transposed-entry: W_hh[k,i] should be W_hh[i,k]"),
    row("no direct path", adjoint, Sum(A[t + 1, R.n, R.i] * pulled * R.W_hh[R.i, R.k], R.i),
        "missing-term: the term dh[t,n,k] is missing"),
    row("no slope", adjoint, direct + Sum(A[t + 1, R.n, R.i] * R.W_hh[R.i, R.k], R.i),
        "missing-factor: the factor 1 − h[t+1,n,i]² is missing"),
    row("the state now, not before", R.dW_hh[R.p, R.l],
        Sum(dz[t, R.n, R.p] * rh[t, R.n, R.l], t, R.n),
        "off-by-one: h[t,n,l] should be h[t-1,n,l]"),
    row("no sum over time", R.dW_hx[R.p, R.q], Sum(dz[t, R.n, R.p] * rx[t, R.n, R.q], R.n),
        "missing-sum: the sum over t is missing"),
    row("time from 2", R.db[R.p], Sum(dz[t, R.n, R.p], (t, 2, size(t)), R.n),
        "bound: the sum over t should begin at 1, not at 2"),
    row("the last step is left out", R.db[R.p], Sum(dz[t, R.n, R.p], (t, 1, size(t) - 1), R.n),
        "bound: the sum over t should end at T, not at T − 1"),
    row("the adjoint for its product", R.db[R.p], Sum(A[t, R.n, R.p], t, R.n),
        "tensor: A[t,n,p] should be dz[t,n,p]"),
    row("another time", R.dx[u, R.r, R.q], Sum(dz[t, R.r, R.i] * R.W_hx[R.i, R.q], R.i),
        "entry-index: dz[t,r,i] should be dz[u,r,i]"),
]  # fmt: skip
K = rnn_cell
CELL = [
    row("the new state for the old", K.dW_hh[K.p, K.l], Sum(K.dz[K.n, K.p] * K.h1[K.n, K.l], K.n),
        "tensor: h1[n,l] should be h0[n,l]"),
    row("weights of the wrong axis", K.dh0[K.r, K.p], Sum(K.dz[K.r, K.i] * K.W_hh[K.p, K.i], K.i),
        "transposed-entry: W_hh[p,i] should be W_hh[i,p]"),
    row("the slope of z", K.dz[K.n, K.i], K.dh1[K.n, K.i] * (1 - K.z[K.n, K.i] ** 2),
        "tensor: z[n,i] should be h1[n,i]"),
    row("the right side of another entry", K.dW_hh[K.p, K.l], Sum(K.dz[K.n, K.p], K.n),
        "missing-factor: the factor h0[n,l] is missing"),
]  # fmt: skip

# the letters of `expressions`
EXPRESSIONS = [
    row("δ of the next", E.X[E.j], Sum(delta(E.j, E.i + 1) * E.X[E.i], E.i),
        "off-by-one: δ(j,i+1) should be δ_ji"),
    row("the wrong way up", E.X[E.i] / E.Q[E.i], E.Q[E.i] / E.X[E.i],
        "reciprocal: Q[i] / X[i] should be X[i] / Q[i]"),
    row("brackets round too much", E.X[E.i] * E.Z[E.i] + E.a, E.X[E.i] * (E.Z[E.i] + E.a),
        "brackets: X[i] (Z[i] + a) should be X[i] Z[i] + a"),
    row("a term in the sum", Sum(E.X[E.i], E.i) + E.a, Sum(E.X[E.i] + E.a, E.i),
        "sum-scope: Σ_i (X[i] + a) should be Σ_i X[i] + a"),
    row("exchanged letters", E.X[E.i] * E.Z[E.j] * E.Q[E.j], E.X[E.j] * E.Z[E.i] * E.Q[E.i],
        "exchanged-letters: i and j are exchanged"),
    row("a sum over the wrong letter", E.X[E.j] * Sum(E.Z[E.i], E.i), E.X[E.j] * Sum(E.Z[E.k], E.i),
        "entry-index: Z[k] should be Z[i]"),
    row("a triangle", Sum(E.X[E.i], (E.i, 0, E.j)), Sum(E.X[E.i], E.i),
        "bound: the sum over i should end at j, not at N − 1"),
    row("an open triangle", Sum(E.X[E.i], (E.i, 0, E.j)), Sum(E.X[E.i], (E.i, 0, E.j - 1)),
        "bound: the sum over i should end at j, not at j − 1"),
    row("softplus for relu", relu(E.X[E.i]), softplus(E.X[E.i]),
        "function: softplus(X[i]) should be relu(X[i])"),
    row("the root for its reciprocal", 1 / sqrt(E.Q[E.i]), sqrt(E.Q[E.i]),
        "power: √Q[i] should be 1 / √Q[i]"),
    row("M for N", Sum(E.X[E.i], E.i) / size(E.i), Sum(E.X[E.i], E.i) / size(E.m),
        "factor: M should be N"),
    row("a sum of nothing", E.a * size(E.m), Sum(E.a, E.i),
        "sum-index: the sum should be over m, not over i"),
]  # fmt: skip

LAYERS = {
    "linear.rows": LINEAR, "activation.tanh": TANH, "activation.sigmoid": SIGMOID,
    "activation.relu": RELU, "activation.elementwise": ELEMENTWISE, "softmax": SOFTMAX + CASES,
    "cross_entropy.probabilities": PROBABILITIES, "cross_entropy.logits": LOGITS,
    "fully_connected": CONNECTED, "bilinear": BILINEAR, "rnn": RNN, "rnn_cell": CELL,
    "expressions": EXPRESSIONS,
}  # fmt: skip


def _with_case(left, wrong, *rest):
    """All rows alike: left, wrong, the case or None, the first repair."""
    *where, first = rest
    return left, wrong, *(where or [None]), first


TABLE = [
    row(f"{layer}: {each.id}", layer, *_with_case(*each.values))
    for layer, rows in LAYERS.items()
    for each in rows
]


@cache
def setting(layer):
    return E.SETTING if layer == "expressions" else load(layer).symbolic.setting


@cache
def comparer(layer):
    return Comparer(setting(layer))


@pytest.mark.parametrize(("layer", "left", "wrong", "where", "first"), TABLE)
def test_a_mistake_is_named(layer, left, wrong, where, first):
    left, wrong = unwrap(left), unwrap(wrong)
    assert comparer(layer).compare(left, wrong, where).status is Status.REFUTED
    found = repairs(comparer(layer), left, wrong, where)
    assert [f"{r.code}: {repair_text(r)}" for r in found][:1] == [first]
    assert sorted(r.cost for r in found)[-1] <= found[0].cost + 1
    independent = Comparer(setting(layer), seed=11)
    assert all(independent.compare(left, r.mended, where).holds for r in found)


# A left side, a right side that is right for another left side, that one, and the sentence.
LEFT = [
    row("the transpose of a gradient", "rnn_cell", K.dW_hh[K.p, K.l],
        Sum(K.dz[K.n, K.l] * K.h0[K.n, K.p], K.n), K.dW_hh[K.l, K.p],
        "layout: right in numerator layout; a gradient has the shape of its variable here"),
    row("the derivative by another input", "expressions", D(E.A[E.i], E.Z[E.j]),
        delta(E.i, E.j) * (1 - E.A[E.i] ** 2), D(E.A[E.i], E.X[E.j]),
        "left-side: the right side is ∂A[i]/∂X[j], not ∂A[i]/∂Z[j]"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "left", "right", "mended", "first"), LEFT)
def test_the_left_side_may_be_the_wrong_one(layer, left, right, mended, first):
    found = repairs(comparer(layer), unwrap(left), unwrap(right))[0]
    assert (f"{found.code}: {repair_text(found)}", found.mended) == (first, unwrap(mended))
    assert Comparer(setting(layer), seed=11).compare(found.mended, unwrap(right)).holds


# A left side and a wrong right side that no single edit mends, and what would be right.
HOPELESS = [
    row("two tensors are wrong", "softmax", dsX, S.X[q, k] * dP[q, k],
        "P[r,k] (dP[r,k] − Σ_c dP[r,c] P[r,c])"),
    row("the gradient by another input", "linear.rows", dX[r, j], Sum(dY[s, i] * X[s, j], s),
        "Σ_n dY[r,n] W[n,j]"),
    row("what is nothing", "linear.rows", D(Y[s, n] - X[s, m] * W[n, m], b[i]) - by_b, by_b, "0"),
    row("a number", "linear.rows", by_W, 7, "δ_ni X[s,j]"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "left", "wrong", "correct"), HOPELESS)
def test_where_no_edit_mends_it_the_correct_expression_is_known(layer, left, wrong, correct):
    left, wrong = unwrap(left), unwrap(wrong)
    assert repairs(comparer(layer), left, wrong) == ()
    assert expected_text(left, expected(setting(layer), left)) == correct


def test_at_most_so_many_repairs_are_offered():
    left, wrong = unwrap(by_sX), unwrap(delta(p, q) * (delta(c, k) - P[p, k]))
    counts = [len(repairs(comparer("softmax"), left, wrong, limit=limit)) for limit in (1, 2)]
    assert counts == [1, 2]


def test_a_budget_of_no_edits_finds_nothing():
    assert repairs(comparer("linear.rows"), unwrap(by_W), unwrap(X[s, j]), budget=0) == ()


def test_a_repair_that_only_fits_some_sizes_is_not_offered():
    # (N − 2)(N − 3)(N − 4) is 0 at the sizes of many random points
    size_n = size(n)
    vanishing = (size_n - 2) * (size_n - 3) * (size_n - 4)
    found = repairs(comparer("linear.rows"), unwrap(db[i]), unwrap(Sum(dY[s, i], s) + vanishing))
    assert [repair_text(r)[:8] for r in found] == ["the term"]
