"""What do the books say? The port BookReader over a database: reports, audit, statistics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from app.stores.books.asking import Asking
from app.stores.books.audit_log import audit_page
from app.stores.books.reports import usage_report
from app.stores.books.statistics import reset, statistics
from contracts.audit import AuditPage, AuditQuery
from contracts.reports import LLMServiceStatistics
from contracts.usage_reports import UsageQuery, UsageReport


class SqlBookReader:
    """Each method asks once, in one transaction, and raises StoreUnavailableError while the database is away.

    What the writer of a process has not committed yet is not seen: flush it first where that matters.
    """

    def __init__(self, asking: Asking, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._asking = asking
        self._now = now

    async def usage(self, query: UsageQuery) -> UsageReport:
        """The report."""
        now = self._now()
        return await self._asking.read(lambda connection: usage_report(connection, query, now))

    async def audit(self, query: AuditQuery) -> AuditPage:
        """One page of the audit, the newest first. Raises InvalidRequestError for a cursor that is none."""
        return await self._asking.read(lambda connection: audit_page(connection, query))

    async def statistics(self) -> LLMServiceStatistics:
        """Over all processes since the last reset; `uptime_seconds` is 0, since each process has one of its own."""
        now = self._now()
        return await self._asking.read(lambda connection: statistics(connection, now))

    async def reset_statistics(self) -> datetime:
        """Requests that end from now on are counted anew, for all processes; from when."""
        now = self._now()
        return await self._asking.write(lambda connection: reset(connection, now))
