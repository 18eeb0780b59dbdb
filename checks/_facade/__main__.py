"""`python -m gradcheck linear`: the command `gradcheck`, where scripts are not on the path."""

import sys

from gradcheck.checks.cli import main

if __name__ == "__main__":
    sys.exit(main(None))
