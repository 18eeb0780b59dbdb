"""NumPy code of an index expression, as a person would write it: `dW = dY.T @ X`.

It is text: nothing here imports NumPy, and the tests run what is written. The code computes the
expression as it stands, in its own factored structure, for all sizes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any

from sympy import sympify

from gradcheck.derivations.calculus.terms import (
    Definition,
    Setting,
    name_of,
    spanned,
    tensors_in,
)
from gradcheck.derivations.forms.numpy_code.layout import WIDTH
from gradcheck.derivations.forms.numpy_code.program import Program

__all__ = ["function_code", "numpy_code"]


def numpy_code(
    lhs: Any,
    rhs: Any,
    setting: Setting,
    definitions: Sequence[Definition] = (),
    given: Sequence[str] | None = None,
) -> str:
    """Statements, the last of which assigns all entries of `lhs`.

    definitions  recursions that `rhs` mentions beyond those of the setting, such as the adjoint
    given        the arrays that are there already; by default all that `rhs` mentions and
                 `definitions` does not define, and sizes are read from any tensor

    Raises NotImplementedError for what has no code, such as a derivative not yet taken.
    """
    setting = with_definitions(setting, definitions)
    rhs, shapes = sympify(rhs), []
    if given is None:
        own = {d.name for d in definitions}
        texts = [rhs, *(d.rhs for d in definitions), *(d.outside or rhs for d in definitions)]
        mentioned = {name for text in texts for name in tensors_in(text)} - own
        given = [n for n in setting.indices if n in mentioned]
        shapes = [n for n in setting.indices if n not in mentioned | own | {name_of(lhs)}]
    program = Program(setting, given, shapes)
    program.require(rhs)
    program.assign(lhs, rhs)
    return "\n".join(program.lines())


def function_code(layer: Any, gradients: Mapping[str, Any], name: str = "backward") -> str:
    """A whole function: `def backward(dY, X, W, b):` up to `return dX, dW, db`.

    gradients  for each input its gradient: an object with `lhs`, `rhs` and `recursions`
    """
    cotangent = f"d{layer.output.name}"
    extra = {d.name: d for form in gradients.values() for d in form.recursions}
    setting = with_definitions(layer.setting, [*extra.values()])
    given = [cotangent, *(t.name for t in layer.inputs)]
    program = Program(setting, [*given, *(o.name for o in layer.options if not o.whole)])
    results = []
    for form in gradients.values():
        program.require(form.rhs)
        results.append(program.assign(form.lhs, form.rhs))
    spelled = program.names.tensors
    arguments = [*(spelled[n] for n in given)]
    arguments += [program.names.sizes[n] for n in layer.parameters]
    arguments += program.names.functions.values()
    named = {**spelled, **program.names.sizes}
    arguments += [f"{named[o.name]}={o.default!r}" for o in layer.options]
    pulled = ", ".join(_shaped(spelled[name_of(f.lhs)], f.lhs) for f in gradients.values())
    arrived = _shaped(spelled[cotangent], layer.output.lhs)
    lines = [
        *wrap(f'"""Pull {arrived} back to {pulled}."""', WIDTH),
        *program.lines(),
        f"return {', '.join(results)}" if len(results) > 1 else f"return ({results[0]},)",
    ]
    return "\n".join([f"def {name}({', '.join(arguments)}):", *(f"    {line}" for line in lines)])


def with_definitions(setting: Setting, definitions: Sequence[Definition]) -> Setting:
    """The setting with more definitions."""
    return replace(
        setting,
        indices={**setting.indices, **{d.name: d.indices for d in definitions}},
        definitions={**setting.definitions, **{d.name: d for d in definitions}},
    )


def _shaped(name: str, entry: Any) -> str:
    indices = getattr(entry, "indices", ())
    sizes = spanned(indices).replace("×", ", ")
    return f"{name} ({sizes}{',' if len(indices) == 1 else ''})" if indices else f"{name}"
