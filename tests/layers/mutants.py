"""Every way to get one place of a backward pass wrong: what a slip of the pen would leave."""

import ast
import importlib.abc
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

ARITHMETIC: dict[type[ast.operator], list[type[ast.operator]]] = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add, ast.Div],
    ast.Div: [ast.Mult],
    ast.Pow: [ast.Mult],
}


@dataclass(frozen=True)
class Mutant:
    """The text of a module that differs from the right one in one place.

    function  the function that has the place, or the row of a table of layers
    """

    function: str
    line: int
    change: str
    source: str = field(repr=False)

    def module(self) -> ModuleType:
        """The module, imported, though not into `sys.modules`."""
        spec = importlib.util.spec_from_loader("mutant", _Text(self.source))
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        assert spec.loader is not None
        spec.loader.exec_module(module)
        return module

    def backward(self, member: str) -> Callable[..., Any]:
        """The backward pass of the layer, or of one member of several."""
        module = self.module()
        found: Callable[..., Any] = module.layers[member][1] if member else module.backward
        return found


class _Text(importlib.abc.InspectLoader):
    def __init__(self, source: str) -> None:
        self.source = source

    def get_source(self, fullname: str) -> str:
        return self.source


def mutants(source: str) -> Iterator[Mutant]:
    """All mutants of the backward functions and the tables in the text of a module."""
    seen = {source}
    for name, code, arguments in _backward(ast.parse(source)):
        for old, new in _changes(code, arguments):
            text = _put(source, old, new)
            change = f"{ast.get_source_segment(source, old)} -> {new}"
            if text not in seen:
                seen.add(text)
                yield Mutant(name, old.lineno, change, text)


def _backward(module: ast.Module) -> Iterator[tuple[str, list[Any], list[str]]]:
    """What backward passes consist of: its name, its code, and the arguments of a function."""
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef(name, body=[*body]) if name.startswith("backward"):
                start = ast.get_docstring(node) is not None
                yield name, body[start:], [a.arg for a in node.args.args]
            case ast.Assign(value=ast.Dict(keys, values)):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(value, ast.Call):
                        yield str(key.value), [*value.args[1:], *value.keywords], []


def _changes(code: list[Any], arguments: list[str]) -> Iterator[tuple[Any, str]]:
    """Places of some code and what to write there instead."""
    for part in code:
        for node in ast.walk(part):
            if isinstance(node, ast.expr):
                yield from ((node, _written(new)) for new in _expressions(node, arguments))
            elif isinstance(node, ast.stmt):
                yield from ((node, new) for new in _statements(node))


def _expressions(node: ast.expr, arguments: list[str]) -> Iterator[ast.expr]:
    """What might stand in place of an expression by mistake."""
    match node:
        case ast.Attribute(attr="T"):
            yield node.value
        case ast.BinOp(left, ast.MatMult(), right):
            yield ast.BinOp(right, ast.MatMult(), left)
            yield ast.BinOp(ast.Attribute(left, "T"), ast.MatMult(), right)
            yield ast.BinOp(left, ast.MatMult(), ast.Attribute(right, "T"))
        case ast.BinOp(left, operator, right):
            yield left
            yield right
            yield from (ast.BinOp(left, other(), right) for other in ARITHMETIC[type(operator)])
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Constant(str(value)) if "->" in value:
            yield from map(ast.Constant, _subscripts(value))
        case ast.Compare(left, [_], [right]):
            yield from (ast.Compare(left, [o()], [right]) for o in (ast.Lt, ast.GtE, ast.LtE))
        case ast.Tuple([alone]) if not isinstance(alone, ast.Starred):
            yield alone
        case ast.Tuple(elts):
            for k in range(len(elts) - 1):
                yield ast.Tuple([*elts[:k], elts[k + 1], elts[k], *elts[k + 2 :]])
                yield ast.Tuple([*elts[:k], *elts[k + 1 :]])
        case ast.Call(ast.Attribute(value, "sum" | "max" | "copy")):
            yield value
        case ast.Call(_, [argument]) if not isinstance(argument, ast.Starred):
            yield argument
        case ast.Name(name, ast.Load()) if name != "np":
            yield from (ast.Name(other) for other in arguments if other != name)


def _written(new: ast.expr) -> str:
    """The text of an expression, in brackets but for subscripts that have a colon."""
    if isinstance(new, ast.Tuple) and any(isinstance(e, ast.Slice) for e in new.elts):
        return ", ".join(map(ast.unparse, new.elts)) + "," * (len(new.elts) == 1)
    return f"({ast.unparse(new)})"


def _subscripts(einsum: str) -> Iterator[str]:
    """Wrong subscripts: of the result or of an operand reversed, or of two exchanged."""
    *operands, result = einsum.replace("->", ",").split(",")
    for k, own in enumerate([*operands, result]):
        changed = [*operands, result]
        changed[k] = own[::-1]
        yield ",".join(changed[:-1]) + "->" + changed[-1]
    yield ",".join(operands[::-1]) + "->" + result


def _statements(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.Assign([target], value):
            yield "pass"
            yield f"{ast.unparse(target)} = {ast.unparse(value)} * 2"
        case ast.AugAssign(target, _, value):
            yield "pass"
            yield f"{ast.unparse(target)} += {ast.unparse(value)}"


def _put(source: str, old: Any, new: str) -> str:
    """The text with one node replaced; a node counts its columns in bytes."""
    lines = source.encode().splitlines(keepends=True)
    start = sum(map(len, lines[: old.lineno - 1])) + old.col_offset
    end = sum(map(len, lines[: old.end_lineno - 1])) + old.end_col_offset
    text = source.encode()
    return (text[:start] + new.encode() + text[end:]).decode()
