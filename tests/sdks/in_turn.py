"""What does a program print at one target after the other? Run by itself: a framework takes seconds to be imported.

Reads the targets' variables from standard input, a JSON list; prints a JSON list of what the program printed.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from contextlib import redirect_stdout
from io import StringIO


def main() -> None:
    """Runs the program that the first argument names."""
    printed = []
    for variables in json.load(sys.stdin):
        os.environ.update(variables)
        with redirect_stdout(StringIO()) as one:
            runpy.run_path(sys.argv[1], run_name="__main__")
        printed.append(one.getvalue())
    json.dump(printed, sys.stdout)


if __name__ == "__main__":
    main()
