"""What an author writes in a docstring, `h_t = tanh(x_t W_hxᵀ + b)`, as text with formulas in it.

Names and operators around an equals sign become one formula; elsewhere only what has a subscript,
a Greek letter or a mathematical sign does. Everything else stays text.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from gradcheck.checks.handout.document import Math, Text
from gradcheck.derivations.forms.names import GREEK, function_latex, name_latex

SIGNS = {
    "∂": "\\partial", "Σ": "\\sum", "√": "\\surd", "∞": "\\infty", "∈": "\\in", "−": "-",
    "×": "\\times", "·": "\\cdot", "⊙": "\\odot", "±": "\\pm", "→": "\\to", "≤": "\\leq",
    "≥": "\\geq", "≠": "\\neq", "≈": "\\approx", "...": "\\ldots", "…": "\\ldots",
    "′": "'", "*": "\\cdot", "|": "\\vert", "{": "\\lbrace", "}": "\\rbrace",
}  # fmt: skip
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀ", [*"0123456789-+", "\\top"], strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
RELATIONS = "=<>≤≥≠≈"
ARTICLES = {"a", "A", "I"}
HATS = "\u0302\u0303\u0304"

_POWER = f"[{''.join(RAISED)}]"
_TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<number>\d+(?:\.\d+)?(?!\w|\.\d))|(?P<call>[A-Za-z][A-Za-z0-9]+′*(?=\()|(?:exp|log|tanh)(?![\w-]))|"
    rf"(?P<letter>[A-Za-z{''.join(GREEK)}][{HATS}]?)(?P<digits>\d*|[{''.join(LOWERED)}]+)"
    rf"(?P<inner>{_POWER}*)(?:_(?P<below>\{{[^{{}}]*\}}|[A-Za-z0-9]+))?"
    rf"(?:\[(?P<at>[^\[\]]*)\])?(?P<primes>′*)(?P<power>{_POWER}*)(?!\w)|"
    rf"(?P<word>[^\W\d_][\w\u0300-\u036f.’'-]*)|(?P<raised>{_POWER}+)|"
    rf"(?P<sign>\.\.\.|[-+/=<>()\[\],{re.escape(''.join(SIGNS).replace('.', ''))}])|(?P<other>.)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A piece of the text; `latex` is empty for what cannot be part of a formula."""

    source: str
    latex: str
    special: bool  # whether it is a formula by itself


def prose(source: str) -> Text:
    """An author's text, with what is clearly a formula as LaTeX."""
    parts: list[str | Math] = []
    runs = [*_runs(decomposed(source))]
    letters = {t.source for run in runs if _is_equation(run) for t in run} - ARTICLES
    for run in runs:
        whole = _is_equation(run)
        for piece in [run] if whole else _words(run):
            before, formula, after = _trimmed(piece)
            latex = "".join(t.latex for t in formula)
            known = len(formula) == 1 and formula[0].source.isalpha() and latex in letters
            is_math = whole or known or any(t.special for t in formula)
            body = Math(" ".join(latex.split())) if is_math else _joined(formula)
            parts += [_joined(before), body, _joined(after)]
    return _merged(parts)


def decomposed(source: str) -> str:
    """Accents as characters of their own, but signs such as ≠ in one piece."""
    whole = unicodedata.normalize("NFC", source)
    return "".join(unicodedata.normalize("NFD", c) if c.isalpha() else c for c in whole)


def _tokens(source: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(source):
        kind, text = found.lastgroup, found.group()
        if kind == "power":  # the last group of a name
            yield _name(found)
        elif kind == "sign":
            yield Token(text, f"{SIGNS[text]} " if text in SIGNS else text, text in "∂√∈×⊙≤≥≠≈′−")
        elif kind == "raised":
            yield Token(text, _raised(text), True)
        elif kind == "call":
            yield Token(text, function_latex(text), False)
        else:
            yield Token(text, text if kind in ("space", "number") else "", False)


def _name(found: re.Match[str]) -> Token:
    letter, digits, inner, below, at, primes, power = found.group(
        "letter", "digits", "inner", "below", "at", "primes", "power"
    )
    power = inner + power
    number = "".join(LOWERED.get(d, d) for d in digits)
    name = letter if letter == "Σ" else unicodedata.normalize("NFC", letter)
    core = "\\sum" if letter == "Σ" else name_latex(name)
    subscript = ",".join(filter(None, [number, (below or "").strip("{}"), _letters(at or "")]))
    latex = core + primes.replace("′", "'") + (f"_{{{subscript}}}" if subscript else "")
    special = bool(below or at or primes or power) or letter[0] in GREEK
    return Token(found.group(), latex + _raised(power) + " " * (latex == core != name), special)


def _letters(subscripts: str) -> str:
    """`n,c` as nc, and `n, y_n` as n,y_{n}."""
    parts = [s.strip() for s in subscripts.split(",")]
    tight = all(len(p) == 1 and p.isalpha() for p in parts)
    return ("" if tight else ",").join("".join(t.latex for t in _tokens(p)) for p in parts)


def _raised(power: str) -> str:
    return f"^{{{''.join(RAISED[c] for c in power)}}}" if power else ""


def _runs(source: str) -> Iterator[list[Token]]:
    """Tokens that could belong to one formula, and those between them one by one."""
    run: list[Token] = []
    depth = 0
    for token in _tokens(source):
        depth += (token.source in "([") - (token.source in ")]")
        if token.latex and not (token.source == "," and depth <= 0):
            run.append(token)
            continue
        yield from ([run] if run else [])
        yield [token]
        run, depth = [], 0
    yield from ([run] if run else [])


def _is_equation(run: list[Token]) -> bool:
    _, inner, _ = _trimmed(run)
    sides = [k for k, token in enumerate(inner) if token.source in RELATIONS]
    return bool(sides) and sides[0] > 0 and sides[-1] < len(inner) - 1


def _words(run: list[Token]) -> Iterator[list[Token]]:
    """The parts of a run between spaces, and the spaces."""
    word: list[Token] = []
    for token in run:
        if token.source.isspace():
            yield from ([word] if word else [])
            yield [token]
            word = []
        else:
            word.append(token)
    yield from ([word] if word else [])


def _trimmed(run: list[Token]) -> tuple[list[Token], list[Token], list[Token]]:
    """A run without spaces, commas and brackets at its ends that have no partner inside."""
    low, high = 0, len(run)
    while low < high:
        inner = run[low:high]
        if inner[0].source.isspace() or inner[0].source in ",)]" or not _closes(inner, "([", ")]"):
            low += 1
        elif (
            inner[-1].source.isspace()
            or inner[-1].source in ",(["
            or not _closes(inner[::-1], ")]", "([")
        ):
            high -= 1
        else:
            break
    return run[:low], run[low:high], run[high:]


def _closes(run: list[Token], opening: str, closing: str) -> bool:
    """Whether the bracket that the run starts with, if it does, is closed within it."""
    if run[0].source not in opening:
        return True
    depth = 0
    for token in run:
        depth += (token.source in opening) - (token.source in closing)
        if depth == 0:
            return True
    return False


def _joined(tokens: list[Token]) -> str:
    return "".join(t.source for t in tokens)


def _merged(parts: list[str | Math]) -> Text:
    """Neighbouring texts as one, without empty ones."""
    merged: list[str | Math] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part:
            merged.append(part)
    return tuple(unicodedata.normalize("NFC", p) if isinstance(p, str) else p for p in merged)
