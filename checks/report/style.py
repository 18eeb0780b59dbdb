"""Colours for terminals that want them, and sentences that fit the page."""

import textwrap
from dataclasses import dataclass

WIDTH = 96  # of a line: fits a terminal beside an editor, and a page of documentation


@dataclass(frozen=True)
class Style:
    """Colours for terminals that want them."""

    colour: bool = False

    def good(self, words: str) -> str:
        return self._in("32", words)

    def bad(self, words: str) -> str:
        return self._in("1;31", words)

    def quiet(self, words: str) -> str:
        return self._in("2", words)

    def _in(self, code: str, words: str) -> str:
        return f"\x1b[{code}m{words}\x1b[0m" if self.colour else words


def labelled(label: str, sentence: str) -> str:
    """`  hint     the sentence`, further lines below the first one's words."""
    start = f"  {label:<7}  "
    return textwrap.fill(
        sentence,
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def plural(word: str, count: int) -> str:
    """`1 layer`, `2 layers`: the word alone."""
    return word if count == 1 else word + "s"
