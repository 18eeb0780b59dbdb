"""`gradcheck --list -v`: what each layer computes, its inputs with shapes, source and kinks."""

import json
from collections.abc import Sequence
from typing import Any

from gradcheck.checks.layers import File, Layer, LayerError, by_family, load
from gradcheck.derivations.calculus.terms import spanned
from gradcheck.derivations.forms import definition_text, text


def detailed(files: Sequence[File], as_json: bool = False) -> str:
    """A paragraph for each layer, family by family."""
    layers = [
        _described(name, file.family)
        for group in by_family(files).values()
        for file in group
        for name in file.layers
    ]
    if as_json:
        return json.dumps({"schema": 1, "layers": layers}, indent=2, ensure_ascii=False)
    return "\n\n".join("\n".join(_lines(layer)) for layer in layers)


def _described(name: str, family: str) -> dict[str, Any]:
    try:
        layer = load(name)
    except LayerError as error:
        return {"name": name, "error": str(error)}
    symbolic = layer.symbolic
    return {
        "name": name,
        "family": family or None,
        "summary": layer.summary,
        "forward": [definition_text(d) for d in symbolic.forward],
        "inputs": {t.name: _input(t) for t in symbolic.inputs},
        "kinks": [f"{text(at)} = {kink:g}: {rule}" for at, kink, rule in symbolic.kinks],
        "ties": list(dict.fromkeys(rule for _, rule in symbolic.ties)),
        "functions": _functions(layer),
        "source": layer.source,
    }


def _input(tensor: Any) -> str:
    shape = spanned(tensor.indices)
    if tensor.integer is not None:
        return f"{shape}, integers below {spanned((tensor.integer,))}"
    return f"{shape}, positive" if tensor.positive else shape


def _functions(layer: Layer) -> dict[str, str]:
    return {f.name: g.name for f, g in layer.symbolic.functions.items()}


def _lines(layer: dict[str, Any]) -> list[str]:
    if "error" in layer:
        return [layer["name"], f"  error    {layer['error']}"]
    inputs = ";  ".join(f"{name} {shape}" for name, shape in layer["inputs"].items())
    rows = [("forward", line) for line in layer["forward"]] + [("inputs", inputs)]
    rows += [("kink", kink) for kink in layer["kinks"]]
    rows += [("ties", rule) for rule in layer["ties"]]
    rows += [("NumPy", f"takes {f} = {g}") for f, g in layer["functions"].items()]
    rows += [("family", layer["family"] or "")]
    rows += [("source", layer["source"])]
    heading = f"{layer['name']}: {layer['summary']}"
    return [heading, *(f"  {label:8} {line}" for label, line in rows if line)]
