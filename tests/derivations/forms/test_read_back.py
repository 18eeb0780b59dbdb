"""Text and LaTeX of every formula of every layer, read back and compared.

The readers below know the grammar that the forms promise, and nothing of how they are printed.
"""

import operator
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st
from layers.which import READ_BACK
from sympy import (
    Add,
    Function,
    Idx,
    Indexed,
    KroneckerDelta,
    Mul,
    Rational,
    S,
    Sum,
    Symbol,
    exp,
    nan,
    sqrt,
    zoo,
)

import gradcheck.derivations
from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.functions import absolute
from gradcheck.derivations.calculus.terms import Bracket, D, Setting, entry_of, name_of, plain
from gradcheck.derivations.forms import latex, matrix_text, text, tidy
from gradcheck.derivations.forms.names import function_latex, name_latex
from gradcheck.derivations.notation import (
    Formula,
    axis,
    bracket,
    cos,
    delta,
    diag,
    ones,
    sign,
    sin,
    size,
    softplus,
    tanh,
    tensor,
)
from gradcheck.derivations.notation import Sum as Total
from gradcheck.derivations.notation import absolute as magnitude
from gradcheck.derivations.notation.formula import ElementwiseFunction
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

    def indicator(self):
        """[u ≤ t]"""
        if self.take(rf"\[(?=[^\]]* {self.at_most} )"):
            low, _ = self.index(), self.need(f" {self.at_most} ")
            high, _ = self.index(), self.need(r"\]")
            return Bracket(low, high)
        return None

    def bars(self):
        """|x|: a bar closes where an operand has ended, or else opens."""
        return absolute(self.bracketed(r"\|")) if self.take(r"\|") else None

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
    minus, between, index_dot, at_most = "−", r" · | (?![+−/=])", "·", "≤"
    sigma, close = "Σ", r"\]"

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
            base = base ** int(power[0].translate(DIGITS))
        if self.take(r"\^"):
            base = base ** self.base()
        return base / self.factor() if self.take("/") else base

    def base(self):
        if number := self.take(r"\d+(\.\d+)?(e-\d+)?"):
            return Rational(number[0]) if number[0].isdigit() else float(number[0])
        if self.take(r"\("):
            return self.bracketed()
        if self.take("√"):
            return sqrt(self.base())
        if sign := self.take("∂⁺?"):
            of, _ = self.base(), self.need("/∂")
            return D(of, self.base(), name_of(of) if sign[0] == "∂⁺" else None)
        if self.take(r"δ\("):
            return KroneckerDelta(*self.indices(until=r"\)"))
        if pair := self.take(f"δ_({LETTER})({LETTER})"):
            return KroneckerDelta(*(self.letters[letter] for letter in pair.groups()))
        return self.indicator() or self.bars() or self.name()


class MatrixReader(TextReader):
    """Builds a matrix expression anew; side by side is the matrix product."""

    def __init__(self, source, like, setting):
        super().__init__(source, like)
        self.matrices = {name: tensor(name, *own) for name, own in setting.indices.items()}

    def terms(self):
        total = self.term()
        while sign := self.take(" ([+−]) "):
            total = total + self.product() if sign[1] == "+" else total - self.product()
        return total

    def product(self):
        limits = self.sum_sign()
        if limits:
            self.need(" ")
            return Total(self.product(), *limits[::-1])
        result = self.factor()
        if self.take(" ⊙ "):
            result = result * self.factor()
            while self.take(" ⊙ "):
                result = result * self.factor()
            return result
        while self.take(self.between):
            last = self.product() if self.source.startswith("Σ", self.at) else self.factor()
            result = result @ last if hasattr(result, "matrix") else result * last
        return result

    def factor(self):
        base = super().factor()
        return base.T if self.take("ᵀ") else base

    def name(self, inside_index=False):
        if self.take(r"diag\("):
            return diag(self.bracketed())
        if entry := self.take(r"(\w+)\["):
            return self.matrices[entry[1]][tuple(self.indices(until=r"\]"))]
        if function := self.one_of(self.functions):
            return ElementwiseFunction(function)(self.bracketed())
        return super().name(inside_index) if inside_index else self.one_of(self.matrices)

    def base(self):
        if size_of_ones := self.take(r"1_([^\Wᵀ]+)"):
            sizes = {str(size(i)): i for i in self.letters.values()}
            return ones(sizes[size_of_ones[1]])
        return super().base()


class LatexReader(Reader):
    minus, between, at_most = "-", r" \\cdot | (?![+\-=])", r"\\le"
    index_dot = r" (?!\\le)"
    sigma, close = r"\\sum", r"\}"

    def prepared(self, source):
        return re.sub(r"\\(left|right)(?=[()|])", "", source)

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
        if sign := self.take(r"\\frac\{\\partial(\^\{\+\})? "):
            of, _ = self.bracketed("}"), self.need(r"\{\\partial ")
            return D(of, self.bracketed("}"), name_of(of) if sign[1] else None)
        if self.take(r"\\frac\{"):
            over, _ = self.bracketed("}"), self.need(r"\{")
            return over / self.bracketed("}")
        if self.take(r"\\delta_\{"):
            return KroneckerDelta(*self.indices(until=r"\}"))
        if self.take(r"e\^\{"):
            return exp(self.bracketed("}"))
        return self.indicator() or self.bars() or self.name()

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


t, u = axis("T", "t u")
(k,) = axis("K", "k")
v = Idx("v", (0, size(t).expr + size(k).expr - 2))  # as long as T windows of K entries reach
X, q = tensor("X", t), tensor("q", k)
WINDOW = {
    "a triangular sum": Total(X[u], (u, 0, t)),
    "a triangular sum without the last": Total(X[u] * X[t - u], (u, 0, t - 1)),
    "a bracket": X[u] * bracket(u, t),
    "a bracket with offsets": bracket(u + 1, t - 1) * X[u],
    "a bracket in a sum": Total((1 - bracket(u, t)) * X[u], u),
    "a square of a bracket": bracket(u, t) ** 2,
    "a window": Total(Formula(entry_of("x", [t + k])) * q[k], k),
    "a window with a stride": Total(Formula(entry_of("x", [2 * t + k])) * q[k], k),
    "a window backwards": Total(Formula(entry_of("x", [u - k])) * q[k], k),
    "a size that is an expression": Total(1 / size(v) * Formula(entry_of("x", [v])), v),
    "a delta in a window": Total(q[k] * delta(t + k, v), k),
    "an absolute value": magnitude(X[t]) * magnitude(X[u] - X[t]),
    "absolute values in each other": magnitude(magnitude(X[t]) * magnitude(X[u])) ** 2,
    "an absolute value of a sum": magnitude(Total(X[t], t)),
    "the other functions": sign(X[t]) * softplus(X[t]) * sin(X[t]) * cos(X[t]),
}

LAYERS = {n: layer for n, layer in layers() if n.replace(" ", ".") in READ_BACK}
FORMULAS = {f"{name}: {what}": e for name, layer in LAYERS.items() for what, e in formulas(layer)}
FORMULAS |= {what: formula.expr for what, formula in WINDOW.items()}
FORMULAS |= {f"tidied {what}": tidy(plain(e.expr), (t, u)) for what, e in WINDOW.items()}


@pytest.mark.parametrize("expr", FORMULAS.values(), ids=FORMULAS.keys())
def test_text_reads_back(expr):
    assert plain(TextReader(text(expr), like=expr).whole()) == plain(expr)


@pytest.mark.parametrize("expr", FORMULAS.values(), ids=FORMULAS.keys())
def test_latex_reads_back(expr):
    assert plain(LatexReader(latex(expr), like=expr).whole()) == plain(expr)


MATRICES = {
    f"{name}: by {d.input}": (layer, d)
    for name, layer in LAYERS.items()
    for d in layer.derivations
    if d.matrix is not None
}


@pytest.mark.parametrize(("layer", "derivation"), MATRICES.values(), ids=MATRICES.keys())
def test_matrix_text_reads_back(layer, derivation):
    source, entry = matrix_text(derivation.matrix), derivation.matrix_entry
    again = MatrixReader(source, entry, layer.setting).whole().matrix()
    verdict = Comparer(layer.setting).compare(entry, replace(derivation, matrix=again).matrix_entry)
    assert verdict.holds, verdict.reason


n, i = axis("N", "n i")
(m,) = axis("M", "m")
W, x, b, a, p = tensor("W", n, m), tensor("x", m), tensor("b", n), tensor("a"), tensor("p")
COMPARER = Comparer(Setting({t.name: t.indices for t in (W, x, b, a, p)}))
NUMBERS = [Formula(S(number)) for number in (1, 2, 3)]
LEAVES = [W[n, m], x[m], b[n], a, p, p + delta(n, i), *NUMBERS]
VANISHING = [bracket(n, i), bracket(i, n - 1), delta(n, i + 1)]  # no divisors


def without_zeros(part):
    """Formulas made of smaller ones, which nothing makes vanish: 0/0 would test nothing."""
    return (
        st.builds(operator.add, part, part)
        | st.builds(operator.mul, part, part)
        | st.builds(operator.truediv, part, part)
        | st.builds(operator.pow, part, st.sampled_from([-2, -1, 2, 3]))
        | st.builds(tanh, part)
        | st.builds(Total, part, st.sampled_from([n, m, (m, 0, 1)]))
    )


def compounds(part):
    """Formulas made of smaller ones."""
    return (
        st.builds(operator.add, part, part)
        | st.builds(operator.sub, part, part)
        | st.builds(operator.mul, part, part)
        | st.builds(operator.neg, part)
        | st.builds(operator.truediv, part, DIVISORS)
        | st.builds(operator.truediv, part, DIVISORS.map(operator.neg))
        | st.builds(operator.pow, part, st.sampled_from([2, 3]))
        | st.builds(tanh, part)
        | st.builds(magnitude, part)
        | st.builds(Total, part, st.sampled_from([n, m, (m, 0, 1)]))
    )


DIVISORS = st.recursive(st.sampled_from(LEAVES), without_zeros, max_leaves=4)
ANY_FORMULA = st.recursive(st.sampled_from([*LEAVES, *VANISHING]), compounds, max_leaves=6)


def assert_equal(left, right):
    assume(not right.has(nan, zoo))
    verdict = COMPARER.compare(left, right)
    assume(verdict.status is not Status.UNREADABLE)  # too large, or a division by zero
    assert verdict.holds, verdict.reason


@pytest.mark.parametrize(("form", "reader"), [(text, TextReader), (latex, LatexReader)])
@given(formula=ANY_FORMULA)
def test_any_formula_reads_back(form, reader, formula):
    printed = form(formula)
    note(printed)
    assert_equal(formula.expr, reader(printed, like=formula.expr).whole())


@given(formula=ANY_FORMULA)
def test_any_formula_can_be_tidied(formula):
    assert_equal(formula.expr, tidy(plain(formula.expr), first=(n,)))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("a (b[n] + p)", "a b[n] + p"), ("a − (b[n] − p)", "a − b[n] − p"), ("1 / a²", "(1 / a)")],
)
def test_a_missing_bracket_would_be_noticed(right, wrong):
    like = a * b[n] + p
    right, wrong = (TextReader(source, like.expr).whole() for source in (right, wrong))
    assert not COMPARER.compare(right, wrong).holds
