"""Which revision does a conditional header speak of?"""

from __future__ import annotations

import pytest

from app.http.revisions import etag, expected_revision, is_known
from contracts import ConfigurationConflictError


@pytest.mark.parametrize("header", ['"7"', 'W/"7"', '"6", "7"', '"6",W/"7"', "7", '"7", "8"'])
def test_revision_named_is_known(header: str) -> None:
    """Strong, weak, bare, or listed."""
    assert is_known(7, header)
    assert expected_revision(7, header) == 7


@pytest.mark.parametrize("header", ["*", " * "])
def test_revision_of_any_number_is_known(header: str) -> None:
    """The update is for whatever is in force by then."""
    assert is_known(7, header)
    assert expected_revision(7, header) is None


@pytest.mark.parametrize("header,named", [('"8"', 8), ('"77"', 77), ('"6", "8"', 8)])
def test_revision_that_is_later_is_left_to_the_update(header: str, named: int) -> None:
    """Another process may have made it a moment ago."""
    assert not is_known(7, header)
    assert expected_revision(7, header) == named


@pytest.mark.parametrize("header", ['"6"', '""', "", '"7', '"*"', '"5", "6"', "\u0667", '"' + "9" * 19 + '"'])
def test_revision_not_named_is_a_conflict(header: str) -> None:
    """Anything else does not name it."""
    assert not is_known(7, header)
    with pytest.raises(ConfigurationConflictError, match="revision 7"):
        expected_revision(7, header)


def test_revision_etag_is_quoted() -> None:
    """An ETag stands in quotes."""
    assert etag(7) == '"7"'
