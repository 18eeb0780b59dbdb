"""The derivative of an activation: left out, taken at the wrong variable, or of another function.

If the layer is the activation alone, its derivative is known from the point. If the activation
comes last in a larger layer, the backward pass tells: for a cotangent multiplied by what is
missing it must give the right gradient.
"""

from collections.abc import Iterator

import numpy as np

from gradcheck.checks.mistakes.evidence import Array, Evidence
from gradcheck.checks.mistakes.hypotheses.functions import ACTIVATIONS, Activation
from gradcheck.checks.mistakes.hypotheses.guess import Guess, real

SAME = 1e-9  # relative: two computations of one function
FLOAT32 = 1e-5


def alone(evidence: Evidence) -> Iterator[Guess]:
    """The layer is an activation, entry by entry."""
    if not real(evidence) or evidence.output.shape != evidence.x.shape or not evidence.x.size:
        return
    for function in ACTIVATIONS:
        if _computes(function.value, evidence):
            right = evidence.cotangent * function.by_input(evidence.x)
            for code, said in _instead(function, evidence):
                yield Guess(code, f"{evidence.it} {said}", right)


def saturated(evidence: Evidence) -> Iterator[Guess]:
    """The layer cuts its input off at one or two bounds."""
    x, y, up = evidence.x, evidence.output, evidence.cotangent
    if not real(evidence) or y.shape != x.shape or not 1 < (passes := y == x).sum() < x.size:
        return
    right, wrong, it = up * passes, evidence.wrong, evidence.it
    bounds = {"lower": y > x, "upper": y < x}
    cut = {word: at for word, at in bounds.items() if at.any()}
    if any(np.ptp(y[at]) for at in cut.values()):
        return
    if evidence.same(wrong, up):
        said = f"{it} passes on the cotangent beyond the bounds, where the output is constant"
        yield Guess("missing-activation", said, right)
    for word, at in cut.items():
        if evidence.same(wrong, up * (passes | at)):
            said = f"{it} passes on the cotangent beyond the {word} bound"
            yield Guess("one-sided", said, right)


def last(evidence: Evidence) -> Iterator[Guess]:
    """The layer ends with an activation."""
    y = evidence.output
    if evidence.again is None or y.dtype.kind != "f" or y.size < 2:
        return
    for function in _possible(y):
        if function.by_output is not None:
            derivative = function.by_output(y)
            for code, said, used in _used(function, y):
                mended = evidence.other(evidence.cotangent * derivative / used)
                if mended is not None:
                    yield Guess(code, f"{evidence.it} {said}", mended)


def last_softmax(evidence: Evidence) -> Iterator[Guess]:
    """The layer ends with a softmax."""
    y, up = evidence.output, evidence.cotangent
    if evidence.again is None or y.dtype.kind != "f" or y.ndim < 1 or (y < 0).any():
        return
    for axis in range(y.ndim):
        if y.shape[axis] < 2 or not np.allclose(y.sum(axis=axis), 1, atol=1e-5):
            continue
        right = y * (up - (up * y).sum(axis=axis, keepdims=True))
        mended = evidence.other(right)
        if mended is not None:
            said = f"{evidence.it} lacks the derivative of softmax along axis {axis} of the output"
            yield Guess("missing-activation", said, mended)
        mended = evidence.other(right / (y * (1 - y)))
        if mended is not None:
            said = (
                f"{evidence.it} uses only the diagonal of the Jacobian of softmax, y * (1 - y): "
                f"y * (dy - sum(y * dy)) along axis {axis} of the output matches"
            )
            yield Guess("diagonal", said, mended)


def unlike(evidence: Evidence) -> Iterator[Guess]:
    """The layer is a known activation, and the gradient nothing that is known."""
    if not real(evidence) or evidence.output.shape != evidence.x.shape or evidence.x.size < 2:
        return
    for function in ACTIVATIONS:
        if _computes(function.value, evidence):
            right = evidence.cotangent * function.by_input(evidence.x)
            said = (
                f"{evidence.it} is not the cotangent times the derivative of {function.name}, "
                f"{function.said}"
            )
            yield Guess("wrong-derivative", said, right)


FAMILY = (alone, saturated)
LATE = (last, last_softmax)
LAST = (unlike,)


def _computes(function: object, evidence: Evidence) -> bool:
    """Whether the output is this function of the input."""
    assert callable(function)
    tolerance = SAME if evidence.relative < FLOAT32 else FLOAT32
    few = evidence.x.ravel()[:64].astype(float)
    y = evidence.output.ravel()[:64]
    return bool(np.allclose(function(few), y, tolerance, tolerance))


def _instead(function: Activation, evidence: Evidence) -> Iterator[tuple[str, str]]:
    """What the gradient is instead of the derivative times the cotangent."""
    x, y, up, wrong = evidence.x, evidence.output, evidence.cotangent, evidence.wrong
    missing = f"the derivative of {function.name}, {function.said}, is missing"
    if evidence.same(wrong, up):
        yield "missing-activation", f"is the cotangent as it came in: {missing}"
        return
    if evidence.same(wrong, up * y):
        said = f"has {function.name} itself where its derivative should stand, {function.said}"
        yield "missing-activation", said
        return
    if evidence.same(wrong, function.by_input(x)):
        yield "ignores-cotangent", f"is the derivative of {function.name} without the cotangent"
        return
    for said, slope in _at_the_wrong_variable(function, x, y):
        if evidence.same(wrong, up * slope):
            yield "wrong-variable", said
            return
    for other in ACTIVATIONS:
        if other is not function and evidence.same(wrong, up * other.by_input(x)):
            said = f"is the derivative of {other.name}; the forward pass computes {function.name}"
            yield "approximate", said
            return


def _at_the_wrong_variable(function: Activation, x: Array, y: Array) -> Iterator[tuple[str, Array]]:
    it = f"the derivative of {function.name}"
    said = f"takes {it} at the output; it is meant for the input"
    yield said, function.by_input(y)
    if function.by_output is not None:
        said = f"puts the input into the formula {function.said}, which is meant for the output"
        yield said, function.by_output(x)


def _possible(y: Array) -> Iterator[Activation]:
    """The activations that can have such an output; few, since each costs a backward pass."""
    low, high = float(y.min()), float(y.max())
    named = {function.name: function for function in ACTIVATIONS}
    if low > -1 and high < 1:
        yield named["tanh"]
    if low > 0 and high < 1:
        yield named["sigmoid"]
    if low == 0 < high:
        yield named["relu"]
    if low > 0:
        yield named["exp"]
        yield named["softplus"]
    if -1 < low < 0:
        yield named["elu"]
    if low < 0 < high:
        yield named["leaky relu"]


def _used(function: Activation, y: Array) -> Iterator[tuple[str, str, Array]]:
    """What may stand in the place of the derivative: nothing, or it at the wrong variable."""
    said = f"matches if the cotangent is first multiplied by {function.said}, the derivative of "
    said = f"{said}{function.name}".replace("(x > 0)", "(output > 0)")
    yield "missing-activation", said, np.ones_like(y)
    if function.inverse is not None and function.by_output is not None:
        at = "the output of the activation; it is meant for its input"
        said = f"takes the derivative of {function.name} at {at}"
        yield "wrong-variable", said, function.by_input(y)
        said = f"puts the input of the activation into {function.said}"
        said = f"{said}, the derivative of {function.name} by its output"
        yield "wrong-variable", said, function.by_output(function.inverse(y))
