"""`python -m checks linear`: the command line of a clone that was never installed."""

import sys
from importlib import import_module

if __name__ == "__main__":
    # this folder is `checks` in a clone and `gradcheck.checks` once installed
    import_module("._devpath", __package__).install()
    sys.exit(import_module("gradcheck.checks.cli").main(None))
