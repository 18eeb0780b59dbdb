"""Makes gradcheck importable, installed or not, before the first test is collected."""

import os
from importlib import util
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
pytest_plugins = ["pytester"]  # tests/plugin runs pytest inside pytest


def pytest_report_header() -> str:
    """Which gradcheck is being tested: an installed one goes before the clone."""
    return f"gradcheck: {util.find_spec('gradcheck').origin}"


def _make_importable() -> None:
    # by path: no import name leads there yet
    spec = util.spec_from_file_location("_devpath", ROOT / "checks" / "_devpath.py")
    devpath = util.module_from_spec(spec)
    spec.loader.exec_module(devpath)
    devpath.install()


_make_importable()

# a folder of layers to be tested like our own: GRADCHECK_PATH=mine pytest tests/layers
if os.environ.get("GRADCHECK_PATH"):
    from gradcheck.checks.layers import add_folder

    add_folder(os.environ["GRADCHECK_PATH"])

# the same examples in every run, and no limit that a slow machine would miss
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("long", max_examples=20_000, deadline=None)
settings.load_profile("ci")  # pytest --hypothesis-profile=long takes the other
