"""Does every store of callers' keys keep them whole, in order, and tell each reader of each change?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.engine.sortable_ids import sortable_id
from app.ports.keys import KeyRecord, KeySecret, KeyStore
from app.stores.books.caller_keys import SqlKeyStore
from contracts.errors import StoreUnavailableError
from contracts.keys import KeyQuery, KeyStatus
from tests.kit.databases import KINDS
from tests.kit.kept_keys import KeptKeys
from tests.kit.virtual_time import EPOCH
from tests.kit.written_books import WrittenBooks


@pytest.fixture(params=[*KINDS, "memory"])
def store(request: pytest.FixtureRequest) -> Iterator[KeyStore]:
    """Each kind of store, empty: the one that tests of the engine use must be like the others."""
    if request.param == "memory":
        yield KeptKeys()
        return
    books = WrittenBooks(request.getfixturevalue(f"{request.param}_url"))
    yield SqlKeyStore(books.asking)
    books.close()


@pytest.fixture
def keys(written: WrittenBooks) -> SqlKeyStore:
    """Each kind of database."""
    return SqlKeyStore(written.asking)


def later(seconds: float) -> datetime:
    """So many seconds after the first moment."""
    return EPOCH + timedelta(seconds=seconds)


def key(number: int = 0, **fields: object) -> KeyRecord:
    """A key, the `number`-th that was made."""
    base = KeyRecord(
        id=f"key_{sortable_id(later(number))}",
        name=f"n{number}",
        tenant=None,
        tags=(),
        models=None,
        providers=None,
        hint="llmps_…0000",
        created_at=later(number),
        created_by="admin",
        secrets=(KeySecret(digest=bytes([number]) * 32),),
    )
    return replace(base, **fields)  # type: ignore[arg-type]


async def test_key_comes_back_as_it_was(store: KeyStore) -> None:
    """Every field, to the microsecond, in any script."""
    whole = key(
        name="Schlüssel 🔑",
        tenant="Schule Süd",
        tags=("ä", "=1+1"),
        models=("gpt-6-luna", "smart"),
        providers=("openai",),
        expires_at=later(0.000001),
    )
    await store.add(whole)
    await store.add(key(1))
    assert await store.find(whole.id) == whole
    assert await store.find(key(1).id) is None


async def test_key_without_limits_is_not_one_without_models(store: KeyStore) -> None:
    """None is all."""
    plain = key()
    await store.add(plain)
    found = await store.find(plain.id)
    assert found is not None
    assert (found.models, found.providers, found.tags, found.tenant) == (None, None, (), None)


async def test_changes_are_told_once(store: KeyStore) -> None:
    """Only those after the number that was read; nothing when nothing changed."""
    assert await store.changes(0) is None
    first, second = key(0), key(1)
    await store.add(first)
    one = await store.changes(0)
    assert one is not None
    assert (one.keys, one.is_all) == ([first], False)
    assert await store.changes(one.number) is None
    await store.add(second)
    two = await store.changes(one.number)
    assert two is not None
    assert two.keys == [second]
    revoked = await store.revoke(first.id, now=later(5))
    three = await store.changes(two.number)
    assert three is not None
    assert three.keys == [revoked]
    every = await store.changes(0)
    assert every is not None
    assert (sorted(each.id for each in every.keys), every.number) == ([first.id, second.id], three.number)


async def test_number_that_was_never_reached_is_another_database(store: KeyStore) -> None:
    """All there is, and nothing of before."""
    await store.add(key())
    found = await store.changes(99)
    assert found is not None
    assert (found.is_all, len(found.keys)) == (True, 1)


async def test_rotation_keeps_every_secret_until_it_ends(store: KeyStore) -> None:
    """The earlier end counts."""
    made = key()
    await store.add(made)
    for number, (now, ends) in enumerate([(10, 100), (20, 50), (30, 500)], start=1):
        rotated = await store.rotate(made.id, bytes([100 + number]) * 32, "h", now=later(now), ends_at=later(ends))
        assert rotated is not None
        assert (rotated.rotated_at, rotated.hint) == (later(now), "h")
        assert rotated == await store.find(made.id)
    assert rotated is not None
    ends_at = {secret.digest[0]: secret.ends_at for secret in rotated.secrets}
    assert ends_at == {0: later(50), 101: later(50), 102: later(500), 103: None}


async def test_key_that_has_ended_is_not_rotated(store: KeyStore) -> None:
    """Revoked, expired to the microsecond, or never there; and it is as it was."""
    revoked, expired, live = key(0), key(1, expires_at=later(60)), key(2, expires_at=later(60.000001))
    for each in (revoked, expired, live):
        await store.add(each)
    await store.revoke(revoked.id, now=later(1))
    outcomes = [
        await store.rotate(each.id, bytes([50 + at]) * 32, "h", now=later(60), ends_at=later(60))
        for at, each in enumerate((revoked, expired, key(9), live))
    ]
    assert [outcome is not None for outcome in outcomes] == [False, False, False, True]
    assert await store.find(expired.id) == expired


async def test_revoked_stays_as_it_was_revoked(store: KeyStore) -> None:
    """The first time counts; who was never there is none."""
    made = key()
    await store.add(made)
    first = await store.revoke(made.id, now=later(1))
    assert first is not None
    assert (first.revoked_at, await store.revoke(made.id, now=later(2))) == (later(1), first)
    assert await store.revoke(key(9).id, now=later(2)) is None


async def test_page_shows_the_newest_first(store: KeyStore) -> None:
    """One more than asked for, where there are more; without secrets."""
    for number in range(4):
        await store.add(key(number))
    page = await store.page(KeyQuery(limit=2), later(10))
    assert [(each.name, each.secrets) for each in page] == [("n3", ()), ("n2", ()), ("n1", ())]


async def test_pages_follow_one_another(keys: SqlKeyStore) -> None:
    """What is added meanwhile moves nothing."""
    for number in range(5):
        await keys.add(key(number))
    first = await keys.page(KeyQuery(limit=2), later(10))
    await keys.add(key(9))
    second = await keys.page(KeyQuery(limit=2, cursor=first[1].id), later(10))
    third = await keys.page(KeyQuery(limit=2, cursor=second[1].id), later(10))
    assert [[each.name for each in page] for page in (first, second, third)] == [
        ["n4", "n3", "n2"],
        ["n2", "n1", "n0"],
        ["n0"],
    ]


async def test_page_is_filtered(keys: SqlKeyStore) -> None:
    """By tenant, and by how a key stands at that moment."""
    await keys.add(key(0, tenant="a"))
    await keys.add(key(1, tenant="b", expires_at=later(10)))
    await keys.add(key(2, tenant="a", expires_at=later(10)))
    await keys.add(key(3, tenant="a", expires_at=later(11)))
    await keys.revoke((await keys.page(KeyQuery(), later(0)))[1].id, now=later(5))

    async def shown(**asked: object) -> list[str]:
        return [each.name for each in await keys.page(KeyQuery.model_validate(asked), later(10))]

    assert await shown(tenant="a") == ["n3", "n2", "n0"]
    assert await shown(status=KeyStatus.ACTIVE) == ["n3", "n0"]
    assert await shown(status=KeyStatus.EXPIRED) == ["n1"]
    assert await shown(status=KeyStatus.REVOKED) == ["n2"]
    assert await shown(status=KeyStatus.ACTIVE, tenant="b") == []


async def test_changes_at_once_miss_nobody(keys: SqlKeyStore) -> None:
    """Each has a number of its own, and a reader who follows the numbers has them all."""
    seen: dict[str, KeyRecord] = {}
    number = 0

    async def follow() -> None:
        nonlocal number
        # A key may be seen a moment before its number: both are asked for one after the other.
        while (len(seen), number) != (20, 20):
            changes = await keys.changes(number)
            if changes is not None:
                number = changes.number
                seen.update({each.id: each for each in changes.keys})

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(follow())
        for at in range(20):
            tasks.create_task(keys.add(key(at)))
    assert (len(seen), number) == (20, 20)


async def test_key_and_its_number_are_one_transaction(keys: SqlKeyStore) -> None:
    """A key whose secret is there already is not made, and nobody looks for a change that was none."""
    await keys.add(key(0))
    with pytest.raises(IntegrityError):
        await keys.add(key(1, secrets=key(0).secrets))
    changes = await keys.changes(0)
    assert changes is not None
    assert (changes.number, [each.name for each in changes.keys]) == (1, ["n0"])


async def test_store_without_its_database_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every method, with the time after which to ask again."""
    folder = tmp_path_factory.mktemp("away")
    books = WrittenBooks(f"sqlite:///{folder}/books.sqlite3")
    books.engine.dispose()
    (folder / "books.sqlite3").write_bytes(b"no database" * 100)
    store, now = SqlKeyStore(books.asking), later(0)
    for asked in (
        store.changes(0),
        store.add(key()),
        store.find("k"),
        store.page(KeyQuery(), now),
        store.rotate("k", b"d", "h", now=now, ends_at=now),
        store.revoke("k", now=now),
    ):
        with pytest.raises(StoreUnavailableError) as refused:
            await asked
        assert refused.value.retry_after is not None
    books.close()
