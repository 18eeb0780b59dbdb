"""Layer + report -> teaching handout: one sheet for each layer, as Markdown or LaTeX."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck.checks.verdict import Report

# suffix of the file: its renderer, a function in the module of the same name, loaded when used
FORMATS = {"md": "markdown", "tex": "tex"}


def handout(report: "Report", format: str, command: str) -> str:
    """The handout of all layers in a report.

    format   one of FORMATS
    command  what repeats the check, to be printed on every sheet
    """
    from gradcheck.checks.handout.content import document

    name = FORMATS[format]
    render = getattr(import_module(f"gradcheck.checks.handout.{name}"), name)
    page: str = render(document(report, command))
    return page
