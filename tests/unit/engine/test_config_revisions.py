"""Do processes that share their revisions have one configuration, after a restart too, and is no patch lost?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from app.engine.config_store import ConfigStore
from app.ports.books import ConfigRevision
from app.ports.trail import Trail, enter_trail, leave_trail
from app.stores.memory_revisions import MemoryConfigRevisions
from contracts import ConfigurationConflictError, ConfigurationError, StoreUnavailableError
from tests.kit.fake_factory import FakeFactory, store_on
from tests.kit.shared_revisions import SharedRevisions


@pytest.fixture
def revisions() -> SharedRevisions:
    """Empty."""
    return SharedRevisions()


@pytest.fixture
def here(revisions: SharedRevisions) -> ConfigStore:
    """One process."""
    return store_on(revisions)


@pytest.fixture
def there(revisions: SharedRevisions) -> ConfigStore:
    """Another one."""
    return store_on(revisions)


async def test_revision_of_another_process_is_taken_over(here: ConfigStore, there: ConfigStore) -> None:
    """With its number, and only the rows that changed are built anew."""
    made = (await there.update({"providers": {"openai": {"weight": 2}}}, None)).after
    before = here.snapshots.current
    await here.refresh()
    assert here.view() == made
    assert here.view().revision == here.snapshots.current.revision == 2
    assert here.snapshots.current.providers["gemini"] is before.providers["gemini"]
    assert here.snapshots.current.providers["openai"] is not before.providers["openai"]


async def test_revision_closes_the_rows_that_it_replaces(revisions: SharedRevisions, there: ConfigStore) -> None:
    """As one that was made here."""
    factory = FakeFactory()
    here = store_on(revisions, factory=factory)
    await there.update({"providers": {"openai": {"weight": 2}}}, None)
    await here.refresh()
    assert [provider.name for provider in factory.made if provider.is_closed] == ["openai"]


async def test_revision_is_in_force_after_a_restart(revisions: SharedRevisions, here: ConfigStore) -> None:
    """With its keys, and the next one goes on counting."""
    await here.update({"providers": {"openai": {"api_key": "sk-kept"}}}, None)
    await here.update({"max_retries": 1}, None)
    restarted = store_on(revisions)
    await restarted.refresh()
    assert restarted.view() == here.view()
    assert restarted.view().revision == 3
    key = restarted.view().config.providers["openai"].api_key
    assert key is not None
    assert key.get_secret_value() == "sk-kept"
    assert (await restarted.update({"max_retries": 2}, None)).after.revision == 4


async def test_revision_that_was_seen_is_not_taken_over_again(here: ConfigStore, there: ConfigStore) -> None:
    """Nothing is built for it."""
    await there.update({"max_retries": 1}, None)
    await here.refresh()
    runtime = here.snapshots.current
    await here.refresh()
    assert here.snapshots.current is runtime


async def test_update_is_laid_over_what_another_process_made(here: ConfigStore, there: ConfigStore) -> None:
    """Though it was not seen here yet."""
    await there.update({"max_retries": 1}, None)
    view = (await here.update({"max_batch_size": 7}, None)).after
    assert (view.revision, view.config.max_retries, view.config.max_batch_size) == (3, 1, 7)


async def test_update_that_another_process_overtakes_is_laid_over_it(
    here: ConfigStore, there: ConfigStore, revisions: SharedRevisions
) -> None:
    """Between reading the newest and adding the next: both patches are in force."""
    revisions.meanwhile = lambda: there.update({"max_retries": 1}, None)
    change = await here.update({"max_batch_size": 7}, None)
    view = change.after
    assert (view.revision, view.config.max_retries, view.config.max_batch_size) == (3, 1, 7)
    assert (change.before.revision, change.before.config.max_retries, change.before.config.max_batch_size) == (
        2,
        1,
        100,
    )
    await there.refresh()
    assert there.view() == view


async def test_update_expecting_a_revision_that_another_process_overtakes_is_refused(
    here: ConfigStore, there: ConfigStore, revisions: SharedRevisions
) -> None:
    """Before it began, and in its middle; and what the other one made is in force."""
    revisions.meanwhile = lambda: there.update({"max_retries": 1}, None)
    with pytest.raises(ConfigurationConflictError, match="revision 1 was expected, 2 is in force"):
        await here.update({"max_batch_size": 7}, 1)
    assert (await here.update({"max_batch_size": 7}, 2)).after.revision == 3
    with pytest.raises(ConfigurationConflictError, match="revision 2 was expected, 3 is in force"):
        await there.update({"max_retries": 2}, 2)
    assert there.view() == here.view()


async def test_update_expecting_what_was_not_seen_here_yet_is_applied(here: ConfigStore, there: ConfigStore) -> None:
    """Whoever read revision 2 at another process may send the patch to this one."""
    await there.update({"max_retries": 1}, None)
    assert (await here.update({"max_retries": 2}, 2)).after.revision == 3


async def test_updates_of_many_processes_lose_nothing(revisions: SharedRevisions) -> None:
    """Each row that anybody added is everywhere, and each revision is somebody's."""
    stores = [store_on(revisions) for _ in range(8)]
    rows = [{"providers": {f"row-{number}": {"type": "openai"}}} for number in range(8)]
    await asyncio.gather(*(store.update(row, None) for store, row in zip(stores, rows, strict=True)))
    for store in stores:
        await store.refresh()
        assert {f"row-{number}" for number in range(8)} <= set(store.view().config.providers)
    assert [revision for revision, _ in revisions.authors] == list(range(2, 10))


async def test_update_that_is_always_overtaken_gives_up() -> None:
    """It does not go round for ever."""

    class Hasty(SharedRevisions):
        async def add(self, revision: int, patch: Mapping[str, Any], *, author: str) -> bool:
            return False

    store = store_on(Hasty())
    with pytest.raises(ConfigurationConflictError, match="50 times"):
        await store.update({"max_retries": 1}, None)
    assert store.view().config.max_retries == 3


async def test_update_that_changes_nothing_is_not_stored(here: ConfigStore, revisions: SharedRevisions) -> None:
    """Nor is one that is refused, whether by its values or by what cannot be built of them."""
    await here.update({"max_retries": 3}, None)
    for patch in ({"max_retries": 99}, {"providers": {"openai": {"api_key": "sk-no-such-key"}}}):
        with pytest.raises(ConfigurationError):
            await here.update(patch, None)
    assert await revisions.latest() is None


async def test_update_without_the_database_changes_nothing(here: ConfigStore, revisions: SharedRevisions) -> None:
    """503 with Retry-After; what is in force goes on, and later the same update is applied."""
    await here.update({"max_retries": 1}, None)
    before = here.view()
    revisions.fault = StoreUnavailableError("it is away", retry_after=1.0)
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            await here.update({"max_retries": 2}, None)
        with pytest.raises(StoreUnavailableError):
            await here.refresh()
    assert here.view() == before
    revisions.fault = None
    assert (await here.update({"max_retries": 2}, None)).after.revision == 3


async def test_update_says_whose_it_is(here: ConfigStore, revisions: SharedRevisions) -> None:
    """The key that was used; `in-process` where there is none."""
    await here.update({"max_retries": 1}, None)
    token = enter_trail(Trail("r", "c", actor="admin"))
    await here.update({"max_retries": 2}, None)
    leave_trail(token)
    assert revisions.authors == [(2, "in-process"), (3, "admin")]


async def test_database_that_lost_its_revisions_takes_nothing_back(
    here: ConfigStore, revisions: SharedRevisions
) -> None:
    """What is in force stays so, and the next update stores all of it."""
    await here.update({"max_retries": 1}, None)
    revisions.forget()
    await here.refresh()
    assert (here.view().revision, here.view().config.max_retries) == (2, 1)
    assert (await here.update({"max_batch_size": 7}, 2)).after.revision == 3
    assert await revisions.latest() == ConfigRevision(3, {"max_retries": 1, "max_batch_size": 7})


async def test_memory_revisions_add_each_once() -> None:
    """As a database does."""
    memory = MemoryConfigRevisions()
    assert await memory.latest() is None
    assert await memory.add(2, {"max_retries": 1}, author="a")
    assert not await memory.add(2, {"max_retries": 2}, author="b")
    assert await memory.latest() == ConfigRevision(2, {"max_retries": 1})
