"""Readers of printed formulas, text and LaTeX, for the tests of what is printed.

They know the grammar that the forms promise, and nothing of how they are printed.
"""

import re

from sympy import (
    Add,
    Function,
    Idx,
    Indexed,
    KroneckerDelta,
    Mul,
    Rational,
    Sum,
    Symbol,
    exp,
    pi,
    sqrt,
)

from gradcheck.derivations.calculus.functions import absolute
from gradcheck.derivations.calculus.terms import ArgMax, Bracket, D, name_of
from gradcheck.derivations.forms.names import function_latex, name_latex
from gradcheck.derivations.notation import Sum as Total
from gradcheck.derivations.notation import absolute as magnitude
from gradcheck.derivations.notation import diag, ones, size, tensor
from gradcheck.derivations.notation.formula import ElementwiseFunction
from gradcheck.derivations.notation.matrix import Matrix

DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
LETTER = r"[^\W\d_]′*"


class Reader:
    """A cursor in a string, and the meaning of the names in it."""

    def __init__(self, source, like):
        self.source = self.prepared(source)
        self.at = 0
        self.letters = {self.spelled(str(i)): i for i in like.atoms(Idx)}
        self.tensors = {self.opened(name_of(e)): e.base for e in like.atoms(Indexed)}
        self.scalars = {self.spelled(str(a)): a for a in like.atoms(Symbol)} | {self.pi: pi}
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
            if sign := self.take(self.argmax):
                letters = [self.letters[i] for i in sign[1].split(",")]
                return ArgMax(self.product(), letters[0], *letters)
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
        """A number, a name, or a product of them."""
        product = self.index_factor()
        while self.take(self.index_dot):
            product *= self.index_factor()
        return product

    def index_factor(self):
        if self.take(r"\("):
            total, _ = self.index(), self.need(r"\)")
            return total
        number = self.take(r"\d+")
        return int(number[0]) if number else self.name(inside_index=True)

    def name(self, *, inside_index=False):  # a matrix reader must know where it stands
        if tensor := self.one_of(self.tensors):
            return tensor[tuple(self.indices(until=self.close))]
        if function := self.one_of(self.functions):
            return function(self.bracketed())
        found = self.one_of({**self.scalars, **self.letters})
        assert found is not None, f"no name at {self.source[self.at :]!r} of {self.source!r}"
        return found

    def letter(self, name):
        """A subscript of one letter: an index, or the length of an axis."""
        return self.letters[name] if name in self.letters else self.scalars[name]

    def bracketed(self, close=r"\)"):
        """What stands between brackets, the first of which has been read."""
        inner = self.terms()
        self.need(close)
        return inner

    def grouped(self):
        """(a + b), or one of several letters: (argmax_{k,l} X[k,l])_l"""
        if not self.take(r"\("):
            return None
        inner = self.bracketed()
        if isinstance(inner, ArgMax) and (chosen := self.take(r"_\{?(\w′*)\}?")):
            return ArgMax(inner.of, self.letters[chosen[1]], *inner.letters)
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
    sigma, argmax, close, pi = "Σ", r"argmax_\{(.+?)\} ", r"\]", "π"

    def prepared(self, source):
        return re.sub(r"(Σ|argmax)_(\w′*)", r"\1_{\2}", source)

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
        if self.take(r"\^(?!⊙)"):
            base = base ** self.base()
        return base / self.factor() if self.take("/") else base

    def base(self):
        if number := self.take(r"\d+(\.\d+)?(e-\d+)?"):
            return Rational(number[0])
        if (inner := self.grouped()) is not None:
            return inner
        if self.take("√"):
            return sqrt(self.base())
        if sign := self.take("∂⁺?"):
            of, _ = self.base(), self.need("/∂")
            return D(of, self.base(), name_of(of) if sign[0] == "∂⁺" else None)
        if self.take(r"δ\("):
            return KroneckerDelta(*self.indices(until=r"\)"))
        if pair := self.take(f"δ_({LETTER})({LETTER})"):
            return KroneckerDelta(*(self.letter(name) for name in pair.groups()))
        return self.indicator() or self.bars() or self.name()


class MatrixReader(TextReader):
    """Builds a matrix expression anew; side by side is the matrix product."""

    def __init__(self, source, like, setting):
        super().__init__(source, like)
        self.matrices = {name: tensor(name, *own) for name, own in setting.indices.items()}
        axes = [i for own in setting.indices.values() for i in own] + [*self.letters.values()]
        self.axes = {str(size(i)).replace(" ", ""): i for i in axes}

    def matrix(self, shape):
        """The whole as a matrix; a number stands for one that is filled with it."""
        found = self.whole()
        if hasattr(found, "matrix"):
            return found.matrix()
        return Matrix("number", (found,), shape, lambda i, j: found)

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
        while sign := self.take(" ([⊙⊘]) "):
            result = result * (self.factor() if sign[1] == "⊙" else self.factor() ** -1)
        while self.take(self.between):
            last = self.product() if self.source.startswith("Σ", self.at) else self.factor()
            result = result @ last if hasattr(result, "matrix") else result * last
        return result / self.factor() if self.take(" / ") else result

    def factor(self):
        base = super().factor()
        if self.take(r"\^⊙"):
            self.need(r"\(")
            base = base ** self.bracketed()
        return base.T if self.take("ᵀ") else base

    def bars(self):
        return magnitude(self.bracketed(r"\|")) if self.take(r"\|") else None

    def name(self, *, inside_index=False):
        if self.take(r"diag\("):
            diagonal = self.bracketed()
            return diag(diagonal**-1 if self.take("⁻¹") else diagonal)
        if entry := self.take(r"(\w+)\["):
            return self.matrices[entry[1]][tuple(self.indices(until=r"\]"))]
        if function := self.one_of(self.functions):
            return ElementwiseFunction(function)(self.bracketed())
        matrix = None if inside_index else self.one_of(self.matrices)
        return matrix or super().name(inside_index=inside_index)

    def base(self):
        if size_of_ones := self.take(r"1_(?:\((.+?)\)|([^\Wᵀ]+))"):
            return ones(self.axes[size_of_ones[1] or size_of_ones[2]])
        return super().base()


class LatexReader(Reader):
    minus, between, at_most = "-", r" \\cdot | (?![+\-=])", r"\\le"
    index_dot = r" (?!\\le)|\\,"
    sigma, argmax = r"\\sum", r"\\operatorname\*\{argmax\}_\{(.+?)\} "
    close, pi = r"\}", r"\pi"

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
            return Rational(number[0])
        if (inner := self.grouped()) is not None:
            return inner
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
            return [self.letter(name) for name in re.findall("[A-Za-z]'*", letters[1])]
        return super().indices(until)
