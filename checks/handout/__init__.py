"""Layer + report -> teaching handout: one sheet for each layer, as Markdown or LaTeX."""

from gradcheck.checks.handout.content import document
from gradcheck.checks.handout.markdown import markdown
from gradcheck.checks.handout.tex import tex
from gradcheck.checks.verdict import Report

FORMATS = {"md": markdown, "tex": tex}  # suffix of the file: its renderer


def handout(report: Report, format: str, command: str) -> str:
    """The handout of all layers in a report.

    format   one of FORMATS
    command  what repeats the check, to be printed on every sheet
    """
    return FORMATS[format](document(report, command))
