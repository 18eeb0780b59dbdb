"""Elementwise functions in normal form: how each is written, and its derivative.

exp of a sum becomes a product, log of a product of positive factors a sum. The piecewise functions
are written with `step` alone: relu(x) = x step(x), |x| = x (2 step(x) - 1); sign(x) likewise.
Identities that leave out the point where the argument is 0 are noted as assumptions.
"""

from collections.abc import Callable
from fractions import Fraction

from gradcheck.derivations.calculus.normal.algebra import (
    FUNCTIONS,
    add,
    multiply,
    of,
    scale,
    subtract,
)
from gradcheck.derivations.calculus.normal.poly import (
    ONE,
    PI,
    UNIT,
    ZERO,
    Apply,
    Atom,
    Base,
    Bracket,
    Delta,
    Poly,
    Product,
    constant,
    is_positive,
)
from gradcheck.derivations.calculus.normal.powers import content, leads_positive, power
from gradcheck.derivations.calculus.normal.record import assume

AWAY_FROM_KINKS = "arguments of relu, step, abs and sign are not 0"
HALF = Fraction(1, 2)
LOG_ARGUMENTS = "arguments of log are greater than 0"


def exp(argument: Poly) -> Poly:
    """exp(2 a + b) = exp(a)² exp(b), exp(log a) = a."""
    result = ONE
    for p, c in argument.terms:
        inner = _log_inside(p)
        if inner is not None:
            assume(LOG_ARGUMENTS)
            result = multiply(result, power(inner, c))
        else:
            one = constant(1) if p == UNIT else Poly({p: 1})
            result = multiply(result, of(Apply("exp", one, positive=True), c))
    return result


def log(argument: Poly) -> Poly:
    """log(a² b) = 2 log a + log b for positive a; log(exp a) = a."""
    if argument.number == 1:
        return ZERO
    if argument.number is not None or not argument.terms:
        return of(Apply("log", argument))
    coefficient, common, rest = content(argument, signs=False)
    terms = [scale(_log_of_atom(a), e) for a, e in common if a.positive]
    for a, e in common:
        if not a.positive:  # an even power of something of either sign stays inside
            rest = multiply(rest, of(a, e))
    if coefficient != 1:
        terms.append(of(Apply("log", constant(coefficient))))
    if rest.number != 1:
        terms.append(_log_of_rest(rest))
    return add(*terms)


def tanh(argument: Poly) -> Poly:
    return _odd("tanh", argument)


def sin(argument: Poly) -> Poly:
    return _odd("sin", argument)


def cos(argument: Poly) -> Poly:
    return of(Apply("cos", argument if _standard(argument) else scale(argument, -1)))


def erf(argument: Poly) -> Poly:
    return _odd("erf", argument)


def sigmoid(argument: Poly) -> Poly:
    """σ(-x) = 1 - σ(x)."""
    if not argument.terms:
        return constant(HALF)
    if _standard(argument):
        return of(Apply("sigmoid", argument, positive=True))
    return subtract(ONE, of(Apply("sigmoid", scale(argument, -1), positive=True)))


def softplus(argument: Poly) -> Poly:
    """log(1 + exp x) = x + log(1 + exp(-x))."""
    if not argument.terms or _standard(argument):
        return of(Apply("softplus", argument, positive=True))
    return add(argument, of(Apply("softplus", scale(argument, -1), positive=True)))


def step(argument: Poly) -> Poly:
    """[x > 0]; positive factors of x are left out, and step(-x) = 1 - step(x) but at x = 0."""
    if argument.number is not None:
        return ONE if argument.number > 0 else ZERO
    if is_positive(argument):
        return ONE
    if is_positive(scale(argument, -1)):
        return ZERO
    _, common, rest = content(argument, signs=False)
    for a, e in common:
        if not a.positive:
            rest = multiply(rest, of(a, e))
    rest = _without_own_steps(rest)
    if is_positive(rest):
        return ONE
    if _standard(rest) or _may_vanish(rest):
        return of(Apply("step", rest))
    assume(AWAY_FROM_KINKS)
    return subtract(ONE, of(Apply("step", scale(rest, -1))))


def _without_own_steps(argument: Poly) -> Poly:
    """x, where the argument is x step(x): both are greater than 0 at the same places."""
    single = argument.only
    if single is None or single[0].binders:
        return argument
    steps = [a for a, _ in single[0].factors if isinstance(a, Apply) and a.function == "step"]
    rest = Poly({Product((), tuple(f for f in single[0].factors if f[0] not in steps)): single[1]})
    return rest if steps and all(step(rest) == of(a) for a in steps) else argument


def relu(argument: Poly) -> Poly:
    return multiply(argument, step(argument))


def absolute(argument: Poly) -> Poly:
    """x (2 step(x) - 1), at x = 0 too."""
    return multiply(argument, _sign(argument))


def sign(argument: Poly) -> Poly:
    """2 step(x) - 1, but at x = 0."""
    if not argument.terms:
        return ZERO
    if _may_vanish(argument):
        return of(Apply("sign", argument))
    assume(AWAY_FROM_KINKS)
    return _sign(argument)


def prime(function: str, argument: Poly) -> Poly:
    """The derivative of an elementwise function at `argument`.

    An unknown function f has the derivative f′, of which nothing is known either.
    """
    known = DERIVATIVES.get(function)
    return known(argument) if known else of(Apply(function + "′", argument))


FUNCTIONS.update(
    exp=exp,
    log=log,
    tanh=tanh,
    sin=sin,
    cos=cos,
    erf=erf,
    sigmoid=sigmoid,
    softplus=softplus,
    step=step,
    relu=relu,
    absolute=absolute,
    sign=sign,
)

DERIVATIVES: dict[str, Callable[[Poly], Poly]] = {
    "exp": exp,
    "log": lambda x: power(x, -1),
    "tanh": lambda x: subtract(ONE, power(tanh(x), 2)),
    "sin": cos,
    "cos": lambda x: scale(sin(x), -1),
    "erf": lambda x: scale(multiply(power(of(PI), -HALF), exp(scale(multiply(x, x), -1))), 2),
    "sigmoid": lambda x: multiply(sigmoid(x), subtract(ONE, sigmoid(x))),
    "softplus": sigmoid,
    "relu": step,
    "step": lambda x: ZERO,
    "absolute": sign,
    "sign": lambda x: ZERO,
}


def in_exponentials(function: str, argument: Poly) -> Poly | None:
    """A function written with exp, where that is possible: what identities between them need."""
    if function == "sigmoid":
        return power(add(ONE, exp(scale(argument, -1))), -1)
    if function == "tanh":
        doubled = in_exponentials("sigmoid", scale(argument, 2))
        assert doubled is not None
        return subtract(scale(doubled, 2), ONE)
    if function == "softplus":
        return log(add(ONE, exp(argument)))
    return None


def _sign(argument: Poly) -> Poly:
    return subtract(scale(step(argument), 2), ONE)


def _may_vanish(argument: Poly) -> bool:
    """Whether an argument is 0 at some indices by what it is, not by the values of entries."""
    return any(isinstance(a, (Delta, Bracket)) for p, _ in argument for a, _ in p.factors)


def _odd(function: str, argument: Poly) -> Poly:
    """f(-x) = -f(x)."""
    if not argument.terms:
        return ZERO
    if _standard(argument):
        return of(Apply(function, argument))
    return scale(of(Apply(function, scale(argument, -1))), -1)


def _standard(argument: Poly) -> bool:
    return not argument.terms or leads_positive(argument)


def _log_inside(p: Product) -> Poly | None:
    """a, if the product is log(a) and nothing else."""
    if p.binders or len(p.factors) != 1:
        return None
    atom, exponent = p.factors[0]
    return atom.argument if exponent == 1 and _is_log(atom) else None  # type: ignore[attr-defined]


def _is_log(atom: Atom) -> bool:
    return isinstance(atom, Apply) and atom.function == "log"


def _log_of_atom(atom: Atom) -> Poly:
    if isinstance(atom, Apply) and atom.function == "exp":
        return atom.argument
    if isinstance(atom, Base):
        return log(atom.poly)
    return of(Apply("log", of(atom)))


def _log_of_rest(rest: Poly) -> Poly:
    """The log of what has no positive factors; of a power, which must be positive, all the same."""
    single = rest.only
    if single and single[1] == 1 and not single[0].binders and len(single[0].factors) == 1:
        atom, exponent = single[0].factors[0]
        one_sign = exponent % 2 == 1 or Fraction(exponent).denominator % 2 == 0
        if isinstance(atom, Base) and one_sign:
            assume(LOG_ARGUMENTS)
            return scale(log(atom.poly), exponent)
    return of(Apply("log", rest))
