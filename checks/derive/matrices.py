"""The left side of a gradient in matrix notation: `dW`, or `dx[t]` where slices have the form."""

from gradcheck.checks.derive.result import Equation
from gradcheck.derivations.calculus.terms import name_of
from gradcheck.derivations.forms import matrix_text


def matrix_equation(equation: Equation) -> str:
    """`dW = dYᵀ X`; empty if there is no matrix form."""
    if equation.matrix is None:
        return ""
    fixed = ",".join(map(str, equation.sliced_by))
    name = name_of(equation.left) + (f"[{fixed}]" if fixed else "")
    return f"{name} = {matrix_text(equation.matrix)}"
