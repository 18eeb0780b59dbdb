"""What an index expression is made of, and how to rename indices without capturing them.

An index expression is an ordinary SymPy expression of a few kinds of node: tensor entries
(`Indexed`), indices (`Idx`, each carrying the range of its axis), symbolic sizes (`Symbol`),
`KroneckerDelta`, `Sum`, elementwise functions, arithmetic, and `D`, a derivative not yet taken.
SymPy's own `subs` also renames summed indices, so everything here walks the tree itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain
from typing import Any

from sympy import Basic, Expr, Idx, Indexed, IndexedBase, Sum, Symbol, lambdify, sympify


class D(Expr):
    """The derivative of an expression by one entry, not yet taken: `D(Y[s, n], W[i, j])`.

    With the name of a recursive tensor as `held`, `of` is an entry of that tensor and the entries
    it is computed from are held fixed: the immediate derivative within one step.
    """

    is_commutative = True

    def __new__(cls, of: Any, by: Any, held: Any = None) -> "D":
        names = () if held is None else (Symbol(str(held)),)
        return Expr.__new__(cls, sympify(of), sympify(by), *names)

    @property
    def of(self) -> Any:
        return self.args[0]

    @property
    def by(self) -> Any:
        return self.args[1]

    @property
    def held(self) -> str | None:
        return str(self.args[2]) if len(self.args) == 3 else None


class Bracket(Expr):
    """[low <= high]: 1 where it holds and 0 elsewhere, of two index expressions (Iverson)."""

    is_commutative = True

    def __new__(cls, low: Any, high: Any) -> "Bracket":
        return Expr.__new__(cls, sympify(low), sympify(high))

    @property
    def low(self) -> Any:
        return self.args[0]

    @property
    def high(self) -> Any:
        return self.args[1]

    def _eval_power(self, exponent: Any) -> "Bracket | None":
        return self if exponent.is_positive else None


class ArgMax(Expr):
    """Where the greatest value of an expression is: `ArgMax(X[n, k], k, k)` is argmax_k X[n, k].

    The letters run over their whole axes, the last one fastest, and of equal values the first one
    wins; `chosen` is the letter whose value there is meant. It is the right side of a definition
    of whole numbers, which stand in subscripts, and has no derivative.
    """

    is_commutative = True

    def __new__(cls, of: Any, chosen: Any, *letters: Any) -> "ArgMax":
        return Expr.__new__(cls, sympify(of), chosen, *letters)

    @property
    def of(self) -> Any:
        return self.args[0]

    @property
    def chosen(self) -> Any:
        return self.args[1]

    @property
    def letters(self) -> tuple[Any, ...]:
        return self.args[2:]


@dataclass(frozen=True)
class Fact:
    """Something known of a given tensor that its shape does not say.

    kind  "sums to one" along one axis; "one-hot" along one axis (a single 1, else 0);
          "symmetric" in two axes
    axes  the places of those axes, counted from 0
    text  the fact as its author stated it
    """

    kind: str
    tensor: str
    axes: tuple[int, ...]
    text: str


@dataclass(frozen=True)
class Definition:
    """A named tensor: `lhs` (an entry with plain indices, or a scalar symbol) is `rhs`.

    A definition may mention its own tensor one step earlier or later along the first axis
    (a recursion over time); `outside` is then the entry's value off the end of that axis.
    """

    lhs: Any
    rhs: Any
    outside: Any = None

    @property
    def name(self) -> str:
        return name_of(self.lhs)

    @property
    def indices(self) -> tuple[Any, ...]:
        return indices_of(self.lhs)

    @property
    def recursive(self) -> bool:
        return self.name in tensors_in(self.rhs)

    @property
    def is_choice(self) -> bool:
        """Whether its values are places: whole numbers without a derivative."""
        return isinstance(self.rhs, ArgMax)


Definitions = Mapping[str, Definition]


@dataclass(frozen=True, eq=False)
class Setting:
    """What the names in some index expressions mean. Two settings are equal if they are the same.

    indices      the axes of every tensor, as one index for each; also of defined ones
    definitions  the tensors that are defined by others
    positive     names of tensors whose entries are greater than 0
    integer      tensors whose entries are integers: the index whose values they take
    functions    meaning of functions that are undefined otherwise, e.g. {f: tanh}
    choices      the tensors that are defined as places of greatest values; they are integer too
    padded       names of tensors that are read as 0 outside their axes (zero padding)
    bottomless   names of tensors that are read as −∞ there: no greatest value is outside
    parameters   names of whole numbers that are the length of no axis, such as a padding
    facts        what else is known of given tensors
    ranges       least and greatest value of tensors and numbers that are not free to be anything
    lengths      sizes that follow from others: the length of an output, as a formula
    options      names of numbers that have no gradient, such as eps
    """

    indices: Mapping[str, tuple[Any, ...]]
    definitions: Definitions = field(default_factory=dict)
    positive: frozenset[str] = frozenset()
    integer: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[Any, Any] = field(default_factory=dict)
    choices: Definitions = field(default_factory=dict)
    padded: frozenset[str] = frozenset()
    bottomless: frozenset[str] = frozenset()
    facts: tuple[Fact, ...] = ()
    parameters: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    lengths: Mapping[str, Any] = field(default_factory=dict)
    options: frozenset[str] = frozenset()

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """Names of all symbolic sizes, in order of first appearance, and of parameters."""
        axes = [*chain(*self.indices.values()), *self.integer.values()]
        lengths = {n: None for i in axes for n in sorted(map(str, size_of(i).free_symbols))}
        return tuple(dict.fromkeys([*lengths, *self.parameters]))

    @property
    def free_sizes(self) -> list[str]:
        """Sizes of axes that are free to be anything: no option, and not following from others."""
        return [n for n in self.sizes if n not in self.ranges and n not in self.lengths]

    def complete(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """These sizes and those that follow from them."""
        found = dict(sizes)
        for name, (used, length) in self._lengths.items():
            found[name] = int(length(*(found[other] for other in used)))
        return {name: found[name] for name in self.sizes}

    @cached_property
    def _lengths(self) -> dict[str, tuple[list[str], Callable[..., Any]]]:
        """For a size that follows from others: their names, and it as a function of them."""
        used = {n: sorted(e.free_symbols, key=str) for n, e in self.lengths.items()}
        return {
            n: ([str(s) for s in used[n]], lambdify(used[n], e, "math"))
            for n, e in self.lengths.items()
        }

    @property
    def given(self) -> tuple[str, ...]:
        """Tensors that have no definition: their values are free."""
        return tuple(n for n in self.indices if n not in {**self.definitions, **self.choices})


def entry_of(name: str, indices: Iterable[Any]) -> Any:
    """The entry of a tensor at some subscripts; without any, the scalar of that name."""
    subscripts = tuple(indices)
    return IndexedBase(name)[subscripts] if subscripts else Symbol(name)


def name_of(entry: Any) -> str:
    """The tensor that an entry belongs to; a scalar is its own tensor."""
    symbol = entry.base.label if isinstance(entry, Indexed) else entry
    return (
        symbol.name if isinstance(symbol, Symbol) else str(symbol)
    )  # str is slow, and often asked


def indices_of(entry: Any) -> tuple[Any, ...]:
    """The subscripts of an entry; a scalar has none."""
    return tuple(entry.indices) if isinstance(entry, Indexed) else ()


@cache
def size_of(index: Any) -> Any:
    """How many values an index takes: the symbolic size of its axis."""
    return index.upper - index.lower + 1


def spanned(indices: Iterable[Any]) -> str:
    """The shape that indices span, in axis letters: `S×N`; None is an axis of length 1."""
    return "×".join("1" if i is None else str(size_of(i)) for i in indices) or "scalar"


def tensors_in(expr: Any) -> set[str]:
    """Names of all tensors and scalars that an expression mentions, sizes included."""
    if isinstance(expr, Indexed):
        return {name_of(expr)}.union(*map(tensors_in, expr.indices))
    if isinstance(expr, Idx):
        return set()
    if isinstance(expr, Symbol):
        return {str(expr)}
    return set().union(*map(tensors_in, expr.args))


def free_indices(expr: Any) -> dict[Any, None]:
    """The indices an expression depends on, in order of first appearance."""
    if isinstance(expr, Idx):
        return {expr: None}
    if isinstance(expr, Indexed):
        return _union(expr.indices)
    if isinstance(expr, Sum):
        body, (index, *bounds) = outermost(expr)
        inside = [i for i in free_indices(body) if i != index]
        return dict.fromkeys([*inside, *_union(bounds)])
    if isinstance(expr, ArgMax):
        return {i: None for i in free_indices(expr.of) if i not in expr.letters}
    return _union(expr.args)


def _union(expressions: Iterable[Any]) -> dict[Any, None]:
    return {i: None for e in expressions for i in free_indices(e)}


Builder = Callable[[Any, Sequence[Any]], Any]  # a node of the same kind with other arguments


def evaluated(expr: Any, args: Sequence[Any]) -> Any:
    """The node with other arguments as SymPy evaluates it."""
    return expr if list(args) == list(expr.args) else expr.func(*args)


def rename(expr: Any, new: Mapping[Any, Any], build: Builder = evaluated) -> Any:
    """Replace free indices (or whole sub-expressions) by others; summed indices step aside.

    `rename(Sum(X[i, j], j), {i: j})` is `Sum(X[j, j'], j')`, never `Sum(X[j, j], j)`.
    """
    if not new:
        return expr
    if expr in new:
        return new[expr]
    if isinstance(expr, (Idx, Symbol)) or not expr.args:
        return expr
    if isinstance(expr, Sum):
        return _rename_sum(expr, new, build)
    if isinstance(expr, ArgMax):
        return _rename_argmax(expr, new, build)
    return build(expr, [rename(a, new, build) if isinstance(a, Expr) else a for a in expr.args])


def _rename_sum(expr: Any, new: Mapping[Any, Any], build: Builder) -> Any:
    body, (index, *bounds) = outermost(expr)
    inner = {old: to for old, to in new.items() if index not in free_indices(old)}
    incoming = {i for to in inner.values() for i in free_indices(to)}
    if index in incoming:
        inner[index] = fresh(index, {*incoming, *free_indices(body)})
    limits = (inner.get(index, index), *(rename(bound, new, build) for bound in bounds))
    return Sum(rename(body, inner, build), limits)


def _rename_argmax(expr: ArgMax, new: Mapping[Any, Any], build: Builder) -> Any:
    inner = {o: to for o, to in new.items() if not {*expr.letters} & {*free_indices(o)}}
    incoming = {i for to in inner.values() for i in free_indices(to)}
    apart = fresh_letters(expr.letters, {*incoming, *free_indices(expr.of)})
    inner |= {i: j for i, j in zip(expr.letters, apart, strict=True) if i in incoming}
    letters = [inner.get(i, i) for i in (expr.chosen, *expr.letters)]
    return ArgMax(rename(expr.of, inner, build), *letters)


def outermost(expr: Any) -> tuple[Any, tuple[Any, Any, Any]]:
    """The body and the range of the outermost of the sums that a `Sum` is: its last limits."""
    *inner, (index, lower, upper) = expr.limits
    return (Sum(expr.function, *inner) if inner else expr.function), (index, lower, upper)


def fresh(index: Any, taken: Iterable[Any]) -> Any:
    """An index over the same axis whose letter is not among `taken`: n, n′, n′′ ..."""
    letters = {str(i) for i in taken}
    letter = str(index)
    while letter in letters:
        letter += "′"
    return Idx(letter, (index.lower, index.upper))


def fresh_letters(indices: Iterable[Any], taken: Iterable[Any]) -> tuple[Any, ...]:
    """An index for each of `indices`, over its axis, with letters not taken and all different."""
    letters: list[Any] = []
    used = {*taken}
    for index in indices:
        letters.append(fresh(index, {*used, *letters}))
    return tuple(letters)


def match(pattern: Any, expr: Any, holes: Iterable[Any]) -> dict[Any, Any] | None:
    """Values of the indices `holes` that turn `pattern` into `expr`, or None."""
    found: dict[Any, Any] = {}
    return found if _match(pattern, expr, set(holes), found) else None


def _match(pattern: Any, expr: Any, holes: set[Any], found: dict[Any, Any]) -> bool:
    if pattern in holes:
        return bool(found.setdefault(pattern, expr) == expr)
    if isinstance(pattern, (Idx, Symbol)) or not pattern.args or pattern.func != expr.func:
        return bool(pattern == expr)
    return len(pattern.args) == len(expr.args) and all(
        _match(p, e, holes, found) for p, e in zip(pattern.args, expr.args, strict=True)
    )


@cache
def plain(expr: Any) -> Any:
    """The expression as SymPy evaluates it, without the order its author wrote it in."""
    if not isinstance(expr, Basic) or isinstance(expr, (Idx, Symbol)) or not expr.args:
        return expr
    if isinstance(expr, Indexed):
        return expr
    if isinstance(expr, Sum):
        return Sum(plain(expr.function), *expr.limits)
    return expr.func(*(plain(a) for a in expr.args))
