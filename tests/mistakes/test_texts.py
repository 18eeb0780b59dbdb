"""The texts about mistakes: every example is run, and is wrong and right as it says."""

import ast
from types import SimpleNamespace

import numpy as np
import pytest
from mistakes.planted import Layer, evidence, jacobian
from source import ROOT

from gradcheck.checks.layers import UsageError
from gradcheck.checks.mistakes.diagnose import diagnose
from gradcheck.checks.mistakes.explain import as_markdown, codes, explain

EXAMPLES = [pytest.param(code, id=code.word) for code in codes()]
COMPLEX = "conjugate"
WITH_A_GRADIENT = [p for p in EXAMPLES if p.values[0].example.of and p.values[0].word != COMPLEX]
OF_THE_OUTPUT = [param for param in EXAMPLES if not param.values[0].example.of]

# What shows if the wrong lines are run: of all other codes, a gradient with wrong values.
SHOWS = {
    "raises": {"raises"},
    "missing-gradient": {"missing"},
    "extra-gradient": {"extra"},
    "shape": {"shape"},
    "kept-axis": {"shape"},
    "missing-sum": {"shape"},
    "dtype": {"dtype"},
    "integer-gradient": {"dtype", "value"},
    "not-finite": {"value"},
    "mutates-input": {"input changed"},
    "mutates-cotangent": {"cotangent changed"},
    "aliases": {"shared memory"},
    "nondeterministic": {"differs when repeated", "value"},
    "stale-cache": {"old"},
    "accumulates": {"differs when repeated"},
}
# Explained by the search as well: what it can see in one gradient at one point.
NOT_IN_ONE_GRADIENT = {
    "raises", "missing-gradient", "extra-gradient", "dtype", "not-finite", "mutates-input",
    "mutates-cotangent", "aliases", "nondeterministic", "stale-cache", "accumulates", "nonlinear",
    "shape", "kink", "conjugate",
}  # fmt: skip
EXPLAINED = [p for p in WITH_A_GRADIENT if p.values[0].word not in NOT_IN_ONE_GRADIENT]


def drawn(given, seed):
    """The arrays of an example: a tuple is a shape, anything else a value."""
    rng = np.random.default_rng(seed)
    pairs = [item.split(": ", 1) for item in given.split("; ")]
    values = {name: ast.literal_eval(text) for name, text in pairs}
    return {
        name: rng.normal(size=value) if isinstance(value, tuple) else np.array(value)
        for name, value in values.items()
    }


def run(lines, forward, inputs, dy, cache):
    """All names after the lines were run."""
    names = {"np": np, "dy": dy, "cache": cache} | inputs
    names["y"] = output(forward, inputs)
    exec(lines, names)  # noqa: S102 -- the examples of our own texts
    return names


def output(forward, inputs):
    return np.asarray(eval(forward, {"np": np} | inputs))  # noqa: S307 -- the same


def truth(example, inputs, dy):
    """The right gradient, by differences."""
    full = jacobian(lambda v: output(example.forward, inputs | {example.of: v}), inputs[example.of])
    return np.tensordot(dy, full.value, dy.ndim)


def gradient(example, lines, inputs, dy, cache=None):
    names = run(lines, example.forward, inputs, dy, {} if cache is None else cache)
    return np.asarray(names[f"d{example.of}"])


def shows(example, lines):
    """What there is to see when the lines are run."""
    inputs, later = drawn(example.given, 1), drawn(example.given, 2)
    rng = np.random.default_rng(3)
    dy = rng.normal(size=output(example.forward, inputs).shape)
    before = SimpleNamespace(dy=dy.copy(), inputs={k: v.copy() for k, v in inputs.items()})
    cache = {}
    try:
        names = run(lines, example.forward, inputs, dy, cache)
    except ValueError:
        return {"raises"}
    if f"d{example.of}" not in names:
        return {"missing"}
    found = np.asarray(names[f"d{example.of}"])
    allowed = {"np", "y", "dy", "cache", "__builtins__"} | set(inputs) | {f"d{k}" for k in inputs}
    made = {name for name in names if name.startswith("d") and len(name) > 2}
    seen = {
        "extra": bool({"dscale"} & made - allowed),
        "input changed": any(not np.array_equal(inputs[k], v) for k, v in before.inputs.items()),
        "cotangent changed": not np.array_equal(dy, before.dy),
        "shared memory": any(np.shares_memory(found, a) for a in (dy, *inputs.values())),
        "dtype": found.dtype != before.inputs[example.of].dtype,
    }
    inputs, dy = before.inputs, before.dy
    same = {k: v.copy() for k, v in inputs.items()}
    right = truth(example, inputs, dy)
    seen["shape"] = found.shape != right.shape
    repeated = gradient(example, lines, same, dy.copy(), cache)
    seen["differs when repeated"] = not np.array_equal(repeated, found, equal_nan=True)
    seen["value"] = not seen["shape"] and not np.allclose(found, right, 1e-7, 1e-8)
    if not any(seen.values()):
        again = gradient(example, lines, later, dy.copy(), cache)
        seen["old"] = not np.allclose(again, truth(example, later, dy), 1e-7, 1e-8)
    return {word for word, there in seen.items() if there}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("code", WITH_A_GRADIENT)
def test_the_wrong_lines_show_the_mistake(code):
    assert shows(code.example, code.example.wrong) == SHOWS.get(code.word, {"value"})


@pytest.mark.parametrize("code", WITH_A_GRADIENT)
def test_the_right_lines_show_nothing(code):
    kinked = {"value"} if code.word == "kink" else set()
    assert shows(code.example, code.example.right) == kinked


@pytest.mark.parametrize("code", OF_THE_OUTPUT)
def test_the_wrong_output_differs(code):
    inputs = drawn(code.example.given, 1)
    expected = output(code.example.forward, inputs)
    right, wrong = (
        run(lines, code.example.forward, inputs, 0, {})["y"]
        for lines in (code.example.right, code.example.wrong)
    )
    assert np.array_equal(right, expected)
    assert not np.array_equal(wrong, expected)


@pytest.mark.parametrize("code", EXPLAINED)
def test_the_search_explains_the_example(code):
    example = code.example
    inputs = drawn(example.given, 1)

    def backward(lines, of):
        return lambda dy, **inputs: np.asarray(
            run(lines, example.forward, inputs, dy, {})[f"d{of}"]
        )

    names = run(
        example.wrong, example.forward, inputs, np.ones_like(output(example.forward, inputs)), {}
    )
    others = {k: backward(example.wrong, k) for k in inputs if f"d{k}" in names}
    layer = Layer(lambda **inputs: output(example.forward, inputs), others, inputs)
    found = diagnose(evidence(layer, example.of, backward(example.wrong, example.of), True))
    assert (found.code if found else "") == code.word


@pytest.mark.parametrize("code", EXAMPLES)
def test_a_text_is_complete_and_short(code):
    lines = explain(code.word).splitlines()
    assert lines[0] == f"{code.word}: {code.title}"
    assert len(lines) <= 32
    assert max(map(len, lines)) <= 100
    assert all(text.strip().endswith(".") for text in (code.meaning, code.cause, code.fix))


def test_the_conjugate_is_right_by_the_stated_convention():
    (example,) = (code.example for code in codes() if code.word == COMPLEX)
    inputs = drawn(example.given, 1)
    dy, u = np.array([1 - 2j, 3 + 1j]), np.array([0.3 + 1j, -2 + 0.7j])
    change = output(example.forward, inputs | {"x": inputs["x"] + u}) - output(
        example.forward, inputs
    )
    slope = (dy.conj() * change).sum().real
    right, wrong = (gradient(example, at, inputs, dy) for at in (example.right, example.wrong))
    assert np.isclose((right.conj() * u).sum().real, slope)
    assert not np.isclose((wrong.conj() * u).sum().real, slope)


def test_codes_are_different_words():
    words = [code.word for code in codes()]
    assert len(words) == len(set(words)) > 40


def test_an_unknown_code_gets_the_nearest_one():
    with pytest.raises(UsageError, match=r"no code 'facto'; did you mean 'factor'\? the codes are"):
        explain("facto")


def test_a_word_like_no_code_gets_the_list():
    with pytest.raises(UsageError, match="no code 'xyz'; the codes are raises, "):
        explain("xyz")


def test_the_page_is_made_from_the_same_text():
    page = (ROOT / "docs" / "mistakes.md").read_text(encoding="utf-8")
    assert page == as_markdown()
