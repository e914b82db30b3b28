"""Does every action leave its entry: who, from where, what, how it ended, and in strict mode before it is done?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest

from app.engine.auditing import Auditing
from app.ports.trail import Trail, enter_trail, leave_trail
from contracts import AuditEntry, ProviderNotFoundError, StoreUnavailableError
from tests.kit.fake_books import FakeBooks
from tests.kit.virtual_time import EPOCH, elapse, loop_clock


@pytest.fixture
def trail() -> Iterator[Trail]:
    """Of an administrator's request."""
    trail = Trail("r", "c", actor="admin", address="10.0.0.7")
    token = enter_trail(trail)
    yield trail
    leave_trail(token)


def auditing(books: FakeBooks, *, is_strict: bool = False) -> Auditing:
    """On the running loop."""
    return Auditing(books, loop_clock(), is_strict=is_strict)


def written(books: FakeBooks) -> list[AuditEntry]:
    """The entries, in order."""
    return [entry.audit for entry in books.entries if entry.audit is not None]


async def switch_off(audit: Auditing, deeds: list[str], failure: BaseException | None = None) -> None:
    """Somebody switches a provider off."""
    async with audit.deed("provider.disable", "openai", {"why": "maintenance"}) as deed:
        deeds.append("done")
        if failure is not None:
            raise failure
        deed.before, deed.after = {"enabled": True}, {"enabled": False}


async def test_auditing_tells_who_did_what_from_where(trail: Trail) -> None:
    """Relaxed: one entry, when it is done, with what was before and after."""
    books = FakeBooks()
    await switch_off(auditing(books), [])
    (entry,) = written(books)
    assert entry == AuditEntry(
        id=entry.id,
        at=EPOCH,
        actor="admin",
        address="10.0.0.7",
        action="provider.disable",
        target="openai",
        outcome="success",
        before={"enabled": True},
        after={"enabled": False},
        request_id="r",
        correlation_id="c",
    )
    assert UUID(entry.id).version == 7


async def test_auditing_in_process_is_nobody_from_nowhere() -> None:
    """A call from Python has neither key, nor address, nor ids."""
    books = FakeBooks()
    await switch_off(auditing(books), [])
    (entry,) = written(books)
    assert (entry.actor, entry.address, entry.request_id, entry.correlation_id) == ("in-process", None, None, None)


async def test_auditing_of_a_sender_without_a_key_is_unknown() -> None:
    """Somebody whose key was not read: not the process itself."""
    books = FakeBooks()
    token = enter_trail(Trail("r", "c", address="10.0.0.7"))
    await switch_off(auditing(books), [])
    leave_trail(token)
    assert [(entry.actor, entry.address) for entry in written(books)] == [("unknown", "10.0.0.7")]


async def test_auditing_tells_why_an_action_failed(trail: Trail) -> None:
    """The error_type, and what was asked; nothing was changed."""
    books = FakeBooks()
    with pytest.raises(ProviderNotFoundError):
        await switch_off(auditing(books), [], ProviderNotFoundError("no such row"))
    (entry,) = written(books)
    assert (entry.outcome, entry.before, entry.after) == (
        "provider_not_found",
        None,
        {"asked": {"why": "maintenance"}},
    )


@pytest.mark.parametrize("is_strict", [False, True])
async def test_auditing_tells_of_defects_and_of_who_left(trail: Trail, is_strict: bool) -> None:
    """They pass on as they are, and nobody is made to wait."""
    books = FakeBooks(is_strict=is_strict)
    audit = auditing(books)
    for stop in (ZeroDivisionError(), asyncio.CancelledError()):
        with pytest.raises(type(stop)):
            await switch_off(audit, [], stop)
    assert [entry.outcome for entry in written(books)] == ["internal_error", "cancelled"]


async def test_auditing_that_nobody_awaits_leaves_no_open_question(trail: Trail) -> None:
    """Where nothing can be kept, a failure of the entry is no failure of its own that nobody looks at."""
    books = FakeBooks(is_strict=True)
    books.is_stuck = True
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    with pytest.raises(ZeroDivisionError):
        await switch_off(auditing(books), [], ZeroDivisionError())
    books.forget()
    await elapse(1)
    assert complaints == []


async def test_auditing_strict_writes_first(trail: Trail) -> None:
    """Nothing is done before its entry is on disk, and nothing is answered before its end is."""
    books, deeds = FakeBooks(is_strict=True), list[str]()
    doing = asyncio.ensure_future(switch_off(auditing(books, is_strict=True), deeds))
    await elapse(1)
    assert (deeds, [(one.outcome, one.after) for one in written(books)]) == (
        [],
        [("begun", {"asked": {"why": "maintenance"}})],
    )
    books.commit()
    await elapse(1)
    assert (deeds, doing.done()) == (["done"], False)
    books.commit()
    await doing
    assert [one.outcome for one in written(books)] == ["begun", "success"]
    assert {(one.action, one.target, one.request_id) for one in written(books)} == {("provider.disable", "openai", "r")}


async def test_auditing_strict_does_nothing_that_it_cannot_write(trail: Trail) -> None:
    """503, and the error says that nothing was done."""
    books, deeds = FakeBooks(is_strict=True), list[str]()
    books.is_stuck = True
    with pytest.raises(StoreUnavailableError, match=r"provider\.disable was not done"):
        await switch_off(auditing(books, is_strict=True), deeds)
    assert deeds == []


async def test_auditing_strict_says_when_only_the_end_is_missing(trail: Trail) -> None:
    """It was done, its beginning stands, and the error says both."""
    books = FakeBooks(is_strict=True)

    async def cut_off() -> None:
        async with auditing(books, is_strict=True).deed("cache.clear"):
            books.is_stuck = True

    doing = asyncio.ensure_future(cut_off())
    await elapse(1)
    books.commit()
    with pytest.raises(StoreUnavailableError, match=r"cache\.clear was done, but the audit knows only that it began"):
        await doing


async def test_auditing_strict_keeps_the_reason_of_a_failure(trail: Trail) -> None:
    """Who asked for it learns why it failed, not that this could not be written."""
    books = FakeBooks(is_strict=True)
    audit = auditing(books, is_strict=True)

    async def fail() -> None:
        async with audit.deed("provider.enable", "nobody"):
            books.is_stuck = True
            raise ProviderNotFoundError("no such row")

    doing = asyncio.ensure_future(fail())
    await elapse(1)
    books.commit()
    with pytest.raises(ProviderNotFoundError):
        await doing


async def test_auditing_waits_for_room(trail: Trail) -> None:
    """While the books are full nothing is begun."""
    books, deeds = FakeBooks(), list[str]()
    books.free_room.clear()
    doing = asyncio.ensure_future(switch_off(auditing(books), deeds))
    await elapse(1)
    assert deeds == []
    books.free_room.set()
    await doing
    assert deeds == ["done"]


async def test_auditing_shows_no_key_in_any_field(trail: Trail) -> None:
    """A key in the wrong place (a target, a value, a name) is not kept, nor a target of any length."""
    books, key = FakeBooks(), "sk-proj-abcDEF0123456789"
    async with auditing(books).deed("provider.enable", f"{key}{' x' * 500}") as deed:
        deed.before, deed.after = {key: 1}, {"note": f"was {key}"}
    (entry,) = written(books)
    assert key not in entry.model_dump_json()
    assert entry.target is not None
    assert (entry.target[:12], len(entry.target)) == ("[redacted] x", 256)
    assert (entry.before, entry.after) == ({"[redacted]": 1}, {"note": "was [redacted]"})
