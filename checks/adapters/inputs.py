"""The arrays that someone's code is checked with.

In this order: arrays that were given; the hook `gradcheck_inputs` of the file; arrays of a shape
that was given; and guesses, which are tried by calling the code and always told in a note.

The hook is a function of the user's file. It returns a dictionary of what `forward` is called
with: NumPy arrays are inputs, anything else is passed on as it is. It may return an object and
the dictionary, `return Linear(3, 4), {"x": x}`, if the object cannot be built otherwise. With an
argument it is given the name that is checked, so that one file can have several cases.
"""

import contextlib
import copy
import inspect
import io
import itertools
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from gradcheck.checks.adapters.draw import Shape, draw, shape_of
from gradcheck.checks.adapters.guesses import guesses
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.gradient.function import Array
from gradcheck.checks.layers import UsageError

HOOK = "gradcheck_inputs"
TRIES = 400  # calls of the code before giving up; the usual layouts are among the first fifty
ALTERNATIVES = 4  # guesses that forward takes, of which backward may refuse some
KINDS = {  # of the entries, in this order, until all values are finite
    "real": "",
    "positive": "positive, because forward fails on negative ones",
    "unit": "between 0 and 1, because forward fails on others",
    "rows": "positive with rows that sum to 1, because forward fails on others",
}

SHAPES_DIFFER = re.compile("shape|dimension|broadcast|unpack|align|axis|axes|Index|TypeError")

Values = dict[str, Any]


def parse_shapes(words: Iterable[str]) -> dict[str, Shape]:
    """The shapes of `--shape X=4,3 --shape b=5 --shape y=4:int3`; of a scalar, `--shape a=`."""
    shapes = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--shape {word}: write a name and sizes, such as --shape X=4,3")
        shapes[name.strip()] = shape_of(text, word)
    return shapes


def from_hook(module: ModuleType | None, name: str, seed: int = 0) -> tuple[Any, Values]:
    """What the hook says of `name`: an object to check instead, or None; and values."""
    function = getattr(module, HOOK, None)
    if function is None:
        return None, {}
    wants_name = bool(inspect.signature(function).parameters)
    state = np.random.get_state()  # noqa: NPY002 - what the user's hook draws from
    np.random.seed(seed)  # noqa: NPY002 - the same in every run
    try:
        with quietly():
            found = function(name) if wants_name else function()
    except Exception as error:
        raise UsageError(f"{HOOK}: raised {type(error).__name__}: {error}") from None
    finally:
        np.random.set_state(state)  # noqa: NPY002
    if isinstance(found, Mapping) and found and all(_is_case(case) for case in found.values()):
        found = found.get(name)  # cases by name
    thing, values = found if isinstance(found, tuple) else (None, found)
    if values is None:  # none for this name
        return None, {}
    if not isinstance(values, Mapping):
        raise UsageError(
            f"{HOOK}: it should return a dictionary of arrays such as {{'x': np.ones((4, 3))}}, "
            f"not {_kind_of(values)}"
        )
    return thing, dict(values)


def split(values: Mapping[str, Any]) -> tuple[dict[str, Array], Values]:
    """The arrays, which are inputs, and everything else, which is passed on as it is."""
    arrays = {k: np.asarray(v) for k, v in values.items() if isinstance(v, np.ndarray | np.generic)}
    return arrays, {k: v for k, v in values.items() if k not in arrays}


def complete(
    request: Request,
    names: Iterable[str],
    works: Callable[[Values], bool],
    fixed: Mapping[str, Any] | None = None,
    better: Callable[[Values], bool] | None = None,
) -> tuple[Values, tuple[str, ...]]:
    """A value for each of the names, and notes on what was guessed.

    `works` calls the code with the values and says whether that was useful; it may raise.
    `fixed` are values known otherwise, such as the parameters of an instance; those that the user
    gave go before them. Of the first few guesses that work one is taken that is also `better`,
    which is to say that backward can be called; if there is none, the very first.
    """
    names = list(names)
    known = {**(fixed or {}), **request.keywords, **request.inputs}
    known = {name: value for name, value in known.items() if name not in request.shapes}
    missing = [name for name in names if name not in known]
    if not missing:
        return {name: known[name] for name in names}, ()
    there = {n: np.shape(v) for n, v in known.items() if isinstance(v, np.ndarray) and n in names}
    there |= {name: shape for name, shape in request.shapes.items() if name in names}
    tries = [*itertools.islice(guesses(missing, there), TRIES)]
    seed = int(request.rng.integers(2**32))  # what is drawn depends on no guess that failed
    reasons: list[str] = []
    working: list[tuple[Values, tuple[Any, ...], str]] = []
    for guess in tries:
        for kind in KINDS:
            values = {**known, **_drawn(missing, guess, seed, kind)}
            values = {name: values[name] for name in names}
            reason = _fails(works, values)
            if not reason:
                working.append((values, guess, kind))
            reasons.append(reason)
            if not reason or SHAPES_DIFFER.search(reason):
                break  # other entries will not help
        last = working and better and _fails(better, working[-1][0])
        if working and (not last or len(working) == ALTERNATIVES):
            break
    if working:
        chosen = 0 if last else -1
        values, guess, kind = working[chosen]
        notes = _notes(request, dict(zip(missing, guess, strict=True)), kind)
        if chosen and len(working) > 1:
            shapes = ", ".join(map(_words, missing, working[0][1]))
            notes = (
                *notes,
                f"forward takes {shapes} too; there backward raises, or a gradient does not fit",
            )
        return values, notes
    first = dict(zip(missing, tries[0], strict=True))
    if all(name in request.shapes for name in missing):
        # everything is as the user wants it: what goes wrong with it is for the check to say
        values = {**known, **_drawn(missing, tuple(first.values()), seed, "real")}
        return {name: values[name] for name in names}, ()
    raise UsageError(_nothing_works(request, first, reasons[0]))


def usable(output: Any) -> bool:
    """Whether an output is made of finite numbers, and of one at least."""
    parts = output if isinstance(output, tuple | list) else (output,)
    arrays = [np.asarray(part) for part in parts]
    return any(a.size for a in arrays) and all(
        a.dtype.kind in "fciub" and np.isfinite(a).all() for a in arrays
    )


def like(output: Any, rng: np.random.Generator) -> Any:
    """A cotangent for an output, or one for each of several."""
    if isinstance(output, tuple):
        return tuple(like(part, rng) for part in output)
    return draw(np.shape(output), rng)


@contextlib.contextmanager
def quietly() -> Any:
    """While code is tried, it neither prints nor warns."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


def _drawn(names: list[str], guess: tuple[Any, ...], seed: int, kind: str) -> Values:
    rng = np.random.default_rng(seed)
    return {
        name: draw(what, rng, kind) if isinstance(what, Shape) else what
        for name, what in zip(names, guess, strict=True)
    }


def _fails(works: Callable[[Values], bool], values: Values) -> str:
    """Why the values are of no use; empty if they are."""
    try:
        with quietly():
            # a copy, for the code may write into what it is given
            return "" if works(copy.deepcopy(values)) else "gave values that are not finite"
    except (Exception, SystemExit) as error:
        return f"raised {type(error).__name__}: {error}".strip().splitlines()[0]


def _notes(request: Request, guess: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    guessed = {name: what for name, what in guess.items() if name not in request.shapes}
    notes = []
    if guessed:
        words = ", ".join(_words(name, what) for name, what in guessed.items())
        notes.append(f"guessed {words}; to choose yourself: {_options(request.name, guessed)}")
    drawn = [name for name, what in guess.items() if isinstance(what, Shape) and not what.kind]
    if KINDS[kind] and drawn:
        notes.append(f"the entries of {', '.join(drawn)} are {KINDS[kind]}")
    return tuple(notes)


def _nothing_works(request: Request, guess: Mapping[str, Any], reason: str) -> str:
    words = ", ".join(_words(name, what) for name, what in guess.items())
    return (
        f"{request.name}: nothing was found to call it with ({words} {reason}); say what it takes "
        f"on the command line, as in {_options(request.name, guess)}, or in a function {HOOK}() "
        f"in the file that returns a dictionary, as in return {{{next(iter(guess))!r}: ...}}"
    )


def _words(name: str, what: Any) -> str:
    return f"{name} {tuple(what)}" if isinstance(what, Shape) else f"{name}={what!r}"


def _options(name: str, guess: Mapping[str, Any]) -> str:
    """What to write on the command line."""
    shapes = [f"--shape {key}={what}" for key, what in guess.items() if isinstance(what, Shape)]
    values = [f"{key}={what!r}" for key, what in guess.items() if not isinstance(what, Shape)]
    calls = [f"{name}({', '.join(values)})"] if values else []
    return " ".join([*calls, *shapes])


def _is_case(case: Any) -> bool:
    """Whether a value of the hook's dictionary is itself what the hook says of one name."""
    return isinstance(case, Mapping) or (
        isinstance(case, tuple) and len(case) == 2 and isinstance(case[1], Mapping)
    )


def _kind_of(value: Any) -> str:
    return f"{'an' if type(value).__name__[0] in 'aeiou' else 'a'} {type(value).__name__}"
