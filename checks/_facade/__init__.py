"""What `import gradcheck` offers, each name loaded when first used: no NumPy, no SymPy before."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck.checks.derive.result import Derived
    from gradcheck.checks.derive.run import derive
    from gradcheck.checks.gradient.check import Checked
    from gradcheck.checks.gradient.finding import Finding
    from gradcheck.checks.layers import UsageError
    from gradcheck.checks.layers import names as layers
    from gradcheck.checks.own import GradientMismatch, Report, assert_gradients, check
    from gradcheck.checks.plugin.suite import suite
    from gradcheck.derivations.reading import ReadingError

__version__: str
__all__ = [
    "Checked",
    "Derived",
    "Finding",
    "GradientMismatch",
    "ReadingError",
    "Report",
    "UsageError",
    "__version__",
    "assert_gradients",
    "check",
    "derive",
    "layers",
    "suite",
]

HOMES = {
    "Checked": "checks.gradient.check.Checked",
    "Derived": "checks.derive.result.Derived",
    "Finding": "checks.gradient.finding.Finding",
    "GradientMismatch": "checks.own.GradientMismatch",
    "ReadingError": "derivations.reading.ReadingError",
    "Report": "checks.own.Report",
    "UsageError": "checks.layers.UsageError",
    "assert_gradients": "checks.own.assert_gradients",
    "check": "checks.own.check",
    "derive": "checks.derive.run.derive",
    "layers": "checks.layers.names",
    "suite": "checks.plugin.suite.suite",
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
