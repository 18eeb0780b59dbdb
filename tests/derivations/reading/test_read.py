"""What formulas in the mini-notation are read as: text, shapes, sizes, integers, facts."""

import pytest
from layers.tables import row

from gradcheck.derivations.forms import definition_text, shape_text, text
from gradcheck.derivations.reading import read

# Formulas, what the last of them is printed as, and the shapes of output and inputs.
FORMULAS = [
    row("linear, rows", "Y[s,n] = sum(X[s,m]*W[n,m], m) + b[n]",
        "Y[s,n] = Σ_m X[s,m] W[n,m] + b[n]", "Y S×N, X S×M, W N×M, b N"),
    row("linear, a vector", "y[n] = sum(W[n,m]*x[m], m)",
        "y[n] = Σ_m W[n,m] x[m]", "y N, W N×M, x M"),
    row("linear, columns", "Y[n,s] = sum(W[n,m]*X[m,s], m)",
        "Y[n,s] = Σ_m W[n,m] X[m,s]", "Y N×S, W N×M, X M×S"),
    row("bilinear", "y[n,k] = sum(x[n,i]*A[k,i,j]*z[n,j], i, j)",
        "y[n,k] = Σ_{i,j} x[n,i] A[k,i,j] z[n,j]", "y N×K, x N×I, A K×I×J, z N×J"),
    row("softmax", "P[n,c] = exp(X[n,c])/sum(exp(X[n,k]), k)",
        "P[n,c] = exp(X[n,c]) / (Σ_k exp(X[n,k]))", "P N×C, X N×C"),
    row("log-softmax", "Y[n,c] = X[n,c] - log(sum(exp(X[n,k]), k))",
        "Y[n,c] = X[n,c] − log(Σ_k exp(X[n,k]))", "Y N×C, X N×C"),
    row("cross entropy with labels", "L = -sum(log(P[s,y[s]]), s)/size(s)",
        "L = −(Σ_s log(P[s,y[s]])) / S", "L scalar, P S×N_P, y S integers below N_P"),
    row("a label in a delta", "L = sum(delta(y[s], c)*Z[s,c], s, c)",
        "L = Σ_{s,c} δ(y[s],c) Z[s,c]", "L scalar, y S integers below C, Z S×C"),
    row("squared error", "L = sum((Y[s,n] - T[s,n])**2, s, n)/2",
        "L = (Σ_{s,n} (Y[s,n] − T[s,n])²) / 2", "L scalar, Y S×N, T S×N"),
    row("a mean", "m[s] = mean(X[s,c], c)", "m[s] = (Σ_c X[s,c]) / C", "m S, X S×C"),
    row("root mean square", "Y[s,c] = X[s,c]/sqrt(mean(X[s,k]**2, k) + eps)",
        "Y[s,c] = X[s,c] / √((Σ_k X[s,k]²) / C + eps)", "Y S×C, X S×C, eps scalar"),
    row("a size outside its sum", "m[s] = sum(X[s,c], c)/size(c)",
        "m[s] = (Σ_c X[s,c]) / C", "m S, X S×C"),
    row("a size that a tensor has taken", "Y[s] = sum(X[s,m]*M[m], m)/size(m)",
        "Y[s] = (Σ_m X[s,m] M[m]) / N_m", "Y S, X S×N_m, M N_m"),
    row("two letters of one axis", "Y[s] = sum(A[s,k]*x[k], k) - x[s]",
        "Y[s] = Σ_k A[s,k] x[k] − x[s]", "Y S, A S×S, x S"),
    row("convolution", "Y[t] = sum(w[k]*X[t+k], k)",
        "Y[t] = Σ_k w[k] X[t+k]", "Y T, w K, X (K+T-1)"),
    row("a stride that is a number", "Y[t] = sum(X[2*t+k], k)/size(k)",
        "Y[t] = (Σ_k X[2·t+k]) / K", "Y T, X (K+2·T-2)"),
    row("a stride with a name", "Y[t] = sum(X[s*t+k], k)",
        "Y[t] = Σ_k X[s·t+k]", "Y T, X (K+T·s-s)"),
    row("differences", "Y[t] = X[t+1] - X[t]", "Y[t] = X[t+1] − X[t]", "Y T, X (T+1)"),
    row("windows of windows", "H[t] = sum(X[t+k]*w[k], k); Y[t] = sum(H[t+j]*u[j], j)",
        "Y[t′] = Σ_j H[t′+j] u[j]", "Y T, H (J+T-1), X (J+K+T-2), w K, u J"),
    row("a causal convolution", "Y[t] = sum(w[u]*X[t-u], (u, 0, t))",
        "Y[t] = Σ_{u=0}^{t} w[u] X[t-u]", "Y T, w T, X T"),
    row("all but the last", "L = sum(X[i]*X[i+1], (i, 0, size(i)-2))",
        "L = Σ_{i=0}^{I-2} X[i] X[i+1]", "L scalar, X I"),
    row("entries with numbers", "L = X[0]*X[2]", "L = X[0] X[2]", "L scalar, X 3"),
    row("a mask", "Y[i] = sum(X[i,j]*(j <= i), j)",
        "Y[i] = Σ_j X[i,j] [j ≤ i]", "Y I, X I×I"),
    row("a strict mask", "Y[i] = sum(X[i,j]*(j < i), j)",
        "Y[i] = Σ_j X[i,j] [j+1 ≤ i]", "Y I, X I×I"),
    row("a band", "Y[i] = sum(X[i,j]*(i - w <= j <= i + w), j)",
        "Y[i] = Σ_j X[i,j] [i-w ≤ j] [j ≤ w+i]", "Y I, X I×I"),
    row("off the diagonal", "Y[i] = sum(X[i,j]*(j != i), j)",
        "Y[i] = Σ_j X[i,j] (1 − δ_ji)", "Y I, X I×I"),
    row("embedding", "Y[s,d] = E[w[s],d]",
        "Y[s,d] = E[w[s],d]", "Y S×D, E N_E×D, w S integers below N_E"),
    row("a recursion", "h[t,i] = tanh(sum(W[i,k]*h[t-1,k], k) + x[t,i]); h[-1,i] = h0[i]",
        "h[t,i] = tanh(Σ_k W[i,k] h[t-1,k] + x[t,i]),  h[-1,i] = h0[i]",
        "h T×I, W I×I, x T×I, h0 I"),
    row("other letters at the start", "h[t,i] = h[t-1,i]*x[t]; h[-1,k] = h0[k]",
        "h[t,i] = h[t-1,i] x[t],  h[-1,i] = h0[i]", "h T×I, x T, h0 I"),
    row("a recursion that looks ahead", "h[t] = h[t+1]*x[t]; h[size(t)] = 1",
        "h[t] = h[t+1] x[t],  h[T] = 1", "h T, x T"),
    row("relu as a maximum", "Y[i] = max(X[i], 0)", "Y[i] = relu(X[i])", "Y I, X I"),
    row("a maximum", "Y[i] = max(A[i], B[i])",
        "Y[i] = B[i] + relu(A[i] − B[i])", "Y I, B I, A I"),
    row("a minimum", "Y[i] = min(A[i], 1)", "Y[i] = 1 − relu(1 − A[i])", "Y I, A I"),
    row("an absolute value", "Y[i] = abs(X[i])", "Y[i] = |X[i]|", "Y I, X I"),
    row("an unknown function", "Y[i] = f(X[i])**3", "Y[i] = f(X[i])³", "Y I, X I"),
    row("numbers", "y = 0.5*x + 2/3 - 1e-3", "y = 1/2 x + 2/3 − 0.001", "y scalar, x scalar"),
    row("powers", "y = x**-1 + x**0.5 + x**(3/2)",
        "y = 1/x + √x + x^(3/2)", "y scalar, x scalar"),
    row("several lines", "P[i] = exp(X[i]) /\n  sum(exp(X[k]), k)\nL = -log(P[0])",
        "L = −log(P[0])", "L scalar, P I, X I"),
    row("formulas in any order", "L = sum(P[i]**2, i); P[i] = exp(X[i])",
        "L = Σ_i P[i]²", "L scalar, P I, X I"),
    row("one letter for two axes", "S[i,j] = sum(Q[i,d]*K[j,d], d); Y[i,d] = sum(S[i,j]*V[j,d], j)",
        "Y[i,d′] = Σ_j S[i,j] V[j,d′]", "Y I×N_d, S I×J, Q I×D, K J×D, V J×N_d"),
    row("letters with long names", "Y[time] = sum(X[time,unit], unit)",
        "Y[time] = Σ_{unit} X[time,unit]", "Y TIME, X TIME×UNIT"),
]  # fmt: skip


@pytest.mark.parametrize(("formulas", "output", "shapes"), FORMULAS)
def test_read_as(formulas, output, shapes):
    problem = read(formulas)
    assert definition_text(problem.output) == output
    assert {*shapes.split(", ")} == {*map(described, [*problem.forward, *problem.inputs])}


def described(tensor):
    integer = getattr(tensor, "integer", None)
    below = f" integers below {shape_text((integer,))}" if integer is not None else ""
    return f"{tensor.name} {shape_text(tensor.indices)}{below}"


@pytest.mark.parametrize(("formulas", "output", "shapes"), FORMULAS)
def test_a_formula_and_its_parts_say_the_same(formulas, output, shapes):
    parts = formulas.split("; ")
    assert [definition_text(d) for d in read(parts).forward] == [
        definition_text(d) for d in read(formulas).forward
    ]


# A formula, facts about it, and what the problem then knows.
FACTS = [
    row("positive entries", "Y[i] = log(X[i])", ["X[i] > 0"], "positive X"),
    row("a positive number", "Y[i] = X[i]/eps", ["0 < eps"], "positive eps"),
    row("in words", "Y[i] = log(X[i])", ["positive(X)"], "positive X"),
    row("sums to one", "L = sum(T[s,k], s, k)", ["sum(T[s,k], k) = 1"], "T sums to one (1,)"),
    row("one-hot", "L = sum(T[s,k], s, k)", ["onehot(T[s,k], k)"], "T one-hot (1,)"),
    row("one-hot along the first", "L = sum(T[s,k], s, k)", ["onehot(T[s,k], s)"],
        "T one-hot (0,)"),
    row("symmetric", "y[i] = sum(A[i,j]*x[j], j)", ["A[i,j] = A[j,i]"], "A symmetric (0, 1)"),
    row("symmetric, in a word", "L = sum(A[i,j], i, j)", ["symmetric(A)"], "A symmetric (0, 1)"),
    row("padded", "Y[t] = sum(w[k]*X[t+k-1], k)", ["padded(X)"], "padded X"),
    row("a padded cotangent", "Y[t] = sum(w[k]*X[t+k], k)", ["padded(dY)"], "padded dY"),
    row("two facts", "Y[i] = log(X[i])/eps", ["X[i] > 0; eps > 0"], "positive X; positive eps"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "facts", "known"), FACTS)
def test_facts(formula, facts, known):
    problem = read(formula, facts)
    setting = problem.setting
    found = [f"{fact.tensor} {fact.kind} {fact.axes}" for fact in setting.facts]
    found += [f"positive {name}" for name in setting.positive]
    found += [f"padded {name}" for name in setting.padded]
    assert {*found} == {*known.split("; ")}


def test_a_symmetric_matrix_is_square():
    problem = read("L = sum(A[i,j], i, j)", ["symmetric(A)"])
    assert shape_text(problem.inputs[0].indices) == "I×I"


def test_a_padding_is_a_size_although_no_axis_has_it():
    problem = read("Y[t] = sum(w[k]*X[t+k-p], k)", ["padded(X)"])
    assert problem.parameters == ("p",)
    assert {*problem.setting.sizes} == {*problem.layer.setting.sizes} == {"T", "K", "N_t", "p"}


# A formula, a claim about it, and the sides of the claim as text.
LINEAR = "Y[s,n] = sum(X[s,m]*W[n,m], m)"
CLAIMS = [
    row("a gradient", LINEAR, "dW[i,j] = sum(dY[s,i]*X[s,j], s)",
        ["dW[i,j]", "Σ_s dY[s,i] X[s,j]"]),
    row("an entry of a Jacobian", LINEAR, "D(Y[s,n], W[i,j]) = delta(n,i)*X[s,j]",
        ["∂Y[s,n]/∂W[i,j]", "δ_ni X[s,j]"]),
    row("a chain", LINEAR,
        "dW[i,j] = sum(dY[s,n]*D(Y[s,n], W[i,j]), s, n) = sum(dY[s,i]*X[s,j], s)",
        ["dW[i,j]", "Σ_{s,n} dY[s,n] ∂Y[s,n]/∂W[i,j]", "Σ_s dY[s,i] X[s,j]"]),
    row("a gradient by an intermediate", "Z[i] = X[i]**2; Y[i] = exp(Z[i])", "dZ[i] = dY[i]*Y[i]",
        ["dZ[i]", "dY[i] Y[i]"]),
    row("a size", "L = mean(X[i], i)", "dX[k] = dL/size(k)", ["dX[k]", "dL/I"]),
    row("a size of the formulas", "L = mean(X[i], i)", "dX[k] = dL/size(i)", ["dX[k]", "dL/I"]),
    row("a derivative of an expression", LINEAR,
        "D(sum(X[s,m]**2, m), X[r,k]) = 2*X[r,k]*delta(s,r)",
        ["∂(Σ_m X[s,m]²)/∂X[r,k]", "2 X[r,k] δ_sr"]),
    row("a letter that only a delta knows", "Y[t] = sum(X[t+k], k)",
        "dX[i] = sum(dY[t]*delta(i, t+k), t, k)", ["dX[i]", "Σ_{t,k} dY[t] δ(i,t+k)"]),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "claim", "sides"), CLAIMS)
def test_claims(formula, claim, sides):
    (read_claim,) = read(formula, claims=[claim]).claims
    assert read_claim.mistake is None
    assert [text(side) for side in read_claim.sides] == sides
    assert str(read_claim) == claim


def test_a_claim_knows_where_its_sides_stand():
    (claim,) = read(LINEAR, claims=["dW[i,j] =\n sum(dY[s,i]*X[s,j], s)"]).claims
    assert [(str(s), s.line, s.column) for s in claim.spans] == [
        ("dW[i,j]", 1, 1),
        ("sum(dY[s,i]*X[s,j], s)", 2, 2),
    ]


# A claim about LINEAR whose indices do not fit, what is said of it, and the column.
MISTAKES = [
    row("an index over two axes", "dW[i,j] = sum(dY[s,j]*X[s,i], s)",
        "the index j runs over M in dW[i,j] but over N in dY[s,j]", 15),
    row("a dangling index", "dW[i,j] = dY[s,i]*X[s,j]",
        "the index s is in no sum and not on the left side", 14),
    row("too many indices", "dX[s,m,k] = 0", "dX has 2 axes, 3 indices given", 1),
    row("too few indices", "dX[s,m] = X[s]", "X has 2 axes, 1 index given", 11),
    row("no indices", "dX[s,m] = X", "X has 2 axes, 0 indices given", 11),
    row("a letter summed twice", "dX[s,m] = sum(sum(dY[s,n], n)*W[n,m], n, n)",
        "n is summed twice", 42),
    row("a letter of the left side", "dX[s,n] = sum(dY[s,n], n)",
        "n is summed over and stands on the left side too", 24),
    row("a delta between two axes", "D(Y[s,n], W[i,j]) = delta(n,j)*X[s,i]",
        "the index i runs over N in W[i,j] but over M in X[s,i]", 32),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "problem", "column"), MISTAKES)
def test_mistakes_in_claims(claim, problem, column):
    (read_claim,) = read(LINEAR, claims=[claim]).claims
    assert (read_claim.mistake.problem, read_claim.mistake.column) == (problem, column)
