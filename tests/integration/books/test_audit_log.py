"""Is every entry of the audit found, once, and in order?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts import InvalidRequestError
from contracts.audit import AuditEntry, AuditQuery
from tests.kit.records import NOON
from tests.kit.written_books import WrittenBooks

ACTIONS = ("config.update", "config", "configuration", "Config.Update", "cache.clear")


def entry(written: WrittenBooks, number: int, **changes: Any) -> AuditEntry:
    """The entry of minute `number`."""
    base = {"id": written.audit_id(), "at": NOON + timedelta(minutes=number), "actor": "admin"}
    return AuditEntry(**{**base, "action": "config.update", "outcome": "success", **changes})


async def ids(written: WrittenBooks, **asked: Any) -> list[str]:
    """The ids on one page."""
    return [found.id for found in (await written.reader.audit(AuditQuery(**asked))).entries]


async def test_audit_entry_comes_back_as_it_was(written: WrittenBooks) -> None:
    """Every field, with its JSON."""
    whole = entry(
        written,
        0,
        address="127.0.0.1",
        target="deepseek",
        before={"enabled": True, "weight": 1.5},
        after=["a", None, {"ü": "=1"}],
        request_id="r-1",
        correlation_id="c-1",
    )
    bare = entry(written, 1)
    written.write_audit(whole, bare)
    assert (await written.reader.audit(AuditQuery())).entries == [bare, whole]


async def test_audit_pages_hold_every_entry_once(written: WrittenBooks) -> None:
    """The newest first; entries of one moment too, and what is added meanwhile moves nothing."""
    entries = [entry(written, number // 4) for number in range(22)]
    written.write_audit(*entries)
    seen: list[str] = []
    cursor = None
    while True:
        page = await written.reader.audit(AuditQuery(limit=5, cursor=cursor))
        seen += [found.id for found in page.entries]
        written.write_audit(entry(written, 100))
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [one.id for one in reversed(entries)]


async def test_audit_page_that_is_just_full_is_the_last(written: WrittenBooks) -> None:
    """No cursor leads to an empty page; an empty audit is one empty page."""
    assert (await written.reader.audit(AuditQuery())).model_dump() == {"entries": [], "next_cursor": None}
    written.write_audit(entry(written, 0), entry(written, 1))
    assert (await written.reader.audit(AuditQuery(limit=2))).next_cursor is None
    assert (await written.reader.audit(AuditQuery(limit=1))).next_cursor is not None


@pytest.mark.parametrize(
    "asked,found",
    [
        ({"actor": "eve"}, [1]),
        ({"target": "openai"}, [2]),
        ({"request_id": "r-3"}, [3]),
        ({"correlation_id": "c-4"}, [4]),
        ({"start": NOON + timedelta(minutes=2), "end": NOON + timedelta(minutes=4)}, [3, 2]),
        ({"start": "2026-11-21T12:04:00"}, [4]),
        ({"end": "2026-11-21T12:01:00"}, [0]),
        ({"actor": "eve", "target": "openai"}, []),
    ],
)
async def test_audit_is_filtered(written: WrittenBooks, asked: dict[str, Any], found: list[int]) -> None:
    """By who, what, which request, and when; a time without a zone is UTC."""
    differences: list[dict[str, Any]] = [
        {},
        {"actor": "eve"},
        {"target": "openai"},
        {"request_id": "r-3"},
        {"correlation_id": "c-4"},
    ]
    entries = [entry(written, number, **each) for number, each in enumerate(differences)]
    written.write_audit(*entries)
    assert await ids(written, **asked) == [entries[number].id for number in found]


@pytest.mark.parametrize(
    "asked,found",
    [
        ("config", ["config", "config.update"]),
        ("config.update", ["config.update"]),
        ("conf", []),
        ("%", []),
        ("cache", ["cache.clear"]),
    ],
)
async def test_audit_finds_actions_by_their_first_words(written: WrittenBooks, asked: str, found: list[str]) -> None:
    """Whole words, in their own case."""
    written.write_audit(*(entry(written, number, action=action) for number, action in enumerate(ACTIONS)))
    page = await written.reader.audit(AuditQuery(action=asked))
    assert [one.action for one in page.entries] == found


@pytest.mark.parametrize("cursor", ["5", "x", "ü", "AAAA", "A" * 38, "=" * 8])
async def test_audit_refuses_a_cursor_that_is_none(written: WrittenBooks, cursor: str) -> None:
    """And names the field."""
    with pytest.raises(InvalidRequestError, match="cursor") as caught:
        await written.reader.audit(AuditQuery(cursor=cursor))
    assert [error.field for error in caught.value.errors] == ["cursor"]


async def test_audit_refuses_a_cursor_that_was_changed(written: WrittenBooks) -> None:
    """One letter is enough."""
    written.write_audit(entry(written, 0), entry(written, 1))
    cursor = (await written.reader.audit(AuditQuery(limit=1))).next_cursor
    assert cursor is not None
    changed = cursor[:8] + ("A" if cursor[8] != "A" else "B") + cursor[9:]
    with pytest.raises(InvalidRequestError):
        await written.reader.audit(AuditQuery(cursor=changed))
    assert len(await ids(written, cursor=cursor)) == 1
