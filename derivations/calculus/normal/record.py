"""What is used on the way to a normal form: rules, assumptions, doubts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar


@dataclass
class Record:
    """What was used on the way to a normal form.

    rules        names of rules, with how often they were applied
    assumptions  what must hold of values, as sentences
    doubts       entries that may be read outside their tensor, as sentences
    """

    rules: dict[str, int] = field(default_factory=dict)
    assumptions: dict[str, None] = field(default_factory=dict)
    doubts: dict[str, None] = field(default_factory=dict)


_records: list[Record] = []


@contextmanager
def recorded() -> Iterator[Record]:
    """Collects the rules and assumptions used inside the `with` block."""
    _records.append(Record())
    try:
        yield _records[-1]
    finally:
        _records.pop()


def note(rule: str, count: int = 1) -> None:
    for record in _records:
        record.rules[rule] = record.rules.get(rule, 0) + count


def assume(text: str) -> None:
    for record in _records:
        record.assumptions[text] = None


def doubt(text: str) -> None:
    for record in _records:
        record.doubts[text] = None


T = TypeVar("T")


class Memory(Generic[T]):
    """Remembers values by key, and with each what was used to make it."""

    def __init__(self) -> None:
        self._known: dict[Any, tuple[T, Record]] = {}

    def get(self, key: Any, make: Callable[[], T]) -> T:
        if key not in self._known:
            with recorded() as record:
                self._known[key] = make(), record
            return self._known[key][0]
        value, record = self._known[key]
        for rule, count in record.rules.items():
            note(rule, count)
        for text in record.assumptions:
            assume(text)
        for text in record.doubts:
            doubt(text)
        return value
