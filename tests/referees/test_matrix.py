"""Is every feature sent as its golden file says, and does the README's table say the same?"""

from __future__ import annotations

import pytest

from tests.referees.matrix import COLUMNS, README, golden_file, golden_text, recorded, table, with_table


@pytest.mark.parametrize("name", COLUMNS)
def test_feature_is_sent_as_recorded(name: str) -> None:
    """Path, body and warnings of every feature, or the words of its refusal, are those of the golden file."""
    assert golden_text(recorded(name)) == golden_file(name).read_text(encoding="utf-8")


def test_readme_holds_the_table_of_features() -> None:
    """The table in README.md is the one that comes of asking every vendor every feature now."""
    readme = README.read_text(encoding="utf-8")
    assert with_table(readme, table({name: recorded(name) for name in COLUMNS})) == readme


def test_table_without_marks_is_refused() -> None:
    """A README without the marks is an error, not a README without a table."""
    with pytest.raises(ValueError, match="has no marks"):
        with_table("# A service\n", "| |")
