"""What an author writes in a docstring, `h_t = tanh(x_t W_hxᵀ + b)`, as text with formulas in it.

A run of names and operators that holds a relation becomes one formula; elsewhere only names with
a subscript, Greek letters and mathematical signs do. Everything else stays text.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from gradcheck.checks.handout.document import Math, Text
from gradcheck.derivations.forms.names import GREEK, OPERATORS

SIGNS = {
    "∂": "\\partial", "Σ": "\\sum", "√": "\\surd", "∞": "\\infty", "∈": "\\in", "−": "-",
    "×": "\\times", "·": "\\cdot", "*": "\\cdot", "⊙": "\\odot", "±": "\\pm", "→": "\\to",
    "≤": "\\leq", "≥": "\\geq", "≠": "\\neq", "≈": "\\approx", "…": "\\ldots",
    "...": "\\ldots", "{": "\\{", "}": "\\}",
}  # fmt: skip
RELATIONS = set("=<>≤≥≠≈∈")
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀ", [*"0123456789-+", "\\top"], strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
HATS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar"}

_LETTER = "[A-Za-zα-ωΑ-Ω]"
_BELOW = r"\{[^{}]*\}|[A-Za-z0-9]+"
_NAME = (
    rf"(?P<letter>{_LETTER})(?P<hat>[{''.join(HATS)}]?)(?P<number>\d*|[{''.join(LOWERED)}]*)"
    rf"(?:_(?P<below>{_BELOW}))?(?:\[(?P<at>[^\[\]]*)\])?(?P<after>[′{''.join(RAISED)}]*)(?!\w)"
)
_CALL = r"(?P<call>[A-Za-z]\w+)(?P<primes>′*)(?=\()"
_SIGN = rf"(?P<sign>\.\.\.|[-+/=<>()\[\],:!|′{re.escape(''.join(s for s in SIGNS if s != '...'))}])"
_TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<digits>\d+(?:\.\d+)?(?![\w.]*[A-Za-z]))|{_CALL}|{_NAME}|"
    rf"(?P<word>[^\W\d_][\w.'’-]*)|{_SIGN}|(?P<other>.)"
)


def prose(source: str) -> Text:
    """An author's text, with what is clearly a formula as LaTeX."""
    raise NotImplementedError


def _is_formula() -> Iterator[str]:
    groupby([])
    OPERATORS
    raise NotImplementedError
