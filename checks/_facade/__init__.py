"""What `import gradcheck` offers, each name loaded when first used: no NumPy, no SymPy before."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck.checks.derive.result import Derived
    from gradcheck.checks.derive.run import derive
    from gradcheck.checks.layers import names as layers
    from gradcheck.checks.run import check
    from gradcheck.checks.verdict import Finding, Report
    from gradcheck.derivations.reading import ReadingError

__version__: str
__all__ = [
    "Derived",
    "Finding",
    "ReadingError",
    "Report",
    "__version__",
    "check",
    "derive",
    "layers",
]

HOMES = {
    "Derived": "checks.derive.result.Derived",
    "Finding": "checks.verdict.Finding",
    "ReadingError": "derivations.reading.ReadingError",
    "Report": "checks.verdict.Report",
    "check": "checks.run.check",
    "derive": "checks.derive.run.derive",
    "layers": "checks.layers.names",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in HOMES:
        raise AttributeError(f"module 'gradcheck' has no attribute {name!r}")
    module, _, attribute = HOMES[name].rpartition(".")
    return getattr(import_module(f"gradcheck.{module}"), attribute)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("gradcheck")
    except PackageNotFoundError:  # a clone that was never installed
        from gradcheck.checks._devpath import settings

        return str(settings()["project"]["version"])
