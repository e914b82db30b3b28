"""The live configuration: one revision after another, each validated whole before anything uses it.

A revision is a patch over the configuration of file and environment, and its number is that of `ConfigRevisions`: the
same in every process that shares them, and after a restart. Number 1 is file and environment as they are.

A stored patch that does not fit any more (a row of the file that it changes is gone, or it moves a row where that is
not allowed) is left out whole: half of what an administrator asked for is something that nobody asked for. What is in
force stays so, at a start that is file and environment; `fault` says why until a later revision fits. Such a revision
can come from here: an update is laid over the stored patch all the same, so that it can mend it, and nothing of it is
lost for processes where it does fit. One that cannot be read at all is mended by any update, over the one before it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.engine.patched_config import PatchedConfig
from app.engine.runtime import Runtime, RuntimeFactory, Snapshots
from app.ports.books import ConfigRevision, ConfigRevisions
from app.ports.trail import current_trail
from contracts.caller import IN_PROCESS_CALLER
from contracts.config import ConfigView
from contracts.errors import ConfigurationConflictError, ConfigurationError

logger = logging.getLogger(__name__)

FIRST_REVISION = 1
# Each time another process was faster; of so many in a row none comes about by chance.
_MOST_TRIES = 50


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """What one patch did: it was laid over `before`, and made `after`, whatever other processes did meanwhile."""

    before: ConfigView
    after: ConfigView


class ConfigStore:
    """Owns the snapshots and swaps them. `first` is FIRST_REVISION, built by `factory`. For one event loop."""

    def __init__(
        self,
        factory: RuntimeFactory,
        first: Runtime,
        revisions: ConfigRevisions,
        *,
        may_edit_upstreams: bool,
    ) -> None:
        self._factory = factory
        self._revisions = revisions
        self._patched = PatchedConfig(first.config, may_edit_upstreams=may_edit_upstreams)
        self._lock = asyncio.Lock()
        self._stored = ConfigRevision(FIRST_REVISION)
        self._fault: str | None = None
        self.snapshots = Snapshots(first)
        self._view = ConfigView(revision=FIRST_REVISION, config=first.config)

    def view(self) -> ConfigView:
        """The configuration in force. Its revision is the newest that was read, though that one may not fit here."""
        return self._view

    def fault(self) -> str | None:
        """Why the newest revision is not in force here; None while it is. No I/O."""
        return self._fault

    async def refresh(self) -> None:
        """Takes over what other processes, or this one before a restart, have stored.

        What does not fit is told by `fault`, not raised. Raises StoreUnavailableError.
        """
        async with self._lock:
            await self._read()
            await self.close_retired()

    async def update(self, patch: Mapping[str, Any], expected_revision: int | None) -> ConfigChange:
        """Applies a merge patch whole or not at all; it is stored before it is in force.

        Raises ConfigurationConflictError, ConfigurationError and StoreUnavailableError; then nothing has changed.
        (A database that went away in the middle of its commit may have it all the same: then it is seen later.)
        """
        async with self._lock:
            for _ in range(_MOST_TRIES):
                await self._read()
                before = self.view()
                if await self._is_done(patch, expected_revision):
                    await self.close_retired()
                    return ConfigChange(before, self.view())
        detail = f"other processes changed the configuration {_MOST_TRIES} times meanwhile: try again"
        raise ConfigurationConflictError(detail)

    async def close_retired(self) -> None:
        """Closes rows that no request uses any more."""
        for provider in self.snapshots.take_closable():
            await provider.aclose()

    async def aclose(self) -> None:
        """Closes every row, those of calls under way too."""
        for provider in self.snapshots.take_all():
            await provider.aclose()

    async def _read(self) -> None:
        """None that was there before is a database that lost it: what is in force stays, and the next update tells."""
        found = await self._revisions.latest()
        if found is not None and found != self._stored:
            self._adopt(found)

    async def _is_done(self, patch: Mapping[str, Any], expected_revision: int | None) -> bool:
        newest = self._stored
        if expected_revision is not None and expected_revision != newest.revision:
            detail = f"revision {expected_revision} was expected, {newest.revision} is in force: read it and try again"
            raise ConfigurationConflictError(detail)
        following, config = self._patched.following(newest.patch, patch)
        is_same = config == self._view.config and self._fault is None
        # What file and environment say now, they need not say at the next start.
        if is_same and not self._patched.takes_back(newest.patch, following):
            return True
        # Before it is stored: what cannot be built here must not reach the others either.
        self._factory.check(config, self.snapshots.current)
        is_added = await self._revisions.add(newest.revision + 1, following, author=_author())
        if is_added:
            self._adopt(ConfigRevision(newest.revision + 1, following))
        return is_added

    def _adopt(self, newest: ConfigRevision) -> None:
        self._stored, revision = newest, newest.revision
        current = self.snapshots.current
        config = current.config
        try:
            config = self._patched.laid(newest.patch)
            if config != current.config:
                self.snapshots.swap(self._factory.build(config, revision, current))
        except ConfigurationError as error:
            config = current.config
            self._complain(f"revision {revision} of the configuration does not fit here: {error}")
        else:
            self._settle(newest)
        self._view = ConfigView(revision=revision, config=config)

    def _settle(self, newest: ConfigRevision) -> None:
        if newest.fault is not None:
            self._complain(newest.fault)
            return
        self._fault = None
        logger.info("revision %s of the configuration is in force", newest.revision)

    def _complain(self, fault: str) -> None:
        if fault != self._fault:
            self._fault = fault
            logger.error("%s; what was in force before stays so", fault)


def _author() -> str:
    """Of whom the stored revision is: the id of the key that was used."""
    trail = current_trail()
    return (trail.actor if trail is not None else None) or IN_PROCESS_CALLER.key_id
