"""Which part of the service do the books answer? Usage reports, the audit and keys; the rest is in app.service."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime

from app.bootstrap import Rooms
from app.engine.selection import find_provider
from app.engine.shown_statistics import shown
from app.engine.usage import query_of, summary_of
from app.ports.books import BookReader
from contracts.audit import AuditPage, AuditQuery
from contracts.errors import UsageAnalyticsDisabledError
from contracts.keys import KeyInfo, KeyPage, KeyQuery
from contracts.providers import ProviderType
from contracts.reports import LLMServiceStatistics
from contracts.service import ILLMProviderService
from contracts.usage_reports import UsageGrouping, UsageQuery, UsageReport, UsageSummary, UsageSummaryQuery


class BookService(ILLMProviderService):
    """Reads what was written, once what is on its way is written too."""

    async def get_usage_report(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        *,
        provider: str | ProviderType | None = None,
        model: str | None = None,
        key_id: str | None = None,
        tenant: str | None = None,
        tag: str | None = None,
        group_by: UsageGrouping | str | None = None,
        timezone: str = "UTC",
    ) -> UsageReport:
        """See the contract."""
        asked = {"start_date": start_date, "end_date": end_date, "provider": provider, "model": model}
        by = {"key_id": key_id, "tenant": tenant, "tag": tag, "group_by": group_by, "timezone": timezone}
        reader = await self._usage_reader()
        query = query_of(UsageQuery, {**asked, **by})
        report = await reader.usage(query)
        if query.provider is not None and not report.totals.calls and not report.totals.requests:
            # A row that was taken away has its past; a name that is in neither is a slip.
            find_provider(self._rooms().store.snapshots.current, query.provider)
        return report

    async def get_usage_summary(
        self,
        period: str | None = None,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        key_id: str | None = None,
        tenant: str | None = None,
    ) -> UsageSummary:
        """See the contract."""
        reader = await self._usage_reader()
        asked = {"period": period, "start": start, "end": end, "key_id": key_id, "tenant": tenant}
        query = query_of(UsageSummaryQuery, asked)
        return await summary_of(reader, query, self._rooms().clock.now())

    async def get_statistics(self) -> LLMServiceStatistics:
        """See the contract. Where no usage is recorded, they are those of this process."""
        rooms = self._rooms()
        config, uptime = rooms.store.view().config, rooms.statistics.uptime_seconds()
        if not config.enable_usage_analytics:
            return rooms.statistics.report(config)
        await rooms.book_rooms.books.flush()
        return shown(await rooms.reader.statistics(), config, uptime_seconds=uptime)

    async def reset_statistics(self) -> LLMServiceStatistics:
        """See the contract. It leaves its entry in the audit."""
        rooms = self._rooms()
        async with rooms.auditing.deed("statistics.reset") as deed:
            await rooms.book_rooms.books.flush()
            deed.before = {"since": (await rooms.reader.statistics()).since}
            deed.after = {"since": await rooms.reader.reset_statistics()}
            rooms.statistics.reset()
        return await self.get_statistics()

    async def get_audit(self, query: AuditQuery | None = None) -> AuditPage:
        """See the contract. Whoever did something finds its entry at once."""
        rooms = self._rooms()
        await rooms.book_rooms.books.flush()
        return await rooms.reader.audit(query or AuditQuery())

    async def list_keys(self, query: KeyQuery | None = None) -> KeyPage:
        """See the contract."""
        return await self._rooms().keys.page(query or KeyQuery())

    async def get_key(self, key_id: str) -> KeyInfo:
        """See the contract."""
        return await self._rooms().keys.get(key_id)

    async def _usage_reader(self) -> BookReader:
        """Of books in which everything stands that ended before."""
        rooms = self._rooms()
        if not rooms.store.view().config.enable_usage_analytics:
            raise UsageAnalyticsDisabledError("usage is not recorded: set enable_usage_analytics to true")
        await rooms.book_rooms.books.flush()
        return rooms.reader

    @abstractmethod
    def _rooms(self) -> Rooms:
        """What is open. Raises ServiceNotStartedError."""
