"""Small changes of an index expression: what an edit is, where it can be made, what fits there.

An edit replaces one node of the tree, found by its path from the root. Trees are rebuilt without
being simplified, so that the rest of a formula stays as its author wrote it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sympy import (
    Add,
    Expr,
    Function,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Sum,
    Symbol,
    Tuple,
)

from gradcheck.derivations.calculus.terms import Bracket, D, Setting, free_indices, rename, size_of

Path = tuple[int, ...]
LEAVES = (Idx, Indexed, Symbol, KroneckerDelta, Bracket)


@dataclass(frozen=True)
class Edit:
    """One change: at `path`, the node becomes `new`.

    cost     how far-fetched it is that this was the mistake, from 1
    code     the kind of mistake
    was      the part that is wrong; None if something is missing
    becomes  what it should be; None if it should not be there
    """

    cost: float
    code: str
    path: Path
    new: Any
    was: Any
    becomes: Any


@dataclass(frozen=True)
class Place:
    """A node of a tree, the letters that sums bind around it, and the nodes above it.

    fixed  it is an entry in a derivative: its name and its letters may change, nothing else
    """

    path: Path
    node: Any
    bound: tuple[Any, ...] = ()
    parent: Any = None
    fixed: bool = False

    @property
    def multiplies(self) -> bool:
        """Whether what is multiplied here is multiplied once: not a factor of a product."""
        return not (self.fixed or isinstance(self.parent, (Mul, Pow)))

    @property
    def outermost(self) -> bool:
        """Whether it is not the body of a sum either."""
        return self.multiplies and not isinstance(self.parent, Sum)


@dataclass(frozen=True, eq=False)
class Problem:
    """A wrong step: `left = wrong` does not hold.

    unfolded  the left side by its definition, if it is a named tensor
    truth     that, with its derivatives taken and its deltas contracted
    """

    setting: Setting
    left: Any
    wrong: Any
    unfolded: Any
    truth: Any

    @property
    def sources(self) -> tuple[Any, ...]:
        """What is known to be right, as it was written first."""
        return self.left, self.unfolded, self.truth

    @cached_property
    def letters(self) -> tuple[Any, ...]:
        """The letters that may stand free on the right side, in the order of the left."""
        return tuple(free_indices(self.left))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """All places of the wrong side, the root first."""
        return tuple(places(self.wrong))

    @cached_property
    def known_letters(self) -> tuple[Any, ...]:
        """All letters that occur in the step or in the definitions, in order of appearance."""
        trees = [*self.sources, self.wrong]
        trees += [t for d in self.setting.definitions.values() for t in (d.lhs, d.rhs)]
        return tuple(dict.fromkeys(i for tree in trees for i in _in_order(tree)))

    @cached_property
    def shifted(self) -> tuple[Any, ...]:
        """Letters of the axes along which something is read with an offset: time, windows."""
        definitions = self.setting.definitions.values()
        found = {d.indices[0] for d in definitions if d.outside is not None and d.indices}
        for tree in (*self.sources, self.wrong, *(d.rhs for d in definitions)):
            for entry in tree.atoms(Indexed):
                for subscript in entry.indices:
                    found |= letters_of(subscript) if isinstance(subscript, Add) else set()
        return tuple(found)

    @cached_property
    def offsets(self) -> tuple[Any, ...]:
        """Subscripts with an offset that the wrong side has: t + 1."""
        entries = [p.node for p in self.places if isinstance(p.node, Indexed)]
        found = (s for e in entries for s in e.indices if isinstance(s, Add))
        return tuple(dict.fromkeys(found))

    def in_scope(self, place: Place) -> tuple[Any, ...]:
        """The letters that may be used at a place."""
        scope = {*self.letters, *place.bound}
        known = [i for i in self.known_letters if i in scope]
        return tuple(dict.fromkeys((*known, *place.bound)))

    def axes_of(self, name: str) -> tuple[Any, ...]:
        """One index for each axis of a tensor; none for a scalar or an unknown name."""
        return self.setting.indices.get(name, ())

    @cached_property
    def sizes(self) -> tuple[Any, ...]:
        """The symbolic sizes that the letters of this step run over."""
        letters = {*all_letters(self.left), *all_letters(self.wrong), *all_letters(self.truth)}
        symbols = {s for i in letters for s in size_of(i).free_symbols}
        return tuple(sorted(symbols, key=str))


def places(expr: Any) -> Iterator[Place]:
    """All nodes at which an edit can be made, the root first."""
    return _places(Place((), expr))


def put(tree: Any, path: Path, new: Any) -> Any:
    """The tree with another node at a path."""
    if not path:
        return new
    first, *rest = path
    args = list(tree.args)
    args[first] = put(args[first], tuple(rest), new)
    return rebuilt(tree, args)


def rebuilt(node: Any, args: list[Any]) -> Any:
    """A node of the same kind with other arguments, and nothing simplified."""
    if isinstance(node, Mul):
        return product_of(args)
    if isinstance(node, Add):
        return sum_of(args)
    if isinstance(node, Sum):
        return summed(args[0], node.limits)
    if isinstance(node, Pow):
        return Pow(*args, evaluate=False)
    if isinstance(node, (Function, KroneckerDelta)):
        return node.func(*args, evaluate=False)
    return node.func(*args)


def product_of(factors: list[Any]) -> Any:
    """A product in this order; ones are left out, and two minus signs."""
    flat = [f for a in factors for f in (a.args if isinstance(a, Mul) else (a,)) if f != 1]
    signs = sum(f == -1 for f in flat)
    if signs > 1:
        flat = [*([Integer(-1)] * (signs % 2)), *(f for f in flat if f != -1)]
    return Mul(*flat, evaluate=False) if len(flat) > 1 else flat[0] if flat else Integer(1)


def sum_of(terms: list[Any]) -> Any:
    """Terms added in this order; zeros are left out."""
    flat = [t for a in terms for t in (a.args if isinstance(a, Add) else (a,)) if t != 0]
    return Add(*flat, evaluate=False) if len(flat) > 1 else flat[0] if flat else Integer(0)


def summed(body: Any, limits: Any) -> Any:
    """Σ over some limits. SymPy's own constructor checks them at length, and refuses wrong ones."""
    result = Expr.__new__(Sum)
    result._args = (body, *(Tuple(*limit) for limit in limits))
    result.is_commutative = True
    return result


def over(body: Any, index: Any) -> Any:
    """Σ over the whole axis of an index."""
    return summed(body, [(index, index.lower, index.upper)])


def negated(expr: Any) -> Any:
    """The expression with the other sign: a minus sign more or less, brackets round a sum."""
    args = list(expr.args) if isinstance(expr, Mul) else [expr]
    head, *rest = args
    if head.is_Number:
        return product_of([-head, *rest])
    return product_of([Integer(-1), *args])


def times(expr: Any, factor: Any, last: bool = False) -> Any:
    """The product with one factor more: in front, or else behind all but a sum."""
    factors = list(expr.args) if isinstance(expr, Mul) else [expr]
    place = len(factors) - isinstance(factors[-1], Sum) if last else 0
    return product_of([*factors[:place], factor, *factors[place:]])


def relettered(expr: Any, new: Mapping[Any, Any]) -> Any:
    """Like `rename`, and in the author's order: free letters replaced, none captured."""
    if not letters_of(expr) & {*new}:
        return expr
    if isinstance(expr, Idx):
        return new[expr]
    if isinstance(expr, Indexed):
        return expr.func(expr.base, *(relettered(i, new) for i in expr.indices))
    if isinstance(expr, Sum):
        bound = {index for index, *_ in expr.limits}
        if bound & {*new} or any(bound & letters_of(to) for to in new.values()):
            return rename(expr, new)
        limits = [(i, relettered(a, new), relettered(b, new)) for i, a, b in expr.limits]
        return summed(relettered(expr.function, new), limits)
    return rebuilt(expr, [relettered(a, new) for a in expr.args])


def same_range(a: Any, b: Any) -> bool:
    """Whether two indices run over the same values."""
    return bool(a.lower == b.lower and a.upper == b.upper)


@lru_cache(maxsize=4096)
def letters_of(expr: Any) -> frozenset[Any]:
    """The free indices of an expression. Cached by subtree: an edit leaves most as they are."""
    if isinstance(expr, Idx):
        return frozenset({expr})
    if isinstance(expr, Sum):
        inside = letters_of(expr.function)
        for index, *bounds in expr.limits:
            inside = (inside - {index}).union(*map(letters_of, bounds))
        return inside
    parts = expr.indices if isinstance(expr, Indexed) else expr.args
    return frozenset().union(*map(letters_of, parts))


@lru_cache(maxsize=4096)
def all_letters(expr: Any) -> frozenset[Any]:
    """The indices of an expression, free or summed."""
    if isinstance(expr, Idx):
        return frozenset({expr})
    parts = expr.indices if isinstance(expr, Indexed) else expr.args
    return frozenset().union(*map(all_letters, parts))


def _in_order(expr: Any) -> Iterator[Any]:
    """The indices of an expression as they stand in it, summed ones too."""
    if isinstance(expr, Idx):
        yield expr
        return
    for part in expr.indices if isinstance(expr, Indexed) else expr.args:
        yield from _in_order(part)


def _places(here: Place) -> Iterator[Place]:
    yield here
    node = here.node
    if isinstance(node, LEAVES) or not node.args:
        return
    bound, children = here.bound, list(enumerate(node.args))
    if isinstance(node, Sum):
        bound = (*bound, *(index for index, *_ in node.limits))
        children = children[:1]
    elif isinstance(node, D):
        children = children[:2]
    elif isinstance(node, Pow) and node.exp.is_Number:
        children = children[:1]
    for k, child in children:
        fixed = here.fixed or (isinstance(node, D) and isinstance(child, (Indexed, Symbol)))
        yield from _places(Place((*here.path, k), child, bound, node, fixed))
