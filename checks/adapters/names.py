"""The names that people give to passes, arguments, parameters and gradients: one table.

Names are compared in two ways: as they are written, and by a key that forgets capitals,
underscores and the many words for one thing, so that `weights`, `W` and `kernel` have one key.
"""

import re
from collections.abc import Iterable

# Of the methods of a class the first of these that is there is the forward or the backward pass.
FORWARD = (
    "forward", "forward_pass", "forward_propagation", "forward_propagate", "forward_prop",
    "forwardprop", "feed_forward", "feedforward", "fprop", "f_prop", "fwd", "forwards",
    "propagate_forward", "propagate", "call", "__call__",
)  # fmt: skip
BACKWARD = (
    "backward", "backward_pass", "backward_propagation", "backward_propagate", "backward_prop",
    "backwardprop", "back_propagation", "back_propagate", "backpropagation", "backpropagate",
    "back_prop", "backprop", "bprop", "b_prop", "bwd", "backwards", "propagate_backward",
)  # fmt: skip

COTANGENT = {
    "dout", "dy", "dz", "da", "dh", "dl", "d", "g", "grad", "grads", "gradient", "grady",
    "gradout", "gradoutput", "gradoutputs", "outputgrad", "outputgradient", "outgrad",
    "outgradient",
    "upstream", "upstreamgrad", "upstreamgradient", "dvalue", "dvalues", "delta", "deltas", "error",
    "errors", "err", "accumgrad", "topdiff", "dnext", "dnextlayer", "nextgrad", "dldy", "dldz",
    "dlda", "dlout", "dldout", "dloss", "lossgrad", "lossgradient", "cotangent", "prevgrad",
    "doutput", "doutputs", "incominggradient", "gradientoutput", "gy", "outputerror",
}  # fmt: skip
RATE = {"lr", "learningrate", "eta", "alpha", "rate", "stepsize", "learnrate"}
OPTIMIZER = {"optimizer", "optimiser", "opt", "optim", "solver", "updater", "sgd"}
TRAINING = {"train", "training", "trainflg", "trainflag", "istraining", "istrain", "trainmode"}
TESTING = {"eval", "evaluation", "test", "testing", "istest", "inference", "predict"}
CACHE = {"cache", "caches", "ctx", "context", "memory", "saved", "state", "tape"}
OUTPUT = {"y", "out", "output", "outputs", "yhat", "ypred", "result", "value"}
LABELS = {
    "ytrue", "t", "target", "targets", "label", "labels", "truth", "groundtruth", "actual",
    "expected", "gt", "yt", "yi", "answer", "answers",
}  # fmt: skip
# A class without such passes may still have a loss and a step of training.
LOSS_OF = (
    "loss", "compute_loss", "calculate_loss", "calc_loss", "loss_function", "cost", "compute_cost",
    "cost_function", "objective", "error",
)  # fmt: skip
GRADIENTS_OF = (
    "gradient", "gradients", "grad", "grads", "compute_gradient", "compute_gradients",
    "calculate_gradients", "compute_grads", "loss_gradient", "backprop", "back_prop",
    "backpropagation", "backward", "back_propagation",
)  # fmt: skip
STEP = (
    "train_step", "training_step", "train_on_batch", "step", "update", "update_weights",
    "gradient_descent", "partial_fit", "train", "fit",
)  # fmt: skip
TARGETS = LABELS | {
    "y",
    "yb",
    "ybatch",
    "ytrain",
    "mask",
}  # inputs that a gradient is seldom returned for
EPOCHS = {
    "epochs", "epoch", "nepochs", "numepochs", "nepoch", "niter", "niters", "iters", "iterations",
    "numiterations", "maxiter", "maxiters", "steps", "nsteps", "numiters", "niterations",
}  # fmt: skip

# Arrays that a layer keeps and that are neither parameters nor gradients.
STATISTICS = re.compile(r"running|moving|(^|_)(ema|avg|average|momentum|velocity|history)(_|$)")
KEPT = {
    "x", "input", "inputs", "output", "outputs", "y", "out", "z", "a", "h", "mask", "cache", "mean",
    "mu", "var", "variance", "std", "xhat", "xnorm", "xn", "xc", "xmu", "prob", "probs", "loss",
    "lastinput", "lastinputs", "lastoutput", "colx", "col", "colw", "argmax", "eps", "pe", "target",
    "labels", "lr",
}  # fmt: skip

MOMENTS = {"v", "m"}  # of an optimizer; V is a matrix

# A key in front of the words that mean the same.
SAME = {
    "w": ("weights", "weight", "kernels", "kernel", "filters", "filter", "coefficients", "coef"),
    "b": ("biases", "bias", "intercepts", "intercept"),
    "gamma": ("gammas", "gain", "gains", "scales", "scaler", "scale"),
    "beta": ("betas", "shifts", "shift", "offset"),
    "x": ("inputs", "input", "inp", "inputdata", "datain", "xin", "layerinput", "inputarray"),
}
WHOLE = {"x", "gamma", "beta"}  # these words count only as a whole, `weight` also in `weight_ih`
PARAMETERS = re.compile(
    r"(?:w|b|gamma|beta|u|v|theta|embeddings?|emb|table|alpha|slope)\d*$|[wub]\w?\w?$"
)

CONTAINERS = {"param", "params", "parameter", "parameters", "data", "value", "values", "val",
              "array", "tensor", "theparams", "trainableparams", "trainables", "p"}  # fmt: skip
GRADIENTS = {"grad", "grads", "gradient", "gradients", "g", "dparams", "gradparams", "diff",
             "dgrads", "derivatives", "updates", "deltas", "gradsdict", "dtheta"}  # fmt: skip

# What stands before or after a parameter's name in the name of its gradient.
LOSS = r"(?:loss|cost|error|err|l|j|e|c)"
BEFORE = tuple(
    re.compile(rf"^_*{words}(?=.)", re.IGNORECASE)
    for words in (
        rf"d_?{LOSS}_*(?:_by_|_over_|_wrt_)?_*d_*",
        r"(?:gradients?|grads?)_*(?:(?:of|wrt)_)?",
        r"(?:delta|nabla|del|der|partial|diff|update)_*",
        r"d_*",
        r"g_*",
    )
)
AFTER = tuple(
    re.compile(rf"(?<=.){words}$", re.IGNORECASE)
    for words in (
        r"_*(?:gradients?|grads?|derivatives?|updates?|delta|diff)",
        rf"_+d_*{LOSS}",
        r"_[dg]",
    )
)


def key(name: str) -> str:
    """What a name means: `weights_1`, `W1` and `kernel1` all come to w1."""
    plain = re.sub(r"[_\s]", "", str(name)).lower()
    for short, words in SAME.items():
        for word in words:
            rest = plain.removeprefix(word)
            if plain.startswith(word) and (short not in WHOLE or not rest or rest.isdigit()):
                return short + rest
    return plain


def plain(name: str) -> str:
    """A name without capitals and underscores."""
    return name.replace("_", "").lower()


def readings(name: str) -> tuple[str, ...]:
    """What a name is the gradient of, if it is one: `dLdW` of W, or of LdW; closest first."""
    before = [name[match.end() :] for p in BEFORE if (match := p.search(name))]
    after = [name[: match.start()] for p in AFTER if (match := p.search(name))]
    both = [shorter for word in after for shorter in readings(word)]  # dW_dL
    return tuple(dict.fromkeys([*before, *after, *both]))


def means(gradient: str, name: str) -> int:
    """How well the name of a gradient fits that of an input: 2 as written, 1 by key, 0 not."""
    words = readings(gradient)
    if name in words:
        return 2
    return int(key(name) in {key(word) for word in words})


def first(wanted: Iterable[str], there: Iterable[str]) -> str | None:
    """The first of the wanted names that is there."""
    present = set(there)
    return next((name for name in wanted if name in present), None)


def is_parameter(name: str) -> bool:
    """Whether something of this name is usually trained."""
    return not is_kept(name) and bool(PARAMETERS.match(key(name)))


def is_kept(name: str) -> bool:
    """Whether something of this name is usually a statistic, a cache or a copy of an input."""
    return bool(STATISTICS.search(name.lower())) or plain(name) in KEPT or name in MOMENTS
