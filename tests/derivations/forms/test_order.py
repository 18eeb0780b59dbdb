"""The order that `tidy` gives to what SymPy has sorted; values stay the same."""

import pytest
from sympy import KroneckerDelta, Mul, S

from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.calculus.terms import Setting, plain
from gradcheck.derivations.forms import text, tidy
from gradcheck.derivations.notation import (
    D,
    Formula,
    Sum,
    axis,
    bracket,
    define,
    delta,
    exp,
    grad,
    relu,
    size,
    sqrt,
    step,
    tanh,
    tensor,
)

s, r = axis("S", "s r")
m, j = axis("M", "m j")
n, i, k = axis("N", "n i k")
t, u = axis("T", "t u", start=1)
N = size(n)
X, W, Y, V = tensor("X", s, m), tensor("W", n, m), tensor("Y", s, n), tensor("V", n, i)
P, Γ = tensor("P", s, n, positive=True), tensor("Γ", s, positive=True)
H, λ, b, w = tensor("H", t, n), tensor("λ", t, n), tensor("b", n), tensor("w", n)
dY, dP, dH = grad(Y), grad(P), grad(H)
L, z = tensor("L"), tensor("z", s, integer=n)
dL = grad(L)

# expression, letters of the output, expected
TABLE = {
    "cotangents come before entries": (
        Sum(W[n, j] * dY[r, n], n), (), "Σ_n dY[r,n] W[n,j]"),
    "so does the adjoint": (H[t, n] * λ[t, n], (), "λ[t,n] H[t,n]"),
    "and a scalar cotangent": (Y[s, n] * dL, (), "dL Y[s,n]"),
    "deltas come before entries": (X[s, j] * delta(n, i), (), "δ_in X[s,j]"),
    "a delta begins with the letter of the output": (
        X[s, j] * delta(n, i), (s, n), "δ_ni X[s,j]"),
    "a delta with a lookup begins with it": (delta(k, z[s]), (s, k), "δ(z[s],k)"),
    "with an offset too": (delta(u, t - 1), (t,), "δ(t-1,u)"),
    "deltas go in the order of the output's letters": (
        delta(m, j) * delta(n, i) * delta(s, r), (s, n, m), "δ_sr δ_ni δ_mj"),
    "a bracket too": (X[s, j] * bracket(u, t), (), "[u ≤ t] X[s,j]"),
    "one minus a bracket": (w[n] * (1 - bracket(u, t)), (), "w[n] (1 − [u ≤ t])"),
    "a sum up to a letter": (
        Sum(b[n] * H[u, n], (u, 1, t)), (), "Σ_{u=1}^{t} H[u,n] b[n]"),
    "sizes come first": (Y[s, n] * dY[s, n] / N, (), "1/N dY[s,n] Y[s,n]"),
    "a number comes before sizes": (-2 * Y[s, n] / N, (), "−2/N Y[s,n]"),
    "functions stay with entries of the same letters": (
        W[n, j] * step(b[n]) * dY[s, n], (), "dY[s,n] step(b[n]) W[n,j]"),
    "a bracket follows its entry": ((1 - Y[s, n]) * Y[s, n], (), "Y[s,n] (1 − Y[s,n])"),
    "a bracket stays with entries of the same letters": (
        Sum(W[k, j] * (1 - H[t, k] ** 2) * λ[t, k], k), (t, n),
        "Σ_k λ[t,k] (1 − H[t,k]²) W[k,j]"),
    "a bracket with deltas follows entries": (
        (delta(k, n) - P[s, k]) * P[s, n] * delta(r, s), (s, n),
        "δ_sr P[s,n] (δ_nk − P[s,k])"),
    "derivatives follow entries": (D(H[t, n], b[k]) * W[n, j], (), "W[n,j] ∂H[t,n]/∂b[k]"),
    "sums are last": (Sum(w[n], n) * P[s, k], (), "P[s,k] Σ_n w[n]"),
    "the numerator goes before the denominator": (
        exp(X[s, m]) / Γ[s], (), "exp(X[s,m]) / Γ[s]"),
    "with others to divide by, sizes are below them": (
        Y[s, n] / (N * Γ[s]), (), "Y[s,n] / (N Γ[s])"),
    "a bracket with sums is above them": (
        (dP[s, n] - Sum(P[s, k], k)) / Γ[s], (), "(dP[s,n] − Σ_k P[s,k]) / Γ[s]"),
    "also before a sum": (
        Sum(w[n], n) / (N * Γ[s]), (), "(1 / (N Γ[s])) Σ_n w[n]"),
    "letters of the output lead": (Sum(W[n, m] * X[s, m], m), (s, n), "Σ_m X[s,m] W[n,m]"),
    "one minus": (1 - Y[s, n] ** 2, (), "1 − Y[s,n]²"),
    "positive terms come first": (delta(n, k) - P[s, k], (n,), "δ_nk − P[s,k]"),
    "minus a difference is turned": (
        -(delta(n, k) - P[s, k]) / N, (n,), "1/N (P[s,k] − δ_nk)"),
    "minus one minus is not": (-P[s, n] * (1 - P[s, n]), (), "−P[s,n] (1 − P[s,n])"),
    "a bracket of negative terms": (w[n] * (-b[n] - b[k]), (), "−w[n] (b[k] + b[n])"),
    "sums come before bare terms": (
        b[n] + Sum(W[n, m] * X[s, m], m), (s, n), "Σ_m X[s,m] W[n,m] + b[n]"),
    "a cotangent comes before a sum": (
        Sum(λ[t + 1, k] * V[k, n], k) + dH[t, n], (t, n), "dH[t,n] + Σ_k λ[t+1,k] V[k,n]"),
    "deltas come before a sum": (
        Sum(V[n, k] * D(H[t - 1, k], b[i]), k) + H[t, k] * delta(n, i), (t, n),
        "δ_ni H[t,k] + Σ_k V[n,k] ∂H[t-1,k]/∂b[i]"),
    "a sum may be subtracted": (
        P[s, n] * (dP[s, n] - Sum(dP[s, k] * P[s, k], k)), (s, n),
        "P[s,n] (dP[s,n] − Σ_k dP[s,k] P[s,k])"),
    "arguments are tidied too": (relu(1 - Y[s, n]), (), "relu(1 − Y[s,n])"),
    "bases of powers are tidied too": (1 / sqrt(1 + Y[s, n] ** 2), (), "1 / √(1 + Y[s,n]²)"),
    "what is differentiated is tidied too": (
        D(1 - Y[s, n], Y[r, i]), (), "∂(1 − Y[s,n])/∂Y[r,i]"),
    "an entry is as it was": (X[s, m], (s,), "X[s,m]"),
    "a number is as it was": (Formula(S(3)), (), "3"),
    "a product of numbers": (Formula(Mul(-1, -1, evaluate=False)), (), "1"),
}  # fmt: skip


@pytest.mark.parametrize(("formula", "first", "expected"), TABLE.values(), ids=TABLE.keys())
def test_order(formula, first, expected):
    """Whatever order SymPy evaluates the expression to."""
    assert text(tidy(plain(formula.expr), first)) == expected


@pytest.mark.parametrize(("formula", "first", "_"), TABLE.values(), ids=TABLE.keys())
def test_once_is_enough(formula, first, _):
    once = tidy(plain(formula.expr), first)
    assert tidy(once, first) == once


STATE = define(H[t, n], tanh(Sum(V[n, k] * H[t - 1, k], k) + b[n]), outside=w[n])
ADJOINT = define(λ[t, n], dH[t, n] + Sum(λ[t + 1, k] * V[k, n], k), outside=0)
SETTING = Setting(
    indices={e.name: e.indices for e in (X, W, Y, b, w, P, Γ, H, V, λ, dY, dP, dH, L, dL, z)},
    definitions={"H": STATE, "λ": ADJOINT},
    positive=frozenset({"P", "Γ"}),
    integer={"z": n},
)
COMPARER = Comparer(SETTING)


@pytest.mark.parametrize(("formula", "first", "_"), TABLE.values(), ids=TABLE.keys())
def test_the_value_stays(formula, first, _):
    verdict = COMPARER.compare(formula.expr, tidy(plain(formula.expr), first))
    assert verdict.holds, verdict.reason


def test_a_wrong_order_would_be_noticed():
    wrong = KroneckerDelta(n, k, evaluate=False) - P[s, n].expr
    assert not COMPARER.compare(delta(n, k).expr - P[s, k].expr, wrong).holds
