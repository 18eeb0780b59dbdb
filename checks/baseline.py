"""Baselines: what is known of every gradient today, and what got worse since.

A baseline is a JSON file that is kept in the repository. Of each gradient it has the verdict, the
verdict on its derivation, and the order of magnitude of the error. It has two parts, `targets`
from the command line and `tests` from pytest, and whoever writes one leaves the other alone.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradcheck.checks.layers import UsageError
from gradcheck.checks.report.results import AGREES, PROOFS, SKIPPED, VERDICTS, Result, gravest

SCHEMA = 1
TARGETS, TESTS = "targets", "tests"  # the parts
LEAST = -10  # errors below 1e-10 come and go
GROWN = 1  # orders of magnitude: an error has to grow by more, for one of 9e-9 may be 1e-8 tomorrow

Known = Mapping[str, Mapping[str, Mapping[str, Any]]]  # layer -> input -> what is known


@dataclass(frozen=True)
class Worse:
    """Something that got worse: of which layer, and what, as a sentence."""

    layer: str
    message: str

    def __str__(self) -> str:
        return f"{self.layer}: {self.message}"


def known(rows: Iterable[Result]) -> dict[str, dict[str, dict[str, Any]]]:
    """What to keep of some rows; of several about one gradient the gravest."""
    found: dict[str, dict[str, Result]] = {}
    for row in rows:
        before = found.setdefault(row.key, {}).get(row.input, row)
        found[row.key][row.input] = gravest([before, row])
    return {
        layer: {wrt: _kept(row) for wrt, row in inputs.items()} for layer, inputs in found.items()
    }


def save(file: Path, layers: Known, part: str = TARGETS) -> None:
    """Write a part of a baseline. Raises UsageError if that is not possible."""
    content = {"schema": SCHEMA, TARGETS: {}, TESTS: {}}
    content |= _content(file) if file.exists() else {}
    content[part] = layers
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)
    try:
        file.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"baseline {file}: cannot be written: {error.strerror}") from error


def read(file: Path, part: str = TARGETS) -> Known:
    """Read a part of a baseline. Raises UsageError for what is none."""
    layers: Known = _content(file)[part]
    return layers


def worse(then: Known, now: Known) -> list[Worse]:
    """What got worse, or is gone; what is new and right is no complaint."""
    found = []
    for layer in sorted(then.keys() | now.keys()):
        if layer in now:
            before = then.get(layer, {})
            found += [Worse(layer, message) for message in _of_layer(before, now[layer])]
        else:
            found.append(Worse(layer, "it is gone"))
    return found


def _of_layer(
    then: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> Iterable[str]:
    for wrt in sorted(then.keys() | now.keys()):
        name = f"d{wrt}" if wrt else "the passes"
        if wrt not in then and now[wrt]["verdict"] not in (AGREES, SKIPPED):
            yield f"{name}: {now[wrt]['verdict']}, which is new"
        elif wrt in then and wrt in now:
            yield from _of_gradient(name, then[wrt], now[wrt])
        elif wrt and wrt in then:  # of the passes there is nothing to say if they are right
            yield f"{name} is gone"


def _of_gradient(name: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[str]:
    if VERDICTS.index(now["verdict"]) > VERDICTS.index(then["verdict"]):
        yield f"{name}: {now['verdict']}, and it was: {then['verdict']}"
        return
    before, after = then.get("proof", ""), now.get("proof", "")
    if before and (not after or PROOFS.index(after) > PROOFS.index(before)):
        yield f"the derivation of {name} is {after or 'gone'}, and it was {before}"
    if now["error"] > then["error"] + GROWN:
        yield f"the error of {name} is about 1e{now['error']}, and it was 1e{then['error']}"


def _kept(row: Result) -> dict[str, Any]:
    magnitude = math.floor(math.log10(row.error)) if row.error > 0 else LEAST
    found = {"verdict": row.verdict, "error": max(LEAST, magnitude)}
    return found | ({"proof": row.proof} if row.proof else {})


def _content(file: Path) -> dict[str, Any]:
    """A whole file, of which every entry is as `_kept` makes it."""
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        schema = content["schema"]
        fine = schema != SCHEMA or all(map(_is_fine, _entries(content)))
    except OSError as error:
        raise UsageError(
            f"baseline {file}: cannot be read: {error.strerror}; "
            f"gradcheck --save-baseline and pytest --gradcheck-update write one"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError):
        schema, fine = SCHEMA, False
    if schema != SCHEMA:
        raise UsageError(f"baseline {file}: it has schema {schema}, not {SCHEMA}; save it again")
    if not fine:
        raise UsageError(f"baseline {file}: it is no baseline that gradcheck has written")
    return content


def _entries(content: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return [e for p in (TARGETS, TESTS) for layer in content[p].values() for e in layer.values()]


def _is_fine(entry: Mapping[str, Any]) -> bool:
    return (
        entry["verdict"] in VERDICTS
        and isinstance(entry["error"], int)
        and entry.get("proof", PROOFS[0]) in PROOFS
    )
