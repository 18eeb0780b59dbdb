"""Checking one layer: the written steps, the forward values, then the three Jacobians."""

from collections.abc import Mapping
from dataclasses import fields, replace

import numpy as np

from gradcheck.checks import witnesses
from gradcheck.checks.gradient.check import Tolerance as GradientTolerance
from gradcheck.checks.gradient.check import check_function
from gradcheck.checks.gradient.finding import Finding, Outcome
from gradcheck.checks.gradient.function import Array
from gradcheck.checks.layers import Layer, LayerError
from gradcheck.checks.mistakes.diagnose import diagnose
from gradcheck.checks.mistakes.evidence import Evidence, Probe
from gradcheck.checks.points import Case, Point, cases, draw
from gradcheck.checks.steps import check_steps
from gradcheck.checks.verdict import LayerFinding, LayerReport, StepCheck, Tolerance, judge
from gradcheck.checks.witnesses import function_of
from gradcheck.derivations.calculus.terms import spanned

UNCOMPARED = "gradients were not compared: differences would be those of another function"
WRONG = (Outcome.DISAGREES, Outcome.APPROXIMATE)


def check_layer(
    layer: Layer, wrt: tuple[str, ...], seed: int, sizes: Mapping[str, int], tolerance: Tolerance
) -> LayerReport:
    """The written steps, and every gradient asked for at every case of the layer."""
    findings: list[LayerFinding] = []
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
) -> list[LayerFinding]:
    """The forward values first: if they differ, differences would blame the innocent.

    Then the two passes are checked as any other code is, and last the three Jacobians.
    """
    forward = _check_forward(layer, point, tolerance)
    if not forward.ok:
        return [forward]
    case = point.case
    checked = check_function(
        function_of(layer, point),
        seed=case.seed,
        wrt=wrt,
        sizes=case.sizes,
        tolerance=GradientTolerance(tolerance.rtol, tolerance.atol),
    )
    told = {finding.input: finding for finding in checked.findings if finding.input}
    about_passes = [_said_of(layer, case, f) for f in checked.findings if not f.input]
    if about_passes and not told:  # the code does not even run
        return [forward, *about_passes]
    try:
        witnesses.returned(layer, point, point.cotangent)
    except witnesses.NumericError as error:
        wrong = Finding("", Outcome.DISAGREES, error.code, str(error))
        return [forward, *about_passes, _said_of(layer, case, wrong)]
    gradients = [
        _check_gradient(layer, point, n, told.get(n, Finding(n, Outcome.AGREES)), tolerance)
        for n in wrt
    ]
    return [forward, *about_passes, *gradients]


def _check_forward(layer: Layer, point: Point, tolerance: Tolerance) -> LayerFinding:
    expected = witnesses.symbolic_forward(layer, point)
    try:
        got = witnesses.forward(layer, point)
    except witnesses.NumericError as error:
        wrong = Finding("", Outcome.DISAGREES, error.code, str(error))
        return _said_of(layer, point.case, wrong)
    if got.shape != expected.shape:
        return _shape_mismatch(layer, point.case, got, expected)
    finding = judge(
        layer.name, "", point.case, {"formula": expected, "NumPy": got}, None, tolerance
    )
    if finding.ok:
        return finding
    message = (
        f"the forward formula and {layer.numeric_file} compute different functions: "
        f"{finding.differing} of {finding.entries} values differ"
    )
    return replace(finding, code="forward", message=message, notes=(UNCOMPARED,))


def _check_gradient(
    layer: Layer, point: Point, wrt: str, told: Finding, tolerance: Tolerance
) -> LayerFinding:
    """The whole Jacobian by all witnesses; `told` is what the check of the two passes says."""
    said = _said_of(layer, point.case, told)
    try:
        analytic = witnesses.analytic(layer, point, wrt)
    except witnesses.NumericError as error:
        wrong = replace(
            said, verdict=Outcome.DISAGREES, code=error.code, message=str(error), odd="analytic"
        )
        return wrong if told.ok else said
    if told.got_shape:
        return said
    found = {"symbolic": witnesses.symbolic(layer, point, wrt), "analytic": analytic}
    if point.case.at_kink:
        return _judge_at_kink(layer, wrt, point.case, found, tolerance)
    found["numerical"], off = witnesses.numerical(layer, point, wrt)
    finding = judge(layer.name, wrt, point.case, found, off, tolerance)
    if finding.verdict in (Outcome.AGREES, Outcome.INCONCLUSIVE):
        return finding if told.ok else said
    if told.verdict in WRONG and finding.odd in ("", "analytic"):
        return _with(finding, told)
    if finding.odd == "symbolic":
        finding = _explained(finding, layer, point, found)
    return _sized(finding)


def _said_of(layer: Layer, case: Case, told: Finding) -> LayerFinding:
    """What was found out about the two passes, as a finding about a layer."""
    common = {field.name: getattr(told, field.name) for field in fields(Finding)}
    if told.got_shape and told.input:
        axes = spanned(layer.symbolic.setting.indices[told.input])
        common["expected_shape"] = f"{axes} = {told.expected_shape}"
    if told.worst is not None:
        names = {"yours": "analytic", "differences": "numerical"}
        values = {names.get(name, name): value for name, value in told.worst.values.items()}
        common["worst"] = replace(told.worst, values=values)
    if told.size:  # both relative, and here all is absolute
        common["error"] = told.error * told.difference / told.size
    odd = "analytic" if told.verdict in WRONG else ""
    return LayerFinding(**common, layer=layer.name, case=case, odd=odd)


def _with(finding: LayerFinding, told: Finding) -> LayerFinding:
    """A comparison of Jacobians, with what is known of the gradient that is wrong.

    Where the numerical Jacobian is too blunt to tell who is right, the slopes along directions do.
    """
    hint = told.hint
    if told.code and not hint and told.verdict is Outcome.DISAGREES:
        hint = told.message  # not about values: the sentence is about something else
    where = f"in {finding.differing} of {finding.entries} entries"
    merged = replace(
        finding,
        verdict=told.verdict,
        odd="analytic",
        code=told.code,
        message=f"the analytic gradient disagrees {where}",
        hint=hint,
        notes=told.notes,
        size=told.size,
    )
    return _sized(merged)


def _sized(finding: LayerFinding) -> LayerFinding:
    """The finding with the whole message: by how much it is wrong, if not by much, and the hint."""
    nearly = finding.verdict is Outcome.APPROXIMATE
    amount = f", by {finding.size:.0e} of its size" if nearly else ""
    hint = f"; {finding.hint}" if finding.hint else ""
    return replace(finding, message=f"{finding.message}{amount}{hint}")


def _explained(
    finding: LayerFinding, layer: Layer, point: Point, found: Mapping[str, Array]
) -> LayerFinding:
    """What the gradient by the closed form looks like, where it is the odd one out."""
    d = point.cotangent
    wrong, right = (np.tensordot(d, found[who], d.ndim) for who in ("symbolic", "numerical"))
    rng = np.random.default_rng(point.case.seed)
    directions = [rng.uniform(-1, 1, right.shape) for _ in range(2)]
    diagnosis = diagnose(
        Evidence(
            name=finding.input,
            inputs=point.arrays,
            output=witnesses.forward(layer, point),
            cotangent=d,
            gradients={finding.input: wrong},
            probes=tuple(Probe(u, float((u * right).sum()), finding.error) for u in directions),
            numerical=right,
            error=finding.error,
            sizes=point.case.sizes,
        )
    )
    if diagnosis is None:
        return finding
    return replace(finding, code=diagnosis.code, hint=diagnosis.sentence)


def _judge_at_kink(
    layer: Layer, wrt: str, case: Case, found: Mapping[str, Array], tolerance: Tolerance
) -> LayerFinding:
    """Differences mean nothing here: the backward pass must follow the stated convention."""
    finding = judge(layer.name, wrt, case, found, None, tolerance)
    if finding.ok:
        return finding
    special = layer.symbolic.ties if case.ties else layer.symbolic.kinks
    conventions = "; ".join(dict.fromkeys(convention for *_, convention in special))
    message = (
        f"the analytic gradient breaks the convention{case.place} ({conventions}) "
        f"in {finding.differing} of {finding.entries} entries"
    )
    return replace(finding, odd="analytic", code="kink", message=message)


def _shape_mismatch(layer: Layer, case: Case, got: Array, expected: Array) -> LayerFinding:
    """An output of the wrong shape."""
    axes = spanned(layer.symbolic.setting.indices[layer.symbolic.output.name])
    wanted, shape = f"{axes} = {expected.shape}", str(got.shape)
    message = f"the output has shape {shape}, expected {wanted}"
    wrong = Finding("", Outcome.DISAGREES, "shape", message, (UNCOMPARED,))
    return _said_of(layer, case, replace(wrong, expected_shape=wanted, got_shape=shape))
