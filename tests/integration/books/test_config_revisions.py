"""Does a patch of the configuration reach every process, and only one of two that were made at once?"""

from __future__ import annotations

import asyncio
from typing import Any

from app.ports.books import ConfigRevision
from tests.kit.written_books import WrittenBooks

PATCH: dict[str, Any] = {"max_retries": 2, "providers": {"öpenai": {"weight": 0.5, "headers": None}}}


async def test_config_revisions_of_empty_books_are_none(written: WrittenBooks) -> None:
    """The configuration is that of file and environment."""
    assert await written.revisions.latest() is None


async def test_config_revision_comes_back_as_it_was(written: WrittenBooks, database_url: str) -> None:
    """The newest one, to another process too."""
    assert await written.revisions.add(1, {"max_retries": 1}, author="admin")
    assert await written.revisions.add(2, PATCH, author="admin")
    other = WrittenBooks(database_url)
    assert await other.revisions.latest() == ConfigRevision(2, PATCH)
    other.close()


async def test_config_revision_is_added_once(written: WrittenBooks) -> None:
    """Of many at once one wins, the others learn of it, and its patch is the one that holds."""
    tries = [written.revisions.add(1, {"max_retries": number % 5}, author=f"a{number}") for number in range(8)]
    added = await asyncio.gather(*tries)
    assert sorted(added) == [False] * 7 + [True]
    assert await written.revisions.latest() == ConfigRevision(1, {"max_retries": added.index(True) % 5})
    assert not await written.revisions.add(1, {}, author="late")
    assert written.count("config_revisions") == 1


async def test_config_revisions_keep_the_newest_two_hundred(written: WrittenBooks) -> None:
    """Each is the whole of what was patched; who changed what when is in the audit."""
    for revision in range(2, 206):
        assert await written.revisions.add(revision, {"max_retries": revision % 5}, author="admin")
    assert written.count("config_revisions") == 200
    assert await written.revisions.latest() == ConfigRevision(205, {"max_retries": 0})
