"""What losses share: their reduction to a number, and members that differ in an argument."""

from functools import partial, update_wrapper

import numpy as np

REDUCTIONS = {"mean": np.mean, "sum": np.sum, "none": np.asarray}


def reduced(losses, reduction):
    """The mean of some losses, their sum, or (`none`) themselves."""
    return REDUCTIONS[reduction](losses)


def share(dL, losses, reduction):
    """What reaches each loss of what is pulled back; `losses` is any array of their shape."""
    return dL / losses.size if reduction == "mean" else dL


def members(forward, backward, **argument):
    """A table of the two passes with each value of an argument: `p={"p1": 1, "p2": 2}`."""
    ((name, values),) = argument.items()
    return {
        member: tuple(update_wrapper(partial(f, **{name: v}), f) for f in (forward, backward))
        for member, v in values.items()
    }


def reductions(forward, backward):
    """A table of the two passes with each reduction."""
    return members(forward, backward, reduction={name: name for name in REDUCTIONS})
