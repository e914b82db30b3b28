"""Is a vendor added as CONTRIBUTING.md says, by one line and one file and nothing else?"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DRILL = Path(__file__).parent / "drill_vendor.py"
TIMEOUT_SECONDS = 60
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def printed_blocks() -> tuple[str, str]:
    """The line and the file that the page prints under its heading."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    line, file = _BLOCK.findall(page.partition("\n## Adding a vendor\n")[2])
    return line, file


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The service with the two blocks in it."""
    line, file = printed_blocks()
    for package in ("app", "contracts"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    kinds = tmp_path / "contracts" / "providers.py"
    before, last, after = re.split(r'^(    MOCK = "mock"\n)', kinds.read_text(encoding="utf-8"), flags=re.MULTILINE)
    kinds.write_text(before + last + line + after, encoding="utf-8")
    name = line.strip().partition(" = ")[2].strip('"')
    (tmp_path / "app" / "providers" / f"{name}.py").write_text(file, encoding="utf-8")
    return tmp_path


def drilled(copy: Path) -> dict[str, Any]:
    """What the copy reports, run away from this repository and a developer's own environment."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-W", "error", DRILL],
        cwd=copy,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_vendor_is_added_by_what_the_page_prints(copy: Path) -> None:
    """It is tested, asked, streamed from, and its rate limit is met and remembered; its key goes to it alone."""
    found = drilled(copy)
    listed, asked, streamed, limited = found.pop("asked")
    assert found == {
        "health": ["healthy", None],
        "answer": ["42", "galaxy", "galaxy-1"],
        "stream": "from afar",
        "done": ["galaxy"],
        "refusal": "429 rate_limit_exceeded 60",
        "status": "rate_limited",
        "limits": [["requests", 100, 0]],
        "is_documented": True,
    }
    assert listed == {"line": "get /v1/models http/1.1", "has_key": True, "body": None}
    assert asked["line"] == "post /v1/chat/completions http/1.1"
    assert asked["body"] == {
        "model": "galaxy-1",
        "messages": [{"role": "user", "content": "How many?"}],
        "max_tokens": 5,
    }
    assert streamed["body"]["stream"] is True
    assert limited["has_key"] is True


def test_printed_vendor_is_small() -> None:
    """One line, and a file that fits on a screen."""
    line, file = printed_blocks()
    assert len(line.splitlines()) == 1
    assert len(file.splitlines()) < 20
