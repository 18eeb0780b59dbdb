"""Names of tensors, indices and functions in LaTeX: σ² is \\sigma^{2}, W_hx is W_{hx}."""

import re
import unicodedata

_SMALL = (
    "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
    " upsilon varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
GREEK = dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", _SMALL.split(), strict=True))
ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot"}
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
OPERATORS = {"exp", "log", "tanh", "sin", "cos", "max", "min"}  # those that LaTeX knows by name

# stem, accent, primes, superscript, subscript
_NAME = re.compile(rf"([^\W\d_{SUPERSCRIPTS}]+)([\u0300-\u036f]?)(′*)([{SUPERSCRIPTS}]*)_?(\w*)")


def name_latex(name: str) -> str:
    """A name as it stands alone: x1 is x_{1}."""
    return _spelled(name, "mathrm")


def function_latex(name: str) -> str:
    """A name before its argument: \\tanh, f', \\operatorname{relu}."""
    return f"\\{name}" if name in OPERATORS else _spelled(name, "operatorname")


def _spelled(name: str, upright: str) -> str:
    found = _NAME.fullmatch(unicodedata.normalize("NFD", name))
    if found is None:
        return f"\\{upright}{{{name}}}"
    stem, accent, primes, power, below = found.groups()
    core = f"\\{GREEK[stem]}" if stem in GREEK else stem
    if len(stem) > 1:
        core = f"\\{upright}{{{stem}}}"
    if accent:
        core = f"\\{ACCENTS[accent]}{{{core}}}"
    core += "'" * len(primes)
    core += f"^{{{unicodedata.normalize('NFKC', power)}}}" if power else ""
    if len(stem) > 1 and len(below) > 1 and stem not in GREEK:
        below = f"\\mathrm{{{below}}}"  # running_mean, of two words
    return core + (f"_{{{below}}}" if below else "")
