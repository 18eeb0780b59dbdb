"""A folder with layers and tests of theirs, as a user of the plugin has it."""

import pytest
from source import ROOT

from gradcheck.checks import baseline, layers, own, plugin, report, run

# pytester forgets what a run imports, and neither NumPy nor SymPy can be imported twice
HERE = ROOT / "tests/plugin/here"  # of a plugin that works in a clone too
KEPT = (baseline, layers.load("softmax"), own, plugin, report, run)

LAYERS = """
import numpy as np

class Linear:
    def __init__(self, n_in=3, n_out=4):
        self.W = np.random.randn(n_in, n_out)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T

class Averaged(Linear):
    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.mean(axis=0)
        return dout @ self.W.T

def tanh(x):
    return np.tanh(x)

def tanh_backward(dout, x):
    return dout * (1 - np.tanh(x) ** 2)
"""

IMPORTS = """
import unittest
import numpy as np
import pytest
import gradcheck as gc
from mylayers import Averaged, Linear, tanh, tanh_backward
"""


@pytest.fixture
def session(pytester, monkeypatch):
    """Runs pytest on a test file of the given text, with plugins and the cache left out."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(HERE))  # for processes, and the path for this one
    pytester.makepyfile(mylayers=LAYERS)
    pytester.syspathinsert(HERE)
    pytester.syspathinsert()

    def run(text, *words, name="test_layers", subprocess=False):
        if text:
            pytester.makepyfile(**{name: IMPORTS + text})
        how = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        return how(
            "-p", "gradcheck_here", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *words
        )

    return run
