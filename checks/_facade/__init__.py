"""What `import gradcheck` offers, each name loaded when first used: no NumPy, no SymPy before."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck.checks.layers import names as layers
    from gradcheck.checks.run import check
    from gradcheck.checks.verdict import Finding, Report

__version__: str
__all__ = ["Finding", "Report", "__version__", "check", "layers"]

HOMES = {
    "Finding": "verdict.Finding",
    "Report": "verdict.Report",
    "check": "run.check",
    "layers": "layers.names",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in HOMES:
        raise AttributeError(f"module 'gradcheck' has no attribute {name!r}")
    module, attribute = HOMES[name].split(".")
    return getattr(import_module(f"gradcheck.checks.{module}"), attribute)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("gradcheck")
    except PackageNotFoundError:  # a clone that was never installed
        from gradcheck.checks._devpath import settings

        return str(settings()["project"]["version"])
