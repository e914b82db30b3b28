"""Is an update whole or not at all, numbered, and one at a time; and are old rows closed when nobody uses them?"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.engine.config_store import ConfigStore
from app.stores.memory_revisions import MemoryConfigRevisions
from contracts import (
    ConfigurationConflictError,
    ConfigurationError,
    LLMProviderConfig,
    LLMProviderConfigUpdate,
)
from tests.kit.fake_factory import BAD_KEY, FakeFactory, store_on


@pytest.fixture
def factory() -> FakeFactory:
    """Behind `store`."""
    return FakeFactory()


@pytest.fixture
def store(factory: FakeFactory) -> ConfigStore:
    """At revision 1, with the default rows."""
    return store_on(MemoryConfigRevisions(), factory=factory)


def closed(factory: FakeFactory) -> list[str]:
    """Names of the rows that were closed."""
    return [provider.name for provider in factory.made if provider.is_closed]


async def test_update_gives_the_next_revision(store: ConfigStore) -> None:
    """The answer is what is in force."""
    view = (await store.update({"max_retries": 1}, None)).after
    assert (view.revision, view.config.max_retries) == (2, 1)
    assert store.view() == view


@pytest.mark.parametrize("patch", [{}, {"max_retries": 3}, {"providers": {}}, {"providers": {"openai": {}}}])
async def test_update_that_changes_nothing_keeps_the_revision(store: ConfigStore, patch: dict[str, Any]) -> None:
    """Nor is anything built anew."""
    runtime = store.snapshots.current
    assert (await store.update(patch, None)).after.revision == 1
    assert store.snapshots.current is runtime


async def test_update_expecting_the_current_revision_is_applied(store: ConfigStore) -> None:
    """`If-Match` with what was read."""
    assert (await store.update({"max_retries": 1}, 1)).after.revision == 2


async def test_update_expecting_another_revision_is_refused(store: ConfigStore) -> None:
    """Somebody else was faster: 412, both revisions named, and nothing changed."""
    await store.update({"max_retries": 1}, None)
    with pytest.raises(ConfigurationConflictError, match="revision 1 was expected, 2 is in force"):
        await store.update({"max_retries": 2}, 1)
    assert store.view().config.max_retries == 1


async def test_concurrent_updates_lose_nothing(store: ConfigStore) -> None:
    """Twenty patches of different fields at once are twenty revisions, and all are in force."""
    rows = [{"providers": {f"row-{n}": {"type": "openai"}}} for n in range(20)]
    changes = await asyncio.gather(*(store.update(row, None) for row in rows))
    assert sorted(change.after.revision for change in changes) == list(range(2, 22))
    assert {f"row-{n}" for n in range(20)} <= set(store.view().config.providers)


async def test_concurrent_updates_of_one_revision_let_one_win(store: ConfigStore) -> None:
    """With `If-Match` the second of two learns that it lost."""
    outcomes = await asyncio.gather(*(store.update({"max_retries": n}, 1) for n in (1, 2)), return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["ConfigChange", "ConfigurationConflictError"]
    assert store.view().config.max_retries == 1


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"max_retries": 99}, "max_retries: must be at most 5"),
    ({"max_retries": "3"}, "max_retries: must be a whole number"),
    ({"max_retries": 1, "default_provider": "opnai"}, "default_provider names 'opnai'"),
    ({"providers": {"openai": {"api_key": BAD_KEY}, "second": {"type": "openai"}}}, "providers.openai.api_key"),
    ({"providers": {"openai": {"base_url": "http://evil.example"}}}, "may not be changed at run time"),
    ({"providers": []}, "providers: must be an object"),
    ({"providers": {"openai": {"api_key": object()}}}, "a value that JSON cannot say"),
]


@pytest.mark.parametrize("patch,words", REFUSED)
async def test_update_that_fails_changes_nothing(
    store: ConfigStore, factory: FakeFactory, patch: dict[str, Any], words: str
) -> None:
    """Not the revision, not the rows, not the part of the patch that was good; and the next update works."""
    runtime = store.snapshots.current
    with pytest.raises(ConfigurationError) as caught:
        await store.update(patch, None)
    assert words in str(caught.value)
    assert BAD_KEY not in str(caught.value)
    assert store.snapshots.current is runtime
    assert closed(factory) == []
    assert (await store.update({"max_retries": 2}, None)).after.revision == 2


@pytest.mark.parametrize(
    "patch,field,hint",
    [
        ({"max_retry": 1}, "max_retry", "did you mean max_retries?"),
        ({"providers": {"openai": {"api_ky": "x"}}}, "providers.openai.api_ky", "did you mean api_key?"),
        ({"circuit_breaker": {"enable": True}}, "circuit_breaker.enable", "did you mean enabled?"),
    ],
)
async def test_update_with_an_unknown_field_names_the_nearest(
    store: ConfigStore, patch: dict[str, Any], field: str, hint: str
) -> None:
    """The error names the field and the one that was meant."""
    with pytest.raises(ConfigurationError) as caught:
        await store.update(LLMProviderConfigUpdate.model_validate(patch).patch(), None)
    (fault,) = caught.value.errors
    assert (fault.field, fault.hint) == (field, hint)
    assert str(caught.value) == f"{field}: is not a known field ({hint})"


async def test_update_reports_all_faults_at_once(store: ConfigStore) -> None:
    """So that they can be mended at once."""
    with pytest.raises(ConfigurationError) as caught:
        await store.update({"max_retries": 99, "enable_fallback": "yes"}, None)
    assert {fault.field for fault in caught.value.errors} == {"max_retries", "enable_fallback"}


async def test_row_is_closed_when_it_is_replaced(store: ConfigStore, factory: FakeFactory) -> None:
    """Only that row; the others go on as they are."""
    await store.update({"providers": {"openai": {"default_model": "gpt-6-sol"}}}, None)
    assert closed(factory) == ["openai"]


async def test_row_in_use_is_closed_after_its_last_request(store: ConfigStore, factory: FakeFactory) -> None:
    """A request under way keeps what it began with."""
    held = store.snapshots.take()
    await store.update({"providers": {"openai": {"default_model": "gpt-6-sol"}}}, None)
    assert closed(factory) == []
    store.snapshots.give_back(held)
    await store.close_retired()
    assert closed(factory) == ["openai"]


async def test_store_closes_every_row_at_the_end(store: ConfigStore, factory: FakeFactory) -> None:
    """Those of requests under way and of old revisions too."""
    store.snapshots.take()
    await store.update({"providers": {"openai": {"default_model": "gpt-6-sol"}}}, None)
    await store.aclose()
    assert len(closed(factory)) == len(factory.made) == len(LLMProviderConfig().providers) + 1
