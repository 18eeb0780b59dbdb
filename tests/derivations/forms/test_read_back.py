"""Text and LaTeX of every formula of every layer, read back and compared.

The readers below know the grammar that the forms promise, and nothing of how they are printed.
"""

import re
from importlib import import_module
from pathlib import Path

import pytest
from sympy import Add, Function, Idx, Indexed, KroneckerDelta, Mul, Rational, Sum, Symbol, exp, sqrt

import gradcheck.derivations
from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.calculus.terms import D, name_of, plain
from gradcheck.derivations.forms import latex, matrix_text, text, tidy
from gradcheck.derivations.forms.names import function_latex, name_latex
from gradcheck.derivations.notation import Formula, diag, ones, tensor
from gradcheck.derivations.notation import Sum as MatrixSum
from gradcheck.derivations.notation.gradients import jacobian, vjp

DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
LETTER = r"[^\W\d_]′*"


class Reader:
    """A cursor in a string, and the meaning of the names in it."""

    def __init__(self, source, like):
        self.source = self.prepared(source)
        self.at = 0
        self.letters = {self.spelled(str(i)): i for i in like.atoms(Idx)}
        self.tensors = {self.opened(name_of(e)): e.base for e in like.atoms(Indexed)}
        self.scalars = {self.spelled(str(a)): a for a in like.atoms(Symbol)}
        self.functions = {self.called(f.func.__name__): f.func for f in like.atoms(Function)}

    def take(self, pattern):
        """The match of a pattern here, or None; the cursor moves behind it."""
        found = re.compile(pattern).match(self.source, self.at)
        self.at = found.end() if found else self.at
        return found

    def need(self, pattern):
        found = self.take(pattern)
        assert found, f"expected {pattern} at {self.source[self.at :]!r} of {self.source!r}"
        return found

    def one_of(self, names):
        """The meaning of the longest of some names that stands here."""
        spelled = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        found = self.take(spelled) if names else None
        return found and names[found[0]]

    def whole(self):
        result = self.terms()
        self.need("$")
        return result

    def terms(self):
        total = [self.term()]
        while sign := self.take(f" ([+{self.minus}]) "):
            product = self.product()
            total.append(product if sign[1] == "+" else -product)
        return Add(*total)

    def term(self):
        return -self.product() if self.take(self.minus) else self.product()

    def product(self):
        """Factors up to the end of the term; a sum takes in all that are left."""
        factors = []
        while True:
            limits = self.sum_sign()
            if limits:
                self.need(" ")
                return Mul(*factors, Sum(self.product(), *limits))
            factors.append(self.factor())
            if self.take(" / "):
                return Mul(*factors) / self.factor()
            if not self.take(self.between):
                return Mul(*factors)

    def index(self):
        """t-1, 2·t+1, y[s]"""
        total = self.index_term()
        while sign := self.take("[+-]"):
            total += self.index_term() * (1 if sign[0] == "+" else -1)
        return total

    def index_term(self):
        number = self.take(r"\d+")
        if number and not self.take(self.index_dot):
            return int(number[0])
        return (int(number[0]) if number else 1) * self.name(inside_index=True)

    def name(self, inside_index=False):
        if tensor := self.one_of(self.tensors):
            return tensor[tuple(self.indices(until=self.close))]
        if function := self.one_of(self.functions):
            return function(self.bracketed())
        names = {**self.scalars, **(self.letters if inside_index else {})}
        found = self.one_of(names)
        assert found is not None, f"no name at {self.source[self.at :]!r} of {self.source!r}"
        return found

    def bracketed(self, close=r"\)"):
        """What stands between brackets, the first of which has been read."""
        inner = self.terms()
        self.need(close)
        return inner

    def sum_sign(self):
        """Limits as SymPy has them, the innermost first."""
        limits = []
        while sign := self.take(rf"(?: (?={self.sigma}))?{self.sigma}_\{{([^=}}]*)(=?)"):
            letters = [self.letters[i] for i in sign[1].split(",")]
            found = [(i, i.lower, i.upper) for i in letters]
            if sign[2]:
                low, _ = self.index(), self.need(r"\}\^\{")
                found = [(*letters, low, self.index())]
            limits = [*found[::-1], *limits]
            self.need(r"\}")
        return limits

    def indices(self, until):
        found = [self.index()]
        while self.take(","):
            found.append(self.index())
        self.need(until)
        return found


class TextReader(Reader):
    minus, between, index_dot, sigma, close = "−", r" · | (?![+−/=])", "·", "Σ", r"\]"

    def prepared(self, source):
        return re.sub(r"Σ_(\w′*)", r"Σ_{\1}", source)

    def spelled(self, name):
        return name

    def opened(self, tensor):
        return f"{tensor}["

    def called(self, function):
        return f"{function}("

    def factor(self):
        base = self.base()
        if power := self.take("[⁰¹²³⁴⁵⁶⁷⁸⁹]+"):
            return base ** int(power[0].translate(DIGITS))
        if self.take(r"\^"):
            return base ** self.base()
        if self.take("/"):
            return base / self.factor()
        return base

    def base(self):
        if number := self.take(r"\d+(\.\d+)?(e-\d+)?"):
            return Rational(number[0]) if number[0].isdigit() else float(number[0])
        if self.take(r"\("):
            return self.bracketed()
        if self.take("√"):
            return sqrt(self.base())
        if self.take("∂"):
            of = self.base()
            self.need("/∂")
            return D(of, self.base())
        if self.take(r"δ\("):
            return KroneckerDelta(*self.indices(until=r"\)"))
        if pair := self.take(f"δ_({LETTER})({LETTER})"):
            return KroneckerDelta(*(self.letters[letter] for letter in pair.groups()))
        return self.name()


class LatexReader(Reader):
    minus, between, index_dot = "-", r" \\cdot | (?![+\-=])", " "
    sigma, close = r"\\sum", r"\}"

    def prepared(self, source):
        return source.replace("\\left(", "(").replace("\\right)", ")")

    def spelled(self, name):
        return name_latex(name)

    def opened(self, tensor):
        name = name_latex(tensor)
        return (f"[{name}]" if "_" in name else name) + "_{"

    def called(self, function):
        return f"{function_latex(function)}("

    def factor(self):
        base = self.base()
        return base ** self.bracketed("}") if self.take(r"\^\{") else base

    def base(self):
        if number := self.take(r"\d+(\.\d+)?"):
            return Rational(number[0]) if number[0].isdigit() else float(number[0])
        if self.take(r"\("):
            return self.bracketed()
        if self.take(r"\\sqrt\{"):
            return sqrt(self.bracketed("}"))
        if self.take(r"\\frac\{\\partial\}\{\\partial "):
            by, _ = self.bracketed("}"), self.need(" ")
            return D(self.base(), by)
        if self.take(r"\\frac\{\\partial "):
            of, _ = self.bracketed("}"), self.need(r"\{\\partial ")
            return D(of, self.bracketed("}"))
        if self.take(r"\\frac\{"):
            over, _ = self.bracketed("}"), self.need(r"\{")
            return over / self.bracketed("}")
        if self.take(r"\\delta_\{"):
            return KroneckerDelta(*self.indices(until=r"\}"))
        if self.take(r"e\^\{"):
            return exp(self.bracketed("}"))
        return self.name()

    def indices(self, until):
        """Letters side by side, or anything between commas."""
        if letters := self.take(rf"((?:[A-Za-z]'*)+){until}"):
            return [self.letters[i] for i in re.findall("[A-Za-z]'*", letters[1])]
        return super().indices(until)


def layers():
    """Every layer that is written down, with its name."""
    for path in sorted(Path(gradcheck.derivations.__file__).parent.glob("[!_]*.py")):
        module = import_module(f"gradcheck.derivations.{path.stem}")
        variants = getattr(module, "layers", None) or {"": module.layer}
        for variant, layer in variants.items():
            yield f"{path.stem} {variant}".strip(), layer


def formulas(layer):
    """Every formula of a layer: written ones as they are, derived ones as they are and tidied."""
    for definition in (*layer.forward, *layer.adjoints):
        yield f"{definition.name} is defined as", definition.rhs
    for derivation in layer.derivations:
        for number, chain in enumerate(derivation.chains, 1):
            for place, expr in enumerate([chain.lhs, *(step.expr for step in chain.steps)]):
                yield f"by {derivation.input}: chain {number} step {place}", expr
        for derive in (jacobian, vjp):
            form = derive(layer, derivation.input)
            for expr in (form.rhs, *(r.rhs for r in form.recursions)):
                yield f"{derive.__name__} by {derivation.input}", expr
                tidied = tidy(expr, layer.output.indices)
                yield f"tidied {derive.__name__} by {derivation.input}", tidied


LAYERS = dict(layers())
FORMULAS = {f"{name}: {what}": e for name, layer in LAYERS.items() for what, e in formulas(layer)}


@pytest.mark.parametrize("expr", FORMULAS.values(), ids=FORMULAS.keys())
def test_text_reads_back(expr):
    assert plain(TextReader(text(expr), like=expr).whole()) == plain(expr)


@pytest.mark.parametrize("expr", FORMULAS.values(), ids=FORMULAS.keys())
def test_latex_reads_back(expr):
    assert plain(LatexReader(latex(expr), like=expr).whole()) == plain(expr)
