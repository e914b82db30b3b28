"""What is never lost: the rows of requests, the audit, the events that wait for their broker, the configuration."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from app.ports.records import RequestRecord
from contracts.audit import AuditEntry, AuditPage, AuditQuery
from contracts.reports import LLMServiceStatistics
from contracts.usage_reports import UsageQuery, UsageReport


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEvent:
    """An event on its way: `payload` is the whole envelope as JSON; events of one `key` keep their order."""

    event_id: str
    topic: str
    key: str
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConfigRevision:
    """The newest revision of the configuration, and the patch that makes it of that of file and environment.

    `patch` may hold keys. Where it cannot be read, `fault` says so, and `patch` is that of the newest that can.
    """

    revision: int
    patch: Mapping[str, Any] = field(default_factory=dict, repr=False)
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is written together, or not at all: a request with its calls, an audit entry, and their events."""

    request: RequestRecord | None = None
    audit: AuditEntry | None = None
    events: tuple[OutboxEvent, ...] = ()


class Books(Protocol):
    """The durable store, written behind the requests. Keys of rows are drawn once, so nothing is written twice.

    While the database is away, what is appended goes to a journal on disk and is brought into it later.
    """

    async def open(self) -> None:
        """Connects, migrates under a lock, brings the journal in. A database that is away is waited for behind.

        Raises ConfigurationError for a database that can never do (a newer schema, a URL of no known kind).
        """
        ...

    def has_room(self) -> bool:
        """Whether `room` would neither wait nor raise: nearly always, and then nobody need await that."""
        ...

    async def room(self) -> None:
        """Waits while more is queued than may be: asked before a request is begun, so that none is lost at its end.

        Raises StoreUnavailableError when neither database nor journal takes anything and durability is strict.
        """
        ...

    def append(self, entry: Entry) -> Awaitable[None] | None:
        """Takes `entry`; never blocks. Strict: what to wait for, until it is durable; relaxed: None.

        What is awaited raises StoreUnavailableError when it could be made durable nowhere.
        """
        ...

    def fault(self) -> str | None:
        """Why the database cannot be written now, in words without secrets; None while it can. No I/O."""
        ...

    def lost(self) -> int:
        """Rows that could be written nowhere since the process began."""
        ...

    async def flush(self) -> None:
        """Returns when all that was appended before is durable somewhere."""
        ...

    async def aclose(self) -> None:
        """Flushes, and closes all."""
        ...


class BookReader(Protocol):
    """What the books say. Each method raises StoreUnavailableError while the database is away."""

    async def usage(self, query: UsageQuery) -> UsageReport:
        """The report."""
        ...

    async def audit(self, query: AuditQuery) -> AuditPage:
        """One page of the audit, the newest first."""
        ...

    async def statistics(self) -> LLMServiceStatistics:
        """Over all processes since the last reset."""
        ...

    async def reset_statistics(self) -> datetime:
        """They begin anew, for all processes; from when."""
        ...


class Outbox(Protocol):
    """Events that were committed and not yet delivered. One relay at a time holds it, over all processes.

    Each method raises StoreUnavailableError while the database is away.
    """

    async def lease(self) -> bool:
        """Whether this process may deliver now; asked again before each batch, and lost when it is not asked."""
        ...

    async def waiting(self, limit: int) -> Sequence[OutboxEvent]:
        """The oldest events; those of one process in the order in which they were appended."""
        ...

    async def delivered(self, event_ids: Sequence[str]) -> None:
        """Takes them out."""
        ...

    async def backlog(self) -> int:
        """How many wait."""
        ...

    async def release(self) -> None:
        """Gives the lease back, so that another process can deliver at once. Nothing happens without one."""
        ...


class ConfigRevisions(Protocol):
    """The patches of the configuration, so that they survive a restart and reach every process.

    Each method raises StoreUnavailableError while the database is away.
    """

    async def latest(self) -> ConfigRevision | None:
        """The newest; None: there is none."""
        ...

    async def add(self, revision: int, patch: Mapping[str, Any], *, author: str) -> bool:
        """Adds `revision`; False when another process added it first, and nothing was written.

        Old ones may go: what was changed by whom is in the audit.
        """
        ...
