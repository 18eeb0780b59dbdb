"""`--json`: one object, documented in docs/json.md, the same for the same input."""

import json
from typing import Any

from gradcheck import __version__
from gradcheck.checks.derive.matrices import matrix_equation
from gradcheck.checks.derive.result import ClaimResult, Derived, Equation, Gradient, Link
from gradcheck.checks.report.machine import mistake_object, verdict_object
from gradcheck.checks.verdict import StepCheck
from gradcheck.derivations.forms import definition_text, latex, shape_text, text

SCHEMA = 1


def as_json(derived: Derived) -> str:
    """The derivation as JSON."""
    problem = derived.problem
    content = {
        "schema": SCHEMA,
        "gradcheck": __version__,
        "ok": derived.ok,
        "forward": [definition_text(d) for d in problem.forward],
        "named": [definition_text(d) for d in derived.named],
        "output": problem.output.name,
        "inputs": {t.name: _input(t) for t in problem.inputs},
        "parameters": list(problem.parameters),
        "facts": [fact.text for fact in problem.facts],
        "lemmas": [_step(step) for step in derived.lemmas],
        "intermediates": [_equation(each) for each in derived.intermediates],
        "gradients": [_gradient(gradient) for gradient in derived.gradients],
        "backward": derived.backward or None,
        "claims": [_claim(claim) for claim in derived.claims],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _input(tensor: Any) -> dict[str, Any]:
    return {
        "shape": shape_text(tensor.indices),
        "positive": tensor.positive,
        "padded": tensor.padded,
        "integers_below": None if tensor.integer is None else shape_text((tensor.integer,)),
    }


def _gradient(gradient: Gradient) -> dict[str, Any]:
    return {
        "input": gradient.input,
        "shape": gradient.shape,
        "steps": [_step(step) for step in gradient.steps],
        "jacobian": _equation(gradient.jacobian),
        "gradient": _equation(gradient.result),
    }


def _equation(equation: Equation) -> dict[str, Any]:
    return {
        "left": text(equation.left),
        "right": text(equation.right),
        "latex": f"{latex(equation.left)} = {latex(equation.right)}",
        "verdict": verdict_object(equation.verdict),
        "matrix": matrix_equation(equation) or None,
        "numpy": equation.code or None,
    }


def _step(step: StepCheck) -> dict[str, Any]:
    return {
        "chain": step.chain,
        "step": step.step,
        "left": text(step.left),
        "right": text(step.right),
        "reason": step.reason,
        "verdict": verdict_object(step.verdict),
    }


def _claim(result: ClaimResult) -> dict[str, Any]:
    mistake = result.claim.mistake
    return {
        "claim": str(result.claim),
        "status": result.status.value,
        "holds": result.holds,
        "mistake": mistake
        and {
            "message": mistake.problem,
            "advice": mistake.advice,
            "line": mistake.line,
            "column": mistake.column,
        },
        "links": [_link(link) for link in result.links],
    }


def _link(link: Link) -> dict[str, Any]:
    return {
        "left": text(link.left),
        "right": text(link.right),
        "verdict": verdict_object(link.verdict),
        **mistake_object(link.left, link.mistake, link.remarks),
    }
