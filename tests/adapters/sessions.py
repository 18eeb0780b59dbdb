"""What tests of adapters share: a file of someone's, loaded, and its gradients compared."""

import textwrap

import numpy as np

from gradcheck.checks.adapters.importing import import_file
from gradcheck.checks.adapters.request import Request

STEP, CLOSE = 1e-5, 1e-6  # plain central differences of smooth functions of order one


def request(folder, source, name, **given):
    """What is asked of a convention for `name` in a file of this source."""
    path = folder / "theirs.py"
    path.write_text("import numpy as np\n\n" + textwrap.dedent(source))
    module, _ = import_file(path)
    return Request(getattr(module, name), name, module, **given)


def wrong(function, seed=0):
    """The inputs whose gradient does not fit the differences, in a session of its own each."""
    rng = np.random.default_rng(seed)
    inputs = {name: array.copy() for name, array in function.inputs.items()}
    session = function.start()
    output = np.asarray(session.forward(copies(inputs)))
    cotangent = rng.standard_normal(output.shape) if function.takes_cotangent else np.ones(())
    returned = session.backward(cotangent.copy())
    gradients = returned if isinstance(returned, dict) else dict(zip(inputs, returned, strict=True))

    def loss(name, entry, step):
        moved = copies(inputs)
        moved[name][entry] += step
        return np.sum(cotangent * np.asarray(function.start().forward(moved)))

    def fits(name):
        numerical = np.zeros(inputs[name].shape)
        for entry in np.ndindex(numerical.shape):
            ends = loss(name, entry, STEP) - loss(name, entry, -STEP)
            numerical[entry] = ends / (2 * STEP)
        got = np.asarray(gradients[name])
        return got.shape == numerical.shape and np.allclose(got, numerical, CLOSE, CLOSE)

    return [name for name in function.differentiable if not fits(name)]


def copies(arrays):
    """Arrays to give away."""
    return {name: array.copy() for name, array in arrays.items()}
