"""Scaled dot-product attention: O = P V, with P the softmax of the scores S = Q Kᵀ / √D.

With a causal mask a query attends to the keys up to its own time, and softmax runs over these. An
array attn_mask is added to the scores; here Q Kᵀ has the factor `scale` instead of 1/√D. For
padded_keys, PyTorch's mask is boolean: True for the keys of a sample up to its last one.

Family: attention.
Source: Vaswani and others, Attention is all you need (2017), equation 1; PyTorch,
torch.nn.functional.scaled_dot_product_attention.
"""

from gradcheck.derivations.notation import *

t, r = axis("T", "t r")  # queries
u, w, k = axis("L", "u w k")  # keys
d, j = axis("D", "d j")  # features of queries and keys
e, f = axis("E", "e f")  # features of values


def full():
    """Every query attends to every key."""
    Q, K, V = tensor("Q", t, d), tensor("K", u, d), tensor("V", u, e)
    S, P, dS, dP = (tensor(name, t, u) for name in ("S", "P", "dS", "dP"))
    Γ, O = tensor("Γ", t), tensor("O", t, e)
    dQ, dK, dV, dO = map(grad, (Q, K, V, O))
    root = sqrt(size(d))

    softmax = chain(
        D(P[t, u], S[r, k]),
        (
            (D(exp(S[t, u]), S[r, k]) * Γ[t] - exp(S[t, u]) * D(Γ[t], S[r, k])) / Γ[t] ** 2,
            "quotient rule",
        ),
        (
            delta(t, r)
            * (delta(u, k) * exp(S[t, u]) * Γ[t] - exp(S[t, u]) * exp(S[t, k]))
            / Γ[t] ** 2,
            "function derivative",
        ),
        (delta(t, r) * P[t, u] * (delta(u, k) - P[t, k]), "named intermediate"),
    )
    by_scores = chain(
        dS[r, k],
        (Sum(dP[t, u] * D(P[t, u], S[r, k]), t, u), "chain rule"),
        (Sum(dP[t, u] * delta(t, r) * P[t, u] * (delta(u, k) - P[t, k]), t, u), "substitution"),
        (P[r, k] * (dP[r, k] - Sum(dP[r, u] * P[r, u], u)), "delta contraction"),
    )
    by_Q = derivation(
        Q[r, j],
        chain(
            D(S[t, u], Q[r, j]),
            (Sum(delta(t, r) * delta(d, j) * K[u, d], d) / root, "independent entries"),
            (delta(t, r) * K[u, j] / root, "delta contraction"),
        ),
        chain(
            dQ[r, j],
            (Sum(dS[t, u] * D(S[t, u], Q[r, j]), t, u), "chain rule"),
            (Sum(dS[t, u] * delta(t, r) * K[u, j] / root, t, u), "substitution"),
            (Sum(dS[r, u] * K[u, j], u) / root, "delta contraction"),
        ),
        matrix=dS @ K / root,
    )
    by_K = derivation(
        K[k, j],
        chain(
            D(S[t, u], K[k, j]),
            (Sum(Q[t, d] * delta(u, k) * delta(d, j), d) / root, "independent entries"),
            (delta(u, k) * Q[t, j] / root, "delta contraction"),
        ),
        chain(
            dK[k, j],
            (Sum(dS[t, u] * D(S[t, u], K[k, j]), t, u), "chain rule"),
            (Sum(dS[t, u] * delta(u, k) * Q[t, j] / root, t, u), "substitution"),
            (Sum(dS[t, k] * Q[t, j], t) / root, "delta contraction"),
        ),
        matrix=dS.T @ Q / root,
    )
    by_V = derivation(
        V[k, f],
        chain(
            D(O[t, e], V[k, f]),
            (Sum(P[t, u] * delta(u, k) * delta(e, f), u), "independent entries"),
            (P[t, k] * delta(e, f), "delta contraction"),
        ),
        chain(
            dV[k, f],
            (Sum(dO[t, e] * D(O[t, e], V[k, f]), t, e), "chain rule"),
            (Sum(dO[t, e] * P[t, k] * delta(e, f), t, e), "substitution"),
            (Sum(P[t, k] * dO[t, f], t), "delta contraction"),
        ),
        matrix=P.T @ dO,
    )
    return Layer(
        inputs=(Q, K, V),
        forward=(
            define(S[t, u], Sum(Q[t, d] * K[u, d], d) / root),
            define(Γ[t], Sum(exp(S[t, w]), w)),
            define(P[t, u], exp(S[t, u]) / Γ[t]),
            define(O[t, e], Sum(P[t, u] * V[u, e], u)),
        ),
        adjoints=(
            define(dP[t, u], Sum(dO[t, e] * D(O[t, e], P[t, u]), e)),
            define(dS[t, u], Sum(dP[r, k] * D(P[r, k], S[t, u]), r, k)),
        ),
        lemmas=(
            chain(dP[t, u], (Sum(dO[t, e] * V[u, e], e), "linearity")),
            softmax,
            by_scores,
        ),
        derivations=(by_Q, by_K, by_V),
    )


def causal():
    """Queries and keys share one time axis, and a query at time t attends to the keys 0 to t."""
    Q, K, V, O = tensor("Q", t, d), tensor("K", t, d), tensor("V", t, e), tensor("O", t, e)
    S, P, Γ = tensor("S", t, r), tensor("P", t, r), tensor("Γ", t)
    return Layer(
        (Q, K, V),
        (
            define(S[t, r], Sum(Q[t, d] * K[r, d], d) / sqrt(size(d))),
            define(Γ[t], Sum(exp(S[t, r]), (r, 0, t))),
            define(P[t, r], exp(S[t, r]) / Γ[t]),  # read for r ≤ t only
            define(O[t, e], Sum(P[t, r] * V[r, e], (r, 0, t))),
        ),
    )


def masked():
    """An array is added to the scores; it has a gradient, that of the scores."""
    Q, K, V, O = tensor("Q", t, d), tensor("K", u, d), tensor("V", u, e), tensor("O", t, e)
    attn_mask, scale = tensor("attn_mask", t, u), option("scale", 0.125, between=(0.1, 2))
    S, P, Γ = tensor("S", t, u), tensor("P", t, u), tensor("Γ", t)
    return Layer(
        (Q, K, V, attn_mask),
        (
            define(S[t, u], scale * Sum(Q[t, d] * K[u, d], d) + attn_mask[t, u]),
            define(Γ[t], Sum(exp(S[t, w]), w)),
            define(P[t, u], exp(S[t, u]) / Γ[t]),
            define(O[t, e], Sum(P[t, u] * V[u, e], u)),
        ),
        options=(scale,),
    )


def padded_keys():
    """Each sample has keys up to its `last` one, and padding behind: a boolean mask."""
    (n,) = axis("N", "n")  # samples
    Q, K, V = tensor("Q", n, t, d), tensor("K", n, u, d), tensor("V", n, u, e)
    last, O = tensor("last", n, integer=u), tensor("O", n, t, e)
    S, P, Γ = tensor("S", n, t, u), tensor("P", n, t, u), tensor("Γ", n, t)
    real = bracket(u, last[n])
    return Layer(
        (Q, K, V, last),
        (
            define(S[n, t, u], Sum(Q[n, t, d] * K[n, u, d], d) / sqrt(size(d))),
            define(Γ[n, t], Sum(real * exp(S[n, t, u]), u)),
            define(P[n, t, u], real * exp(S[n, t, u]) / Γ[n, t]),
            define(O[n, t, e], Sum(P[n, t, u] * V[n, u, e], u)),
        ),
    )


layers = {
    "full": full(),
    "causal": causal(),
    "attn_mask": masked(),
    "padded_keys": padded_keys(),
}
