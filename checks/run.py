"""Checking layers: the written steps, the forward values, then the three Jacobians."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from gradcheck.checks import witnesses
from gradcheck.checks.diagnosis import diagnose
from gradcheck.checks.differences import Array
from gradcheck.checks.layers import Layer, LayerError, UsageError, add_folder, load, select
from gradcheck.checks.points import Case, Point, cases, draw
from gradcheck.checks.steps import check_steps
from gradcheck.checks.verdict import (
    Finding,
    LayerReport,
    Outcome,
    Report,
    StepCheck,
    Tolerance,
    estimate_error,
    judge,
)
from gradcheck.derivations.calculus.terms import spanned


def check(
    *layers: str,
    seed: int = 0,
    wrt: Iterable[str] = (),
    sizes: Mapping[str, int] | None = None,
    tolerance: Tolerance | None = None,
    path: str = "",
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Report:
    """Check layers, all of them if none is named.

    layers    names as on the command line: `linear`, `linear.rows`, `conv*`
    seed      of all sizes and values
    wrt       only the gradients by these inputs
    sizes     fixed sizes of axes, in one case instead of the automatic ones
    tolerance allowed differences, beside what the finite differences add for their own error
    path      also look for layers in PATH/derivations and PATH/numeric
    progress  is told how many of how many layers are done and which comes next

    Raises UsageError for a layer, input or axis that does not exist, or a size below 1.
    """
    if path:
        add_folder(path)
    names = select(layers or ["*"])
    loaded = [_load(name) for name in names]
    wanted, fixed, allowed = tuple(wrt), dict(sizes or {}), tolerance or Tolerance()
    _validate([layer for layer in loaded if isinstance(layer, Layer)], wanted, fixed)
    reports = []
    for done, layer in enumerate(loaded):
        if isinstance(layer, LayerReport):
            reports.append(layer)
            continue
        progress(done, len(loaded), layer.name)
        chosen = tuple(
            t.name for t in layer.symbolic.differentiable if not wanted or t.name in wanted
        )
        if chosen:
            reports.append(check_layer(layer, chosen, seed, fixed, allowed))
    progress(len(loaded), len(loaded), "")
    return Report(tuple(reports), (), seed, fixed, allowed, path)


def _load(name: str) -> Layer | LayerReport:
    """The layer, or a report of why it cannot be loaded."""
    try:
        return load(name)
    except LayerError as error:
        return LayerReport(name, "", error=str(error))


def _validate(layers: list[Layer], wrt: tuple[str, ...], sizes: Mapping[str, int]) -> None:
    inputs = {t.name: None for layer in layers for t in layer.symbolic.differentiable}
    axes = {axis: None for layer in layers for axis in layer.symbolic.setting.sizes}
    for name in wrt:
        if name not in inputs:
            raise UsageError(f"--wrt {name}: no such input; there are {', '.join(inputs)}")
    for axis, size in sizes.items():
        if axis not in axes:
            raise UsageError(f"--shape {axis}={size}: no such axis; there are {', '.join(axes)}")
        if size < 1:
            raise UsageError(f"--shape {axis}={size}: a size must be at least 1")


def check_layer(
    layer: Layer, wrt: tuple[str, ...], seed: int, sizes: Mapping[str, int], tolerance: Tolerance
) -> LayerReport:
    """The written steps, and every gradient asked for at every case of the layer."""
    findings: list[Finding] = []
    steps: tuple[StepCheck, ...] = ()
    error = ""
    try:
        steps = check_steps(layer, wrt)
        for case in cases(layer, seed, sizes):
            findings += check_case(layer, draw(layer, case), wrt, tolerance)
    except LayerError as failure:
        error = str(failure)
    setting = layer.symbolic.setting
    return LayerReport(
        name=layer.name,
        summary=layer.summary,
        source=layer.source,
        steps=steps,
        findings=tuple(findings),
        shapes={name: spanned(setting.indices[name]) for name in wrt},
        symbolic=layer.symbolic,
        error=error,
    )


def check_case(
    layer: Layer, point: Point, wrt: tuple[str, ...], tolerance: Tolerance
) -> list[Finding]:
    """The forward values first: if they differ, differences would blame the innocent."""
    forward = _check_forward(layer, point, tolerance)
    if not forward.ok:
        return [forward]
    return [forward, *(_check_gradient(layer, point, name, tolerance) for name in wrt)]


def _check_forward(layer: Layer, point: Point, tolerance: Tolerance) -> Finding:
    expected = witnesses.symbolic_forward(layer, point)
    try:
        got = witnesses.forward(layer, point)
    except witnesses.NumericError as error:
        return Finding(layer.name, "", point.case, Outcome.ERROR, "analytic", str(error))
    if got.shape != expected.shape:
        return _shape_mismatch(layer, "", point.case, got, expected, got.ndim)
    finding = judge(
        layer.name, "", point.case, {"formula": expected, "NumPy": got}, None, tolerance, got.ndim
    )
    if finding.ok:
        return finding
    message = (
        f"the forward formula and {layer.numeric_file} compute different functions: "
        f"{finding.differing} of {finding.entries} values differ"
    )
    return replace(finding, outcome=Outcome.FORWARD, message=message)


def _check_gradient(layer: Layer, point: Point, wrt: str, tolerance: Tolerance) -> Finding:
    """Shape first, with a random cotangent; then the whole Jacobian by all witnesses."""
    case, outer = point.case, point.cotangent.ndim
    try:
        gradient = witnesses.pulled_back(layer, point, wrt, point.cotangent)
        analytic = witnesses.analytic(layer, point, wrt)
        symbolic = witnesses.symbolic(layer, point, wrt)
        if gradient.shape != point.arrays[wrt].shape:
            return _shape_mismatch(layer, wrt, case, analytic, symbolic, outer)
        found = {"symbolic": symbolic, "analytic": analytic}
        if case.at_kink:
            return _judge_at_kink(layer, wrt, case, found, tolerance, outer)
        numerical = witnesses.numerical(layer, point, wrt)
    except witnesses.NumericError as error:
        return Finding(layer.name, wrt, case, Outcome.ERROR, "analytic", str(error))
    found["numerical"] = numerical.value
    finding = judge(layer.name, wrt, case, found, estimate_error(numerical), tolerance, outer)
    if finding.ok and not _linear(analytic, gradient, point.cotangent):
        message = "the analytic gradient is not linear in the cotangent that backward is given"
        return replace(finding, outcome=Outcome.VALUE, odd="analytic", message=message)
    return finding


def _judge_at_kink(
    layer: Layer,
    wrt: str,
    case: Case,
    found: Mapping[str, Array],
    tolerance: Tolerance,
    outer: int,
) -> Finding:
    """Differences mean nothing here: the backward pass must follow the stated convention."""
    finding = judge(layer.name, wrt, case, found, None, tolerance, outer)
    if finding.ok:
        return finding
    conventions = "; ".join(convention for *_, convention in layer.symbolic.kinks)
    message = (
        f"the analytic gradient breaks the convention at the kink ({conventions}) "
        f"in {finding.differing} of {finding.entries} entries"
    )
    return replace(finding, odd="analytic", message=message)


def _linear(analytic: Array, gradient: Array, cotangent: Array) -> bool:
    """Whether a random cotangent gives what the one-at-a-time cotangents add up to."""
    together = np.tensordot(cotangent, analytic, axes=cotangent.ndim)
    return bool(np.allclose(gradient, together, rtol=1e-9, atol=1e-9))


def _shape_mismatch(
    layer: Layer, wrt: str, case: Case, got: Array, expected: Array, outer: int
) -> Finding:
    """A gradient, or for an empty `wrt` an output, of the wrong shape."""
    setting = layer.symbolic.setting
    indices = setting.indices[wrt or layer.symbolic.output.name]
    shapes = [_shape_text(array.shape[outer if wrt else 0 :]) for array in (expected, got)]
    diagnosis = diagnose("analytic", got, expected, outer, case.sizes) if wrt else None
    what = f"d{wrt}" if wrt else "the output"
    message = f"{what} has shape {shapes[1]}, expected {spanned(indices)} = {shapes[0]}"
    return Finding(
        layer.name,
        wrt,
        case,
        Outcome.SHAPE,
        odd="analytic",
        message=message + (f"; {diagnosis.sentence}" if diagnosis else ""),
        expected_shape=f"{spanned(indices)} = {shapes[0]}",
        got_shape=shapes[1],
        diagnosis=diagnosis,
    )


def _shape_text(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "scalar"
