"""Losses beside PyTorch's: the output and all gradients, for several options, at kinks too."""

from functools import partial
from itertools import product

import numpy as np
from layers.tables import row

from gradcheck.checks import layers

N, C = 6, 5
REDUCTIONS = ("mean", "sum", "none")


def arrays(*kinds):
    """One array for each kind, always the same ones."""
    rng = np.random.default_rng(0)
    drawn = {
        "entries": lambda: rng.normal(size=(N, C)),
        "positive": lambda: rng.uniform(0.1, 1, (N, C)),
        "counts": lambda: rng.integers(1, 6, (N, C)).astype(float),
        "log probabilities": lambda: np.log(rng.dirichlet(np.ones(C), N)),
        "probabilities": lambda: rng.dirichlet(np.ones(C), N),
        "signs": lambda: rng.choice([-1.0, 1.0], (N, C)),
        "0 and 1": lambda: rng.choice([0.0, 1.0], (N, C)),
        "integers": lambda: rng.integers(-2, 3, (N, C)).astype(float),
        "classes": lambda: rng.integers(0, C, N),
        "similar": lambda: rng.choice([-1, 1], (N, C)),
        "similar rows": lambda: rng.choice([-1, 1], N),
        "weights": lambda: rng.uniform(0.1, 1, C),
    }
    return [drawn[kind]() for kind in kinds]


def beside(sentence, name, kinds, theirs, plain=(), **options):
    """A row: the layer `name` and PyTorch's function at the same arrays, with all gradients.

    Both take the options by the same names, PyTorch also the `plain` ones, which ours has not.
    PyTorch has no gradient of some inputs, which `theirs` detaches.
    """

    def both():
        import torch

        layer, given = layers.load(name), arrays(*kinds)
        output = layer.forward(*given, **options)
        cotangent = np.random.default_rng(1).normal(size=np.shape(output))
        ours = layer.backward(cotangent, *given, **options)
        tensors = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in given]
        result = theirs(torch.nn.functional, *tensors, **options, **dict(plain))
        result.backward(torch.tensor(cotangent))
        wanted = [t.grad for t in tensors if t.requires_grad]
        pairs = [(g, w) for g, w in zip(ours, wanted, strict=True) if w is not None]
        gradients, wanted = zip(*pairs, strict=True)
        return flat([output, *gradients]), flat([result.detach(), *wanted])

    values = " ".join(f"{name}={value}" for name, value in options.items())
    return row(f"{sentence} {values}".strip(), both)


def each(sentence, name, kinds, theirs, plain=(), **values):
    """Rows with the defaults and with each combination of values of the options."""
    given = [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]
    chosen = [{}, *(options for options in given if options)]
    return [beside(sentence, name, kinds, theirs, plain, **options) for options in chosen]


def flat(several):
    """All entries of several arrays."""
    return np.concatenate([np.ravel(np.asarray(a)) for a in several])


def function(name, *detached):
    """PyTorch's function of that name, with no gradient of the inputs at these places."""

    def call(F, *tensors, **options):
        given = [t.detach() if k in detached else t for k, t in enumerate(tensors)]
        return getattr(F, name)(*given, **options)

    return call


def weighted(name, argument, F, X, T, w, **options):
    """PyTorch's loss with weights, which it takes by name and has no gradient of."""
    return getattr(F, name)(X, T, **{argument: w.detach()}, **options)


def focal(F, X, T, alpha=0.25, gamma=2.0, reduction="mean"):
    """As in torchvision.ops.sigmoid_focal_loss."""
    p = X.sigmoid()
    entropy = F.binary_cross_entropy_with_logits(X, T, reduction="none")
    p_t = p * T + (1 - p) * (1 - T)
    loss = (alpha * T + (1 - alpha) * (1 - T)) * entropy * (1 - p_t) ** gamma
    return {"mean": loss.mean, "sum": loss.sum, "none": loss.clone}[reduction]()


def focal_of_classes(F, X, y, gamma=2.0, reduction="mean"):
    """By the cross entropy, from which the probability follows."""
    entropy = F.cross_entropy(X, y, reduction="none")
    loss = (1 - (-entropy).exp()) ** gamma * entropy
    return {"mean": loss.mean, "sum": loss.sum, "none": loss.clone}[reduction]()


def at_0_and_1():
    """Binary cross entropies there, ours and theirs."""
    import torch

    layer, given = layers.load("binary_cross_entropy"), arrays("0 and 1", "positive")
    theirs = torch.nn.functional.binary_cross_entropy(*map(torch.tensor, given), reduction="none")
    return layer.forward(*given, reduction="none"), theirs


def contrastive(F, A, B, y, margin=1.0):
    distance = F.pairwise_distance(A, B, eps=0)
    return (((y > 0) * distance**2 + (y < 0) * (margin - distance).relu() ** 2) / 2).mean()


def jensen_shannon(F, P, Q):
    M = ((P + Q) / 2).log()
    return sum(F.kl_div(M, A, reduction="batchmean") for A in (P, Q)) / 2


EVERY = {"reduction": REDUCTIONS}
SMOOTHED = {"label_smoothing": (0.0, 0.3), "ignore_index": (-100, 2)}
ROWS = [
    *each("squared errors", "mse_loss.mean", ["entries", "positive"], function("mse_loss"),
          **EVERY),
    *each("absolute errors, some of them 0", "l1_loss.mean", ["integers", "signs"],
          function("l1_loss"), **EVERY),
    *each("Huber", "huber_loss", ["entries", "signs"], function("huber_loss"),
          **EVERY, delta=(0.5, 2.0)),
    *each("Huber, some where it turns linear", "huber_loss", ["integers", "signs"],
          function("huber_loss"), delta=(1.0, 2.0)),
    *each("smooth absolute errors", "smooth_l1_loss", ["entries", "signs"],
          function("smooth_l1_loss"), **EVERY, beta=(0.5, 2.0)),
    *each("smooth absolute errors, some where they turn linear", "smooth_l1_loss",
          ["integers", "signs"], function("smooth_l1_loss"), beta=(1.0, 2.0)),
    *each("likelihood", "nll_loss.mean", ["log probabilities", "classes"], function("nll_loss"),
          **EVERY, ignore_index=(-100, 2)),
    *each("likelihood, weighted", "nll_loss.weight", ["log probabilities", "classes", "weights"],
          partial(weighted, "nll_loss", "weight"), ignore_index=(-100, 2)),
    beside("cross entropy of logits", "cross_entropy.logits", ["entries", "classes"],
           function("cross_entropy")),
    *each("cross entropy", "cross_entropy.mean", ["entries", "classes"],
          function("cross_entropy"), **EVERY, **SMOOTHED),
    *each("cross entropy, weighted", "cross_entropy.weight", ["entries", "classes", "weights"],
          partial(weighted, "cross_entropy", "weight"), **SMOOTHED),
    *each("cross entropy of probability targets", "cross_entropy.soft_targets",
          ["entries", "probabilities"], function("cross_entropy"), label_smoothing=(0.0, 0.3)),
    *each("binary cross entropy", "binary_cross_entropy", ["positive", "positive"],
          function("binary_cross_entropy"), **EVERY),
    row("binary cross entropy at 0 and 1, where it is not infinite", at_0_and_1),
    *each("binary cross entropy of logits", "binary_cross_entropy_with_logits.mean",
          ["entries", "positive"], function("binary_cross_entropy_with_logits"), **EVERY),
    *each("binary cross entropy with a weight of positives",
          "binary_cross_entropy_with_logits.pos_weight", ["entries", "positive", "weights"],
          partial(weighted, "binary_cross_entropy_with_logits", "pos_weight"), **EVERY),
    *each("soft margins of several labels", "multilabel_soft_margin_loss",
          ["entries", "0 and 1", "weights"],
          partial(weighted, "multilabel_soft_margin_loss", "weight"), **EVERY),
    *each("divergence", "kl_div.mean", ["log probabilities", "positive"], function("kl_div"),
          reduction=(*REDUCTIONS, "batchmean")),
    beside("divergence, the mean of a batch", "kl_div.batchmean",
           ["log probabilities", "positive"], function("kl_div"), {"reduction": "batchmean"}),
    *(beside("divergence of logarithms", "kl_div.log_target", ["log probabilities", "entries"],
             function("kl_div"), {"log_target": True}, reduction=reduction)
      for reduction in (*REDUCTIONS, "batchmean")),
    beside("divergence from the mean", "js_div", ["probabilities", "positive"], jensen_shannon),
    *each("Poisson distributions of logarithms", "poisson_nll_loss.logarithms",
          ["entries", "counts"], function("poisson_nll_loss"), **EVERY, full=(False, True)),
    *each("Poisson distributions of rates", "poisson_nll_loss.rates", ["positive", "counts"],
          function("poisson_nll_loss"), {"log_input": False}, **EVERY, full=(False, True),
          eps=(1e-8, 0.1)),
    *each("normal distributions", "gaussian_nll_loss", ["entries", "signs", "positive"],
          function("gaussian_nll_loss"), **EVERY, full=(False, True), eps=(1e-6, 0.5)),
    *each("soft margin", "soft_margin_loss", ["entries", "signs"],
          function("soft_margin_loss", 1), **EVERY),
    *each("hinges of classes", "multi_margin_loss.p1", ["entries", "classes"],
          function("multi_margin_loss"), **EVERY, margin=(1.0, 0.5)),
    *each("hinges of classes, some at the margin", "multi_margin_loss.p1",
          ["integers", "classes"], function("multi_margin_loss"), **EVERY),
    *each("squared hinges of classes", "multi_margin_loss.p1", ["entries", "classes"],
          function("multi_margin_loss"), **EVERY, p=(1, 2)),
    *each("margins of a ranking", "margin_ranking_loss", ["entries", "positive", "signs"],
          function("margin_ranking_loss"), **EVERY, margin=(0.5, 1.0)),
    *each("margins of a ranking, some kept exactly", "margin_ranking_loss",
          ["integers", "signs", "signs"], function("margin_ranking_loss"), margin=(1.0,)),
    *each("hinges of distances", "hinge_embedding_loss", ["entries", "similar"],
          function("hinge_embedding_loss"), **EVERY, margin=(0.5, 1.0)),
    *each("hinges of distances, some at the margin", "hinge_embedding_loss",
          ["integers", "similar"], function("hinge_embedding_loss"), margin=(1.0, 2.0)),
    *each("triplets", "triplet_margin_loss", ["entries", "positive", "signs"],
          function("triplet_margin_loss"), **EVERY, margin=(1.0, 0.3), eps=(1e-6, 0.1)),
    *each("cosines of pairs", "cosine_embedding_loss", ["entries", "positive", "similar rows"],
          function("cosine_embedding_loss"), **EVERY, margin=(0.0, 0.2)),
    *each("contrasts", "contrastive_loss", ["entries", "positive", "similar rows"], contrastive,
          margin=(1.0, 3.0)),
    *each("focal", "focal_loss.binary", ["entries", "0 and 1"], focal, **EVERY,
          alpha=(0.25, 0.6), gamma=(2.0, 0.5)),
    *each("focal, of classes", "focal_loss.classes", ["entries", "classes"], focal_of_classes,
          **EVERY, gamma=(2.0, 0.5)),
    *each("cosine similarity", "cosine_similarity", ["entries", "positive"],
          function("cosine_similarity"), eps=(1e-8, 0.01)),
    *each("distances", "pairwise_distance", ["entries", "positive"],
          function("pairwise_distance"), p=(1.0, 2.0, 3.5), eps=(1e-6, 0.1)),
    *each("distances, some differences 0", "pairwise_distance", ["integers", "signs"],
          function("pairwise_distance"), p=(1.0, 2.0, 3.5), eps=(0.0,)),
]  # fmt: skip
