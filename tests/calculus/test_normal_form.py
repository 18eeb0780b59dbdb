"""The normal form against brute force: it keeps values, its names are canonical, proofs are true.

`pytest --hypothesis-profile=long tests/calculus/test_normal_form.py` takes 20,000 examples each.
"""

import random

import hypothesis
import mpmath
import pytest
from calculus import expressions, normal_expressions
from calculus.mutation_edits import edits
from calculus.normal_expressions import (
    LETTERS,
    SETTING,
    A,
    B,
    P,
    V,
    W,
    X,
    Z,
    a,
    i,
    j,
    k,
    m,
    p,
    sizes,
)
from calculus.normal_rewrites import REWRITES, commute, rename_summed
from calculus.normal_rewriting import rewritten
from calculus.normal_values import (
    DIGITS,
    FLOATS,
    NO_VALUE,
    PRECISE,
    Kink,
    Point,
    reader,
    same,
    smooth,
)
from hypothesis import assume, given
from hypothesis import strategies as st
from layers.tables import row

from gradcheck.derivations.calculus.evaluate import OutOfRange
from gradcheck.derivations.calculus.normal.affine import Affine
from gradcheck.derivations.calculus.normal.algebra import TooLarge
from gradcheck.derivations.calculus.normal.functions import AWAY_FROM_KINKS
from gradcheck.derivations.calculus.normal.powers import SIZES_NOT_ZERO
from gradcheck.derivations.calculus.normal.prove import Prover
from gradcheck.derivations.calculus.normal.read import Unreadable
from gradcheck.derivations.calculus.normal.record import recorded
from gradcheck.derivations.calculus.normal.substitution import substitute
from gradcheck.derivations.calculus.terms import free_indices, plain, rename
from gradcheck.derivations.notation import D, Sum
from gradcheck.derivations.notation.formula import unwrap

UNREADABLE = (Unreadable, ZeroDivisionError, TooLarge)
seeds = st.integers(0, 2**16)


class Read:
    """A tree and its normal form, to be asked for their values."""

    def __init__(self, expr, setting=SETTING):
        self.expr, self.definitions = expr, reader(setting)
        with recorded() as record:
            self.poly = self.definitions.poly(plain(expr))
        self.doubts = record.doubts
        self.at_kinks = AWAY_FROM_KINKS in record.assumptions
        self.by_sizes = SIZES_NOT_ZERO in record.assumptions

    def agrees(self, point, poly, indices, expr=None):
        """Whether a normal form has the values of a tree; what rounding hides is asked precisely.

        A tree without a value is no example: where it reads outside a tensor, or is not finite.
        """
        expr = plain(self.expr if expr is None else expr)
        for functions, digits in ((FLOATS, 9), (PRECISE, DIGITS // 3)):
            table = smooth(functions) if self.at_kinks else functions
            with mpmath.workdps(DIGITS):
                wanted = value_of(point.of_tree, expr, indices, table)
                assume(wanted is not None)
                found = value_of(point.of_poly, self.definitions, poly, indices, table)
                if found is not None and same(wanted, found, digits):
                    return True
        hidden = 1 in point.sizes.values()  # a sum over nothing hides a division by 0 in its body
        assume(found is not None or not (self.doubts or self.by_sizes or hidden))
        return False


def value_of(values, *arguments):
    """Values that can be compared, or None."""
    try:
        found = values(*arguments)
        same(found, found)
    except (OutOfRange, Kink, *NO_VALUE):
        return None
    return found


def read(expr, setting=SETTING):
    """The normal form; an expression without one is no example."""
    try:
        return Read(expr, setting)
    except UNREADABLE:
        hypothesis.reject()


def proof_of(left, right, where=None, setting=SETTING):
    """The proof that both are equal, or None."""
    try:
        return Prover(setting).prove(left, right, where)
    except Unreadable:
        return None


@given(normal_expressions.expressions, sizes, seeds)
def test_the_normal_form_has_the_value_of_the_tree(expr, at, seed):
    form = read(expr)
    assert form.agrees(Point(SETTING, at, seed), form.poly, tuple(free_indices(expr)))


@given(normal_expressions.expressions, sizes, seeds, seeds)
def test_substituting_subscripts_captures_nothing(expr, at, seed, choice):
    form, rng = read(expr), random.Random(choice)
    free = tuple(free_indices(expr))
    new = {f: rng.choice([n for ns in LETTERS.values() if f in ns for n in ns]) for f in free}
    affine = {
        form.definitions.index(f).name: Affine.of(form.definitions.index(n)) for f, n in new.items()
    }
    renamed = rename(expr, new)
    letters = tuple(dict.fromkeys(new.values()))
    poly = substitute(form.poly, affine)
    assert form.agrees(Point(SETTING, at, seed), poly, letters, renamed)


@given(expressions.with_names, st.one_of(expressions.variables, expressions.intermediates))
def test_the_derivative_is_that_of_brute_force(expr, by):
    form = read(unwrap(D(expr, by)), expressions.SETTING)
    indices = tuple(free_indices(form.expr))
    point = Point(expressions.SETTING, expressions.SIZES, 0)
    point.tensors = expressions.TENSORS
    wanted = expressions.REFERENCE.values(form.expr, indices)
    assert same(wanted, point.of_poly(form.definitions, form.poly, indices))


@given(normal_expressions.expressions, seeds)
def test_what_summed_letters_are_called_and_their_order_changes_nothing(expr, seed):
    form = read(expr)
    other, _ = rewritten(expr, random.Random(seed), SETTING, 4, (rename_summed, commute))
    assert read(other).poly == form.poly


@given(normal_expressions.expressions, seeds, st.integers(1, 2))
def test_nothing_false_is_proved(expr, seed, times):
    rng, wrong = random.Random(seed), expr
    for _ in range(times):
        wrong = rng.choice([e.expr for e in edits(wrong, SETTING)] or [wrong])
    proof = proof_of(expr, wrong) if {*free_indices(wrong)} <= {*free_indices(expr)} else None
    assert proof is None or [*counterexamples(expr, wrong, proof, rng)] == []


def counterexamples(left, right, proof, rng):
    """Points where two sides have different values, and the proof says they have none."""
    functions = smooth(FLOATS) if AWAY_FROM_KINKS in proof.assumptions else FLOATS
    indices = tuple(free_indices(left))
    for point in () if proof.doubts else points(rng):
        sides = [value_of(point.of_tree, plain(e), indices, functions) for e in (left, right)]
        if None not in sides and not same(*sides, 6):
            yield point.sizes, point.tensors


def points(rng):
    """Five points, their sizes from 1 to 4."""
    for _ in range(5):
        yield Point(SETTING, {name: rng.randint(1, 4) for name in LETTERS}, rng.randrange(10**6))


EQUATIONS = 400
RIGHT = 0.995  # the share of true equations that must be proved


def test_what_an_author_may_do_to_a_formula_is_proved(request):
    """Random rewrites that keep the meaning; what is missed is printed."""
    long = request.config.getoption("--hypothesis-profile", None) == "long"
    tried, missed = 0, []
    for left, right, done in equations(50 * EQUATIONS if long else EQUATIONS):
        proof = proof_of(left, right)
        tried += 1
        missed += [] if proof else [f"{left} = {right} by {', '.join(done)}"]
    print(*missed, sep="\n")
    assert tried - len(missed) >= RIGHT * tried


def equations(count):
    """True equations between expressions that have a normal form and surely lie inside tensors."""
    found, rng = [], random.Random(0)
    by = [None, *map(unwrap, (a, X[j], W[j, m], A[k, i]))]

    @hypothesis.seed(0)
    @hypothesis.settings(
        max_examples=2 * count,
        database=None,
        deadline=None,
        suppress_health_check=[*hypothesis.HealthCheck],
        phases=[hypothesis.Phase.generate],
    )
    @given(normal_expressions.expressions)
    def collect(expr):
        entry = rng.choice(by)
        expr = expr if entry is None else unwrap(D(expr, entry))
        proof = proof_of(expr, expr)
        if proof and not proof.doubts and len(found) < count:
            found.append((expr, *rewritten(expr, rng, SETTING, rng.randint(1, 5), REWRITES)))

    collect()
    return found


GRADIENT = Sum(Z[i] * D(B[i], X[j]), i)
# Derivatives of derivatives, by what else they depend on.
SECOND = [
    row("of a derivative", D(D(B[i], X[j]), X[k])),
    row("of a derivative, by another tensor", D(D(B[i], X[j]), V[m])),
    row("of a softmax", D(D(P[i, m], W[j, p]), W[k, m])),
    row("of a gradient", D(GRADIENT, X[k])),
    row("of a gradient, by its cotangent", D(GRADIENT, Z[k])),
    row("of a gradient, by another tensor", D(GRADIENT, V[m])),
    row("Hessian times vector", D(Sum(GRADIENT * X[j], j), X[k])),
]  # fmt: skip


@pytest.mark.parametrize("expr", SECOND)
def test_a_second_derivative_has_the_value_of_the_tree(expr):
    form = Read(unwrap(expr))
    indices = tuple(free_indices(form.expr))
    point = Point(SETTING, {"N": 3, "M": 2, "T": 1}, 0)
    wanted = point.of_tree(form.expr, indices)
    assert any(wanted)
    assert same(wanted, point.of_poly(form.definitions, form.poly, indices))


def test_the_brute_force_can_fail():
    form, wrong = (Read(unwrap(e)) for e in (Sum(X[i] * Z[i], i), Sum(X[i], i) * Sum(Z[i], i)))
    point = Point(SETTING, {"N": 2, "M": 1, "T": 3}, 0)
    wanted = point.of_tree(form.expr, ())
    assert same(wanted, point.of_poly(form.definitions, form.poly, ()))
    assert not same(wanted, point.of_poly(wrong.definitions, wrong.poly, ()))
