"""How is a program run that knows nothing of us? By its SDK's variables, as our main module or a process of its own."""

from __future__ import annotations

import os
import runpy
import subprocess
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from tests.sdks.targets import Target

Run = Callable[[Path, Target], str]
_LONGEST_SECONDS = 60.0


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a program against a target, and gives what it printed."""

    def run_program(program: Path, target: Target) -> str:
        for name, value in target.variables.items():
            monkeypatch.setenv(name, value)
        with redirect_stdout(StringIO()) as printed:
            runpy.run_path(str(program), run_name="__main__")
        return printed.getvalue()

    return run_program


def output_of(
    command: list[str],
    folder: Path,
    target: Target | None = None,
    *,
    given: str = "",
    seconds: float = _LONGEST_SECONDS,
) -> str:
    """What a process prints that is `given` this. Raises AssertionError with all that it wrote when it fails."""
    ran = subprocess.run(
        command,
        cwd=folder,
        input=given,
        env=os.environ | (target.variables if target is not None else {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
