"""A gradient that is wrong in no known way gets no diagnosis, and odd evidence no error."""

from itertools import product

import numpy as np
import pytest
from layers.tables import row
from mistakes import small as s
from mistakes.planted import evidence

from gradcheck.checks.mistakes.diagnose import diagnose
from gradcheck.checks.mistakes.evidence import Evidence, Probe

LAYERS = [
    s.linear, s.softmax, s.log_softmax, s.norm(0), s.norm(1), s.rms, s.scale, s.embedding, s.rnn,
    s.cumulative, s.conv, s.max_pool, s.average_pool, s.gram, s.three_d,
    s.elementwise(lambda x: np.sin(x) + 0.3 * x, lambda x: np.cos(x) + 0.3),
]  # fmt: skip

# What stands in the place of the right gradient: made of it, of a random linear function of the
# cotangent, and of random numbers.
UNEXPLAINED = [
    row("another linear function of the cotangent", lambda right, other, rng: other),
    row("something added", lambda right, other, rng: right + 0.1 * other),
    row("something small added", lambda right, other, rng: right + 1e-2 * other),
    row("factors", lambda right, other, rng: right * rng.uniform(0.5, 2, right.shape)),
    row("bent", lambda right, other, rng: np.tanh(right + 0.1)),
]  # fmt: skip


@pytest.mark.parametrize("measured", [True, False])
@pytest.mark.parametrize("instead", UNEXPLAINED)
@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_said_without_a_reason(instead, measured, seed):
    said = []
    for layer, sizes in product(LAYERS, (s.UNEQUAL, s.EQUAL)):
        made = layer(**sizes)
        for of, gradient in made.gradients.items():

            def wrong(dy, gradient=gradient, **inputs):
                rng = np.random.default_rng(seed)
                right = np.asarray(gradient(dy, **inputs))
                matrix = rng.normal(size=(right.size, np.size(dy)))
                return instead(right, (matrix @ np.ravel(dy)).reshape(right.shape), rng)

            said.append(diagnose(evidence(made, of, wrong, measured, seed)))
    assert len(said) > 40
    assert said == [None] * len(said)


SHAPES = [(), (1,), (0,), (3,), (1, 4), (2, 3), (2, 1, 3, 2)]


@pytest.mark.parametrize("dtype", [float, np.float32, np.float16, int, complex, bool])
@pytest.mark.parametrize("measured", [True, False])
def test_any_shapes_and_dtypes_are_searched_without_an_error(dtype, measured):
    rng = np.random.default_rng(0)
    codes = set()
    for shape, returned, out in product(SHAPES, SHAPES, SHAPES):
        x, right, y, dy = (np.asarray(rng.normal(size=at)) for at in (shape, shape, out, out))
        wrong = np.asarray(3 * rng.normal(size=returned)).astype(dtype)
        u = np.asarray(rng.normal(size=(2, *shape)))
        inputs = {
            "x": x,
            "label": np.asarray(rng.integers(0, 2, size=shape[:-1])),
            "index": np.asarray(rng.integers(-5, 9, size=out)),
            "W": rng.normal(size=(3, 3)),
            "p": np.array(0.5),
        }
        known = Evidence(
            "x", inputs, y, dy, {"x": wrong, "p": np.array(1.0)},
            tuple(Probe(np.asarray(d), float((d * right).sum()), 1e-10) for d in u),
            numerical=right if measured else None, error=1e-10,
            again=lambda dy, wrong=wrong: {"x": wrong * 2},
            jacobian=lambda out=out, shape=shape: rng.normal(size=out + shape),
        )  # fmt: skip
        found = diagnose(known)
        codes.add(found.code if found else "")
    assert "" in codes
    assert codes <= {"", "zero", "integer-gradient"}


def test_numbers_that_are_not_finite_get_no_diagnosis():
    x = np.ones((3, 2))
    probes = (Probe(x, 1.0, 0.0), Probe(-x, -1.0, 0.0))
    for value in (np.nan, np.inf):
        assert diagnose(Evidence("x", {"x": x}, x, x, {"x": x * value}, probes)) is None


def test_a_backward_pass_that_raises_is_no_obstacle():
    def again(dy):
        raise ZeroDivisionError

    x = np.arange(6.0).reshape(3, 2)
    probes = tuple(Probe(x**k, float((x ** (k + 2)).sum()), 1e-9) for k in (1, 2))
    wrong = np.ones((3, 2))
    assert diagnose(Evidence("x", {"x": x}, x, x, {"x": wrong}, probes, again=again)) is None
