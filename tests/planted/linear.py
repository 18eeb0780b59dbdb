"""Products: linear layers in two layouts, contractions, inverses, a residual block."""

import numpy as np
from planted.catalogue import Layer, normal, only, poked, wrong


def linear_back(d, x, W, b):
    return {"x": d @ W.T, "W": x.T @ d, "b": d.sum(0)}


def linear_columns_back(d, X, W, b):
    return {"X": W.T @ d, "W": d @ X.T, "b": d.sum(1, keepdims=True)}


def bilinear_back(d, x, A, z):
    return {
        "x": np.einsum("sk,kij,sj->si", d, A, z),
        "A": np.einsum("sk,si,sj->kij", d, x, z),
        "z": np.einsum("sk,kij,si->sj", d, A, x),
    }


def product_back(d, A, B):
    return {"A": d @ np.swapaxes(B, -1, -2), "B": np.swapaxes(A, -1, -2) @ d}


def inverse_back(d, A):
    Y = np.linalg.inv(A).T
    return {"A": -Y @ d @ Y}


def solve_back(d, A, b):
    db = np.linalg.solve(A.T, d)
    return {"A": -db @ np.linalg.solve(A, b).T, "b": db}


def form_back(d, x, A):
    return {"x": d[:, None] * (x @ A.T + x @ A), "A": np.einsum("s,si,sj->ij", d, x, x)}


def affine_back(d, x, gamma, beta):
    gamma_sum = (d * x).sum((0, 2), keepdims=True)
    return {"x": d * gamma, "gamma": gamma_sum, "beta": d.sum((0, 1))}


def residual_back(d, x, W1, W2):
    h = np.maximum(x @ W1, 0)
    da = d @ W2.T * (h > 0)
    return {"x": d + da @ W1.T, "W1": x.T @ da, "W2": h.T @ d}


def near_identity(rng):
    return {"A": np.eye(4) + 0.3 * rng.standard_normal((4, 4)), "b": rng.standard_normal((4, 3))}


LINEAR = Layer("linear", lambda x, W, b: x @ W + b, linear_back, normal(x=(5, 3), W=(3, 4), b=(4,)))
SQUARE = LINEAR.at(normal(x=(5, 4), W=(4, 4), b=(4,)), "square linear")
CUBE = LINEAR.at(normal(x=(4, 4), W=(4, 4), b=(4,)), "linear with equal sizes")
COLUMNS = Layer(
    "linear on columns",
    lambda X, W, b: W @ X + b,
    linear_columns_back,
    normal(X=(3, 5), W=(4, 3), b=(4, 1)),
)
BILINEAR = Layer(
    "bilinear",
    lambda x, A, z: np.einsum("si,kij,sj->sk", x, A, z),
    bilinear_back,
    normal(x=(5, 3), A=(4, 3, 3), z=(5, 3)),
)
PRODUCT = Layer("product", lambda A, B: A @ B, product_back, normal(A=(2, 3, 4), B=(2, 4, 4)))
INVERSE = Layer(
    "inverse", lambda A: np.linalg.inv(A), inverse_back, lambda rng: {"A": near_identity(rng)["A"]}
)
SOLVE = Layer("solve", lambda A, b: np.linalg.solve(A, b), solve_back, near_identity)
FORM = Layer(
    "quadratic form",
    lambda x, A: np.einsum("si,ij,sj->s", x, A, x),
    form_back,
    normal(x=(5, 3), A=(3, 3)),
)
AFFINE = Layer(
    "scale and shift",
    lambda x, gamma, beta: x * gamma + beta,
    affine_back,
    normal(x=(5, 3, 4), gamma=(1, 3, 1), beta=(4,)),
)
RESIDUAL = Layer(
    "residual block",
    lambda x, W1, W2: x + np.maximum(x @ W1, 0) @ W2,
    residual_back,
    normal(x=(5, 3), W1=(3, 4), W2=(4, 3)),
)

LAYERS = [LINEAR, SQUARE, CUBE, COLUMNS, BILINEAR, PRODUCT, INVERSE, SOLVE, FORM, AFFINE, RESIDUAL]

WRONG = [
    wrong(
        "the weights' gradient is transposed", SQUARE, "W", "transposed", W=lambda d, i, g: g.W.T
    ),
    wrong("d.T @ x for x.T @ d", LINEAR, "W", "transposed", W=lambda d, i, g: d.T @ i.x),
    wrong(
        "W is not transposed in dx", SQUARE, "x", W=lambda d, i, g: g.W, x=lambda d, i, g: d @ i.W
    ),
    wrong("x is not transposed in dW", CUBE, "W", W=lambda d, i, g: i.x @ d),
    wrong("the bias is averaged", LINEAR, "b", "factor", b=lambda d, i, g: d.mean(0)),
    wrong("the bias keeps the batch axis", LINEAR, "b", "kept-axis", b=lambda d, i, g: g.b[None]),
    wrong("the bias is a column", LINEAR, "b", "kept-axis shape", b=lambda d, i, g: g.b[:, None]),
    wrong("the bias is not summed", LINEAR, "b", "missing-sum", b=lambda d, i, g: d.copy()),
    wrong("the bias is one number", LINEAR, "b", "extra-sum shape", b=lambda d, i, g: d.sum()),
    wrong(
        "the bias is summed over everything and broadcast",
        LINEAR,
        "b",
        "extra-sum",
        b=lambda d, i, g: np.full(4, d.sum()),
    ),
    wrong("the bias of the first sample", LINEAR, "b", "first-sample", b=lambda d, i, g: d[0] + 0),
    wrong("the bias of the last sample", LINEAR, "b", "last-sample", b=lambda d, i, g: d[-1] + 0),
    wrong("the bias is summed over the other axis", CUBE, "b", b=lambda d, i, g: d.sum(1)),
    wrong("no bias gradient but zeros", LINEAR, "b", "zero", b=lambda d, i, g: 0 * i.b),
    wrong("the bias is subtracted", LINEAR, "b", "sign", b=lambda d, i, g: -g.b),
    wrong("1/N in the weights only", LINEAR, "W", "factor", W=lambda d, i, g: g.W / 5),
    wrong("the weights are averaged over all", LINEAR, "W", "factor", W=lambda d, i, g: g.W / 20),
    wrong("twice the weights", LINEAR, "W", "factor", W=lambda d, i, g: 2 * g.W),
    wrong(
        "the weights of the last sample",
        LINEAR,
        "W",
        "last-sample",
        W=lambda d, i, g: np.outer(i.x[-1], d[-1]),
    ),
    wrong("the batch loop stops one early", LINEAR, "W", W=lambda d, i, g: i.x[:-1].T @ d[:-1]),
    wrong(
        "one entry is off by a tenth",
        LINEAR,
        "W",
        "one-entry",
        W=lambda d, i, g: poked(g.W, (1, 2), 0.1),
    ),
    wrong(
        "one entry is off by 1e-5",
        LINEAR,
        "x",
        "one-entry approximate",
        x=lambda d, i, g: poked(g.x, (4, 0), 1e-5),
    ),
    wrong("weight decay in backward", LINEAR, "W", "nonlinear", W=lambda d, i, g: g.W + 0.01 * i.W),
    wrong(
        "ones for the cotangent",
        LINEAR,
        "W",
        "ignores-cotangent",
        W=lambda d, i, g: i.x.T @ np.ones_like(d),
    ),
    wrong("1/m in the weights", COLUMNS, "W", "factor", W=lambda d, i, g: g.W / 5),
    wrong("the sum drops the axis", COLUMNS, "b", "shape", b=lambda d, i, g: d.sum(1)),
    wrong("the bias is one number", COLUMNS, "b", "extra-sum shape", b=lambda d, i, g: d.sum()),
    wrong("the input is scaled by 1/m", COLUMNS, "X", "factor", X=lambda d, i, g: g.X / 5),
    wrong(
        "the gradients of x and z are exchanged",
        BILINEAR,
        "x z",
        "swapped",
        x=lambda d, i, g: g.z,
        z=lambda d, i, g: g.x,
    ),
    wrong(
        "two axes of A are exchanged",
        BILINEAR,
        "A",
        "transposed",
        A=lambda d, i, g: g.A.swapaxes(1, 2),
    ),
    wrong(
        "A is read transposed for x",
        BILINEAR,
        "x",
        x=lambda d, i, g: np.einsum("sk,kji,sj->si", d, i.A, i.z),
    ),
    wrong(
        "A's axes come in another order",
        BILINEAR,
        "A",
        "transposed",
        A=lambda d, i, g: g.A.transpose(1, 2, 0),
    ),
    wrong(
        "A is summed over the batch",
        PRODUCT,
        "A",
        "extra-sum",
        A=lambda d, i, g: g.A.sum(0, keepdims=True) + 0 * g.A,
    ),
    wrong(
        "B is transposed in each sample",
        PRODUCT,
        "B",
        "transposed",
        B=lambda d, i, g: g.B.swapaxes(1, 2),
    ),
    wrong(
        "only the first sample of B", PRODUCT, "B", "first-sample", B=lambda d, i, g: only(g.B, 0)
    ),
    wrong("B is used as it is for A", PRODUCT, "A", A=lambda d, i, g: d @ i.B),
    wrong("the minus sign is missing", INVERSE, "A", "sign", A=lambda d, i, g: -g.A),
    wrong("the result is transposed", INVERSE, "A", "transposed", A=lambda d, i, g: g.A.T),
    wrong(
        "neither factor is transposed",
        INVERSE,
        "A",
        A=lambda d, i, g: -np.linalg.inv(i.A) @ d @ np.linalg.inv(i.A),
    ),
    wrong("the minus sign is missing", SOLVE, "A", "sign", A=lambda d, i, g: -g.A),
    wrong("A is not transposed for b", SOLVE, "b", b=lambda d, i, g: np.linalg.solve(i.A, d)),
    wrong("A's gradient is transposed", SOLVE, "A", "transposed", A=lambda d, i, g: g.A.T),
    wrong("A is taken to be symmetric", FORM, "x", x=lambda d, i, g: 2 * d[:, None] * (i.x @ i.A)),
    wrong(
        "one of the two places of x is forgotten",
        FORM,
        "x",
        x=lambda d, i, g: d[:, None] * (i.x @ i.A),
    ),
    wrong(
        "A is not summed over the batch",
        FORM,
        "A",
        "missing-sum",
        A=lambda d, i, g: np.einsum("s,si,sj->sij", d, i.x, i.x),
    ),
    wrong(
        "gamma is summed over the batch only",
        AFFINE,
        "gamma",
        "missing-sum",
        gamma=lambda d, i, g: (d * i.x).sum(0, keepdims=True),
    ),
    wrong("gamma is squeezed", AFFINE, "gamma", "shape", gamma=lambda d, i, g: g.gamma[0, :, 0]),
    wrong(
        "beta is summed over its own axis too",
        AFFINE,
        "beta",
        "extra-sum shape",
        beta=lambda d, i, g: d.sum(),
    ),
    wrong(
        "beta is averaged over positions",
        AFFINE,
        "beta",
        "factor",
        beta=lambda d, i, g: d.sum(0).mean(0),
    ),
    wrong(
        "gamma is taken for the last position only",
        AFFINE,
        "gamma",
        gamma=lambda d, i, g: (d * i.x)[:, :, -1:].sum(0, keepdims=True),
    ),
    wrong("the skip is forgotten", RESIDUAL, "x", "missing-path", x=lambda d, i, g: g.x - d),
    wrong("the branch is forgotten", RESIDUAL, "x", "missing-path", x=lambda d, i, g: d.copy()),
    wrong("the skip counts twice", RESIDUAL, "x", x=lambda d, i, g: g.x + d),
    wrong(
        "relu is not differentiated",
        RESIDUAL,
        "W1",
        "missing-activation",
        W1=lambda d, i, g: i.x.T @ (d @ i.W2.T),
    ),
]
