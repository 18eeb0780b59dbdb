"""The normal form as data: a sum of products of atoms, each product with its own summed indices.

Poly      {Product: coefficient}                     Σ of products
Product   binders, {atom: exponent}                  Σ over the binders of a product of powers
atoms     Entry    X[s,m], or a scalar               subscripts are affine
          Delta    [e = 0]                           Kronecker's δ of two subscripts
          Bracket  [e >= 0]                          a condition, such as u <= t
          Size     N                                 the length of an axis; positive
          Apply    f(poly)                           an elementwise function
          Base     (poly)                            what has a power that cannot be multiplied out

Everything is immutable and has a `key`, a text from which it could be built again; two things are
equal if their keys are. The summed indices of a product are called `$h.k`, where the height h is
one more than the greatest height inside. So names inside a function's argument never meet names
outside it, and equal sub-expressions have equal keys wherever they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from gradcheck.derivations.calculus.normal.affine import Affine, Index, nonnegative

Number = int | Fraction
NOWHERE: frozenset[str] = frozenset()


class Made(NamedTuple):
    """What a tensor is that nobody named: ∂of/∂by, or with a cotangent g the sum Σ g ∂of/∂by."""

    of: str
    by: str
    cotangent: str | None = None


class Tensor:
    """What is known of a named array.

    axes      the range of each axis
    positive  whether all entries are greater than 0
    made      what it is, if it was made in the course of a proof
    """

    __slots__ = ("axes", "made", "name", "positive")

    def __init__(
        self,
        name: str,
        axes: tuple[tuple[Affine, Affine], ...],
        positive: bool = False,
        made: Made | None = None,
    ) -> None:
        self.name = name
        self.axes = axes
        self.positive = positive
        self.made = made


class Atom:
    """A factor that is not taken apart.

    letters   names of the indices it depends on
    height    the greatest height of a product inside it
    positive  whether its value is known to be greater than 0
    """

    __slots__ = ("_hash", "height", "key", "letters", "positive")

    key: str
    letters: frozenset[str]
    height: int
    positive: bool

    def _set(
        self, key: str, letters: frozenset[str], height: int = 0, positive: bool = False
    ) -> None:
        self.key = key
        self.letters = letters
        self.height = height
        self.positive = positive
        self._hash = hash(key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Atom) and self.key == other.key)

    def __repr__(self) -> str:
        return self.key


class Entry(Atom):
    __slots__ = ("subscripts", "tensor")

    def __init__(self, tensor: Tensor, subscripts: tuple[Affine, ...] = ()) -> None:
        self.tensor = tensor
        self.subscripts = subscripts
        letters = NOWHERE.union(*(a.letters for a in subscripts)) if subscripts else NOWHERE
        key = f"{tensor.name}[{','.join([a.key for a in subscripts])}]"
        self._set(key, letters, 0, tensor.positive)


class Delta(Atom):
    __slots__ = ("argument",)

    def __init__(self, argument: Affine) -> None:
        self.argument = argument
        self._set(f"δ({argument.key})", argument.letters)


class Bracket(Atom):
    __slots__ = ("argument",)

    def __init__(self, argument: Affine) -> None:
        self.argument = argument
        self._set(f"[{argument.key}]", argument.letters)


class Size(Atom):
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name
        self._set("#" + name, NOWHERE, 0, True)


PI = Size("π")  # all that is known of it is that it is positive


class Apply(Atom):
    __slots__ = ("argument", "function")

    def __init__(self, function: str, argument: Poly, positive: bool = False) -> None:
        self.function = function
        self.argument = argument
        key = f"{function}({argument.key})"
        self._set(key, argument.letters, argument.height, positive)


class Base(Atom):
    __slots__ = ("poly",)

    def __init__(self, poly: Poly) -> None:
        self.poly = poly
        self._set(f"({poly.key})", poly.letters, poly.height, is_positive(poly))


# an open product: its summed indices by name, and the exponents of its atoms
Binders = dict[str, Index]
Factors = dict[Atom, Number]


class Product:
    """Σ over `binders` of Π atom^exponent."""

    __slots__ = ("_hash", "binders", "factors", "height", "key", "letters")

    def __init__(
        self, binders: tuple[Index, ...], factors: tuple[tuple[Atom, Number], ...]
    ) -> None:
        self.binders = binders
        self.factors = factors
        sums = "".join([f"Σ{b.name}:{b.range_key} " for b in binders])
        self.key = sums + "·".join([a.key if e == 1 else f"{a.key}^{e}" for a, e in factors])
        self.height = max([a.height for a, _ in factors], default=0) + bool(binders)
        letters = NOWHERE.union(*[a.letters for a, _ in factors]) if factors else NOWHERE
        self.letters = letters.difference(b.name for b in binders) if binders else letters
        self._hash = hash(self.key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Product) and self.key == other.key)

    def __repr__(self) -> str:
        return self.key


UNIT = Product((), ())


class Poly:
    """A sum of products with coefficients. Build it with the functions of `algebra`."""

    __slots__ = ("_hash", "height", "key", "letters", "terms")

    def __init__(self, terms: Mapping[Product, Number]) -> None:
        self.terms = tuple(sorted(terms.items(), key=lambda term: term[0].key))
        self.key = " + ".join([f"{c}*{p.key}" for p, c in self.terms])
        self.height = max([p.height for p, _ in self.terms], default=0)
        self.letters = NOWHERE.union(*[p.letters for p, _ in self.terms]) if terms else NOWHERE
        self._hash = hash(self.key)

    @property
    def number(self) -> Number | None:
        """The number that this is, or None."""
        if not self.terms:
            return 0
        product, coefficient = self.terms[0]
        return coefficient if len(self.terms) == 1 and product == UNIT else None

    @property
    def only(self) -> tuple[Product, Number] | None:
        """The single product and its coefficient, or None if there are several or none."""
        return self.terms[0] if len(self.terms) == 1 else None

    def __iter__(self) -> Iterator[tuple[Product, Number]]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Poly) and self.key == other.key)

    def __repr__(self) -> str:
        return self.key or "0"


def constant(value: Number) -> Poly:
    return Poly({UNIT: value} if value else {})


ZERO, ONE = constant(0), constant(1)


def is_positive(poly: Poly) -> bool:
    """Whether a sum is greater than 0 because no term is negative and one is positive.

    A sum over a whole axis of positive products is positive, since no axis is empty.
    """
    return (
        bool(poly.terms)
        and all(c > 0 and all(a.positive or e % 2 == 0 for a, e in p.factors) for p, c in poly)
        and any(
            all(a.positive for a, _ in p.factors)
            and all(nonnegative(b.high - b.low) for b in p.binders)
            for p, _ in poly
        )
    )


def atoms_of(poly: Poly) -> Iterator[Atom]:
    """All atoms, those inside functions and powers included, outermost first."""
    for product, _ in poly.terms:
        for atom, _ in product.factors:
            yield atom
            if isinstance(atom, Apply):
                yield from atoms_of(atom.argument)
            elif isinstance(atom, Base):
                yield from atoms_of(atom.poly)
