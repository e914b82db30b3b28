"""Who did what to the service, from where, and how it ended? Every administrative action leaves its entry.

Relaxed durability: one entry when the action has ended. Strict: one before it, whose outcome is `begun` and which is
on disk before anything is done, and one after it. So no change is ever found without an entry, even if the process
is killed in between: one that has only begun was cut off, or could not be told to the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from app.engine.excerpt import excerpt
from app.engine.sortable_ids import sortable_id
from app.ports.books import Books, Entry
from app.ports.trail import current_trail
from app.ports.withheld import Withheld
from app.resilience.clock import Clock
from contracts.audit import AuditEntry
from contracts.caller import IN_PROCESS_CALLER
from contracts.errors import InternalError, LLMProviderError, StoreUnavailableError

SUCCESS = "success"
BEGUN = "begun"
CANCELLED = "cancelled"
_LONGEST_TARGET = 256


@dataclass(slots=True, kw_only=True)
class Deed:
    """One action under way. Whoever does it names its `target`, and what was `before` and `after` it, as it learns."""

    action: str
    target: str | None = None
    asked: Mapping[str, Any] | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


class Auditing:
    """Writes the audit, and no secret that `withheld` knows into it. `is_strict` is the durability of `books`."""

    def __init__(self, books: Books, clock: Clock, *, is_strict: bool, withheld: Withheld | None = None) -> None:
        self._books = books
        self._clock = clock
        self._is_strict = is_strict
        self._withheld = Withheld() if withheld is None else withheld
        # Two changes of one key at once could not be told apart by what was before and after them.
        self.one_by_one = asyncio.Lock()

    @asynccontextmanager
    async def deed(
        self, action: str, target: str | None = None, asked: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Deed]:
        """An action is done in this block; however that ends, its entry tells so. `asked`: what of it may be shown.

        Strict: raises StoreUnavailableError, before the block, when the action cannot be audited; it is not done
        then. After the block it says that the action was done, and that only its end could not be written down.
        """
        deed = Deed(action=action, target=target, asked=asked)
        await self._begun(deed)
        try:
            yield deed
        except LLMProviderError as error:
            ended = self._ended(deed, error.error_type)
            # It failed, and whoever asked for it is told why.
            with suppress(StoreUnavailableError):
                await kept(ended)
            raise
        except BaseException as stop:
            is_cancelled = isinstance(stop, asyncio.CancelledError)
            unattended(self._ended(deed, CANCELLED if is_cancelled else InternalError.error_type))
            raise
        await self._succeeded(deed)

    def write(self, entry: AuditEntry) -> Awaitable[None] | None:
        """Takes `entry`; strict: what to wait for (see `Books.append`)."""
        return self._books.append(Entry(audit=entry))

    def entry(
        self,
        action: str,
        outcome: str,
        *,
        target: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        actor: str | None = None,
        ids: tuple[str, str] | None = None,
    ) -> AuditEntry:
        """An entry of now, redacted and cut. Who and from where is the trail's, unless `actor` and `ids` are given."""
        trail, now = current_trail(), self._clock.now()
        if ids is None and trail is not None:
            ids = trail.request_id, trail.correlation_id
        without_keys = self._withheld.without_keys
        known = trail.actor if trail is not None else IN_PROCESS_CALLER.key_id
        return AuditEntry(
            id=sortable_id(now),
            at=now,
            actor=actor or known or "unknown",
            address=trail.address if trail is not None else None,
            action=action,
            target=without_keys(target)[:_LONGEST_TARGET] if target is not None else None,
            outcome=outcome,
            before=excerpt(before, without_keys) if before is not None else None,
            after=excerpt(after, without_keys) if after is not None else None,
            request_id=ids[0] if ids else None,
            correlation_id=ids[1] if ids else None,
        )

    async def _begun(self, deed: Deed) -> None:
        await self._books.room()
        if not self._is_strict:
            return
        try:
            await kept(self.write(self.entry(deed.action, BEGUN, target=deed.target, after=_asked(deed))))
        except StoreUnavailableError as error:
            msg = f"{deed.action} was not done: it cannot be audited, since nothing can be written into the books"
            raise StoreUnavailableError(msg, retry_after=error.retry_after) from error

    async def _succeeded(self, deed: Deed) -> None:
        done = self.entry(deed.action, SUCCESS, target=deed.target, before=deed.before, after=deed.after)
        try:
            await kept(self.write(done))
        except StoreUnavailableError as error:
            msg = f"{deed.action} was done, but the audit knows only that it began: its end cannot be written"
            raise StoreUnavailableError(msg, retry_after=error.retry_after) from error

    def _ended(self, deed: Deed, outcome: str) -> Awaitable[None] | None:
        return self.write(self.entry(deed.action, outcome, target=deed.target, after=_asked(deed)))


def unattended(receipt: Awaitable[None] | None) -> None:
    """Nobody can wait for `receipt`; that it was lost is counted by the books."""
    if receipt is not None:
        asyncio.ensure_future(receipt).add_done_callback(_looked_at)


def _looked_at(receipt: asyncio.Future[None]) -> None:
    if not receipt.cancelled():
        receipt.exception()


async def kept(receipt: Awaitable[None] | None) -> None:
    """Waits for `receipt`, where there is something to wait for. Raises StoreUnavailableError."""
    if receipt is not None:
        await receipt


def _asked(deed: Deed) -> dict[str, Any] | None:
    return {"asked": deed.asked} if deed.asked is not None else None
