"""Laws that every layer keeps, among them the ones that are not written yet."""

import dataclasses
import inspect
import os
from importlib import import_module
from math import prod

import numpy as np
import pytest
import sympy
from layers.planting import drawn
from layers.random_point import RandomPoint

from gradcheck.checks import layers, run
from gradcheck.checks.arrays import array_of
from gradcheck.checks.gradient.columns import BALANCE, FACTOR, QUIET
from gradcheck.checks.points import cases, draw, shape_of
from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.calculus.normal.functions import AWAY_FROM_KINKS, LOG_ARGUMENTS
from gradcheck.derivations.calculus.normal.read import POSITIVE_BASES
from gradcheck.derivations.calculus.terms import D, free_indices, indices_of, name_of, size_of
from gradcheck.derivations.notation import jacobian, vjp

PROVED = "PROVED for all sizes"
STEP = FACTOR[2] * QUIET ** BALANCE[2]  # the widest that is taken where there is no more noise
SEEDS = range(50) if os.environ.get("GRADCHECK_LONG") else range(12)
RELATIVE = 1e-12  # both sides are computed from the same formula, with different rounding


@pytest.fixture(scope="module", params=layers.names())
def layer(request):
    return layers.load(request.param)


@pytest.fixture(scope="module")
def points(layer):
    return [draw(layer, case) for case in cases(layer, seed=0, fixed={})]


@pytest.fixture(scope="module")
def report(layer):
    return run.check(layer.name, seed=0).layers[0]


def gradients(layer):
    """The names of the inputs that have a gradient."""
    return [t.name for t in layer.symbolic.differentiable]


def test_there_are_layers():
    assert layers.names()


@pytest.mark.parametrize("file", layers.files(), ids=lambda file: file.name)
def test_both_sides_have_the_same_members(file):
    sides = [
        getattr(import_module(f"gradcheck.{side}.{file.name}"), "layers", {})
        for side in ("derivations", "numeric")
    ]
    assert [tuple(side) for side in sides] == [file.members] * 2


@pytest.mark.parametrize("file", layers.files(), ids=lambda file: file.name)
def test_the_docstring_has_a_summary_and_a_source(file):
    assert file.summary.endswith(".")
    assert file.source.endswith(".")


def test_it_is_right(report):
    assert (report.error, [f.message for f in report.findings if not f.ok]) == ("", [])
    assert report.ok


def test_every_step_holds_and_every_gradient_has_steps(layer, report):
    assert all(is_proof(s.verdict, layer) for s in report.steps)
    assert {s.input for s in report.steps} >= set(gradients(layer))


def test_no_step_has_a_remark(report):
    assert [s.remarks for s in report.steps if s.remarks] == []


def test_the_sizes_in_a_case_are_pairwise_different(layer):
    setting = layer.symbolic.setting
    for case in cases(layer, seed=0, fixed={}):
        free = [case.sizes[name] for name in setting.free_sizes]
        assert len(set(free)) == len(free)
        assert set(case.sizes) == set(setting.sizes)


def test_one_case_has_a_single_axis_of_length_1(layer):
    free = layer.symbolic.setting.free_sizes
    ones = [[case.sizes[name] for name in free].count(1) for case in cases(layer, seed=0, fixed={})]
    assert sorted(ones)[-2:] == [0, 1]


def test_cotangents_are_random_and_differ_from_case_to_case(points):
    cotangents = np.concatenate([p.cotangent.ravel() for p in points if not p.case.at_kink])
    assert np.unique(cotangents).size == cotangents.size
    assert np.abs(cotangents).max() < 1


def test_inputs_are_random(points):
    for point in points[:3]:
        for array in point.arrays.values():
            assert array.dtype.kind == "i" or np.unique(array).size == array.size


def test_a_kink_in_an_input_has_a_case_of_its_own(layer):
    arguments = [argument.atoms(sympy.Indexed) for argument, *_ in layer.symbolic.kinks]
    named = [[name_of(entry) for entry in entries] for entries in arguments]
    of_inputs = [k for k in named if any(k.count(name) == 1 for name in gradients(layer))]
    at_kink = [case.at_kink for case in cases(layer, seed=0, fixed={})]
    assert at_kink.count(True) == bool(of_inputs) + bool(layer.symbolic.ties)


def test_no_step_of_the_differences_reaches_a_kink(layer):
    for point in smooth_points(layer) if layer.symbolic.kinks else ():
        for argument, kink, _ in layer.symbolic.kinks:
            values = np.array(point.evaluator.flat(argument, tuple(free_indices(argument))))
            assert np.abs(values - kink).min() > 2 * STEP * np.abs(values).max()


def test_no_step_of_the_differences_reaches_a_tie(layer):
    for point in smooth_points(layer) if layer.symbolic.ties else ():
        for definition, _ in layer.symbolic.ties:
            letters, places = definition.rhs.letters, definition.indices
            values = point.evaluator.flat(definition.rhs.of, (*places, *letters))
            groups = np.reshape(values, (-1, prod(shape_of(point.evaluator, letters))))
            second, first = np.sort(groups)[:, -2:].T if groups.shape[1] > 1 else (0, np.inf)
            finite = np.abs(groups[np.isfinite(groups)])
            assert np.min(first - second) > 2 * STEP * finite.max()


def test_every_derivation_ends_in_the_gradient(layer):
    for name in gradients(layer):
        derivation = layer.symbolic.derivation_by(name)
        last = derivation.chains[-1]
        assert name_of(last.lhs) == f"d{name}"
        assert indices_of(last.lhs) == indices_of(derivation.wrt)
        assert last.where is None
        assert not last.result.has(D)


def test_the_closed_jacobian_is_the_derivative_of_the_output(layer):
    comparer = Comparer(layer.symbolic.setting)
    for name in gradients(layer):
        closed = jacobian(layer.symbolic, name)
        assert is_proof(comparer.compare(closed.lhs, closed.rhs), layer), name


def test_the_closed_gradient_is_the_written_one(layer):
    for name in gradients(layer):
        closed = vjp(layer.symbolic, name)
        setting = extended(layer.symbolic.setting, closed.recursions)
        written = layer.symbolic.derivation_by(name).chains[-1].result
        verdict = Comparer(setting).compare(closed.rhs, written)
        assert is_proof(verdict, layer), name


def test_closed_forms_have_no_cases(layer):
    for name in gradients(layer):
        for closed in (jacobian(layer.symbolic, name), vjp(layer.symbolic, name)):
            parts = [closed.rhs, *(d.rhs for d in closed.recursions)]
            assert not any(part.has(sympy.Piecewise) for part in parts)


@pytest.mark.parametrize("sizes", [(2, 3, 4, 2), (4, 3, 2, 1)], ids=str)
def test_the_jacobian_is_that_of_dual_numbers(layer, sizes):
    symbolic = layer.symbolic
    at = RandomPoint(symbolic.setting, symbolic.output.name, sizes)
    for name in gradients(layer):
        entry = symbolic.derivation_by(name).wrt
        indices = (*symbolic.output.indices, *indices_of(entry))
        closed = jacobian(symbolic, name)
        wanted = np.array(at.duals.jacobian(symbolic.output.name, name))
        for side in (closed.lhs, closed.rhs):
            found = array_of(at.evaluator, side, indices).astype(float).ravel()
            np.testing.assert_allclose(found, wanted, rtol=RELATIVE, atol=RELATIVE)


def test_numpy_takes_the_inputs_in_order_and_options_with_their_defaults(layer):
    inputs = [(t.name, inspect.Parameter.empty) for t in layer.symbolic.inputs]
    options = [(o.name, o.default) for o in layer.symbolic.options]
    cotangent = (f"d{layer.symbolic.output.name}", inspect.Parameter.empty)
    assert arguments(layer.forward) == inputs + options
    assert arguments(layer.backward) == [cotangent, *inputs, *options]


def test_docstrings_give_every_shape_in_the_letters_of_the_formula(layer):
    symbolic = layer.symbolic
    output, inputs = symbolic.output, symbolic.inputs
    forward, backward = inspect.getdoc(layer.forward), inspect.getdoc(layer.backward)
    for name, indices in [(t.name, t.indices) for t in inputs] + [(output.name, output.indices)]:
        assert described(name, indices) in f" {forward}"
    assert backward.startswith(f"Pull d{output.name}")
    assert described(f"d{output.name}", output.indices) in backward
    for tensor in symbolic.differentiable:
        assert described(f"d{tensor.name}", tensor.indices) in backward


def test_numpy_leaves_its_arguments_alone_and_returns_arrays_of_its_own(layer, points):
    for point in points:
        given = [point.cotangent, *point.arrays.values()]
        kept = [a.copy() for a in given]
        results = [layer.forward(*given[1:], **point.options)]
        results += layer.backward(*given, **point.options)
        assert all(map(np.array_equal, given, kept))
        for k, result in enumerate(results):
            others = given + results[:k]
            assert not any(np.shares_memory(result, other) for other in others)


def test_gradients_are_floating_point_arrays_of_the_shape_of_the_input(layer, points):
    for point in points:
        found = layer.backward(point.cotangent, *point.arrays.values(), **point.options)
        assert isinstance(found, tuple)
        wanted = [(point.arrays[name].shape, np.dtype(float)) for name in gradients(layer)]
        assert [(g.shape, g.dtype) for g in found] == wanted


def smooth_points(layer):
    """Points of many seeds, but for those that sit on a kink or a tie."""
    return (p for seed in SEEDS for p in drawn(layer.name, seed) if not p.case.at_kink)


def is_proof(verdict, layer):
    """Whether it is one for all sizes, and for all values where the layer is smooth.

    A power whose exponent is an option has a logarithm in its derivative.
    """
    proved, *conditions = str(verdict).split(", if ")
    powers = [p for d in layer.symbolic.forward for p in d.rhs.atoms(sympy.Pow)]
    of_options = any(not power.exp.is_number for power in powers)
    allowed = {AWAY_FROM_KINKS} | ({POSITIVE_BASES, LOG_ARGUMENTS} if of_options else set())
    return proved == PROVED and allowed.issuperset(conditions)


def arguments(function):
    """Names and defaults of what a function takes, but for what only a keyword can give."""
    parameters = inspect.signature(function).parameters.values()
    return [(p.name, p.default) for p in parameters if p.kind is not p.KEYWORD_ONLY]


def extended(setting, definitions):
    """The setting with some definitions more."""
    definitions = tuple(definitions)
    return dataclasses.replace(
        setting,
        indices={**setting.indices, **{d.name: d.indices for d in definitions}},
        definitions={**setting.definitions, **{d.name: d for d in definitions}},
    )


def described(name, indices):
    """How a docstring says a shape: ` W (N, M)`, ` b (N,)`, ` L, a number`."""
    axes = [str(size_of(i)) for i in indices]
    return f" {name} ({', '.join(axes)}{',' * (len(axes) == 1)})" if axes else f" {name}, a number"
