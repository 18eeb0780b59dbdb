"""What the source of a function says: where it is, and what its results are called."""

import ast
import inspect
import os
import textwrap
from pathlib import Path
from typing import Any

from gradcheck.checks.gradient.function import Place


def place_of(function: Any) -> Place | None:
    """File and line of a function, the file as seen from the working folder."""
    code = getattr(inspect.unwrap(_plain(function)), "__code__", None)
    if code is None:
        return None
    return Place(shown(code.co_filename), code.co_firstlineno)


def shown(file: str | Path) -> str:
    """A path as its owner would write it: relative if it is below the working folder."""
    try:
        relative = os.path.relpath(file)
    except ValueError:  # another drive
        return str(file)
    return str(file) if relative.startswith("..") else relative


def returned_names(function: Any) -> tuple[str, ...]:
    """`return dx, dw` as its names, an empty one for what is no name; () if it is not so simple."""
    body = _body(function)
    if body is None:
        return ()
    found = [node for node in _own_nodes(body) if isinstance(node, ast.Return) and node.value]
    if not found:
        return ()
    value = max(found, key=lambda node: node.lineno).value
    if isinstance(value, ast.Name):  # grads = (dx, dw); return grads
        value = _assigned(body, value.id) or value
    parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    return tuple(_label(part) for part in parts)


def keys_of(function: Any, argument: str) -> tuple[str, ...]:
    """The names that a function reads from an argument as from a dictionary, `params["W"]`."""
    body = _body(function)
    found = [
        (node.lineno, node.col_offset, node.slice.value)
        for node in (ast.walk(body) if body is not None else ())
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == argument
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    ]
    return tuple(dict.fromkeys(key for _, _, key in sorted(found)))


def _label(node: ast.expr | None) -> str:
    """A name, the last part of `self.dW`, or the key of `grads['dW']`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value) if isinstance(node.slice.value, str) else ""
    return ""


def _assigned(body: ast.AST, name: str) -> ast.expr | None:
    """The tuple that a name stands for, if a tuple was assigned to it."""
    for node in _own_nodes(body):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Tuple | ast.List)
            and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
        ):
            return node.value
    return None


def _body(function: Any) -> ast.AST | None:
    try:
        text = textwrap.dedent(inspect.getsource(inspect.unwrap(_plain(function))))
        tree = ast.parse(text)
    except (OSError, TypeError, SyntaxError):
        return None
    is_function = (ast.FunctionDef, ast.AsyncFunctionDef)
    return next((node for node in tree.body if isinstance(node, is_function)), None)


def _own_nodes(body: ast.AST) -> list[ast.AST]:
    """The nodes of a function, without those of functions inside it."""
    found: list[ast.AST] = []
    queue = list(ast.iter_child_nodes(body))
    while queue:
        node = queue.pop(0)
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            queue.extend(ast.iter_child_nodes(node))
    return found


def _plain(function: Any) -> Any:
    """The function of a method, or of an object that is called."""
    if isinstance(function, staticmethod | classmethod):
        return function.__func__
    if inspect.ismethod(function):
        return function.__func__
    if inspect.isfunction(function) or inspect.isbuiltin(function):
        return function
    call = vars(type(function)).get("__call__")
    return call if inspect.isfunction(call) else function
