"""Multi-head attention: Z[t] = Σ_h W_h P_h V_h + b, with queries, keys and values of each head.

The weights are PyTorch's with the heads as an axis of their own: in_proj_weight (3, H, D, F), seen
as (3 H D, F), has queries, then keys, then values, and out_proj_weight (F, H, D) is its (F, H D).
In self-attention the three are projections of one X, which collects three gradients; `causal` lets
a query attend to keys up to its own time. The bias of the keys shifts all scores of a query alike,
so its gradient is zero.

Family: attention.
Source: Vaswani and others, Attention is all you need (2017), section 3.2.2; PyTorch,
torch.nn.MultiheadAttention, for one sequence.
"""

from gradcheck.derivations.notation import *

t, r = axis("T", "t r")  # queries
u, w, q = axis("L", "u w q")  # keys and values
(a,) = axis(3, "a")  # queries, keys, values
h, g = axis("H", "h g")  # heads
d, j = axis("D", "d j")  # features of a head
f, k = axis("F", "f k")  # features
in_proj_weight, in_proj_bias = tensor("in_proj_weight", a, h, d, f), tensor("in_proj_bias", a, h, d)
out_proj_weight, out_proj_bias = tensor("out_proj_weight", f, h, d), tensor("out_proj_bias", f)


def projection(name, part, X, time):
    """Queries (part 0), keys (1) or values (2) of each head."""
    product = Sum(X[time, f] * in_proj_weight[part, h, d, f], f)
    entry = tensor(name, h, time, d)[h, time, d]
    return define(entry, product + in_proj_bias[part, h, d])


def attention(query, key, value, u, causal=False):
    """u runs over the keys; all three may be projections of one tensor."""
    Q, K, V = tensor("Q", h, t, d), tensor("K", h, u, d), tensor("V", h, u, d)
    S, P = tensor("S", h, t, u), tensor("P", h, t, u)
    Γ, O, Z = tensor("Γ", h, t), tensor("O", h, t, d), tensor("Z", t, f)
    keys = (u, 0, t) if causal else u
    out = Sum(O[h, t, d] * out_proj_weight[f, h, d], h, d) + out_proj_bias[f]
    weights = (in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias)
    return Layer(
        (*dict.fromkeys((query, key, value)), *weights),
        (
            projection("Q", 0, query, t),
            projection("K", 1, key, u),
            projection("V", 2, value, u),
            define(S[h, t, u], Sum(Q[h, t, d] * K[h, u, d], d) / sqrt(size(d))),
            define(Γ[h, t], Sum(exp(S[h, t, u]), keys)),
            define(P[h, t, u], exp(S[h, t, u]) / Γ[h, t]),
            define(O[h, t, d], Sum(P[h, t, u] * V[h, u, d], keys)),
            define(Z[t, f], out),
        ),
    )


X, query = tensor("X", t, f), tensor("query", t, f)
key, value = tensor("key", u, f), tensor("value", u, f)
layers = {
    "self_attention": attention(X, X, X, r),
    "causal": attention(X, X, X, r, causal=True),
    "cross_attention": attention(query, key, value, u),
}
