"""Cross entropy, averaged over samples: of probabilities, and of logits with several options.

`mean`, `sum`, `none` and `weight` spread the share `label_smoothing` of every target evenly over
all classes, and do not count samples whose target is `ignore_index`, also not in the divisor of the
mean. `weight` has a weight w of each class, and its mean divides by the sum of those of the
targets. `soft_targets` are probabilities T of the classes, whose rows need not sum to one.

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
label_smoothing = option("label_smoothing", 0.0, between=(0, 0.5))
ignore_index = option("ignore_index", -100, whole=(1, 2))


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


def of_logits(output, value, *inputs, options=(label_smoothing, ignore_index)):
    """A loss of the softmax P of X, given by its formula."""
    X, P, Γ = tensor("X", n, c), tensor("P", n, c), tensor("Γ", n)
    softmax = (
        define(Γ[n], Sum(exp(X[n, l]), l)),
        define(P[n, c], exp(X[n, c]) / Γ[n]),
    )
    return Layer((X, *inputs), (*softmax, define(output, value(P))), options=options)


def smoothed(target):
    """A target, of which a share is spread evenly over all classes."""
    return (1 - label_smoothing) * target + label_smoothing / size(c)


def loss(P, *weight):
    """The cross entropy of sample n, which is 0 if it is ignored."""
    log_P = log(P[n, c]) if not weight else w[c] * log(P[n, c])
    return -counts(n) * Sum(smoothed(delta(y[n], c)) * log_P, c)


def counts(n):
    """1, or 0 for a sample that is ignored."""
    return 1 - delta(y[n], ignore_index)


w, T, each = tensor("w", c, positive=True), tensor("T", n, c), tensor("L", n)
layers = {
    "probabilities": probabilities(),
    "logits": logits(),
    "mean": of_logits(L, lambda P: Sum(loss(P), n) / Sum(counts(r), r), y),
    "sum": of_logits(L, lambda P: Sum(loss(P), n), y),
    "none": of_logits(each[n], loss, y),
    "weight": of_logits(
        L,
        lambda P: Sum(loss(P, w), n) / Sum(counts(r) * w[y[r]], r),
        y,
        w,
    ),
    "soft_targets": of_logits(
        L,
        lambda P: -Sum(smoothed(T[n, c]) * log(P[n, c]), n, c) / size(n),
        T,
        options=(label_smoothing,),
    ),
}
