"""`pytest -p gradcheck_here`: the plugin, also in a clone that was never installed.

Installed, gradcheck is a plugin by its entry point, and there is nothing to do.
"""

from importlib import util
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

if not entry_points(group="pytest11", name="gradcheck"):
    spec = util.spec_from_file_location("_devpath", ROOT / "checks" / "_devpath.py")
    devpath = util.module_from_spec(spec)
    spec.loader.exec_module(devpath)
    devpath.install()
    pytest_plugins = ["gradcheck.checks.plugin"]
