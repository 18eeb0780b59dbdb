"""Handouts: what every sheet says, in both formats, and that what is wrong is never verified."""

import re
import shutil
import subprocess
import sys
from functools import cache

import pytest
from commands import run
from layers import planting
from layers.tables import row
from layers.which import looked_at
from source import ROOT

from gradcheck.checks import layers
from gradcheck.checks.handout import FORMATS, handout
from gradcheck.checks.handout.document import Code, Heading, Line, Lines, Math, Paragraph
from gradcheck.checks.handout.markdown import markdown
from gradcheck.checks.handout.prose import prose
from gradcheck.checks.handout.tex import tex
from gradcheck.checks.run import check
from gradcheck.checks.steps import check_steps
from gradcheck.checks.verdict import LayerReport, Report
from gradcheck.derivations.calculus.terms import entry_of
from gradcheck.derivations.forms import latex
from gradcheck.derivations.notation import REASONS, axis, define, option, size, tensor
from gradcheck.derivations.notation import Layer as SymbolicLayer

NAMES = looked_at()
COMMAND = "gradcheck --all --seed 0"
TOO_WIDE = 20  # points that a line may stand out of the margin

HEADINGS = {"md": "## {}", "tex": "\\topic{{{}}}"}
NAMED = {"md": "# `{}`", "tex": "\\sheet{{\\texttt{{{}}}}}"}


@cache
def report_of(name):
    return check(name)


def whole_report():
    return Report(tuple(layer for name in NAMES for layer in report_of(name).layers))


@cache
def sheet(name, format):
    """The handout of one layer."""
    return handout(report_of(name), format, f"gradcheck {name} --seed 0")


@cache
def all_sheets(format):
    return handout(whole_report(), format, COMMAND)


def escaped(text, format):
    return text.replace("_", "\\_").replace("--", "-{}-") if format == "tex" else text


# what every sheet says
SAID = [
    row("its name", lambda name, f: NAMED[f].format(escaped(name, f))),
    row("the layout of a Jacobian", lambda name, f: "axes of the output first (numerator layout)"),
    row("the layout of a gradient", lambda name, f: "A gradient has the shape of its variable"),
    row("the source", lambda name, f: "Source: "),
    row("what was checked", lambda name, f: "Checked. All "),
    row("that all of it is proved", lambda name, f: " proved for all sizes."),
    row("who was asked", lambda name, f: "Three witnesses agree"),
    row("how to repeat it", lambda name, f: escaped(f"gradcheck {name} --seed 0", f)),
    row("the closed forms", lambda name, f: HEADINGS[f].format("Closed forms")),
    row("what the reasons mean", lambda name, f: HEADINGS[f].format("Reasons")),
]


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_every_sheet_says(name, format, said):
    assert said(name, format) in sheet(name, format)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_every_sheet_gives_each_input_its_heading_and_each_step_its_reason(name, format):
    text, symbolic = sheet(name, format), layers.load(name).symbolic
    entries = [entry_of(t.name, t.indices) for t in symbolic.differentiable]
    inputs = [latex(entry).split("_{")[0].strip("[") for entry in entries]
    assert [i for i in inputs if f"Gradient by ${i}" not in text] == []
    chained = [*symbolic.lemmas, *(c for d in symbolic.derivations for c in d.chains)]
    reasons = {s.reason for c in chained for s in c.steps}
    once_below_the_steps = text[text.index("Reasons") :]
    assert {r for r in REASONS if r in once_below_the_steps} >= reasons
    assert [r for r in reasons if text.count(r) < 2] == []


# layer, what its sheet must say of it
SPECIAL = [
    row("softmax treats two cases", "softmax", "Case $c = k$:"),
    row("softmax treats the other case", "softmax", "Case $c \\neq k$:"),
    row("a sheet has its axes", "linear.rows", "$s, r$"),
    row("classes are integers", "cross_entropy.logits", "integers: values of $c$"),
    row("a loss named L is not the loss of the gradients", "cross_entropy.logits",
        "\\frac{\\partial J}{\\partial L}"),
    row("more than two axes have no matrix form", "bilinear",
        "No matrix form: the gradient has more than two axes."),
    row("a gradient of one axis is a column", "linear.rows", "\\mathrm{db}^\\top"),
    row("the kink has a convention", "activation.relu", "At the kink $X_{sm} = 0$"),
    row("a function by any name is explained", "activation.elementwise",
        "$h$ is any differentiable function; NumPy computes $h = \\tanh$."),
    row("a step function is explained", "activation.relu", "\\mathrm{step}}(x) = 1$ for $x > 0$"),
    row("a recursion starts somewhere", "rnn", "the recursion starts"),
    row("an adjoint is 0 beyond the end", "rnn", "for $t$ outside $1, \\ldots, T$"),
    row("the closed form has an adjoint", "rnn", "\\lambda_{t+1,n,i'}"),
    row("a derivative within one step is explained", "rnn",
        "$\\partial^{+}$ is the derivative within one step"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "said"), SPECIAL)
def test_a_sheet_says_what_is_special_about_its_layer(name, said):
    assert said in sheet(name, "md")


def test_an_adjoint_is_introduced_once_and_before_it_is_used():
    parts = sheet("rnn", "md").split("Define:")
    assert [("\\mathrm{dz}" in p, "A_{tnk}}" in p or "A_{tnk}$" in p) for p in parts[1:]] == [
        (False, True),
        (True, False),
    ]


def negated(expr):
    return -expr


def transposed(values):
    return values.dW.T


# report, what its sheet must say
FAILING = [
    row("a wrong step is marked, with its counterexample",
        lambda: planting.report(planting.with_steps("linear.rows", "W", 2, {2: negated})),
        ["✗ substitution", "Not verified: ", "of 20 steps fail", "REFUTED: at "]),
    row("a wrong lemma is marked",
        lambda: planting.report(planting.with_formula("rnn", lemmas=(wrong_lemma(),))),
        ["✗ delta contraction", "Not verified: ", "of a lemma (delta contraction): refuted"]),
    row("a wrong matrix form is marked",
        lambda: planting.report(planting.with_derivation("linear.rows", "b", other_sign)),
        ["✗ matrix form", "Not verified: 1 of 20 steps fail"]),
    row("a wrong backward pass is described",
        lambda: planting.report(planting.with_gradient("linear.rows", "W", transposed)),
        ["Not verified: ", "comparisons fail", "Gradient by $W$ at ", "and W has", "disagrees"]),
    row("a backward pass that raises is described",
        lambda: planting.report(planting.with_backward("softmax", lambda b: lambda *a: 1 / 0)),
        ["Not verified: ", "Backward pass at ", "raised ZeroDivisionError"]),
    row("a wrong forward pass is described",
        lambda: planting.report(planting.with_forward("softmax", lambda f: lambda X: 2 * f(X))),
        ["Not verified: ", "Forward values at ", "compute different functions"]),
    row("a layer that cannot be loaded is named",
        lambda: LayerReport("gone", "A layer.", error="numeric/gone.py is not written yet"),
        ["# `gone`", "Not verified: numeric/gone.py is not written yet", COMMAND]),
]  # fmt: skip


def wrong_lemma():
    (lemma,) = layers.load("rnn").symbolic.lemmas
    return planting._with_steps(lemma, {3: negated})


def other_sign(derivation):
    return type(derivation)(derivation.wrt, derivation.chains, -derivation.matrix)


@cache
def failed(report):
    return Report((report(),))


@pytest.mark.parametrize(("report", "said"), FAILING)
def test_what_fails_is_shown_as_failing(report, said):
    text = handout(failed(report), "md", COMMAND)
    assert [s for s in said if s not in text] == []


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("report", "said"), FAILING)
def test_what_fails_is_nowhere_called_verified(report, said, format):
    text = handout(failed(report), format, COMMAND)
    assert re.findall("(?i)not verified|verified|checked[.]|witnesses agree", text) == [
        "Not verified"
    ]


def test_only_the_gradients_that_were_checked_are_on_the_sheet():
    text = handout(check("linear.rows", wrt=["W"]), "md", COMMAND)
    assert re.findall(r"^## Gradient by (\S+)", text, re.MULTILINE) == ["$W$"]


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_check_gives_the_same_text_whatever_the_hash_seed(format, tmp_path):
    texts = set()
    for seed in "12":
        file = tmp_path / f"handout.{format}"
        command = [sys.executable, "-m", "checks", "rnn", "--handout", file]
        run(*command, cwd=ROOT, PYTHONHASHSEED=seed)
        texts.add(file.read_text(encoding="utf-8"))
    assert len(texts) == 1


# Markdown


def formulas(text):
    return re.findall(r"(?<!\\)\$([^$]+)(?<!\\)\$", re.sub("`[^`]*`", "", text))


# what GitHub would not take for a part of a formula
MISREAD = [
    row("a pipe ends the cell", r"\|"),
    row("a tag begins", "<"),
    row("an escape loses its backslash", r"\\[^A-Za-z]"),
    row("an underscore after a bracket opens emphasis", r"[^A-Za-z0-9]_(?! )"),
    row("an asterisk opens emphasis", r"\*"),
    row("the macro is forbidden", r"\\operatorname"),
]


@pytest.mark.parametrize("pattern", MISREAD)
def test_github_reads_no_formula_as_markdown(pattern):
    assert [f for f in formulas(all_sheets("md")) if re.search(pattern, f)] == []


def test_all_rows_of_a_markdown_table_have_as_many_cells_as_its_head():
    tables = re.findall(r"(?:^\|.*\|\n?)+", all_sheets("md"), re.MULTILINE)
    widths = [{len(re.findall(r"(?<!\\)\|", line)) for line in t.splitlines()} for t in tables]
    assert len(tables) > len(NAMES)
    assert {len(w) for w in widths} == {1}


# LaTeX


def unbalanced(source):
    """Where braces or environments do not match."""
    depth, opened = 0, []
    for token, name in re.findall(r"(\\(?:begin|end)\{(\w+)\}|\\.|[{}])", source, re.DOTALL):
        depth += (token == "{") - (token == "}")
        opened += [name] * token.startswith("\\begin{")
        if depth < 0 or (token.startswith("\\end{") and opened.pop() != name):
            return token
    return opened or depth


# numbers: one with a gradient, options, and a length that follows from them

(s,) = axis("S", "s")
(t,) = axis("T", "t")
X, Y, a = tensor("X", s, padded=True), tensor("Y", t), tensor("a")
batch_size = option("batch_size", 2, whole=(1, 3))
stride = option("stride", 1, whole=(1, 3))
slope = option("slope", 1e-5, between=(1e-5, 0.5))
SAMPLED = SymbolicLayer(
    (X, a),
    (define(Y[t], a + slope * X[stride * t + batch_size]),),
    options=(batch_size, stride, slope),
    lengths={"T": (size(s) + 2 * batch_size - 1) // stride + 1},
)


@cache
def sampled():
    steps = check_steps(layers.Layer("sampled", "", "", SAMPLED, None, None), ("X", "a"))
    shapes = {"X": "S", "a": "scalar"}
    return LayerReport("sampled", "Samples.", steps=steps, shapes=shapes, symbolic=SAMPLED)


NUMBERS = [
    row("a gradient by a number is one",
        "$\\displaystyle = \\boxed{\\mathrm{dY}^\\top \\mathbf{1}_ {T}}$"),
    row("an option has a default",
        "| $\\mathrm{slope}$ | $\\text{scalar}$ | option, $10^{-5}$ unless given |"),
    row("its name may be two words", "$\\mathrm{batch}_ {\\mathrm{size}}$"),
    row("a word does not run into a letter", "X_{\\mathrm{stride}\\thinspace t+"),
    row("a length follows from others",
        "| $\\displaystyle T$ | $\\displaystyle = \\left\\lfloor \\frac{"),
]  # fmt: skip


@pytest.mark.parametrize("said", NUMBERS)
def test_a_sheet_says_what_numbers_are(said):
    assert said in handout(Report((sampled(),)), "md", COMMAND)


# formats render any document, also those that no layer needs yet
LONG = (
    "\\frac{1}{N} \\sum_{n,c} \\frac{\\partial L}{\\partial Y_{nc}} \\gamma_{c} "
    "\\left(\\delta_{nr} - \\frac{1}{D} \\sum_{k} \\hat{x}_{nk}\\right) - \\sum_{c} P_{rc} + "
) * 3 + "1"
SHAPE = "N \\times C \\times H \\times W \\times N \\times C \\times H \\times W"
UNUSUAL = (
    Heading(1, (Code("a_b%"),)),
    Paragraph(prose("Naïve Schölkopf: σ̂²[n] ≤ 3 & 50 % {#1} ~ x^2 — “y” <z> \\ 山 ☃ | $")),
    Heading(2, ("A",), (Math(SHAPE),)),
    Lines((
        Line("\\frac{\\partial L}{\\partial X}", LONG, ("algebra",), SHAPE, True),
        Line("", "x", ("case",), "", False, prose("REFUTED: x_t ≠ y_t")),
        Line("", LONG, (), SHAPE),
        Line("A", LONG, ("matrix form",), "N", True, boxed=True),
    )),
)  # fmt: skip

SOURCES = [
    row("all layers", lambda: all_sheets("tex")),
    row("unusual text", lambda: tex(UNUSUAL)),
    row("numbers", lambda: handout(Report((sampled(),)), "tex", COMMAND)),
    *(row(param.id, lambda r=param.values[0]: handout(failed(r), "tex", COMMAND))
      for param in FAILING),
]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_latex_is_ascii_and_balanced(source):
    assert source().isascii()
    assert not unbalanced(source())


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_latex_compiles_with_every_line_inside_the_margins(tmp_path):
    bodies = [re.split(r"\\(?:begin|end)\{document\}", p.values[0]())[:2] for p in SOURCES]
    document = "\n".join([bodies[0][0], "\\begin{document}", *(body for _, body in bodies)])
    (tmp_path / "all.tex").write_text(document + "\\end{document}\n", encoding="ascii")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
    wide = re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", done.stdout)
    assert [w for w in wide if float(w) > TOO_WIDE] == []


# text with formulas in it


def shown(text):
    return "".join(f"${part.latex}$" if isinstance(part, Math) else part for part in text)


PROSE = [
    row("an equation is one formula", "Linear layer: y = W x + b, in two layouts.",
        "Linear layer: $y = W x + b$, in two layouts."),
    row("subscripts and transposes", "h_t = tanh(x_t W_hxᵀ + h_{t-1})",
        "$h_{t} = \\tanh(x_{t} W_{hx}^{\\top} + h_{t-1})$"),
    row("subscripts in brackets", "P[n,c] = exp(X[n,c]) / Σ_k exp(X[n,k]).",
        "$P_{nc} = \\exp(X_{nc}) / \\sum_{k} \\exp(X_{nk})$."),
    row("nested subscripts", "L = -(1/N) Σ_n log P[n, y_n]",
        "$L = -(1/N) \\sum_{n} \\log P_{n,y_{n}}$"),
    row("accents and powers", "x̂ = x / σ²", "$\\hat{x} = x / \\sigma^{2}$"),
    row("a sign outside an equation", "a sum with δ_ij keeps one",
        "a sum with $\\delta_{ij}$ keeps one"),
    row("primes on brackets", "(a b)′ = a′ b", "$(a b)' = a' b$"),
    row("a letter that an equation has named", "Y = h(X), for any h", "$Y = h(X)$, for any $h$"),
    row("an article is no letter", "a = b is a sum", "$a = b$ is a sum"),
    row("shapes", "expected N×M = 3×4", "expected $N\\times M = 3\\times 4$"),
    row("a bracket that the equation does not own", "(here y = W x)", "(here $y = W x$)"),
    row("names of code", "one_hot(y) of torch.nn.RNN", "one_hot(y) of torch.nn.RNN"),
    row("a sign of two characters", "x_t ≠ y_t", "$x_{t} \\neq y_{t}$"),
    row("accents in names", "Schölkopf, naïve", "Schölkopf, naïve"),
    row("nothing", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), PROSE)
def test_an_authors_text_has_its_formulas_set(source, expected):
    assert shown(prose(source)) == expected


def test_markdown_does_not_take_text_for_markup():
    assert markdown((Paragraph(("a_b *c* <d> [e] $f",)),)) == "a\\_b \\*c\\* \\<d> \\[e\\] \\$f\n"
