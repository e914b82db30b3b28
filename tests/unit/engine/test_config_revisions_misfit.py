"""What becomes of a revision that does not fit here, or cannot be read, and who is told?"""

from __future__ import annotations

import logging
from typing import Any

import pytest

from app.engine.config_store import ConfigStore
from contracts import ConfigurationError, LLMProviderConfig
from tests.kit.fake_factory import store_on
from tests.kit.shared_revisions import SharedRevisions

OWN_ROW = LLMProviderConfig.model_validate({"providers": {"own": {"type": "openai"}}})


@pytest.fixture
def revisions() -> SharedRevisions:
    """Empty."""
    return SharedRevisions()


@pytest.fixture
def here(revisions: SharedRevisions) -> ConfigStore:
    """The process in which it does not fit."""
    return store_on(revisions)


async def test_revision_that_does_not_fit_at_the_start_is_left_out(
    revisions: SharedRevisions, caplog: pytest.LogCaptureFixture
) -> None:
    """The row that it changes is gone: file and environment are in force, it is told once, and no key with it."""
    there = store_on(revisions, OWN_ROW)
    await there.update({"max_retries": 1, "providers": {"own": {"api_key": "sk-hidden"}}}, None)
    here = store_on(revisions)
    await here.refresh()
    await here.refresh()
    assert (here.view().revision, here.view().config) == (2, LLMProviderConfig())
    assert str(here.fault()).startswith("revision 2 of the configuration does not fit here: providers.own.type: ")
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1
    assert "sk-hidden" not in caplog.text + str(here.fault())
    assert there.fault() is None


async def test_revision_that_does_not_fit_while_running_changes_nothing(
    revisions: SharedRevisions, here: ConfigStore
) -> None:
    """What was in force stays so."""
    await here.update({"max_retries": 1}, None)
    there = store_on(revisions, OWN_ROW)
    await there.update({"max_retries": 2, "providers": {"own": {"weight": 2}}}, None)
    runtime = here.snapshots.current
    await here.refresh()
    assert here.snapshots.current is runtime
    assert (here.view().revision, here.view().config.max_retries, here.fault() is None) == (3, 1, False)


async def test_revision_that_does_not_fit_is_mended_from_here(revisions: SharedRevisions) -> None:
    """Not by passing over it, which would take it from processes where it fits, but by a patch that lays it right."""
    there = store_on(revisions, OWN_ROW)
    await there.update({"max_retries": 1, "providers": {"own": {"weight": 2}}}, None)
    here = store_on(revisions)
    await here.refresh()
    with pytest.raises(ConfigurationError, match=r"providers\.own\.type"):
        await here.update({"max_batch_size": 7}, None)
    view = (await here.update({"max_batch_size": 7, "providers": {"own": None}}, 2)).after
    assert (view.revision, view.config.max_retries, view.config.max_batch_size) == (3, 1, 7)
    assert here.fault() is None


async def test_revision_that_mends_nothing_but_the_patch_is_stored(revisions: SharedRevisions) -> None:
    """Though here the configuration stays as it is: the fault is over."""
    await store_on(revisions, OWN_ROW).update({"providers": {"own": {"weight": 2}}}, None)
    here = store_on(revisions)
    await here.refresh()
    assert (await here.update({"providers": {"own": None}}, None)).after.revision == 3
    assert here.fault() is None


async def test_revision_that_fits_again_ends_the_fault(revisions: SharedRevisions) -> None:
    """It may come from elsewhere."""
    there, here = store_on(revisions, OWN_ROW), store_on(revisions)
    await there.update({"providers": {"own": {"weight": 2}}}, None)
    await here.refresh()
    await there.update({"max_retries": 1, "providers": {"own": None}}, None)
    await here.refresh()
    assert (here.fault(), here.view().config.max_retries) == (None, 1)


async def test_revision_that_cannot_be_built_is_told(
    revisions: SharedRevisions, here: ConfigStore, caplog: pytest.LogCaptureFixture
) -> None:
    """The factory of another process could."""
    await revisions.add(2, {"providers": {"openai": {"api_key": "sk-no-such-key"}}}, author="admin")
    await here.refresh()
    assert "providers.openai.api_key: is not there" in str(here.fault())
    assert here.view().config == LLMProviderConfig()


async def test_revision_that_cannot_be_read_changes_nothing(here: ConfigStore, revisions: SharedRevisions) -> None:
    """What was in force stays so, also after a restart, and it is told."""
    await here.update({"max_retries": 1}, None)
    revisions.spoil()
    restarted = store_on(revisions)
    for store in (here, restarted):
        await store.refresh()
        assert (store.fault(), store.view().revision) == ("revision cannot be read", 3)
        assert store.view().config.max_retries == 1


@pytest.mark.parametrize("patch", [{"max_batch_size": 7}, {"max_retries": 1}, {}])
async def test_revision_that_cannot_be_read_is_mended_by_any_patch(
    here: ConfigStore, revisions: SharedRevisions, patch: dict[str, Any]
) -> None:
    """Laid over the one before it, with the next number; the fault is over."""
    await here.update({"max_retries": 1}, None)
    revisions.spoil()
    change = await here.update(patch, 3)
    assert (change.before.revision, change.after.revision, here.fault()) == (3, 4, None)
    newest = await revisions.latest()
    assert newest is not None
    assert newest.patch == {"max_retries": 1, **patch}
