"""Identities that gradients rest on: proved for all sizes, and not with one thing changed."""

import pytest
from layers.tables import row
from sympy import Rational

from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.terms import Fact, Setting
from gradcheck.derivations.notation import (
    D,
    Sum,
    absolute,
    axis,
    bracket,
    cos,
    define,
    delta,
    erf,
    exp,
    log,
    pi,
    relu,
    sigmoid,
    sign,
    sin,
    size,
    softplus,
    sqrt,
    step,
    tanh,
    tensor,
)
from gradcheck.derivations.notation.formula import unwrap

s, r = axis("S", "s r")
n, i, j, k, l = axis("N", "n i j k l")
a, eps = tensor("a"), tensor("eps", positive=True)
x, z, X, c = tensor("x", n), tensor("z", n), tensor("X", s, n), tensor("c", s)
A, B, M, T, H = (tensor(name, n, i) for name in "ABMTH")
P, L, mean, rate, x_hat = (
    tensor("P", s, n),
    tensor("L", s, n),
    tensor("mean", s),
    tensor("rate", s),
    tensor("x_hat", s, n),
)
DEFINED = (
    define(P[s, n], exp(X[s, n]) / Sum(exp(X[s, k]), k)),
    define(L[s, n], log(P[s, n])),
    define(mean[s], Sum(X[s, n], n) / size(n)),
    define(rate[s], 1 / sqrt(Sum((X[s, k] - mean[s]) ** 2, k) / size(k) + eps)),
    define(x_hat[s, n], (X[s, n] - mean[s]) * rate[s]),
)
SETTING = Setting(
    indices={t.name: t.indices for t in (x, z, X, c, A, B, M, T, H, a, eps)}
    | {d.name: d.indices for d in DEFINED},
    definitions={d.name: d for d in DEFINED},
    positive=frozenset({"eps"}),
    facts=(
        Fact("sums to one", "T", (1,), "Σ_n T[s,n] = 1"),
        Fact("one-hot", "H", (1,), "H[s,n] is one-hot"),
        Fact("symmetric", "M", (0, 1), "M is symmetric"),
    ),
)
N, S = size(n), size(s)
e = x[n]
AB = Sum(A[i, k] * B[k, j], k)


def softmax(shift):
    """Softmax of X moved by something that is the same for all classes."""
    return exp(X[s, n] + shift) / Sum(exp(X[s, k] + shift), k)


def variance(of):
    """The mean of the squared distances from the mean."""
    return Sum((of(k) - Sum(of(l), l) / N) ** 2, k) / N


# Two sides that are equal, and the right one with one thing changed.
IDENTITIES = [
    row("softmax ignores a shift", softmax(c[s]), P[s, n], exp(c[s]) * P[s, n]),
    row("softmax shifted back", softmax(-X[s, 0]), softmax(0), 2 * softmax(0)),
    row("log softmax", L[s, n], X[s, n] - log(Sum(exp(X[s, k]), k)), X[s, n] - Sum(X[s, k], k)),
    row("softmax sums to one", Sum(P[s, n], n), 1, N),
    row("softmax sums to one over classes", Sum(P[s, n], s, n), S, N),
    row("a variance", variance(lambda k: x[k]), Sum(x[k]**2, k)/N - (Sum(x[k], k)/N)**2,
        Sum(x[k]**2, k)/N - Sum(x[k], k)**2/N),
    row("what is centred sums to 0", Sum(X[s, n] - mean[s], n), 0, mean[s]),
    row("what is normalised sums to 0", Sum(x_hat[s, n], n), 0, rate[s]),
    row("squares of what is normalised", Sum(x_hat[s, n]**2, n), N * (1 - eps * rate[s]**2),
        N * (1 - eps * rate[s])),
    row("the slope of sigmoid", sigmoid(e) * (1 - sigmoid(e)), exp(-e) / (1 + exp(-e))**2,
        exp(-e) / (1 + exp(-e))),
    row("a fraction split", e**2 / (e**2 + 1), 1 - 1 / (e**2 + 1), 1 - 2 / (e**2 + 1)),
    row("a fraction split in a sum", Sum(e**2 / (e**2 + 1), n), N - Sum(1 / (e**2 + 1), n),
        1 - Sum(1 / (e**2 + 1), n)),
    row("tanh by sigmoid", tanh(e), 2 * sigmoid(2 * e) - 1, 2 * sigmoid(e) - 1),
    row("tanh by exp", tanh(e), (exp(e) - exp(-e)) / (exp(e) + exp(-e)),
        (exp(e) + exp(-e)) / (exp(e) - exp(-e))),
    row("the slope of tanh", D(tanh(e), x[i]), (1 - tanh(e)**2) * delta(n, i),
        (1 - tanh(e)) * delta(n, i)),
    row("erf is odd", erf(-e), -erf(e), erf(e)),
    row("the slope of erf", D(erf(e), x[i]), 2 / sqrt(pi) * exp(-e**2) * delta(n, i),
        exp(-e**2) * delta(n, i)),
    row("roots of π", sqrt(2 / pi) * sqrt(pi) * pi, sqrt(2) * pi, sqrt(2) / pi),
    row("softplus", softplus(e), log(1 + exp(e)), log(1 + exp(-e))),
    row("softplus is odd but for x", softplus(e) - softplus(-e), e, -e),
    row("the slope of softplus", D(softplus(e), x[i]), sigmoid(e) * delta(n, i),
        sigmoid(-e) * delta(n, i)),
    row("sigmoid of the opposite", sigmoid(-e), 1 - sigmoid(e), -sigmoid(e)),
    row("relu of the opposite", relu(e) - relu(-e), e, absolute(e)),
    row("relu by step", relu(e), e * step(e), step(e)),
    row("relu scaled", relu(2 * e), 2 * relu(e), 4 * relu(e)),
    row("relu under a sum", Sum(relu(e) - relu(-e), n), Sum(e, n), Sum(-e, n)),
    row("step is a condition", step(e)**2, step(e), 1),
    row("relu squared", relu(e)**2, e * relu(e), e**2),
    row("the absolute value", absolute(e), e * sign(e), sign(e)),
    row("absolute by relu", absolute(e), relu(e) + relu(-e), relu(e) - relu(-e)),
    row("a root of a square", sqrt(e**2), absolute(e), e),
    row("a root of a squared sum", sqrt(Sum(e, n)**2), absolute(Sum(e, n)), Sum(absolute(e), n),
        bug="the square is multiplied out under the root"),
    row("sin² + cos²", sin(e)**2 + cos(e)**2, 1, 2),
    row("sin⁴", sin(e)**4, 1 - 2 * cos(e)**2 + cos(e)**4, 1 - cos(e)**4),
    row("cos is even", cos(e - z[n]), cos(z[n] - e), -cos(z[n] - e)),
    row("(A B)ᵀ = Bᵀ Aᵀ", AB, Sum(B[k, j] * A[i, k], k), Sum(B[i, k] * A[k, j], k)),
    row("(A B) A = A (B A)", Sum(AB * A[j, l], j), Sum(A[i, j] * Sum(B[j, k] * A[k, l], k), j),
        Sum(A[i, j] * Sum(B[j, k] * A[l, k], k), j)),
    row("tr A B = tr B A", Sum(A[i, j] * B[j, i], i, j), Sum(B[i, j] * A[j, i], i, j),
        Sum(B[i, j] * A[i, j], i, j)),
    row("the exponential of a sum", exp(2 * e + z[n]), exp(e)**2 * exp(z[n]), exp(e) * exp(z[n])),
    row("the logarithm of a product", log(exp(e) * eps**2), e + 2 * log(eps), e + log(eps)),
    row("a power of a power", (eps**2)**Rational(3, 4), eps * sqrt(eps), eps**2),
    row("a triangle and its rest", Sum(Sum(x[i] * z[j], (j, 0, i)), i)
        + Sum(Sum(x[i] * z[j], (j, i + 1, N - 1)), i), Sum(e, n) * Sum(z[n], n), Sum(e * z[n], n)),
    row("a triangle the other way", Sum(Sum(x[j], (j, i + 1, N - 1)), i),
        Sum(Sum(x[j], (i, 0, j - 1)), j), Sum(Sum(x[j], (i, 0, j)), j)),
    row("a triangle by a condition", Sum(Sum(x[j], (j, 0, i)), i),
        Sum(bracket(j, i) * x[j], i, j), Sum(bracket(i, j) * x[j], i, j)),
    row("the first term apart", Sum(e, n), x[0] + Sum(e, (n, 1, N - 1)), x[0] + Sum(e, n)),
    row("a sum shifted", Sum(x[n + 1] * e, (n, 0, N - 2)), Sum(e * x[n - 1], (n, 1, N - 1)),
        Sum(x[n + 1] * e, (n, 0, N - 3))),
]  # fmt: skip

# The same for equations that need a fact; the fact, as it was stated.
FACTS = [
    row("targets sum to one", Sum(T[n, i], i), 1, N, "Σ_n T[s,n] = 1"),
    row("and so in a product", Sum(T[n, i] * x[n], n, i), Sum(x[n], n), N, "Σ_n T[s,n] = 1"),
    row("one-hot is its square", H[n, i] ** 2, H[n, i], 1, "H[s,n] is one-hot"),
    row("one-hot twice", H[n, k] * H[n, l], delta(k, l) * H[n, k], H[n, k], "H[s,n] is one-hot"),
    row("one-hot sums to one", Sum(H[n, i], i), 1, 2, "H[s,n] is one-hot"),
    row("a symmetric matrix", M[i, j] - M[j, i], 0, M[i, j], "M is symmetric"),
    row("a quadratic form", Sum((M[i, j] + M[j, i]) * x[j], j), 2 * Sum(M[i, j] * x[j], j),
        Sum(M[i, j] * x[j], j), "M is symmetric"),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "wrong"), IDENTITIES)
def test_an_identity_is_proved_and_a_wrong_one_refuted(left, right, wrong):
    comparer = Comparer(SETTING)
    left, right, wrong = map(unwrap, (left, right, wrong))
    assert comparer.compare(left, right).status is Status.PROVED
    assert comparer.compare(left, wrong).status is Status.REFUTED


@pytest.mark.parametrize(("left", "right", "wrong", "fact"), FACTS)
def test_a_fact_is_used_and_named(left, right, wrong, fact):
    comparer = Comparer(SETTING)
    left, right, wrong = map(unwrap, (left, right, wrong))
    verdict = comparer.compare(left, right)
    assert verdict.status is Status.PROVED
    assert verdict.proof.facts == (fact,)
    assert comparer.compare(left, wrong).status is Status.REFUTED


@pytest.mark.parametrize(("left", "right", "wrong", "fact"), FACTS)
def test_without_its_fact_nothing_is_proved(left, right, wrong, fact):
    without = Setting(indices=SETTING.indices, definitions=SETTING.definitions)
    assert Comparer(without).compare(unwrap(left), unwrap(right)).status is Status.REFUTED
