"""Reports as bytes, for other processes: every expression comes out as it went in.

Pickle as SymPy has it builds expressions anew, which sorts factors and evaluates what was left
standing; and it knows functions by the module they are in, which `function("h")` has none of.
"""

import io
import pickle
from typing import Any

from sympy import Add, Function, KroneckerDelta, Mul, Pow, Sum

from gradcheck.derivations.calculus.functions import Undefined, undefined
from gradcheck.derivations.calculus.mistakes.edits import summed

PRIME = "′"


def dumps(content: Any) -> bytes | None:
    """The content as bytes for `pickle.loads`; None if something in it cannot be sent."""
    file = io.BytesIO()
    try:
        _Pickler(file, pickle.HIGHEST_PROTOCOL).dump(content)
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
    return file.getvalue()


class _Pickler(pickle.Pickler):
    def reducer_override(self, node: Any) -> Any:
        if isinstance(node, Sum):
            return summed, (node.function, node.limits)
        if isinstance(node, (Add, Mul, Pow, KroneckerDelta, Function)):
            return _as_written, (node.func, node.args)
        if isinstance(node, type) and issubclass(node, Undefined) and node is not Undefined:
            return _undefined, (node.__name__,)
        return NotImplemented


def _as_written(kind: Any, args: tuple[Any, ...]) -> Any:
    return kind(*args, evaluate=False)


def _undefined(name: str) -> type[Undefined]:
    if name.endswith(PRIME):
        return undefined(name.removesuffix(PRIME)).prime
    return undefined(name)
