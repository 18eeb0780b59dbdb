"""Rewrites of an index expression that keep its meaning, as an author would do them.

A rewrite looks at one node and gives another one of equal value, or None where it does not apply.
Letters are renamed by `terms.rename`.
"""

import random
from typing import Any

from calculus.normal_rewriting import Rewrite, built, nodes
from sympy import Add, Idx, Indexed, KroneckerDelta, Mul, Pow, Sum, exp, log, tanh

from gradcheck.derivations.calculus.functions import absolute, relu, sigmoid, sign, softplus, step
from gradcheck.derivations.calculus.terms import (
    D,
    Setting,
    free_indices,
    fresh,
    indices_of,
    name_of,
    outermost,
    rename,
)


def commute(node: Any, rng: random.Random, setting: Setting) -> Any:
    if not isinstance(node, Add | Mul) or len(node.args) < 2:
        return None
    args = [*node.args]
    rng.shuffle(args)
    return built(node.func, *args)


def distribute(node: Any, rng: random.Random, setting: Setting) -> Any:
    """(a + b) c = a c + b c; also splits a fraction."""
    chosen, others = _picked(node, rng, Add)
    if chosen is None:
        return None
    return built(Add, *(built(Mul, *others, term) for term in chosen.args))


def rename_summed(node: Any, rng: random.Random, setting: Setting) -> Any:
    if not isinstance(node, Sum):
        return None
    body, (index, low, high) = outermost(node)
    letter = Idx(f"{index}_{rng.randrange(1000)}", index.args[1])
    return Sum(rename(body, {index: letter}), (letter, low, high))


def into_sum(node: Any, rng: random.Random, setting: Setting) -> Any:
    """a Σ b = Σ a b."""
    chosen, others = _picked(node, rng, Sum)
    if chosen is None:
        return None
    body, limits = _apart(chosen, [i for a in others for i in free_indices(a)])
    return Sum(built(Mul, *others, body), limits)


def out_of_sum(node: Any, rng: random.Random, setting: Setting) -> Any:
    """Σ a b = a Σ b, if the index does not occur in a."""
    if not isinstance(node, Sum):
        return None
    body, limits = outermost(node)
    if not isinstance(body, Mul):
        return None
    outside = [a for a in body.args if limits[0] not in free_indices(a)]
    inside = [a for a in body.args if limits[0] in free_indices(a)]
    if not outside or not inside:
        return None
    return built(Mul, *outside, Sum(built(Mul, *inside), limits))


def split_sum(node: Any, rng: random.Random, setting: Setting) -> Any:
    """Σ (a + b) = Σ a + Σ b."""
    if not isinstance(node, Sum):
        return None
    body, limits = outermost(node)
    return built(Add, *(Sum(a, limits) for a in body.args)) if isinstance(body, Add) else None


def exchange_sums(node: Any, rng: random.Random, setting: Setting) -> Any:
    """Σ_i Σ_j = Σ_j Σ_i, and Σ_i Σ_{j<=i} = Σ_j Σ_{i>=j}."""
    if not isinstance(node, Sum):
        return None
    body, outer = outermost(node)
    if not isinstance(body, Sum):
        return None
    body, inner = _apart(body, [outer[0]])
    i, low, high = outer
    j, first, last = inner
    if i not in free_indices(first) and i not in free_indices(last):
        return Sum(Sum(body, outer), inner)
    whole = (low, high) == (i.lower, i.upper) == (j.lower, j.upper)
    if whole and last == i and first == j.lower:
        return Sum(Sum(body, (i, j, high)), (j, j.lower, j.upper))
    return None


def merge_products(node: Any, rng: random.Random, setting: Setting) -> Any:
    """(Σ_i a)(Σ_j b) = Σ_ij a b, and (Σ_i a)² likewise."""
    if isinstance(node, Pow) and node.exp == 2 and isinstance(node.base, Sum):
        sums, others = [node.base, node.base], []
    elif isinstance(node, Mul):
        places = [k for k, a in enumerate(node.args) if isinstance(a, Sum)][:2]
        sums = [node.args[k] for k in places]
        others = [a for k, a in enumerate(node.args) if k not in places]
    else:
        return None
    if len(sums) < 2:
        return None
    one, first = _apart(sums[0], [i for a in node.args for i in free_indices(a)])
    other, second = _apart(sums[1], [*free_indices(one), *free_indices(sums[0]), first[0]])
    return built(Mul, *others, Sum(Sum(built(Mul, one, other), second), first))


def insert_delta(node: Any, rng: random.Random, setting: Setting) -> Any:
    """x_i = Σ_j δ_ij x_j."""
    if not isinstance(node, Indexed):
        return None
    own = setting.indices[name_of(node)]
    plain = [
        k
        for k, (i, o) in enumerate(zip(node.indices, own, strict=True))
        if isinstance(i, Idx) and (i.lower, i.upper) == (o.lower, o.upper)
    ]
    if not plain:
        return None
    place = rng.choice(plain)
    index = node.indices[place]
    new = fresh(index, free_indices(node))
    subscripts = (*node.indices[:place], new, *node.indices[place + 1 :])
    delta = KroneckerDelta(index, new, evaluate=False)
    return Sum(built(Mul, delta, node.base[subscripts]), (new, new.lower, new.upper))


def exp_of_sum(node: Any, rng: random.Random, setting: Setting) -> Any:
    if not isinstance(node, exp) or not isinstance(node.args[0], Add):
        return None
    return built(Mul, *(built(exp, a) for a in node.args[0].args))


def log_of_power(node: Any, rng: random.Random, setting: Setting) -> Any:
    """log(a^e) = e log a, where a is greater than 0."""
    if not isinstance(node, log) or not isinstance(node.args[0], Pow):
        return None
    base, exponent = node.args[0].args
    return built(Mul, exponent, built(log, base)) if _positive(base, setting) else None


def log_times_exp(node: Any, rng: random.Random, setting: Setting) -> Any:
    """log a = log(a exp b) - b."""
    if not isinstance(node, log):
        return None
    b = rng.choice([f for _, f in nodes(node.args[0])])
    product = built(Mul, node.args[0], built(exp, built(tanh, b)))
    return built(Add, built(log, product), built(Mul, -1, built(tanh, b)))


def add_nothing(node: Any, rng: random.Random, setting: Setting) -> Any:
    e = rng.choice([f for _, f in nodes(node)])
    return built(Add, e, node, built(Mul, -1, e))


def times_one(node: Any, rng: random.Random, setting: Setting) -> Any:
    """a = a q / q with q > 0."""
    q = built(exp, built(tanh, rng.choice([f for _, f in nodes(node)])))
    return built(Mul, node, q, built(Pow, q, -1))


def unfold(node: Any, rng: random.Random, setting: Setting) -> Any:
    """A defined tensor by its definition."""
    definition = setting.definitions.get(name_of(node)) if isinstance(node, Indexed) else None
    if definition is None or definition.recursive:
        return None
    return rename(definition.rhs, dict(zip(definition.indices, indices_of(node), strict=True)))


def in_other_functions(node: Any, rng: random.Random, setting: Setting) -> Any:
    x = node.args[0] if len(node.args) == 1 else None
    match node:
        case sigmoid():
            return rng.choice([1 / (1 + exp(-x)), 1 - sigmoid(-x), (1 + tanh(x / 2)) / 2])
        case tanh():
            return rng.choice([2 * sigmoid(2 * x) - 1, -tanh(-x)])
        case softplus():
            return rng.choice([log(1 + exp(x)), x + softplus(-x)])
        case relu():
            return x * step(x)
        case absolute():
            return rng.choice([x * sign(x), relu(x) + relu(-x)])
    return None


def multiply_power(node: Any, rng: random.Random, setting: Setting) -> Any:
    """a³ = a a²."""
    if not isinstance(node, Pow) or not node.exp.is_Integer or node.exp < 2:
        return None
    return built(Mul, node.base, built(Pow, node.base, node.exp - 1))


def split_root(node: Any, rng: random.Random, setting: Setting) -> Any:
    """a^(3/2) = a √a, 1/√a = √a / a."""
    if not isinstance(node, Pow) or node.exp.is_Integer or not node.exp.is_Rational:
        return None
    return built(Mul, node.base, built(Pow, node.base, node.exp - 1))


def differentiate(node: Any, rng: random.Random, setting: Setting) -> Any:
    """One step of a derivative: linearity, product rule, function rule, chain rule."""
    if not isinstance(node, D) or node.held is not None:
        return None
    of, by = node.of, node.by
    if isinstance(of, Add):
        return built(Add, *(D(a, by) for a in of.args))
    if isinstance(of, Mul):
        return built(
            Add,
            *(built(Mul, *of.args[:k], D(a, by), *of.args[k + 1 :]) for k, a in enumerate(of.args)),
        )
    if isinstance(of, Sum):
        body, limits = _apart(of, free_indices(by))
        return Sum(D(body, by), limits)
    if isinstance(of, Pow) and of.exp.is_Rational:
        return built(Mul, of.exp, built(Pow, of.base, of.exp - 1), D(of.base, by))
    if isinstance(of, exp | log | tanh | sigmoid | softplus | relu):
        return built(Mul, of.fdiff(1), D(of.args[0], by))
    definition = setting.definitions.get(name_of(of)) if isinstance(of, Indexed) else None
    if definition is None or definition.recursive or name_of(by) == name_of(of):
        return None
    return D(unfold(of, rng, setting), by)


REWRITES: tuple[Rewrite, ...] = (
    commute,
    distribute,
    rename_summed,
    into_sum,
    out_of_sum,
    split_sum,
    exchange_sums,
    merge_products,
    insert_delta,
    exp_of_sum,
    log_of_power,
    log_times_exp,
    add_nothing,
    times_one,
    unfold,
    in_other_functions,
    multiply_power,
    split_root,
    differentiate,
)


def _picked(node: Any, rng: random.Random, kind: Any) -> tuple[Any, list[Any]]:
    """A factor of some kind in a product, and the other factors; None if there is none."""
    factors = [*node.args] if isinstance(node, Mul) else []
    places = [k for k, a in enumerate(factors) if isinstance(a, kind)]
    if not places:
        return None, []
    place = rng.choice(places)
    return factors[place], factors[:place] + factors[place + 1 :]


def _apart(node: Any, taken: Any) -> tuple[Any, Any]:
    """Body and range of a sum, its letter renamed if it is taken."""
    body, (index, low, high) = outermost(node)
    taken = {*taken}
    if index not in taken:
        return body, (index, low, high)
    new = fresh(index, {*taken, *free_indices(body), *free_indices(low), *free_indices(high)})
    return rename(body, {index: new}), (new, low, high)


def _positive(base: Any, setting: Setting) -> bool:
    return isinstance(base, exp | sigmoid | softplus) or (
        isinstance(base, Indexed)
        and name_of(base) in setting.positive
        and name_of(base) not in setting.padded
    )
