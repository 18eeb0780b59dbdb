"""Losses beside PyTorch's: rows of the output and of all gradients, ours and theirs, kinks too."""

import numpy as np
from layers.tables import row

from gradcheck.checks import layers

N, C = 6, 5


def arrays(*kinds):
    """One array for each kind, always the same ones."""
    rng = np.random.default_rng(0)
    drawn = {
        "entries": lambda: rng.normal(size=(N, C)),
        "positive": lambda: rng.uniform(0.1, 1, (N, C)),
        "log probabilities": lambda: np.log(rng.dirichlet(np.ones(C), N)),
        "probabilities": lambda: rng.dirichlet(np.ones(C), N),
        "signs": lambda: rng.choice([-1.0, 1.0], (N, C)),
        "integers": lambda: rng.integers(-2, 3, (N, C)).astype(float),
        "classes": lambda: rng.integers(0, C, N),
        "weights": lambda: rng.uniform(0.1, 1, C),
    }
    return [drawn[kind]() if kind in drawn else np.float64(kind) for kind in kinds]


def beside(sentence, name, kinds, theirs):
    """A row: the layer `name` and PyTorch's function at the same arrays, with all gradients."""

    def both():
        import torch

        layer, given = layers.load(name), arrays(*kinds)
        output = layer.forward(*given)
        cotangent = np.random.default_rng(1).normal(size=np.shape(output))
        ours = [output, *layer.backward(cotangent, *given)]
        tensors = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in given]
        result = theirs(torch.nn.functional, *tensors)
        result.backward(torch.tensor(cotangent))
        wanted = [t.grad for t in tensors if t.requires_grad]
        # an option that PyTorch takes as a plain number has no gradient there
        pairs = [(g, w) for g, w in zip(ours[1:], wanted, strict=True) if w is not None]
        gradients, wanted = zip(*pairs, strict=True)
        return flat([output, *gradients]), flat([result.detach(), *wanted])

    return row(sentence, both)


def flat(several):
    """All entries of several arrays."""
    return np.concatenate([np.ravel(np.asarray(a)) for a in several])


ROWS = [
    beside("squared errors, their mean", "mse_loss.mean", ["entries", "positive"],
           lambda F, X, T: F.mse_loss(X, T)),
    beside("squared errors, their sum", "mse_loss.sum", ["entries", "positive"],
           lambda F, X, T: F.mse_loss(X, T, reduction="sum")),
    beside("squared errors, each", "mse_loss.none", ["entries", "positive"],
           lambda F, X, T: F.mse_loss(X, T, reduction="none")),
    beside("likelihood, the mean", "nll_loss.mean", ["log probabilities", "classes"],
           lambda F, X, y: F.nll_loss(X, y)),
    beside("likelihood, the sum", "nll_loss.sum", ["log probabilities", "classes"],
           lambda F, X, y: F.nll_loss(X, y, reduction="sum")),
    beside("likelihood, of each sample", "nll_loss.none", ["log probabilities", "classes"],
           lambda F, X, y: F.nll_loss(X, y, reduction="none")),
    beside("likelihood, weighted", "nll_loss.weight", ["log probabilities", "classes", "weights"],
           lambda F, X, y, w: F.nll_loss(X, y, weight=w.detach())),
    beside("cross entropy of logits", "cross_entropy.logits", ["entries", "classes"],
           lambda F, X, y: F.cross_entropy(X, y)),
    beside("cross entropy, the sum", "cross_entropy.sum", ["entries", "classes"],
           lambda F, X, y: F.cross_entropy(X, y, reduction="sum")),
    beside("cross entropy, weighted", "cross_entropy.weight", ["entries", "classes", "weights"],
           lambda F, X, y, w: F.cross_entropy(X, y, weight=w.detach())),
    beside("cross entropy, smoothed labels", "cross_entropy.label_smoothing",
           ["entries", "classes"],
           lambda F, X, y: F.cross_entropy(X, y, label_smoothing=0.1)),
    beside("cross entropy of probability targets", "cross_entropy.soft_targets",
           ["entries", "probabilities"], lambda F, X, T: F.cross_entropy(X, T)),
    beside("binary cross entropy of logits", "binary_cross_entropy_with_logits.mean",
           ["entries", "positive"], lambda F, X, T: F.binary_cross_entropy_with_logits(X, T)),
    beside("binary cross entropy with a weight of positives",
           "binary_cross_entropy_with_logits.pos_weight", ["entries", "positive", "weights"],
           lambda F, X, T, p: F.binary_cross_entropy_with_logits(X, T, pos_weight=p.detach())),
    beside("divergence, the mean of a batch", "kl_div.batchmean",
           ["log probabilities", "positive"],
           lambda F, X, T: F.kl_div(X, T, reduction="batchmean")),
    beside("divergence, the mean over all", "kl_div.mean", ["log probabilities", "positive"],
           lambda F, X, T: F.kl_div(X, T, reduction="mean")),
    beside("divergence of logarithms", "kl_div.log_target", ["log probabilities", "entries"],
           lambda F, X, U: F.kl_div(X, U, reduction="batchmean", log_target=True)),
    beside("soft margin", "soft_margin_loss", ["entries", "signs"],
           lambda F, X, T: F.soft_margin_loss(X, T.detach())),
    beside("cosine similarity", "cosine_similarity", ["entries", "positive"],
           lambda F, A, B: F.cosine_similarity(A, B)),
    beside("normal distributions", "gaussian_nll_loss", ["entries", "signs", "positive"],
           lambda F, X, T, v: F.gaussian_nll_loss(X, T, v)),
    beside("hinges of classes", "multi_margin_loss", ["entries", "classes"],
           lambda F, X, y: F.multi_margin_loss(X, y)),
    beside("hinges of classes, some at the margin", "multi_margin_loss", ["integers", "classes"],
           lambda F, X, y: F.multi_margin_loss(X, y)),
    beside("Huber", "huber_loss", ["entries", "signs"],
           lambda F, X, T: F.huber_loss(X, T, delta=2.0)),
    beside("Huber, some where it turns linear", "huber_loss", ["integers", "signs"],
           lambda F, X, T: F.huber_loss(X, T, delta=2.0)),
    beside("smooth absolute errors", "smooth_l1_loss", ["entries", "signs"],
           lambda F, X, T: F.smooth_l1_loss(X, T, beta=2.0)),
    beside("smooth absolute errors, some where they turn linear", "smooth_l1_loss",
           ["integers", "signs"], lambda F, X, T: F.smooth_l1_loss(X, T, beta=2.0)),
    beside("margins of a ranking", "margin_ranking_loss", ["entries", "positive", "signs"],
           lambda F, A, B, T: F.margin_ranking_loss(A, B, T, margin=1.0)),
    beside("margins of a ranking, some kept exactly", "margin_ranking_loss",
           ["integers", "signs", "signs"],
           lambda F, A, B, T: F.margin_ranking_loss(A, B, T, margin=1.0)),
    beside("absolute errors, their mean", "l1_loss.mean", ["entries", "positive"],
           lambda F, X, T: F.l1_loss(X, T)),
    beside("absolute errors, their sum, some of them 0", "l1_loss.sum", ["integers", "signs"],
           lambda F, X, T: F.l1_loss(X, T, reduction="sum")),
    beside("absolute errors, each, some of them 0", "l1_loss.none", ["integers", "signs"],
           lambda F, X, T: F.l1_loss(X, T, reduction="none")),
]  # fmt: skip
