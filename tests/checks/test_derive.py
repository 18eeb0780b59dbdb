"""`gradcheck derive` and `gradcheck.derive`: gradients of formulas, claims about them."""

import json

import numpy as np
import pytest
from layers.tables import row

import gradcheck
from gradcheck.checks.cli import main
from gradcheck.checks.derive.matrices import matrix_equation
from gradcheck.checks.layers import UsageError
from gradcheck.derivations.calculus.compare import Status
from gradcheck.derivations.forms import text

PROVED, TESTED, REFUTED, UNREADABLE = Status
LINEAR = "Y[s,n] = sum(X[s,m]*W[n,m], m) + b[n]"
SOFTMAX = "P[n,c] = exp(X[n,c])/sum(exp(X[n,k]), k)"
ENTROPY = f"{SOFTMAX}; L = -sum(T[n,c]*log(P[n,c]), n, c)"
LAYER_NORM = (
    "m[s] = mean(X[s,c], c); v[s] = mean((X[s,c] - m[s])**2, c);"
    "Z[s,c] = (X[s,c] - m[s])/sqrt(v[s] + eps); Y[s,c] = g[c]*Z[s,c] + b[c]"
)
ATTENTION = (
    "S[t,u] = sum(Q[t,d]*K[u,d], d)/sqrt(size(d));"
    "P[t,u] = exp(S[t,u])/sum(exp(S[t,w]), w); Y[t,e] = sum(P[t,u]*V[u,e], u)"
)
CAUSAL = (
    "S[t,u] = sum(Q[t,d]*K[u,d], d)/sqrt(size(d));"
    "P[t,u] = exp(S[t,u])*(u <= t)/sum(exp(S[t,w]), (w, 0, t)); Y[t,e] = sum(P[t,u]*V[u,e], u)"
)
CONV = "Y[t] = sum(w[k]*X[t+k], k)"

# Formulas, facts, a claim that holds. Together they are the layers that a course has.
CLAIMS = [
    row("linear, the weights", LINEAR, [], "dW[i,j] = sum(dY[s,i]*X[s,j], s)"),
    row("linear, the inputs", LINEAR, [], "dX[s,m] = sum(dY[s,n]*W[n,m], n)"),
    row("linear, the bias", LINEAR, [], "db[n] = sum(dY[s,n], s)"),
    row("linear, a Jacobian", LINEAR, [], "D(Y[s,n], W[i,j]) = delta(n,i)*X[s,j]"),
    row("linear in columns", "Y[n,s] = sum(W[n,m]*X[m,s], m) + b[n]", [],
        "dW[n,m] = sum(dY[n,s]*X[m,s], s)"),
    row("linear, one sample", "y[n] = sum(W[n,m]*x[m], m)", [], "dW[n,m] = dy[n]*x[m]"),
    row("bilinear", "y[n,k] = sum(x[n,i]*A[k,i,j]*z[n,j], i, j)", [],
        "dA[k,i,j] = sum(dy[n,k]*x[n,i]*z[n,j], n)"),
    row("softmax", SOFTMAX, [], "dX[n,c] = P[n,c]*(dP[n,c] - sum(dP[n,k]*P[n,k], k))"),
    row("softmax, a Jacobian", SOFTMAX, [],
        "D(P[n,c], X[r,k]) = delta(n,r)*P[n,c]*(delta(c,k) - P[n,k])"),
    row("log-softmax", "Y[n,c] = X[n,c] - log(sum(exp(X[n,k]), k))", [],
        "dX[n,c] = dY[n,c] - exp(Y[n,c])*sum(dY[n,k], k)"),
    row("cross entropy with labels",
        "L = -sum(log(exp(z[s,y[s]])/sum(exp(z[s,k]), k)), s)/size(s)", [],
        "dz[s,k] = dL/size(s)*(exp(z[s,k])/sum(exp(z[s,j]), j) - delta(y[s], k))"),
    row("cross entropy with targets", ENTROPY, ["sum(T[n,k], k) = 1"],
        "dX[n,c] = dL*(P[n,c] - T[n,c])"),
    row("cross entropy, one-hot", ENTROPY, ["onehot(T[n,k], k)"],
        "dX[n,c] = dL*(P[n,c] - T[n,c])"),
    row("cross entropy, an intermediate", ENTROPY, [], "dP[n,c] = -dL*T[n,c]/P[n,c]"),
    row("squared error", "L = mean((Y[s,n] - T[s,n])**2, s, n)", [],
        "dY[s,n] = 2*dL*(Y[s,n] - T[s,n])/(size(s)*size(n))"),
    row("layer norm", LAYER_NORM, ["eps > 0"],
        "dX[s,c] = (dZ[s,c] - mean(dZ[s,k], k) - Z[s,c]*mean(dZ[s,k]*Z[s,k], k))/sqrt(v[s] + eps)"),
    row("batch norm", LAYER_NORM.replace("[s]", "[c]").replace(", c)", ", s)"), ["eps > 0"],
        "dX[s,c] = (dZ[s,c] - mean(dZ[r,c], r) - Z[s,c]*mean(dZ[r,c]*Z[r,c], r))/sqrt(v[c] + eps)"),
    row("RMS norm", "R[s] = sqrt(mean(X[s,k]**2, k) + eps); Y[s,c] = g[c]*X[s,c]/R[s]", ["eps > 0"],
        "dX[s,c] = dY[s,c]*g[c]/R[s] - X[s,c]*mean(dY[s,k]*g[k]*X[s,k], k)/R[s]**3"),
    row("attention, values", ATTENTION, [], "dV[u,e] = sum(P[t,u]*dY[t,e], t)"),
    row("attention, scores", ATTENTION, [],
        "dS[t,u] = P[t,u]*(dP[t,u] - sum(dP[t,w]*P[t,w], w))"),
    row("attention, queries", ATTENTION, [], "dQ[t,d] = sum(dS[t,u]*K[u,d], u)/sqrt(size(d))"),
    row("causal attention, values", CAUSAL, [], "dV[u,e] = sum(P[t,u]*dY[t,e], (t, u, size(t)-1))"),
    row("convolution, kernel", CONV, [], "dw[k] = sum(dY[t]*X[t+k], t)"),
    row("convolution, input", CONV, [], "dX[i] = sum(dY[t]*w[k]*delta(i, t+k), t, k)"),
    row("convolution, padded", "Y[t] = sum(w[k]*X[t+k-1], k)", ["padded(X)"],
        "dw[k] = sum(dY[t]*X[t+k-1], t)"),
    row("convolution, a chain", CONV, ["padded(dY)"],
        "dX[i] = sum(dY[t]*w[k]*delta(i, t+k), t, k) = sum(dY[i-k]*w[k], k)"),
    row("embedding", "Y[s,d] = E[w[s],d]", [], "dE[v,d] = sum(delta(w[s], v)*dY[s,d], s)"),
    row("recursion", "h[t] = tanh(a*h[t-1] + x[t]); h[-1] = 0", [],
        "D(h[t], x[t]) = 1 - h[t]**2"),
]  # fmt: skip


@pytest.mark.parametrize(("formulas", "facts", "claim"), CLAIMS)
def test_what_a_course_teaches_holds(formulas, facts, claim):
    derived = gradcheck.derive(formulas, wrt=(), facts=facts, claims=[claim])
    (result,) = derived.claims
    assert result.holds, str(derived)
    assert derived.ok


@pytest.mark.parametrize(("formulas", "facts", "claim"), CLAIMS)
def test_twice_what_a_course_teaches_does_not(formulas, facts, claim):
    left, _, right = claim.partition(" = ")
    derived = gradcheck.derive(
        formulas, wrt=(), facts=facts, claims=f"{left} = 2*({right.split(' = ')[0]})"
    )
    (link,) = derived.claims[0].links
    assert link.verdict.status is REFUTED
    assert link.verdict.left != link.verdict.right
    assert not derived.ok


# Formulas, facts, a claim that holds, and what that rests on.
GROUNDS = [
    row("a proof alone", "Y[n] = X[n]", [], "dX[n] = dY[n]", []),
    row("a fact", "L = sum(T[s,k]*a, k, s)", ["sum(T[s,k], k) = 1"], "L = size(s)*a",
        ["used: sum(T[s,k], k) = 1"]),
    row("an assumption", "Y[n] = relu(X[n]) - relu(-X[n])", [], "Y[n] = X[n]",
        ["assumed: arguments of relu, step, abs and sign are not 0"]),
    row("no read outside an axis", "Y[n] = X[n]", [],
        "(20 <= n)*Y[n]*X[n+1] = (20 <= n)*X[n]*X[n+1]",
        ["checked at random sizes only: X may be read outside its axis at n + 1"]),
    row("values at random points", "Y[n] = sin(2*X[n])", [], "Y[n] = 2*sin(X[n])*cos(X[n])",
        ["at 3 random sizes, not proved: the normal forms of both sides differ"]),
]  # fmt: skip


@pytest.mark.parametrize(("formulas", "facts", "claim", "grounds"), GROUNDS)
def test_a_claim_says_what_it_rests_on(formulas, facts, claim, grounds):
    derived = gradcheck.derive(formulas, wrt=(), facts=facts, claims=claim)
    below = str(derived).split(claim)[1].splitlines()[1:-2]
    assert [line.strip() for line in below] == grounds
    assert derived.ok


# Formulas and an input, the gradient that is derived, its matrix form and its NumPy code.
GRADIENTS = [
    row("linear", LINEAR, "W", "dW[i,j] = Σ_s dY[s,i] X[s,j]", "dW = dYᵀ X", "dW = dY.T @ X"),
    row("attention", ATTENTION, "V", "dV[i,j] = Σ_t dY[t,j] P[t,i]", "dV = Pᵀ dY", "dV = P.T @ dY"),
    row("an unknown function", "Y[i] = f(X[i])", "X", "dX[j] = dY[j] f′(X[j])",
        "dX = dY ⊙ f′(X)", "dX = dY * f_prime(X)"),
    row("three axes", "y[n,k] = sum(x[n,i]*A[k,i,j]*z[n,j], i, j)", "A",
        "dA[l,p,q] = Σ_n dy[n,l] x[n,p] z[n,q]", "", 'dA = np.einsum("nl,np,nq->lpq", dy, x, z)'),
]  # fmt: skip


@pytest.mark.parametrize(("formulas", "name", "gradient", "matrix", "code"), GRADIENTS)
def test_derived_gradient(formulas, name, gradient, matrix, code):
    derived = gradcheck.derive(formulas, wrt=name)
    (found,) = derived.gradients
    assert f"{text(found.result.left)} = {text(found.result.right)}" == gradient
    assert matrix_equation(found.result) == matrix
    assert found.result.code == code
    assert found.result.verdict.status is found.jacobian.verdict.status is PROVED
    assert {step.verdict.status for step in found.steps} == {PROVED}
    assert derived.gradient(name) is found


def test_gradients_by_intermediates_are_shown_once():
    derived = gradcheck.derive(ATTENTION)
    left = [text(equation.left) for equation in derived.intermediates]
    assert [entry.partition("[")[0] for entry in left] == ["dP", "dS"]
    assert [str(derived).count(f"\n  {entry}\n") for entry in left] == [1, 1]


def test_the_backward_pass_is_a_function_that_agrees_with_differences():
    space = {"np": np}
    exec(gradcheck.derive(LAYER_NORM).backward, space)  # noqa: S102, our own code
    rng = np.random.default_rng(0)
    X, eps, g, b, dY, U = (rng.normal(size=n) for n in ((3, 4), (), (4,), (4,), (3, 4), (3, 4)))
    eps = np.exp(eps)
    dX = space["backward"](dY, X, eps, g, b)[0]
    up, down = (loss(X + h * U, eps, g, b, dY) for h in (1e-5, -1e-5))
    assert (up - down) / 2e-5 == pytest.approx((dX * U).sum(), rel=1e-6)


def loss(X, eps, g, b, dY):
    centred = X - X.mean(axis=1, keepdims=True)
    return (dY * (g * centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + eps) + b)).sum()


def test_the_gradient_by_every_input_is_derived():
    derived = gradcheck.derive(LINEAR)
    assert [gradient.input for gradient in derived.gradients] == ["X", "W", "b"]


def test_an_input_that_is_not_there():
    with pytest.raises(UsageError, match="wrt Q: no such input; there are X, W, b"):
        gradcheck.derive(LINEAR, wrt="Q")


def test_an_error_is_one_of_the_api():
    with pytest.raises(gradcheck.ReadingError, match="there is no dZ"):
        gradcheck.derive(LINEAR, claims="dZ[i] = 0")


# A wrong claim about LINEAR, and words that the report must have.
WRONG = [
    row("a factor", "dW[i,j] = 2*sum(dY[s,i]*X[s,j], s)", "the factor 2 should not be there"),
    row("an index", "db[n] = sum(dY[s,k], s)", "dY[s,k] should be dY[s,n]"),
    row("a sum", "dW[i,j] = dY[s,i]*X[s,j]", "the sum over s is missing"),
    row("a transposed entry", "dX[s,m] = sum(dY[s,n]*W[m,n], n)", "W[m,n] should be W[n,m]"),
    row("two mistakes", "dW[i,j] = 2*sum(dY[s,i]*X[s,j]**3, s)", "it should be Σ_s dY[s,i] X[s,j]"),
    row("two axes", "dX[s,m] = sum(dY[s,n]*W[m,n], n)", "m runs over M in dX[s,m] but over N in"),
    row("the other layout", "dW[i,j] = sum(dY[s,j]*X[s,i], s)", "right in numerator layout"),
    row("in a chain", "db[n] = sum(dY[s,n], s) = size(s)*dY[0,n]", "does not hold"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "words"), WRONG)
def test_a_wrong_claim_is_explained(claim, words):
    derived = gradcheck.derive(LINEAR, wrt=(), claims=claim)
    assert derived.claims[0].status is REFUTED
    assert words in str(derived)
    assert str(derived).endswith("FAILED: 1 of 1 claim refuted")


# Arguments of the command, its exit code, words that its output must have, and its errors.
COMMANDS = [
    row("a gradient", [LINEAR, "--wrt", "W"], 0, "gradient by W", ""),
    row("without steps", [LINEAR, "--no-steps"], 0, "dW[i,j] = Σ_s dY[s,i] X[s,j]   PROVED", ""),
    row("with steps", [LINEAR], 0, "linearity", ""),
    row("a claim that holds", [LINEAR, "--claim", "db[n] = sum(dY[s,n], s)"], 0, "ok: 1 claim", ""),
    row("one that does not", [LINEAR, "--claim", "db[n] = 0"], 1, "FAILED: 1 of 1 claim", ""),
    row("a fact", ["Y[t] = X[t-1]", "--fact", "padded(X)"], 0, "X N_t (zero outside)", ""),
    row("two formulas", ["A[i] = X[i]**2", "Y[i] = exp(A[i])"], 0, "gradient by X", ""),
    row("LaTeX", [LINEAR, "--latex"], 0, "\\begin{align*}", ""),
    row("JSON", [LINEAR, "--json"], 0, '"schema": 1', ""),
    row("help", ["--help"], 0, "gradcheck derive \"Y[s,n]", ""),
    row("no formula", [], 2, "", "FORMULA"),
    row("a formula that is none", ["Y[i] = X[i"], 2, "", "[ is never closed (column 9)"),
    row("a dangling index", ["Y[i] = X[j]"], 2, "", "sum over j, or give j to the left side"),
    row("an unknown input", [LINEAR, "--wrt", "Q"], 2, "", "no such input; there are X, W, b"),
    row("a claim that is none", [LINEAR, "--claim", "dW"], 2, "", "two things are equal"),
    row("a fact that is none", [LINEAR, "--fact", "X = 2"], 2, "", "no fact that is known"),
    row("an unknown option", [LINEAR, "--nonsense"], 2, "", "gradcheck derive --help"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "code", "output", "errors"), COMMANDS)
def test_command(words, code, output, errors, capsys):
    assert main(["derive", *words]) == code
    captured = capsys.readouterr()
    assert output in captured.out
    assert errors in captured.err
    assert bool(captured.err) == bool(errors)


def test_asking_about_a_claim_alone_derives_nothing(capsys):
    main(["derive", LINEAR, "--claim", "db[n] = sum(dY[s,n], s)"])
    assert "gradient by" not in capsys.readouterr().out


def test_a_caret_stands_under_the_place(capsys):
    main(["derive", "Y[i] = X[i] + tanhh(X[i])"])
    assert capsys.readouterr().err.splitlines() == [
        "gradcheck: there is no function tanhh (column 15)",
        "  Y[i] = X[i] + tanhh(X[i])",
        "                ^^^^^",
        "did you mean tanh?",
    ]


def test_json_has_what_the_page_says(capsys):
    claims = ["dW[i,j] = sum(dY[s,i]*X[s,j], s)", "dW[i,j] = dY[s,i]*X[s,j]", "db[n] = dY[0,n]"]
    options = [word for claim in claims for word in ("--claim", claim)]
    assert main(["derive", LINEAR, "--wrt", "W", "--json", *options]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {*found} == KEYS["derive"]
    (gradient,) = found["gradients"]
    assert {*gradient} == KEYS["gradient"]
    assert {*gradient["steps"][0]} == KEYS["step"]
    assert {*gradient["jacobian"]} == {*gradient["gradient"]} == KEYS["equation"]
    assert gradient["gradient"]["right"] == "Σ_s dY[s,i] X[s,j]"
    right, dangling, wrong = found["claims"]
    assert {*right} == {*dangling} == {*wrong} == KEYS["claim"]
    assert [claim["status"] for claim in found["claims"]] == ["PROVED", "REFUTED", "REFUTED"]
    assert (dangling["mistake"]["column"], right["mistake"]) == (14, None)
    (link,) = wrong["links"]
    assert {*link} == KEYS["link"]
    assert {*link["verdict"]} == KEYS["verdict"]
    assert {*link["verdict"]["counterexample"]} == KEYS["counterexample"]


KEYS = {
    "derive": {
        "schema", "gradcheck", "ok", "forward", "named", "output", "inputs", "parameters", "facts",
        "lemmas", "intermediates", "gradients", "backward", "claims",
    },
    "gradient": {"input", "shape", "steps", "jacobian", "gradient"},
    "step": {"chain", "step", "left", "right", "reason", "verdict"},
    "equation": {"left", "right", "latex", "verdict", "matrix", "numpy"},
    "claim": {"claim", "status", "holds", "mistake", "links"},
    "link": {"left", "right", "verdict", "repairs", "expected", "remarks"},
    "verdict": {
        "status", "method", "facts", "assumptions", "doubts", "false_accepts", "trials", "because",
        "counterexample",
    },
    "counterexample": {"sizes", "entry", "left", "right"},
}  # fmt: skip
