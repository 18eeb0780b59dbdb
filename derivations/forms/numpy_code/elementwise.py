"""Numbers, and functions that NumPy applies entry by entry."""

from collections.abc import Mapping
from typing import Any

from sympy import sympify

from gradcheck.derivations.forms.numpy_code import code as py
from gradcheck.derivations.forms.numpy_code.arrays import Array, mapped
from gradcheck.derivations.forms.numpy_code.code import Code, atom
from gradcheck.derivations.forms.products import decimal

FUNCTIONS: Mapping[str, str] = {
    "exp": "np.exp({})",
    "log": "np.log({})",
    "tanh": "np.tanh({})",
    "sin": "np.sin({})",
    "cos": "np.cos({})",
    "softplus": "np.logaddexp(0, {})",
    "relu": "np.maximum({}, 0)",
    "absolute": "np.abs({})",
    "sign": "np.sign({})",
}


def applied(name: str, argument: Array) -> Array:
    """A function of every entry. Raises NotImplementedError for one that has no code."""
    if name == "step":
        return mapped(argument, lambda code: py.compare(">", code, atom("0")), boolean=True)
    if name == "sigmoid":
        return mapped(argument, _sigmoid)
    if name not in FUNCTIONS:
        raise NotImplementedError(f"no NumPy code for the function {name}")
    return mapped(argument, lambda code: py.call(FUNCTIONS[name], code))


def number_code(value: Any) -> Code:
    """A number as Python writes it."""
    value = sympify(value)
    if value < 0:
        return py.negative(number_code(-value))
    if value.is_Integer:
        return atom(str(value))
    if decimal(value):
        return atom(decimal(value))
    if value.is_Rational:
        return py.over(atom(str(value.p)), atom(str(value.q)))
    return atom(repr(float(value)))


def _sigmoid(code: Code) -> Code:
    exponential = py.call("np.exp({})", py.negative(code))
    return py.over(atom("1"), py.plus(atom("1"), exponential))
