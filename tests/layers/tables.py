"""Rows of test tables."""

import pytest


def row(sentence, *values, bug=""):
    """One row: its id is a sentence; `bug` says why it fails, until that is mended."""
    marks = [pytest.mark.xfail(reason=bug, strict=True)] if bug else []
    return pytest.param(*values, id=sentence, marks=marks)
