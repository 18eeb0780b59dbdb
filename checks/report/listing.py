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
        described(name, file.family)
        for group in by_family(files).values()
        for file in group
        for name in file.layers
    ]
    if as_json:
        return json.dumps({"schema": 1, "layers": layers}, indent=2, ensure_ascii=False)
    return "\n\n".join("\n".join(_lines(layer)) for layer in layers)


def described(name: str, family: str) -> dict[str, Any]:
    """What is known of a layer without deriving anything; only `error` if it cannot be loaded."""
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
        "options": {o.name: _option(o) for o in symbolic.options},
        "lengths": [f"{n} = {text(length)}" for n, length in symbolic.setting.lengths.items()],
        "kinks": [f"{text(at)} = {kink:g}: {rule}" for at, kink, rule in symbolic.kinks],
        "ties": list(dict.fromkeys(rule for _, rule in symbolic.ties)),
        "functions": _functions(layer),
        "source": layer.source,
    }


def _input(tensor: Any) -> str:
    shape = spanned(tensor.indices)
    if tensor.integer is not None:
        return f"{shape}, integers below {spanned((tensor.integer,))}"
    if tensor.between is not None:
        low, high = tensor.between
        return f"{shape}, from {low:g} to {high:g}".removeprefix(", ")
    return f"{shape}, positive".removeprefix(", ") if tensor.positive else shape


def _option(option: Any) -> str:
    kind = "whole numbers" if option.whole else "numbers"
    low, high = option.between
    return f"{option.default:g} (tried: {kind} from {low:g} to {high:g})"


def _functions(layer: Layer) -> dict[str, str]:
    return {f.name: g.name for f, g in layer.symbolic.functions.items()}


def _lines(layer: dict[str, Any]) -> list[str]:
    if "error" in layer:
        return [layer["name"], f"  error    {layer['error']}"]
    rows = [*facts(layer), ("family", layer["family"] or ""), ("source", layer["source"])]
    heading = f"{layer['name']}: {layer['summary']}"
    return [heading, *(f"  {label:8} {line}" for label, line in rows if line)]


def facts(layer: dict[str, Any]) -> list[tuple[str, str]]:
    """What `described` says about the formula, as lines with labels."""
    inputs = ";  ".join(f"{name} {shape}".strip() for name, shape in layer["inputs"].items())
    rows = [("forward", line) for line in layer["forward"]] + [("inputs", inputs)]
    rows += [("option", f"{name} = {value}") for name, value in layer["options"].items()]
    rows += [("length", line) for line in layer["lengths"]]
    rows += [("kink", kink) for kink in layer["kinks"]]
    rows += [("ties", rule) for rule in layer["ties"]]
    rows += [("NumPy", f"takes {f} = {g}") for f, g in layer["functions"].items()]
    return rows
