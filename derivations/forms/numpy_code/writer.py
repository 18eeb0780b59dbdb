"""Index expressions as NumPy source, one node at a time.

The structure is the author's: nothing is multiplied out. Every sub-expression becomes an array
whose axes are the letters that it depends on; `target` is the order of axes that the place where
it stands would like best.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sympy import (
    Add,
    Dummy,
    Function,
    Idx,
    Indexed,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    expand,
    pi,
    sympify,
)

from gradcheck.derivations.calculus.functions import Undefined
from gradcheck.derivations.calculus.terms import (
    Bracket,
    D,
    Setting,
    free_indices,
    outermost,
    rename,
)
from gradcheck.derivations.forms.numpy_code import code as py
from gradcheck.derivations.forms.numpy_code.arrays import (
    Array,
    Letters,
    aligned,
    mapped,
    number,
    union,
)
from gradcheck.derivations.forms.numpy_code.code import Code, atom
from gradcheck.derivations.forms.numpy_code.elementwise import applied, number_code
from gradcheck.derivations.forms.numpy_code.entries import Entry
from gradcheck.derivations.forms.numpy_code.names import Names
from gradcheck.derivations.forms.numpy_code.products import Factor, product
from gradcheck.derivations.forms.numpy_code.ranges import (
    Range,
    extent,
    nonnegative,
    range_of,
    stays_within,
    step_of,
)
from gradcheck.derivations.forms.products import decimal, factors, reciprocal, signed

HALF = Rational(1, 2)


class Writer:
    """Writes the expressions of one setting.

    ranges  what letters run over here, where that is not their whole axis
    fixed   the letters that are a loop's counter here, and the counter
    """

    def __init__(self, setting: Setting, names: Names) -> None:
        self.setting = setting
        self.names = names
        self.ranges: dict[Any, Range] = {}
        self.fixed: dict[Any, Any] = {}

    def array(self, expr: Any, target: Letters = ()) -> Array:
        """Raises NotImplementedError for a kind of expression that has no code."""
        if isinstance(expr, Add):
            return self._terms(expr, target)
        if isinstance(expr, Mul) or reciprocal(expr) is not None:
            return self._product(factors(expr), (), target)
        if isinstance(expr, Pow):
            return self._power(expr, target)
        if isinstance(expr, Sum):
            return self._sum(expr, target)
        if isinstance(expr, KroneckerDelta):
            return self._delta(expr.args[0], expr.args[1], target)
        if isinstance(expr, Bracket):
            return self.comparison("<=", expr.low, expr.high, target)
        if isinstance(expr, Indexed):
            return Entry(self, expr, target).array()
        if isinstance(expr, Idx):
            return self._letter(expr)
        if isinstance(expr, Symbol):
            return self._name(str(expr))
        if expr.is_Number:
            return Array(number_code(expr))
        if expr is pi:
            return Array(atom("np.pi"))
        if isinstance(expr, D):
            raise NotImplementedError(f"{expr.of} has to be differentiated by {expr.by} first")
        if isinstance(expr, Function):
            return self._function(expr, target)
        raise NotImplementedError(f"no NumPy code for {type(expr).__name__}: {expr}")

    def position(self, expr: Any, lower: Any = 0, target: Letters = ()) -> Array:
        """Where a subscript stands on an axis that begins at `lower`, counted from 0."""
        shifted = self.counted(sympify(expr) - lower)
        stepped = step_of(shifted)
        if stepped is not None and stepped[1] == 1:
            letter, _, offset = stepped
            low, high = range_of(letter, self.ranges)
            return Array(self._counting(expand(low + offset), expand(high + offset)), (letter,))
        terms = sorted(Add.make_args(shifted), key=lambda term: (term.is_number, _negative(term)))
        return self.array(Add(*terms, evaluate=False) if len(terms) > 1 else shifted, target)

    def counted(self, expr: Any) -> Any:
        """An index expression in which the counters of loops stand for their letters."""
        for letter, counter in self.fixed.items():
            expr = expr.subs(letter, counter + letter.lower)
        return expand(expr)

    def length(self, low: Any, high: Any) -> Code:
        """How many values lie between two bounds."""
        count = expand(high - low + 1)
        code = self.position(count).code
        return code if nonnegative(count) else py.call("max({}, 0)", code)

    def within(self, expr: Any, own: Range) -> bool:
        """Whether a subscript is known to stay on its axis."""
        return stays_within(expr, own, self.ranges, self.setting.integer)

    @contextmanager
    def loop(self, letters: Letters, counter: str) -> Iterator[None]:
        """While inside a loop: the letters stand for its counter."""
        fixed, symbol = self.fixed, Symbol(counter, integer=True)
        self.fixed = {**fixed, **dict.fromkeys(letters, symbol)}
        self.names.sizes[counter] = counter
        try:
            yield
        finally:
            self.fixed = fixed
            del self.names.sizes[counter]

    def _name(self, name: str) -> Array:
        if name in self.names.sizes:
            return Array(atom(self.names.sizes[name]))
        return Array(self.tensor(name))

    def tensor(self, name: str) -> Code:
        """The name of a whole tensor. Raises NotImplementedError for one that is not declared."""
        if name not in self.names.tensors:
            raise NotImplementedError(f"{name} is neither a tensor nor a size of this setting")
        return atom(self.names.tensors[name], array=True)

    def _letter(self, index: Any) -> Array:
        """The values of an index as an array: np.arange(N)."""
        return self.position(index)

    def _counting(self, low: Any, high: Any) -> Code:
        ends = [] if low == 0 else [self.position(low).code]
        ends.append(self.position(expand(high + 1)).code)
        template = f"np.arange({', '.join('{}' for _ in ends)})"
        return Code(template, tuple((e, py.Level.CHOICE) for e in ends), array=True)

    def _terms(self, expr: Any, target: Letters) -> Array:
        pairs = [signed(term) for term in expr.args]
        arrays = [self.array(size, target) for _, size in pairs]
        axes = union(arrays, target)
        negative = pairs[0][0] < 0
        if arrays[0].boolean and (negative or arrays[1].boolean):
            arrays[0] = number(arrays[0])
        total = aligned(arrays[0], axes)
        total = py.negative(total) if negative else total
        for (sign, _), array in zip(pairs[1:], arrays[1:], strict=True):
            total = (py.minus if sign < 0 else py.plus)(total, aligned(array, axes))
        return Array(total, axes)

    def _product(self, parts: list[Any], letters: Letters, target: Letters) -> Array:
        sign, found = 1, []
        for part in parts:
            if part.is_Rational:
                sign *= -1 if part < 0 else 1
                tenths = decimal(abs(part))
                above, below = (abs(part), 1) if tenths else (abs(part.p), part.q)
                found += [Factor(Array(number_code(above)))] if above != 1 else []
                found += [Factor(Array(number_code(below)), divides=True)] if below != 1 else []
                continue
            divisor = reciprocal(part)
            array = self.array(part if divisor is None else divisor, target)
            divides = divisor is not None
            found.append(Factor(number(array) if divides else array, divides))
        lengths = {
            i: Factor(Array(self.length(*range_of(i, self.ranges))))
            for i in letters
            if not any(i in f.array.axes for f in found)
        }
        left = tuple(i for i in letters if i not in lengths)
        result = product([*lengths.values(), *found], left, target)
        return mapped(number(result), py.negative) if sign < 0 else result

    def _power(self, expr: Any, target: Letters) -> Array:
        base = number(self.array(expr.base, target))
        if expr.exp == HALF:
            return mapped(base, lambda code: py.call("np.sqrt({})", code))
        exponent = number(self.array(expr.exp, target))
        axes = union([base, exponent], target)
        return Array(py.power(aligned(base, axes), aligned(exponent, axes)), axes)

    def _sum(self, expr: Any, target: Letters) -> Array:
        """Nested sums in one; a range that depends on an index is a wider one and a mask."""
        body, masks = expr, []
        letters: Letters = ()
        ranges, fixed = dict(self.ranges), dict(self.fixed)
        try:
            while isinstance(body, Sum) and outermost(body)[1][0] not in letters:
                body, (index, low, high) = outermost(body)
                bounds, needed = self._range(index, low, high)
                masks += needed
                letters = (*letters, index)
                self.ranges = {**self.ranges, index: bounds}
                self.fixed = {i: c for i, c in self.fixed.items() if i != index}
            return self._product([*masks, *factors(body)], letters, target)
        finally:
            self.ranges, self.fixed = ranges, fixed

    def _range(self, index: Any, low: Any, high: Any) -> tuple[Range, list[Any]]:
        """What a summed index runs over, and brackets that leave out what it should not."""
        whole = (index.lower, index.upper)
        ends = [extent(bound, self.ranges, self.setting.integer) for bound in (low, high)]
        if ends[0] is None or ends[1] is None:
            raise NotImplementedError(f"no NumPy code for a sum from {low} to {high}")
        wide = (ends[0][0], ends[1][1])
        depends = free_indices(low), free_indices(high)
        inside = nonnegative(wide[0] - whole[0]) and nonnegative(whole[1] - wide[1])
        bounds = whole if any(depends) and inside else wide
        masks = [Bracket(low, index)] if depends[0] or low != bounds[0] else []
        masks += [Bracket(index, high)] if depends[1] or high != bounds[1] else []
        return bounds, masks

    def _delta(self, left: Any, right: Any, target: Letters) -> Array:
        if left == right:
            return Array(atom("1"))
        plain = all(isinstance(i, Idx) and i not in self.fixed for i in (left, right))
        if plain:
            low, high = range_of(left, self.ranges)
            if (low, high) == range_of(right, self.ranges):
                axes = union([Array(atom(""), (left, right))], target)
                return Array(py.call("np.eye({})", self.length(low, high)), axes)
        if isinstance(right, Indexed):  # what is looked up comes first
            left, right = right, left
        return self.comparison("==", left, right, target)

    def comparison(self, sign: str, left: Any, right: Any, target: Letters) -> Array:
        """Where one index expression is equal to, or smaller than, another."""
        sides = [self.position(side, target=target) for side in (left, right)]
        axes = union(sides, target)
        code = py.compare(sign, *(aligned(side, axes) for side in sides))
        return Array(code, axes, boolean=True)

    def _function(self, expr: Any, target: Letters) -> Array:
        (argument,) = expr.args
        meaning = self._meaning(expr.func)
        if meaning is not None:
            return self.array(meaning(argument), target)
        inner = number(self.array(argument, target))
        if isinstance(expr, Undefined):
            called = f"{self.names.function(expr.func.__name__)}({{}})"
            return mapped(inner, lambda code: py.call(called, code))
        return applied(expr.func.__name__, inner)

    def _meaning(self, function: Any) -> Callable[[Any], Any] | None:
        """What an undefined function, or the derivative of one, stands for in this setting."""
        meanings = self.setting.functions
        if function in meanings:
            return lambda argument: meanings[function](argument, evaluate=False)
        for undefined, known in meanings.items():
            if undefined.prime == function:
                x = Dummy()
                slope = known(x).fdiff(1)
                return lambda argument: rename(slope, {x: argument})
        return None


def _negative(term: Any) -> bool:
    return signed(term)[0] < 0
