"""Are modules shaped as the style asks?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.shape import MAX_LINES, leftover_violations, shape_violations
from tests.house.tree import ALL_FOLDERS, own_files, python_files, read

_DOC = '"""Answers one question."""\n'
_PROSE = {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ""}


def test_modules_keep_their_shape() -> None:
    """Every module is short, has a docstring and a telling name, and catches only what it names."""
    files = python_files(*ALL_FOLDERS)
    assert files
    assert [line for path in files for line in shape_violations(path, read(path))] == []


def test_files_leave_no_work_unnamed() -> None:
    """No text file holds a note that puts work off."""
    files = [path for path in own_files() if path.suffix in _PROSE]
    assert [line for path in files for line in leftover_violations(path, read(path))] == []


@pytest.mark.parametrize(
    "path,source,word",
    [
        ("app/service.py", "x = 1\n", "no module docstring"),
        ("app/service.py", _DOC + "\n" * MAX_LINES, "301 lines"),
        ("app/engine/utils.py", _DOC, "`utils` names no idea"),
        ("app/common/text.py", _DOC, "`common` names no idea"),
        ("app/service.py", _DOC + "try:\n    f()\nexcept Exception:\n    g()\n", ":4: catches everything"),
        ("app/service.py", _DOC + "try:\n    f()\nexcept:\n    g()\n", "catches everything"),
        ("app/service.py", _DOC + "try:\n    f()\nexcept (ValueError, BaseException) as e:\n    g()\n", "catches"),
        ("app/service.py", _DOC + "try:\n    f()\nexcept Exception as e:\n    raise ValueError from e\n", "catches"),
    ],
)
def test_shape_planted_violation_is_found(path: str, source: str, word: str) -> None:
    """A module that breaks one rule is reported for that rule."""
    (line,) = shape_violations(Path(path), source)
    assert word in line


@pytest.mark.parametrize(
    "path,source",
    [
        ("app/service.py", _DOC + "\n" * (MAX_LINES - 1)),
        ("contracts/__init__.py", _DOC + "from a import b\n" * MAX_LINES + '__all__ = ["b"]\n'),
        ("app/service.py", _DOC + "try:\n    f()\nexcept BaseException:\n    g()\n    raise\n"),
        ("app/engine/batch.py", _DOC + "try:\n    f()\nexcept Exception:\n    g()\n"),
        ("app/relay/loop.py", _DOC + "try:\n    f()\nexcept Exception:\n    g()\n"),
        ("app/service.py", _DOC + "try:\n    f()\nexcept ValueError:\n    g()\n"),
    ],
)
def test_shape_allowed_modules_pass(path: str, source: str) -> None:
    """A module at the limits of the rules is not reported."""
    assert shape_violations(Path(path), source) == []


def test_leftovers_planted_note_is_found() -> None:
    """A note is found with its line, and a word that merely contains one is not."""
    note = "# TO" + "DO: later"
    assert leftover_violations(Path("a.py"), f"x = 1\n{note}\nmastodon = 2\n") == [
        "a.py:2: unfinished work belongs into an issue"
    ]
