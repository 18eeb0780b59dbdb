"""One formula, many faces: Unicode text and LaTeX, in index and in matrix notation.

What an author wrote is printed in its order; `tidy` first puts what SymPy made into an order
that a person would write.
"""

from gradcheck.derivations.forms.latex import (
    definition_latex,
    latex,
    matrix_latex,
    shape_latex,
    where_latex,
)
from gradcheck.derivations.forms.order import tidy
from gradcheck.derivations.forms.proofs import proof_text
from gradcheck.derivations.forms.text import (
    definition_text,
    matrix_text,
    shape_text,
    text,
    where_text,
)

__all__ = [
    "definition_latex",
    "definition_text",
    "latex",
    "matrix_latex",
    "matrix_text",
    "proof_text",
    "shape_latex",
    "shape_text",
    "text",
    "tidy",
    "where_latex",
    "where_text",
]
