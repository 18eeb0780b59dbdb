"""Checking layers, as many as are named, by one process or several."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from gradcheck.checks.layers import Layer, LayerError, UsageError, add_folder, load, select
from gradcheck.checks.one_layer import check_layer
from gradcheck.checks.parallel import each, worth
from gradcheck.checks.pickled import dumps
from gradcheck.checks.verdict import LayerReport, Report, Tolerance

Asked = tuple[str, tuple[str, ...]]  # the name of a layer, and inputs of it


def check(
    *layers: str,
    seed: int = 0,
    wrt: Iterable[str] = (),
    sizes: Mapping[str, int] | None = None,
    tolerance: Tolerance | None = None,
    path: str = "",
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
    jobs: int = 1,
) -> Report:
    """Check layers, all of them if none is named.

    layers    names as on the command line: `linear`, `linear.rows`, `conv*`
    seed      of all sizes and values
    wrt       only the gradients by these inputs
    sizes     fixed sizes of axes, in one case instead of the automatic ones
    tolerance allowed differences, beside what the finite differences add for their own error
    path      also look for layers in PATH/derivations and PATH/numeric
    progress  is told how many of how many layers are done and which comes next
    jobs      how many processes share the layers; 0 for as many as pay

    Raises UsageError for a layer, input or axis that does not exist, or a size below 1.
    """
    if path:
        add_folder(path)
    names = select(layers or ["*"])
    loaded = {name: _load(name) for name in names}
    there = {name: layer for name, layer in loaded.items() if isinstance(layer, Layer)}
    found = {name: failed for name, failed in loaded.items() if isinstance(failed, LayerReport)}
    wanted, fixed, allowed = tuple(wrt), dict(sizes or {}), tolerance or Tolerance()
    _validate([*there.values()], wanted, fixed)
    asked = [(name, inputs) for name, layer in there.items() if (inputs := _asked(layer, wanted))]
    work = partial(_check_named, seed=seed, sizes=fixed, tolerance=allowed)
    for name, report in _shared(work, asked, jobs, path, progress):
        found[name] = replace(report, symbolic=there[name].symbolic)
    reports = tuple(found[name] for name in names if name in found)
    return Report(reports, (), seed, fixed, allowed, path)


def _load(name: str) -> Layer | LayerReport:
    """The layer, or a report of why it cannot be loaded."""
    try:
        return load(name)
    except LayerError as error:
        return LayerReport(name, "", error=str(error))


def _asked(layer: Layer, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The inputs of a layer whose gradients are to be checked."""
    names = (t.name for t in layer.symbolic.differentiable)
    return tuple(name for name in names if not wanted or name in wanted)


def _shared(
    work: Callable[[Asked], LayerReport],
    asked: list[Asked],
    jobs: int,
    path: str,
    progress: Callable[[int, int, str], None],
) -> Iterator[tuple[str, LayerReport]]:
    """The layers' names and reports as they are done, by one process or several."""
    waiting = dict.fromkeys(name for name, _ in asked)
    setup = partial(add_folder, path) if path else None
    progress(0, len(asked), next(iter(waiting), ""))
    for place, report in each(work, asked, jobs or worth(len(asked)), setup, dumps):
        name, _ = asked[place]
        del waiting[name]
        yield name, report
        progress(len(asked) - len(waiting), len(asked), next(iter(waiting), ""))


def _validate(layers: list[Layer], wrt: tuple[str, ...], sizes: Mapping[str, int]) -> None:
    inputs = {t.name: None for layer in layers for t in layer.symbolic.differentiable}
    for name in wrt:
        if name not in inputs:
            raise UsageError(f"--wrt {name}: no such input; there are {', '.join(inputs)}")
    if sizes:  # else nothing has to be derived yet
        _validate_sizes(layers, sizes)


def _validate_sizes(layers: list[Layer], sizes: Mapping[str, int]) -> None:
    axes = {axis: None for layer in layers for axis in layer.symbolic.setting.sizes}
    options = {o.name: o for layer in layers for o in layer.symbolic.options if o.whole}
    follow = {n: f for layer in layers for n, f in layer.symbolic.setting.lengths.items()}
    for axis, size in sizes.items():
        if axis not in axes:
            raise UsageError(f"--shape {axis}={size}: no such axis; there are {', '.join(axes)}")
        if axis in follow:
            others = ", ".join(sorted(map(str, follow[axis].free_symbols)))
            raise UsageError(f"--shape {axis}={size}: {axis} follows from {others}: give these")
        least = int(options[axis].between[0]) if axis in options else 1
        if size < least:
            what = f"{axis}" if axis in options else "a size"
            raise UsageError(f"--shape {axis}={size}: {what} must be at least {least}")


def _check_named(
    asked: Asked, seed: int, sizes: Mapping[str, int], tolerance: Tolerance
) -> LayerReport:
    """A layer by its name, which other processes understand; without its symbolic side."""
    name, wrt = asked
    return replace(check_layer(load(name), wrt, seed, sizes, tolerance), symbolic=None)
