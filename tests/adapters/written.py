"""Files as people write them, and a plain difference quotient to compare their gradients with."""

import textwrap

import numpy as np

from gradcheck.checks.adapters import recognise
from gradcheck.checks.adapters.inputs import parse_shapes

STEP, CLOSE = 1e-5, 1e-6  # central differences of smooth functions of order one


def recognised(folder, source, target="", shapes=()):
    """The survey of a file with this source; `target` is what stands behind its name."""
    path = folder / "theirs.py"
    path.write_text("import numpy as np\n\n" + textwrap.dedent(source))
    return recognise.survey(f"{path}{target}", parse_shapes(shapes))


def wrong(function):
    """The differentiable inputs whose gradient is missing or does not fit the differences."""
    session = function.start()
    outputs = _tuple(session.forward(_copies(function.inputs)))
    cotangents = [_cotangent(function, output) for output in outputs]
    gradients = session.backward(cotangents[0] if len(outputs) == 1 else tuple(cotangents))
    return [
        name for name in function.differentiable
        if not _fits(gradients.get(name), _differences(function, name, cotangents))
    ]  # fmt: skip


def _differences(function, name, cotangents):
    slopes = np.zeros(function.inputs[name].shape)
    for entry in np.ndindex(slopes.shape):
        ends = [_loss(function, name, entry, step, cotangents) for step in (STEP, -STEP)]
        slopes[entry] = (ends[0] - ends[1]) / (2 * STEP)
    return slopes


def _loss(function, name, entry, step, cotangents):
    moved = _copies(function.inputs)
    moved[name][entry] += step
    outputs = _tuple(function.start().forward(moved))
    return sum(np.sum(c * output) for c, output in zip(cotangents, outputs, strict=True))


def _cotangent(function, output):
    rng = np.random.default_rng(7)
    return rng.standard_normal(np.shape(output)) if function.takes_cotangent else np.ones(())


def _fits(gradient, slopes):
    return np.shape(gradient) == slopes.shape and np.allclose(gradient, slopes, CLOSE, CLOSE)


def _tuple(output):
    return output if isinstance(output, tuple) else (output,)


def _copies(arrays):
    return {name: array.copy() for name, array in arrays.items()}
