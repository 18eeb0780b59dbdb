"""What all commands share: a parser whose errors are ours, colours, letters beyond ASCII.

Only the standard library is imported here, and nothing of SymPy or NumPy.
"""

import argparse
import io
import os
import sys
from typing import NoReturn

from gradcheck.checks.layers import UsageError


class Parser(argparse.ArgumentParser):
    """A parser whose errors are ours to print."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} ({self.prog} --help shows the usage)")


def write_unicode() -> None:
    """Formulas need more letters than some systems give to a pipe or a file."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(encoding="utf-8")


def colour(choice: str) -> bool:
    """The flag wins over NO_COLOR, NO_COLOR over FORCE_COLOR, and that over the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
