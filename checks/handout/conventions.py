"""What a sheet says before the first derivation: layout, axes, tensors, functions."""

from collections.abc import Iterator
from typing import Any

from sympy import Function, Idx, preorder_traversal, sympify

from gradcheck.checks.handout.document import Math, Table, Text, text
from gradcheck.checks.handout.formulas import LOSSES, Formulas, index_range
from gradcheck.checks.handout.prose import prose
from gradcheck.checks.verdict import LayerReport
from gradcheck.derivations import forms
from gradcheck.derivations.calculus import functions as elementwise
from gradcheck.derivations.calculus.terms import D, Definition, tensors_in
from gradcheck.derivations.forms.names import function_latex, name_latex
from gradcheck.derivations.notation import Layer, jacobian, tensor, vjp


def conventions(report: LayerReport, formulas: Formulas) -> Iterator[Text]:
    """The layout, shown by this layer's own first gradient; then how to read the lines."""
    layer, loss = formulas.layer, formulas.loss
    output, first = layer.output, next(iter(report.shapes), "")
    if first:
        whole, pulled = jacobian(layer, first).lhs, vjp(layer, first).lhs
        yield text(
            "A Jacobian has the axes of the output first (numerator layout): "
            f"${formulas.latex(whole)}$ has shape ${formulas.shape(whole)}$."
        )
        yield text(
            "A gradient has the shape of its variable: "
            f"${formulas.latex(pulled)}$ has shape ${formulas.shape(pulled)}$."
        )
    name = name_latex(output.name)
    means = (
        f"${name_latex('d' + output.name)}$ means $\\partial {loss} / \\partial {name}$, and so on"
    )
    if output.recursive:
        yield text(
            f"${loss}$ is the loss. ${formulas.latex(_cotangent(layer))}$ is its derivative by "
            f"this entry of the output alone, not through later states; $\\mathrm{{dX}}$ means "
            f"$\\partial {loss} / \\partial X$ for every input."
        )
    elif output.name in LOSSES:
        yield text(f"${loss}$ is what is minimised, ${name}$ or a function of it; {means}.")
    else:
        yield text(f"${loss}$ is the loss; {means}.")
    yield text(
        "A sum without bounds runs over the whole axis; "
        "$\\delta_{ij}$ is 1 if $i = j$ and 0 otherwise."
    )
    if any(d.held for s in report.steps for d in s.right.atoms(D)):
        yield text(
            "$\\partial^{+}$ is the derivative within one step, the state before it held fixed."
        )
    if any(d.is_choice for d in layer.forward):
        yield text("argmax is the place of the greatest value, the first of several.")
    yield from _matrix_signs(layer)
    yield text(
        "All lines of a chain have the shape of the first; ✓: checked against the line before."
    )


def _matrix_signs(layer: Layer) -> Iterator[Text]:
    """How to read matrix notation, as far as this layer uses it."""
    shown = " ".join(forms.matrix_latex(d.matrix) for d in layer.derivations if d.matrix)
    signs = ["In matrix forms a tensor with one axis is a column"]
    signs += ["$\\odot$ multiplies entry by entry"] if "\\odot" in shown else []
    signs += ["$\\oslash$ divides entry by entry"] if "\\oslash" in shown else []
    signs += ["$\\mathbf{1}_{N}$ is a column of $N$ ones"] if "\\mathbf{1}" in shown else []
    if shown:
        yield text("; ".join(signs) + ".")


def _cotangent(layer: Layer) -> Any:
    """What the backward pass is given for one entry of the output."""
    output = layer.output
    return tensor(f"d{output.name}", *output.indices)[output.indices]


def axes(layer: Layer) -> Table:
    """Every axis with the letters that run over it, in order of first appearance."""
    letters: dict[tuple[Any, Any], dict[str, Any]] = {}
    for index in _indices(layer):
        letters.setdefault((index.lower, index.upper), {})[forms.latex(index)] = index
    rows = []
    for found in letters.values():
        index = next(iter(found.values()))
        size = forms.shape_latex((index,))
        rows.append(((Math(size),), (Math(", ".join(found)),), (Math(index_range(index)),)))
    return Table(("axis", "letters", "values"), tuple(rows))


def _indices(layer: Layer) -> Iterator[Any]:
    given = (t.indices for t in layer.inputs)
    defined = (d.indices for d in (*layer.forward, *layer.adjoints))
    yield from (index for indices in (*given, *defined) for index in indices)
    yield from layer.setting.integer.values()
    chained = [*layer.lemmas, *(c for d in layer.derivations for c in d.chains)]
    written = [d.rhs for d in (*layer.forward, *layer.adjoints)]
    written += [e for c in chained for e in (c.lhs, *(s.expr for s in c.steps))]
    for expr in written:
        yield from (node for node in preorder_traversal(expr) if isinstance(node, Idx))


def tensors(formulas: Formulas) -> Table:
    """Every tensor as an entry, with its shape and its part in the layer."""
    layer = formulas.layer
    rows = []
    for given in layer.inputs:
        role = "input, positive" if given.positive else "input"
        if given.integer is not None:
            role = f"input, integers: values of ${forms.latex(given.integer)}$"
        if given.name in layer.setting.bottomless:
            role += "; $-\\infty$ outside its axes"
        rows.append((given.name, role))
    for name, index in ((d.name, layer.setting.integer.get(d.name)) for d in layer.forward[:-1]):
        values = "" if index is None else f", integers: values of ${forms.latex(index)}$"
        rows.append((name, f"intermediate{values}"))
    rows.append((layer.output.name, "output"))
    rows += [(d.name, _role(d, f"d{layer.output.name}")) for d in layer.adjoints]
    table = []
    for name, role in rows:
        indices = layer.setting.indices[name]
        entry = tensor(name, *indices)
        shown = formulas.latex(entry[indices] if indices else entry)
        table.append(((Math(shown),), (Math(forms.shape_latex(indices)),), text(role)))
    for option in layer.options:
        default = f"option, ${forms.latex(sympify(option.default))}$ unless given"
        table.append(((Math(name_latex(option.name)),), (Math("\\text{scalar}"),), text(default)))
    return Table(("tensor", "shape", ""), tuple(table))


def functions(layer: Layer) -> Iterator[Text]:
    """What the functions mean that a textbook does not know by name."""
    written = [d.rhs for d in layer.forward]
    written += [s.expr for d in layer.derivations for c in d.chains for s in c.steps]
    called = {f.func.__name__: f.func for e in written for f in e.atoms(Function)}
    instances = {f.name: g.name for f, g in layer.functions.items()}
    for name, function in sorted(called.items()):
        if issubclass(function, elementwise.Undefined):
            if not name.endswith("′"):
                f, g = function_latex(name), function_latex(instances[name])
                yield text(f"${f}$ is any differentiable function; NumPy computes ${f} = {g}$.")
        elif function.__module__ == elementwise.__name__:
            yield prose(f"{name}(x) = {(function.__doc__ or '').partition(chr(10))[0]}")


def _role(definition: Definition, cotangent: str) -> str:
    """A gradient on the way back, or a part of the formulas that was given a name."""
    pulled = cotangent in tensors_in(definition.rhs) or definition.recursive
    return "adjoint" if pulled else "named part"
