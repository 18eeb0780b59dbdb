"""More planted mistakes: what is wrong, left side, wrong side, what to say first.

Names come from the layers in derivations/, or from `expressions`. A fourth value is a case.
"""

from calculus import expressions as E
from layers.tables import row

from gradcheck.derivations import bilinear, rnn, rnn_cell
from gradcheck.derivations import cross_entropy as ce
from gradcheck.derivations import fully_connected as fc
from gradcheck.derivations.notation import (
    D,
    Sum,
    delta,
    grad,
    log,
    relu,
    size,
    softplus,
    sqrt,
    tensor,
)

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
