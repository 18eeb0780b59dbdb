"""How the forward and backward methods of a class are called: read off their signatures.

Every argument has a role, told by its name, its default and its position.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from gradcheck.checks.adapters import names
from gradcheck.checks.adapters.names import plain
from gradcheck.checks.gradient.function import Place


class Role(Enum):
    """What is passed for an argument of backward."""

    COTANGENT = "cotangent"
    INPUT = "input"
    OUTPUT = "output"
    CACHE = "cache"
    RATE = "rate"
    OPTIMIZER = "optimizer"
    ONCE = "once"  # how many rounds of training: one


TELLING = (Role.RATE, Role.OPTIMIZER, Role.COTANGENT, Role.ONCE)  # passed though optional


@dataclass(frozen=True)
class Passes:
    """The two methods of a class and their arguments.

    inputs     the arguments of forward that arrays are passed for
    constants  the other arguments of forward that are passed, such as training=True
    roles      the arguments of backward that are passed, in order; with a star as in `*dout`
    by_name    whether the inputs are passed to forward by name
    trains     whether they are a loss and a step of training: only parameters have gradients
    returned   the names in the last return statement of backward, None for what has no name
    """

    forward: str
    backward: str
    inputs: tuple[str, ...]
    constants: Mapping[str, Any]
    roles: tuple[tuple[str, Role], ...]
    returned: tuple[str | None, ...]
    by_name: bool = True
    trains: bool = False

    def with_role(self, old: Role, new: Role) -> "Passes":
        """The same with another role for the arguments of one role."""
        roles = tuple((name, new if role is old else role) for name, role in self.roles)
        return replace(self, roles=roles)

    def has(self, role: Role) -> bool:
        return any(role is other for _, other in self.roles)


def methods(cls: type) -> tuple[str, str] | None:
    """The names of a class's forward and backward pass, if it has both and they are methods."""
    there = [
        name for name in dir(cls) if inspect.isfunction(inspect.getattr_static(cls, name, None))
    ]
    forward = names.first(names.FORWARD, there)
    backward = names.first(names.BACKWARD, there)
    if forward == "call" and "__call__" in there and "build" in there:
        forward = "__call__"  # which builds the layer first
    return (forward, backward) if forward and backward else None


def passes(cls: type, forward: str, backward: str, given: Sequence[str] = ()) -> Passes:
    """Read both signatures; `given` are the inputs that the user names."""
    inputs, constants, by_name = arguments(getattr(cls, forward), given)
    method = getattr(cls, backward)
    roles = _roles(method, inputs)
    return Passes(forward, backward, inputs, constants, roles, returned(method), by_name)


def arguments(
    function: Callable[..., Any], given: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, Any], bool]:
    """The inputs of forward, what else is passed, and whether inputs are passed by name."""
    inputs: list[str] = []
    constants: dict[str, Any] = {}
    by_name = True
    for p in list(inspect.signature(function).parameters.values())[1:]:
        switch, setting = flag(p.name, None if p.default is p.empty else p.default)
        if p.kind is p.VAR_POSITIONAL:
            more = [name for name in given if name not in inputs and "." not in name]
            inputs += more or ([] if inputs else ["x"])
            by_name = False
        elif p.name in given:
            inputs.append(p.name)
        elif p.kind is p.VAR_KEYWORD:
            continue
        elif switch:
            constants[p.name] = setting
        elif p.default is p.empty:
            inputs.append(p.name)
            by_name = by_name and p.kind is not p.POSITIONAL_ONLY
    return tuple(inputs), constants, by_name


def place_of(method: Callable[..., Any]) -> Place | None:
    """Where a method is written, if it is written in Python."""
    code = getattr(inspect.unwrap(method), "__code__", None)
    return Place(code.co_filename, code.co_firstlineno) if code else None


def flag(name: str, default: Any) -> tuple[bool, Any]:
    """Whether an argument or attribute is a switch between training and testing; its setting."""
    word = plain(name)
    if word in names.TRAINING and (isinstance(default, bool) or default in (0, 1, None)):
        return True, True
    if word in names.TESTING and isinstance(default, bool):
        return True, False
    if word in {"mode", "phase"} and (default is None or isinstance(default, str)):
        return True, "train"
    return False, None


def returned(function: Callable[..., Any]) -> tuple[str | None, ...]:
    """The names in the last return statement, as far as they can be read."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return ()
    values = [n.value for n in _own_nodes(tree.body[0]) if isinstance(n, ast.Return) and n.value]
    if not values:
        return ()
    last = values[-1]
    return tuple(map(_name, last.elts if isinstance(last, ast.Tuple | ast.List) else [last]))


def returns_nothing(function: Callable[..., Any]) -> bool:
    """Whether a function says `return None`, and nowhere returns anything else."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return False
    values = [n.value for n in _own_nodes(tree.body[0]) if isinstance(n, ast.Return)]
    return bool(values) and all(isinstance(v, ast.Constant) and v.value is None for v in values)


def required(function: Callable[..., Any]) -> list[str]:
    """The arguments without a default, besides self."""
    return [
        p.name
        for p in inspect.signature(function).parameters.values()
        if p.name != "self" and p.default is p.empty and p.kind in (0, 1, 3)
    ]


def _roles(function: Callable[..., Any], inputs: tuple[str, ...]) -> tuple[tuple[str, Role], ...]:
    """A role for every argument that needs one, and for optional ones with a telling name."""
    roles: dict[str, Role | None] = {}
    for p in list(inspect.signature(function).parameters.values())[1:]:
        needed = p.default is p.empty and p.kind is not p.VAR_KEYWORD
        role = _role(p.name, inputs)
        if isinstance(p.default, bool):  # retain_grads=True is no gradient
            continue
        switch, _ = flag(p.name, None)
        if needed or role in TELLING or _is_one(p.default):
            name = f"*{p.name}" if p.kind is p.VAR_POSITIONAL else p.name
            roles[name] = Role.COTANGENT if not needed and role is None else role
        if switch and not needed:
            roles.pop(p.name, None)
    if Role.COTANGENT not in roles.values():
        # by position: the first that has no role of its own, or the only one there is
        unknown = [name for name, role in roles.items() if role is None]
        alone = [n for n, role in roles.items() if role not in (Role.RATE, Role.OPTIMIZER)]
        for name in unknown[:1] or (alone if len(alone) == 1 else []):
            roles[name] = Role.COTANGENT
    unknown = [name for name, role in roles.items() if role is None]
    free = len(inputs) - sum(role is Role.INPUT for role in roles.values())
    for name in unknown[1:][-free:] if free > 0 else []:  # beside the output, inputs renamed
        roles[name] = Role.INPUT
    return tuple((name, role or Role.OUTPUT) for name, role in roles.items())


def _role(name: str, inputs: tuple[str, ...]) -> Role | None:
    word = plain(name)
    for role, words in (
        (Role.RATE, names.RATE),
        (Role.OPTIMIZER, names.OPTIMIZER),
        (Role.CACHE, names.CACHE),
        (Role.ONCE, names.EPOCHS),
    ):
        if word in words:
            return role
    if name in inputs:
        return Role.INPUT
    if word in names.COTANGENT:
        return Role.COTANGENT
    if word in {plain(i) for i in inputs} or _alias(name, inputs):
        return Role.INPUT
    if names.readings(name):  # dh_next, grad_hidden
        return Role.COTANGENT
    return Role.OUTPUT if word in names.OUTPUT else None


def _alias(name: str, inputs: tuple[str, ...]) -> bool:
    """Whether an argument means one of forward's inputs under another of its usual names."""
    labels = plain(name) in names.LABELS and any(plain(i) in names.LABELS | {"y"} for i in inputs)
    return labels or names.key(name) in {names.key(i) for i in inputs}


def _own_nodes(function: ast.AST) -> Iterable[ast.AST]:
    """The nodes of a function in order, without those of functions inside it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            yield child
            yield from _own_nodes(child)


def _is_one(default: Any) -> bool:
    return type(default) in (int, float) and default == 1


def _name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return None
