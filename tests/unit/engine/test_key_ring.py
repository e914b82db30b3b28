"""Does the ring know whose key it is, until exactly when, and what it does not know while the database is away?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.engine.caller_keys import CallerKeys
from app.engine.key_ring import KeyRing
from contracts.caller import Scope
from contracts.errors import (
    CallerAuthenticationError,
    InvalidRequestError,
    KeyEndedError,
    KeyNotFoundError,
    StoreUnavailableError,
)
from contracts.keys import KeyCreate, KeyCreated, KeyQuery, KeyStatus
from tests.kit.kept_keys import Calendar, KeptKeys
from tests.kit.virtual_time import EPOCH

UNHEARD_OF = b"llmps_" + b"0" * 64


class Process:
    """One process: its ring, and what an administrator does there."""

    def __init__(self, store: KeptKeys, calendar: Calendar, *, is_known: bool = False) -> None:
        self.ring = KeyRing(store, calendar.clock, is_known=is_known)
        self.keys = CallerKeys(store, self.ring, calendar.clock)

    def opens(self, created: KeyCreated) -> bool:
        """Whether its secret is somebody's here. A key that has ended raises."""
        return self.ring.verify(created.key.encode()) is not None


@pytest.fixture
def store() -> KeptKeys:
    """What the processes share."""
    return KeptKeys()


@pytest.fixture
def calendar() -> Calendar:
    """The clock of all."""
    return Calendar()


@pytest.fixture
def process(store: KeptKeys, calendar: Calendar) -> Process:
    """One whose store is its own, so that nothing need be read."""
    return Process(store, calendar, is_known=True)


async def test_ring_gives_the_caller_of_a_key(process: Process) -> None:
    """Who may call and nothing else, with all that the key says of him."""
    asked = KeyCreate(name="n", tenant="t", tags=("a",), models=("m", "google/x"), providers=("google",))
    created = await process.keys.create(asked)
    caller = process.ring.verify(created.key.encode())
    assert caller is not None
    assert (caller.key_id, caller.tenant, caller.tags, caller.scopes) == (created.id, "t", ("a",), {Scope.CALL})
    assert (caller.models, caller.providers) == ({"m", "gemini/x"}, {"gemini"})


async def test_ring_without_limits_allows_all(process: Process) -> None:
    """What is not named is not limited."""
    caller = process.ring.verify((await process.keys.create(KeyCreate(name="n"))).key.encode())
    assert caller is not None
    assert (caller.models, caller.providers, caller.tenant, caller.is_limited) == (None, None, None, False)


@pytest.mark.parametrize("secret", [UNHEARD_OF, b"", b"llmps_", b"sk-proj-1", b"\xff\x00", b"x" * 100_000])
async def test_ring_does_not_know_the_keys_of_others(process: Process, secret: bytes) -> None:
    """Whatever was sent."""
    await process.keys.create(KeyCreate(name="n"))
    assert process.ring.verify(secret) is None


async def test_ring_takes_no_part_of_a_key(process: Process) -> None:
    """Neither its id, nor half of it, nor it with something behind."""
    created = await process.keys.create(KeyCreate(name="n"))
    for near in (created.id, created.hint, created.key[:-1], f"{created.key} ", created.key.upper()):
        assert process.ring.verify(near.encode()) is None


async def test_ring_sees_what_another_process_changed(store: KeptKeys, calendar: Calendar) -> None:
    """With its next look, and only what changed."""
    one, other = Process(store, calendar), Process(store, calendar)
    await one.ring.refresh()
    await other.ring.refresh()
    first, second = [await one.keys.create(KeyCreate(name=name)) for name in ("a", "b")]
    assert (one.opens(first), other.opens(first)) == (True, False)
    await other.ring.refresh()
    assert (other.opens(first), other.opens(second)) == (True, True)
    await one.keys.revoke(first.id)
    assert other.opens(first)
    await other.ring.refresh()
    with pytest.raises(CallerAuthenticationError, match=f"{first.id}.* was revoked on 2026-11-21T20:45:00Z"):
        other.opens(first)
    assert other.opens(second)


async def test_ring_of_another_database_forgets_the_keys_of_before(store: KeptKeys, calendar: Calendar) -> None:
    """Its keys are those that are there."""
    process = Process(store, calendar)
    gone = [await process.keys.create(KeyCreate(name="n")) for _ in range(3)]
    await process.ring.refresh()
    store.forget()
    kept = await Process(store, calendar).keys.create(KeyCreate(name="n"))
    await process.ring.refresh()
    assert [process.opens(key) for key in (*gone, kept)] == [False, False, False, True]


async def test_ring_says_nothing_of_keys_that_it_never_read(store: KeptKeys, calendar: Calendar) -> None:
    """503 for what could be a key of ours; another's is another's. Once they were read, what is known stays known."""
    created = await Process(store, calendar).keys.create(KeyCreate(name="n"))
    process = Process(store, calendar)
    store.fault = StoreUnavailableError("away", retry_after=1.0)
    with pytest.raises(StoreUnavailableError):
        await process.ring.refresh()
    with pytest.raises(StoreUnavailableError) as unknown:
        process.opens(created)
    assert unknown.value.retry_after == 1.0
    assert created.key not in str(unknown.value)
    assert process.ring.verify(b"sk-proj-1") is None
    store.fault = None
    await process.ring.refresh()
    store.fault = StoreUnavailableError("away")
    with pytest.raises(StoreUnavailableError):
        await process.ring.refresh()
    assert (process.opens(created), process.ring.verify(UNHEARD_OF)) == (True, None)


async def test_ring_ends_a_key_by_the_clock(process: Process, calendar: Calendar) -> None:
    """At its moment, without anybody looking anything up; a zone is honoured, and none is UTC."""
    ends = EPOCH + timedelta(seconds=10)
    created = await process.keys.create(KeyCreate(name="n", expires_at=ends.replace(tzinfo=None)))
    assert (created.expires_at, created.status) == (ends, KeyStatus.ACTIVE)
    calendar.advance(9.999)
    assert process.opens(created)
    calendar.advance(0.001)
    with pytest.raises(CallerAuthenticationError, match="expired on 2026-11-21T20:45:10Z") as refused:
        process.opens(created)
    assert created.key not in str(refused.value)
    assert (await process.keys.get(created.id)).status is KeyStatus.EXPIRED


async def test_rotation_ends_the_old_secret_at_once(store: KeptKeys, calendar: Calendar) -> None:
    """Without a grace, and in a process too whose clock is behind; the id and all else stay."""
    process = Process(store, calendar, is_known=True)
    old = await process.keys.create(KeyCreate(name="n", tenant="t"))
    calendar.advance(5)
    new = await process.keys.rotate(old.id, grace_seconds=0)
    assert (new.id, new.tenant, new.rotated_at) == (old.id, "t", calendar.now)
    assert new.key != old.key
    behind = Calendar()
    slow = Process(store, behind)
    await slow.ring.refresh()
    for each in (process, slow):
        assert each.opens(new)
        with pytest.raises(CallerAuthenticationError, match="replaced by a newer one"):
            each.opens(old)


async def test_rotation_leaves_the_old_secret_its_grace(process: Process, calendar: Calendar) -> None:
    """Both work so long, then the new one; a later rotation can shorten a grace, and never makes it longer."""
    first = await process.keys.create(KeyCreate(name="n"))
    second = await process.keys.rotate(first.id, grace_seconds=60)
    calendar.advance(30)
    third = await process.keys.rotate(first.id, grace_seconds=600)
    assert [process.opens(key) for key in (first, second, third)] == [True] * 3
    calendar.advance(30)
    with pytest.raises(CallerAuthenticationError, match="replaced"):
        process.opens(first)
    assert process.opens(second)
    await process.keys.rotate(first.id, grace_seconds=0)
    for over in (second, third):
        with pytest.raises(CallerAuthenticationError, match="replaced"):
            process.opens(over)


async def test_grace_does_not_outlive_the_key(process: Process, calendar: Calendar) -> None:
    """Expiry ends every secret, and is what is told."""
    first = await process.keys.create(KeyCreate(name="n", expires_at=EPOCH + timedelta(seconds=10)))
    second = await process.keys.rotate(first.id, grace_seconds=60)
    calendar.advance(10)
    for secret in (first, second):
        with pytest.raises(CallerAuthenticationError, match="expired on"):
            process.opens(secret)


async def test_revoking_ends_all_secrets_for_good(process: Process, calendar: Calendar) -> None:
    """Again changes nothing; there is no new secret for it."""
    first = await process.keys.create(KeyCreate(name="n"))
    second = await process.keys.rotate(first.id, grace_seconds=60)
    revoked = await process.keys.revoke(first.id)
    assert (revoked.status, revoked.revoked_at) == (KeyStatus.REVOKED, calendar.now)
    calendar.advance(5)
    assert await process.keys.revoke(first.id) == revoked
    for secret in (first, second):
        with pytest.raises(CallerAuthenticationError, match="was revoked on"):
            process.opens(secret)
    with pytest.raises(KeyEndedError, match="is revoked: make a new one"):
        await process.keys.rotate(first.id, grace_seconds=0)


async def test_key_that_expired_gets_no_new_secret(process: Process, calendar: Calendar) -> None:
    """It would open nothing."""
    created = await process.keys.create(KeyCreate(name="n", expires_at=EPOCH + timedelta(seconds=1)))
    calendar.advance(1)
    with pytest.raises(KeyEndedError, match="is expired"):
        await process.keys.rotate(created.id, grace_seconds=0)
    assert (await process.keys.revoke(created.id)).status is KeyStatus.REVOKED


@pytest.mark.parametrize("seconds", [0, -1])
async def test_key_that_would_have_expired_already_is_refused(process: Process, seconds: float) -> None:
    """The field is named."""
    with pytest.raises(InvalidRequestError, match="expires_at: is not in the future") as refused:
        await process.keys.create(KeyCreate(name="n", expires_at=EPOCH + timedelta(seconds=seconds)))
    assert [error.field for error in refused.value.errors] == ["expires_at"]
    assert (await process.keys.page(KeyQuery())).keys == []


async def test_unknown_id_is_told_without_what_may_be_a_key(process: Process) -> None:
    """Somebody put his key where its id belongs."""
    created = await process.keys.create(KeyCreate(name="n"))
    for ident in (created.key, "key_01939f0d-7c3a-7b0e-9f64-d2a1b8c05e77", "", "a\x00b", "k" * 10_000):
        for asked in (process.keys.get(ident), process.keys.revoke(ident), process.keys.rotate(ident, grace_seconds=0)):
            with pytest.raises(KeyNotFoundError) as refused:
                await asked
            assert created.key not in str(refused.value)
            assert len(str(refused.value)) < 100


async def test_key_says_nothing_of_its_secret(process: Process, store: KeptKeys) -> None:
    """Neither what is kept nor what is shown, but for the last four characters; only its maker reads it, once."""
    created = await process.keys.create(KeyCreate(name="n"))
    shown = [repr(created), repr(store.__dict__), repr(vars(process.ring)), repr(await process.keys.get(created.id))]
    assert not [text for text in shown if created.key[6:-4] in text]
    assert created.hint == f"llmps_…{created.key[-4:]}"
    assert created.key in created.model_dump_json()
    assert "key" not in (await process.keys.get(created.id)).model_dump()


async def test_secrets_are_long_and_never_the_same(process: Process) -> None:
    """256 random bits behind a prefix that scanners find."""
    made = {(await process.keys.create(KeyCreate(name="n"))).key for _ in range(50)}
    assert len(made) == 50
    assert all(secret.startswith("llmps_") and len(bytes.fromhex(secret[6:])) == 32 for secret in made)
