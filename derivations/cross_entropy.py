"""Cross entropy, averaged over samples: of probabilities, and of logits with several options.

`weight` has a weight w of each class, and its mean divides by the sum of those picked; in
`label_smoothing` a tenth of every target is spread evenly over all classes; `soft_targets` are
probabilities T of the classes, whose rows need not sum to one.

Family: losses.
Source: PyTorch, torch.nn.CrossEntropyLoss (logits); Murphy, Probabilistic Machine Learning (2022),
section 10.3.2.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
c, k, l = axis("C", "c k l")  # classes
y = tensor("y", n, integer=c)  # the class of each sample
L = tensor("L")
dL = grad(L)


def probabilities():
    """L = -(1/N) Σ_n log P[n, y_n], of probabilities P."""
    P = tensor("P", n, c, positive=True)
    dP = grad(P)
    target = P[n, y[n]]
    by_P = derivation(
        P[r, k],
        chain(
            D(L, P[r, k]),
            (-1 / size(n) * Sum(D(log(target), P[r, k]), n), "linearity"),
            (-1 / size(n) * Sum(D(target, P[r, k]) / target, n), "function derivative"),
            (-1 / size(n) * Sum(delta(n, r) * delta(y[n], k) / target, n), "independent entries"),
            (-1 / size(n) * delta(y[r], k) / P[r, y[r]], "delta contraction"),
            (-delta(y[r], k) / (size(n) * P[r, k]), "algebra"),
        ),
        chain(
            dP[r, k],
            (dL * D(L, P[r, k]), "chain rule"),
            (-dL * delta(y[r], k) / (size(n) * P[r, k]), "substitution"),
        ),
    )
    return Layer((P, y), (define(L, -1 / size(n) * Sum(log(target), n)),), (by_P,))


def logits():
    """Softmax followed by cross entropy: the gradient of both together is (P - one_hot(y)) / N."""
    X, P, Γ = tensor("X", n, c), tensor("P", n, c), tensor("Γ", n)
    dX = grad(X)
    loss_by_P = -delta(y[n], c) / (size(n) * P[n, c])
    P_by_X = delta(n, r) * P[n, c] * (delta(c, k) - P[n, k])
    by_X = derivation(
        X[r, k],
        chain(D(P[n, c], X[r, k]), (P_by_X, "substitution")),
        chain(
            D(L, X[r, k]),
            (-1 / size(n) * Sum(D(P[n, y[n]], X[r, k]) / P[n, y[n]], n), "function derivative"),
            (Sum(loss_by_P * D(P[n, c], X[r, k]), n, c), "chain rule"),
            (Sum(loss_by_P * P_by_X, n, c), "substitution"),
            (Sum(-delta(y[r], c) / size(n) * (delta(c, k) - P[r, k]), c), "delta contraction"),
            (-1 / size(n) * (delta(y[r], k) - P[r, k]), "delta contraction"),
            ((P[r, k] - delta(y[r], k)) / size(n), "algebra"),
        ),
        chain(
            dX[r, k],
            (dL * D(L, X[r, k]), "chain rule"),
            (dL * (P[r, k] - delta(y[r], k)) / size(n), "substitution"),
        ),
    )
    forward = (
        define(Γ[n], Sum(exp(X[n, l]), l)),
        define(P[n, c], exp(X[n, c]) / Γ[n]),
        define(L, -1 / size(n) * Sum(log(P[n, y[n]]), n)),
    )
    return Layer((X, y), forward, (by_X,))


def of_logits(loss, *options):
    """A loss of the softmax P of X, given by its formula."""
    X, P, Γ = tensor("X", n, c), tensor("P", n, c), tensor("Γ", n)
    softmax = (
        define(Γ[n], Sum(exp(X[n, l]), l)),
        define(P[n, c], exp(X[n, c]) / Γ[n]),
    )
    return Layer((X, *options), (*softmax, define(L, loss(P))))


def smoothed(c):
    """A target, of which a tenth is spread evenly over all classes."""
    return 9 * delta(y[n], c) / 10 + 1 / (10 * size(c))


w, T = tensor("w", c, positive=True), tensor("T", n, c)
layers = {
    "probabilities": probabilities(),
    "logits": logits(),
    "sum": of_logits(lambda P: -Sum(log(P[n, y[n]]), n), y),
    "weight": of_logits(
        lambda P: -Sum(w[y[n]] * log(P[n, y[n]]), n) / Sum(w[y[r]], r),
        y,
        w,
    ),
    "label_smoothing": of_logits(
        lambda P: -Sum(smoothed(c) * log(P[n, c]), n, c) / size(n),
        y,
    ),
    "soft_targets": of_logits(lambda P: -Sum(T[n, c] * log(P[n, c]), n, c) / size(n), T),
}
