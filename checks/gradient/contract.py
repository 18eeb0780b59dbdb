"""What must hold of what a backward pass returns and touches, before any number counts."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gradcheck.checks.gradient.finding import Finding, Outcome, entry_name, numpy_shape
from gradcheck.checks.gradient.function import Array, Arrays


def gradient_fault(name: str, gradient: Any, wanted: Array, dtype: np.dtype[Any]) -> Finding | None:
    """What is wrong with one gradient, None if it is absent, before its values are compared.

    dtype  of the output; a gradient need not be more precise than that
    """
    if gradient is None:
        message = f"backward returns no gradient by {name}"
        return Finding(name, Outcome.DISAGREES, "missing-gradient", message)
    try:
        array = np.asarray(gradient)
    except (TypeError, ValueError) as error:
        message = f"d{name} is no array: {error}"
        return Finding(name, Outcome.DISAGREES, "shape", message)
    if array.dtype.kind not in "biufc":
        what = type(gradient).__name__ if array.ndim == 0 else f"of dtype {array.dtype}"
        message = f"d{name} is no array of numbers but {what}"
        return Finding(name, Outcome.DISAGREES, "dtype", message)
    if array.shape != wanted.shape:
        got, expected = numpy_shape(array.shape), numpy_shape(wanted.shape)
        return Finding(
            name,
            Outcome.DISAGREES,
            _shape_code(array.shape, wanted.shape),
            f"d{name} has shape {got}, and {name} has {expected}",
            expected_shape=expected,
            got_shape=got,
        )
    return _dtype_fault(name, array, wanted, dtype)


def _dtype_fault(name: str, array: Array, wanted: Array, dtype: np.dtype[Any]) -> Finding | None:
    fault, code = "", "dtype"
    if array.dtype.kind in "biu" and array.size and array.any():
        code = "integer-gradient"
        fault = f"d{name} is an array of {array.dtype}: fractions were cut off"
    elif array.dtype.kind == "c" and wanted.dtype.kind != "c":
        fault = f"d{name} is complex ({array.dtype}), and {name} is real"
    elif array.dtype.kind == "f" and array.dtype.itemsize < min(
        precision(wanted.dtype), precision(dtype)
    ):
        fault = f"d{name} is {array.dtype}, and {name} and the output are {wanted.dtype}"
    if fault:
        return Finding(name, Outcome.DISAGREES, code, fault)
    if not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))
        where = entry_name(name, bad[0])
        message = f"d{name} is not finite in {len(bad)} of {array.size} entries, first at {where}"
        return Finding(name, Outcome.DISAGREES, "not-finite", message, differing=len(bad))
    return None


def precision(dtype: np.dtype[Any]) -> int:
    """Bytes of one real number."""
    return dtype.itemsize // 2 if dtype.kind == "c" else dtype.itemsize if dtype.kind == "f" else 8


def _shape_code(got: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    without = [tuple(n for n in shape if n != 1) for shape in (got, wanted)]
    return "kept-axis" if without[0] == without[1] else "shape"


def changed(given: Mapping[str, Array], original: Arrays) -> list[str]:
    """The names of the arrays that are no longer what they were."""
    return [name for name, array in given.items() if not same(array, original[name])]


def same(a: Array, b: Array) -> bool:
    """Equal to the last bit; not a number equals itself."""
    return bool(np.array_equal(a, b) or np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))


def mutation(what: str, names: list[str]) -> Finding:
    """What is said of a pass that changes what it was given."""
    listed = " and ".join(names)
    if names == ["the cotangent"]:
        code, cure = "mutates-cotangent", "the caller's array is spoilt: work on a copy of it"
    else:
        code, cure = "mutates-input", "the caller's array is spoilt: work on a copy of it"
    return Finding("", Outcome.DISAGREES, code, f"{what} changes {listed} in place; {cure}")


def shared(gradients: Mapping[str, Any], inputs: Arrays) -> Iterator[str]:
    """Notes on gradients that share memory with an input or with each other."""
    arrays = {name: g for name, g in gradients.items() if isinstance(g, np.ndarray)}
    for position, (name, gradient) in enumerate(arrays.items()):
        earlier = {f"d{other}": arrays[other] for other in [*arrays][:position]}
        for other, array in (dict(inputs) | earlier).items():
            if np.may_share_memory(gradient, array):
                yield (
                    f"d{name} shares memory with {other}: "
                    "adding to one in place changes the other   [aliases]"
                )
